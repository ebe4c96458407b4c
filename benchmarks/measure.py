"""Programs, timed: wall time, and the peak memory of the largest process each of them had."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024
"""Units of `ru_maxrss` in a megabyte; source: getrusage(2) of macOS and Linux."""


class Measure(NamedTuple):
    """Seconds, megabytes of the largest process, exit code, and standard output of one run of a program."""

    seconds: float
    megabytes: float
    code: int
    output: bytes


def measure(command: Sequence[str], where: Path, environment: Mapping[str, str] | None = None) -> Measure:
    """Run `command` in the folder `where` and measure it; its messages are dropped.

    Modules are compiled once, as they are where portcheck is installed.
    """
    drain = where / ".output"
    with drain.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=where, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})},
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measure(seconds, usage.ru_maxrss / _MEGABYTE, process.returncode, drain.read_bytes())


def median(runs: Sequence[Measure]) -> Measure:
    """The run whose time is in the middle, with the most memory that any of them took."""
    middle = statistics.median_low(run.seconds for run in runs)
    chosen = next(run for run in runs if run.seconds == middle)
    return chosen._replace(megabytes=max(run.megabytes for run in runs))
