"""SARIF: what the published schema accepts, and what code scanning makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker

from portcheck.model import Report, Safety, Span, Status, Suppressed, Work
from portcheck.ratchet import Ratchet
from portcheck.report import chunks, render
from tests import factories as make
from tests.commands import CUDA, ROOT, portcheck

VALIDATOR = Draft202012Validator(
    json.loads((ROOT / "tests" / "data" / "sarif-2.1.0.json").read_text(encoding="utf-8")),
    format_checker=FormatChecker(),
)


def log(report: Report) -> dict[str, Any]:
    """Return the one run of a report's log, after the schema has accepted it."""
    found = json.loads(render(report, "sarif"))
    VALIDATOR.validate(found)
    assert found["version"] == "2.1.0"
    (run,) = found["runs"]
    assert isinstance(run, dict)
    return run


def results(report: Report) -> list[dict[str, Any]]:
    """Return the results of a report."""
    found = log(report)["results"]
    assert isinstance(found, list)
    return found


@given(make.reports)
@settings(max_examples=40)
def test_the_schema_accepts_anything(report: Report) -> None:
    run = log(report)
    assert len(run["results"]) == len(report.findings) + len(report.suppressed)
    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert names == sorted(set(names))
    assert all(names[each["ruleIndex"]] == each["ruleId"] for each in run["results"])
    assert render(report, "sarif").isascii()


def test_the_schema_would_refuse_something_else() -> None:
    assert not VALIDATOR.is_valid({"version": "2.1.0", "runs": [{"results": []}]})


def test_the_schema_accepts_what_the_command_line_prints() -> None:
    found = json.loads(portcheck("check", "demo", "--format", "sarif", "--no-cache").out)
    VALIDATOR.validate(found)
    places = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in found["runs"][0]["results"]
    }
    assert "demo/train.py" in places


def test_a_result_says_where_what_and_how_much_work() -> None:
    found = make.finding("src/a.py", span=Span(3, 5, 4, 9), work=Work.REWRITE, rule="PC310")
    (result,) = results(make.report((found,)))
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/a.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 9}
    assert (result["ruleId"], result["level"], result["properties"]["work"]) == ("PC310", "error", "rewrite")


def test_columns_are_code_points() -> None:
    assert log(make.report())["columnKind"] == "unicodeCodePoints"


@pytest.mark.parametrize(
    ("work", "level", "kind"),
    [
        (Work.BLOCKER, "error", "fail"),
        (Work.REWRITE, "error", "fail"),
        (Work.CONFIG, "warning", "fail"),
        (Work.RENAME, "warning", "fail"),
        (Work.VERIFY, "note", "fail"),
        (Work.NONE, "none", "informational"),
    ],
)
def test_the_level_follows_the_work(work: Work, level: str, kind: str) -> None:
    (result,) = results(make.report((make.finding(work=work),)))
    assert (result["level"], result.get("kind", "fail")) == (level, kind)


def test_rules_have_help_as_text_and_markdown_and_an_address() -> None:
    run = log(make.report((make.finding(rule="PC101"), make.finding(rule="PC104"))))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["PC101", "PC104"]
    for rule in rules:
        assert rule["helpUri"].startswith("https://")
        assert "Ascend" in rule["help"]["text"]
        assert "**" in rule["help"]["markdown"]
        assert rule["shortDescription"]["text"].endswith(".")
    assert "torch.accelerator.set_device_index" in rules[0]["help"]["text"]


def test_fingerprints_do_not_depend_on_lines() -> None:
    before, after = (
        results(make.report((make.finding("a.py", line, fingerprint="same"),)))[0]["partialFingerprints"]
        for line in (3, 30)
    )
    assert before == after
    assert set(before) == {"portcheck/v1", "primaryLocationLineHash"}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/100%.py", "a%20b/100%25.py"),
        ("c:evil.py", "c%3Aevil.py"),
        ("ä/#x?.py", "%C3%A4/%23x%3F.py"),
        ("[x]\\y.py", "%5Bx%5D%5Cy.py"),
        ("bad-\udcff.py", "bad-%FF.py"),
    ],
)
def test_paths_are_percent_encoded(path: str, uri: str) -> None:
    (result,) = results(make.report((make.finding(path),)))
    found = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert found == uri
    assert unquote_to_bytes(found) == path.encode("utf-8", "surrogateescape")


