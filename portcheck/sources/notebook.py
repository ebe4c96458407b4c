"""Jupyter notebooks: the code cells as one Python module, findings by cell and line.

Source of the format: nbformat's documentation, versions 3 and 4. Outputs are never looked at; cells are counted as
they are shown, code cells alone, from 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from portcheck.model import Fact, FactKind, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.records import NamedTuple
from portcheck.sources.commandline import commands
from portcheck.sources.installs import install_facts, installed
from portcheck.sources.magics import read_cell
from portcheck.sources.python import read_text
from portcheck.sources.shell import shell_facts

MAIN = "main"


class _Line(NamedTuple):
    """Where a line of the joined text stands: cell and line in it, and its text when other text was made of it."""

    cell: int
    line: int
    made: str | None


def read_notebook(data: bytes, interest: Interest) -> FileFacts:
    """The facts of a notebook; never raises on its content.

    One that is no valid JSON is `unreadable`, one in another language than Python is skipped, both with the reason.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return FileFacts(status=Status.UNREADABLE, reason=f"is no valid notebook: {reason}")
    language = _language(found)
    if language and language not in ("python", "ipython"):
        return FileFacts(status=Status.SKIPPED, reason=f"a notebook in {language[:40]}")
    text, places, shell = _joined(code_cells(found))
    facts = read_text(text, interest)
    more = [fact for at, command in shell for fact in _of_command(command, _whole(at, places), interest)]
    every = [*(_moved(fact, places) for fact in facts.facts), *more]
    return facts._replace(
        facts=tuple(sorted(every, key=lambda fact: (fact.span.cell, fact.span, fact.kind.value, fact.name))),
        pending=tuple(_moved(fact, places) for fact in facts.pending),
        traits=tuple(sorted({*facts.traits, MAIN})),
    )


def _language(found: object) -> str:
    """The language that the metadata name; empty when they name none."""
    about = found.get("metadata") if isinstance(found, dict) else None
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        part = about.get(key) if isinstance(about, dict) else None
        value = part.get(name) if isinstance(part, dict) else None
        if isinstance(value, str):
            return value.lower()
    return ""


def code_cells(found: object) -> Iterator[str]:
    """The sources of the code cells of a notebook, as its JSON was decoded."""
    top = found if isinstance(found, dict) else {}
    sheets = top.get("worksheets")
    groups = [top, *(sheet for sheet in sheets if isinstance(sheet, dict))] if isinstance(sheets, list) else [top]
    for group in groups:
        cells = group.get("cells")
        for cell in cells if isinstance(cells, list) else ():
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                source = cell.get("source", cell.get("input", ""))
                parts = source if isinstance(source, list) else [source]
                text = "".join(part for part in parts if isinstance(part, str))
                yield text.replace("\r\n", "\n").replace("\r", "\n")


def _joined(sources: Iterator[str]) -> tuple[str, list[_Line], list[tuple[int, str]]]:
    """The cells as one text, where its lines stand, and the shell commands by line of that text."""
    lines: list[str] = []
    places: list[_Line] = []
    shell: list[tuple[int, str]] = []
    for number, source in enumerate(sources, 1):
        cell = read_cell(source)
        shell.extend((len(lines) + at, command) for at, command in sorted(cell.commands.items()))
        places.extend(_Line(number, at + 1, cell.changed.get(at)) for at in range(len(cell.lines)))
        lines.extend(cell.lines)
    return "".join(f"{line}\n" for line in lines), places, shell


def _moved(fact: Fact, places: list[_Line]) -> Fact:
    """The fact where it stands in its cell; on a line that was made for it, the whole of the line it was made of."""
    span = fact.span
    first = places[min(span.line, len(places)) - 1]
    last = places[min(span.end_line, len(places)) - 1]
    if first.made is not None:
        return fact._replace(span=_whole(span.line - 1, places))
    end = last.line if last.cell == first.cell else first.line
    return fact._replace(span=Span(first.line, span.column, max(end, first.line), span.end_column, first.cell))


def _whole(at: int, places: list[_Line]) -> Span:
    """All of a line of the joined text that other text was made of."""
    place = places[at]
    text = place.made or ""
    start = len(text) - len(text.lstrip()) + 1
    return Span(place.line, start, place.line, max(len(text) + 1, start), place.cell)


def _of_command(command: str, span: Span, interest: Interest) -> Iterator[Fact]:
    """The options of a command that the packs know, and the packages and indexes that it installs from."""
    for fact in shell_facts(command, interest):
        if fact.kind is FactKind.STRING:
            yield fact._replace(span=span)
    for found in commands(command):
        words = [word.text for word in found]
        start = installed(words)
        if start:
            yield from install_facts([(word, span) for word in words[start:]])
