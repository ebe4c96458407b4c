"""The calibration: its numerics, its fit on made-up ports with known answers, and what the project keeps of it."""

from __future__ import annotations

import csv
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import fit, record
from calibration.numbers import minimum, ranks, spearman
from calibration.ports import INITIAL, Place, Port
from portcheck.edit_model import Counted
from portcheck.model import Role
from portcheck.prices import load


def file(path: str, places: int) -> Counted:
    found = ((frozenset({("device-move", "")}), places),) if places else ()
    return Counted(path, Role.SOURCE, found, places, True, True)


def port(repo: str, touched: int, places: int, lines: int) -> Port:
    files = tuple(file(f"f{number}.py", places) for number in range(touched + 5))
    seen: tuple[Place, ...] = tuple(Place(("device-move", ""), number % 2 == 0) for number in range(touched * places))
    names = frozenset(each.path for each in files[:touched])
    return Port(repo, repo, repo, "2025-01-01", INITIAL, False, lines, files, names, seen)


PORTS = [port(f"r{number}", number, 2, 9 * number) for number in range(1, 9)]


def test_ranks_share_ties() -> None:
    assert ranks([5, 1, 5]) == [1.5, 0, 1.5]
    assert spearman([1, 2, 3], [10, 20, 30]) == pytest.approx(1)
    assert spearman([1, 2, 3], [7, 7, 7]) == 0


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=12))
def test_correlation_stays_within_bounds(values: list[float]) -> None:
    assert -1.000001 <= spearman(values, values[::-1]) <= 1.000001


def test_a_minimum_is_found() -> None:
    found = minimum(lambda point: (point[0] - 3) ** 2 + (point[1] + 1) ** 2, [0.0, 0.0])
    assert found == pytest.approx([3, -1], abs=0.01)


def test_the_fit_ranks_ports_that_follow_the_model() -> None:
    folds = fit.left_out(PORTS, "test")
    model = fit.ranged(fit.fit(PORTS, "test"), folds)
    values = record.figures(model, folds, fit.blind(folds))
    assert values["points"] == len(PORTS)
    assert values["spearman_touched"] > 0.99
    assert model.shares["device-move"] == pytest.approx(0.5, abs=0.05)
    assert model.low < 1 < model.high


def test_the_largest_first_port_of_a_repository_counts() -> None:
    both = [port("r", 1, 1, 5), port("r", 2, 1, 50), port("s", 1, 1, 7)._replace(kind="follow-up")]
    assert [each.lines for each in fit.largest(both)] == [50]


def test_the_record_is_of_the_model_in_force() -> None:
    prices = load()
    with record.SAMPLE.open(encoding="utf-8", newline="") as rows:
        sample = list(csv.DictReader(rows))
    assert f"{len(sample)} in {len({row['repository'] for row in sample})} repositories" in prices.model.version
    chosen = [row for row in sample if row["largest"] == "1"]
    assert len(chosen) == prices.figures["points"]
    real = [float(row["lines"]) for row in chosen]
    told = [float(row["expected_touched"]) for row in chosen]
    assert all(math.isfinite(value) and value > 0 for value in told)
    assert spearman(real, told) > 0.7
