"""Findings in notebooks by the lines of their files, for readers that know no cells."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Callable

from portcheck.model import Finding, Report, Span

if TYPE_CHECKING:
    from portcheck.fix.notebook import Value

_Lines = dict[tuple[int, int], int]
"""The line of a file by cell and line in it."""


def physical(report: Report) -> Report:
    """Return the report with its findings in notebooks where they stand in the file, and the cell in the message.

    A notebook that can no longer be read as it was is pointed at as a whole, by its first line.
    """
    known: dict[str, _Lines] = {}

    def moved(finding: Finding) -> Finding:
        span = finding.span
        if span.cell is None:
            return finding
        if finding.path not in known:
            known[finding.path] = _lines(os.path.join(report.root, finding.path))
        line = known[finding.path].get((span.cell, span.line), 1)
        where = f"cell {span.cell}, line {span.line}: "
        return finding._replace(span=Span(line, 1, line, 1), message=where + finding.message)

    if not any(each.span.cell is not None for each in _all(report)):
        return report
    findings = tuple(map(moved, report.findings))
    return report._replace(
        findings=findings,
        suppressed=tuple(each._replace(finding=moved(each.finding)) for each in report.suppressed),
    )


def below(report: Report, prefix: str) -> Report:
    """Return the report with `prefix` before every path of a file or a finding."""
    return renamed(report, lambda path: prefix + path)


def renamed(report: Report, name: Callable[[str], str]) -> Report:
    """Return the report with another name for every path of a file, a finding or a remark."""
    ratchet = report.ratchet
    return report._replace(
        ratchet=ratchet and ratchet._replace(new=frozenset((name(path), each) for path, each in ratchet.new)),
        findings=tuple(each._replace(path=name(each.path)) for each in report.findings),
        suppressed=tuple(
            each._replace(finding=each.finding._replace(path=name(each.finding.path))) for each in report.suppressed
        ),
        files=tuple(each._replace(path=name(each.path)) for each in report.files),
        remarks=tuple(each._replace(path=name(each.path)) for each in report.remarks),
    )


def _all(report: Report) -> Iterator[Finding]:
    yield from report.findings
    yield from (each.finding for each in report.suppressed)


def _lines(path: str) -> _Lines:
    """Where the lines of a notebook's code cells stand; nothing when it is no notebook."""
    from portcheck.fix.notebook import values

    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        json.loads(text)
        top = values(text)
    except (OSError, ValueError, RecursionError):
        return {}
    found: _Lines = {}
    for number, source in enumerate(_sources(text, top), 1):
        line = 1
        for literal in ([part for _, part in source.parts] or [source]) if source else ():
            at = text.count("\n", 0, literal.begin) + 1
            written = json.loads(text[literal.begin : literal.end], strict=False)
            breaks = written.count("\n") if isinstance(written, str) else 0
            for more in range(breaks + 1):
                found[number, line + more] = at
            line += breaks
    return found


def _sources(text: str, top: Value) -> Iterator[Value | None]:
    """The sources of the code cells, in the order in which they are counted; None for a cell without one."""
    sheets = _part(top, "worksheets")
    for group in (top, *(sheet for _, sheet in (sheets.parts if sheets else ()))):
        cells = _part(group, "cells")
        for _, cell in cells.parts if cells else ():
            kind = _part(cell, "cell_type")
            if kind is not None and text[kind.begin : kind.end] == '"code"':
                yield _part(cell, "source") or _part(cell, "input")


def _part(value: Value, key: str) -> Value | None:
    return dict(value.parts).get(key)
