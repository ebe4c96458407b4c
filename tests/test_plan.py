"""The plan: what counts as which item, what items cost, how sums of ranges behave, how days are shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck import plan, tally
from portcheck.estimate import Range
from portcheck.inventory import Inventory, KernelFile, Library, Place
from portcheck.model import Category, Link, Role, Work
from portcheck.prices import load
from portcheck.verdict import about, span
from tests import factories as make

PRICES = load()
ROLES = {"a.py": Role.SOURCE, "tests/a.py": Role.TEST}


def library(name: str, work: Work, **changes: Any) -> Library:
    at = (Place(changes.pop("path", "a.py"), 1),)
    row = Library(name, "replaced", work.value, f"leave {name} out", "", (), (), at, False, ("PC600",), ())
    return row._replace(**changes)


def kernel(path: str, **changes: Any) -> KernelFile:
    return KernelFile(Place(path, 1), "cuda", "source", 50, 1, 1, "easy", ())._replace(**changes)


def counted(
    libraries: tuple[Library, ...] = (), kernels: tuple[KernelFile, ...] = (), roles: Any = ROLES, **others: Any
) -> dict[str, int]:
    stock = Inventory(libraries, kernels, ())
    found = tally.counts((), stock, roles, others.get("entries", {}), others.get("library", False))
    return {name: number for name, (number, _) in found.items() if number}


@pytest.mark.parametrize(
    ("libraries", "expected"),
    [
        ((library("apex", Work.REWRITE),), {"library-replace": 1}),
        ((library("flash_attn", Work.BLOCKER), library("cupy", Work.BLOCKER)), {"library-missing": 2}),
        ((library("bitsandbytes", Work.CONFIG),), {"library-swap": 1}),
        ((library("xformers", Work.REWRITE, optional=True),), {"library-optional": 1}),
        ((library("apex", Work.REWRITE, path="tests/a.py"),), {}),
        ((library("apex", Work.REWRITE, path="out/of/scope.py"),), {}),
        ((library("deepspeed", Work.VERIFY),), {}),
        (tuple(library(f"cuda-{part}", Work.CONFIG, advice="drop it") for part in "abcdef"), {"library-swap": 1}),
    ],
)
def test_libraries_are_counted_by_what_becomes_of_them(
    libraries: tuple[Library, ...], expected: dict[str, int]
) -> None:
    found = counted(libraries)
    assert {name: number for name, number in found.items() if name.startswith("library")} == expected


def test_kernels_are_counted_by_difficulty_and_those_that_only_follow_apart() -> None:
    rows = (
        kernel("a.cu"),
        kernel("b.cu", difficulty="medium"),
        kernel("c.cuh", difficulty="hard"),
        kernel("third_party/d.cu", role="vendored"),
        kernel("bf16.cu", kernels=0),
        kernel("half.cu", kernels=0),
        kernel("blas.cpp", language="host", kernels=0, launches=0),
        kernel("roll.cu", there=Place("npu/roll.cpp", 1)),
        kernel("a.py", language="triton"),
        kernel("b.py", language="triton", difficulty="hard"),
        kernel("c.py", language="numba"),
    )
    found = counted(kernels=rows, roles={row.place.path: Role.SOURCE for row in rows})
    assert {name: number for name, number in found.items() if name.startswith("kernel")} == {
        "kernel-easy": 2,
        "kernel-medium": 1,
        "kernel-hard": 1,
        "kernel-host": 3,
        "kernel-there": 1,
        "kernel-triton": 1,
        "kernel-triton-hard": 1,
    }


def test_kernels_out_of_scope_are_left_out() -> None:
    rows = (kernel("a.cu", loaded=(Place("used.py", 1),)), kernel("b.cu", loaded=(Place("other.py", 1),)))
    assert counted(kernels=rows, roles=dict.fromkeys(("a.cu", "b.cu", "used.py"), Role.SOURCE))["kernel-easy"] == 1


def test_entry_points_are_told_apart_by_name() -> None:
    found = counted(
        entries={"train_ddp.py": True, "tools/finetune.py": True, "sample.py": False, "plot_train.py": False}
    )
    assert (found["accuracy"], found["inference"]) == (2, 2)
    assert counted(library=True)["accuracy"] == 1


@pytest.mark.parametrize(
    ("path", "use", "expected"),
    [
        ("train_ddp.py", "torch.no_grad", True),
        ("plot_train.py", "torch.optim.AdamW", False),
        ("main.py", "torch.optim.AdamW", True),
        ("main.py", "pkg/trainer.py", True),
        ("main.py", "seq2seq_trainer.py", True),
        ("export.py", "torch.utils.mobile_optimizer.optimize_for_mobile", False),
        ("sample.py", "pkg/optimize.py", False),
    ],
)
def test_a_program_trains_by_its_name_or_by_what_it_uses(path: str, use: str, expected: bool) -> None:
    assert tally.is_training(path, [use]) is expected


def test_the_first_of_a_kind_costs_most() -> None:
    item = next(item for item in PRICES.items if item.name == "accuracy")
    costs = [plan.cost(item, number).likely for number in (1, 2, 3, 1000)]
    assert costs[0] == item.days.likely
    assert costs[1] - costs[0] == pytest.approx(item.next * item.days.likely)
    assert costs[3] == plan.cost(item, item.most).likely


@given(st.lists(st.tuples(*[st.floats(0, 100)] * 3).map(lambda each: Range(*sorted(each))), min_size=1, max_size=6))
def test_a_sum_is_no_wider_than_its_parts_together(parts: Any) -> None:
    low, likely, high = plan.total(parts)
    assert likely == pytest.approx(sum(part.likely for part in parts))
    assert low >= sum(part.low for part in parts) - 1e-9
    assert high <= sum(part.high for part in parts) + 1e-9
    assert low <= likely <= high


@given(st.tuples(*[st.floats(0, 5000)] * 3).map(lambda each: Range(*sorted(each))))
def test_days_are_shown_whole_and_in_order(days: Range) -> None:
    shown = plan.whole(days)
    assert shown.low <= shown.likely <= shown.high
    assert all(value == int(value) for value in shown)


def test_packages_come_in_order_with_their_root_causes() -> None:
    findings = [
        make.finding("a.py", callers=40),
        make.finding("b.py", category=Category.DISTRIBUTED, subject="nccl"),
        make.finding("tests/c.py", role=Role.TEST),
        make.finding(subject="apex", work=Work.REWRITE, category=Category.LIBRARY),
    ]
    stock = Inventory((library("apex", Work.REWRITE),), (), ())
    found = tally.counts(findings, stock, ROLES, {"train.py": True}, False)
    rows = plan.packages(findings, {"device": 50.0}, found, [("a.py", Link("to_device", 40, 9))], PRICES, 1.0)
    packages = [row.package for row in rows]
    assert [each.name for each in packages] == [
        "environment", "dependencies", "device", "distributed", "numerics", "performance", "ci",
    ]  # fmt: skip
    device = packages[2]
    assert (device.edits.likely, device.places, device.fixable) == (50, 1, 1)
    assert [(root.name, root.calls) for root in device.roots] == [("to_device", 40)]
    assert "kernels" not in device.unblocks
    assert plan.drivers(rows, PRICES)[0].person_days >= plan.drivers(rows, PRICES)[-1].person_days


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (7, "7"), (23, "25"), (104, "100"), (1234, "1,200")])
def test_numbers_are_no_finer_than_they_are_known(value: float, text: str) -> None:
    assert about(value) == text


def test_a_range_of_one_value_is_one_number() -> None:
    assert span(Range(3, 3, 3), "days") == "3 days"
    assert span(Range(1, 3, 9), "days") == "1 to 9 days, likely 3"
