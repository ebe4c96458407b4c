"""Lays out plain text for a terminal: paragraphs, tables, shortened paths, and a little colour.

Colour is written as plain ANSI codes: importing what `rich` needs for tables took 59 to 84 ms (Python 3.11, four runs),
several times a bare start of the interpreter, and the report needs only a handful of styles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO, TypeVar

from portcheck.records import NamedTuple
from portcheck.report.escape import cells, escape

_CODES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32", "cyan": "36"}
_GAP = 2
_COMFORTABLE = 24
_NARROWEST = 8

Row = TypeVar("Row")


class Column(NamedTuple):
    """A table column: `right` aligns numbers, `cut` says which end goes when space is short (head, tail, or none)."""

    title: str
    right: bool = False
    cut: str = ""


class Cell(NamedTuple):
    """One table cell and the style it is painted in."""

    text: str
    style: str = ""


class Page(NamedTuple):
    """How to print: columns there are, and whether colour is wanted."""

    width: int
    color: bool

    def paint(self, text: str, style: str) -> str:
        """Return `text` in `style`, or as it is on a page without colour."""
        if not (self.color and style and text):
            return text
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m"

    def paragraph(self, text: str, indent: int = 2, hang: int = 0) -> list[str]:
        """Return `text`, escaped, wrapped at the page's width; later lines stand `hang` columns further in."""
        lines: list[str] = []
        margin, words = " " * indent, ""
        for word in escape(text).split(" "):
            for piece in _pieces(word, self.width - indent - hang):
                if words and cells(margin) + cells(words) + 1 + cells(piece) > self.width:
                    lines.append((margin + words).rstrip())
                    margin, words = " " * (indent + hang), piece
                else:
                    words = f"{words} {piece}" if words else piece
        return [*lines, margin + words] if words else lines

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], indent: int = 2) -> list[str]:
        """Return a header line and one line a row; columns with `cut` give way when the page is too narrow."""
        clean = [[Cell(escape(cell.text), cell.style) for cell in row] for row in rows]
        widths = _widths(columns, clean, self.width - indent)
        header = [Cell(column.title, "dim") for column in columns]
        return [" " * indent + self._row(columns, row, widths) for row in [header, *clean]]

    def _row(self, columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int]) -> str:
        """Return one padded line; the last column is not padded, so that no line ends in blanks."""
        parts = []
        for column, cell, width in zip(columns, row, widths):
            text = shorten(cell.text, width, column.cut or "tail")
            fill = " " * (width - cells(text))
            painted = self.paint(text, cell.style)
            parts.append(fill + painted if column.right else painted + fill)
        return (" " * _GAP).join(parts).rstrip()


def first(rows: Sequence[Row], limit: int, verbose: bool) -> Sequence[Row]:
    """Return the rows to show: the first `limit`, or all."""
    return rows if verbose else rows[:limit]


def left_out(page: Page, rows: Sequence[object], limit: int, verbose: bool, noun: str) -> list[str]:
    """Return the line that says how many rows are not shown, if any."""
    rest = 0 if verbose else max(len(rows) - limit, 0)
    many = "" if rest == 1 else "s"
    return page.paragraph(f"... and {rest:,} more {noun}{many} (all with --verbose)") if rest else []


def shorten(text: str, width: int, cut: str = "tail") -> str:
    """Return `text` in at most `width` columns, `...` standing for the end that went: `head` (for paths) or `tail`."""
    if cells(text) <= width:
        return text
    if cut == "head":
        return "..." + _fitting(text[::-1], width - 3)[::-1]
    return _fitting(text, width - 3).rstrip() + "..."


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether to colour what goes to `stream`: a terminal that is not dumb, and no NO_COLOR (no-color.org)."""
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and stream.isatty()


def _fitting(text: str, width: int) -> str:
    """Return the longest start of `text` that takes at most `width` columns."""
    used = 0
    for position, char in enumerate(text):
        used += cells(char)
        if used > width:
            return text[:position]
    return text


def _pieces(word: str, width: int) -> tuple[str, ...]:
    """Return a word, cut where it is longer than a whole line."""
    pieces = []
    while cells(word) > width:
        pieces.append(_fitting(word, width))
        word = word[len(pieces[-1]) :]
    return (*pieces, word)


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], room: int) -> list[int]:
    """Return column widths: as wide as the content; the last of the columns that may give way is narrowed first."""
    widths = [max([cells(c.title), *(cells(row[i].text) for row in rows)]) for i, c in enumerate(columns)]
    excess = sum(widths) + _GAP * (len(widths) - 1) - room
    for least in (_COMFORTABLE, _NARROWEST):
        for index in reversed(range(len(columns))):
            if columns[index].cut and excess > 0 and widths[index] > least:
                narrowed = max(least, widths[index] - excess)
                excess -= widths[index] - narrowed
                widths[index] = narrowed
    return widths
