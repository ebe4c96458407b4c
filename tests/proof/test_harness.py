"""The machines of the proof: the wire trips on every way to CUDA, and the stand-in for an NPU behaves like a device."""

from __future__ import annotations

from pathlib import Path

import pytest

from portcheck.releases import public_names
from tests.proof.harness import CPU, FOLDER, NPU, PROMISED, UNWIRED, Outcome, missing, run
from tests.proof.programs import PROGRAMS, copy

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


def run_text(folder: Path, text: str, machine: str, autoload: bool = True) -> Outcome:
    (folder / "program.py").write_text(text, encoding="utf-8")
    return run(folder, ["program.py"], machine, autoload)


@pytest.mark.parametrize(
    "use",
    [
        "torch.cuda.synchronize()",
        "torch.cuda.amp.GradScaler()",
        "from torch.cuda.amp import autocast",
        "import torch.cuda.nvtx as nvtx",
        "hasattr(torch.cuda, 'Stream')",
        "torch.ones(1).cuda()",
        "torch.nn.Linear(1, 1).cuda()",
        "torch.zeros(1, device='cuda')",
        "torch.ones(1).to('cuda:0')",
        "torch.device('cuda', 0)",
        "torch.autocast('cuda')",
        "torch.amp.GradScaler()",
        "import torch.distributed as dist; dist.init_process_group('nccl')",
        "torch.save(torch.ones(1), 'x.pt'); torch.load('x.pt', map_location='cuda')",
    ],
)
@pytest.mark.parametrize("machine", [NPU, PROMISED])
def test_every_way_to_cuda_trips(tmp_path: Path, use: str, machine: str) -> None:
    outcome = run_text(tmp_path, f"import torch\n{use}\nprint('the end')\n", machine)
    assert outcome.trips, outcome.output
    assert outcome.code != 0
    assert "the end" not in outcome.output


def test_a_program_that_catches_everything_trips_all_the_same(tmp_path: Path) -> None:
    text = "import torch\ntry:\n    torch.cuda.synchronize()\nexcept BaseException:\n    pass\n"
    outcome = run_text(tmp_path, text, NPU)
    assert (outcome.code, outcome.trips) == (0, ("torch.cuda.synchronize",))


def test_trips_in_processes_that_the_program_starts(tmp_path: Path) -> None:
    text = (
        "import torch\nimport torch.multiprocessing as mp\n\n\n"
        "def work(rank):\n    torch.ones(1).cuda()\n\n\n"
        "if __name__ == '__main__':\n    mp.spawn(work, nprocs=1)\n"
    )
    assert run_text(tmp_path, text, NPU).trips == ("Tensor.cuda()",)


@pytest.mark.parametrize(("machine", "answer"), [(NPU, "False"), (CPU, "False"), (PROMISED, "True")])
def test_asking_whether_there_is_a_gpu_is_no_use_of_one(tmp_path: Path, machine: str, answer: str) -> None:
    outcome = run_text(tmp_path, "import torch\nprint(torch.cuda.is_available())\n", machine)
    assert (outcome.code, outcome.trips, outcome.on_npu) == (0, (), False)
    assert outcome.output.strip().endswith(answer)


def test_no_npu_without_torch_npu(tmp_path: Path) -> None:
    text = "import torch\nprint(torch.ones(1, device='npu').device)\n"
    assert run_text(tmp_path, text, NPU).code == 0
    assert run_text(tmp_path, text, NPU, autoload=False).code != 0
    assert run_text(tmp_path, "import torch_npu\n" + text, NPU, autoload=False).code == 0
    assert run_text(tmp_path, "import torch_npu\n", UNWIRED).code != 0


def test_operands_on_two_devices_are_refused(tmp_path: Path) -> None:
    text = "import torch\ntorch.ones(2, 2, device='npu') @ torch.ones(2, 2)\n"
    outcome = run_text(tmp_path, text, NPU)
    assert outcome.code != 0
    assert "on the same device" in outcome.output


def test_a_tensor_of_the_npu_is_no_array(tmp_path: Path) -> None:
    assert "Tensor.cpu()" in run_text(tmp_path, "import torch\ntorch.ones(2, device='npu').numpy()\n", NPU).output


def test_the_stand_in_offers_nothing_that_the_vendor_does_not(tmp_path: Path) -> None:
    outcome = run_text(tmp_path, "import torch_npu\nprint(*torch_npu.npu.__all__)\n", NPU)
    names = outcome.output.splitlines()[-1].split()
    assert "synchronize" in names, outcome.output
    assert {f"torch.npu.{name}" for name in names} <= set(public_names("2.7.1"))


@pytest.mark.parametrize("name", ["amp_loop", "ddp"])
def test_a_program_with_the_names_changed_by_hand_runs_on_the_npu(name: str, tmp_path: Path) -> None:
    program = next(each for each in PROGRAMS if each.name == name)
    folder = copy(program, tmp_path)
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("cuda", "npu").replace("nccl", "hccl"), encoding="utf-8")
    outcome = run(folder, program.command, NPU)
    assert (outcome.code, outcome.trips, outcome.device, outcome.on_npu) == (0, (), "npu", True), outcome.output


def test_the_folder_of_programs_is_known() -> None:
    assert {program.name for program in PROGRAMS} == {path.name for path in (FOLDER / "programs").iterdir()}
