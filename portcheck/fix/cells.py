"""One pass over a notebook: its cells of code are one module to Python, so that is how they are changed.

Between two cells stands a comment that no source holds; lines for IPython are hidden behind `pass`. What is no Python
all the same, such as a cell for another language, is left out and stays as it is.
"""

from __future__ import annotations

import ast
import re
from hashlib import sha256
from typing import Dict, List, NamedTuple, Sequence

from portcheck.fix.document import Document
from portcheck.fix.notebook import code, rewrite
from portcheck.fix.plan import Left, Pass, Style
from portcheck.fix.python import one_pass
from portcheck.model import Finding

_AROUND = re.compile(r"%%(time|timeit|capture|prun)\b")
_MAGIC = re.compile(r"^([ \t]*)((?:[%!?]|[\w, ]+=[ \t]*[!%])[^\n]*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)


class Joined(NamedTuple):
    """Cells as one text: their numbers in order, the lines before each, and the word that sets apart what was added."""

    text: str
    numbers: Sequence[int]
    before: Dict[int, int]
    word: str


def in_cells(document: Document, text: str, findings: Sequence[Finding], style: Style) -> Pass:
    """Return what one pass makes of a notebook; the findings are those of this very text that may be changed.

    Raises:
        SyntaxError: it is no notebook, or the cells do not fit together.
    """
    try:
        sources = code(text)
    except ValueError as error:
        raise SyntaxError(str(error)) from error
    joined = join(sources)
    moved: Dict[int, Finding] = {}
    left: List[Left] = []
    asked: List[Finding] = []
    for finding in findings:
        cell, span = finding.span.cell, finding.span
        if cell is None or cell not in joined.before:
            left.append(Left(finding, "the cell is no plain Python"))
            continue
        more = joined.before[cell]
        span = span._replace(line=span.line + more, end_line=span.end_line + more, cell=None)
        asked.append(finding._replace(span=span))
        moved[id(asked[-1])] = finding
    done = one_pass(document._replace(newline="\n"), joined.text, asked, style)
    left += [each._replace(finding=moved[id(each.finding)]) for each in done.left]
    new = rewrite(text, split(joined, done.text))
    return Pass(new, tuple(moved[id(each)] for each in done.made), tuple(left))


def module(text: str) -> str:
    """Return the cells of a notebook as one Python text; empty when it is no notebook."""
    try:
        return join(code(text)).text
    except ValueError:
        return ""


def join(sources: Dict[int, str]) -> Joined:
    """Return cells as one Python text, without those that do not parse."""
    word = "cell" + sha256("\0".join(sources.values()).encode("utf-8", "replace")).hexdigest()[:12]
    parts: List[str] = []
    before: Dict[int, int] = {}
    lines = 0
    for number, source in sources.items():
        plain = _MAGIC.sub(rf"\1pass  # {word}\2", source)
        if (source.startswith("%%") and not _AROUND.match(source)) or not _parses(plain):
            continue
        parts.append((f"\n# {word} {number}\n" if parts else "") + plain)
        lines += 2 if before else 0
        before[number] = lines
        lines += plain.count("\n")
    return Joined("".join(parts), tuple(before), before, word)


def split(joined: Joined, text: str) -> Dict[int, str]:
    """Return the sources of the cells after a change of the whole.

    Raises:
        SyntaxError: they can no longer be told apart.
    """
    parts = re.split(rf"\n# {joined.word} (\d+)\n", text)
    if [*map(int, parts[1::2])] != [*joined.numbers[1:]]:
        raise SyntaxError("the cells can no longer be told apart")
    shown = re.compile(rf"^([ \t]*)pass  # {joined.word}", re.MULTILINE)
    return {number: shown.sub(r"\1", part) for number, part in zip(joined.numbers, parts[::2])}


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
