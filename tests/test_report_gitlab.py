"""GitLab code quality: the issues that a merge request takes, by what GitLab requires of them."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
from hypothesis import given, settings

from portcheck.model import Report, Work
from portcheck.report import render
from tests import factories as make

ISSUE = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
        "description": {"type": "string"},
        "check_name": {"type": "string"},
        "fingerprint": {"type": "string"},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "type": "object",
            "required": ["path", "lines"],
            "properties": {
                "path": {"type": "string", "not": {"pattern": "^\\./"}},
                "lines": {
                    "type": "object",
                    "required": ["begin"],
                    "properties": {"begin": {"type": "integer", "minimum": 1}},
                },
            },
        },
    },
}
"""What GitLab's documentation asks for: its codeclimate.json, with the severities and places that it says it reads."""


def issues(report: Report) -> list[dict[str, Any]]:
    """Return the issues of a report, after the schema has accepted them."""
    found = json.loads(render(report, "gitlab"))
    jsonschema.validate(found, {"type": "array", "items": ISSUE})
    assert isinstance(found, list)
    return found


@given(make.reports)
@settings(max_examples=60)
def test_gitlab_accepts_anything(report: Report) -> None:
    found = issues(report)
    assert len(found) == len(report.findings)
    assert len({issue["fingerprint"] for issue in found}) == len(found)
    assert render(report, "gitlab").isascii()


def test_an_issue_says_where_and_what() -> None:
    (issue,) = issues(make.report((make.finding("src/a.py", 7, Work.BLOCKER, message="no way"),)))
    assert issue["location"] == {"path": "src/a.py", "lines": {"begin": 7, "end": 7}}
    assert (issue["check_name"], issue["severity"], issue["description"]) == ("PC101", "blocker", "no way")


def test_a_fingerprint_stays_when_lines_move_and_differs_between_files() -> None:
    prints = [
        issues(make.report((make.finding(path, line, fingerprint="f"),)))[0]["fingerprint"]
        for path, line in (("a.py", 1), ("a.py", 2), ("b.py", 1))
    ]
    assert prints[0] == prints[1] != prints[2]


def test_nothing_is_an_empty_array() -> None:
    assert issues(make.report()) == []
