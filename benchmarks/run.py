"""Measure portcheck beside other tools on the same code, in one run: `python benchmarks/run.py`.

Prints a table of times and ratios, and whether each target is met. Needs a network once, for packages and tools.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from corpus import Corpus, prepare, tools
from measure import Measure, measure, median
from parts import START, Pair, Parts

from portcheck.paths import OVERRIDE, cache_folder
from portcheck.run import cores

PORTCHECK = [sys.executable, "-m", "portcheck"]
_EVERY_FILE = """
import sys
from portcheck.__main__ import main
from portcheck.sources import python

python.may_hold_facts = lambda data, interest: True
sys.exit(main())
"""
FIX = "portcheck fix --diff, warm"


class Row(NamedTuple):
    """A line of the table: what was run and how it went."""

    name: str
    measure: Measure


class Target(NamedTuple):
    """Something promised, what was measured, and whether that is enough."""

    name: str
    measured: str
    met: bool


def main() -> int:
    """Measure, print, and return 1 when a target is missed."""
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    corpus, programs = prepare(options.folder), tools(options.folder)
    size = f"{corpus.files:,} Python files, {corpus.lines:,} lines"
    print(f"{size}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    print(f"ast.parse alone, on one core: {parser_speed(corpus.folder):,.0f} lines/s\n")
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(corpus, Path(scratch), options.jobs, options.repeat)
        rows = [*bench.scans(), bench.fixed(), *others(bench, programs, options.skip)]
        starts = bench.starts()
        parts = Parts(corpus.folder, Path(scratch), options.jobs, options.repeat)
        ten = sorted((Path(scratch) / "ten").glob("*.py"))
        pairs = [*parts.hooks(ten), parts.matrix(), parts.effort(), *parts.around(options.around)]
        print_rows(rows, corpus)
        print_starts(starts)
        print_pairs(pairs)
        targets = [*promised(rows, corpus), *promised_starts(starts), *promised_pairs(pairs)]
        targets += [bench.sameness(), bench.completeness()]
    for target in targets:
        print(f"{'met   ' if target.met else 'MISSED'}  {target.name}: {target.measured}")
    return 0 if all(target.met for target in targets) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=cache_folder() / "benchmarks", help="for packages and tools")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each tool; the one in the middle counts")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes for portcheck")
    parser.add_argument("--skip", nargs="*", default=(), choices=("ruff", "torchfix"), help="tools to leave out")
    parser.add_argument(
        "--around", nargs="*", type=Path, default=(), help="repositories to read with all readers and not"
    )
    return parser.parse_args()


class Bench(NamedTuple):
    """Where and how often to measure."""

    corpus: Corpus
    scratch: Path
    jobs: int
    repeat: int

    def scan(self, cache: Path, jobs: int, *more: str) -> Measure:
        """One scan with the cache in the folder `cache`."""
        command = [*PORTCHECK, "scan", str(self.corpus.folder), "--jobs", str(jobs), "--quiet", *more]
        return measure(command, self.scratch, {OVERRIDE: str(cache)})

    def scans(self) -> Iterator[Row]:
        """Cold and warm scans."""
        cold, warm = [], []
        for _ in range(self.repeat):
            cache = self.scratch / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            cold.append(self.scan(cache, self.jobs))
            warm.append(self.scan(cache, self.jobs))
        yield Row("portcheck, cold", median(cold))
        yield Row("portcheck, warm", median(warm))

    def fixed(self) -> Row:
        """All fixes of the corpus, proved and shown, of files whose facts are in the cache."""
        command = [*PORTCHECK, "fix", str(self.corpus.folder), "--diff", "--quiet", "--jobs", str(self.jobs)]
        environment = {OVERRIDE: str(self.scratch / "cache")}
        return Row(FIX, median([measure(command, self.scratch, environment) for _ in range(self.repeat)]))

    def starts(self) -> list[Row]:
        """Bare Python, the version, and a check of ten files that are in the cache."""
        folder = self.scratch / "ten"
        folder.mkdir()
        for path in sorted(self.corpus.folder.rglob("*.py"), key=lambda path: path.stat().st_size)[-600::60]:
            shutil.copy(path, folder / f"{path.parent.name}_{path.name}")
        environment = {OVERRIDE: str(self.scratch / "ten-cache")}
        commands = {"python -c pass": START, "portcheck --version": [*PORTCHECK, "--version"]}
        commands["portcheck check, 10 files, warm"] = [*PORTCHECK, "check", str(folder)]
        runs: dict[str, list[Measure]] = {name: [] for name in commands}
        for command in commands.values():
            measure(command, self.scratch, environment)
        for _ in range(15):
            for name, command in commands.items():
                runs[name].append(measure(command, self.scratch, environment))
        return [Row(name, median(found)) for name, found in runs.items()]

    def sameness(self) -> Target:
        """Whether the report is the same with one job and with eight, cold and warm."""
        outputs = []
        for jobs in (1, 8):
            cache = self.scratch / f"cache-{jobs}"
            outputs += [self.scan(cache, jobs, "--output-format", "json").output for _ in ("cold", "warm")]
        same = len(set(outputs)) == 1 and bool(outputs[0])
        return Target("the same report with 1 and 8 jobs, cold and warm", f"{len(outputs[0]):,} bytes", same)

    def completeness(self) -> Target:
        """Whether the findings are the same when no file is passed over for the words it holds."""
        arguments = [str(self.corpus.folder), "--jobs", str(self.jobs), "--no-cache", "--quiet", "--output-format=json"]
        outputs = []
        for command in ([*PORTCHECK, "scan"], [sys.executable, "-c", _EVERY_FILE, "scan"]):
            output = measure([*command, *arguments], self.scratch).output
            outputs.append(json.loads(output)["findings"])
        same = outputs[0] == outputs[1] and bool(outputs[0])
        return Target("the same findings when every file is read in full", f"{len(outputs[0]):,} findings", same)


def parser_speed(folder: Path) -> float:
    """Lines a second of Python's own parser on one core: what figures of several machines can be held against."""
    texts = [path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*.py"))[::20]]
    gc.disable()
    seconds = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in texts:
            began = time.process_time()
            ast.parse(text)
            seconds += time.process_time() - began
    gc.enable()
    return sum(text.count("\n") for text in texts) / seconds


def others(bench: Bench, programs: Path, skip: Sequence[str]) -> Iterator[Row]:
    """The other tools on the same tree; torchfix once, because it takes long."""
    folder = str(bench.corpus.folder)
    if "ruff" not in skip:
        command = [str(programs / "ruff"), "check", "--select", "F", "--no-cache", "--isolated", "--quiet", folder]
        yield Row(
            "ruff check --select F --no-cache", median([measure(command, bench.scratch) for _ in range(bench.repeat)])
        )
    if "torchfix" not in skip:
        yield Row("torchfix", measure([str(programs / "torchfix"), folder], bench.scratch))


def print_rows(rows: Sequence[Row], corpus: Corpus) -> None:
    """The table of what read the whole corpus, beside the cold scan."""
    base = rows[0].measure.seconds
    print(f"{'':34}{'seconds':>10}{'lines/s':>12}{'against cold':>14}{'MB/process':>12}{'exit':>6}")
    for name, found in rows:
        speed = f"{corpus.lines / found.seconds:,.0f}"
        ratio = f"{found.seconds / base:.2f}x"
        print(f"{name:34}{found.seconds:10.2f}{speed:>12}{ratio:>14}{found.megabytes:12.0f}{found.code:6}")
    print()


def print_starts(rows: Sequence[Row]) -> None:
    """The table of short runs, beside bare Python."""
    base = rows[0].measure.seconds
    print(f"{'':34}{'ms':>10}{'against bare Python':>26}")
    for name, found in rows:
        print(f"{name:34}{found.seconds * 1000:10.1f}{found.seconds / base:25.1f}x")
    print()


def print_pairs(pairs: Sequence[Pair]) -> None:
    """The table of what is compared with something else than a scan or a start."""
    print(f"{'':34}{'ms':>10}{'of':>10}{'ratio':>8}")
    for pair in pairs:
        print(f"{pair.name:34}{pair.seconds * 1000:10.1f}{pair.base * 1000:10.1f}{pair.ratio:8.2f}")
    print()


def promised_pairs(pairs: Sequence[Pair]) -> Iterator[Target]:
    """What is promised of these; nothing where no bound is given."""
    for pair in pairs:
        if pair.most:
            yield Target(f"{pair.name}, within {pair.most:g}", f"{pair.ratio:.2f}", pair.ratio <= pair.most)


def promised(rows: Sequence[Row], corpus: Corpus) -> Iterator[Target]:
    """What is promised of scans."""
    found = {row.name: row.measure for row in rows}
    cold, warm, ruff = found["portcheck, cold"], found["portcheck, warm"], found.get("ruff check --select F --no-cache")
    speed = corpus.lines / cold.seconds
    yield Target("cold, 350,000 lines/s or more", f"{speed:,.0f}", speed >= 350_000 and cold.code == 0)
    if ruff:
        yield Target(
            "cold, within 10 times ruff", f"{cold.seconds / ruff.seconds:.1f}", cold.seconds <= 10 * ruff.seconds
        )
    yield Target("warm, 8 times faster or more", f"{cold.seconds / warm.seconds:.1f}", cold.seconds >= 8 * warm.seconds)
    fix = found[FIX]
    files = fix.output.count(b"\n--- a/")
    rate = 60 * files / max(fix.seconds - warm.seconds, 0.001)
    lines = f"{rate:,.0f} of {files:,}, {60 * files / fix.seconds:,.0f} with the scan"
    yield Target(f"fixed files a minute, 2,500 a core or more ({cores()} cores)", lines, rate >= 2_500 * cores())
    memory = max(cold.megabytes, warm.megabytes)
    yield Target("under 500 MB a process", f"{memory:.0f}", memory < 500)


def promised_starts(rows: Sequence[Row]) -> Iterator[Target]:
    """What is promised of short runs, as multiples of bare Python."""
    bare, version, check = (row.measure for row in rows)
    yield Target(
        "--version, within 5 times bare Python",
        f"{version.seconds / bare.seconds:.1f}",
        version.seconds <= 5 * bare.seconds,
    )
    yield Target(
        "check of 10 files, within 10 times", f"{check.seconds / bare.seconds:.1f}", check.seconds <= 10 * bare.seconds
    )


if __name__ == "__main__":
    sys.exit(main())
