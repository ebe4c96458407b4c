"""The version and card of a run: what is meant by a spelling, and which are near when there is none."""

from __future__ import annotations

import pytest

from portcheck import pack
from portcheck.aim import target_of
from portcheck.config import Config
from portcheck.errors import UsageError

ABOUT = pack.load("ascend").target


@pytest.mark.parametrize(
    ("torch", "hardware", "expected"),
    [
        pytest.param("", "", ("2.7.1", "a2"), id="the defaults"),
        pytest.param("2.13.0", "950", ("2.13.0", "950"), id="as they are spelt"),
        pytest.param("2.7", "A3", ("2.7.1", "a3"), id="cut off, in capitals"),
        pytest.param("2.11.0+cpu", "a2", ("2.11.0", "a2"), id="a local version"),
        pytest.param("2.7.1.post8", "a2", ("2.7.1", "a2"), id="a release of torch_npu"),
    ],
)
def test_what_is_meant(torch: str, hardware: str, expected: tuple[str, str]) -> None:
    target = target_of(ABOUT, Config(torch=torch, hardware=hardware))
    assert (target.torch, target.hardware) == expected


@pytest.mark.parametrize(
    ("torch", "near"),
    [
        ("2.14.0", "the nearest is 2.13.0; there are"),
        ("2.9", "the nearest are 2.7.1 and 2.11.0; there are"),
        ("1.13.1", "the nearest is 2.7.1; there are"),
        ("two", r"\(torch_npu\): there are 2.7.1"),
    ],
)
def test_an_unknown_version_is_told_the_nearest(torch: str, near: str) -> None:
    with pytest.raises(UsageError, match=near):
        target_of(ABOUT, Config(torch=torch))


def test_an_unknown_card_is_told_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no card '960' .* there are a2, a3, 950; did you mean '950'"):
        target_of(ABOUT, Config(hardware="960"))
