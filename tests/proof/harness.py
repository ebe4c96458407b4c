"""Runs a program in a process of its own, on one of three machines: with an NPU, with a CPU alone, with a GPU promised.

The NPU is the stand-in beside this file: real PyTorch computes on the CPU under the device name `npu`. On every machine
a tripwire raises when the program uses CUDA; where a GPU is promised, the queries say that there is one.
"""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
SECONDS = 120
"""How long a program may run."""

NPU = "npu"
CPU = "cpu"
PROMISED = "promised"
UNWIRED = "unwired"
"""The machines: a stand-in for an NPU, a CPU alone, a GPU in name, and a CPU alone without the tripwire."""

_PYTHON_BACKENDS = "def _setup_privateuseone_for_python_backend"
_SAID = re.compile(r"^(\w+) loss (\S+)$", re.MULTILINE)


class Outcome(NamedTuple):
    """How a program ended: exit code, all it printed, what it tripped over, whether anything ran on the NPU.

    `device` and `loss` are what it said on its last line of the form `device loss number`.
    """

    code: int
    output: str
    trips: tuple[str, ...]
    on_npu: bool
    device: str = ""
    loss: float = float("nan")


def missing() -> str:
    """Return why programs cannot be run here; empty when they can. Imports nothing."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return "needs PyTorch: pip install -e '.[proof]'"
    registration = Path(found.origin).parent / "utils" / "backend_registration.py"
    if not registration.exists() or _PYTHON_BACKENDS not in registration.read_text(encoding="utf-8"):
        return "needs PyTorch 2.9 or newer, which takes backends written in Python"
    return ""


def run(folder: Path, command: Sequence[str], machine: str, autoload: bool = True) -> Outcome:
    """Run a Python command line in a folder.

    `autoload` says whether `import torch` brings the NPU in, as it does where torch_npu is installed; otherwise the
    program has to import torch_npu itself.
    """
    log = folder / "proof.log"
    log.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=_environment(folder, log, machine, autoload),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output = process.communicate()[0] + f"\nstopped after {SECONDS} seconds"
    return _outcome(process.returncode, output, log)


def _environment(folder: Path, log: Path, machine: str, autoload: bool) -> dict[str, str]:
    paths = [FOLDER / name for name, on in (("tripwire", machine != UNWIRED), ("stand_in", machine == NPU)) if on]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PROOF_", "COV_"))}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "TORCH_DEVICE_BACKEND_AUTOLOAD": "1" if autoload else "0",
        "PROOF_ROOT": str(folder),
        "PROOF_LOG": str(log),
        "PROOF_PROMISE": "1" if machine == PROMISED else "",
    }


def _outcome(code: int, output: str, log: Path) -> Outcome:
    words = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    trips = tuple(word[len("trip: ") :] for word in words if word.startswith("trip: "))
    said = _SAID.findall(output)
    device, loss = said[-1] if said else ("", "nan")
    return Outcome(code, output, trips, "npu" in words, device, float(loss))
