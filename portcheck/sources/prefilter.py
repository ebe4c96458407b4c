"""Whether a Python file can hold a fact at all: bytes and whole words that the packs say it would have to hold."""

from __future__ import annotations

_SPACED = bytes(code if (chr(code).isalnum() and code < 128) or code == ord("_") else 32 for code in range(256))
"""Turns everything but ASCII letters, digits and underscores into blanks."""


class Prefilter:
    """The needles of an interest, sorted into those that any bytes may hold and those that are whole words."""

    def __init__(self, needles: tuple[tuple[bytes, ...], ...]) -> None:
        """`needles` as in `Interest.needles`."""
        self._plain = [group for group in needles if not group[0].startswith(b"=")]
        self._worded: dict[bytes, list[tuple[frozenset[bytes], tuple[bytes, ...]]]] = {}
        for group in needles:
            if group[0].startswith(b"="):
                more = frozenset(part[1:] for part in group[1:] if part.startswith(b"="))
                rest = tuple(part for part in group[1:] if not part.startswith(b"="))
                self._worded.setdefault(group[0][1:], []).append((more, rest))
        self._words = frozenset(self._worded)

    def passes(self, data: bytes) -> bool:
        """Whether the data holds everything that some group asks for."""
        for group in self._plain:
            if group[0] in data and all(part in data for part in group):
                return True
        words = set(data.translate(_SPACED).split())
        return any(
            more <= words and all(part in data for part in rest)
            for word in self._words & words
            for more, rest in self._worded[word]
        )
