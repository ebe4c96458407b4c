"""CMake files to facts: a SETTING `cmake.COMMAND=ARGUMENT` for each argument that the packs know.

Commands are taken in lower case, arguments as written, without quotes. Variables are not expanded, conditions not
weighed, included files not read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from portcheck.model import Fact, FactKind, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.patterns import globs_of
from portcheck.records import NamedTuple
from portcheck.sources.decode import decode
from portcheck.sources.installs import source_fact

MAX_VALUE = 200
"""Characters of an argument that a fact keeps."""

_TOKEN = re.compile(
    r"#\[(?P<fence>=*)\[.*?(?:\](?P=fence)\]|\Z)|#[^\n]*"
    r"|(?P<quoted>\"(?:[^\"\\]|\\.)*(?:\"|\Z))|(?P<open>\()|(?P<close>\))|(?P<word>[^\s()#\"]+)",
    re.DOTALL,
)


_FETCHED = frozenset({"fetchcontent_declare", "externalproject_add", "cpmaddpackage"})
"""Commands that fetch a project from an address."""


class Argument(NamedTuple):
    """An argument of a command, and where it begins."""

    command: str
    value: str
    at: int


def read_cmake(data: bytes, interest: Interest) -> FileFacts:
    """The facts of a CMake file; never raises on its content."""
    lines = data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
    text, _ = decode(data)
    if text is None:
        return FileFacts(status=Status.UNREADABLE, reason="binary data")
    return FileFacts(tuple(_facts(text, interest)), lines=lines)


def arguments(text: str) -> Iterator[Argument]:
    """The arguments of all commands, in order."""
    command, before, depth = "", "", 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
            command = before if depth == 1 else command
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind in ("word", "quoted") and depth:
            yield Argument(command.lower(), token.group().strip('"'), token.start())
        before = token.group() if kind == "word" else before


def _facts(text: str, interest: Interest) -> Iterator[Fact]:
    known = globs_of(dict(interest.others).get("setting", ()))
    starts: list[int] | None = None
    seen: set[tuple[str, int]] = set()
    for command, value, at in arguments(text):
        name = f"cmake.{command}={value[:MAX_VALUE]}"
        is_source = "://" in value and command in _FETCHED
        if not is_source and not known.match(name):
            continue
        starts = starts or [0, *(found.end() for found in re.finditer("\n", text))]
        line = bisect_right(starts, at)
        if is_source:
            column = at - starts[line - 1] + 1
            fact = source_fact(value, Span(line, column, line, column + len(value)), interest)
            if fact is not None:
                yield fact
            continue
        # Several words of one command on a line are one place to change.
        if (command, line) not in seen:
            seen.add((command, line))
            column = at - starts[line - 1] + 1
            yield Fact(FactKind.SETTING, name, Span(line, column, line, column + len(value)))
