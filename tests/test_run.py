"""Reading many files: order, jobs, workers that die, hang or run out of memory, and files that cannot be opened."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Callable, cast

import pytest

from portcheck import gather, pool
from portcheck.cache import FactsCache
from portcheck.link import Linked
from portcheck.model import FileFacts, Kind, Role, Source, Status
from portcheck.run import Run, Second, read, read_linked
from tests.reading import closer, never, reader_for, write

FILLING = "word " * 3000
FEW = {f"pkg/m{number}.py": f"torch.a{number} {FILLING}\n" for number in range(30)}
QUICK = pool.Limits(seconds=1.5, chunk_seconds=1, memory=200 * 1024 * 1024)
needs_fork = pytest.mark.skipif(sys.platform != "linux", reason="needs signals and address-space bounds")


How = Callable[[Run, Sequence[Source]], object]


def reading(root: Path, jobs: int = 4, **options: object) -> Run:
    return Run(root, None, jobs, reader_for=options.pop("reader_for", reader_for), **options)  # type: ignore[arg-type]


def link_alone(run: Run, sources: Sequence[Source]) -> Linked:
    return read_linked(run, sources, Second(lambda *_: (), never))


def names(facts: FileFacts) -> list[str]:
    return [fact.name for fact in facts.facts]


def bad(found: dict[str, FileFacts]) -> dict[str, str]:
    return {path: facts.reason for path, facts in found.items() if facts.status is Status.UNREADABLE}


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_order_and_facts_do_not_depend_on_jobs(tmp_path: Path, jobs: int) -> None:
    sources = write(tmp_path, FEW)
    found = read(reading(tmp_path, jobs), sources)
    assert list(found) == sorted(FEW)
    assert [names(facts) for facts in found.values()] == [[f"torch.a{path[5:-3]}"] for path in sorted(FEW)]


def test_small_jobs_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "read", lambda *_: pytest.fail("a pool for a few bytes"))
    sources = write(tmp_path, {"a.py": "torch.a", "b.py": ""})
    assert [names(facts) for facts in read(reading(tmp_path), sources).values()] == [["torch.a"], []]


def test_no_sources(tmp_path: Path) -> None:
    assert read(reading(tmp_path), []) == {}


@pytest.mark.parametrize("content", ["<die>", "<hang>", "<eat>", "<fail>"])
@pytest.mark.parametrize("jobs", [1, 3])
@needs_fork
def test_only_the_file_at_fault_is_lost(tmp_path: Path, content: str, jobs: int) -> None:
    sources = write(tmp_path, {**FEW, "pkg/m7.py": content + FILLING})
    reasons = {
        "<die>": "its reader was ended by SIGKILL",
        "<hang>": "took longer than 1.5 s",
        "<eat>": "needs more memory than 200 MB",
        "<fail>": "its reader failed with KeyError: 'a fault'",
    }
    found = read(reading(tmp_path, jobs, limits=QUICK), sources)
    assert bad(found) == {"pkg/m7.py": reasons[content]}
    assert list(found) == sorted(FEW)
    assert sum(len(facts.facts) for facts in found.values()) == len(FEW) - 1
    assert multiprocessing.active_children() == []


def test_a_worker_killed_from_outside_loses_nothing(tmp_path: Path) -> None:
    sources = write(tmp_path, FEW)
    killed: list[int] = []

    def kill_one(done: int, total: int) -> None:
        children = multiprocessing.active_children()
        if children and not killed:
            killed.append(children[0].pid or 0)
            os.kill(killed[0], signal.SIGTERM)

    found = read(reading(tmp_path, 2, progress=kill_one), sources)
    assert killed
    assert bad(found) == {}
    assert sum(len(facts.facts) for facts in found.values()) == len(FEW)


def test_files_that_cannot_be_opened_are_reported(tmp_path: Path) -> None:
    sources = write(tmp_path, {"gone.py": "x", "pipe.py": "x", "folder.py": "x", "fine.py": "torch.a"})
    for name in ("gone.py", "pipe.py", "folder.py"):
        (tmp_path / name).unlink()
    (tmp_path / "folder.py").mkdir()
    expected = {"gone.py": "vanished during the scan", "folder.py": "not a regular file"}
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.py")
        expected["pipe.py"] = "not a regular file"
    else:
        expected["pipe.py"] = "vanished during the scan"
    assert bad(read(reading(tmp_path), sources)) == expected


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_forbidden_file_is_reported(tmp_path: Path) -> None:
    sources = write(tmp_path, {"a.py": "torch.a"})
    (tmp_path / "a.py").chmod(0)
    assert bad(read(reading(tmp_path), sources)) == {"a.py": "permission denied"}


def test_a_kind_without_a_reader_is_skipped_unopened(tmp_path: Path) -> None:
    found = read(reading(tmp_path), [Source("x.yaml", Kind.SETTINGS, Role.SOURCE, 10)])
    assert found["x.yaml"].status is Status.SKIPPED
    assert found["x.yaml"].reason == "no reader for settings files"


def test_spawned_workers_give_the_same(tmp_path: Path) -> None:
    sources = write(tmp_path, {**FEW, "pkg/m7.py": "<fail>" + FILLING})
    forked = read(reading(tmp_path, 2), sources)
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert read(reading(tmp_path, 2), sources) == forked
    finally:
        stop.set()
        thread.join()


def test_where_no_process_starts_files_are_read_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = write(tmp_path, FEW)
    expected = read(reading(tmp_path), sources)
    monkeypatch.setattr(pool, "_work", lambda *_: sys.exit(1))
    assert read(reading(tmp_path), sources) == expected


def test_an_interrupt_ends_the_workers(tmp_path: Path) -> None:
    sources = write(tmp_path, {**FEW, "pkg/m7.py": "<hang>" + FILLING})

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        read(reading(tmp_path, 2, progress=interrupt), sources)
    assert time.monotonic() - before < 10
    assert multiprocessing.active_children() == []


ORPHANS = """
import multiprocessing, sys, time
from pathlib import Path
from portcheck import pool
from portcheck.run import read
from tests.reading import write
from tests.test_run import FEW, FILLING, QUICK, reading

