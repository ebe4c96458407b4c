"""Worker processes that read chunks of files, and what to do when one of them dies, hangs or runs out of memory.

A worker takes one chunk at a time and answers with its outcomes. The parent alone watches the clock, because a parser
may hold the interpreter for as long as it runs. When a chunk fails, its files are read again one by one, each in a
process of its own, so that only the file at fault is lost. All time bounds are wall time.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Callable, TypeVar, cast

from portcheck.model import Source
from portcheck.records import NamedTuple
from portcheck.worker import Outcome, Setup, read_file, unreadable

_CHUNKS_PER_JOB = 32
_MIN_CHUNK = 64 * 1024
_LARGE = 1024 * 1024
"""Bytes from which the tree of a file may come near the bound on memory, so that what was read before would matter."""
_WORTH_COPYING = 16
"""Items from which on processes are worth their start."""
_GRACE = 5
"""Seconds after the time for a chunk in which the parent, if there still is one, has ended a worker that is late."""
_READY: list[Outcome] = []


_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Limits(NamedTuple):
    """Bounds for reading: seconds for a file, seconds for a chunk before its files are tried alone, bytes of memory."""

    seconds: float = 30
    chunk_seconds: float = 10
    memory: int = 400 * 1024 * 1024


class CannotStart(Exception):
    """Worker processes do not come up here."""


class Chunk(NamedTuple):
    """Files for one worker; `alone` asks for a process that has read nothing else."""

    sources: tuple[Source, ...]
    alone: bool = False


def chunks(sources: Iterable[Source], jobs: int) -> list[Chunk]:
    """Chunks of about the same size, the largest files first, many enough to keep `jobs` workers busy to the end."""
    ordered = sorted(sources, key=lambda source: (-source.size, source.path))
    target = max(_MIN_CHUNK, sum(source.size for source in ordered) // (jobs * _CHUNKS_PER_JOB))
    found = [Chunk((source,), alone=True) for source in ordered if source.size >= _LARGE]
    current: list[Source] = []
    room = target
    for source in ordered[len(found) :]:
        current.append(source)
        room -= source.size
        if room <= 0:
            found.append(Chunk(tuple(current)))
            current, room = [], target
    return [*found, Chunk(tuple(current))] if current else found


def read(setup: Setup, todo: Iterable[Chunk], jobs: int, limits: Limits) -> Iterator[list[Outcome]]:
    """The outcomes of all files, in no order; raises CannotStart. Leaves no process behind, however it ends."""
    crew = _Crew(setup, limits, todo)
    try:
        yield from crew.read(jobs)
    finally:
        crew.stop()


def each_of(work: Callable[[_In], _Out], items: Sequence[_In], jobs: int, size: Callable[[_In], int]) -> list[_Out]:
    """Return what `work` makes of each item, in order, in `jobs` processes that know all that this one knows.

    The largest by `size` come first, and a process that has done one gets the next, so that all end together. Only
    where processes can be copied; elsewhere, and for what a process does not answer, the work is done here.
    """
    copied = jobs > 1 and len(items) >= _WORTH_COPYING and _fork_is_safe()
    order = sorted(range(len(items)), key=lambda number: -size(items[number]))
    found = dict(_shared(work, items, order, jobs)) if copied else {}
    return [found[number] if number in found else work(item) for number, item in enumerate(items)]


def _shared(
    work: Callable[[_In], _Out], items: Sequence[_In], order: Sequence[int], jobs: int
) -> Iterator[tuple[int, _Out]]:
    """What copies of this process make of the items, by number, in no order; none of them is left behind."""
    context = multiprocessing.get_context("fork")
    queue = iter(order)
    crew: dict[object, tuple[Connection, BaseProcess]] = {}
    try:
        for first in islice(queue, jobs):
            ours, theirs = context.Pipe()
            arguments = (ours, theirs, work, items, first)
            process: BaseProcess = context.Process(target=_share, args=arguments, daemon=True)
            process.start()
            theirs.close()
            crew[ours] = (ours, process)
        while crew:
            for ready in wait([pipe for pipe, _ in crew.values()]):
                pipe, worker = crew[ready]
                try:
                    answer = pipe.recv()
                    pipe.send(next(queue, None))
                    yield answer
                except (EOFError, OSError):
                    del crew[ready]
                    pipe.close()
                    worker.join()
    finally:
        for pipe, left in crew.values():
            left.kill()
            left.join()
            pipe.close()


def _share(
    parent: Connection, pipe: Connection, work: Callable[[_In], _Out], items: Sequence[_In], first: int | None
) -> None:
    """Send what becomes of the first item and of all that are asked for after it, each with its number."""
    # Else the pipe would stay open when the process at its other end is gone.
    parent.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.disable()
    number = first
    with suppress(EOFError, OSError):
        while number is not None:
            pipe.send((number, work(items[number])))
            number = pipe.recv()
    pipe.close()


class _Worker:
    """A process, the pipe to it, what it is reading and until when."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.ready = False
        self.chunk = Chunk(())
        self.deadline = 0.0

    def take(self, chunk: Chunk, limits: Limits) -> None:
        self.chunk = chunk
        self.deadline = time.monotonic() + (limits.seconds if len(chunk.sources) == 1 else limits.chunk_seconds)


