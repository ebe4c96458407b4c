"""The matrix of versions and cards as text, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from portcheck.matrix import Matrix
from portcheck.model import Work
from portcheck.report.escape import escape
from portcheck.report.layout import Page

_SHOWN = 6
_WORKS = (Work.BLOCKER, Work.REWRITE, Work.CONFIG, Work.RENAME, Work.VERIFY)


def chunks(matrix: Matrix, fmt: str, width: int, color: bool) -> Iterator[str]:
    """Yield the matrix in the format text or json."""
    if fmt == "json":
        yield _json(matrix)
        return
    page = Page(width, color)
    for line in (*_head(matrix, page), *_table(matrix, page), *_blockers(matrix, page), *_refused(matrix, page)):
        yield line + "\n"


def _head(matrix: Matrix, page: Page) -> list[str]:
    read = f"{matrix.files:,} files, {matrix.lines:,} lines, read once"
    return [*page.paragraph(f"Scanned  {matrix.root}", 0), f"Read     {read}", f"Target   {matrix.target}", ""]


def _table(matrix: Matrix, page: Page) -> list[str]:
    """Rows are the kinds of work on each card, columns the versions."""
    out = [page.paint("PLACES BY PYTORCH VERSION AND CARD", "bold")]
    out.append(f"  {'card':6}{'work':12}" + "".join(f"{version:>9}" for version in matrix.versions))
    for card in matrix.cards:
        cells = [matrix.cell(version, card) for version in matrix.versions]
        name = card.upper()
        for work in _WORKS:
            if any(cell.work[work] for cell in cells):
                out.append(f"  {name:6}{work.value:12}" + "".join(f"{cell.work[work]:>9,}" for cell in cells))
                name = ""
        refused = "".join(f"{sum(cell.refused.values()):>9,}" for cell in cells)
        out.append(f"  {name:6}{'refused*':12}{refused}")
    out.extend(
        page.paragraph(
            "* places whose API the vendor's table of that version marks as not supported for now on the card."
        )
    )
    return out


def _blockers(matrix: Matrix, page: Page) -> list[str]:
    """What nothing does on which cards and versions, those alike together."""
    where: dict[str, list[str]] = {}
    for card in matrix.cards:
        cells = [matrix.cell(version, card) for version in matrix.versions]
        for name in dict.fromkeys(name for cell in cells for name in cell.blockers):
            there = [cell.torch for cell in cells if name in cell.blockers]
            with_torch = "" if len(there) == len(cells) else f" with PyTorch {', '.join(there)}"
            where.setdefault(name, []).append(f"{card.upper()}{with_torch}")
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, places in where.items():
        most = max(cell.blockers.get(name, 0) for cell in matrix.cells)
        groups.setdefault(tuple(places), []).append(f"{escape(name)} ({most:,})")
    out: list[str] = []
    everywhere = tuple(card.upper() for card in matrix.cards)
    for on, names in groups.items():
        title = "EVERY CARD" if on == everywhere else " AND ".join(on)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        out.extend(["", page.paint(f"BLOCKED ON {title}", "bold")])
        out.extend(page.paragraph(", ".join(names[:_SHOWN]) + more))
    return out


def _refused(matrix: Matrix, page: Page) -> list[str]:
    """What the newest table says no to, card by card; a version is named where it differs."""
    out: list[str] = []
    newest = matrix.versions[-1]
    for card in matrix.cards:
        refused = matrix.cell(newest, card).refused
        if refused:
            shown = [f"{name} ({count:,})" for name, count in list(refused.items())[:_SHOWN]]
            more = f" and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
            out.extend(["", page.paint(f"REFUSED ON {card.upper()} WITH PYTORCH {newest}", "bold")])
            out.extend(page.paragraph(", ".join(shown) + more))
    if out:
        out.append("")
        out.extend(page.paragraph("portcheck explain NAME shows the vendor's word on each, with page and line.", 0))
    return out


def _json(matrix: Matrix) -> str:
    cells = [
        {
            "torch": cell.torch,
            "hardware": cell.hardware,
            "by_work": {work.value: count for work, count in cell.work.items()},
            "to_change": cell.to_change,
            "refused": dict(cell.refused),
            "blockers": dict(cell.blockers),
        }
        for cell in matrix.cells
    ]
    head = {"schema": "portcheck-matrix/1", "root": matrix.root, "target": matrix.target, "cells": cells}
    return json.dumps(head, indent=1) + "\n"
