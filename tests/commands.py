"""Runs the command line as a user does: in a process of its own, with the output of a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
"""The top of the project."""

CUDA = "import torch\n\ntorch.cuda.set_device(0)\n"
"""A file with one finding, PC101 at line 3."""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def portcheck(*arguments: str | Path, cwd: Path = ROOT, stdin: bytes = b"", **environment: str) -> Ended:
    """Run portcheck in the folder `cwd` and return how it ended."""
    done = subprocess.run(
        [sys.executable, "-m", "portcheck", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "100", **environment},
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
