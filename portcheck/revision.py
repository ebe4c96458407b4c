"""The files of a git revision, read from git's objects: what a checkout of it would show, without one.

They lie in a folder of their own meanwhile. A file that nobody reads is there by its name and size alone, as both tell
what the folder around it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Callable, TypeVar

from portcheck.changes import FILES, stays
from portcheck.discover import MAX_SIZE, Discovery, Leave, discover
from portcheck.kinds import kind_by_name
from portcheck.model import Kind, Skipped
from portcheck.plumbing import contents_of, must, sizes_of
from portcheck.records import NamedTuple

_AT_ONCE = 500
"""Files whose contents are held at a time."""

_LOST = "unreadable: its content is not in this clone"

Thing = TypeVar("Thing")


class _Blob(NamedTuple):
    """A file of a revision: its path and the digest of its content."""

    path: str
    digest: str


@contextmanager
def files_at(
    top: str, commit: str, exclude: Sequence[str], among: Callable[[str], bool] = lambda path: True
) -> Iterator[Discovery]:
    """Give the files of a commit, as if they stood in the work tree at `top`; what is excluded is left out.

    Ignore files say nothing, as a revision holds only what git tracks. `among` narrows it to some of the paths.

    Raises:
        UsageError: there is no git, or it cannot read the commit.
    """
    leave = Leave(exclude, top)
    blobs = [blob for blob in _blobs(top, commit) if among(blob.path)]
    left = {blob.path: leave.reason(os.path.join(top, blob.path)) for blob in blobs}
    sizes = sizes_of(top, (blob.digest for blob in blobs))
    with TemporaryDirectory(prefix="portcheck-") as folder:
        lost = _write(top, folder, [blob for blob in blobs if left[blob.path] is None], sizes)
        found = discover([folder], gitignore=False)
        skipped = [Skipped(path, reason) for path, reason in left.items() if reason]
        skipped += [Skipped(path, _LOST) for path in lost]
        yield Discovery(
            Path(top),
            found.sources,
            tuple(sorted((*found.skipped, *skipped))),
            elsewhere=tuple((source.path, folder) for source in found.sources),
            passing=True,
        )


def _blobs(top: str, commit: str) -> list[_Blob]:
    """The regular files of a commit; links and submodules are none."""
    rows = must(top, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
    parts = [row.split(b"\t", 1) for row in rows if row]
    fields = [(*meta.decode().split(), os.fsdecode(path)) for meta, path in parts]
    return [_Blob(path, digest) for mode, _, digest, path in fields if mode in FILES and stays(path)]


def _write(top: str, folder: str, blobs: Sequence[_Blob], sizes: dict[str, int]) -> list[str]:
    """Write files below a folder, and return the paths of those whose content is not there or has no place there."""
    wanted: list[_Blob] = []
    others: list[_Blob] = []
    lost: list[str] = []
    for blob in blobs:
        size = sizes.get(blob.digest)
        if size is None:
            lost += [blob.path] if _kind(blob.path) is not Kind.OTHER else []
        else:
            (wanted if _kind(blob.path) is not Kind.OTHER and size <= MAX_SIZE else others).append(blob)
    for some in _portions(wanted):
        contents = contents_of(top, [blob.digest for blob in some])
        lost += [blob.path for blob in some if not _put(folder, blob.path, contents[blob.digest])]
    for blob in others:
        _put(folder, blob.path, b"", sizes[blob.digest])
    return lost


def _portions(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    """Some of the things at a time."""
    rest = iter(things)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _kind(path: str) -> object:
    """The kind of file that a path says it is, None when only its content can tell."""
    folder, _, name = path.rpartition("/")
    return kind_by_name(name, folder.rpartition("/")[2])


def _put(folder: str, path: str, data: bytes, size: int = 0) -> bool:
    """Write a file, or one of so many bytes that take no room; returns whether this system takes its name."""
    full = Path(folder, path)
    try:
        full.parent.mkdir(parents=True, exist_ok=True)
        with full.open("xb") as file:
            file.write(data)
            if size:
                file.truncate(size)
    except (OSError, ValueError):
        return False
    return True
