"""Libraries, kernels and surroundings in the text report: tables that a lead can hand to a team.

Long ones are cut and say so. A row of a library or a kernel is followed by a line on what to do with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from portcheck.inventory import DIFFICULTIES, STATUSES, KernelFile, Library, Place, Surrounding, together
from portcheck.model import Report, Role, Work
from portcheck.report.layout import Cell, Column, Page, first, left_out
from portcheck.report.summary import FIRST, Counts
from portcheck.report.words import ROLE, WORK_STYLE, count, number

STATUS = {
    "none": "not there",
    "unknown": "unknown",
    "partial": "in part",
    "replaced": "replaced",
    "plugin": "plug-in",
    "native": "runs",
}
"""How a library stands on the target, in a word or two."""

SORT = {
    "image": "image",
    "container": "container",
    "cluster": "cluster",
    "ci": "CI",
    "script": "script",
}
"""What surrounds the programs, in a word."""

_STATUS_STYLE = {"none": "red", "unknown": "yellow", "partial": "yellow", "replaced": "cyan", "plugin": "cyan"}
_DIFFICULTY_STYLE = dict(zip(DIFFICULTIES, ("red", "yellow", "green")))
_ROWS = 12
_NAMES = 8
_MARKS = 4
_PLACES = 2


def dependencies(report: Report, totals: Counts, page: Page, verbose: bool) -> list[str]:
    """Return the table of libraries: what blocks, what is unknown, what to swap."""
    every = report.inventory.libraries if report.inventory else ()
    rows = [row for row in every if row.status != STATUSES[-1] or row.work != Work.NONE.value]
    fine = [row.name for row in every if row not in rows]
    lines = _libraries(rows, page, verbose) if rows else []
    if fine:
        shown = first(fine, _NAMES, verbose)
        more = f" and {number(len(fine) - len(shown))} more" if len(shown) < len(fine) else ""
        lines += page.paragraph(f"Run there as they are: {', '.join(shown)}{more}.", 2, 2)
    return lines


def _libraries(rows: Sequence[Library], page: Page, verbose: bool) -> list[str]:
    counted = Counter(row.status for row in rows)
    parts = (f"{number(counted[status])} {STATUS[status]}" for status in STATUSES if counted[status])
    columns = [Column("library", cut="tail"), Column("there"), Column("optional"), Column("required", right=True)]
    columns += [Column("used", right=True), Column("first at", cut="head")]
    alike = rows if verbose else together(rows)
    shown = first(alike, _ROWS, verbose)
    body = [
        [
            Cell(row.name, "bold"),
            Cell(STATUS[row.status], _STATUS_STYLE.get(row.status, "")),
            Cell("yes" if row.optional else "-"),
            Cell(_dash(len(row.required))),
            Cell(_dash(len(row.used))),
            Cell(first_at((*row.required, *row.used))),
        ]
        for row in shown
    ]
    head = page.paragraph(f"{count(len(rows), 'library', 'libraries')}: {', '.join(parts)}.")
    return [
        *head,
        *_noted(page, columns, body, list(map(_advice, shown))),
        *left_out(page, alike, _ROWS, verbose, "row"),
    ]


def kernels(report: Report, totals: Counts, page: Page, verbose: bool) -> list[str]:
    """Return the table of files with kernels: size, difficulty and why, who builds and loads them, a fall-back."""
    rows = sorted(report.inventory.kernels if report.inventory else (), key=lambda row: Role(row.role) not in FIRST)
    if not rows:
        return []
    columns = [Column("difficulty"), Column("in")]
    columns += [*(Column(title, right=True) for title in ("lines", "kernels", "launches")), Column("file", cut="head")]
    shown = first(rows, _ROWS, verbose)
    body = [
        [
            Cell(row.difficulty, _DIFFICULTY_STYLE[row.difficulty]),
            Cell(row.language),
            *(Cell(_dash(value)) for value in (row.lines, row.kernels, row.launches)),
            Cell(row.place.path),
        ]
        for row in shown
    ]
    table = _noted(page, columns, body, ["; ".join(filter(None, (why(row), tied(row)))) for row in shown])
    return [*page.paragraph(_sizes(rows)), *table, *left_out(page, rows, _ROWS, verbose, "file")]


def _sizes(rows: Sequence[KernelFile]) -> str:
    counted = Counter(row.difficulty for row in rows)
    parts = (f"{number(counted[level])} {level}" for level in DIFFICULTIES if counted[level])
    there = sum(row.there is not None for row in rows if row.kernels)
    without = sum(not row.fallback and not row.there for row in rows if row.kernels)
    kernels = count(sum(row.kernels for row in rows), "kernel")
    lines = count(sum(row.lines for row in rows), "line")
    text = f"{kernels} in {count(len(rows), 'file')}, {lines} of code: {', '.join(parts)}."
    text += f" {count(there, 'file')} with kernels that are on the target already." if there else ""
    return f"{text} {count(without, 'file')} with kernels and no fall-back seen." if without else text


def why(row: KernelFile) -> str:
    """Return what makes kernels hard to port: their marks, the weightiest first, or nothing but their size."""
    marks = ", ".join(mark.replace("-", " ") for mark in row.marks[:_MARKS])
    if marks:
        return marks + (", ..." if len(row.marks) > _MARKS else "")
    if row.language == "host":
        return "code for the host"
    return f"{'plain kernels' if row.kernels else 'device code'}, by size alone"


def tied(row: KernelFile) -> str:
    """Return who builds and loads kernels, and what does the same on the target or without them."""
    parts = [f"built by {_some(row.built)}"] if row.built else []
    parts += [f"loaded by {_some(row.loaded)}"] if row.loaded else []
    if row.there:
        parts.append(f"on the target already: {row.there.path}")
    elif row.fallback_at:
        parts.append(f"without it: {row.fallback} ({_at(row.fallback_at)})")
    elif row.kernels:
        parts.append("no fall-back seen")
    return "; ".join(parts)


def environment(report: Report, totals: Counts, page: Page, verbose: bool) -> list[str]:
    """Return the table of images, containers, clusters, CI and scripts."""
    rows = list(report.inventory.surroundings) if report.inventory else []
    if not rows:
        return []
    columns = [Column("what"), Column("name", cut="head"), Column("change", right=True), Column("look", right=True)]
    columns += [Column("holds, or is named in", cut="tail")]
    body = [
        [Cell(SORT[row.sort]), Cell(_named(row), WORK_STYLE[Work(row.work)]), *_numbers(row), Cell(_there(row))]
        for row in first(rows, _ROWS, verbose)
    ]
    return [*page.table(columns, body), *left_out(page, rows, _ROWS, verbose, "row")]


def _named(row: Surrounding) -> str:
    """The path of a file, or an image without the digest that pins it."""
    return row.name.partition("@")[0] if row.sort == "image" else row.name


def _numbers(row: Surrounding) -> list[Cell]:
    return [Cell(_dash(row.changes)), Cell(_dash(row.looks))]


def _there(row: Surrounding) -> str:
    """What stands in a file, or the files that an image is named in."""
    if row.sort == "image":
        return _some(row.places)
    aside = "" if Role(row.role) in FIRST else f" (in {ROLE[Role(row.role)]})"
    return ", ".join(row.subjects) + aside


def _noted(page: Page, columns: Sequence[Column], body: Sequence[Sequence[Cell]], notes: Sequence[str]) -> list[str]:
    """Return a table with a note below each row."""
    header, *rows = page.table(columns, body)
    return [header, *(line for row, note in zip(rows, notes) for line in (row, *page.paragraph(note, 6)))]


def _advice(row: Library) -> str:
    """What to do about a library, from which version on, and which versions are asked for."""
    asked = f"{row.asked[0]} and others" if len(row.asked) > 1 else "".join(row.asked)
    parts = (row.advice, f"since {row.since}" if row.since else "", f"asked for: {asked}" if asked else "")
    return "; ".join(filter(None, parts))


def first_at(places: Sequence[Place]) -> str:
    """Return the place to begin with: the first that is in no hidden folder, such as that of CI."""
    return _at(next((place for place in places if not place.path.startswith(".")), places[0]))


def _some(places: Sequence[Place]) -> str:
    paths = [_at(place) for place in {place.path: place for place in reversed(places)}.values()][::-1]
    more = f" and {number(len(paths) - _PLACES)} more" if len(paths) > _PLACES else ""
    return ", ".join(paths[:_PLACES]) + more


def _at(place: Place) -> str:
    cell = "" if place.cell is None else f"cell {place.cell}:"
    return f"{place.path}:{cell}{place.line}" if cell or place.line > 1 else place.path


def _dash(value: int) -> str:
    return number(value) if value else "-"
