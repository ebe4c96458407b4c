"""The estimate in the text report: how it was computed, the plan, the drivers, what would change it.

Each function takes the report, its totals, the page and whether to give long lists in full, and returns its lines.
"""

from __future__ import annotations

from collections.abc import Mapping

from portcheck.estimate import Effort, Package
from portcheck.model import Report
from portcheck.report import summary
from portcheck.report.layout import Cell, Column, Page, first
from portcheck.report.words import count, number, percent, span
from portcheck.verdict import about

_ALL_COLUMNS = 80
"""Columns of text from which on the plan says what is to verify and what comes next, too."""

_ROOTS = 5


def verdict(report: Report) -> list[str]:
    """Return the sentence that answers how much work it is, none when nothing was estimated."""
    return [f"Effort: {report.effort.verdict}"] if report.effort else []


def effort(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return how the estimate was computed, its drivers and what would change it."""
    found = report.effort
    if found is None or not found.packages:
        return []
    lines = _steps(found, page)
    lines += page.paragraph("What the days go into:")
    rows = [
        [
            Cell(driver.name),
            Cell(f"{driver.person_days:g}" if driver.person_days else "<1"),
            Cell(percent(round(100 * driver.share), 100)),
            Cell(driver.detail),
        ]
        for driver in found.drivers
    ]
    columns = [
        Column("driver", cut="tail"),
        Column("days", right=True),
        Column("share", right=True),
        Column("", cut="tail"),
    ]
    lines += page.table(columns, rows, 4)
    if found.levers:
        lines += page.paragraph("What would change it most:")
        for lever in found.levers:
            size = f" (about {count(int(lever.person_days), 'day')})" if lever.person_days else ""
            lines += page.paragraph(f"{lever.name}{size}{': ' if lever.detail else ''}{lever.detail}", 4, 2)
    for text in found.assumptions:
        lines += page.paragraph(text, 2, 2)
    return lines


def plan(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return the packages of work in order, with their root causes."""
    found = report.effort
    if found is None or not found.packages:
        return []
    columns = [
        Column("package", cut="tail"),
        *(Column(title, right=True) for title in ("days", "lines", "places", "fixable", "verify")),
        Column("then", cut="tail"),
    ]
    orders = {package.name: order for order, package in enumerate(found.packages, 1)}
    rows = [_row(package, orders) for package in found.packages]
    shown = len(columns) if page.width >= _ALL_COLUMNS else -2
    lines = page.table(columns[:shown], [row[:shown] for row in rows])
    roots = {root: None for package in found.packages for root in package.roots}
    for root in first(sorted(roots, key=lambda root: -root.calls), _ROOTS, verbose):
        lines += page.paragraph(f"First {root.name} in {root.path}: {count(root.calls, 'call')} follow.", 2, 4)
    for step in (each for package in found.packages for each in package.steps if verbose):
        detail = f" ({step.detail})" if step.detail else ""
        lines += page.paragraph(f"{step.title}{detail}: {span(step.person_days)} days", 2, 4)
    return lines


def _steps(found: Effort, page: Page) -> list[str]:
    reach = found.reach
    where = "a library without entry points" if reach.library else count(len(reach.entries), "entry point")
    counted = f"1. Counted: {count(reach.bound, 'file')} with places to change; {where}, {number(reach.reached)} of "
    counted += f"{count(reach.reached + reach.unreached, 'code file')} within reach, "
    counted += f"{count(reach.lines, 'line')} of source."
    lines = f"{span(found.edits)}, likely {about(found.edits.likely)}" if found.edits.high else "none in Python"
    fitted = f"2. Lines a porter adds and removes, as fitted to real ports: {lines}."
    priced = "3. Person-days, from lines and from work no diff shows, at the prices of `portcheck explain effort`: "
    priced += f"{span(found.person_days)}, likely {about(found.person_days.likely)}."
    return [line for text in (counted, fitted, priced) for line in page.paragraph(text, 2, 3)]


def _row(package: Package, orders: Mapping[str, int]) -> list[Cell]:
    cells = (
        span(package.person_days),
        span(package.edits),
        *map(_dash, (package.places, package.fixable, package.looks)),
    )
    later = ", ".join(str(orders[name]) for name in package.unblocks if name in orders)
    return [Cell(f"{orders[package.name]}. {package.title}"), *map(Cell, cells), Cell(later)]


def _dash(value: int) -> str:
    return number(value) if value else "-"
