"""JUnit XML: what Jenkins' schema accepts and a JUnit reader counts."""

from __future__ import annotations

import xmlschema
from hypothesis import given, settings
from junitparser import Failure, JUnitXml

from portcheck.model import Report, Status, Suppressed, Work
from portcheck.report import render
from tests import factories as make
from tests.commands import ROOT

SCHEMA = xmlschema.XMLSchema(str(ROOT / "tests" / "data" / "junit-10.xsd"))


def read(report: Report) -> JUnitXml:
    """Return a report as a JUnit reader takes it, after the schema has accepted it."""
    text = render(report, "junit")
    SCHEMA.validate(text)
    return JUnitXml.fromstring(text.encode())


@given(make.reports)
@settings(max_examples=60)
def test_the_schema_accepts_anything(report: Report) -> None:
    found = read(report)
    failures = [result for suite in found for case in suite for result in case.result if isinstance(result, Failure)]
    assert len(failures) == sum(finding.work is not Work.NONE for finding in report.findings) == found.failures
    assert sum(suite.tests for suite in found) == found.tests == sum(len(list(suite)) for suite in found)
    assert sum(suite.errors for suite in found) == found.errors


def test_the_schema_would_refuse_something_else() -> None:
    assert not SCHEMA.is_valid("<testsuites><testsuite name='a'/></testsuites>")


def test_a_file_is_a_suite_and_a_finding_a_failed_case() -> None:
    finding = make.finding("a<b>&.py", 3, message='say "no" <now>', rule="PC101")
    (suite,) = read(make.report((finding,)))
    (case,) = suite
    assert suite.name == "a<b>&.py"
    assert case.name == "PC101 torch.cuda.set_device at 3:1"
    assert case.result[0].message == 'say "no" <now>'
    assert case.result[0].text == 'a<b>&.py:3:1: PC101 say "no" <now>'


def test_a_clean_file_passes_a_lost_one_errs_and_a_suppressed_place_is_skipped() -> None:
    files = (make.file("clean.py"), make.file("lost.py", status=Status.UNREADABLE, reason="permission denied"))
    hidden = Suppressed(make.finding("quiet.py"), "line", "on purpose")
    clean, lost, quiet = read(make.report(files=files, suppressed=(hidden,)))
    assert (clean.tests, clean.failures, clean.errors, clean.skipped) == (1, 0, 0, 0)
    assert (lost.errors, next(iter(lost)).result[0].message) == (1, "permission denied")
    assert (quiet.skipped, next(iter(quiet)).result[0].message) == (1, "suppressed (line): on purpose")
