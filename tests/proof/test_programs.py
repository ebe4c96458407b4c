"""Real programs for CUDA, before and after: what trips unfixed runs to its end on the NPU, and on the CPU as before."""

from __future__ import annotations

import math
import operator
from pathlib import Path

import pytest

from portcheck.config import Config
from portcheck.fix.run import write
from portcheck.repair import fix
from tests.proof.harness import NPU, PROMISED, UNWIRED, missing, run
from tests.proof.programs import PROGRAMS, Program, copy

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

NAME = operator.attrgetter("name")
CONFIG = Config(cache=False, jobs=1, torch="2.13.0")

every = pytest.mark.parametrize("program", PROGRAMS, ids=NAME)


@every
def test_before_it_trips(program: Program, tmp_path: Path) -> None:
    outcome = run(copy(program, tmp_path), program.command, PROMISED)
    assert outcome.trips, outcome.output
    assert not outcome.device


@every
def test_before_it_leaves_the_npu_alone(program: Program, tmp_path: Path) -> None:
    outcome = run(copy(program, tmp_path), program.command, NPU)
    assert outcome.trips or outcome.device == "cpu", outcome.output
    assert not outcome.on_npu


@every
def test_fixed_for_the_npu_it_runs_there(program: Program, tmp_path: Path) -> None:
    ends_on_the_npu(fixed(program, tmp_path, "npu"), program)


@every
def test_fixed_for_any_accelerator_it_runs_on_the_npu(program: Program, tmp_path: Path) -> None:
    ends_on_the_npu(fixed(program, tmp_path, "agnostic"), program)


@pytest.mark.parametrize("program", [each for each in PROGRAMS if each.on_cpu], ids=NAME)
def test_fixed_for_any_accelerator_it_does_on_a_cpu_what_it_did(program: Program, tmp_path: Path) -> None:
    before = run(copy(program, tmp_path / "before"), program.on_cpu, UNWIRED)
    after = run(fixed(program, tmp_path, "agnostic"), program.on_cpu, UNWIRED)
    assert (before.code, before.device) == (0, "cpu"), before.output
    assert (after.code, after.device, after.loss) == (0, "cpu", before.loss), after.output


@every
@pytest.mark.parametrize("style", ["npu", "agnostic"])
def test_a_second_fix_changes_nothing(program: Program, style: str, tmp_path: Path) -> None:
    folder = fixed(program, tmp_path, style)
    assert not [each.path for each in fix([folder], CONFIG._replace(strategy=style), unsafe=True).files if each.changed]


def fixed(program: Program, folder: Path, style: str) -> Path:
    """A copy of a program after the fix, with nothing in it that the fix could not write."""
    copied = copy(program, folder)
    done = fix([copied], CONFIG._replace(strategy=style), unsafe=True)
    assert any(each.changed for each in done.files)
    assert not write(done)
    return copied


def ends_on_the_npu(folder: Path, program: Program) -> None:
    outcome = run(folder, program.command, NPU)
    assert (outcome.code, outcome.trips, outcome.device) == (0, (), "npu"), outcome.output
    assert outcome.on_npu
    assert math.isfinite(outcome.loss)
