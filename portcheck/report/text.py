"""The report an engineering lead reads first: what this is, how much is CUDA-bound, what is hard, what to do next.

Plain ASCII apart from the repository's own names, at most 100 columns, readable without colour. Every number says
what it counts; long lists are cut to their head and say so, or are given in full when asked (`verbose`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable

from portcheck.model import Report
from portcheck.report import effort, inventory, lists, strategies, summary, support, suppressed, tables
from portcheck.report.layout import Page
from portcheck.report.sentences import verdict
from portcheck.report.words import KIND, count, number

_WIDEST = 100
_NARROWEST = 64


def chunks(report: Report, width: int, color: bool, verbose: bool) -> Iterator[str]:
    """Yield the report section by section, for a terminal of `width` columns."""
    page = Page(min(max(width, _NARROWEST), _WIDEST), color)
    totals = summary.counts(report)
    yield _joined(_head(report, totals, page))
    yield _joined(_section(page, "Verdict", _verdict(report, totals, page)))
    for title, writer in _SECTIONS:
        body = writer(report, totals, page, verbose)
        if body:
            yield _joined(_section(page, title, body))


_Writer = Callable[[Report, summary.Counts, Page, bool], list[str]]

_SECTIONS: Sequence[tuple[str, _Writer]] = (
    ("How the effort was computed", effort.effort),
    ("The plan", effort.plan),
    ("By strategy", strategies.strategies),
    ("By kind of work", tables.works),
    ("By topic", tables.topics),
    ("Blockers", lists.blockers),
    ("Rewrites", lists.rewrites),
    ("Dependencies", inventory.dependencies),
    ("Kernels", inventory.kernels),
    ("Environment", inventory.environment),
    ("Helpers that carry much", lists.helpers),
    ("Files that matter most", tables.files),
    ("What the vendor marks as supported", support.support),
    ("To verify, or portable already", lists.rest),
    ("Suppressed", suppressed.section),
    ("Not read in full", lists.unread),
    ("What to do next", lists.advice),
)


def _joined(lines: Sequence[str]) -> str:
    """Return lines as text."""
    return "".join(line + "\n" for line in lines)


def _section(page: Page, title: str, body: Sequence[str]) -> list[str]:
    """Return a section under its title, a blank line before it."""
    return ["", page.paint(title.upper(), "bold"), *body]


def _head(report: Report, totals: summary.Counts, page: Page) -> list[str]:
    """Return what was scanned and for what target."""
    target = report.target
    reach = summary.reach(report)
    read = sum(row.files for row in reach)
    kinds = ", ".join(f"{number(row.files)} {KIND[row.kind]}" for row in reach)
    about = f"Read     {count(read, 'file')}, {count(totals.lines, 'line')}"
    why = "" if target.source in ("default", "option") else f" (fits {target.source})"
    aim = f"Target   {target.name.capitalize()}, PyTorch {target.torch}{why}, card {target.hardware.upper()}"
    rest = f" ({count(totals.files - read, 'file')} not read)" if totals.files > read else ""
    return [
        *page.paragraph(f"Scanned  {report.root}", indent=0, hang=9),
        *page.paragraph((f"{about}: {kinds}" if kinds else about) + rest, indent=0, hang=9),
        *page.paragraph(f"{aim}, strategy {target.strategy}", indent=0, hang=9),
    ]


def _verdict(report: Report, totals: summary.Counts, page: Page) -> list[str]:
    """Return the answer in a few sentences."""
    return [line for sentence in verdict(report, totals) for line in page.paragraph(sentence, 2, 2)]
