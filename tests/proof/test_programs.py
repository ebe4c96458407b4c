"""Real programs for CUDA, before and after: what trips unfixed runs to its end on the NPU, and on the CPU as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.harness import NPU, PROMISED, missing, run
from tests.proof.programs import PROGRAMS, Program, copy

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

every = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: str(program.name))


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
def test_with_the_names_changed_it_runs_on_the_npu(program: Program, tmp_path: Path) -> None:
    folder = copy(program, tmp_path)
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for old, new in (("cuda", "npu"), ("nccl", "hccl")):
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    outcome = run(folder, program.command, NPU)
    assert (outcome.code, outcome.trips, outcome.device) == (0, (), "npu"), outcome.output
    assert outcome.on_npu
    assert outcome.loss == outcome.loss
