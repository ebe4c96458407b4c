"""What is suppressed: a section of the text report, and rows of the JSON report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from portcheck.model import Report
from portcheck.pragma import Remark
from portcheck.report import summary
from portcheck.report.escape import escape
from portcheck.report.layout import Page, first, left_out
from portcheck.report.words import count, number

_REMARKS = 5
_HOW = {
    "line": "by a comment at the line",
    "file": "by a comment about the file",
    "config": "by path in the configuration",
    "baseline": "by the baseline",
}


def section(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return how many findings are suppressed and by what, and what is wrong with suppressions."""
    lines: list[str] = []
    counts = Counter(each.how for each in report.suppressed)
    if counts:
        parts = ", ".join(f"{number(counts[how])} {text}" for how, text in _HOW.items() if counts[how])
        lines += page.paragraph(f"Not counted above: {count(sum(counts.values()), 'finding')}, {parts}.", 2, 4)
    for remark in first(report.remarks, _REMARKS, verbose):
        lines += page.paragraph(f"{place(remark)} {remark.text}", 2, 4)
    return [*lines, *left_out(page, report.remarks, _REMARKS, verbose, "remark")]


def place(remark: Remark) -> str:
    """Return where a remark is about, so that terminals and editors can open it: `path:line:column:`."""
    cell = "" if remark.cell is None else f"cell {remark.cell}:"
    return escape(f"{remark.path}:{cell}{remark.line}:{remark.column}:")


def remark_rows(report: Report) -> Iterator[str]:
    """Yield each remark as a JSON object."""
    for remark in report.remarks:
        yield json.dumps(remark._asdict())
