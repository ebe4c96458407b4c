"""The programs of the proof: how each is started, and on what machines it ran before it was fixed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "programs"

_TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


class Program(NamedTuple):
    """A folder of files and the command that starts it.

    `on_cpu` is the command under which it ran on a CPU before, empty when it knew GPUs alone.
    """

    name: str
    command: tuple[str, ...]
    on_cpu: tuple[str, ...] = ()


PROGRAMS = (
    Program("amp_loop", ("train.py",), ("train.py",)),
    Program("arguments", ("main.py",), ("main.py", "--device", "cpu")),
    Program("checkpoint", ("resume.py",)),
    Program("ddp", (*_TORCHRUN, "train.py"), (*_TORCHRUN, "train.py")),
    Program("ddp_spawn", ("main.py",)),
    Program("inference", ("generate.py",)),
    Program("pinned", ("train.py",), ("train.py",)),
    Program("spellings", ("main.py",), ("main.py",)),
    Program("streams", ("prefetch.py",)),
    Program("trainer", ("trainer.py",)),
    Program("two_files", ("main.py",)),
)


def copy(program: Program, folder: Path) -> Path:
    """Copy a program below a folder and return where it is."""
    return Path(shutil.copytree(FOLDER / program.name, folder / program.name))
