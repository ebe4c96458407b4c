"""Notebooks: the lines of a cell that changed are replaced in the JSON text, and every other byte stays as it is.

A notebook is not written anew, which would change its indentation and its escapes. The literals of the lines that
changed are found in the text, and new ones are spelt as the file spells the old.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from portcheck.fix.edits import Edit, apply
from portcheck.records import NamedTuple

_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OTHER = re.compile(r"[^\s,\[\]{}\":]+")
_LINE = re.compile(r"(?:[^\\]|\\(?!n).)*?(?:\\n|\Z)", re.DOTALL)


class Value(NamedTuple):
    """A value in a JSON text: from where to where, and for a list or table the values in it by key or number."""

    begin: int
    end: int
    parts: tuple[tuple[str, Value], ...] = ()

    def get(self, key: str) -> Value:
        """Return the value under a key, the last one as JSON has it; raises KeyError."""
        return dict(self.parts)[key]


def code(text: str) -> dict[int, str]:
    """Return the sources of the cells of code by their numbers: from 1, as they are counted when they are shown.

    Raises:
        ValueError: the text is no notebook.
    """
    cells = _code_cells(text)
    return {number: "".join(cell.get("source", "")) for number, (_, cell) in enumerate(cells, 1)}


def rewrite(text: str, new: Mapping[int, str]) -> str:
    """Return a notebook with new sources for some of its cells of code, by their numbers.

    Raises:
        ValueError: the text is no notebook, or has no such cell.
    """
    before = code(text)
    places = [place for place, _ in _code_cells(text)]
    cells = values(text).get("cells")
    edits: list[Edit] = []
    for number, source in new.items():
        if number not in before:
            raise ValueError(f"there is no cell {number}")
        if source != before[number]:
            edits.extend(_edits(text, cells.get(str(places[number - 1])).get("source"), source))
    return apply(text, sorted(edits))


def _code_cells(text: str) -> list[tuple[int, dict[str, Any]]]:
    """The cells of code with their places among all cells; raises ValueError for what is no notebook."""
    try:
        cells = enumerate(json.loads(text).get("cells", []))
        found = [(place, cell) for place, cell in cells if cell.get("cell_type") == "code"]
        for _, cell in found:
            "".join(cell.get("source", ""))
        return found
    except (AttributeError, TypeError, RecursionError) as error:
        raise ValueError(f"is no notebook: {error}") from error


def _edits(text: str, value: Value, source: str) -> Iterator[Edit]:
    lines = re.findall(r"[^\n]*\n|[^\n]+", source)
    if text[value.begin] == '"':
        yield from _in_string(text, value, lines)
    else:
        yield from _in_list(text, value, lines)


def _in_string(text: str, value: Value, lines: list[str]) -> Iterator[Edit]:
    """Edits of a source that is one string: between its quotes, the lines that changed."""
    body = text[value.begin + 1 : value.end - 1]
    old = [found for found in _LINE.findall(body) if found]
    before = [json.loads(f'"{literal}"', strict=False) for literal in old]
    for begin, end, first, last in _changes(before, lines):
        at = value.begin + 1 + sum(map(len, old[:begin]))
        new = "".join(_spelt(line, text)[1:-1] for line in lines[first:last])
        yield Edit(at, at + sum(map(len, old[begin:end])), new)


def _in_list(text: str, value: Value, lines: list[str]) -> Iterator[Edit]:
    """Edits of a source that is a list of lines: the literals of those that changed."""
    literals = [part for _, part in value.parts]
    before = [json.loads(text[part.begin : part.end], strict=False) for part in literals]
    if not literals or not lines:
        new = ", ".join(_spelt(line, text) for line in lines)
        yield Edit(value.begin, value.end, f"[{new}]")
        return
    between = text[literals[0].end : literals[1].begin] if len(literals) > 1 else _separator(text, value, literals[0])
    for begin, end, first, last in _changes(before, lines):
        new = between.join(_spelt(line, text) for line in lines[first:last])
        if begin == end and begin < len(literals):
            yield Edit(literals[begin].begin, literals[begin].begin, new + between)
        elif begin == end:
            yield Edit(literals[-1].end, literals[-1].end, between + new)
        elif first < last:
            yield Edit(literals[begin].begin, literals[end - 1].end, new)
        elif end < len(literals):
            yield Edit(literals[begin].begin, literals[end].begin, "")
        else:
            yield Edit(literals[begin - 1].end, literals[end - 1].end, "")


def _separator(text: str, value: Value, only: Value) -> str:
    """What would stand between two lines of a list that has one: it begins as the first line does."""
    return "," + (text[value.begin + 1 : only.begin] or " ")


def _changes(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int, int]]:
    for tag, begin, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield begin, end, first, last


def _spelt(line: str, text: str) -> str:
    """A line as a JSON string: other letters than ASCII are escaped unless the file has some that are not."""
    return json.dumps(line, ensure_ascii=text.isascii())


def values(text: str) -> Value:
    """The values of a valid JSON text with their places; nothing is called for each level, so depth costs nothing."""
    open_: list[tuple[int, list[tuple[str, Value]], str]] = [(0, [], "")]
    at = _skip(text, 0)
    key = ""
    while at < len(text):
        sign = text[at]
        if sign in "{[":
            open_.append((at, [], key))
            key, at = "", at + 1
        elif sign in "}]":
            begin, parts, key = open_.pop()
            _add(open_[-1][1], key, Value(begin, at + 1, tuple(parts)))
            key, at = "", at + 1
        elif sign == ",":
            key, at = "", at + 1
        else:
            found = _STRING.match(text, at) or _OTHER.match(text, at)
            if found is None:
                raise ValueError("is no valid JSON")
            after = _skip(text, found.end())
            if text[after : after + 1] == ":":
                key, at = json.loads(found.group(), strict=False), after + 1
            else:
                _add(open_[-1][1], key, Value(*found.span()))
                key, at = "", found.end()
        at = _skip(text, at)
    return open_[0][1][0][1]


def _add(parts: list[tuple[str, Value]], key: str, value: Value) -> None:
    parts.append((key or str(len(parts)), value))


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
