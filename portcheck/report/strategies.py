"""The strategies side by side: what is left to do under each, and which one is advised, as text and as plain values."""

from __future__ import annotations

from typing import Any

from portcheck.model import Comparison, Outcome, Report, Work
from portcheck.report import summary
from portcheck.report.escape import cells
from portcheck.report.layout import Cell, Column, Page
from portcheck.report.words import count, number, span
from portcheck.strategy import SHIM

_WORKS = (Work.RENAME, Work.CONFIG, Work.REWRITE, Work.BLOCKER)


def strategies(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return the table of strategies, what the shim does, and the advice; none when nothing has to change."""
    found = report.comparison
    if found is None or not any(outcome.to_change for outcome in found.outcomes):
        return []
    lines = _table(found, page, (*_WORKS, Work.VERIFY))
    if any(cells(line) > page.width for line in _table(found, page._replace(color=False), (*_WORKS, Work.VERIFY))):
        lines = _table(found, page, ())
    for sentence in (*sentences(found), f"Advised: {found.advised}, as {found.reason}."):
        lines += page.paragraph(sentence, 2, 2)
    return lines


def sentences(found: Comparison) -> list[str]:
    """Return what a reader must know of the strategies beside the numbers."""
    said = []
    for outcome in found.outcomes:
        if outcome.strategy == SHIM:
            off = f"; it disables {', '.join(outcome.disabled)}" if outcome.disabled else ""
            left = f"leaves {number(outcome.unreached)} to change"
            said.append(f"The shim, one import, handles {count(outcome.handled, 'place')} at run time and {left}{off}.")
        elif outcome.named and outcome.strategy == found.outcomes[-1].strategy:
            verb = "names" if outcome.named == 1 else "name"
            few = f"{number(outcome.named)} of the renames {verb} the target under {outcome.strategy} too"
            said.append(f"{few}: no drop-in for every accelerator is known.")
    return said


def document(found: Comparison) -> dict[str, Any]:
    """Return the comparison as dictionaries, lists, texts and numbers."""
    rows = [
        {
            **outcome._asdict(),
            "by_work": {work.value: places for work, places in outcome.by_work},
            "to_change": outcome.to_change,
            "disabled": list(outcome.disabled),
            "edits": outcome.edits._asdict() if outcome.edits else None,
            "person_days": outcome.person_days._asdict() if outcome.person_days else None,
        }
        for outcome in found.outcomes
    ]
    document = {"advised": found.advised, "reason": found.reason, "auto": found.auto, "ported": found.ported}
    return {**document, "compared": rows}


def _table(found: Comparison, page: Page, works: tuple[Work, ...]) -> list[str]:
    """The table with these kinds of work; a narrow page has no room for them."""
    titles = ("to change", *(work.value for work in works), "lines", "days")
    columns = [Column("strategy", cut="tail"), *(Column(title, right=True) for title in titles)]
    return page.table(columns, [_row(outcome, found, works) for outcome in found.outcomes])


def _row(outcome: Outcome, found: Comparison, works: tuple[Work, ...]) -> list[Cell]:
    work = dict(outcome.by_work)
    counts = (outcome.to_change, *(work.get(kind, 0) for kind in works))
    style = "bold" if outcome.strategy == found.advised else ""
    return [
        Cell(outcome.strategy, style),
        *(Cell(number(places) if places else "-") for places in counts),
        Cell(span(outcome.edits)),
        Cell(span(outcome.person_days)),
    ]
