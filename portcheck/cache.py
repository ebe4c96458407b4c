"""Facts of earlier runs, by content, one file for each scanned root.

A cache file is lines of ASCII JSON, of which the facts of each content are one, decoded only when they are asked for.
Anything of another shape counts as empty. Readers of other versions, interests or interpreters never meet, because they
write files of other names.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from portcheck.digests import blake2b
from portcheck.paths import write_atomic
from portcheck.records import NamedTuple
from portcheck.worker import Outcome, Stamp, stamp_of

_SCHEMA = 1
_MAX_FILE = 256 * 1024 * 1024
_MAX_FOLDER = 512 * 1024 * 1024
_REFRESH = 24 * 60 * 60
_SLACK = 2_000_000_000
"""Nanoseconds a file must be older than the run to be known by its stamp: the coarsest clock of common file systems."""
_NEVER: Stamp = (-1, -1, -1, -1)
_DIGEST = 32
"""Characters of a digest, before the mark."""

Entry = tuple[int, int, int, int, str]
Derived = tuple[str, tuple[str, ...]]


class Shelf(NamedTuple):
    """What is remembered of one root: stamp and digest by path, facts as text by digest, and what was last derived.

    `derived` is a key over everything that went in, and the lines that came out.
    """

    entries: Mapping[str, Entry]
    facts: Mapping[str, str]
    derived: Derived = ("", ())


EMPTY = Shelf({}, {})


class FactsCache(NamedTuple):
    """The cache files in `folder` of readers that look for the interest of this digest; if `sealed`, they stay so."""

    folder: Path
    interest_digest: str
    sealed: bool = False

    def load(self, root: Path) -> Shelf:
        """What is remembered of `root`; empty when there is nothing, or nothing that can be used."""
        path = self._path(root)
        try:
            status = path.stat()
            if status.st_size > _MAX_FILE:
                return EMPTY
            if time.time() - status.st_mtime > _REFRESH:
                os.utime(path)
            return _parse(path.read_bytes().decode("ascii"), self._name(root))
        except (OSError, ValueError, TypeError, RecursionError):
            return EMPTY

    def save(self, root: Path, shelf: Shelf) -> None:
        """Remember `shelf` beside what other runs wrote meanwhile; a folder that cannot be written is no error."""
        if self.sealed:
            return
        try:
            merged = _merged(root, self.load(root), shelf)
            write_atomic(self._path(root), _format(self._name(root), merged))
            _shrink(self.folder, keep=self._path(root))
        except OSError:
            return

    def _name(self, root: Path) -> list[object]:
        return [_SCHEMA, os.fspath(root), self.interest_digest, list(sys.version_info[:2]), _readers()]

    def _path(self, root: Path) -> Path:
        name = json.dumps(self._name(root)).encode()
        return self.folder / f"facts-{blake2b(name, digest_size=16).hexdigest()}.jsonl"


def recall(shelf: Shelf, path: str, stamp: Stamp) -> str | None:
    """The digest of the file at `path`, if it bears the same stamp as when it was read."""
    entry = shelf.entries.get(path)
    return entry[4] if entry and entry[:4] == stamp else None


def remember(shelf: Shelf, outcomes: Iterable[Outcome], started: int, mark: str = "") -> Shelf:
    """`shelf` with what was read in a run that began at `started` (nanoseconds since the epoch).

    `mark` goes with the digest of the facts. A file so young that a later change could leave its stamp as it is will be
    known by its content alone.
    """
    entries, facts = dict(shelf.entries), dict(shelf.facts)
    for path, text, stamp, digest in outcomes:
        if stamp is not None:
            safe = max(stamp[1], stamp[2]) + _SLACK < started
            entries[path] = (*(stamp if safe else _NEVER), digest)
            facts[digest + mark] = text
    return shelf._replace(entries=entries, facts=facts)


def _merged(root: Path, other: Shelf, ours: Shelf) -> Shelf:
    """Both, ours first, without the files that are gone and the facts that no file has any more."""
    entries = {path: entry for path, entry in other.entries.items() if path not in ours.entries}
    entries = {path: entry for path, entry in {**entries, **ours.entries}.items() if os.path.lexists(f"{root}/{path}")}
    used = {entry[4] for entry in entries.values()}
    facts = {digest: text for digest, text in {**other.facts, **ours.facts}.items() if digest[:_DIGEST] in used}
    return Shelf(entries, facts, ours.derived if ours.derived[0] else other.derived)


def _format(name: list[object], shelf: Shelf) -> bytes:
    """The lines of a cache file: name, files as columns, digests, key and number of derived lines, these, the facts."""
    columns = [list(shelf.entries), *zip(*shelf.entries.values())]
    key, derived = shelf.derived
    head = [name, columns, list(shelf.facts), [key, len(derived)]]
    lines = [json.dumps(part, separators=(",", ":")) for part in head]
    return "\n".join([*lines, *derived, *shelf.facts.values()]).encode("ascii")


def _parse(text: str, name: list[object]) -> Shelf:
    """The inverse of `_format`; raises ValueError or TypeError when the text is anything else."""
    own_name, columns, digests, counts, *lines = text.split("\n")
    paths, sizes, changed, touched, inodes, contents = json.loads(columns) if len(columns) > 4 else [[]] * 6
    names, (key, count) = json.loads(digests), json.loads(counts)
    numbers = [*sizes, *changed, *touched, *inodes, count]
    strings = [*paths, *contents, *names, key]
    same_length = len({len(part) for part in (paths, sizes, changed, touched, inodes, contents)}) == 1
    if json.loads(own_name) != name or not same_length or len(names) != len(lines) - count or count < 0:
        raise ValueError("not a cache file of this name")
    if set(map(type, numbers)) != {int} or set(map(type, strings)) != {str}:
        raise TypeError("a value of another type")
    entries = dict(zip(paths, zip(sizes, changed, touched, inodes, contents)))
    return Shelf(entries, dict(zip(names, lines[count:])), (key, tuple(lines[:count])))


@lru_cache(maxsize=1)
def _readers() -> str:
    """A digest over names, sizes and times of this package's modules: facts of other code are other facts."""
    here = os.path.dirname(os.path.abspath(__file__))
    found = []
    for folder in (here, os.path.join(here, "sources")):
        try:
            with os.scandir(folder) as files:
                found += [(file.path, *stamp_of(file.stat())[:2]) for file in files if file.name.endswith(".py")]
        except OSError:
            continue
    return blake2b(repr(sorted(found)).encode(), digest_size=16).hexdigest()


def _shrink(folder: Path, keep: Path) -> None:
    """Remove the cache files that were used longest ago while all of them take too much room."""
    files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in folder.glob("facts-*.jsonl"))
    total = sum(size for _, size, _ in files)
    for _, size, path in files:
        if total > _MAX_FOLDER and path != keep:
            path.unlink()
            total -= size
