"""The code around findings, read again from the files that were scanned, bounded in time, size and lines.

What a file holds is text to show and nothing more: characters that no font shows, or that would turn the reading order,
become one visible mark each, so that columns stay where they are.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Optional

from portcheck.model import Finding, Kind, Report
from portcheck.records import NamedTuple
from portcheck.sources.decode import decode
from portcheck.sources.notebook import code_cells
from portcheck.worker import load

AROUND = 3
"""Lines that are shown before and after a place."""

TALLEST = 12
"""Lines of one place that are shown; the first of them."""

WIDEST = 300
"""Characters of a line that are shown."""

LARGEST = 8_000_000
"""Characters that the excerpts of one report hold."""

_BREAK = re.compile(r"\r\n?|\n")
_MARK = "\N{REPLACEMENT CHARACTER}"

Place = tuple[str, Optional[int]]
"""A file, or a cell of a notebook."""


class Excerpt(NamedTuple):
    """Consecutive lines of a file or cell, and the number of the first."""

    first: int
    lines: tuple[str, ...]


def excerpts(report: Report) -> Iterator[tuple[Place, tuple[Excerpt, ...]]]:
    """Yield the code around the findings of a report, by file and cell, as long as there is room for it.

    The files with the hardest work come first, so that what is left out is what needs a look least. A file that is
    gone, or is no longer what it was, yields nothing, or what stands there now.
    """
    kinds = {file.path: file.kind for file in report.files}
    left = LARGEST
    for path, findings in _hardest_first(report.findings):
        texts = lines_of(report.root, path, kinds.get(path, Kind.OTHER))
        for cell, spans in _by_cell(findings).items():
            lines = texts.get(cell, ())
            found = tuple(Excerpt(low, _shown(lines[low - 1 : high])) for low, high in _merged(spans, len(lines)))
            left -= sum(len(line) + 1 for excerpt in found for line in excerpt.lines)
            if left < 0:
                return
            if found:
                yield (path, cell), found


def visible(line: str) -> str:
    """Return a line with one mark for every character that cannot be shown; tabs stay."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() or char == "\t" else _visible(char) for char in line)


def _visible(char: str) -> str:
    if unicodedata.category(char) == "Zs":
        return " "
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else _MARK


def _hardest_first(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.path].append(finding)
    order = {work: place for place, work in enumerate(type(findings[0].work))} if findings else {}
    return sorted(groups.items(), key=lambda group: -max(order[each.work] for each in group[1]))


def _by_cell(findings: Iterable[Finding]) -> dict[int | None, list[tuple[int, int]]]:
    """The lines that findings stand on, by cell."""
    found: dict[int | None, list[tuple[int, int]]] = defaultdict(list)
    for each in findings:
        last = min(max(each.span.line, each.span.end_line), each.span.line + TALLEST - 1)
        found[each.span.cell].append((each.span.line, last))
    return found


def _merged(spans: Iterable[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """The lines to show: those of the places and around them, stretches that meet joined."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        low, high = max(1, first - AROUND), min(count, last + AROUND)
        if first > count:
            continue
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _shown(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(visible(line if len(line) <= WIDEST else f"{line[:WIDEST]}\N{HORIZONTAL ELLIPSIS}") for line in lines)


def lines_of(root: str, path: str, kind: Kind, content: bytes | None = None) -> Mapping[int | None, Sequence[str]]:
    """Return the lines of a file, or those of each code cell of a notebook; nothing when it cannot be read.

    `content` is that of the file, if it is not to be read again.
    """
    try:
        data = load(root, path)[1] if content is None else content
        if kind is Kind.NOTEBOOK:
            cells = code_cells(json.loads(data))
            return {number: _BREAK.split(text) for number, text in enumerate(cells, 1)}
        return {None: _BREAK.split(decode(data).text or "")}
    except (OSError, ValueError, RecursionError):
        return {}
