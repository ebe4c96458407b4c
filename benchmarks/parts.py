"""What is added to a scan, and the runs of a hook, each beside what it is to be compared with."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from measure import Measure, measure, median

from portcheck.paths import OVERRIDE

PORTCHECK = [sys.executable, "-m", "portcheck"]
LEAST = 100_000
"""Lines of the repository that a matrix is measured on, at least."""

_EFFORT = """
import sys, time
from portcheck import effort
from portcheck.cli import run

began, spent, estimate = time.perf_counter(), [], effort.estimate

def timed(*arguments):
    start = time.perf_counter()
    found = estimate(*arguments)
    spent.append(time.perf_counter() - start)
    return found

effort.estimate = timed
run(["scan", *sys.argv[1:], "--quiet", "--output", "report.txt"])
print(sum(spent), time.perf_counter() - began)
"""


class Pair(NamedTuple):
    """Two measures of one run, and by how much the first may be the longer one."""

    name: str
    base: float
    seconds: float
    most: float

    @property
    def ratio(self) -> float:
        """How many times longer."""
        return self.seconds / self.base


class Parts(NamedTuple):
    """Where and how often to measure."""

    corpus: Path
    scratch: Path
    jobs: int
    repeat: int

    def matrix(self) -> Pair:
        """All versions and cards beside one cold scan, on the smallest package that is large enough."""
        folder = str(min((each for each in self.corpus.iterdir() if _lines(each) >= LEAST), key=_lines))
        rest = [folder, "--jobs", str(self.jobs)]
        scans = [self._cold("scan", *rest, "--quiet") for _ in range(self.repeat)]
        found = [self._cold("matrix", *rest) for _ in range(self.repeat)]
        return Pair("matrix beside one cold scan", median(scans).seconds, median(found).seconds, 1.5)

    def effort(self) -> Pair:
        """The time that the estimate takes of a cold scan."""
        cache = self._fresh()
        command = [sys.executable, "-c", _EFFORT, str(self.corpus), "--jobs", str(self.jobs)]
        spent, whole = map(float, measure(command, self.scratch, {OVERRIDE: str(cache)}).output.split())
        return Pair("effort, of a cold scan", whole, spent, 0.05)

    def hooks(self, files: Sequence[Path], bare: float, runs: int = 15) -> Iterator[Pair]:
        """The hook as pre-commit calls it: files in the cache, files that have just changed, none that is read."""
        folder = self.scratch / "hook"
        folder.mkdir()
        names = [Path(shutil.copy(file, folder)).name for file in files]
        (folder / "README.md").write_text("# A text\n", encoding="utf-8")

        def again() -> None:
            for name in names:
                with (folder / name).open("a", encoding="utf-8") as file:
                    file.write("# again\n")

        yield Pair("hook, 10 files, warm", bare, self._hook(folder, names, runs), 10)
        yield Pair("hook, 10 files just changed", bare, self._hook(folder, names, runs, again), 0)
        yield Pair("hook, no Python files", bare, self._hook(folder, ["README.md"], runs), 4)

    def _hook(self, folder: Path, names: Sequence[str], runs: int, before: Callable[[], None] | None = None) -> float:
        command = [*PORTCHECK, "check", "--force-exclude", *names]
        environment = {OVERRIDE: str(self.scratch / "hook-cache")}
        found = [measure(command, folder, environment)]
        for _ in range(runs):
            if before:
                before()
            found.append(measure(command, folder, environment))
        return median(found[1:]).seconds

    def _cold(self, *arguments: str) -> Measure:
        return measure([*PORTCHECK, *arguments], self.scratch, {OVERRIDE: str(self._fresh())})

    def _fresh(self) -> Path:
        cache = self.scratch / "part-cache"
        shutil.rmtree(cache, ignore_errors=True)
        return cache


def _lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.rglob("*.py"))
