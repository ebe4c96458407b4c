"""From what git says has changed to what there is to read, of what is asked for and not excluded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from portcheck.changes import Changed
from portcheck.discover import Discovery, Leave, discover
from portcheck.errors import UsageError
from portcheck.folders import is_within
from portcheck.kinds import kind_by_head, kind_by_name
from portcheck.model import Kind, Skipped, Source
from portcheck.records import NamedTuple
from portcheck.roles import role_of
from portcheck.walk import UNKNOWN

_LOST = "unreadable: what is staged is too large, or not in this clone"


class _Asked(NamedTuple):
    """What is asked for: paths in the work tree, staged contents that are another there, and paths of lost contents."""

    paths: tuple[str, ...]
    contents: dict[str, bytes]
    lost: tuple[str, ...]


@contextmanager
def fresh(changed: Changed, paths: Sequence[str], exclude: Sequence[str]) -> Iterator[Discovery]:
    """Give the changed files that are among the paths or in folders among them, below the top of their repository.

    What is staged and is another in the work tree lies in a folder of its own meanwhile.

    Raises:
        UsageError: a path that is neither there nor changed, or is of another repository; a pattern that cannot match.
    """
    asked = _asked(changed, paths)
    there = _there(changed.top, asked.paths, exclude)
    listed = {source.path for source in there.sources} | {skipped.path for skipped in there.skipped}
    leave = Leave(exclude, changed.top)
    others = [_judged(changed.top, path, data, leave) for path, data in asked.contents.items() if path not in listed]
    sources = [*there.sources, *(each for each in others if isinstance(each, Source))]
    skipped = [*there.skipped, *(each for each in others if isinstance(each, Skipped))]
    skipped += [Skipped(path, _LOST) for path in asked.lost if _kind(path) not in (None, Kind.OTHER)]
    with TemporaryDirectory(prefix="portcheck-") as folder:
        found = Discovery(Path(changed.top), tuple(sorted(sources)), tuple(sorted(skipped)), changed.top, False)
        yield found._replace(elsewhere=tuple((path, folder) for path in _kept(asked.contents, found, folder)))


def _asked(changed: Changed, paths: Sequence[str]) -> _Asked:
    """What of the changes is asked for, sorted into what the work tree has and what it has not."""
    places = [os.path.realpath(path) for path in paths] or [changed.top]
    asked = [path for path in changed.paths if any(is_within(os.path.join(changed.top, path), at) for at in places)]
    for path, place in zip(paths, places):
        if not is_within(place, changed.top):
            raise UsageError(f"cannot check {path!r}: it is not in the repository at {changed.top}")
        if not os.path.lexists(place) and not any(is_within(os.path.join(changed.top, each), place) for each in asked):
            raise UsageError(f"cannot check {path!r}: no such file or folder")
    chosen = frozenset(asked)
    contents = {path: data for path, data in changed.contents.items() if path in chosen}
    lost = tuple(path for path in changed.lost if path in chosen)
    return _Asked(tuple(path for path in asked if path not in lost), contents, lost)


def _there(top: str, paths: Sequence[str], exclude: Sequence[str]) -> Discovery:
    """The files that are in the work tree, with paths that count from the top of the repository."""
    files = [file for file in (os.path.join(top, path) for path in paths) if os.path.isfile(file)]
    if not files:
        return Discovery(Path(top), (), ())
    found = discover(files, exclude, named=False)
    part = os.path.relpath(found.root, top).replace(os.sep, "/")
    prefix = "" if part == "." else f"{part}/"
    return found._replace(
        sources=tuple(source._replace(path=prefix + source.path) for source in found.sources),
        skipped=tuple(skipped._replace(path=prefix + skipped.path) for skipped in found.skipped),
    )


def _judged(top: str, path: str, data: bytes, leave: Leave) -> Source | Skipped:
    """A file that is staged and not in the work tree, or why it is left out."""
    reason = leave.reason(os.path.join(top, path))
    kind = _kind(path)
    kind = kind_by_head(data) if kind in (None, Kind.OTHER) else kind
    if reason or kind is Kind.OTHER or kind is None:
        return Skipped(path, reason or UNKNOWN)
    return Source(path, kind, role_of(path), len(data))


def _kind(path: str) -> Kind | None:
    """The kind of file that a path says it is, None when it does not say."""
    folder, _, name = path.rpartition("/")
    return kind_by_name(name, folder.rpartition("/")[2])


def _kept(contents: dict[str, bytes], found: Discovery, folder: str) -> list[str]:
    """Write the contents of sources below a folder, and return their paths."""
    kept = [source.path for source in found.sources if source.path in contents]
    for path in kept:
        Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, path).write_bytes(contents[path])
    return kept
