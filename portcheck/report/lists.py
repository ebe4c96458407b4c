"""The lists of the text report: blockers, rewrites, helpers, what needs nothing, what was not read, what to do next.

Each takes the report, its totals, the page and whether to give long lists in full, and returns its lines, or none
when it has nothing to say.
"""

from __future__ import annotations

import shlex

from portcheck.model import Report, Status, Work
from portcheck.report import summary
from portcheck.report.escape import cells
from portcheck.report.layout import Page, first, left_out
from portcheck.report.words import WORK_STYLE, count, number

_NAMES = 10
_HELPERS = 8
_PATHS = 3
_CALLS = 5
_CALLERS = 2

_STATUS = {
    Status.PARTLY: "read in part",
    Status.UNREADABLE: "could not be read",
    Status.SKIPPED: "left out",
}


def blockers(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return each blocker by name: what it is, where, and what replaces it."""
    return _named(report, Work.BLOCKER, page, verbose)


def rewrites(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return what has to be written anew, by name."""
    return _named(report, Work.REWRITE, page, verbose)


def helpers(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return the definitions where one change serves many callers."""
    rows = [row for row in summary.helpers(report) if row.calls >= _CALLS and row.files >= _CALLERS]
    lines: list[str] = []
    for row in first(rows, _HELPERS, verbose):
        place = row.path if row.line is None else f"{row.path}:{row.line}"
        follow = f"{count(row.calls, 'call')} in {count(row.files, 'file')} follow"
        lines += page.paragraph(f"{row.name} in {place}: {follow}", 2, 4)
    return [*lines, *left_out(page, rows, _HELPERS, verbose, "helper")]


def rest(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return one line for the places to verify and one for those that are portable."""
    lines: list[str] = []
    looks = summary.tally(finding for finding in report.findings if finding.work is Work.VERIFY)
    if looks.places:
        rows = summary.subjects(report, Work.VERIFY)
        named = ", ".join(row.name for row in rows[:_PATHS]) + (" and others" if len(rows) > _PATHS else "")
        where = f"{count(looks.places, 'place')} in {count(looks.files, 'file')}"
        lines += page.paragraph(f"To verify: {where} that should run, with limits to look at: {named}.", 2, 2)
    if totals.portable:
        places = count(totals.portable, "place")
        text = f"Portable already: {places}, working as written or beside a branch for the target."
        lines += page.paragraph(text, 2, 2)
    return lines


def unread(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return what was not read, grouped by reason."""
    lines: list[str] = []
    for row in summary.unread(report):
        shown = row.paths if verbose else row.paths[: _PATHS if row.status is not Status.SKIPPED else 1]
        more = ", ..." if len(shown) < len(row.paths) else ""
        reason = row.example if len(row.paths) == 1 else row.reason
        text = f"{number(len(row.paths))} {_STATUS[row.status]}, {reason}: {', '.join(shown)}{more}"
        lines += page.paragraph(text, 2, 4)
    return lines


def advice(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return the commands worth running next, each with what it shows."""
    steps = _steps(report, totals)
    room = max((cells(command) for command, _ in steps), default=0)
    if room > page.width // 2:
        return [line for command, why in steps for line in [*page.paragraph(command), *page.paragraph(why, 6)]]
    return [line for command, why in steps for line in page.paragraph(f"{command.ljust(room)}  {why}", 2, room + 2)]


def _steps(report: Report, totals: summary.Counts) -> list[tuple[str, str]]:
    """Return pairs of a command and what it is for."""
    root = shlex.quote(report.root)
    hard = [row for work in (Work.BLOCKER, Work.REWRITE) for row in summary.subjects(report, work)[:1]]
    steps = [(f"portcheck explain {row.rules[0]}", f"what {row.name} becomes, and the evidence") for row in hard]
    if totals.to_change:
        steps.append((f"portcheck check {root}", "every place, one a line"))
    if totals.work(Work.VERIFY):
        steps.append((f"portcheck scan --select verify {root}", "the places to verify"))
    if totals.places:
        steps.append((f"portcheck scan --output-format json {root}", "everything, for scripts"))
    return steps


def _named(report: Report, work: Work, page: Page, verbose: bool) -> list[str]:
    """Return the places of one kind of work by name: a title, where they are, what to do, what replaces them."""
    rows = summary.subjects(report, work)
    lines: list[str] = []
    for row in first(rows, _NAMES, verbose):
        others = f" and {count(row.others, 'name')} like it" if row.others else ""
        title = f"{row.name}{others} ({row.category.value}, {', '.join(row.rules)})"
        lines += [page.paint(line, WORK_STYLE[work]) for line in page.paragraph(title, 2, 4)]
        lines += page.paragraph(_where(row), 6)
        lines += page.paragraph(row.message, 6)
        lines += page.paragraph(f"Instead: {row.replacement}" if row.replacement else "", 6)
    return [*lines, *left_out(page, rows, _NAMES, verbose, work.value)]


def _where(row: summary.Subject) -> str:
    """Say how many places there are, how many are optional, and where the first is."""
    cell = "" if row.first.cell is None else f"cell {row.first.cell}:"
    places = f"{count(row.tally.places, 'place')} in {count(row.tally.files, 'file')}"
    optional = f", {number(row.optional)} behind an optional import" if row.optional else ""
    return f"{places}{optional}; first at {row.paths[0]}:{cell}{row.first.line}"
