"""One finding a line, as linters write it: `path:line:col: PC123 message`; in notebooks `path:cell 3:line:col`."""

from __future__ import annotations

from collections.abc import Iterator

from portcheck.model import Finding, Report
from portcheck.report.escape import escape


def chunks(report: Report) -> Iterator[str]:
    """Yield one line for each finding, in the report's order."""
    for finding in report.findings:
        yield line(finding) + "\n"


def line(finding: Finding) -> str:
    """Return the line of one finding, without its newline."""
    span = finding.span
    cell = "" if span.cell is None else f"cell {span.cell}:"
    return escape(f"{finding.path}:{cell}{span.line}:{span.column}: {finding.rule} {finding.message}")
