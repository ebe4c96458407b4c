"""CSV: what a reader gets back, and what a spreadsheet does not run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings

from portcheck.model import Report, Span
from portcheck.report import render
from portcheck.report.csv_report import COLUMNS
from portcheck.report.escape import escape
from tests import factories as make


def rows(report: Report) -> list[dict[str, str]]:
    """Return the lines of a report as Python's reader takes them."""
    found = csv.DictReader(io.StringIO(render(report, "csv"), newline=""), strict=True)
    read = list(found)
    assert found.fieldnames == list(COLUMNS)
    return read


def given_back(cell: str) -> str:
    """Return a cell without the apostrophe that defuses it."""
    return cell[1:] if cell.startswith("'") else cell


@given(make.reports)
@settings(max_examples=60)
def test_every_cell_comes_back(report: Report) -> None:
    found = rows(report)
    assert [given_back(row["path"]) for row in found] == [escape(each.path) for each in report.findings]
    assert [given_back(row["message"]) for row in found] == [escape(each.message) for each in report.findings]
    assert [int(row["line"]) for row in found] == [each.span.line for each in report.findings]


@given(make.reports)
@settings(max_examples=60)
def test_no_cell_is_a_formula(report: Report) -> None:
    for row in rows(report):
        assert not [cell for cell in row.values() if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("path", ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1", "'x"])
def test_a_formula_gets_an_apostrophe(path: str) -> None:
    (row,) = rows(make.report((make.finding(path),)))
    assert row["path"] == f"'{path}"


def test_lines_end_as_the_standard_says_and_quotes_are_doubled() -> None:
    text = render(make.report((make.finding(message='a "b", c'),)), "csv")
    assert text.count("\r\n") == text.count("\n") == 2
    assert '"a ""b"", c"' in text


def test_a_cell_of_a_notebook_is_a_number_and_nothing_elsewhere() -> None:
    found = rows(make.report((make.finding(span=Span(1, 2, 3, 4, 5)), make.finding())))
    assert [row["cell"] for row in found] == ["5", ""]
