"""GitHub annotations: what a runner reads from the lines, by the rules of its source (ActionCommand.cs)."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck.model import Report, Role, Span, Work
from portcheck.report import render
from portcheck.report.github import LIMIT, inert
from tests import factories as make

KNOWN = frozenset({"error", "warning", "notice", "group", "endgroup", "debug", "add-mask", "stop-commands"})


class Command(NamedTuple):
    """A command as a runner takes it."""

    name: str
    properties: dict[str, str]
    data: str


def read(line: str) -> Command | None:
    """Return what a runner makes of a line, None for one that is only shown."""
    text = line.lstrip()
    end = text.find("::", 2)
    if text.startswith("::") and end >= 0:
        name, _, rest = text[2:end].partition(" ")
        if name in KNOWN:
            pairs = (pair.partition("=") for pair in rest.strip().split(",") if "=" in pair)
            return Command(name, {key: taken(value, ":,") for key, _, value in pairs}, taken(text[end + 2 :], ""))
    return Command("old", {}, text) if "##[" in line else None


def taken(text: str, more: str) -> str:
    """Return a text with its escapes taken back, the per cent sign last."""
    for sign in f"\r\n{more}%":
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text


def commands(report: Report) -> list[Command]:
    """Return the annotations of a report."""
    found = [read(line) for line in render(report, "github").split("\n")]
    return [each for each in found if each is not None]


def test_a_runner_reads_file_place_and_message() -> None:
    finding = make.finding("a,b:c%.py", span=Span(3, 5, 3, 9), message="100% of a::b, c", rule="PC101")
    (found,) = commands(make.report((finding,)))
    assert found == Command(
        "warning",
        {"file": "a,b:c%.py", "line": "3", "col": "5", "endColumn": "9", "title": "PC101 rename"},
        "100% of a::b, c",
    )


def test_columns_are_left_out_where_the_end_is_on_another_line() -> None:
    (found,) = commands(make.report((make.finding(span=Span(3, 5, 6, 2)),)))
    assert {key: found.properties[key] for key in ("line", "endLine")} == {"line": "3", "endLine": "6"}
    assert "col" not in found.properties


@pytest.mark.parametrize(
    ("work", "level"),
    [(Work.BLOCKER, "error"), (Work.REWRITE, "error"), (Work.CONFIG, "warning"), (Work.RENAME, "warning"),
     (Work.VERIFY, "notice"), (Work.NONE, "notice")],
)  # fmt: skip
def test_the_level_follows_the_work(work: Work, level: str) -> None:
    (found,) = commands(make.report((make.finding(work=work),)))
    assert found.name == level


def test_github_is_given_no_more_than_it_takes_the_hardest_first() -> None:
    tests = tuple(make.finding("tests/a.py", line, Work.REWRITE, role=Role.TEST) for line in range(1, 20))
    source = tuple(make.finding("z.py", line, Work.REWRITE) for line in range(1, 9))
    last = (make.finding("zz.py", 1, Work.BLOCKER),)
    found = commands(make.report((*tests, *source, *last)))
    errors = [each.properties["file"] for each in found if each.name == "error"]
    assert errors == ["zz.py", *["z.py"] * 8, "tests/a.py"]
    (note,) = [each for each in found if each.name == "notice"]
    assert note.data.startswith("10 of 28 findings are annotations, as GitHub takes 10")
    assert [each.data for each in found if each.name == "group"] == ["18 findings without an annotation"]
    assert render(make.report((*tests, *source, *last)), "github").count("tests/a.py:") == 18


def test_what_is_shown_whole_needs_no_note() -> None:
    found = commands(make.report(tuple(make.finding("a.py", line) for line in range(1, LIMIT + 1))))
    assert [each.name for each in found] == ["warning"] * LIMIT


@given(make.reports)
@settings(max_examples=60)
def test_nothing_that_was_scanned_gives_a_command(report: Report) -> None:
    found = commands(report)
    levels = [each for each in found if each.name in ("error", "warning", "notice")]
    assert {each.name for each in found} <= {"error", "warning", "notice", "group", "endgroup"}
    assert all(sum(each.name == level for each in levels) <= LIMIT for level in ("error", "warning", "notice"))
    assert len([each for each in levels if "file" in each.properties]) <= len(report.findings)
    text = render(report, "github")
    assert all(line.isprintable() for line in text.split("\n"))


@given(st.text() | st.sampled_from(["::error::x", "  ::add-mask::a", "##[error]x", "a ##[group]b", "::", "####[x"]))
def test_a_plain_line_is_no_command(text: str) -> None:
    assert read(inert(text)) is None
