"""An outcome for every source of a run: remembered, read in this process, or read by workers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from portcheck.cache import FactsCache, Shelf, recall
from portcheck.codec import decode
from portcheck.discover import Discovery
from portcheck.gitindex import stamp
from portcheck.model import FileFacts, Source, Status
from portcheck.records import NamedTuple
from portcheck.sources import prepare
from portcheck.sources import reader_for as default_reader_for
from portcheck.worker import Outcome, ReaderFor, Setup, digest_of, load, read_file, stamp_of, unreadable

if TYPE_CHECKING:
    from portcheck.pack import Interest
    from portcheck.pool import Limits

Progress = Callable[[int, int], None]
Outcomes = dict[str, Outcome]

_SMALL = 256 * 1024
"""Bytes to read up to which starting worker processes takes longer than they save."""
_HARMLESS = 128 * 1024
"""Bytes up to which a file, whatever it holds, needs no process that can be stopped."""
_MISSHAPEN = FileFacts(status=Status.UNREADABLE, reason="its reader gave facts of the wrong shape")


class Around(NamedTuple):
    """The repository around what is read: its top, the path from there, and what changes whenever its files do."""

    top: str
    prefix: str
    mark: str


class Run(NamedTuple):
    """How to read many files: below which root, looking for what, in how many processes, remembered where.

    `progress` is called with the number of files done and in all. Start no thread before its first call: workers are
    forked only where no thread runs, and are slower to start otherwise. `limits` bounds each file that a worker reads.
    `around` is the repository, when not all of it is read; `elsewhere` names another root for some of the files.
    """

    root: Path
    interest: Interest
    jobs: int = 1
    cache: FactsCache | None = None
    progress: Progress | None = None
    reader_for: ReaderFor = default_reader_for
    limits: Limits | None = None
    around: Around | None = None
    elsewhere: Mapping[str, str] = {}


class Gathered(NamedTuple):
    """The outcome of each source, in order, and the facts of those that were read just now."""

    outcomes: Outcomes
    fresh: dict[str, FileFacts | None]


def around_of(found: Discovery) -> Around | None:
    """Return the repository around what is read, where only a part of it is."""
    root = os.fspath(found.root)
    if found.above is None or (found.whole and found.above == root):
        return None
    prefix = os.path.relpath(root, found.above).replace(os.sep, "/")
    return Around(found.above, "" if prefix == "." else f"{prefix}/", stamp(found.above))


def gather(run: Run, sources: Sequence[Source], shelf: Shelf, mark: str = "") -> Gathered:
    """Recall or read `sources`; `mark` tells facts of one content apart when several readers read it.

    Text becomes facts while the workers go on reading.
    """
    root = os.fspath(run.root)
    found = {source.path: _recalled(run.elsewhere.get(source.path, root), source, shelf, mark) for source in sources}
    todo = [source for source in sources if found[source.path] is None]
    done = len(sources) - len(todo)
    fresh: dict[str, FileFacts | None] = {}
    for outcomes in _read(run, todo):
        found.update((outcome.path, outcome) for outcome in outcomes)
        fresh.update((outcome.path, decode(outcome.facts)) for outcome in outcomes)
        done += len(outcomes)
        if run.progress:
            run.progress(done, len(sources))
    return Gathered({path: outcome for path, outcome in found.items() if outcome}, fresh)


def decoded(run: Run, sources: Sequence[Source], gathered: Gathered) -> dict[str, FileFacts]:
    """The facts of each source; a file whose remembered facts are no facts is read again, and its outcome replaced."""
    outcomes, fresh = gathered
    facts = {path: fresh[path] if path in fresh else decode(outcome.facts) for path, outcome in outcomes.items()}
    broken = [source for source in sources if facts[source.path] is None]
    for again in _read(run, broken):
        for outcome in again:
            outcomes[outcome.path] = outcome
            facts[outcome.path] = decode(outcome.facts)
    return {path: found or _MISSHAPEN for path, found in facts.items()}


def _recalled(root: str, source: Source, shelf: Shelf, mark: str) -> Outcome | None:
    """What is remembered of a file, by its stamp or else by its content."""
    if not shelf.facts:
        return None
    try:
        digest = recall(shelf, source.path, stamp_of(os.stat(f"{root}/{source.path}")))
        stamp = None
        if digest is None:
            stamp, data = load(root, source.path)
            digest = digest_of(data, source.kind)
    except OSError:
        return None
    facts = shelf.facts.get(digest + mark)
    return None if facts is None else Outcome(source.path, facts, stamp, digest)


def _read(run: Run, todo: Sequence[Source]) -> Iterator[list[Outcome]]:
    """The outcomes of all of `todo`, in no order."""
    by_root: dict[str, list[Source]] = {}
    for source in todo:
        by_root.setdefault(run.elsewhere.get(source.path, os.fspath(run.root)), []).append(source)
    for root, sources in by_root.items():
        yield from _read_below(run, Setup(root, run.interest, run.reader_for), sources)


def _read_below(run: Run, setup: Setup, todo: Sequence[Source]) -> Iterator[list[Outcome]]:
    left = {source.path: source for source in todo}
    sizes = [source.size for source in todo]
    if sum(sizes) > _SMALL or max(sizes, default=0) > _HARMLESS:
        for outcomes in _read_in_workers(run, setup, todo):
            for outcome in outcomes:
                del left[outcome.path]
            yield outcomes
    for source in left.values():
        yield [_read_here(setup, source)]


def _read_in_workers(run: Run, setup: Setup, todo: Sequence[Source]) -> Iterator[list[Outcome]]:
    """As many outcomes as workers give; where no process can be started, that is none."""
    kinds = {source.kind for source in todo}
    for kind in kinds:
        run.reader_for(kind)  # forked workers then have its modules already
    if run.reader_for is default_reader_for:
        prepare(kinds, run.interest)
    from portcheck import pool

    try:
        yield from pool.read(setup, pool.chunks(todo, run.jobs), run.jobs, run.limits or pool.Limits())
    except pool.CannotStart:
        return


def _read_here(setup: Setup, source: Source) -> Outcome:
    try:
        return read_file(setup, source)
    except MemoryError:
        return unreadable(source, "needs more memory than there is")
