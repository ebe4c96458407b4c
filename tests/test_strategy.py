"""What each strategy leaves to do, what the shim handles, and which strategy is advised for whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portcheck import api
from portcheck.config import STRATEGIES, Config
from portcheck.edit_model import is_free
from portcheck.estimate import Plan, Range
from portcheck.model import Finding, Report, Work
from portcheck.report import render
from portcheck.strategy import Repository, compare, under
from tests import factories as make
from tests.commands import portcheck

PROGRAM = """
import torch

def main():
    torch.cuda.set_device(0)
    torch.cuda.synchronize()
    torch.cuda.empty_cache()

if __name__ == "__main__":
    main()
"""
SCRIPTED = PROGRAM + "\n\n@torch.jit.script\ndef f(x):\n    return x\n"
ASKING = PROGRAM.replace("    torch.cuda.set", "    if x.device.type == 'cuda':\n        pass\n    torch.cuda.set")
LIBRARY = "import torch\n\n\ndef run():\n    torch.cuda.synchronize()\n"

HAS_PROGRAM = Repository()


def scan(folder: Path, text: str, **options: Any) -> Report:
    place = folder / ("lib/model.py" if text == LIBRARY else "train.py")
    place.parent.mkdir(exist_ok=True)
    (place.parent / "__init__.py").touch()
    place.write_text(text, encoding="utf-8")
    return api.scan([folder], Config(cache=False, jobs=1, **options))


def works(report: Report) -> dict[str, Work]:
    return {finding.subject: finding.work for finding in report.findings}


def test_every_strategy_that_is_compared_can_be_asked_for(tmp_path: Path) -> None:
    report = scan(tmp_path, PROGRAM)
    assert report.comparison is not None
    assert [outcome.strategy for outcome in report.comparison.outcomes] == ["shim", "npu", "agnostic"]
    assert {outcome.strategy for outcome in report.comparison.outcomes} < set(STRATEGIES)


def test_the_shim_leaves_what_it_does_not_reach(tmp_path: Path) -> None:
    report = scan(tmp_path, ASKING, strategy="shim", select=("none", "rename"))
    assert works(report) == {
        '"cuda"': Work.RENAME,
        "torch.cuda.set_device": Work.NONE,
        "torch.cuda.synchronize": Work.NONE,
        "torch.cuda.empty_cache": Work.NONE,
    }
    handled = next(finding for finding in report.findings if finding.subject == "torch.cuda.synchronize")
    assert handled.message == "torch.cuda.synchronize can stay: the shim redirects it at run time"
    assert (handled.replacement, handled.fixable, handled.shim) == ("", None, True)


def test_a_place_that_takes_other_code_without_the_shim_can_stay_under_it(tmp_path: Path) -> None:
    text = (
        "import torch\nfrom torch.profiler import ProfilerActivity\n\nkinds = [ProfilerActivity.CUDA]\n"
        "double = torch.cuda.DoubleTensor([1])\nnames = torch.cuda.list_gpu_processes()\n"
    )
    plain = scan(tmp_path, text)
    assert works(plain) == {
        "torch.profiler.ProfilerActivity.CUDA": Work.REWRITE,
        "torch.cuda.DoubleTensor": Work.REWRITE,
        "torch.cuda.list_gpu_processes": Work.REWRITE,
    }
    assert plain.comparison is not None
    shim = plain.comparison.outcomes[0]
    assert (shim.handled, shim.unreached) == (1, 1)
    free = {finding.subject: is_free(finding, "shim") for finding in plain.findings}
    assert free == {name: name != "torch.cuda.list_gpu_processes" for name in works(plain)}

    left = scan(tmp_path, text, strategy="shim", select=("none", "verify", "rewrite"))
    assert works(left) == {
        "torch.profiler.ProfilerActivity.CUDA": Work.NONE,
        "torch.cuda.DoubleTensor": Work.VERIFY,
        "torch.cuda.list_gpu_processes": Work.REWRITE,
    }
    said = {finding.subject: finding.message for finding in left.findings}
    assert said["torch.profiler.ProfilerActivity.CUDA"].endswith("can stay: the shim redirects it at run time")
    assert said["torch.cuda.DoubleTensor"].endswith("redirects it at run time; look whether that will do")


def test_a_class_of_which_the_shim_replaces_only_one_name_is_not_reached_by_another(tmp_path: Path) -> None:
    text = "from torch.profiler.profiler import ProfilerActivity\n\nkinds = [ProfilerActivity.CUDA]\n"
    assert list(works(scan(tmp_path, text, strategy="shim", torch="2.7.1")).values()) == [Work.REWRITE]


def test_the_comparison_does_not_depend_on_the_strategy_or_the_selection(tmp_path: Path) -> None:
    found = [
        scan(tmp_path, ASKING, strategy=strategy, select=select).comparison
        for strategy in ("shim", "npu", "agnostic")
        for select in ((), ("verify",))
    ]
    assert len({repr(each) for each in found}) == 1


def test_what_is_left_under_a_strategy_is_what_a_scan_with_it_reports(tmp_path: Path) -> None:
    compared = scan(tmp_path, ASKING).comparison
    assert compared is not None
    for outcome in compared.outcomes:
        report = scan(tmp_path, ASKING, strategy=outcome.strategy)
        counted = {work: sum(f.work is work for f in report.findings) for work in Work if work is not Work.NONE}
        assert dict(outcome.by_work) == counted


def test_the_source_of_each_version_says_what_its_shim_does(tmp_path: Path) -> None:
    text = "import torch\n\npool = torch.cuda.MemPoolContext(None)\n"
    assert {f.effect for f in scan(tmp_path, text, torch="2.7.1").findings} == {"redirected"}
    assert {f.effect for f in scan(tmp_path, text, torch="2.13.0").findings} == {"unreached"}


@pytest.mark.parametrize(
    ("text", "advised", "reason"),
    [
        (PROGRAM, "shim", "none of 3 places to change"),
        (SCRIPTED, "agnostic", "it disables torch.jit.script"),
        (ASKING, "agnostic", "it leaves 1 of 4 places to change"),
        (LIBRARY, "agnostic", "no program was found"),
        ("import torch\n", "agnostic", "nothing has to change"),
    ],
)
def test_auto_takes_what_is_advised_and_says_why(tmp_path: Path, text: str, advised: str, reason: str) -> None:
    report = scan(tmp_path, text, strategy="auto", torch="2.13.0")
    assert report.comparison is not None
    assert report.target.strategy == report.comparison.advised == advised
    assert reason in report.comparison.reason
    assert report.comparison.auto


def test_the_estimate_is_that_of_the_strategy_that_auto_takes(tmp_path: Path) -> None:
    auto, shim = (scan(tmp_path, PROGRAM, strategy=name, torch="2.13.0") for name in ("auto", "shim"))
    assert auto.effort == shim.effort
    assert auto.findings == shim.findings


def test_a_branch_for_the_target_speaks_against_the_shim() -> None:
    found = [make.finding(line=line) for line in range(1, 20)]
    guarded = make.finding(line=30, work=Work.NONE, guards=("beside:npu",))
    assert compare(found, HAS_PROGRAM).advised == "shim"
    ported = compare([*found, guarded], HAS_PROGRAM)
    assert ported.advised == "npu"
    assert "1 place has a branch for the target" in ported.reason


def test_code_for_the_target_is_advised_where_no_general_form_is_known() -> None:
    general = [make.finding(line=line, agnostic=True, shim=False) for line in range(1, 4)]
    direct = [make.finding(line=line, agnostic=False, shim=False) for line in range(4, 8)]
    assert compare([*general, *direct], HAS_PROGRAM).advised == "npu"
    assert compare([*general, *direct[1:]], HAS_PROGRAM).advised == "agnostic"


def test_a_target_without_a_shim_has_two_strategies() -> None:
    found = compare([make.finding()], Repository(shim=False))
    assert [outcome.strategy for outcome in found.outcomes] == ["npu", "agnostic"]


@pytest.mark.parametrize("work", [Work.REWRITE, Work.BLOCKER, Work.VERIFY, Work.NONE])
def test_the_shim_changes_nothing_about_other_work(work: Work) -> None:
    finding: Finding = make.finding(work=work)
    assert under(finding, "shim") == finding


def test_the_report_shows_the_table_and_the_advice(tmp_path: Path) -> None:
    text = render(scan(tmp_path, ASKING), "text", 100)
    table = text.split("BY STRATEGY\n")[1].split("\n\n")[0]
    assert [line.split()[:2] for line in table.splitlines()[:4]] == [
        ["strategy", "to"],
        ["shim", "1"],
        ["npu", "4"],
        ["agnostic", "4"],
    ]
    assert "Advised: agnostic" in table


def test_a_port_that_was_begun_is_said(tmp_path: Path) -> None:
    last = "    torch.cuda.empty_cache()\n"
    branch = f"    if torch.npu.is_available():\n        torch.npu.empty_cache()\n    else:\n    {last}"
    report = scan(tmp_path, PROGRAM.replace(last, branch))
    verdict = " ".join(render(report, "text", 100).split("VERDICT\n")[1].split("HOW THE")[0].split())
    assert "Part of a port is there: 1 place stands in or beside a branch for the target." in verdict
    assert json.loads(render(report, "json", 100))["strategies"]["ported"] == 1
    assert "Part of a port" not in render(scan(tmp_path, PROGRAM), "text", 100)


def test_nothing_is_compared_where_nothing_changes(tmp_path: Path) -> None:
    assert "BY STRATEGY" not in render(scan(tmp_path, "import torch\n"), "text", 100)


def test_estimates_stand_beside_the_counts() -> None:
    edits, days = Range(1, 2, 3), Range(4, 5, 6)
    found = compare([make.finding()], HAS_PROGRAM, (Plan("npu", edits, days),))
    rows = {outcome.strategy: outcome for outcome in found.outcomes}
    assert (rows["npu"].edits, rows["npu"].person_days) == (edits, days)
    assert rows["shim"].edits is None


def test_the_command_line_takes_each_strategy(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM, encoding="utf-8")
    checked = {name: portcheck("check", "--strategy", name, "--torch", "2.13.0", tmp_path) for name in STRATEGIES}
    assert {name: done.code for name, done in checked.items()} == {"shim": 0, "npu": 1, "agnostic": 1, "auto": 0}
    data = json.loads(portcheck("scan", "--strategy", "auto", "--format", "json", tmp_path).out)
    assert data["target"]["strategy"] == data["strategies"]["advised"]
    assert {row["strategy"] for row in data["strategies"]["compared"]} == {"shim", "npu", "agnostic"}


def test_a_strategy_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    done = portcheck("scan", "--strategy", "shims", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "shim" in done.err
