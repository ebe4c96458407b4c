"""Annotations for GitHub Actions: workflow commands, `::error file=...,line=...::message`, for a job's log.

GitHub takes ten errors and ten warnings of a step (REST API, "Update a check run": `annotations`) and drops the rest,
so the ten that matter most of each level are given as commands and all others as plain lines in a folded group. How a
runner reads a line, and which characters it takes back, is in its `ActionCommand.cs`: a command is a line that begins
with `::`, in an older spelling one that holds `##[`.
"""

from __future__ import annotations

from collections.abc import Iterator

from portcheck.model import Finding, Report, Work
from portcheck.report import concise, summary
from portcheck.report.escape import escape
from portcheck.report.words import count, number

LIMIT = 10
"""Annotations of one level that GitHub takes from a step."""

_LEVELS = {
    Work.BLOCKER: "error",
    Work.REWRITE: "error",
    Work.CONFIG: "warning",
    Work.RENAME: "warning",
    Work.VERIFY: "notice",
    Work.NONE: "notice",
}
_HARDEST = {work: place for place, work in enumerate(reversed(Work))}


def chunks(report: Report) -> Iterator[str]:
    """Yield a command a line for what GitHub will show, the hardest first, and a group with all that it would drop."""
    left: list[Finding] = []
    given = dict.fromkeys(_LEVELS.values(), 0)
    for finding in sorted(report.findings, key=_rank):
        level = _LEVELS[finding.work]
        # The last notice says what is left out.
        if given[level] < LIMIT - (level == "notice"):
            given[level] += 1
            yield _command(level, finding)
        else:
            left.append(finding)
    if left:
        yield from _rest(left, len(report.findings))


def inert(text: str) -> str:
    """Return one line of a log that no runner takes for a command."""
    text = escape(text).replace("##[", "\\x23#[")
    return text.replace("::", "\\x3a:", 1) if text.lstrip().startswith("::") else text


def _rank(finding: Finding) -> tuple[int, bool]:
    """The hardest work first, source before what stands aside; the report's order otherwise."""
    return _HARDEST[finding.work], finding.role not in summary.FIRST


def _rest(left: list[Finding], every: int) -> Iterator[str]:
    shown = f"{number(every - len(left))} of {count(every, 'finding')} are annotations"
    why = f"GitHub takes {LIMIT} of a level from a step. The log of this step lists the others."
    yield f"::notice title=portcheck::{_data(f'{shown}, as {why}')}\n"
    yield f"::group::{_data(count(len(left), 'finding') + ' without an annotation')}\n"
    for finding in sorted(left, key=lambda each: (each.path, each.span)):
        yield inert(concise.line(finding)) + "\n"
    yield "::endgroup::\n"


def _command(level: str, finding: Finding) -> str:
    span = finding.span
    place = [("file", finding.path), ("line", str(span.line))]
    # GitHub knows columns within one line alone.
    if span.line < span.end_line:
        place.append(("endLine", str(span.end_line)))
    elif span.column < span.end_column:
        place += [("col", str(span.column)), ("endColumn", str(span.end_column))]
    place.append(("title", f"{finding.rule} {finding.work.value}"))
    properties = ",".join(f"{name}={_property(value)}" for name, value in place)
    return f"::{level} {properties}::{_data(finding.message)}\n"


def _data(text: str) -> str:
    """The text of a command; it is on one line before, and GitHub takes back what stands for a per cent sign."""
    return escape(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
