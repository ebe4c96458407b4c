"""Finds the files to read: from the paths a user gives to sources, and what was left out, with the reason.

Ignore files count from the top of the repository around the scanned root down to each folder. A file that is named is
taken whatever the rules say. The walk itself is in `walk`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Union

from portcheck import gitignore as ignoring
from portcheck import roles
from portcheck.errors import UsageError
from portcheck.folders import Scope, file_size, ignore_scope, is_copy, is_within, repository_mark, submodules
from portcheck.model import Role, Skipped, Source
from portcheck.places import Places
from portcheck.records import NamedTuple
from portcheck.walk import EXCLUDED, Folder, Tree, Walk, left_out

MAX_SIZE = 10 * 1024 * 1024
"""Files with more bytes are left out, unless told otherwise."""

AnyPath = Union[str, "os.PathLike[str]"]


class Discovery(NamedTuple):
    """What was found under `root` and what was left out, both in order of path.

    `above` is the top of the repository around the root, `whole` whether all below the root was looked at; `elsewhere`
    names the paths of sources whose content is not below the root, each with the folder that it is below; `passing`
    says that none of it will be met again, so that nothing is to be remembered of it.
    """

    root: Path
    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    above: str | None = None
    whole: bool = True
    elsewhere: tuple[tuple[str, str], ...] = ()
    passing: bool = False


class Leave:
    """What is left out of files that are listed one by one, as a walk would have left it out."""

    def __init__(self, exclude: Sequence[str], top: str) -> None:
        """`exclude` holds patterns that count from `top`, the absolute path of a folder, or from the working folder."""
        self._top = top
        self._places = Places([_anchored(pattern, top) for pattern in exclude])
        self._working = _working_folder() or top
        self._places_here = Places([pattern for pattern in exclude if not os.path.isabs(pattern)])

    def reason(self, file: str) -> str | None:
        """Return why a file is left out, None if it is not; its path is absolute, and below the top."""
        path = _below(file, self._top)
        if self._places.can_hold and self._places.hold(path):
            return EXCLUDED
        if self._places_here.can_hold and is_within(file, self._working):
            here = _below(file, self._working)
            if here != path and self._places_here.hold(here):
                return EXCLUDED
        return next(filter(None, map(left_out, path.split("/")[:-1])), None)


class _Named(NamedTuple):
    """The paths that were given: absolute, free of links up to the last component of a file."""

    root: str
    folders: tuple[str, ...]
    files: tuple[str, ...]


def discover(
    paths: Sequence[AnyPath] = (".",),
    exclude: Sequence[str] = (),
    gitignore: bool = True,
    max_size: int = MAX_SIZE,
    named: bool = True,
) -> Discovery:
    """Return the sources under the paths and what was left out of them.

    `exclude` holds patterns as in a `.gitignore`, relative to the common root of the paths or to the working folder;
    `gitignore` says whether ignore files count; files of more than `max_size` bytes are left out. Files among the paths
    are taken whatever is excluded if they are `named` by somebody who means them, and not just listed. Roles are judged
    by the path below the root, those of named files below the repository (or else the working folder) around them.

    Raises UsageError for a path that is not there and for a pattern that cannot match.
    """
    given = _named(paths)
    above = _repository(given.root)
    top = above or given.root
    walk = Walk(_tree(given, top, exclude, gitignore, max_size))
    if above:
        walk.submodules.update(submodules(above, ""))
    for folder in given.folders:
        walk.skipped.pop(_below(folder, given.root), None)
        walk.folder(_start(folder, given.root, top, above is not None, gitignore))
    _take_files(walk, given, above, None if named else exclude)
    if given.folders:
        _take_included(walk, given, exclude, max_size)
    sources, skipped = walk.sources.values(), walk.skipped.values()
    whole = given.root in given.folders
    return Discovery(Path(given.root), tuple(sorted(sources)), tuple(sorted(skipped)), above, whole)


def _named(paths: Sequence[AnyPath]) -> _Named:
    """Return the given paths sorted into folders, outermost first, and files."""
    folders: list[str] = []
    files: list[str] = []
    for path in [os.fspath(path) for path in paths]:
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"cannot scan {path!r}: {reason}") from error
        if is_folder:
            folders.append(os.path.realpath(path))
        else:
            folder, name = os.path.split(os.path.abspath(path))
            files.append(os.path.join(os.path.realpath(folder), name))
    if not folders and not files:
        raise UsageError("no path to scan")
    root = _common(folders + [os.path.dirname(file) for file in files])
    return _Named(root, tuple(sorted(set(folders))), tuple(sorted(set(files))))


def _common(folders: Sequence[str]) -> str:
    """Return the innermost folder that holds all the given ones."""
    try:
        return os.path.commonpath(folders)
    except ValueError as error:
        raise UsageError("the paths to scan have no common folder") from error


def _repository(root: str) -> str | None:
    """Return the top of the git repository that a folder lies in, or None."""
    folder = root
    while repository_mark(folder) is None:
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    return folder


def _tree(named: _Named, top: str, exclude: Sequence[str], gitignore: bool, max_size: int) -> Tree:
    """Return what holds for the whole walk."""
    root = _below(named.root, top)
    excludes = _excludes(exclude, named.root, len(root) + 1 if root else 0)
    return Tree(top, root, named.folders, excludes, gitignore, max_size, _licence_size(top))


def _licence_size(top: str) -> int | None:
    """Return the size of the licence of the project at the top, if it has one."""
    name = roles.licence(_names(top))
    return file_size(os.path.join(top, name)) if name else None


def _names(folder: str) -> list[str]:
    """Return the names in a folder, none if it cannot be read."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _excludes(patterns: Sequence[str], root: str, cut: int) -> tuple[Scope, ...]:
    """Return the user's patterns, to be tried below the root and, if that contains the root, the working folder."""
    lines = [_anchored(pattern, root) for pattern in patterns]
    for line, pattern in zip(lines, patterns):
        if ignoring.invalid(line):
            raise UsageError(f"cannot exclude {pattern!r}: not a valid pattern")
    if not lines:
        return ()
    rules = ignoring.parse("\n".join(lines))
    scopes = [Scope(rules, cut, EXCLUDED)]
    working = _working_folder()
    if working and working != root and is_within(root, working):
        scopes.append(Scope(rules, cut, EXCLUDED, _below(root, working) + "/"))
    return tuple(scopes)


