"""One setting of a file, whatever its format: the keys that lead to it, its value as text, and where that stands."""

from __future__ import annotations

from portcheck.records import NamedTuple


class Setting(NamedTuple):
    """`path` are the keys from the outside in, without the positions in lists; offsets are into the text."""

    path: tuple[str, ...]
    value: str
    begin: int
    end: int
