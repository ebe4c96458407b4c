"""Every format on a repository whose names and code are hostile, and on a report that is huge."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from xml.etree import ElementTree

import pytest

from portcheck import api
from portcheck.config import Config
from portcheck.model import Report, Work
from portcheck.report import FORMATS, render
from portcheck.report.markdown import LIMIT
from tests import factories as make

NAME = "=HYPERLINK(1) ::error::x <img src=x onerror=alert(1)> \x1b[31m\u202e ](javascript:x) `|@octocat,%0A.py"
CODE = """import torch

torch.cuda.set_device(0)  # <script>alert(1)</script>
x = "cuda:0"
y = open("::error::\x1b]0;x\x07")
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such file names")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return the report on two files with the same odd name, one at the top and one below."""
    folder = tmp_path_factory.mktemp("hostile")
    for path in (folder / NAME, folder / "-- rm" / NAME):
        path.parent.mkdir(exist_ok=True)
        path.write_text(CODE, encoding="utf-8")
    report = api.scan([folder], Config(cache=False, jobs=1))
    assert len({finding.path for finding in report.findings}) == 2
    return report


@pytest.mark.parametrize("fmt", FORMATS)
def test_nothing_acts_on_a_terminal(hostile: Report, fmt: str) -> None:
    text = render(hostile, fmt)
    assert "HYPERLINK" in text
    assert all(char.isprintable() or char in "\n\r\t" for char in text)


def test_no_command_for_a_runner_but_our_own(hostile: Report) -> None:
    lines = [line for line in render(hostile, "github").splitlines() if line.lstrip().startswith("::")]
    assert lines
    for line in lines:
        command, _, message = line[2:].partition("::")
        assert re.fullmatch(r"(error|warning|notice) [^:]*|group|endgroup", command), line
        assert "%0A" not in command.replace("%250A", "")
        assert "\n" not in message


def test_no_cell_is_a_formula(hostile: Report) -> None:
    rows = list(csv.reader(io.StringIO(render(hostile, "csv"))))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert not [cell for row in rows[1:] for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_no_markup_of_a_page_or_a_comment(hostile: Report) -> None:
    page = render(hostile, "html")
    assert "<img" not in page
    assert page.count("<script") == 2
    outside = re.sub(r"<code>.*?</code>|(`+)[^`].*?\1", "", render(hostile, "markdown"))
    assert "<img" not in outside.replace("\\<", "")
    assert "@octocat" not in outside
    assert "](javascript" not in outside


def test_documents_for_services_stay_documents(hostile: Report) -> None:
    for fmt in ("json", "sarif", "gitlab"):
        json.loads(render(hostile, fmt))
    cases = ElementTree.fromstring(render(hostile, "junit")).iter("testcase")
    assert sum(1 for _ in cases) >= len(hostile.findings)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_huge_report_is_written_whole_or_cut_and_said_so(fmt: str) -> None:
    report = make.sample(20_000)
    text = render(report, fmt)
    if fmt in ("json", "sarif", "gitlab"):
        document = json.loads(text)
        rows = document["runs"][0]["results"] if fmt == "sarif" else document
        assert len(rows["findings"] if fmt == "json" else rows) == len(report.findings)
    elif fmt == "junit":
        assert text.count("<failure") == sum(each.work is not Work.NONE for each in report.findings)
    elif fmt == "markdown":
        assert len(text.encode()) <= LIMIT
        assert " more " in text
    elif fmt == "text":
        assert text.count("\n") < 400
        assert "--verbose" in text
    elif fmt in ("csv", "concise"):
        assert text.count("\n") == len(report.findings) + (fmt == "csv")
    elif fmt == "full":
        assert text.count(": PC") >= len(report.findings)
    elif fmt == "github":
        assert text.count("\n::") + 1 <= 33
    else:
        assert len(text) < 8_000_000
