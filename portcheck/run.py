"""Many files: what is remembered comes from the cache, the rest is read, here or in worker processes.

Answers are in the order of the sources and depend neither on the number of jobs nor on what the cache held: facts go
the same way through text whether they were read a moment ago or last week.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Callable, NamedTuple

from portcheck import memo
from portcheck.cache import EMPTY, Derived, FactsCache, Shelf, recall, remember
from portcheck.codec import decode
from portcheck.link import Linked, link
from portcheck.model import FileFacts, Source, Status
from portcheck.sources import reader_for as default_reader_for
from portcheck.worker import Outcome, ReaderFor, Setup, digest_of, load, read_file, stamp_of, unreadable

if TYPE_CHECKING:
    from portcheck.pack import Interest
    from portcheck.pool import Limits

Progress = Callable[[int, int], None]

_SMALL = 64 * 1024
"""Bytes to read up to which starting a worker process takes longer than it saves."""
_MISSHAPEN = FileFacts(status=Status.UNREADABLE, reason="its reader gave facts of the wrong shape")


class Run(NamedTuple):
    """How to read many files: below which root, looking for what, in how many processes, remembered where.

    `progress` is called with the number of files done and in all. Start no thread before its first call: workers are
    forked only where no thread runs, and are slower to start otherwise. `limits` bounds each file that a worker reads.
    """

    root: Path
    interest: Interest
    jobs: int = 1
    cache: FactsCache | None = None
    progress: Progress | None = None
    reader_for: ReaderFor = default_reader_for
    limits: Limits | None = None


def read_all(
    root: Path,
    sources: Sequence[Source],
    interest: Interest,
    jobs: int = 1,
    cache: FactsCache | None = None,
    progress: Progress | None = None,
) -> dict[str, FileFacts]:
    """The facts of `sources` (paths relative to `root`) by path, in their order; see `Run` for the other arguments.

    A file that cannot be read, or not within bounds, is there with the reason. Whatever exception passes through,
    KeyboardInterrupt included, no worker process is left behind.
    """
    return read(Run(root, interest, jobs, cache, progress), sources)


def read(run: Run, sources: Sequence[Source]) -> dict[str, FileFacts]:
    """What `read_all` returns, for a run that is already described."""
    with _collector_paused():
        known = _load(run)
        outcomes = _gather(run, sources, known)
        facts = _decoded(run, sources, outcomes)
        _save(run, known, outcomes)
        return facts


def read_linked(run: Run, sources: Sequence[Source]) -> Linked:
    """What `link` makes of the facts of `sources`, itself remembered for as long as no file changes.

    The files hold what counts once they are linked: facts, lines, status, reason and traits.
    """
    with _collector_paused():
        known = _load(run)
        outcomes = _gather(run, sources, known)
        key, lines = known.shelf.derived
        linked = memo.unpack(list(outcomes), lines) if key == memo.key_of(outcomes) else None
        if linked is not None:
            _save(run, known, outcomes)
            return linked
        linked = memo.essence(link(_decoded(run, sources, outcomes)))
        _save(run, known, outcomes, (memo.key_of(outcomes), memo.pack(linked)))
        return linked


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Millions of new tuples, none of them in a cycle, would set the collector off again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Known(NamedTuple):
    """What the cache held when the run began, and when that was."""

    shelf: Shelf
    started: int


def _load(run: Run) -> _Known:
    return _Known(run.cache.load(run.root) if run.cache else EMPTY, time.time_ns())


def _save(run: Run, known: _Known, outcomes: dict[str, Outcome], derived: Derived = ("", ())) -> None:
    if run.cache is None:
        return
    shelf = remember(known.shelf, outcomes.values(), known.started)
    if derived[0] and 2 * len(outcomes) >= len(shelf.entries):
        shelf = shelf._replace(derived=derived)
    if shelf != known.shelf:
        run.cache.save(run.root, shelf)


def _gather(run: Run, sources: Sequence[Source], known: _Known) -> dict[str, Outcome]:
    """An outcome for each source, in order: remembered, or read now."""
    setup = Setup(os.fspath(run.root), run.interest, run.reader_for)
    found = {source.path: _recalled(setup.root, source, known.shelf) for source in sources}
    todo = [source for source in sources if found[source.path] is None]
    done = len(sources) - len(todo)
    for outcomes in _read(run, setup, todo):
        found.update((outcome.path, outcome) for outcome in outcomes)
        done += len(outcomes)
        if run.progress:
            run.progress(done, len(sources))
    return {path: outcome for path, outcome in found.items() if outcome}


def _recalled(root: str, source: Source, shelf: Shelf) -> Outcome | None:
    """What is remembered of a file, by its stamp or else by its content."""
    if not shelf.facts:
        return None
    try:
        hit = recall(shelf, source.path, stamp_of(os.stat(f"{root}/{source.path}")))
        if hit:
            return Outcome(source.path, hit[1], None, hit[0])
        stamp, data = load(root, source.path)
    except OSError:
        return None
    digest = digest_of(data, source.kind)
    facts = shelf.facts.get(digest)
    return None if facts is None else Outcome(source.path, facts, stamp, digest)


def _read(run: Run, setup: Setup, todo: Sequence[Source]) -> Iterator[list[Outcome]]:
    left = {source.path: source for source in todo}
    if sum(source.size for source in todo) > _SMALL:
        for kind in {source.kind for source in todo}:
            run.reader_for(kind)
        from portcheck import pool

        try:
            for outcomes in pool.read(setup, pool.chunks(todo, run.jobs), run.jobs, run.limits or pool.Limits()):
                for outcome in outcomes:
                    del left[outcome.path]
                yield outcomes
        except pool.CannotStart:
            pass
    for source in left.values():
        yield [_read_here(setup, source)]


def _read_here(setup: Setup, source: Source) -> Outcome:
    try:
        return read_file(setup, source)
    except MemoryError:
        return unreadable(source, "needs more memory than there is")


def _decoded(run: Run, sources: Sequence[Source], outcomes: dict[str, Outcome]) -> dict[str, FileFacts]:
    """The facts of each outcome; a file whose remembered facts are no facts is read again."""
    facts = {path: decode(outcome.facts) for path, outcome in outcomes.items()}
    broken = [source for source in sources if facts[source.path] is None]
    setup = Setup(os.fspath(run.root), run.interest, run.reader_for)
    for again in _read(run, setup, broken):
        for outcome in again:
            outcomes[outcome.path] = outcome
            facts[outcome.path] = decode(outcome.facts)
    return {path: found or _MISSHAPEN for path, found in facts.items()}
