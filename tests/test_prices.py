"""Prices: the files of the project, what a team says instead, and everything that contradicts itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from portcheck.config import resolve
from portcheck.errors import ConfigError, PackError
from portcheck.estimate import Range
from portcheck.model import Category
from portcheck.paths import rules_folder
from portcheck.prices import FILES, changed, load, overrides, sized


def test_every_price_rises_and_gives_its_reason() -> None:
    prices = load()
    assert prices.per_day.low < prices.per_day.likely < prices.per_day.high
    for item in prices.items:
        assert 0 <= item.days.low <= item.days.likely <= item.days.high
        assert item.why.startswith("Assumption")
        assert item.package in {package.name for package in prices.packages}


def test_every_category_goes_into_at_most_one_package() -> None:
    named = [category for package in load().packages for category in package.categories]
    assert len(named) == len(set(named))
    assert set(named) == {category.value for category in Category}


def test_the_fitted_figures_are_there() -> None:
    prices = load()
    assert prices.figures["points"] >= 10
    assert prices.model.low < 1 < prices.model.high
    assert prices.model.repository_low < prices.model.low


def test_what_a_team_says_replaces_the_price() -> None:
    said = overrides(
        {"edits-per-day": 200, "days": {"tests": [1, 2, 3]}, "known": ["platform"], "skip": ["performance"]}, "effort"
    )
    prices = changed(load(), said)
    assert prices.per_day == Range(200, 200, 200)
    assert {item.name: item.days for item in prices.items}["tests"] == Range(1, 2, 3)
    assert prices.skip == {"platform", "performance"}
    assert len(prices.changes) == 4


def test_what_grows_costs_less_in_less_code_and_no_more_than_so_much() -> None:
    prices = changed(load(), overrides({"days": {"tests": 2}}, "effort"))
    few, some, many = (
        {item.name: item.days.likely for item in sized(prices, lines).items} for lines in (50, 5_000, 5_000_000)
    )
    assert few["performance"] < some["performance"] < many["performance"] <= 2 * some["performance"]
    assert few["platform"] == some["platform"] == many["platform"]
    assert few["tests"] == many["tests"] == 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"known": ["platform"], "skip": ["platform"]}, "both known and skipped"),
        ({"known": ["platform"], "skip": ["environment"]}, "both known and skipped"),
        ({"days": {"tests": 1}, "skip": ["ci"]}, "has a price and is skipped"),
        ({"days": {"platform": 1}, "known": ["platform"]}, "has a price and is known"),
        ({"days": {"tests": [3, 2, 1]}}, "must rise from low to high"),
        ({"days": {"tests": [1, 2]}}, r"a number, or \[low, likely, high\]"),
        ({"days": {"test": 1}}, "did you mean 'tests'"),
        ({"edits-per-day": 0}, "above 0"),
        ({"edits-per-day": True}, "must be a number"),
        ({"edits_per_day": 1}, "did you mean 'edits-per-day'"),
        ({"skip": "ci"}, "must be a list"),
        ({"skip": [package.name for package in load().packages]}, "nothing to estimate"),
        (7, "must be a table"),
    ],
)
def test_contradictions_are_refused_with_the_reason(table: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        overrides(table, "effort")


def test_the_configuration_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "portcheck.toml").write_text('entry = ["a.py"]\n[effort]\nskip = ["ci"]\n', encoding="utf-8")
    config = resolve([str(tmp_path)], {}).config
    assert config.entry == ("a.py",)
    assert config.effort is not None and config.effort.skip == ("ci",)


@pytest.mark.parametrize(
    "change",
    [{"effort.toml": "not toml ["}, {"edit_model.toml": "version = 1"}, {"effort.toml": None}, {"effort.toml": ""}],
)
def test_broken_files_stop_the_run(tmp_path: Path, change: dict[str, Any]) -> None:
    for name in FILES:
        shutil.copy(rules_folder() / name, tmp_path / name)
    for name, text in change.items():
        (tmp_path / name).unlink() if text is None else (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=r"\.toml"):
        load(tmp_path)
