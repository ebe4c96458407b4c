"""JSON reports read back: what is kept of them, and what is refused with which reason."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from portcheck import delta, reportfile
from portcheck.errors import UsageError
from portcheck.model import Report
from portcheck.report import render
from tests import factories as make
from tests.commands import portcheck


def saved(path: Path, report: Report) -> str:
    path.write_text(render(report, "json"), encoding="utf-8")
    return os.fspath(path)


GOOD = json.loads(render(make.report((make.finding(),)), "json"))


def changed(**values: Any) -> bytes:
    return json.dumps({**GOOD, **values}).encode()


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", "is no JSON report"),
        (b"{", "is no JSON report"),
        (b"\xff\xfe\x00", "is no JSON report"),
        (b"[" * 100_000, "is no JSON report"),
        (b"[]", "is no report of portcheck: make one with `portcheck scan --output-format json`"),
        (b'{"version": "2.1.0", "runs": []}', "is no report of portcheck"),
        (changed(schema="portcheck/2"), "is of the schema 'portcheck/2', and this portcheck reads 'portcheck/1'"),
        (changed(schema="portcheck-diff/1"), "is of the schema 'portcheck-diff/1'"),
        (changed(findings={}), "'findings' must be a list"),
        (changed(findings=[1]), "findings, number 1, is no object"),
        (changed(findings=[{**GOOD["findings"][0], "work": "toil"}]), "'work' must be one of none, verify, rename"),
        (changed(findings=[{**GOOD["findings"][0], "line": "1"}]), "'line' must be a whole number, not '1'"),
        (changed(target={}), "'name' must be a text, not None"),
        (changed(effort={"person_days": {}, "edits": {}}), "a range needs low, likely and high"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(tmp_path: Path, data: bytes, hint: str) -> None:
    (tmp_path / "a.json").write_bytes(data)
    done = portcheck("diff", "a.json", "a.json", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err
    assert done.err.startswith("portcheck: a.json: ")
    assert "Traceback" not in done.err


def test_a_report_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "a.json", make.report())
    monkeypatch.setattr(reportfile, "MAX_SIZE", 10)
    with pytest.raises(UsageError, match="cannot be read: larger than"):
        reportfile.read(path)


@given(make.reports)
def test_a_report_that_is_read_back_is_no_difference(tmp_path_factory: pytest.TempPathFactory, report: Report) -> None:
    path = tmp_path_factory.mktemp("r") / "a.json"
    again = reportfile.read(saved(path, report))
    assert again.findings == report.findings
    assert again.suppressed == report.suppressed
    found = delta.compare(delta.side("old", report), delta.side("new", again))
    assert (found.added, found.removed, found.changed, found.notes) == ((), (), (), ())