def told(done, total):
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    time.sleep(60)

pool._GRACE = 0.5
sources = write(Path(sys.argv[1]), {**FEW, "pkg/m7.py": sys.argv[2] + FILLING})
read(reading(Path(sys.argv[1]), 3, limits=QUICK, progress=told), sources)
"""


def runs(pid: int) -> bool:
    """Whether a process is there and no mere entry that nobody has asked about."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("content", ["torch.a", "<hang>"])
@needs_fork
def test_workers_end_when_their_parent_is_killed(tmp_path: Path, content: str) -> None:
    command = [sys.executable, "-c", ORPHANS, str(tmp_path), content]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert workers and all(map(runs, workers))
        parent.kill()
    end = time.monotonic() + 30
    while any(map(runs, workers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(runs, workers))


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    read(reading(tmp_path, 2, progress=lambda done, total: calls.append((done, total))), write(tmp_path, FEW))
    assert calls[-1] == (len(FEW), len(FEW))
    assert calls == sorted(calls)


def test_chunks_hold_every_file_once_largest_first() -> None:
    sources = [Source(f"{size}.py", Kind.PYTHON, Role.SOURCE, size) for size in range(0, 900_000, 7919)]
    found = pool.chunks(sources, 4)
    sizes = [source.size for chunk in found for source in chunk.sources]
    assert sizes == sorted((source.size for source in sources), reverse=True)
    assert all(chunk.sources for chunk in found)
    assert len(found) > 8
    assert pool.chunks([], 4) == []


@pytest.mark.parametrize("how", [read, link_alone])
def test_warm_equals_cold_and_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: How) -> None:
    monkeypatch.setattr("portcheck.cache._SLACK", -(10**18))
    sources = write(tmp_path / "repo", FEW)
    cache = FactsCache(tmp_path / "cache", "interest")
    cold = how(reading(tmp_path / "repo", 2, cache=cache), sources)
    monkeypatch.setattr(gather, "load", lambda *_: pytest.fail("a file was opened"))
    assert how(reading(tmp_path / "repo", 2, cache=cache, reader_for=never), sources) == cold
    assert how(reading(tmp_path / "repo", 2), sources) == cold


@pytest.mark.parametrize("how", [read, link_alone])
def test_a_change_is_seen(tmp_path: Path, how: How) -> None:
    sources = write(tmp_path / "repo", FEW)
    cache = FactsCache(tmp_path / "cache", "interest")
    how(reading(tmp_path / "repo", cache=cache), sources)
    (tmp_path / "repo/pkg/m3.py").write_text(FEW["pkg/m3.py"].replace("torch.a3", "torch.b3"), encoding="utf-8")
    found = how(reading(tmp_path / "repo", cache=cache), sources)
    files = found.files if isinstance(found, Linked) else cast("dict[str, FileFacts]", found)
    assert names(files["pkg/m3.py"]) == ["torch.b3"]
    assert names(files["pkg/m4.py"]) == ["torch.a4"]


def test_files_that_want_a_closer_look_get_it(tmp_path: Path) -> None:
    sources = write(tmp_path / "repo", {"a.py": "torch.a", "b.py": "plain"})
    cache = FactsCache(tmp_path / "cache", "interest")
    second = Second(lambda facts, _: [path for path in facts if not facts[path].facts], closer)
    cold = read_linked(reading(tmp_path / "repo", cache=cache), sources, second)
    assert names(cold.files["b.py"]) == ["torch.plain"]
    assert read_linked(reading(tmp_path / "repo", cache=cache, reader_for=never), sources, second) == cold
    (tmp_path / "repo/a.py").write_text("torch.b", encoding="utf-8")
    known = Second(second.wanting, never)
    changed = read_linked(reading(tmp_path / "repo", cache=cache), sources, known)
    assert [names(facts) for facts in changed.files.values()] == [["torch.b"], ["torch.plain"]]


def test_a_moved_file_is_known_by_its_content(tmp_path: Path) -> None:
    cache = FactsCache(tmp_path / "cache", "interest")
    sources = write(tmp_path / "repo", {"old.py": "torch.a", "other.py": ""})
    cold = read(reading(tmp_path / "repo", cache=cache), sources)
    (tmp_path / "repo/old.py").rename(tmp_path / "repo/new.py")
    moved = [sources[0]._replace(path="new.py"), sources[1]]
    warm = read(reading(tmp_path / "repo", cache=cache, reader_for=never), moved)
    assert warm["new.py"] == cold["old.py"]


def test_failures_are_tried_again(tmp_path: Path) -> None:
    cache = FactsCache(tmp_path / "cache", "interest")
    sources = write(tmp_path / "repo", {"a.py": "<fail>", "b.py": "torch.b"})
    assert bad(read(reading(tmp_path / "repo", cache=cache), sources))
    (tmp_path / "repo/a.py").write_text("torch.a", encoding="utf-8")
    assert names(read(reading(tmp_path / "repo", cache=cache), sources)["a.py"]) == ["torch.a"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    sources = write(tmp_path / "repo", {"a.py": "torch.a"})
    found = read(reading(tmp_path / "repo", cache=FactsCache(tmp_path / "cache", "interest")), sources)
    assert names(found["a.py"]) == ["torch.a"]
