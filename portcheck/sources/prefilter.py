"""Whether a Python file can hold a fact at all: bytes and whole words that the packs say it would have to hold."""

from __future__ import annotations

import re

_SPACED = bytes(code if (chr(code).isalnum() and code < 128) or code == ord("_") else 32 for code in range(256))
"""Turns everything but ASCII letters, digits and underscores into blanks."""
_WORD = re.compile(rb"[A-Za-z0-9_]+")
MAX_KNOWN = 200_000
"""Words that are remembered as holding no needle, some ten megabytes."""


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
        self._stretches = frozenset(max(_WORD.findall(group[0]) or [b""], key=len) for group in self._plain)
        self._idle: set[bytes] = set()

    def passes(self, data: bytes) -> bool:
        """Whether the data holds everything that some group asks for."""
        words = set(data.translate(_SPACED).split())
        return self._plainly(data, words) or any(
            more <= words and all(part in data for part in rest)
            for word in self._words & words
            for more, rest in self._worded[word]
        )

    def _plainly(self, data: bytes, words: set[bytes]) -> bool:
        """Whether some group that asks for bytes is met; words that were seen to hold none of them are passed over."""
        fresh = words - self._idle
        together = b" ".join(fresh)
        if any(stretch in together for stretch in self._stretches):
            return any(all(part in data for part in group) for group in self._plain)
        if len(self._idle) > MAX_KNOWN:
            self._idle.clear()
        self._idle |= fresh
        return False
