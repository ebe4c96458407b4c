"""The plan: what counts as which item, what items cost, how sums of ranges behave, how days are shown."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck import plan
from portcheck.estimate import Range
from portcheck.model import Category, Finding, Kind, Link, Role, Source, Work
from portcheck.prices import load
from portcheck.verdict import about, span
from tests import factories as make

PRICES = load()


def library(subject: str, work: Work, **changes: Any) -> Finding:
    return make.finding(subject=subject, work=work, category=Category.LIBRARY, **changes)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((library("apex.amp", Work.REWRITE), library("apex.optimizers", Work.RENAME)), {"library-replace": 1}),
        ((library("flash_attn.x", Work.BLOCKER), library('"flash-attn"', Work.CONFIG)), {"library-missing": 1}),
        ((library("bitsandbytes", Work.CONFIG),), {"library-swap": 1}),
        ((library("xformers.ops", Work.REWRITE, guards=("optional",)),), {"library-optional": 1}),
        ((library("apex", Work.REWRITE, role=Role.TEST),), {}),
        ((library("deepspeed", Work.VERIFY),), {}),
    ],
)
def test_libraries_are_counted_by_name_and_by_what_becomes_of_them(
    findings: Tuple[Finding, ...], expected: Dict[str, int]
) -> None:
    found = plan.counts(findings, (), {}, (), False)
    assert {name: number for name, (number, _) in found.items() if name.startswith("library") and number} == expected


def test_kernels_are_counted_by_size() -> None:
    sizes = {"a.cu": 50, "b.cu": 300, "c.cuh": 3000, "third_party/d.cu": 9, "e.cpp": 9}
    sources = [
        Source(path, Kind.KERNEL, Role.VENDORED if "/" in path else Role.SOURCE, 10 * lines)
        for path, lines in sizes.items()
    ]
    found = plan.counts((), sources, sizes, (), False)
    assert {name: found[name][0] for name in ("kernel-small", "kernel-medium", "kernel-large")} == {
        "kernel-small": 1,
        "kernel-medium": 1,
        "kernel-large": 1,
    }


def test_entry_points_are_told_apart_by_name() -> None:
    found = plan.counts((), (), {}, ("train_ddp.py", "tools/finetune.py", "sample.py", "plot_train.py"), False)
    assert (found["accuracy"][0], found["inference"][0]) == (2, 2)
    assert plan.counts((), (), {}, (), True)["accuracy"][0] == 1


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
        library("apex", Work.REWRITE),
    ]
    found = plan.counts(findings, (), {}, ("train.py",), False)
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
