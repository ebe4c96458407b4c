"""The findings as a table with commas, RFC 4180, for spreadsheets and data frames.

A cell that a spreadsheet would take for a formula, because it begins with `=`, `+`, `-` or `@`, gets an apostrophe
before it, and so does one that begins with an apostrophe: taking away the first one gives every cell back.
"""

from __future__ import annotations

from collections.abc import Iterator

from portcheck.model import Finding, Report
from portcheck.report.escape import escape

COLUMNS = (
    "rule",
    "work",
    "category",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "cell",
    "role",
    "subject",
    "message",
    "replacement",
    "certainty",
    "support",
    "fixable",
    "shim",
    "shim_effect",
    "agnostic",
    "guards",
    "callers",
    "evidence",
    "fingerprint",
)
"""The names in the first line."""

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
_SHIM = {None: "", True: "yes", False: "no"}


def chunks(report: Report) -> Iterator[str]:
    """Yield a line of names and one line for each finding, in the report's order."""
    yield ",".join(COLUMNS) + "\r\n"
    for finding in report.findings:
        yield ",".join(map(_cell, _values(finding))) + "\r\n"


def _values(finding: Finding) -> tuple[object, ...]:
    span = finding.span
    return (
        finding.rule,
        finding.work.value,
        finding.category.value,
        finding.path,
        span.line,
        span.column,
        span.end_line,
        span.end_column,
        "" if span.cell is None else span.cell,
        finding.role.value,
        finding.subject,
        finding.message,
        finding.replacement,
        finding.certainty.value,
        finding.support.value,
        finding.fixable.value if finding.fixable else "",
        _SHIM[finding.shim],
        finding.effect,
        _SHIM[finding.agnostic],
        "; ".join(finding.guards),
        finding.callers,
        "; ".join(finding.evidence),
        finding.fingerprint,
    )


def _cell(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    text = escape(str(value))
    if text.lstrip().startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"') else text
