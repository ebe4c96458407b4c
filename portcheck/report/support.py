"""What the vendor's tables say of the names of PyTorch in use: a summary for people, and every name as plain values."""

from __future__ import annotations

from typing import Any

from portcheck.model import ListedApi, Report, Support
from portcheck.report import summary
from portcheck.report.layout import Page, first
from portcheck.report.words import count, number

_NAMES = 8


def support(report: Report, totals: summary.Counts, page: Page, verbose: bool) -> list[str]:
    """Return how many names the vendor marks how, and those it refuses; none when no table was asked."""
    rows = [row for row in report.apis if row.support is not Support.UNLISTED]
    if not rows:
        return []
    refused = [row for row in rows if row.support is Support.UNSUPPORTED]
    limited = sum(row.support is Support.RESTRICTED for row in rows)
    plain = len(rows) - limited - len(refused)
    listed = f"Of {count(len(rows), 'name')} of PyTorch in its tables, {number(plain)} {'is' if plain == 1 else 'are'} "
    listed += "marked supported, "
    listed += f"{number(limited)} with limits, {number(len(refused))} not."
    lines = page.paragraph(listed, 2, 2)
    look = [row for row in refused if row.look]
    built = [row for row in refused if not row.look]
    if look:
        card = report.target.hardware.upper()
        text = f"{count(len(look), 'API')} not marked supported on {card}, at {_places(look)}: {_named(look, verbose)}."
        lines += page.paragraph(text, 2, 2)
    if built:
        text = (
            f"{number(len(built))} more (at {_places(built)}) are written in Python or built of other operators, and "
        )
        text += f"marked on another card; they run where those do: {_named(built, verbose)}."
        lines += page.paragraph(text, 2, 2)
    return lines


def document(rows: tuple[ListedApi, ...]) -> list[dict[str, Any]]:
    """Return every name in use as a dictionary."""
    return [{**row._asdict(), "support": row.support.value} for row in rows]


def _places(rows: list[ListedApi]) -> str:
    return count(sum(row.places for row in rows), "place")


def _named(rows: list[ListedApi], verbose: bool) -> str:
    shown = first(rows, _NAMES, verbose)
    names = ", ".join(f"{row.name} ({number(row.places)})" for row in shown)
    return f"{names} and {number(len(rows) - len(shown))} more" if len(shown) < len(rows) else names