def _anchored(pattern: str, root: str) -> str:
    """Return a pattern as it would stand in an ignore file at the root: `./x` and absolute paths become `/x`."""
    pattern = pattern.replace(os.sep, "/") if os.sep != "/" else pattern
    place = root.replace(os.sep, "/").rstrip("/") + "/"
    if pattern.startswith(place):
        return "/" + pattern[len(place) :]
    return pattern[1:] if pattern.startswith("./") else pattern


def _working_folder() -> str | None:
    """Return the working folder, or None if it is gone."""
    try:
        return os.path.realpath(os.getcwd())
    except OSError:
        return None


def _start(folder: str, root: str, top: str, in_repository: bool, gitignore: bool) -> Folder:
    """Return a given folder as the walk wants it: with the ignore files above it and the role of its path."""
    path = _below(folder, top)
    above = list(_above(path))
    scopes = [ignore_scope(top, part, ".gitignore", _below(root, top)) for part in reversed(above)]
    if above and in_repository:
        scopes.append(ignore_scope(top, "", ".git/info/exclude", _below(root, top)))
    role = Role.SOURCE
    for name in filter(None, _below(folder, root).split("/")):
        role = roles.folder_role(name, role)
    kept = tuple(scope for scope in scopes if scope) if gitignore else ()
    return Folder(path, role, kept, "" if in_repository and above else None, named=True)


def _above(path: str) -> Iterator[str]:
    """Yield the paths of the folders above a path, outermost (the empty one) first; none for an empty path."""
    parts = path.split("/") if path else []
    for count in range(len(parts)):
        yield "/".join(parts[:count])


def _take_files(walk: Walk, named: _Named, above: str | None, exclude: Sequence[str] | None) -> None:
    """Take the files that were named and not found already, but for those that `exclude` leaves out, unless None."""
    base = above or _working_folder() or named.root
    base = base if is_within(named.root, base) else named.root
    size = _licence_size(base)
    found: dict[str, Role] = {base: Role.SOURCE}
    leave = None if exclude is None else Leave(exclude, base)
    for file in named.files:
        path = _below(file, named.root)
        if path in walk.sources:
            continue
        reason = leave.reason(file) if leave else None
        if reason:
            walk.skipped[path] = Skipped(path, reason)
            continue
        walk.skipped.pop(path, None)
        walk.file(_below(file, above or named.root), _role_of_folder(os.path.dirname(file), size, found))


def _take_included(walk: Walk, named: _Named, exclude: Sequence[str], max_size: int) -> None:
    """Take what requirements include below the folders that were named."""
    # A hook names files, and follows nothing.
    from portcheck import included

    leave = Leave(exclude, named.root)

    def reason(path: str) -> str | None:
        file = os.path.join(named.root, path)
        within = any(is_within(file, folder) for folder in named.folders)
        return leave.reason(file) if within else included.OUTSIDE

    included.follow(named.root, walk.sources, walk.skipped, reason, max_size)


def _role_of_folder(folder: str, licence_size: int | None, found: dict[str, Role]) -> Role:
    """Return the role of a folder by its path below the one that is in `found` from the start; fills `found`."""
    missing: list[str] = []
    while folder not in found:
        missing.append(folder)
        folder = os.path.dirname(folder)
    role = found[folder]
    for folder in reversed(missing):
        copied = is_copy(folder, _names(folder), licence_size)
        role = Role.VENDORED if copied else roles.folder_role(os.path.basename(folder), role)
        found[folder] = role
    return role


def _below(path: str, folder: str) -> str:
    """Return a path relative to a folder that holds it, with slashes; empty for the folder itself."""
    relative = os.path.relpath(path, folder).replace(os.sep, "/")
    return "" if relative == "." else relative
