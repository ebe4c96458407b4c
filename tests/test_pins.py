"""Which versions fit what a repository asks of PyTorch."""

from __future__ import annotations

import pytest

from portcheck.model import FileFacts, Target
from portcheck.pins import agreed, fitting, pinned, pins
from portcheck.sources.manifest import read_manifest
from portcheck.sources.shell import read_shell
from tests.interest import INTEREST

VERSIONS = ("2.7.1", "2.11.0", "2.1.0", "2.13.0")

FITTING = {
    "": "2.1.0 2.7.1 2.11.0 2.13.0",
    ">=2.7,<2.13": "2.7.1 2.11.0",
    "==2.1.0+cu118": "2.1.0",
    ">=1.7.*": "2.1.0 2.7.1 2.11.0 2.13.0",
    "!=2.1.0,~=2.7": "2.7.1 2.11.0 2.13.0",
    "==1.9.1": "",
    "=2.7": "2.7.1",
    "=2.1.0=py3.10_cuda12.1_cudnn8": "2.1.0",
    "=>2.8": "2.11.0 2.13.0",
    "2.1.0|2.7.1": "2.1.0 2.7.1",
    "^2.7": "2.7.1 2.11.0 2.13.0",
    "~2.7": "2.7.1",
    "*": "2.1.0 2.7.1 2.11.0 2.13.0",
}


@pytest.mark.parametrize(("spec", "expected"), FITTING.items(), ids=lambda text: text or "none")
def test_fitting(spec: str, expected: str) -> None:
    assert fitting(spec, VERSIONS) == (tuple(expected.split()), True)


@pytest.mark.parametrize("spec", ["latest", "==", ">= two", "^"])
def test_what_nobody_can_compare_is_said(spec: str) -> None:
    assert fitting(spec, VERSIONS) == ((), False)


def read(text: str) -> FileFacts:
    return read_manifest(text.encode(), INTEREST)


def test_pins_of_a_repository() -> None:
    files = {
        "a/requirements.txt": read("numpy\ntorch>=2.5,<2.12\ntorch_npu==2.7.1"),
        "pyproject.toml": read(
            '[project]\ndependencies = ["torch!=2.11.0"]\n[dependency-groups]\ndev = ["torch==2.13"]'
        ),
        "environment.yml": read("dependencies:\n  - pytorch=2.7.1"),
    }
    found = pins(files, VERSIONS)
    assert [(pin.path, pin.span.line, pin.spec, pin.optional, pin.fits) for pin in found] == [
        ("a/requirements.txt", 2, "<2.12,>=2.5", False, ("2.7.1", "2.11.0")),
        ("pyproject.toml", 2, "!=2.11.0", False, ("2.1.0", "2.7.1", "2.13.0")),
        ("pyproject.toml", 4, "==2.13", True, ("2.13.0",)),
        ("environment.yml", 2, "=2.7.1", False, ("2.7.1",)),
    ]
    assert agreed(found, VERSIONS) == ("2.7.1",)


def test_without_requirements_every_version_is_left() -> None:
    assert agreed(pins({"a.py": FileFacts()}, VERSIONS), VERSIONS) == ("2.1.0", "2.7.1", "2.11.0", "2.13.0")


def test_a_version_from_a_variable_says_nothing_of_the_target() -> None:
    written = {
        "ci.sh": read_shell(b"pip install torch==$VERSION\n", INTEREST),
        "requirements.txt": read("torch>=2.11,<2.12"),
    }
    assert [pin.understood for pin in pins(written, VERSIONS)] == [False, True]
    default = Target("ascend", "2.7.1", "a2", "agnostic", "default")
    assert pinned(default, VERSIONS, {"ci.sh": written["ci.sh"]}) == default
    found = pinned(default, VERSIONS, written)
    assert (found.torch, found.source) == ("2.11.0", "requirements.txt: torch <2.12,>=2.11")
