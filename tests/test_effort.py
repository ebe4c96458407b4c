"""The estimate: what it says of repositories small and strange, its scope, its ranges, its strategies, its speed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portcheck
from portcheck.config import Config
from portcheck.edit_model import Counted, around, chance, lines, lines_of
from portcheck.errors import UsageError
from portcheck.model import Category, Report, Role, Work
from portcheck.prices import load, overrides
from portcheck.report import render
from tests import factories as make
from tests.commands import portcheck as run

MODEL = load().model
TRAIN = (
    "import torch\nfrom pkg.core import step\n"
    "model = torch.nn.Linear(1, 1).cuda()\nif __name__ == '__main__':\n    step()\n"
)
CORE = "import torch\n\ndef step():\n    torch.cuda.synchronize()\n    torch.cuda.empty_cache()\n"
ASIDE = "import torch\n\ndef other():\n    return torch.zeros(1).cuda()\n"


def scanned(folder: Path, files: dict[str, str], **options: Any) -> Report:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return portcheck.scan([folder], Config(**options))


def effort_of(folder: Path, files: dict[str, str], **options: Any) -> Any:
    effort = scanned(folder, files, **options).effort
    assert effort is not None
    return effort


REPOSITORY = {
    "train.py": TRAIN,
    "pkg/__init__.py": "",
    "pkg/core.py": CORE,
    "pkg/aside.py": ASIDE,
    "tests/test_x.py": ASIDE,
}


def test_the_program_to_port_first_is_the_one_that_is_looked_for_first(tmp_path: Path) -> None:
    programs = ("aa/bb/train_more.py", ".ci/train.py", "tools/train.py", "tools/analyze_train.py")
    effort = effort_of(tmp_path, {**REPOSITORY, **dict.fromkeys(programs, TRAIN)})
    assert [each.detail for each in effort.levers if each.name == "Port one entry point first"] == ["--entry train.py"]
    (tmp_path / "train.py").unlink()
    effort = effort_of(tmp_path, {})
    assert "--entry tools/train.py" in [each.detail for each in effort.levers]


def test_the_program_to_port_first_saves_what_the_others_cost(tmp_path: Path) -> None:
    others = {f"tools/train_{name}.py": TRAIN for name in "abcdefgh"}
    whole = effort_of(tmp_path, {**REPOSITORY, **others, **{f"pkg/more_{n}.py": ASIDE * 200 for n in range(9)}})
    (saved,) = [each.person_days for each in whole.levers if each.name == "Port one entry point first"]
    assert whole.person_days.likely - saved == effort_of(tmp_path, {}, entry=("train.py",)).person_days.likely


def test_a_library_that_may_be_missing_costs_little(tmp_path: Path) -> None:
    use = "def f(q):\n    return flash_attn.flash_attn_func(q, q, q) if flash_attn else q\n"
    optional = f"try:\n    import flash_attn\nexcept ImportError:\n    flash_attn = None\n{use}"
    loose = effort_of(tmp_path / "a", {**REPOSITORY, "pkg/attention.py": optional})
    bound = effort_of(tmp_path / "b", {**REPOSITORY, "pkg/attention.py": f"import flash_attn\n{use}"})
    assert {"library-optional"} == {s.name for p in loose.packages for s in p.steps if s.name.startswith("library")}
    assert {"library-replace"} == {s.name for p in bound.packages for s in p.steps if s.name.startswith("library")}
    assert any("behind an optional import" in text for text in loose.assumptions)


def test_a_backend_that_nobody_chooses_counts_less_and_is_said(tmp_path: Path) -> None:
    report = scanned(tmp_path, {**REPOSITORY, "pkg/backends/__init__.py": "", "pkg/backends/cuda.py": CORE})
    chances = {file.path: file.chance for file in report.files}
    assert 0 < chances["pkg/backends/cuda.py"] < chances["pkg/core.py"]
    assert report.effort is not None and "reach 2 of 7" in " ".join(report.effort.assumptions)


def test_a_helper_with_a_hundred_callers_is_one_edit(tmp_path: Path) -> None:
    helper = {"train.py": TRAIN, "pkg/__init__.py": "", "pkg/core.py": ASIDE.replace("other", "step")}
    callers = {f"pkg/use_{number}.py": "from pkg.core import step\nstep()\nstep()\n" for number in range(50)}
    few, many = effort_of(tmp_path / "a", helper), effort_of(tmp_path / "b", {**helper, **callers})
    assert many.packages[1].places == few.packages[1].places == 2
    assert 101 in [root.calls for package in many.packages for root in package.roots]
    assert many.packages[1].edits.likely == few.packages[1].edits.likely


def test_a_small_repository(tmp_path: Path) -> None:
    report = scanned(tmp_path, REPOSITORY)
    effort = report.effort
    assert effort is not None
    assert effort.reach.entries == ("train.py",)
    assert (effort.reach.reached, effort.reach.unreached) == (2, 3)
    assert 0 <= effort.edits.low < effort.edits.likely <= effort.edits.high
    assert 0 < effort.person_days.low <= effort.person_days.likely <= effort.person_days.high
    assert [package.name for package in effort.packages][:2] == ["environment", "device"]
    assert "person-days" in effort.verdict and "lines to edit" in effort.verdict
    chances = {file.path: file.chance for file in report.files}
    assert chances["pkg/core.py"] > chances["pkg/aside.py"] > chances["tests/test_x.py"] > 0
    assert all(file.edits and file.edits.low <= file.edits.likely <= file.edits.high for file in report.files)


def test_the_estimate_does_not_depend_on_what_is_shown(tmp_path: Path) -> None:
    whole = effort_of(tmp_path, REPOSITORY)
    assert effort_of(tmp_path, REPOSITORY, select=("PC9",)) == whole
    assert effort_of(tmp_path, REPOSITORY, jobs=1, cache=False) == whole


def test_an_entry_narrows_the_estimate(tmp_path: Path) -> None:
    report = scanned(tmp_path, REPOSITORY, entry=("train.py",))
    assert report.effort is not None and report.effort.reach.narrowed
    assert {file.path: file.chance for file in report.files}["pkg/aside.py"] == 0
    assert "train.py needs" in report.effort.verdict
    with pytest.raises(UsageError, match="no Python file"):
        scanned(tmp_path, REPOSITORY, entry=("gone.py",))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "there was no file to look at"),
        ({"a.py": "import os\n", "b.py": "print(1)\n"}, "Nothing to port (looked at, by kind: 2 python)"),
        ({"third_party/x/a.py": ASIDE}, "the one place to change is in vendored"),
        ({"third_party/x/a.py": ASIDE + CORE}, "all 3 places to change are in vendored"),
        ({"Dockerfile": "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\n"}, ""),
        ({"k.cu": "__global__ void f(float* x) { x[threadIdx.x] = 0; }\n"}, "person-days"),
    ],
)
def test_repositories_with_nothing_or_only_one_thing(tmp_path: Path, files: dict[str, str], words: str) -> None:
    effort = effort_of(tmp_path, files)
    assert words in effort.verdict
    if "othing to port" in effort.verdict:
        assert effort.person_days == effort.edits == (0, 0, 0)
        assert not effort.packages


KERNEL = "__global__ void f(float* x) {{ x[0] = {}; }}\n"


def test_kernels_alone_are_priced_by_size_and_difficulty(tmp_path: Path) -> None:
    small = effort_of(tmp_path / "a", {"k.cu": KERNEL.format(1) * 20})
    large = effort_of(tmp_path / "b", {"k.cu": KERNEL.format(1) * 900})
    hard = effort_of(tmp_path / "c", {"k.cu": KERNEL.format("__shfl_xor_sync(0xffffffff, x[0], 1)")})
    assert large.person_days.likely > small.person_days.likely < hard.person_days.likely
    assert "kernels" in [package.name for package in small.packages]


def test_files_that_follow_a_kernel_cost_little(tmp_path: Path) -> None:
    alone = effort_of(tmp_path, {"k.cuh": KERNEL.format(1)})
    follow = effort_of(
        tmp_path, {f"{kind}.cu": '#include "k.cuh"\ntemplate void run<{kind}>();\n' for kind in "abcdef"}
    )
    assert follow.person_days.likely - alone.person_days.likely <= 1


def test_the_parts_of_a_toolkit_are_one_library_to_swap(tmp_path: Path) -> None:
    parts = "".join(f"  - {name}=12.1\n" for name in ("cuda-cudart", "cuda-nvrtc", "cuda-nvtx", "cuda-libraries"))
    effort = effort_of(tmp_path, {**REPOSITORY, "environment.yaml": f"dependencies:\n{parts}"})
    swaps = [step for package in effort.packages for step in package.steps if step.name == "library-swap"]
    assert [step.number for step in swaps] == [1]


def test_the_shim_takes_work_away(tmp_path: Path) -> None:
    plans = {plan.strategy: plan for plan in effort_of(tmp_path, REPOSITORY).strategies}
    assert set(plans) == {"agnostic", "npu", "shim"}
    assert plans["shim"].edits.likely <= plans["agnostic"].edits.likely
    assert plans["shim"].person_days.likely <= plans["agnostic"].person_days.likely
    assert plans["shim"].edits.likely > 0, "what the shim does not reach, such as operators, is edited all the same"


@pytest.mark.parametrize(
    ("said", "less"),
    [({"known": ["platform"]}, True), ({"skip": ["performance", "ci"]}, True), ({"days": {"tests": 40}}, False)],
)
def test_a_team_changes_the_prices(tmp_path: Path, said: dict[str, Any], less: bool) -> None:
    before = effort_of(tmp_path, REPOSITORY).person_days.likely
    after = effort_of(tmp_path, REPOSITORY, effort=overrides(said, "effort"))
    assert (after.person_days.likely < before) is less
    assert any("From the configuration" in text for text in after.assumptions)
    if "skip" in said:
        assert not {"performance", "ci"} & {package.name for package in after.packages}


def test_what_cannot_be_read_widens_the_range(tmp_path: Path) -> None:
    sure = effort_of(tmp_path / "a", REPOSITORY).edits
    broken = {f"broken_{number}.py": "def f(:\n" for number in range(5)}
    doubtful = effort_of(tmp_path / "b", {**REPOSITORY, **broken})
    assert doubtful.edits.high / doubtful.edits.likely > sure.high / sure.likely
    assert any("wider" in text for text in doubtful.assumptions)


def test_helpers_come_first(tmp_path: Path) -> None:
    callers = {f"use_{number}.py": "from pkg.core import step\nstep()\nstep()\n" for number in range(9)}
    effort = effort_of(tmp_path, {**REPOSITORY, **callers})
    roots = [root for package in effort.packages for root in package.roots]
    assert ("step", 19) in {(root.name, root.calls) for root in roots}


def test_a_check_estimates_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(ASIDE, encoding="utf-8")
    assert portcheck.scan([tmp_path], tables=False).effort is None


def test_in_json_and_in_text(tmp_path: Path) -> None:
    report = scanned(tmp_path, REPOSITORY)
    document = json.loads(render(report, "json"))
    assert set(document["effort"]) >= {
        "person_days", "edits", "by_work", "packages", "drivers", "assumptions", "model",
    }  # fmt: skip
    assert all({"low", "likely", "high"} == set(file["edits"]) for file in document["files"])
    text = render(report, "text")
    assert text.index("Effort: ") < text.index("HOW THE EFFORT WAS COMPUTED") < text.index("THE PLAN")
    assert text.index("THE PLAN") < text.index("BY STRATEGY")


def test_explain_effort(tmp_path: Path) -> None:
    done = run("explain", "effort", cwd=tmp_path)
    assert done.code == 0
    assert "rank correlation" in done.out and "accuracy" in done.out and "assumptions" in done.out


def counted(
    todo: int = 1, keys: int = 1, role: Role = Role.SOURCE, torch: bool = True, reached: bool = True
) -> Counted:
    found = ((frozenset({("device-move", "")}), keys),) if keys else ()
    return Counted("a.py", role, found, todo, torch, reached)


@given(st.integers(1, 500), st.integers(0, 500), st.sampled_from(Role))
def test_more_places_are_never_less_work(places: int, more: int, role: Role) -> None:
    one, other = counted(places, places, role), counted(places + more, places + more, role)
    assert 0 <= lines(one, MODEL) <= lines(other, MODEL) <= MODEL.touched + MODEL.most * MODEL.changed
    assert 0 <= chance(one, MODEL) <= chance(other, MODEL) < 1


@given(st.floats(0, 1e6), st.floats(1, 2))
def test_ranges_hold_their_value_and_widen(value: float, spread: float) -> None:
    plain, wide = around(value, MODEL.low, MODEL.high), around(value, MODEL.low, MODEL.high, spread)
    assert wide.low <= plain.low <= plain.likely <= plain.high <= wide.high
    assert (plain.likely > 0) is (value > 0)


@pytest.mark.parametrize(
    ("work", "guards", "category", "less_than"),
    [
        (Work.NONE, (), Category.DEVICE_MOVE, 1.0),
        (Work.RENAME, ("optional",), Category.DEVICE_MOVE, 1.0),
        (Work.RENAME, (), Category.ENV, 1.0),
        (None, (), Category.DEVICE_MOVE, None),
    ],
)
def test_what_porters_leave_alone_counts_less(
    work: Work | None, guards: Any, category: Category, less_than: float | None
) -> None:
    usual = lines_of([make.finding(category=Category.DEVICE_MOVE)])
    other = lines_of([make.finding(work=work or Work.RENAME, guards=guards, category=category)])
    files = [Counted("a.py", Role.SOURCE, rows, 1, True, True) for rows in (usual, other)]
    assert (lines(files[1], MODEL) < lines(files[0], MODEL)) is (less_than is not None)


def test_a_line_with_three_places_is_one_change() -> None:
    places = [make.finding(line=3), make.finding(line=3, category=Category.DEVICE_MOVE), make.finding(line=4)]
    assert sum(number for _, number in lines_of(places)) == 2