def test_a_path_outside_the_working_folder_is_an_address_of_its_own() -> None:
    found = json.loads("".join(chunks(make.report((make.finding("a.py"),)), "sarif", prefix="/srv/my code/")))
    place = found["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "file:///srv/my%20code/a.py"}


def test_a_message_holds_no_link_and_no_placeholder() -> None:
    (link,) = results(make.report((make.finding(message="see [here](https://example.org)"),)))
    assert link["message"]["text"] == "see \\[here\\](https://example.org)"
    (place,) = results(make.report((make.finding(message='f"cuda:{0}"'),)))
    assert place["message"]["text"] == 'f"cuda:{{0}}"'
    (plain,) = results(make.report((make.finding(message="x[0] becomes {a}"),)))
    assert plain["message"]["text"] == "x[0] becomes {a}"


def test_suppressed_findings_are_results_with_a_suppression() -> None:
    hidden = make.finding("b.py", 9)
    report = make.report(
        (make.finding("a.py"),), suppressed=(Suppressed(hidden, "line", "kept"), Suppressed(hidden, "baseline", ""))
    )
    shown, *rest = results(report)
    assert shown["suppressions"] == []
    assert [each["suppressions"] for each in rest] == [
        [{"kind": "inSource", "status": "accepted", "justification": "kept"}],
        [{"kind": "external", "status": "accepted"}],
    ]
    assert "suppressions" not in results(make.report((make.finding("a.py"),)))[0]


def test_results_say_whether_they_are_new_since_the_baseline() -> None:
    old, new = make.finding("a.py", 1, fingerprint="old"), make.finding("a.py", 2, fingerprint="new")
    ratchet = Ratchet("baseline", 3, 2, 0, frozenset({("a.py", "new")}))
    for prefix in ("", "deep/"):
        text = "".join(chunks(make.report((old, new), ratchet=ratchet), "sarif", prefix=prefix))
        found = json.loads(text)
        VALIDATOR.validate(found)
        assert [each["baselineState"] for each in found["runs"][0]["results"]] == ["unchanged", "new"]


def test_what_could_not_be_read_is_said_by_the_tool() -> None:
    lost = make.file("a b.py", status=Status.PARTLY, reason="does not parse")
    (invocation,) = log(make.report(files=(lost,)))["invocations"]
    (note,) = invocation["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("warning", "does not parse")
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.py"


def test_an_automatic_change_is_told() -> None:
    (safe,) = results(make.report((make.finding(fixable=Safety.SAFE),)))
    (shown,) = results(make.report((make.finding(fixable=Safety.DISPLAY),)))
    assert safe["properties"]["fixable"] == "safe"
    assert "fixable" not in shown["properties"]


def apply(text: str, replacements: list[dict[str, Any]]) -> str:
    """Make the replacements of a fix, whole lines each, the last ones first."""
    lines = text.splitlines(keepends=True)
    for each in sorted(replacements, key=lambda one: -int(one["deletedRegion"]["startLine"])):
        region = each["deletedRegion"]
        last = region["endLine"] - 1 if region["endColumn"] == 1 else region["endLine"]
        lines[region["startLine"] - 1 : last] = [each["insertedContent"]["text"]]
    return "".join(lines)


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_fix_is_what_the_command_would_write(tmp_path: Path, end: str) -> None:
    text = "import torch\n\ntorch.cuda.set_device(0)\nprint(1)\ntorch.cuda.synchronize()" + end
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    found = json.loads(portcheck("check", "--format", "sarif", cwd=tmp_path).out)
    VALIDATOR.validate(found)
    fixes = [each["fixes"][0]["artifactChanges"] for each in found["runs"][0]["results"]]
    assert [each[0]["artifactLocation"]["uri"] for each in fixes] == ["a.py", "a.py"]
    once = apply(text, fixes[0][0]["replacements"])
    assert once == text.replace("torch.cuda.set_device(0)", "torch.accelerator.set_device_index(0)")
    both = apply(text, [*fixes[0][0]["replacements"], *fixes[1][0]["replacements"]])
    assert portcheck("fix", cwd=tmp_path).code == 0
    assert both == (tmp_path / "a.py").read_text(encoding="utf-8")


def test_no_fix_needs_a_module_that_is_not_there(tmp_path: Path) -> None:
    text = "import torch\n\nx = torch.zeros(1).cuda()\ntorch.cuda.synchronize()\n"
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    found = json.loads(portcheck("check", "--format", "sarif", "--strategy", "agnostic", cwd=tmp_path).out)
    written = json.dumps([each.get("fixes") for each in found["runs"][0]["results"]])
    assert "torch.accelerator.synchronize()" in written
    assert "DEVICE_TYPE" not in written


def test_nothing_is_fixed_where_the_files_are_others(tmp_path: Path) -> None:
    found = json.loads(portcheck("check", "-", "--format", "sarif", cwd=tmp_path, stdin=CUDA.encode()).out)
    assert all("fixes" not in each for each in found["runs"][0]["results"])
