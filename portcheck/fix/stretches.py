"""One pass over a file that is not Python: the few characters that a finding is about are replaced, and nothing else.

What stands in the file decides where an edit goes, not the format: the text in question is looked for in the span of
the finding, and for a variable that is set, right before it. What is not there, letter by letter, is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import Pattern

from portcheck.fix.document import Document
from portcheck.fix.edits import Edit, Places, apply, fit
from portcheck.fix.plan import CannotFix, Left, Pass, Style
from portcheck.model import Category, Finding

LOCKED = "locked"
"""The guard of what follows from another file."""

FOLLOWS = "follows from another file: change that, and lock again"
"""Why what is locked is left as it is."""

_PLAIN = re.compile(r"[\w./@+-](?:[\w./:@+{}=-]|(?<!:) (?=[\w.-]))*(?<!:)")
_QUOTED = re.compile(r"([\"'])(.*)\1", re.DOTALL)
_MARKS = re.compile(r"(?:[&!][^\s\"']*[ \t]+)*")
_SET_TO = r"[\"']?[ \t]*[:=][ \t]*\Z"
_BETWEEN = re.compile(r"[-_.]+")


def replaced(document: Document, text: str, findings: Sequence[Finding], style: Style) -> Pass:
    """Return what one pass makes of a text; the findings are those of this very text that may be changed."""
    places = Places(text)
    left: list[Left] = []
    edits: list[tuple[Finding, Edit]] = []
    for finding in findings:
        try:
            edits.append((finding, _edit(text, finding, places)))
        except CannotFix as error:
            left.append(Left(finding, str(error)))
    kept, taken = fit([(edit,) for _, edit in edits])
    made = tuple(finding for (finding, _), fits in zip(edits, taken) if fits)
    left += [Left(finding, "overlaps another change") for (finding, _), fits in zip(edits, taken) if not fits]
    return Pass(apply(text, kept), made, tuple(left))


def _edit(text: str, finding: Finding, places: Places) -> Edit:
    """The edit for a finding; raises CannotFix where its subject does not stand there once, in so many letters."""
    if LOCKED in finding.guards:
        raise CannotFix(FOLLOWS)
    if not _PLAIN.fullmatch(finding.replacement):
        raise CannotFix("what takes its place would need quotes")
    start, end = places.between(finding.span)
    if finding.category is Category.SETTING:
        start, end = _value(text, start, end, finding.subject.partition("=")[2])
    else:
        start, end = _named(text, start, end, _word(finding))
    return Edit(start, end, finding.replacement)


def _value(text: str, start: int, end: int, value: str) -> tuple[int, int]:
    """Where the value of a setting stands: after YAML's anchor and tag, and between its quotes, if it has some."""
    marks = _MARKS.match(text, start, end)
    start = marks.end() if marks else start
    quoted = _QUOTED.fullmatch(text, start, end)
    if quoted:
        start, end = quoted.span(2)
    if text[start:end] != value:
        raise CannotFix("is written in another way here")
    if "," in value:
        raise CannotFix("the value says several things")
    return start, end


def _named(text: str, start: int, end: int, word: Pattern[str]) -> tuple[int, int]:
    """Where a name stands: once in a stretch, or before it as what is set to the value there."""
    found = [*word.finditer(text, start, end)]
    if len(found) == 1:
        return found[0].span()
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    before = re.compile(f"({word.pattern}){_SET_TO}").search(text[line:start]) if not found else None
    if before is None:
        raise CannotFix("is written in another way here")
    return line + before.start(1), line + before.end(1)


def _word(finding: Finding) -> Pattern[str]:
    """What a finding is about, as a word of its own; a package is the same with another sign between its words."""
    if finding.category in (Category.DEPENDENCY, Category.LIBRARY) and "://" not in finding.subject:
        name = r"[-_.]+".join(map(re.escape, _BETWEEN.split(finding.subject)))
        return re.compile(rf"(?<![\w.-])(?i:{name})(?![\w-]|\.\w)")
    subject = finding.subject
    text = subject[1:-1] if subject[:1] == subject[-1:] == '"' else subject
    return re.compile(rf"(?<![\w]){re.escape(text)}(?![\w])")
