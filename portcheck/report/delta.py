"""A comparison of two reports: as text, as JSON (`diff-schema.json` beside this module), and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from portcheck import __version__
from portcheck.delta import Change, Delta, Side, to_change
from portcheck.errors import UsageError
from portcheck.model import TO_DO, Finding, Work
from portcheck.records import NamedTuple
from portcheck.report import concise, json_report
from portcheck.report.layout import Cell, Column, Page, first, left_out
from portcheck.report.markdown import Section, fitted
from portcheck.report.markup import code, head, plain, row
from portcheck.report.words import WORK_STYLE, count, number, span

FORMATS = ("text", "json", "markdown")
SCHEMA_NAME = "portcheck-diff/1"

_SHOWN = 20
_CLIP = 200
_WORKS = (Work.BLOCKER, Work.REWRITE, Work.CONFIG, Work.RENAME, Work.VERIFY)


class Tally(NamedTuple):
    """The places of one kind of work, or of all that ask for a change: before, what became of them, and after."""

    title: str
    style: str
    before: int
    added: int
    removed: int
    after: int

    @property
    def other(self) -> int:
        """What places whose work is another now, that are suppressed or were not looked at add or take away."""
        return self.after - self.before - self.added + self.removed


def check_format(fmt: str) -> None:
    """Raise UsageError when a comparison has no such format."""
    if fmt not in FORMATS:
        raise UsageError(f"a comparison has no format {fmt!r}: there are {', '.join(FORMATS)}")


def chunks(delta: Delta, fmt: str, page: Page, verbose: bool = False) -> Iterator[str]:
    """Yield a comparison in one of `FORMATS`; the page and long lists in full (`verbose`) concern text alone."""
    if fmt == "json":
        return _json(delta)
    return markdown(delta) if fmt == "markdown" else _text(delta, page, verbose)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a comparison as JSON."""
    text = Path(__file__).with_name("diff-schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def sentence(delta: Delta) -> str:
    """Return what became of the places, in one line."""
    parts = [f"{number(len(delta.added))} added", f"{number(len(delta.removed))} removed"]
    parts += [f"{number(len(delta.changed))} with other work"] if delta.changed else []
    parts += [f"{number(len(delta.suppressed))} suppressed"] if delta.suppressed else []
    parts += [f"{number(len(delta.unseen))} in files that could not be read"] if delta.unseen else []
    return f"Places: {', '.join(parts)}, {number(delta.kept)} as before."


def since(delta: Delta) -> str:
    """Return what became of the old side, in one line that names it."""
    return f"Since {delta.old.name}: {sentence(delta)[len('Places: ') :]}"


def effort(delta: Delta) -> str:
    """Return how the estimate differs; empty when one side has none."""
    old, new = delta.old, delta.new
    if old.days is None or new.days is None:
        return ""
    return (
        f"Effort: {span(old.days)} person-days before, {span(new.days)} now; "
        f"lines to edit: {span(old.edits)} before, {span(new.edits)} now."
    )


def tallies(delta: Delta) -> list[Tally]:
    """Return a row for each kind of work that there is on either side, the hardest first, and one for all changes."""
    rows = [_tally(delta, work.value, WORK_STYLE[work], {work}) for work in _WORKS]
    rows = [each for each in rows if each.before or each.after]
    verify = [each for each in rows if each.title == Work.VERIFY.value]
    return [*rows[: len(rows) - len(verify)], _tally(delta, "to change", "bold", TO_DO), *verify] if rows else []


def _tally(delta: Delta, title: str, style: str, works: Iterable[Work]) -> Tally:
    before, added, removed, after = (
        sum(each.work in works for each in findings)
        for findings in (delta.old.findings, delta.added, delta.removed, delta.new.findings)
    )
    return Tally(title, style, before, added, removed, after)


def _text(delta: Delta, page: Page, verbose: bool) -> Iterator[str]:
    target = delta.new.target
    aim = f"{target.name.capitalize()}, PyTorch {target.torch}, card {target.hardware.upper()}"
    yield from _lines(
        page.paragraph(f"Old      {_side(delta.old)}", 0, 9),
        page.paragraph(f"New      {_side(delta.new)}", 0, 9),
        page.paragraph(f"Target   {aim}, strategy {target.strategy}", 0, 9),
        *(page.paragraph(f"Note     {note}", 0, 9) for note in delta.notes),
        [""],
        page.paragraph(sentence(delta), 0, 2),
        page.paragraph(effort(delta), 0, 2),
    )
    rows = [
        [
            Cell(each.title, each.style),
            *(Cell(text) for text in (number(each.before), *_signed(each), number(each.after))),
        ]
        for each in tallies(delta)
    ]
    if rows:
        names = ("before", "added", "removed", "other*", "after")
        columns = [Column("work"), *(Column(name, right=True) for name in names)]
        mark = "* places whose work is another now, that are suppressed, or that could not be read."
        star = page.paragraph(mark) if any(each.other for each in tallies(delta)) else []
        yield from _lines(["", page.paint("BY KIND OF WORK", "bold")], page.table(columns, rows), star)
    for title, findings in _lists(delta):
        yield from _lines(["", page.paint(f"{title} ({number(len(findings))})", "bold")])
        yield from _lines([_place(each, page) for each in first(findings, _SHOWN, verbose)])
        yield from _lines(left_out(page, findings, _SHOWN, verbose, "place"))
    if delta.changed:
        yield from _lines(["", page.paint(f"OTHER WORK ({number(len(delta.changed))})", "bold")])
        yield from _lines([_turned(each) for each in first(delta.changed, _SHOWN, verbose)])
        yield from _lines(left_out(page, delta.changed, _SHOWN, verbose, "place"))


def _lists(delta: Delta) -> list[tuple[str, tuple[Finding, ...]]]:
    """The places with their titles, the hardest work first."""
    found = [
        ("ADDED", delta.added),
        ("REMOVED", delta.removed),
        ("SUPPRESSED NOW", delta.suppressed),
        ("COULD NOT BE READ", delta.unseen),
    ]
    return [(title, tuple(sorted(some, key=lambda each: _WORKS.index(each.work)))) for title, some in found if some]


def _lines(*groups: Sequence[str]) -> Iterator[str]:
    return (line + "\n" for group in groups for line in group)


def _side(side: Side) -> str:
    places = f"{number(to_change(side.findings))} to change, {number(side.by_work[Work.VERIFY])} to verify"
    return f"{side.name}: {count(len(side.files), 'file')}, {places}"


def _place(finding: Finding, page: Page) -> str:
    work = page.paint(finding.work.value, WORK_STYLE[finding.work])
    return f"  {work}{' ' * (8 - len(finding.work.value))} {concise.line(finding)}"


def _turned(change: Change) -> str:
    return f"  {change.old.work.value} -> {change.new.work.value}: {concise.line(change.new)}"


def _signed(tally: Tally) -> tuple[str, ...]:
    values = (tally.added, -tally.removed, tally.other)
    return tuple(f"{value:+,}" if value else "-" for value in values)


def markdown(delta: Delta) -> Iterator[str]:
    """Yield a comparison as Markdown that fits into a comment on GitHub."""
    target = delta.new.target
    aim = f"{target.name.capitalize()}, PyTorch {target.torch}, card {target.hardware.upper()}"
    lines = [f"- {plain(_clipped(text))}" for text in (sentence(delta), effort(delta)) if text]
    lines += [f"- Note: {plain(_clipped(note))}" for note in delta.notes]
    where = f"Read for {plain(_clipped(aim))}, strategy {plain(_clipped(target.strategy))}, by portcheck {__version__}."
    names = f"{code(_clipped(delta.old.name))} to {code(_clipped(delta.new.name))}"
    title = f"## portcheck: {_change(to_change(delta.added), to_change(delta.removed))}"
    yield from fitted("\n".join([title, "", f"From {names}.", "", *lines, "", where, ""]), sections(delta))


def sections(delta: Delta) -> list[Section]:
    """Return the tables of a comparison: by kind of work, and the places, the hardest first."""
    found = []
    rows = [row([each.title, number(each.before), *_signed(each), number(each.after)]) for each in tallies(delta)]
    if rows:
        table = head(["work", "before:", "added:", "removed:", "other:", "after:"]) + "".join(rows)
        found.append(Section("Change by kind of work", table))
    for title, findings in _lists(delta):
        rows = [
            row([each.work.value, code(_where(each)), each.rule, plain(_clipped(each.message))])
            for each in findings[:_SHOWN]
        ]
        more = len(findings) - _SHOWN
        rest = f"\n{count(more, 'more place')}.\n" if more > 0 else ""
        table = head(["work", "place", "rule", "what to do"]) + "".join(rows) + rest
        found.append(Section(f"{title.capitalize()}: {count(len(findings), 'place')}", table))
    return found


def _change(added: int, removed: int) -> str:
    if not added and not removed:
        return "no change in what is to change"
    return f"{count(added, 'place')} to change added, {number(removed)} removed"


def _where(finding: Finding) -> str:
    cell = "" if finding.span.cell is None else f"cell {finding.span.cell}:"
    return _clipped(f"{finding.path}:{cell}{finding.span.line}")


def _clipped(text: str) -> str:
    return text if len(text) <= _CLIP else f"{text[: _CLIP - 3]}..."


def _json(delta: Delta) -> Iterator[str]:
    row = json_report.finding_row()
    yield "{"
    for name, value in _head(delta):
        yield f'"{name}": {json.dumps(value)},\n '
    for name, findings in (("added", delta.added), ("removed", delta.removed), ("suppressed", delta.suppressed)):
        yield from json_report.array(name, map(row, findings))
        yield ",\n "
    yield from json_report.array("unseen", map(row, delta.unseen))
    yield ",\n "
    yield from json_report.array(
        "changed", (f'{{"old": {row(pair.old)}, "new": {row(pair.new)}}}' for pair in delta.changed)
    )
    yield "}\n"


def _head(delta: Delta) -> list[tuple[str, Any]]:
    return [
        ("schema", SCHEMA_NAME),
        ("tool", {"name": "portcheck", "version": __version__}),
        ("old", _side_document(delta.old)),
        ("new", _side_document(delta.new)),
        (
            "summary",
            {
                "added": _by_work(delta.added),
                "removed": _by_work(delta.removed),
                "suppressed": len(delta.suppressed),
                "unseen": len(delta.unseen),
                "changed": len(delta.changed),
                "kept": delta.kept,
            },
        ),
        ("notes", list(delta.notes)),
    ]


def _side_document(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "pack": side.pack,
        "target": side.target._asdict(),
        "files": len(side.files),
        "by_work": _by_work(side.findings),
        "person_days": _range(side.days),
        "edits": _range(side.edits),
    }


def _range(value: Any | None) -> Any:
    return value and value._asdict()


def _by_work(findings: Sequence[Finding]) -> dict[str, int]:
    return {work.value: sum(each.work is work for each in findings) for work in _WORKS}
