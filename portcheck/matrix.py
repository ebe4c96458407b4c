"""One repository judged for every version and card that there are tables for, from one reading."""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple, Tuple

from portcheck.model import TO_DO, Finding, Support, Work


class Cell(NamedTuple):
    """One version and card: places by kind of work, and the APIs that the vendor says no to, with their places."""

    torch: str
    hardware: str
    work: Mapping[Work, int]
    refused: Mapping[str, int]

    @property
    def to_change(self) -> int:
        """Places that ask for a change."""
        return sum(count for work, count in self.work.items() if work in TO_DO)


class Matrix(NamedTuple):
    """All cells, versions across and cards down."""

    root: str
    target: str
    versions: Tuple[str, ...]
    cards: Tuple[str, ...]
    cells: Tuple[Cell, ...]
    files: int
    lines: int

    def cell(self, torch: str, hardware: str) -> Cell:
        """The cell of a version and card."""
        return next(cell for cell in self.cells if (cell.torch, cell.hardware) == (torch, hardware))


def cell_of(torch: str, hardware: str, findings: Tuple[Finding, ...]) -> Cell:
    """Count the findings of one version and card."""
    work: Dict[Work, int] = dict.fromkeys(Work, 0)
    refused: Dict[str, int] = {}
    for finding in findings:
        work[finding.work] += 1
        if finding.support is Support.UNSUPPORTED and finding.work is not Work.NONE:
            refused[finding.subject] = refused.get(finding.subject, 0) + 1
    return Cell(torch, hardware, work, dict(sorted(refused.items(), key=lambda item: (-item[1], item[0]))))
