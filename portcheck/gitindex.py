"""Which files git tracks: read from the index of a work tree, without running git.

Ignore files say nothing of a file that is tracked, so whoever honours them has to know. Source of the format: the
manual page gitformat-index(5), versions 2 to 4. What is not in that format is taken as an empty index.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

MAX_BYTES = 64 << 20
"""A larger index is not read."""

_HEADER = 12
_OBJECT = 40
_FIXED = 62
_FLAGS = 60
_EXTENDED = 0x40


def tracked(top: str) -> frozenset[str]:
    """Return the paths that git tracks in the work tree at `top`, relative to it, and the folders above them."""
    found: set[str] = set()
    for raw, _ in _entries(_index(top)):
        path = os.fsdecode(raw)
        while path and path not in found:
            found.add(path)
            path = path.rpartition("/")[0]
    return frozenset(found)


def blobs(top: str) -> dict[str, str]:
    """Return the object that git's index has for each tracked file of the work tree at `top`, in hexadecimal."""
    return {os.fsdecode(raw): name.hex() for raw, name in _entries(_index(top))}


def blob_of(data: bytes, digits: int = 40) -> str:
    """Return the object that content would be, in a repository that names objects by so many digits."""
    # Most runs need none, and OpenSSL is slow to load.
    import hashlib

    digest = hashlib.sha1 if digits == 40 else hashlib.sha256
    return digest(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def stamp(top: str) -> str:
    """Return what changes whenever the index of a work tree does; empty if there is none."""
    try:
        status = os.stat(_place(top))
    except (OSError, ValueError):
        return ""
    return f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"


def _place(top: str) -> str:
    """Return where the index of a work tree is; raises OSError when a file on the way cannot be read."""
    mark = os.path.join(top, ".git")
    if os.path.isfile(mark):
        with open(mark, "rb") as file:
            link = file.read(4096)
        mark = os.path.join(top, os.fsdecode(link.partition(b"gitdir:")[2].strip()))
    return os.path.join(mark, "index")


def _index(top: str) -> bytes:
    """Return the content of the index, empty if there is none that can be read."""
    try:
        index = _place(top)
        if not os.path.isfile(index) or os.path.getsize(index) > MAX_BYTES:
            return b""
        with open(index, "rb") as file:
            return file.read()
    except (OSError, ValueError):
        return b""


def _entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the paths in an index, each with the name of its object; stops where it is broken."""
    version = int.from_bytes(data[4:8], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4):
        return
    position, name = _HEADER, b""
    for _ in range(int.from_bytes(data[8:_HEADER], "big")):
        if position + _FIXED >= len(data):
            return
        start = position + _FIXED + (2 if data[position + _FLAGS] & _EXTENDED else 0)
        kept, start = _kept(data, start, len(name)) if version == 4 else (0, start)
        end = data.find(b"\0", start)
        if end < 0:
            return
        name = name[:kept] + data[start:end]
        yield name, data[position + _OBJECT : position + _FLAGS]
        position = end + 1 if version == 4 else end + 8 - (end - position) % 8


def _kept(data: bytes, start: int, length: int) -> tuple[int, int]:
    """Return how much of the name before stays in a version 4 entry, and where the rest of its name starts.

    The number of bytes to drop is written seven bits a byte, the highest first, each further byte adding one.
    """
    dropped = -1
    more = True
    while more and start < len(data):
        byte = data[start]
        dropped = ((dropped + 1) << 7) | (byte & 0x7F)
        more = byte >= 0x80
        start += 1
    return max(length - dropped, 0), start
