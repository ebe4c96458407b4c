"""TOML with places: `tomli` reads the values, and a search of the text finds the lines they stand on.

`tomli` keeps no positions. A string is looked for as it is written in quotes, a key at the start of a line or after a
brace; the n-th request for one text takes its n-th place, which is right as long as values are asked for in the order
of the file, and otherwise still names lines that hold this text.
"""

from __future__ import annotations

import re
from typing import Any

import tomli

from portcheck.model import Span


def parse_toml(text: str) -> tuple[dict[str, Any] | None, str]:
    """The tables of a text, or None and what is wrong with it."""
    try:
        return tomli.loads(text), ""
    except tomli.TOMLDecodeError as error:
        return None, f"is no valid TOML: {error}"
    except (RecursionError, ValueError) as error:
        return None, f"cannot be read as TOML: {type(error).__name__}"


class Places:
    """Finds the places of strings and keys in one text."""

    def __init__(self, text: str) -> None:
        """`text` is what was parsed."""
        self.text = text
        self._starts: list[int] | None = None
        self._found: dict[str, int] = {}

    def value(self, value: str) -> Span:
        """The next place of a string; the first line when it is written in another way than plainly."""
        found = self._quoted(value, value)
        return self._span(*found) if found else self._again(value)

    def stretch(self, value: str) -> tuple[int, int]:
        """The offsets between which a string stands next, with its escapes; of none that can be told apart, nothing."""
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        found = self._quoted(value, value) or self._quoted(value, escaped)
        begin = self.text.find(value) if value.strip() else -1  # between three quotes
        return found or ((begin, begin + len(value)) if begin >= 0 else (0, 0))

    def _quoted(self, value: str, inner: str) -> tuple[int, int] | None:
        """The next offsets of a string that is written as `inner` between quotes."""
        for written in (f'"{inner}"', f"'{inner}'"):
            begin = self.text.find(written, self._found.get(written, 0))
            if begin >= 0:
                self._found[written] = begin + len(written)
                return begin + 1, begin + 1 + len(inner)
        return None

    def key(self, key: str) -> Span:
        """The next place of a key, bare or quoted, or of a table's header that ends in it."""
        name = re.escape(key)
        assigned = rf"(?:^[ \t]*|[{{,][ \t]*)[\"']?({name})[\"']?[ \t]*[=.]"
        pattern = rf"(?m){assigned}|^\[+(?:[^\]\n]*\.)?[\"']?({name})[\"']?[ \t]*[.\]]"
        found = re.compile(pattern).search(self.text, self._found.get(pattern, 0))
        if found is None:
            return self._again(key)
        at = found.lastindex or 0
        self._found[pattern] = found.end(at)
        return self._span(*found.span(at))

    def _again(self, text: str) -> Span:
        begin = self.text.find(text)
        return self._span(begin, begin + len(text)) if begin >= 0 else Span(1, 1, 1, 1)

    def _span(self, begin: int, end: int) -> Span:
        line = self._line(begin)
        column = begin - self._begin(line) + 1
        last = self._line(end)
        return Span(line, column, last, end - self._begin(last) + 1)

    def _begin(self, line: int) -> int:
        return self._lines()[line - 1]

    def _line(self, offset: int) -> int:
        from bisect import bisect_right

        return bisect_right(self._lines(), offset)

    def _lines(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        return self._starts
