"""What code can use that makes a port hard, by the words that show it: the packs' expressions, put together.

Words are looked for in code without comments and strings, instructions in the strings of `asm` statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from re import Pattern

from portcheck.pack import Interest
from portcheck.records import NamedTuple

_NOTHING = "(?!)"


class Marks(NamedTuple):
    """The expressions, in which the name of the group that fits is a mark's, with underscores.

    `words` says which mark stands at a place in code, `any_word` finds the places where that fits: expressions skip
    plain words quicker than groups. `instructions` finds a mark in the text of an `asm` statement, `weak` and `headers`
    what shows that a file belongs to such code when nothing else in it does; a line with a weak word holds a `hint`.
    Marks in `device` count in device code alone.
    """

    words: Pattern[str]
    any_word: Pattern[str]
    instructions: Pattern[str]
    weak: Pattern[str]
    headers: Pattern[str]
    hint: Pattern[str]
    device: frozenset[str]


@lru_cache(maxsize=4)
def marks_for(interest: Interest) -> Marks:
    """Return the expressions of the packs, compiled once a process."""
    rows: dict[str, list[tuple[str, str]]] = {}
    for row in interest.marks:
        where, name, words = row.split(" ", 2)
        rows.setdefault("code" if where == "device" else where, []).append((name.replace("-", "_"), words))
    device = frozenset(row.split(" ", 2)[1] for row in interest.marks if row.startswith("device "))
    return Marks(
        _named(rows.get("code", []), r"\b"),
        re.compile(rf"\b(?:{_either(words for _, words in rows.get('code', []))})"),
        _named(rows.get("asm", []), r"\b"),
        _named(rows.get("weak", [])),
        _named(rows.get("header", [])),
        re.compile(_either(words for _, words in rows.get("hint", []))),
        device,
    )


def _either(words: Iterable[str]) -> str:
    return "|".join(words) or _NOTHING


def _named(rows: Sequence[tuple[str, str]], before: str = "") -> Pattern[str]:
    return re.compile(before + "(?:" + _either(f"(?P<{name}>{words})" for name, words in rows) + ")")