class _Crew:
    """The workers of one run, by the pipe to each, and the chunks that wait for one."""

    def __init__(self, setup: Setup, limits: Limits, todo: Iterable[Chunk]) -> None:
        self._setup = setup
        self._limits = limits
        self._queue = deque(todo)
        self._context: BaseContext = multiprocessing.get_context("fork" if _fork_is_safe() else "spawn")
        self._workers: dict[object, _Worker] = {}

    def read(self, jobs: int) -> Iterator[list[Outcome]]:
        while self._queue or self._workers:
            while self._queue and len(self._workers) < jobs:
                self._hire(self._queue.popleft())
            for worker in self._wait():
                yield self._hear(worker)

    def stop(self) -> None:
        for worker in self._workers.values():
            worker.process.kill()
        for worker in list(self._workers.values()):
            self._dismiss(worker)

    def _hire(self, chunk: Chunk) -> None:
        ours, theirs = self._context.Pipe()
        copied = ours if self._context.get_start_method() == "fork" else None
        arguments = (theirs, copied, self._setup, chunk, self._limits)
        process = self._context.Process(target=_work, args=arguments, daemon=True)  # type: ignore[attr-defined]
        try:
            process.start()
        except OSError as error:
            raise CannotStart(str(error)) from error
        theirs.close()
        worker = self._workers[ours] = _Worker(process, ours)
        worker.take(chunk, self._limits)

    def _dismiss(self, worker: _Worker) -> None:
        del self._workers[worker.pipe]
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()

    def _wait(self) -> list[_Worker]:
        """The workers that have something to say or have run out of time."""
        first = min(worker.deadline for worker in self._workers.values())
        ready = wait([worker.pipe for worker in self._workers.values()], max(0.0, first - time.monotonic()))
        now = time.monotonic()
        return [worker for worker in self._workers.values() if worker.pipe in ready or worker.deadline <= now]

    def _hear(self, worker: _Worker) -> list[Outcome]:
        """What a worker has to say, once it has more to do or is gone."""
        try:
            late = not worker.pipe.poll()
            answer = None if late else worker.pipe.recv()
        except (EOFError, OSError):
            return self._lose(worker, _ending(worker.process))
        if late:
            return self._lose(worker, f"took longer than {self._limits.seconds:g} s", again=False)
        if answer is None:
            return self._lose(worker, f"needs more memory than {self._limits.memory >> 20} MB")
        self._give(worker)
        return cast(list[Outcome], answer)

    def _give(self, worker: _Worker) -> None:
        if not worker.ready:
            worker.ready = True
            worker.take(worker.chunk, self._limits)
        elif self._queue and not self._queue[0].alone and not worker.chunk.alone:
            chunk = self._queue.popleft()
            worker.take(chunk, self._limits)
            try:
                worker.pipe.send(chunk)
            except OSError:
                self._queue.append(chunk)
                self._dismiss(worker)
        else:
            self._dismiss(worker)

    def _lose(self, worker: _Worker, reason: str, again: bool = True) -> list[Outcome]:
        """Part from a worker that failed: its files are tried alone, or else the one file is at fault."""
        self._dismiss(worker)
        if not worker.ready:
            raise CannotStart(reason)
        sources, alone = worker.chunk
        if len(sources) == 1 and (alone or not again):
            return [unreadable(sources[0], reason)]
        self._queue.extend(Chunk((source,), alone=True) for source in sources)
        return []


def _fork_is_safe() -> bool:
    return sys.platform == "linux" and threading.active_count() == 1


def _ending(process: BaseProcess) -> str:
    process.join(1)
    code = process.exitcode or 0
    return f"its reader was ended by {signal.Signals(-code).name}" if code < 0 else f"its reader ended with code {code}"


def _work(pipe: Connection, copied: Connection | None, setup: Setup, chunk: Chunk, limits: Limits) -> None:
    """The life of a worker: say that it is up, then answer each chunk; None says that memory did not suffice.

    It ends when its parent is gone: once the chunk is read, as nobody is at the other end of the pipe, of which
    `copied` is a copy that a fork has left here, and in any case when the time for a chunk is long over.
    """
    if copied is not None:
        copied.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.disable()
    _bound_memory(limits.memory)
    try:
        pipe.send(_READY)
        while True:
            _bound_time(limits.seconds + _GRACE)
            answer = _answer(setup, chunk)
            _bound_time(0)
            pipe.send(answer)
            chunk = pipe.recv()
            gc.collect()
    except (EOFError, OSError):
        return


def _answer(setup: Setup, chunk: Chunk) -> list[Outcome] | None:
    try:
        return [read_file(setup, source) for source in chunk.sources]
    except MemoryError:
        return None


def _bound_time(seconds: float) -> None:
    """Have the system end this process after `seconds`, whatever holds it, where the system can; zero is for ever."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _bound_memory(extra: int) -> None:
    """Allow `extra` bytes of address space beyond what the process has, where the system can keep such a bound."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + extra, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ImportError, OSError, ValueError):
        return
