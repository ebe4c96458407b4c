"""One repository judged for every version and card that there are tables for, from one reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from portcheck import listed
from portcheck.listed import Tables
from portcheck.match import Judge, RuleIndex
from portcheck.model import TO_DO, ApiUse, Certainty, Fact, FileFacts, Finding, Role, Span, Support, Work
from portcheck.records import NamedTuple
from portcheck.wording import subject_of

_NOWHERE = Span(1, 1, 1, 1)


class Cell(NamedTuple):
    """One version and card: places by kind of work, APIs that the vendor says no to, and what blocks, with places."""

    torch: str
    hardware: str
    work: Mapping[Work, int]
    refused: Mapping[str, int]
    blockers: Mapping[str, int]

    @property
    def to_change(self) -> int:
        """Places that ask for a change."""
        return sum(count for work, count in self.work.items() if work in TO_DO)


class Matrix(NamedTuple):
    """All cells, versions across and cards down."""

    root: str
    target: str
    versions: tuple[str, ...]
    cards: tuple[str, ...]
    cells: tuple[Cell, ...]
    files: int
    lines: int

    def cell(self, torch: str, hardware: str) -> Cell:
        """The cell of a version and card."""
        return next(cell for cell in self.cells if (cell.torch, cell.hardware) == (torch, hardware))


class Condensed(NamedTuple):
    """All files as one: facts that differ in more than their place, on lines of their own, with how often they stand.

    `apis` are uses of one name in a file, with how many files have them just so and no finding of that name.
    """

    facts: FileFacts
    places: tuple[int, ...]
    apis: tuple[tuple[tuple[ApiUse, ...], int], ...]

    def findings(self, judge: Judge, tables: Tables) -> list[tuple[Finding, int]]:
        """What the facts mean and the tables have to say, with how often."""
        judged = judge.findings("", Role.SOURCE, self.facts)
        found = [(finding, self.places[finding.span.line - 1]) for finding in judged]
        for uses, files in self.apis:
            found.extend((finding, files) for finding in listed.findings("", Role.SOURCE, uses, tables))
        return found


def condensed(files: Sequence[FileFacts], index: RuleIndex) -> Condensed:
    """Return files as one, for what is judged many times over; `index` tells which facts make findings."""
    facts: Counter[Fact] = Counter()
    apis: Counter[tuple[ApiUse, ...]] = Counter()
    for file in files:
        held = [fact for fact in file.facts if index.rule_of(fact)]
        facts.update(fact._replace(span=_NOWHERE, scope="", certainty=Certainty.EXACT) for fact in held)
        for uses in listed.unspoken(file.apis, map(subject_of, held)):
            apis[tuple(sorted({use._replace(places=1, span=_NOWHERE) for use in uses}))] += 1
    placed = (fact._replace(span=Span(line, 1, line, 1)) for line, fact in enumerate(facts, 1))
    return Condensed(FileFacts(facts=tuple(placed)), tuple(facts.values()), tuple(apis.items()))


def cell_of(torch: str, hardware: str, findings: Iterable[tuple[Finding, int]]) -> Cell:
    """Count the findings of one version and card, each with how often it stands."""
    work: dict[Work, int] = dict.fromkeys(Work, 0)
    refused: dict[str, int] = {}
    blockers: dict[str, int] = {}
    for finding, places in findings:
        work[finding.work] += places
        if finding.work is Work.BLOCKER:
            blockers[finding.subject] = blockers.get(finding.subject, 0) + places
        if finding.support is Support.UNSUPPORTED and finding.work is not Work.NONE:
            refused[finding.subject] = refused.get(finding.subject, 0) + places
    return Cell(torch, hardware, work, _most_first(refused), _most_first(blockers))


def _most_first(names: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(names.items(), key=lambda item: (-item[1], item[0])))
