"""Requirement and constraint files of pip: lines to facts, the options that name indexes and other files with them.

What `-r` and `-c` name is noted as an import (`module` is the path as written) and never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portcheck.model import Fact, FileFacts, Import, Span, Status
from portcheck.records import NamedTuple
from portcheck.sources.requirement import index_fact, requirement_fact

MAX_PARTS = 1000
"""Lines that are joined to one: more than the hashes of any distribution."""

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_HASH = re.compile(r"\s--(?:hash|config-settings?|global-option|install-option)(?:[=\s]\s*\S+)?")
_OPTION = re.compile(r"(?P<name>--?[A-Za-z][\w-]*)(?:\s*=\s*|\s+|(?<=^-[a-z]))(?P<value>\S.*)?$")
_FILES = ("-r", "--requirement", "-c", "--constraint")
_INDEXES = ("-i", "--index-url", "--pypi-url", "--extra-index-url", "-f", "--find-links")
_EDITABLE = ("-e", "--editable")
_ITSELF = re.compile(r"\.{1,2}(?:/[./]*)?(?:\[[^\]]*\])?$")
_BEHIND = re.compile(rf"\s(?:{'|'.join(_INDEXES)})[ =]\s*(?P<value>\S+)")
"""An index behind a requirement, where pip takes none but people write it."""

_TEMPLATE = re.compile(r"\{\{|\{%|\$\{")


class Logical(NamedTuple):
    """A line after joining continuations and dropping comments, with where it starts and ends in the file."""

    text: str
    span: Span


def read_requirements(text: str) -> FileFacts:
    """The facts of a requirements or constraints file."""
    facts: list[Fact] = []
    imports: list[Import] = []
    unread = 0
    for line in logical_lines(text):
        option = _OPTION.match(line.text) if line.text.startswith("-") else None
        value = (option["value"] or "").strip("\"'") if option else ""
        if option and not value.startswith("-"):
            fact = _option(option["name"], value, line.span, imports)
            facts.extend([fact] if fact else ())
        elif line.text.startswith("-"):
            facts.extend(index_fact(found["value"].strip("\"'"), line.span) for found in _BEHIND.finditer(line.text))
        else:
            facts.extend(index_fact(found["value"].strip("\"'"), line.span) for found in _BEHIND.finditer(line.text))
            fact = requirement_fact(_HASH.sub("", f" {line.text}"), line.span)
            if (fact is None and not _ITSELF.match(line.text)) or _TEMPLATE.search(line.text):
                unread += 1
            facts.extend([fact] if fact else ())
    found = FileFacts(tuple(facts), imports=tuple(imports))
    return found._replace(status=Status.PARTLY, reason=f"lines that are no requirement: {unread}") if unread else found


def logical_lines(text: str) -> Iterator[Logical]:
    """The lines that hold something, with continuations joined."""
    parts: list[str] = []
    first = 1
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        first = first if parts else number
        goes_on = line.endswith("\\") and not line.lstrip().startswith("#") and len(parts) < MAX_PARTS
        parts.append(line[:-1] if goes_on else line)
        if not goes_on:
            yield from _joined(parts, first, number)
            parts = []
    yield from _joined(parts, first, first + len(parts) - 1)


def _joined(parts: list[str], first: int, last: int) -> Iterator[Logical]:
    text = _COMMENT.sub("", " ".join(parts)).strip()
    if text:
        indent = len(parts[0]) - len(parts[0].lstrip())
        yield Logical(text, Span(first, indent + 1, last, len(parts[-1]) + 1))


def _option(name: str, value: str, span: Span, imports: list[Import]) -> Fact | None:
    if name in _FILES and value:
        imports.append(Import(value, 0, "", "", span.line))
    elif name in _INDEXES and value:
        return index_fact(value, span)
    elif name in _EDITABLE and value:
        return requirement_fact(value, span)
    return None
