"""The packs' file of what C++ for CUDA can use that makes a port hard, from TOML to rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from portcheck.tables import Problems, Table, read_table

MARKS = "marks.toml"
"""The file, beside the halves."""

PLACES = ("code", "device", "asm", "weak", "header")
"""Where the words of a mark are looked for."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def read_marks(root: Path, problems: Problems) -> tuple[str, ...]:
    """Return the marks as rows of `Interest.marks`, in their order; none where there is no such file."""
    if not (root / MARKS).exists():
        return ()
    top = read_table(root / MARKS, problems)
    hint = top.text("hint")
    _check(top, "hint", hint)
    rows = [f"hint hint {hint}", *_rows(top)]
    top.close()
    return tuple(rows)


def _rows(top: Table) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for table in top.tables("mark"):
        place = table.choice("in", PLACES, needed=False) or PLACES[0]
        name, words = table.text("name"), table.text("words")
        table.close()
        # What counts on the device alone is looked for together with the rest.
        key = ("code" if place == "device" else place, name)
        if not _NAME.fullmatch(name):
            table.wrong("name", "must be words in lower case joined by hyphens")
        if key in seen:
            table.wrong("name", f"{name!r} has a row already")
        seen.add(key)
        _check(table, "words", words)
        yield f"{place} {name} {words}"


def _check(table: Table, key: str, words: str) -> None:
    try:
        groups = re.compile(words).groups
    except re.error as error:
        table.wrong(key, f"no expression: {error}")
        return
    if groups or "\n" in words:
        table.wrong(key, "must be of one line, with groups (?:...) alone")
