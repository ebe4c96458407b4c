"""`setup.cfg`: requirements in `[options]` and its extras. `configparser` reads the values, a search the lines."""

from __future__ import annotations

import configparser
from collections.abc import Iterator

from portcheck.model import Fact, FileFacts, Span, Status
from portcheck.sources.requirement import OPTIONAL, requirement_fact

_LISTS = {"install_requires": "direct", "setup_requires": "build", "tests_require": "optional"}


def read_setup_cfg(text: str) -> FileFacts:
    """The facts of a `setup.cfg`; what is no INI file is partly read, as nothing."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=", ":"), allow_no_value=True)
    try:
        parser.read_string(text)
    # A continued line behind a key without a value is an AttributeError in the standard library.
    except (configparser.Error, AttributeError) as error:
        return FileFacts(status=Status.PARTLY, reason=f"is no valid INI file: {str(error).splitlines()[0]}")
    lines = text.split("\n")
    facts: list[Fact] = []
    for key, context in _LISTS.items():
        value = parser.get("options", key, fallback="") or ""
        facts.extend(_facts(value, lines, key, context, ""))
    if parser.has_section("options.extras_require"):
        for group, value in parser.items("options.extras_require"):
            facts.extend(_facts(value or "", lines, group, "optional", group))
    return FileFacts(tuple(sorted(facts, key=lambda fact: (fact.span, fact.name))))


def _facts(value: str, lines: list[str], key: str, context: str, group: str) -> Iterator[Fact]:
    start = _key_line(lines, key)
    for raw in value.replace(",\n", "\n").split("\n"):
        text = raw.split(" #", 1)[0].strip()
        if text and not text.startswith("#"):
            span, start = _span(lines, text, start)
            fact = requirement_fact(text, span, context, (OPTIONAL,) if context == "optional" else (), group)
            if fact is not None:
                yield fact


def _key_line(lines: list[str], key: str) -> int:
    """The index of the line on which a key begins."""
    for index, line in enumerate(lines):
        if line.lower().startswith(key) and line[len(key) :].lstrip()[:1] in ("=", ":"):
            return index
    return 0


def _span(lines: list[str], text: str, start: int) -> tuple[Span, int]:
    """Where a text stands, from a line on; that line when it stands nowhere."""
    for index in range(start, len(lines)):
        column = lines[index].find(text)
        if column >= 0:
            return Span(index + 1, column + 1, index + 1, column + len(text) + 1), index
    return Span(start + 1, 1, start + 1, 1), start
