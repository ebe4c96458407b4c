"""The JSON report follows its schema, holds every field of the contract, is quick and always the same."""

from __future__ import annotations

import json
import time
from typing import Any, Union

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

import portcheck
from portcheck.model import Category, Certainty, Kind, Link, Report, Role, Safety, Skipped, Span, Status, Support, Work
from portcheck.report import chunks, render, schema
from tests import factories as make

VALIDATOR = Draft202012Validator(schema())


def parsed(report: Report) -> dict[str, Any]:
    """Return the JSON report as Python values, after its schema has accepted it."""
    document: dict[str, Any] = json.loads(render(report, "json"))
    VALIDATOR.validate(document)
    return document


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_every_field_of_a_finding() -> None:
    found = make.finding(
        "nb.ipynb",
        work=Work.CONFIG,
        span=Span(3, 5, 4, 6, cell=2),
        certainty=Certainty.INFERRED,
        support=Support.RESTRICTED,
        shim=None,
        fixable=Safety.UNSAFE,
        evidence=("a", "b"),
        guards=("optional",),
        callers=7,
    )
    assert parsed(make.report((found,)))["findings"] == [
        {
            "rule": "PC101",
            "path": "nb.ipynb",
            "line": 3,
            "column": 5,
            "end_line": 4,
            "end_column": 6,
            "cell": 2,
            "category": "device-api",
            "subject": "torch.cuda.set_device",
            "work": "config",
            "certainty": "inferred",
            "support": "restricted",
            "message": "torch.cuda.set_device: read the manual",
            "replacement": "",
            "shim": None,
            "shim_effect": None,
            "agnostic": False,
            "fixable": "unsafe",
            "evidence": ["a", "b"],
            "role": "source",
            "guards": ["optional"],
            "callers": 7,
            "fingerprint": "nb.ipynb:1",
        }
    ]


TARGET = {
    "name": "ascend",
    "torch": "2.7.1",
    "hardware": "a2",
    "strategy": "agnostic",
    "source": "default",
    "oldest": "",
}


def test_the_rest_of_the_document() -> None:
    report = make.report(
        (make.finding("a.py"), make.finding("a.py", 2, Work.NONE)),
        (make.file("b.sh", kind=Kind.SHELL, role=Role.BUILD, status=Status.UNREADABLE, reason="gone", lines=0),),
        skipped=(Skipped("c", "link loop"),),
        links=(("a.py", Link("Trainer.move", 9, 2)),),
        hidden=2,
    )
    document = parsed(report)
    del document["findings"]
    by_work = {"none": 1, "verify": 0, "rename": 1, "config": 0, "rewrite": 0, "blocker": 0}
    assert document == {
        "schema": "portcheck/1",
        "tool": {"name": "portcheck", "version": portcheck.__version__, "pack": "abc123"},
        "target": TARGET,
        "root": "/home/ada/repo",
        "summary": {
            "files": 2,
            "lines": 100,
            "findings": 2,
            "by_work": by_work,
            "by_category": {"device-api": 2},
            "by_role": {"source": 2},
            "fixable": 1,
            **{"hidden": 2, "suppressed": 0},
            "portable_share": 0.75,
        },
        "files": [
            {
                "path": "a.py",
                "kind": "python",
                "role": "source",
                "lines": 100,
                "findings": 2,
                "status": "read",
                "reason": None,
            },
            {
                "path": "b.sh",
                "kind": "shell",
                "role": "build",
                "lines": 0,
                "findings": 0,
                "status": "unreadable",
                "reason": "gone",
            },
        ],
        "skipped": [{"path": "c", "reason": "link loop"}],
        "helpers": [{"path": "a.py", "name": "Trainer.move", "calls": 9, "files": 2}],
    }


def test_an_empty_report() -> None:
    assert parsed(make.report())["findings"] == []


@given(make.reports)
def test_any_report_is_valid_and_survives(report: Report) -> None:
    document = parsed(report)
    assert [found["path"] for found in document["findings"]] == [found.path for found in report.findings]
    assert [found["message"] for found in document["findings"]] == [found.message for found in report.findings]
    assert [item["reason"] for item in document["files"]] == [item.reason or None for item in report.files]


@given(make.reports)
def test_the_text_is_printable_ascii_with_one_finding_a_line(report: Report) -> None:
    shown = render(report, "json")
    lines = shown.split("\n")
    assert shown.isascii() and all(line.isprintable() for line in lines)
    assert sum(line.startswith('  {"rule": ') for line in lines) == len(report.findings)


def test_the_schema_describes_every_key_that_is_written() -> None:
    described = schema()
    document = parsed(make.sample())
    assert document.keys() <= described["properties"].keys()
    assert document["summary"].keys() <= described["properties"]["summary"]["properties"].keys()
    assert document["findings"][0].keys() <= described["$defs"]["finding"]["properties"].keys()
    assert document["files"][0].keys() <= described["$defs"]["file"]["properties"].keys()


Vocabulary = Union[type[Work], type[Category], type[Certainty], type[Support], type[Role], type[Kind], type[Status]]


@pytest.mark.parametrize("words", [Work, Category, Certainty, Support, Role, Kind, Status])
def test_the_schema_knows_the_vocabularies(words: Vocabulary) -> None:
    assert schema()["$defs"][words.__name__.lower()]["enum"] == [word.value for word in words]


def test_the_schema_refuses_a_wrong_word() -> None:
    document = parsed(make.sample())
    document["findings"][0]["work"] = "trivial"
    assert not VALIDATOR.is_valid(document)


def test_equal_reports_are_equal_byte_for_byte() -> None:
    assert render(make.sample(), "json") == render(make.sample(), "json")


def test_fifty_thousand_findings_are_quick_and_come_in_pieces() -> None:
    report = make.sample(50_000)
    started = time.process_time()
    longest = max(map(len, chunks(report, "json")))
    assert time.process_time() - started < 1.5
    assert longest < 100_000
