"""One finding after the other as a linter shows them in full: its line, the code around it, and the replacement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

from portcheck.model import Finding, Kind, Report, Safety
from portcheck.report import concise
from portcheck.report.escape import cells, escape
from portcheck.report.excerpts import lines_of, visible
from portcheck.report.layout import Page
from portcheck.report.words import WORK, WORK_STYLE

_AROUND = 2
_TALLEST = 6
"""Lines of one place that are shown; the first of them."""
_WIDEST = 120
_LEAD = 40
"""Characters of a very long line that are shown before the place."""
_TAB = 4

_FIX = {
    Safety.SAFE: "`portcheck fix` makes this change",
    Safety.UNSAFE: "`portcheck fix --unsafe-fixes` makes this change; it may mean something else than before",
}

Lines = Mapping[Optional[int], Sequence[str]]


def chunks(
    report: Report, shown: Report | None = None, contents: Mapping[str, bytes] | None = None, color: bool = False
) -> Iterator[str]:
    """Yield each finding with the code around it, in the report's order.

    `shown` is the same report with paths as they are to be printed; `contents` are those of files, by their path in
    `report`, that were read from elsewhere.
    """
    page = Page(0, color)
    kinds = {file.path: file.kind for file in report.files}
    path, texts = "", {}  # type: str, Lines
    for finding, named in zip(report.findings, (shown or report).findings):
        if finding.path != path:
            path = finding.path
            data = (contents or {}).get(path)
            texts = lines_of(report.root, path, kinds.get(path, Kind.OTHER), data)
        yield "".join(line + "\n" for line in _finding(named, texts.get(finding.span.cell, ()), page))


def _finding(finding: Finding, lines: Sequence[str], page: Page) -> Iterator[str]:
    yield _headline(finding, page)
    margin = " " * len(str(_last(finding, lines)))
    if finding.span.line <= len(lines):
        yield page.paint(f"{margin} |", "dim")
        yield from _frame(finding, lines, page)
        yield page.paint(f"{margin} |", "dim")
    notes = [f"work: {finding.work.value}, {WORK[finding.work]}"]
    notes += [f"replacement: {finding.replacement}"] if finding.replacement else []
    notes += [f"fix: {_FIX[finding.fixable]}"] if finding.fixable in _FIX and finding.fixable else []
    yield from (f"{margin} {page.paint('=', 'dim')} {escape(note)}" for note in notes)
    yield ""


def _headline(finding: Finding, page: Page) -> str:
    """The line of a finding, its rule painted."""
    before, rule, after = concise.line(finding).partition(f": {finding.rule} ")
    return f"{page.paint(before, 'bold')}: {page.paint(rule[2:-1], WORK_STYLE[finding.work])} {after}"


def _frame(finding: Finding, lines: Sequence[str], page: Page) -> Iterator[str]:
    """The lines of a place and around it, numbered, with marks below what it is about."""
    span = finding.span
    last = _last(finding, lines)
    width = len(str(last))
    until = min(max(span.line, span.end_line), span.line + _TALLEST - 1)
    for number in range(max(1, span.line - _AROUND), last + 1):
        first, end = _stretch(finding, number, lines[number - 1]) if span.line <= number <= until else (0, 0)
        start, text = _window(lines[number - 1], first)
        yield f"{page.paint(f'{number:{width}} |', 'dim')} {text}".rstrip()
        if end > first:
            room = cells(_spread(lines[number - 1][start:first])) + (len("...") if start else 0)
            marks = "^" * min(max(cells(_spread(lines[number - 1][first:end])), 1), max(cells(text) - room, 1))
            painted = page.paint(marks, WORK_STYLE[finding.work])
            yield f"{page.paint(' ' * width + ' |', 'dim')} {' ' * room}{painted}"


def _last(finding: Finding, lines: Sequence[str]) -> int:
    """The number of the last line that is shown."""
    span = finding.span
    return min(min(max(span.line, span.end_line), span.line + _TALLEST - 1) + _AROUND, max(len(lines), 1))


def _stretch(finding: Finding, number: int, line: str) -> tuple[int, int]:
    """Where in a line what a finding is about begins and ends."""
    span = finding.span
    first = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
    end = span.end_column - 1 if number == span.end_line else len(line)
    return min(first, len(line)), min(max(end, first + (number == span.line)), len(line))


def _window(line: str, first: int) -> tuple[int, str]:
    """Where what is shown of a line starts, and the text: all of it unless it is very long."""
    start = max(first - _LEAD, 0) if len(line) > _WIDEST and first > _WIDEST - _LEAD else 0
    cut = line[start : start + _WIDEST]
    end = "..." if start + _WIDEST < len(line) else ""
    return start, ("..." if start else "") + _spread(cut) + end


def _spread(text: str) -> str:
    """A piece of a line with what a terminal would act on made visible, and tabs as spaces."""
    return visible(text).replace("\t", " " * _TAB)
