"""Many files: what is remembered comes from the cache, the rest is read, and facts are linked.

Answers are in the order of the sources and depend neither on the number of jobs nor on what the cache held: facts go
the same way through text whether they were read a moment ago or last week.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from portcheck import memo
from portcheck.cache import EMPTY, FactsCache, Shelf, remember
from portcheck.gather import Around, Outcomes, Progress, Run, decoded, gather
from portcheck.link import Linked, link, link_within, wanted
from portcheck.model import FileFacts, Kind, Source
from portcheck.records import NamedTuple
from portcheck.sources import reader_for
from portcheck.worker import Reader, ReaderFor

if TYPE_CHECKING:
    from portcheck.pack import Interest

__all__ = [
    "IN_FULL",
    "Around",
    "Progress",
    "Run",
    "Second",
    "collector_paused",
    "cores",
    "full_reader_for",
    "read",
    "read_all",
    "read_linked",
]

_SECOND = "+"


class Second(NamedTuple):
    """A closer look: which files want one, by path, given the facts of all, and the readers that take it."""

    wanting: Callable[[Mapping[str, FileFacts], Interest], Collection[str]]
    reader_for: ReaderFor


def full_reader_for(kind: Kind) -> Reader | None:
    """The reader of a kind of file that glances at none of them."""
    if kind is Kind.PYTHON:
        from portcheck.sources.python import read_fully

        return read_fully
    return reader_for(kind)


IN_FULL = Second(wanted, full_reader_for)
"""A full reading of files that hold nothing themselves but lean on files that do."""


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
    with collector_paused():
        started = time.time_ns()
        known = _known(run)
        gathered = gather(run, sources, known)
        facts = decoded(run, sources, gathered)
        _save(run, known, remember(known, gathered.outcomes.values(), started))
        return facts


def read_linked(run: Run, sources: Sequence[Source], second: Second = IN_FULL, before: bool = False) -> Linked:
    """What `link` makes of the facts of `sources`, itself remembered for as long as no file changes.

    The files hold what counts once they are linked: facts, lines, status, reason and traits; `before` asks for all the
    rest of their first reading, too. Files that want a closer look get it before they are linked. Fails as `read_all`
    does.
    """
    with collector_paused():
        started = time.time_ns()
        known = _known(run)
        gathered = gather(run, sources, known)
        outcomes = gathered.outcomes
        linked = _remembered(run, known, outcomes)
        facts = {} if linked else decoded(run, sources, gathered)
        shelf = remember(known, outcomes.values(), started)
        if linked is None:
            shelf = _look_closer(run, sources, second, facts, shelf)
            linked = memo.essence(_linked(run, facts))
            if 2 * len(sources) >= len(shelf.entries):
                shelf = shelf._replace(derived=(_key(run, outcomes), memo.pack(linked)))
        _save(run, known, shelf)
        held = ((path, (each.facts, each.digest)) for path, each in outcomes.items() if before)
        return linked._replace(before=dict(held))


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _remembered(run: Run, known: Shelf, outcomes: Outcomes) -> Linked | None:
    """What was linked when all files were as they are now."""
    key, lines = known.derived
    return memo.unpack(list(outcomes), lines) if key and key == _key(run, outcomes) else None


def _key(run: Run, outcomes: Outcomes) -> str:
    return memo.key_of(outcomes) + (run.around.mark if run.around else "")


def _linked(run: Run, facts: Mapping[str, FileFacts]) -> Linked:
    """The facts joined; where they are of a part of a repository, in the knowledge of what else there is."""
    if run.around is None:
        return link(facts)
    from portcheck.gitindex import tracked

    modules = (path for path in tracked(run.around.top) if path.endswith((".py", ".pyi")))
    return link_within(facts, run.around.prefix, modules)


def _look_closer(
    run: Run, sources: Sequence[Source], second: Second, facts: dict[str, FileFacts], shelf: Shelf
) -> Shelf:
    """Put what a closer look shows into `facts`; returns the shelf with it."""
    started = time.time_ns()
    paths = second.wanting(facts, run.interest)
    wanted = [source for source in sources if source.path in paths]
    run = run._replace(reader_for=second.reader_for, progress=None)
    gathered = gather(run, wanted, shelf, _SECOND)
    facts.update(decoded(run, wanted, gathered))
    return remember(shelf, gathered.outcomes.values(), started, _SECOND)


def _known(run: Run) -> Shelf:
    return run.cache.load(run.root) if run.cache else EMPTY


def _save(run: Run, known: Shelf, shelf: Shelf) -> None:
    if run.cache and shelf != known:
        run.cache.save(run.root, shelf)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Let the collector rest: facts and trees are many new objects, none in a cycle, that would set it off."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
