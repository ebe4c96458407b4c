"""Whether a Python file can hold a fact at all: bytes and whole words that the packs say it would have to hold."""

from __future__ import annotations

import re

from portcheck.patterns import shared

_SPACED = bytes(code if (chr(code).isalnum() and code < 128) or code == ord("_") else 32 for code in range(256))
"""Turns everything but ASCII letters, digits and underscores into blanks."""
_WORD = re.compile(rb"[A-Za-z0-9_]+")
MAX_KNOWN = 200_000
"""Words that are remembered as holding no needle, some twenty megabytes."""


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
        stretches = [max(_WORD.findall(group[0]) or [b""], key=len).decode() for group in self._plain]
        self._tells = re.compile(shared(stretches).encode()).search
        self._idle: set[bytes] = set()
        self._telling: set[bytes] = set()

    def passes(self, data: bytes) -> bool:
        """Whether the data holds everything that some group asks for."""
        if self._plain and all(part in data for part in self._plain[0]):
            return True
        words = set(data.translate(_SPACED).split())
        return self._worded_in(data, words) or self._plainly(data, words)

    def _worded_in(self, data: bytes, words: set[bytes]) -> bool:
        """Whether some group that asks for words is met."""
        for word in self._words & words:
            for more, rest in self._worded[word]:
                if more <= words and all(part in data for part in rest):
                    return True
        return False

    def _plainly(self, data: bytes, words: set[bytes]) -> bool:
        """Whether some group that asks for bytes is met; each word is looked into only once."""
        if len(self._idle) > MAX_KNOWN:
            self._idle.clear()
            self._telling.clear()
        fresh = words.difference(self._idle, self._telling)
        told = set(filter(self._tells, fresh))
        self._telling |= told
        self._idle |= fresh - told
        if words.isdisjoint(self._telling):
            return False
        return any(all(part in data for part in group) for group in self._plain)
