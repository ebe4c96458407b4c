"""What the vendor's tables say of the names in a file: what is worth a look, once a name and file, in whose words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portcheck import api
from portcheck.config import Config
from portcheck.listed import KINDS, Tables, findings, summary
from portcheck.model import ApiUse, Category, Finding, Report, Role, Span, Support, Target, Work
from portcheck.packtypes import Rule, Verdict
from portcheck.report import render
from portcheck.support import DtypeLimit, SupportRow
from tests.commands import portcheck

SOURCE = """
import torch
import torch.nn.functional as F


def run(x, y):
    x = torch.matmul(x, y) + torch.matmul(y, x)
    x = F.conv3d(x, y)
    return torch.softmax(x.bool(), 0)
"""


def scan(folder: Path, text: str = SOURCE, **options: Any) -> Report:
    (folder / "model.py").write_text(text, encoding="utf-8")
    return api.scan([folder], Config(cache=False, jobs=1, **options))


def by_rule(report: Report) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in report.findings:
        if finding.rule.startswith("PC78"):
            found.setdefault(finding.rule, []).append(finding.subject)
    return found


def test_a_card_that_the_vendor_refuses_an_operator_on(tmp_path: Path) -> None:
    assert by_rule(scan(tmp_path, hardware="950")) == {"PC780": ["torch.matmul"], "PC781": ["torch.softmax"]}
    assert by_rule(scan(tmp_path, hardware="a2")) == {"PC781": ["torch.softmax"]}


def test_it_is_one_finding_a_file_in_the_vendors_words(tmp_path: Path) -> None:
    report = scan(tmp_path, hardware="950")
    (refused,) = (finding for finding in report.findings if finding.rule == "PC780")
    assert refused.span.line == 7
    assert refused.work is Work.VERIFY
    assert refused.message.startswith(
        "torch.matmul: not supported for now on 950 with PyTorch 2.7.1, according to Ascend/pytorch@"
    )
    assert "; op-plugin registers a kernel for it, on one card or another; " in refused.message
    assert "2 places in this file" in refused.message


def test_what_is_built_of_others_is_counted_but_no_finding(tmp_path: Path) -> None:
    report = scan(tmp_path, hardware="950")
    rows = {row.name: row for row in report.apis}
    conv = rows["torch.nn.functional.conv3d"]
    assert (conv.support, conv.kernel, conv.look) == (Support.UNSUPPORTED, "no", False)
    assert rows["torch.matmul"]._replace(evidence="") == rows["torch.matmul"]._replace(
        support=Support.UNSUPPORTED, kernel="yes", look=True, places=2, files=1, evidence=""
    )


def test_the_report_sums_up_and_lists_on_request(tmp_path: Path) -> None:
    text = " ".join(render(scan(tmp_path, hardware="950"), "text", 100).split())
    assert "1 API not marked supported on 950, at 2 places: torch.matmul (2)." in text
    assert "1 more (at 1 place) are written in Python or built of other operators" in text
    assert by_rule(scan(tmp_path, hardware="950", select=("verify",)))["PC780"] == ["torch.matmul"]


def test_json_holds_every_name(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SOURCE, encoding="utf-8")
    data = json.loads(portcheck("scan", "--format", "json", "--hardware", "950", tmp_path).out)
    assert [row["name"] for row in data["apis"]] == ["torch.matmul", "torch.nn.functional.conv3d", "torch.softmax"]


def test_a_check_does_not_wait_for_the_tables(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SOURCE, encoding="utf-8")
    assert portcheck("check", "--hardware", "950", tmp_path).code == 0


def test_estimates_do_not_count_it(tmp_path: Path) -> None:
    first, second = (scan(tmp_path, SOURCE, hardware=card).effort for card in ("a2", "950"))
    assert first and second and first.edits == second.edits


RULES = {
    kind: (
        Rule(f"PC78{number}", kind, Category.OP_SUPPORT, kind, "", (), ()),
        Verdict(f"PC78{number}", (), Work.VERIFY, "", "", "", "", "", None, "", ()),
    )
    for number, kind in enumerate(KINDS)
}
TARGET = Target("ascend", "2.7.1", "a2", "agnostic")
SPAN = Span(3, 1, 3, 9)


def found(row: SupportRow, shown: str = "", elsewhere: Support = Support.SUPPORTED, **more: Any) -> list[Finding]:
    """Return what is found in a file that uses `row.api`, which is marked as `elsewhere` on the other card."""
    other = row._replace(support=elsewhere)
    tables = Tables(TARGET, lambda name: row, (lambda name: other,), RULES)
    return list(findings("a.py", Role.SOURCE, (ApiUse(row.api, shown, 1, SPAN),), tables, **more))


def limited(*limits: DtypeLimit) -> SupportRow:
    return SupportRow("torch.f", "torch.f", Support.RESTRICTED, dtypes=limits)


@pytest.mark.parametrize(
    ("kernel", "elsewhere", "looks"),
    [
        ("yes", Support.SUPPORTED, 1),
        ("unknown", Support.SUPPORTED, 1),
        ("no", Support.SUPPORTED, 0),
        ("no", Support.RESTRICTED, 0),
        ("no", Support.UNSUPPORTED, 1),
        ("no", Support.UNLISTED, 1),
    ],
)
def test_a_refusal_is_worth_a_look_where_cards_can_differ(kernel: str, elsewhere: Support, looks: int) -> None:
    row = SupportRow("torch.f", "torch.f", Support.UNSUPPORTED, kernel=kernel)
    assert len(found(row, elsewhere=elsewhere)) == looks


@pytest.mark.parametrize(
    ("limit", "shown", "outside"),
    [
        (DtypeLimit("input", ("float32",), ()), "input:float64", True),
        (DtypeLimit("input", ("float32",), ()), "input:float32", False),
        (DtypeLimit("input", ("float32",), ()), "", False),
        (DtypeLimit("input", ("float32",), ()), "dtype:float64", True),
        (DtypeLimit("input", ("int32", "int64"), ()), "dtype:float32", False),
        (DtypeLimit("input", ("int32", "int64"), ()), "dtype:int8", True),
        (DtypeLimit("input", ("int32", "int64"), ()), "input:float32", True),
        (DtypeLimit("dtype", ("float32",), ()), "dtype:complex64", True),
        (DtypeLimit("dtype", ("float32",), ()), "input:complex64", False),
        (DtypeLimit("target", ("float32",), ()), "input:float64", False),
        (DtypeLimit("self", ("int32",), ()), "self:int64", True),
        (DtypeLimit("", (), ("float64",)), "input:float64", True),
        (DtypeLimit("", (), ("float64",)), "input:bool", False),
    ],
)
def test_types_count_where_the_code_shows_one_that_is_left_out(limit: DtypeLimit, shown: str, outside: bool) -> None:
    assert [finding.rule for finding in found(limited(limit), shown)] == (["PC781"] if outside else [])


def test_what_a_rule_speaks_of_already_is_not_said_twice() -> None:
    row = SupportRow("torch.Tensor.mode", "torch.Tensor.mode", Support.UNSUPPORTED, kernel="yes")
    assert len(found(row)) == 1
    assert not found(row, before=(".mode()",))
    assert not found(row, before=("torch.Tensor.mode",))


def test_the_summary_counts_places_and_files() -> None:
    row = SupportRow("torch.f", "torch.f", Support.SUPPORTED)
    tables = Tables(TARGET, lambda name: row, (), RULES)
    uses = (ApiUse("torch.f", "", 2, SPAN), ApiUse("torch.f", "dtype:bool", 1, SPAN))
    (summed,) = summary([uses, uses[:1]], tables)
    assert (summed.places, summed.files) == (5, 2)
