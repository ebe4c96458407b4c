"""One setting of a file, whatever its format: the keys that lead to it, its value as text, and where that stands."""

from __future__ import annotations

from typing import Tuple

from portcheck.records import NamedTuple


class Setting(NamedTuple):
    """`path` are the keys from the outside in, without the positions in lists; offsets are into the text."""

    path: Tuple[str, ...]
    value: str
    begin: int
    end: int
