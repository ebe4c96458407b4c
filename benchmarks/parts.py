"""What is added to a scan, and the runs of a hook, each beside what it is to be compared with."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from measure import Measure, measure, median

from portcheck.paths import OVERRIDE

PORTCHECK = [sys.executable, "-m", "portcheck"]
START = [sys.executable, "-c", "pass"]
LEAST = 100_000
"""Lines of the repository that a matrix is measured on, at least."""

_PYTHON = [f"--exclude={pattern}" for pattern in ("*", "!*/", "!*.py", "!*.pyi", "!*.pyw")]
"""Leaves out all files but those of Python."""

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
# An estimate asks for others, whose time is within its own.
print(max(spent), time.perf_counter() - began)
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

    def around(self, repositories: Sequence[Path]) -> Iterator[Pair]:
        """Scans that read all kinds of files beside scans that read Python alone: each repository, and all of them."""
        environment = {OVERRIDE: str(self.scratch / "around-cache")}  # holds the compiled packs alone
        whole, python = 0.0, 0.0
        for folder in repositories:
            command = [*PORTCHECK, "scan", str(folder.resolve()), "--jobs", "1", "--no-cache", "--quiet"]
            some, every = [], []
            for _ in range(self.repeat):
                some.append(measure([*command, *_PYTHON], self.scratch, environment).seconds)
                every.append(measure(command, self.scratch, environment).seconds)
            yield Pair(f"all readers, {folder.name[-20:]}", min(some), min(every), 0)
            python, whole = python + min(some), whole + min(every)
        if repositories:
            yield Pair("all readers beside Python alone", python, whole, 1.3)

    def effort(self) -> Pair:
        """The time that the estimate takes of a cold scan."""
        cache = self._fresh()
        command = [sys.executable, "-c", _EFFORT, str(self.corpus), "--jobs", str(self.jobs)]
        spent, whole = map(float, measure(command, self.scratch, {OVERRIDE: str(cache)}).output.split())
        return Pair("effort, of a cold scan", whole, spent, 0.05)

    def hooks(self, files: Sequence[Path], runs: int = 15) -> Iterator[Pair]:
        """The hook as pre-commit calls it: files in the cache, files that have just changed, none that is read."""
        folder = self._copies("hook", files)
        large = [file.name for file in files]
        yield self._hook("hook, 10 large files, warm", folder, large, runs, most=10)
        yield self._hook("hook, 10 large files just changed", folder, large, runs, changing=True, most=0)
        every = sorted(self.corpus.rglob("*.py"), key=lambda file: (file.stat().st_size, file))
        usual = self._copies("usual", every[len(every) // 4 : len(every) * 3 // 4 : len(every) // 20][:10])
        names = sorted(file.name for file in usual.glob("*.py"))
        yield self._hook("hook, 10 files, warm", usual, names, runs, most=10)
        yield self._hook("hook, 10 files just changed", usual, names, runs, changing=True, most=10)
        (folder / "README.md").write_text("# A text\n", encoding="utf-8")
        yield self._hook("hook, no Python files", folder, ["README.md"], runs, most=4)
        (folder / "portcheck.toml").write_text("strict = true\n", encoding="utf-8")
        (folder / "portcheck-baseline.jsonl").write_text('{"portcheck-baseline": 1, "start": 0}\n', encoding="utf-8")
        yield self._hook("the same, baseline and options", folder, ["README.md"], runs, most=4)

    def _copies(self, name: str, files: Sequence[Path]) -> Path:
        """A folder with copies of the files."""
        folder = self.scratch / name
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder / file.name if name == "hook" else folder / f"{file.parent.name}_{file.name}")
        return folder

    def _hook(
        self, name: str, folder: Path, names: Sequence[str], runs: int, changing: bool = False, most: float = 0
    ) -> Pair:
        """The hook on files of a folder beside bare Python, one after the other, as the load of a machine changes."""
        command = [*PORTCHECK, "check", "--force-exclude", *names]
        environment = {OVERRIDE: str(self.scratch / "hook-cache")}
        measure(command, folder, environment)
        bare, found = [], []
        for _ in range(runs):
            for each in names if changing else ():
                with (folder / each).open("a", encoding="utf-8") as file:
                    file.write("# again\n")
            bare.append(measure(START, folder))
            found.append(measure(command, folder, environment))
        return Pair(name, median(bare).seconds, median(found).seconds, most)

    def _cold(self, *arguments: str) -> Measure:
        return measure([*PORTCHECK, *arguments], self.scratch, {OVERRIDE: str(self._fresh())})

    def _fresh(self) -> Path:
        cache = self.scratch / "part-cache"
        shutil.rmtree(cache, ignore_errors=True)
        return cache


def _lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.rglob("*.py"))
