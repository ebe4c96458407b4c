"""The baseline: places that were there when somebody said "no more", so that a gate fails for new ones alone.

A file of JSON lines: a head, then one place a line, in order of path, rule and fingerprint, so that git merges it and
people can read what changes. Places are known by their fingerprints, which say what stands in which function and not on
which line. Paths count from the folder of the file, or from as many folders above as its head says.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Callable, NoReturn

from portcheck.errors import UsageError
from portcheck.records import NamedTuple

NAME = "portcheck-baseline.jsonl"
VERSION = 1
MAX_SIZE = 64 * 1024 * 1024

_HEAD = "portcheck-baseline"
_OUTSIDE = re.compile(r"^$|^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\0")
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


class Entry(NamedTuple):
    """A place that was accepted; the subject is there for people."""

    path: str
    rule: str
    fingerprint: str
    subject: str


class Baseline(NamedTuple):
    """The places that are left of the `start` that were accepted; `root` leads from the file to where paths count."""

    start: int
    entries: tuple[Entry, ...]
    root: str = "."


class Split(NamedTuple):
    """Places beside a baseline: new ones, the entries that are still there (renamed files by their new name), the
    entries that this run says nothing about, and those that are done.
    """

    new: tuple[Entry, ...]
    left: tuple[Entry, ...]
    unseen: tuple[Entry, ...]
    done: tuple[Entry, ...]


def find(start: Path) -> Path | None:
    """Return the baseline in a folder or the nearest one above it, up to the top of its repository."""
    for folder in (start, *start.parents):
        if os.path.lexists(folder / NAME):
            return folder / NAME
        if os.path.lexists(folder / ".git"):
            break
    return None


def read(path: Path) -> Baseline:
    """Return the baseline in a file.

    Raises:
        UsageError: it cannot be read, or is no baseline of this version; the message has file and line.
    """
    try:
        if path.is_symlink() or not path.is_file():
            raise OSError(0, "no such file" if not os.path.lexists(path) else "not a regular file")
        if path.stat().st_size > MAX_SIZE:
            raise OSError(0, f"larger than {MAX_SIZE >> 20} MiB")
        lines = path.read_bytes().decode("utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is no baseline: not UTF-8") from error
    for number, line in enumerate(lines, 1):
        if line.startswith(_CONFLICT):
            _refuse(path, number, "a merge conflict: keep the lines of both sides, then run `portcheck baseline`")
    start, root = _head(path, lines[0] if lines else "")
    return Baseline(start, tuple(_entries(path, lines[1:])), root)


def text(baseline: Baseline) -> str:
    """Return the content of the file of a baseline."""
    head: dict[str, object] = {_HEAD: VERSION, "start": baseline.start}
    if baseline.root != ".":
        head["root"] = baseline.root
    rows = (entry._asdict() for entry in sorted(baseline.entries))
    return "".join(json.dumps(row) + "\n" for row in (head, *rows))


def home(path: Path, baseline: Baseline, scanned: Path) -> str:
    """Return the path from where a baseline's paths count to what is scanned, ending in a slash unless it is empty.

    Raises:
        UsageError: what is scanned lies elsewhere.
    """
    top = os.path.realpath(path.parent / baseline.root)
    below = os.path.relpath(os.path.realpath(scanned), top).replace(os.sep, "/")
    if below.split("/")[0] == ".." or os.path.isabs(below):
        raise UsageError(f"{path}: is not about {scanned}: its paths count from {top}")
    return "" if below == "." else f"{below}/"


def root_for(path: Path, scanned: Path) -> str:
    """Return what leads from a new baseline to the innermost folder that holds both it and what is scanned."""
    folder = os.path.realpath(path.parent)
    return os.path.relpath(os.path.commonpath([folder, os.path.realpath(scanned)]), folder).replace(os.sep, "/")


def split(
    baseline: Baseline, places: Iterable[Entry], was_seen: Callable[[str], bool], exists: Callable[[str], bool]
) -> Split:
    """Return what of the places in a run is new, and what became of those in the baseline.

    A place is the same in the same file, or in another one if its file is gone: then that was renamed. Paths of both
    count from the same folder; `was_seen` says whether a run would have found what is in a file, `exists` whether there
    is such a file.
    """
    waiting = Counter((entry.path, entry.fingerprint) for entry in baseline.entries)
    there = Counter[tuple[str, str]]()
    strange: list[Entry] = []
    for place in places:
        key = (place.path, place.fingerprint)
        if there[key] < waiting[key]:
            there[key] += 1
        else:
            strange.append(place)
    left: list[Entry] = []
    rest: list[Entry] = []
    for entry in baseline.entries:
        key = (entry.path, entry.fingerprint)
        (left if there[key] > 0 else rest).append(entry)
        there[key] -= 1
    new, moved, rest = _moved(strange, rest, exists)
    unseen = [entry for entry in rest if not was_seen(entry.path) and exists(entry.path)]
    done = Counter(rest) - Counter(unseen)
    return Split(tuple(new), (*left, *moved), tuple(unseen), tuple(done.elements()))


def shrunk(baseline: Baseline, found: Split, grow: bool) -> Baseline:
    """Return a baseline without what is done and, only if it is to grow, with what is new."""
    added = found.new if grow else ()
    entries = tuple(sorted((*found.left, *found.unseen, *added)))
    return baseline._replace(start=max(baseline.start + len(added), len(entries)), entries=entries)


def _moved(
    strange: Iterable[Entry], entries: Sequence[Entry], exists: Callable[[str], bool]
) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """The places that are new, those that stood in files which are gone, and the entries that are still to explain."""
    homeless: dict[str, list[Entry]] = {}
    for entry in entries:
        homeless.setdefault(entry.fingerprint, []).append(entry)
    new: list[Entry] = []
    moved: list[Entry] = []
    for place in strange:
        former = next((entry for entry in homeless.get(place.fingerprint, ()) if not exists(entry.path)), None)
        if former is None:
            new.append(place)
        else:
            homeless[place.fingerprint].remove(former)
            moved.append(former._replace(path=place.path))
    return new, moved, [entry for rest in homeless.values() for entry in rest]


def _head(path: Path, line: str) -> tuple[int, str]:
    """The number of places at the start, and what leads to where paths count."""
    row = _row(path, 1, line)
    if _HEAD not in row:
        _refuse(path, 1, f'is no baseline: begins without {{"{_HEAD}": {VERSION}, ...}}')
    if row[_HEAD] != VERSION:
        _refuse(path, 1, f"is of version {row[_HEAD]!r}, and this portcheck reads {VERSION}")
    start, root = row.get("start"), row.get("root", ".")
    if type(start) is not int or start < 0:
        _refuse(path, 1, "'start' must be a number of places")
    if not isinstance(root, str) or not set(root.split("/")) <= {".", ".."}:
        _refuse(path, 1, f"'root' must lead upwards, as in '../..', not {root!r}")
    return start, root


def _entries(path: Path, lines: Sequence[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        row = _row(path, number, line)
        values = [row.get(key) for key in Entry._fields]
        if not all(isinstance(value, str) for value in values):
            _refuse(path, number, f"is no place: {', '.join(Entry._fields)} must be texts")
        entry = Entry(*map(str, values))
        if _is_outside(entry.path):
            _refuse(path, number, f"names {entry.path!r}, a file outside the tree")
        yield entry


def _is_outside(path: str) -> bool:
    return bool(_OUTSIDE.search(path))


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        _refuse(path, number, "is no JSON object")
    return row


def _refuse(path: Path, line: int, what: str) -> NoReturn:
    raise UsageError(f"{path}:{line}: {what}")
