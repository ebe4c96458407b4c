"""The tables of the text report: kinds of work, topics, files.

Each takes the report, its totals, the page and whether to give long lists in full, and returns its lines, or none
when it has nothing to say.
"""

from __future__ import annotations

from collections import Counter

from portcheck.model import TO_DO, Report, Work
from portcheck.report import summary
from portcheck.report.layout import Cell, Column, Page, first, left_out
from portcheck.report.words import CATEGORY, ROLE, WORK, WORK_STYLE, number

_FILES = 12


def works(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return the table by kind of work and where the changes are."""
    rows = [row for row in summary.works(report) if row[0] is not Work.NONE]
    titles = ("places", "files", "in tests*", "fixable*")
    columns = [Column("work"), Column("what it asks for", cut="tail"), *(Column(title, right=True) for title in titles)]
    changes = [_work_row(work, tally) for work, tally in rows if work in TO_DO]
    looks = [_work_row(work, tally) for work, tally in rows if work not in TO_DO]
    note = "* in tests: also examples, benchmarks and documentation. fixable: an automatic change is known."
    table = page.table(columns, [*changes, *(_total(report) if len(changes) > 1 else ()), *looks])
    return [*table, *page.paragraph(note), *_roles(report, page)] if rows else []


def topics(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return the table by category."""
    rows = summary.topics(report)
    titles = ("places", "to change", "files")
    numbers = [Column(title, right=True) for title in titles]
    columns = [Column("topic", cut="tail"), *numbers, Column("most often", cut="head")]
    body = [
        [
            Cell(CATEGORY[row.category]),
            *(Cell(_dash(value)) for value in (row.tally.places, row.to_change, row.tally.files)),
            Cell(row.common),
        ]
        for row in rows
    ]
    return page.table(columns, body) if body else []


def files(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return the table of files, the hardest first."""
    rows = summary.top_files(report)
    titles = ("lines", "to change", "blocker", "rewrite")
    columns = [Column("file", cut="head"), *(Column(title, right=True) for title in titles), Column("role")]
    body = [
        [
            Cell(row.path),
            *(Cell(number(value)) for value in (row.lines, row.to_change)),
            Cell(_dash(row.blockers), "red"),
            Cell(_dash(row.rewrites), "yellow"),
            Cell(row.role.value),
        ]
        for row in first(rows, _FILES, verbose)
    ]
    order = page.paragraph("Blockers and rewrites first, then most changes; tests, examples and vendored code last.")
    return [*order, *page.table(columns, body), *left_out(page, rows, _FILES, verbose, "file")] if body else []


def _work_row(work: Work, tally: summary.Tally) -> list[Cell]:
    """Return the row of one kind of work."""
    return [Cell(work.value, WORK_STYLE[work]), Cell(WORK[work]), *_numbers(tally)]


def _total(report: Report) -> list[list[Cell]]:
    """Return the row of all places that ask for a change; a file counts once, so files are not the sum of the above."""
    change = summary.tally(finding for finding in report.findings if finding.work in TO_DO)
    return [[Cell("to change", "bold"), Cell("all of the above"), *_numbers(change)]]


def _numbers(tally: summary.Tally) -> list[Cell]:
    """Return the cells of a tally."""
    return [Cell(_dash(value)) for value in (tally.places, tally.files, tally.aside, tally.fixable)]


def _roles(report: Report, page: Page) -> list[str]:
    """Return the line that says in what sort of files the changes are, when there is more than one sort."""
    roles = Counter(finding.role for finding in report.findings if finding.work in TO_DO)
    parts = [f"{number(places)} in {ROLE[role]}" for role, places in roles.most_common()]
    return page.paragraph(f"Of the places to change: {', '.join(parts)}.") if len(parts) > 1 else []


def _dash(value: int) -> str:
    """Return a number, or a dash for none."""
    return number(value) if value else "-"
