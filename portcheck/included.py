"""Requirements that requirements include, `-r base.in`: taken for what they are, whatever they are called.

Nothing is followed out of the folders that are scanned, nor through links; what cannot be followed is said.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from typing import Callable

from portcheck.model import Kind, Skipped, Source

MAX_READ = 256 * 1024
"""Bytes of a file that is searched for files that it includes."""

MISSING = "included by requirements, but not there"
OUTSIDE = "included by requirements, but outside the scanned folder"
ODD = "included by requirements, but a link or no regular file"

_SUFFIXES = (".txt", ".in", ".pip", ".reqs")
_INCLUDE = re.compile(rb"^[ \t]*(?:-[rc]|--requirement|--constraint)[ \t=]*[\"']?([^\s#\"']+)", re.MULTILINE)
_NO_FILE = re.compile(r"://|[${}*]")


def follow(
    root: str,
    sources: dict[str, Source],
    skipped: dict[str, Skipped],
    reason: Callable[[str], str | None],
    size: int,
) -> None:
    """Add to `sources` what its requirements include, files of up to `size` bytes, and to `skipped` what is left out.

    `reason` says why a path below the root is not to be looked at, None when it is.
    """
    todo = [path for path, source in sources.items() if source.kind is Kind.MANIFEST and path.endswith(_SUFFIXES)]
    while todo:
        home = todo.pop()
        for path in _included(root, home):
            if path in sources or path in skipped:
                continue
            left = OUTSIDE if path.startswith("../") else reason(path)
            found = left or _status(root, path)
            if isinstance(found, str):
                skipped[path] = Skipped(path, found)
            elif found.st_size <= size:
                sources[path] = Source(path, Kind.MANIFEST, sources[home].role, found.st_size, found.st_mtime_ns)
                todo.append(path)


def _included(root: str, home: str) -> Iterator[str]:
    """The files that one names, relative to the root."""
    try:
        with open(os.path.join(root, home), "rb") as file:
            data = file.read(MAX_READ)
    except OSError:
        return
    for written in _INCLUDE.findall(data):
        name = os.fsdecode(written)
        if not _NO_FILE.search(name):
            yield os.path.relpath(os.path.join(root, os.path.dirname(home), name), root).replace(os.sep, "/")


def _status(root: str, path: str) -> os.stat_result | str:
    """The state of a regular file below the root, or why there is none."""
    whole = os.path.join(root, path)
    try:
        found = os.lstat(whole)
    except (OSError, ValueError):
        return MISSING
    straight = os.path.realpath(whole) == os.path.join(os.path.realpath(root), path)
    return found if stat.S_ISREG(found.st_mode) and straight else ODD
