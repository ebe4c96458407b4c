"""Edits of a text: stretches that are replaced, each by offset, none overlapping another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from portcheck.model import Span
from portcheck.records import NamedTuple

_LINE = re.compile(r"\r\n|\r|\n")


class Edit(NamedTuple):
    """A stretch of text from `start` to before `end`, in characters, and what stands there afterwards."""

    start: int
    end: int
    text: str


class Places:
    """Offsets of lines and columns in a text whose lines may end in any of the three ways."""

    def __init__(self, text: str) -> None:
        """`text` is the text as it stands in the file."""
        if "\r" in text:
            self._starts = [0, *(match.end() for match in _LINE.finditer(text))]
        else:
            self._starts = [*accumulate((len(line) + 1 for line in text.split("\n")), initial=0)][:-1]
        self._size = len(text)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a 1-based line and column, no further than the end of the text."""
        if line > len(self._starts):
            return self._size
        return min(self._starts[line - 1] + column - 1, self._size)

    def between(self, span: Span) -> tuple[int, int]:
        """Return the offsets of the beginning and the end of a span."""
        return self.offset(span.line, span.column), self.offset(span.end_line, span.end_column)


def fit(groups: Iterable[Sequence[Edit]]) -> tuple[list[Edit], list[bool]]:
    """Return the edits that can be made together, and for each group whether it is among them.

    A group is made as a whole or not at all; of two that overlap the first is kept. The same edit may be asked for
    more than once.
    """
    kept: list[Edit] = []
    taken: list[bool] = []
    for group in groups:
        fits = all(any(edit == other for other in kept) or not _clashes(edit, kept) for edit in group)
        taken.append(fits)
        if fits:
            kept.extend(edit for edit in group if edit not in kept)
    return sorted(kept), taken


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return the text after the edits, which are in order and do not overlap."""
    parts: list[str] = []
    done = 0
    for edit in edits:
        parts += (text[done : edit.start], edit.text)
        done = edit.end
    return "".join((*parts, text[done:]))


def _clashes(edit: Edit, others: Iterable[Edit]) -> bool:
    return any((edit.start < other.end and other.start < edit.end) or edit[:2] == other[:2] for other in others)
