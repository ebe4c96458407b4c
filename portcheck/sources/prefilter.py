"""Whether a Python file can hold a fact at all: bytes and whole words that the packs say it would have to hold."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Callable

from portcheck.patterns import shared

_SPACED = bytes(code if (chr(code).isalnum() and code < 128) or code == ord("_") else 32 for code in range(256))
"""Turns everything but ASCII letters, digits and underscores into blanks."""
_WORD = re.compile(rb"[A-Za-z0-9_]+")
_FEW = 24
"""Files up to which looking for every group takes less time than making the expression."""
MAX_KNOWN = 200_000
"""Words that are remembered as holding no needle, some twenty megabytes."""


class Prefilter:
    """The needles of an interest, sorted into those that any bytes may hold and those that are whole words."""

    def __init__(self, needles: tuple[tuple[bytes, ...], ...]) -> None:
        """`needles` as in `Interest.needles`."""
        self._plain = [group for group in needles if not group[0].startswith(b"=")]
        self._worded: dict[bytes, list[tuple[bytes, ...]]] = {}
        for first, *rest in needles:
            if first.startswith(b"="):
                self._worded.setdefault(first[1:], []).append(tuple(rest))
        self._words = frozenset(self._worded)
        self._files = 0
        self._idle: set[bytes] = set()
        self._telling: set[bytes] = set()

    @cached_property
    def _tells(self) -> Callable[[bytes], object]:
        stretches = [max(_WORD.findall(group[0]) or [b""], key=len).decode() for group in self._plain]
        return re.compile(shared(stretches).encode()).search

    def passes(self, data: bytes) -> bool:
        """Whether the data holds everything that some group asks for."""
        if self._plain and all(part in data for part in self._plain[0]):
            return True
        words = set(data.translate(_SPACED).split())
        return self._worded_in(data, words) or self._plainly(data, words)

    def _worded_in(self, data: bytes, words: set[bytes]) -> bool:
        """Whether some group that asks for words is met."""
        for word in self._words & words:
            for rest in self._worded[word]:
                if all(part[1:] in words if part.startswith(b"=") else part in data for part in rest):
                    return True
        return False

    def _plainly(self, data: bytes, words: set[bytes]) -> bool:
        """Whether some group that asks for bytes is met; in a long run each word is looked into only once."""
        self._files += 1
        if self._files <= _FEW:
            return self._held_by(data)
        if len(self._idle) > MAX_KNOWN:
            self._idle.clear()
            self._telling.clear()
        fresh = words.difference(self._idle, self._telling)
        told = set(filter(self._tells, fresh))
        self._telling |= told
        self._idle |= fresh - told
        if words.isdisjoint(self._telling):
            return False
        return self._held_by(data)

    def _held_by(self, data: bytes) -> bool:
        return any(all(part in data for part in group) for group in self._plain)
