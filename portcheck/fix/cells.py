"""One pass over a notebook: its cells of code are one module to Python, so that is how they are changed.

Between two cells stands a comment that no source holds, and lines that are no Python, such as magics and what a shell
runs, are hidden behind a `pass` or in a comment. Among these, only words are replaced.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256

from portcheck.fix.document import Document
from portcheck.fix.notebook import code, rewrite
from portcheck.fix.plan import Left, Pass, Style
from portcheck.fix.python import one_pass
from portcheck.fix.stretches import replaced
from portcheck.model import Finding, Span
from portcheck.records import NamedTuple
from portcheck.sources.magics import read_cell


class Joined(NamedTuple):
    """Cells as one text: their numbers in order, the lines before each, the lines that are hidden, counted from 1.

    `word` sets apart what was added.
    """

    text: str
    numbers: Sequence[int]
    before: dict[int, int]
    hidden: frozenset[int]
    word: str


def in_cells(document: Document, text: str, findings: Sequence[Finding], style: Style) -> Pass:
    """Return what one pass makes of a notebook; the findings are those of this very text that may be changed.

    Raises:
        SyntaxError: it is no notebook, or the cells do not fit together.
    """
    try:
        joined = join(code(text))
    except ValueError as error:
        raise SyntaxError(str(error)) from error
    origin: dict[int, Finding] = {}
    asked: dict[bool, list[Finding]] = {True: [], False: []}
    left: list[Left] = []
    lines = joined.text.split("\n")
    for finding in findings:
        span = _span(finding.span, joined, lines)
        if span is None:
            left.append(Left(finding, "the cell is no plain Python"))
            continue
        moved = finding._replace(span=span)
        origin[id(moved)] = finding
        asked[span.line in joined.hidden].append(moved)
    held = (_span(span, joined, lines) for span in style.held)
    style = style._replace(held=tuple(span for span in held if span is not None))
    document = document._replace(newline="\n")
    words = replaced(document, joined.text, asked[True], style)
    done = one_pass(document, words.text, asked[False], style)
    left += [each._replace(finding=origin[id(each.finding)]) for each in (*words.left, *done.left)]
    made = tuple(origin[id(each)] for each in (*words.made, *done.made))
    return Pass(rewrite(text, split(joined, done.text)), made, tuple(left))


def _span(span: Span, joined: Joined, lines: Sequence[str]) -> Span | None:
    """Where a place of a cell is in the whole: of a hidden line all of it; None when the cell is left out."""
    more = joined.before.get(span.cell or 0)
    if more is None:
        return None
    line = span.line + more
    if line in joined.hidden:
        return Span(line, 1, line, len(lines[line - 1]) + 1)
    return span._replace(line=line, end_line=span.end_line + more, cell=None)


def module(text: str) -> str:
    """Return the cells of a notebook as one Python text; empty when it is no notebook."""
    try:
        return join(code(text)).text
    except ValueError:
        return ""


def join(sources: dict[int, str]) -> Joined:
    """Return cells as one Python text, without those that do not parse."""
    word = "cell" + sha256("\0".join(sources.values()).encode("utf-8", "replace")).hexdigest()[:12]
    lines: list[str] = []
    before: dict[int, int] = {}
    hidden: list[int] = []
    for number, source in sources.items():
        rows = [*_rows(source, word)]
        if _parses("\n".join(text for text, _ in rows)):
            lines += [f"# {word}: {number}"] if before else []
            before[number] = len(lines)
            hidden += [at for at, (_, is_hidden) in enumerate(rows, len(lines) + 1) if is_hidden]
            lines += [text for text, _ in rows]
    return Joined("\n".join(lines), tuple(before), before, frozenset(hidden), word)


def _rows(source: str, word: str) -> Iterator[tuple[str, bool]]:
    """The lines of a cell, and whether they are hidden."""
    cell = read_cell(source)
    foreign = source.lstrip().startswith("%%") and not any(
        line and at not in cell.changed for at, line in enumerate(cell.lines)
    )
    goes_on = False
    for line, python in zip(source.split("\n"), cell.lines):
        is_hidden = line != python and bool(line.strip())
        bare = line.lstrip(" \t")
        if not is_hidden:
            yield line, False
        elif foreign or goes_on or line.startswith("%%"):
            yield f"# {word}|{line}", True
        else:
            yield f"{line[: len(line) - len(bare)]}pass  # {word}|{bare}", True
        goes_on = is_hidden and line.rstrip().endswith("\\")


def split(joined: Joined, text: str) -> dict[int, str]:
    """Return the sources of the cells after a change of the whole.

    Raises:
        SyntaxError: they can no longer be told apart.
    """
    parts = re.split(rf"\n# {joined.word}: (\d+)\n", text)
    if [*map(int, parts[1::2])] != [*joined.numbers[1:]]:
        raise SyntaxError("the cells can no longer be told apart")
    shown = re.compile(rf"^(?:([ \t]*)pass  )?# {joined.word}\|", re.MULTILINE)
    return {
        number: shown.sub(lambda found: found.group(1) or "", part) for number, part in zip(joined.numbers, parts[::2])
    }


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
