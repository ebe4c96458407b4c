"""Python inside a text of another language, or of Python: its characters, and where each stands in the text around."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Callable

from portcheck.arguments import INLINE
from portcheck.model import Fact, Span
from portcheck.records import NamedTuple
from portcheck.sources.commandline import Word

MAX_CODE = 20_000
"""Characters of code that is read; more is no line that somebody wrote."""


class Code(NamedTuple):
    """Code as Python sees it, and the offset in the text around it of each of its characters and of its end."""

    text: str
    offsets: tuple[int, ...]


def placed(facts: Iterable[Fact], code: Code, span: Callable[[Word], Span]) -> Iterator[Fact]:
    """Yield facts of the code at their places in the text around it; `span` tells where a word of that text stands."""
    starts = [0, *(found.end() for found in re.finditer("\n", code.text))]
    for fact in facts:
        first, last = _within(fact.span, starts, len(code.text))
        where = span(Word(fact.name, code.offsets[first], code.offsets[max(last - 1, first)] + 1))
        yield fact._replace(span=where, guards=(*fact.guards, INLINE))


def _within(span: Span, starts: list[int], size: int) -> tuple[int, int]:
    """Where a span begins and ends in the code."""
    first = starts[min(span.line, len(starts)) - 1] + span.column - 1
    last = starts[min(span.end_line, len(starts)) - 1] + span.end_column - 1
    return min(first, size), min(last, size)
