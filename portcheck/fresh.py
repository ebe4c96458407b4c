"""From what git says has changed to what there is to read, of what is asked for and not excluded."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from portcheck.changes import Changed
from portcheck.discover import Discovery, discover
from portcheck.kinds import kind_by_head, kind_by_name
from portcheck.model import Source
from portcheck.roles import role_of


class Fresh(NamedTuple):
    """The files that changed, below the top of their repository, and by path the root of those that stand elsewhere."""

    found: Discovery
    elsewhere: Dict[str, str]


@contextmanager
def fresh(changed: Changed, paths: Sequence[str], exclude: Sequence[str]) -> Iterator[Fresh]:
    """Give the changed files that are among the paths or in folders among them.

    What is staged and is another in the work tree lies in a folder of its own meanwhile.

    Raises:
        UsageError: a pattern that cannot match.
    """
    with TemporaryDirectory(prefix="portcheck-") as folder:
        found, contents = _asked(changed, paths, exclude)
        for path, data in contents.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_bytes(data)
        yield Fresh(found, dict.fromkeys(contents, folder))


def _asked(changed: Changed, paths: Sequence[str], exclude: Sequence[str]) -> Tuple[Discovery, Dict[str, bytes]]:
    """The files to read, and the contents of those that are another in the work tree."""
    places = [os.path.realpath(path) for path in paths] or [changed.top]
    asked = [path for path in changed.paths if _is_asked(os.path.join(changed.top, path), places)]
    contents = {path: data for path, data in changed.contents.items() if path in asked}
    there = [path for path in asked if os.path.isfile(os.path.join(changed.top, path))]
    found = Discovery(Path(changed.top), (), (), changed.top, False)
    if there:
        found = _below(changed.top, discover([os.path.join(changed.top, path) for path in there], exclude, named=False))
    known = {source.path for source in found.sources} | {skipped.path for skipped in found.skipped}
    gone = [_source(path, contents[path]) for path in asked if path not in there and path in contents]
    sources: List[Source] = sorted([*found.sources, *(source for source in gone if source.path not in known)])
    return found._replace(sources=tuple(sources)), contents


def _is_asked(path: str, places: Sequence[str]) -> bool:
    return any(path == place or path.startswith(os.path.join(place, "")) for place in places)


def _below(top: str, found: Discovery) -> Discovery:
    """The same with paths that count from the top of the repository."""
    part = os.path.relpath(found.root, top).replace(os.sep, "/")
    prefix = "" if part == "." else f"{part}/"
    return Discovery(
        Path(top),
        tuple(source._replace(path=prefix + source.path) for source in found.sources),
        tuple(skipped._replace(path=prefix + skipped.path) for skipped in found.skipped),
        top,
        False,
    )


def _source(path: str, data: bytes) -> Source:
    """A file that is staged and not in the work tree."""
    folder, _, name = path.rpartition("/")
    kind = kind_by_name(name, folder.rpartition("/")[2]) or kind_by_head(data)
    return Source(path, kind, role_of(path), len(data))
