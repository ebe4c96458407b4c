"""What can be read of Python that does not parse: names, strings and calls by their spelling, certainty `textual`.

Python 2, a grammar newer than the running interpreter, templates and merge conflicts end up here. Only the top-level
statements that do not parse are read this way where they can be told from the rest.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Callable

from portcheck.model import Certainty, Fact, FactKind, FileFacts, Span
from portcheck.records import NamedTuple
from portcheck.sources.words import Words

MAX_REPAIRS = 12
"""Broken top-level statements that are cut out of one file before all of it is read lexically."""
MAX_REPAIR_SIZE = 2_000_000
"""Characters; a larger file that does not parse is read lexically at once."""

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>[rbfuRBFU]{0,2}(?:'''(?:[^\\']|\\.|'(?!''))*'''|\"\"\"(?:[^\\"]|\\.|"(?!""))*\"\"\"
        |'(?:[^\\'\n]|\\.)*'|"(?:[^\\"\n]|\\.)*"))
    |(?P<name>[^\W\d]\w*(?:[ \t]*\.[ \t]*[^\W\d]\w*)*)
    |(?P<method>\.[ \t]*[^\W\d]\w*)""",
    re.VERBOSE | re.DOTALL,
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w.]+)(?:[ \t]+as[ \t]+(\w+))?", re.MULTILINE)
_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?([\w \t,]+)", re.MULTILINE)


class Lines(NamedTuple):
    """A stretch of whole lines, first and last, 1-based."""

    first: int
    last: int


def blank_broken(text: str, parse: Callable[[str], ast.Module]) -> tuple[str | None, list[Lines]]:
    """The text with its broken top-level statements blanked, and where they were; None when that does not help."""
    lines = text.split("\n")
    broken: list[Lines] = []
    for _ in range(MAX_REPAIRS if len(text) <= MAX_REPAIR_SIZE else 1):
        try:
            parse("\n".join(lines))
        except SyntaxError as error:
            where = _statement_around(lines, error.lineno or 0)
            if where is None or where in broken:
                return None, []
            broken.append(where)
            lines[where.first - 1 : where.last] = [""] * (where.last - where.first + 1)
        else:
            return "\n".join(lines), broken
    return None, []


def _statement_around(lines: Sequence[str], number: int) -> Lines | None:
    """The lines from the last one that starts at the margin, up to `number`, to the one before the next such line."""
    if not 1 <= number <= len(lines):
        return None
    first = number
    while first > 1 and not _starts(lines[first - 1]):
        first -= 1
    while first > 1 and lines[first - 2].startswith("@"):
        first -= 1
    last = number
    while last < len(lines) and not _starts(lines[last]):
        last += 1
    return Lines(first, last) if any(line.strip() for line in lines[first - 1 : last]) else None


def _starts(line: str) -> bool:
    return (
        bool(line)
        and not line[0].isspace()
        and line[0] not in ")]}#"
        and not line.startswith(("else", "elif", "except", "finally"))
    )


def read_lexically(text: str, words: Words, parts: Sequence[Lines] = ()) -> FileFacts:
    """The facts that stand in the text (or in those lines of it) by spelling alone."""
    aliases = _aliases(text, words)
    starts = [0]
    for found in re.finditer("\n", text):
        starts.append(found.end())
    facts: list[Fact] = []
    for first, last in parts or [Lines(1, len(starts))]:
        begin = starts[first - 1]
        end = starts[last] if last < len(starts) else len(text)
        facts.extend(_facts(text, begin, end, words, aliases, _Positions(starts, first)))
    order = sorted(set(facts), key=lambda fact: (fact.span, fact.kind.value, fact.name))
    return FileFacts(facts=tuple(order))


class _Positions:
    """Offsets to lines and columns, for offsets that only grow."""

    def __init__(self, starts: list[int], line: int) -> None:
        self._starts = starts
        self._line = line

    def span(self, begin: int, end: int) -> Span:
        while self._line < len(self._starts) and self._starts[self._line] <= begin:
            self._line += 1
        last = self._line
        while last < len(self._starts) and self._starts[last] < end:
            last += 1
        return Span(self._line, begin - self._starts[self._line - 1] + 1, last, end - self._starts[last - 1] + 1)


def _aliases(text: str, words: Words) -> dict[str, str]:
    """Local names bound by import lines, wherever they stand."""
    found: dict[str, str] = {}
    for match in _IMPORT.finditer(text):
        module, alias = match.groups()
        found[alias or module.split(".", 1)[0]] = module if alias else module.split(".", 1)[0]
    for match in _FROM.finditer(text):
        module, names = match.groups()
        for part in names.split(","):
            pieces = part.split()
            if pieces and module.split(".", 1)[0] in words.roots:
                found[pieces[-1]] = f"{module}.{pieces[0]}"
    return found


def _facts(text: str, begin: int, end: int, words: Words, aliases: dict[str, str], positions: _Positions) -> list[Fact]:
    facts: list[Fact] = []
    for match in _TOKEN.finditer(text, begin, end):
        kind = match.lastgroup
        if kind == "comment":
            continue
        span = positions.span(match.start(), match.end())
        found = _string(match.group(), words) if kind == "string" else _name(match, text, words, aliases)
        if found is not None:
            facts.append(Fact(found[0], found[1], span, Certainty.TEXTUAL, "textual"))
    return facts


def _string(source: str, words: Words) -> tuple[FactKind, str] | None:
    body = source.lstrip("rbfuRBFU")
    quote = body[:3] if body[:3] in ('"""', "'''") else body[:1]
    value = body[len(quote) : -len(quote)]
    if words.is_env(value):
        return FactKind.ENV, value
    return (FactKind.STRING, value) if words.is_string(value) else None


def _name(match: re.Match[str], text: str, words: Words, aliases: dict[str, str]) -> tuple[FactKind, str] | None:
    name = re.sub(r"\s", "", match.group())
    called = text[match.end() : match.end() + 1] == "("
    last = name.rsplit(".", 1)[-1]
    head, _, rest = name.partition(".")
    origin = aliases.get(head)
    if origin is not None:
        full = f"{origin}.{rest}" if rest else origin
        if words.names.match(full):
            return (FactKind.CALL if called else FactKind.ATTRIBUTE), full
    if "." in name and called and last in words.interest.methods and origin is None:
        return FactKind.METHOD, last
    return None
