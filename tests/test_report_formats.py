"""Formats are found by name, imported when asked for, and a wrong name is answered with the nearest."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given

from portcheck.errors import UsageError
from portcheck.model import Report, Span
from portcheck.report import FORMATS, chunks, render
from tests import factories as make


@pytest.mark.parametrize("fmt", sorted(FORMATS))
def test_every_format_renders_the_sample_and_nothing(fmt: str) -> None:
    assert render(make.sample(), fmt)
    assert render(make.report(), fmt).endswith("\n") or fmt in ("concise", "full", "github")
    assert "".join(chunks(make.sample(), fmt)) == render(make.sample(), fmt)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("jsno", "did you mean 'json'"), ("TEXT", "did you mean 'text'"), ("pdf", "there are concise, csv")],
)
def test_an_unknown_format_is_answered_with_the_nearest(wrong: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        chunks(make.report(), wrong)


def test_concise_is_one_clickable_line_a_finding() -> None:
    report = make.report(
        (
            make.finding("a.py", message="torch.cuda.set_device becomes torch.npu.set_device", span=Span(3, 5, 3, 9)),
            make.finding("n.ipynb", message="x: y", span=Span(3, 5, 3, 9, cell=2)),
        )
    )
    assert render(report, "concise").splitlines() == [
        "a.py:3:5: PC101 torch.cuda.set_device becomes torch.npu.set_device",
        "n.ipynb:cell 2:3:5: PC101 x: y",
    ]


@given(make.reports)
def test_concise_has_one_printable_line_for_each_finding(report: Report) -> None:
    lines = render(report, "concise").split("\n")
    assert len(lines) == len(report.findings) + 1
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("unwanted", ["rich", "json", "portcheck.report.text", "difflib"])
def test_the_package_imports_nothing_heavy(unwanted: str) -> None:
    code = f"import portcheck.report, sys; sys.exit({unwanted!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_text_report_needs_no_rich() -> None:
    code = "from portcheck.report import render; from tests import factories; render(factories.report())"
    program = f"import sys; sys.path[:0] = {sys.path!r}; {code}; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
