"""Reading one file: open, stamp, digest, reader, and every way in which that can fail, as an outcome.

Runs in worker processes and, for small jobs, in the process that asked. No content makes anything here raise, but for
the memory it takes.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Callable, Optional

from portcheck.codec import encode
from portcheck.digests import blake2b
from portcheck.model import FactKind, FileFacts, Kind, Source, Status
from portcheck.records import NamedTuple
from portcheck.roles import HEAD_BYTES, claim_of

if TYPE_CHECKING:
    from portcheck.pack import Interest

Reader = Callable[[bytes, "Interest"], FileFacts]
ReaderFor = Callable[[Kind], Optional[Reader]]
Stamp = tuple[int, int, int, int]

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_MARK = b"portcheck:"
_REASONS = {errno.ENOENT: "vanished during the scan", errno.EACCES: "permission denied"}


class Setup(NamedTuple):
    """What every read of one run shares: the scanned root, what readers look for and who reads which kind."""

    root: str
    interest: Interest
    reader_for: ReaderFor


class Outcome(NamedTuple):
    """A file that was dealt with: its facts as text, its stamp and digest (none when it is not to be remembered)."""

    path: str
    facts: str
    stamp: Stamp | None = None
    digest: str = ""


def stamp_of(status: os.stat_result) -> Stamp:
    """What must be unchanged for a file to be taken as unchanged: size, both times, inode."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def digest_of(data: bytes, kind: Kind) -> str:
    """The name of a content as files of `kind` are read."""
    return blake2b(data, digest_size=16, person=kind.value.encode()).hexdigest()


def load(root: str, path: str) -> tuple[Stamp, bytes]:
    """The stamp and content of a regular file; raises OSError, also for anything that is not a regular file.

    A pipe or device in the place of the file neither blocks nor is read; a file that grows is read as long as it was.
    """
    handle = os.open(f"{root}/{path}", _FLAGS)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return stamp_of(status), file.read(status.st_size)
    finally:
        os.close(handle)


def read_file(setup: Setup, source: Source) -> Outcome:
    """Read `source`; raises MemoryError alone, so that the caller can say what the bound was."""
    reader = setup.reader_for(source.kind)
    if reader is None:
        return _without_facts(source, Status.SKIPPED, f"no reader for {source.kind.value} files")
    try:
        stamp, data = load(setup.root, source.path)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or (error.strerror or "cannot be opened").lower()
        return unreadable(source, reason)
    try:
        found = with_claim(with_pragmas(reader(data, setup.interest), data, source.kind), data)
        facts = encode(with_variables(found, data, setup.interest))
    except MemoryError:
        raise
    except Exception as error:  # a fault of one reader must not take the other files down with it
        return unreadable(source, f"its reader failed with {type(error).__name__}: {error}")
    return Outcome(source.path, facts, stamp, digest_of(data, source.kind))


def with_pragmas(facts: FileFacts, data: bytes, kind: Kind) -> FileFacts:
    """`facts` with the comments that speak to portcheck; hardly a file has any."""
    if _MARK not in data:
        return facts
    from portcheck.sources.pragmas import pragmas

    return facts._replace(pragmas=pragmas(data, kind))


def with_claim(facts: FileFacts, data: bytes) -> FileFacts:
    """`facts` with what the first lines say of where the file comes from; few files do."""
    claim = claim_of(data[:HEAD_BYTES])
    return facts._replace(traits=(*facts.traits, *claim)) if claim else facts


def with_variables(facts: FileFacts, data: bytes, interest: Interest) -> FileFacts:
    """`facts` with what other devices' variables beside theirs say; few files hold any."""
    if not any(fact.kind is FactKind.ENV for fact in facts.facts):
        return facts
    from portcheck.sources.neighbours import with_neighbours

    return with_neighbours(facts, data, interest)


def unreadable(source: Source, reason: str) -> Outcome:
    """The outcome for a file that could not be read, with the reason; it is tried again on the next run."""
    return _without_facts(source, Status.UNREADABLE, reason)


def _without_facts(source: Source, status: Status, reason: str) -> Outcome:
    return Outcome(source.path, encode(FileFacts(status=status, reason=reason)))
