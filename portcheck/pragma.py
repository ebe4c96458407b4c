"""Comments that speak to portcheck, as a reader finds them, and what there is to say of them; part of the model."""

from __future__ import annotations

from portcheck.records import NamedTuple


class Pragma(NamedTuple):
    """A comment that speaks to portcheck, as it is written: its word, rules in brackets, reason, and where it stands.

    It is about the lines from `first` to `last`; about the whole file when they are 0. A bracket that holds nothing or
    is not closed ends the word.
    """

    word: str
    names: tuple[str, ...]
    reason: str
    line: int
    column: int
    first: int
    last: int
    cell: int | None = None


class Remark(NamedTuple):
    """Something to say of a place that is no finding, such as a suppression that suppresses nothing."""

    path: str
    line: int
    column: int
    text: str
    cell: int | None = None
