"""The changes of `portcheck fix` as fixes of a SARIF log: for each finding the lines that change, and those of imports.

A fix has to stand alone. What needs a module that is not there yet, or lies in a notebook, is left to `portcheck fix`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from portcheck.fix.document import document
from portcheck.fix.files import FileFix
from portcheck.fix.named import OFFERED
from portcheck.fix.run import Fixes
from portcheck.model import Finding, Safety
from portcheck.records import NamedTuple

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_OFFERED = re.compile(rf"\b(?:{'|'.join(map(re.escape, OFFERED))})\b")


class Hunk(NamedTuple):
    """Lines of a file that change: the first, the one after the last, both from 1, and what stands there afterwards.

    `tail` is the column after the end of the file's last line, where that has no line end and is among them.
    """

    first: int
    end: int
    text: str
    tail: int = 0


def of(found: Fixes, findings: Sequence[Finding]) -> dict[int, tuple[Hunk, ...]]:
    """Return the fixes of findings, by their place in the sequence."""
    asked: dict[str, list[int]] = {}
    for place, each in enumerate(findings):
        if each.fixable is Safety.SAFE and each.span.cell is None:
            asked.setdefault(each.path, []).append(place)
    fixes: dict[int, tuple[Hunk, ...]] = {}
    for file in found.files:
        if file.changed and file.path in asked:
            spans = {place: findings[place].span.line for place in asked[file.path]}
            fixes.update(_file(_hunks(file), spans, alone=not found.made))
    return fixes


def document_of(hunks: Iterable[Hunk], location: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the property `fixes` of a result."""
    replacements = [{"deletedRegion": _region(hunk), "insertedContent": {"text": hunk.text}} for hunk in hunks]
    return [
        {
            "description": {"text": "What `portcheck fix` makes of it."},
            "artifactChanges": [{"artifactLocation": dict(location), "replacements": replacements}],
        }
    ]


def _region(hunk: Hunk) -> dict[str, int]:
    end = {"endLine": hunk.end - 1, "endColumn": hunk.tail} if hunk.tail else {"endLine": hunk.end, "endColumn": 1}
    return {"startLine": hunk.first, "startColumn": 1, **end}


def _file(hunks: Sequence[Hunk], lines: Mapping[int, int], alone: bool) -> Iterator[tuple[int, tuple[Hunk, ...]]]:
    """The fixes of the findings of a file, by their number; `alone` says that nothing needs a module of its own."""
    own = {place: hunk for place, line in lines.items() for hunk in hunks if hunk.first <= line < hunk.end}
    beside = [hunk for hunk in hunks if hunk not in own.values()]
    needing = [] if alone else [hunk for hunk in hunks if _OFFERED.search(hunk.text)]
    if any(hunk in needing and hunk.text.count("\n") > 1 for hunk in beside):
        return
    for place, hunk in own.items():
        if hunk not in needing:
            yield place, tuple(sorted((hunk, *(each for each in beside if each not in needing))))


def _hunks(file: FileFix) -> list[Hunk]:
    """The lines in which two texts of a file differ."""
    old, new = (document(data) for data in (file.old, file.new))
    if old is None or new is None or old.mark:
        return []
    before, after = _LINE.findall(old.text), _LINE.findall(new.text)
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    stretches = [each for kind, *each in codes if kind != "equal"]
    return [_hunk(before, after, *each) for stretch in stretches for each in _single(*stretch)]


def _single(first: int, end: int, start: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """A stretch line by line, where as many lines stand there afterwards as before."""
    if end - first != stop - start:
        yield first, end, start, stop
    else:
        yield from ((first + at, first + at + 1, start + at, start + at + 1) for at in range(end - first))


def _hunk(before: Sequence[str], after: Sequence[str], first: int, end: int, start: int, stop: int) -> Hunk:
    open_end = end == len(before) and end > first and not before[-1].endswith(("\n", "\r"))
    return Hunk(first + 1, end + 1, "".join(after[start:stop]), len(before[-1]) + 1 if open_end else 0)
