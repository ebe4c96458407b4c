"""Walks folders and gathers sources, and says of all that it leaves out why.

Links are not followed; environments, caches, submodules and what is not a regular file are left out. No file is opened
except ignore files and those whose name does not tell their kind. Paths inside this module are relative to the top: the
top of the repository around the scanned root, or the root itself.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection

from portcheck import gitindex, kinds, roles
from portcheck.folders import (
    NESTED,
    SUBMODULE,
    VIRTUAL_ENVIRONMENT,
    Scope,
    foreign,
    ignore_scope,
    is_copy,
    is_within,
    read_head,
    repository_mark,
    submodules,
)
from portcheck.model import Kind, Role, Skipped, Source
from portcheck.records import NamedTuple

EXCLUDED = "excluded"
VERSION_CONTROL = "version control"
INSTALLED = "installed packages"
METADATA = "package metadata"
CACHE = "cache"
LINK_OUT = "link out of the tree"
LINK_INSIDE = "link to another place in the tree"
LINK_LOOP = "link loop"
LINK_BROKEN = "link to nothing"
IRREGULAR = "not a regular file"
VANISHED = "vanished"
UNKNOWN = "not a kind of file that is read"

_LEFT_OUT = {
    **dict.fromkeys((".git", ".hg", ".svn", ".bzr", ".jj", "CVS"), VERSION_CONTROL),
    **dict.fromkeys((".venv", ".tox", ".nox", ".virtualenv", ".pixi", ".conda"), VIRTUAL_ENVIRONMENT),
    **dict.fromkeys(("site-packages", "node_modules", "__pypackages__", ".eggs"), INSTALLED),
    **dict.fromkeys(("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".cache"), CACHE),
    **dict.fromkeys((".pytype", ".ipynb_checkpoints", ".direnv"), CACHE),
}
_LEFT_OUT_ENDS = (".egg-info", ".dist-info")
_MEBIBYTE = 1024 * 1024


def left_out(name: str) -> str | None:
    """Return why a folder of this name is left out wherever it lies, or None."""
    return _LEFT_OUT.get(name) or (METADATA if name.endswith(_LEFT_OUT_ENDS) else None)


class Folder(NamedTuple):
    """A folder to look into; `scopes` are the ignore files above it, innermost first; `named` ones are always taken.

    `repository` is the path of the repository it belongs to; `ignored` says why only what git tracks counts in it.
    """

    path: str
    role: Role = Role.SOURCE
    scopes: tuple[Scope, ...] = ()
    repository: str | None = None
    named: bool = False
    ignored: str | None = None


class Tree(NamedTuple):
    """What holds for the whole walk.

    `top` is where paths start, `root` the scanned root relative to it, `starts` the absolute folders that are scanned,
    `excludes` the user's patterns, `gitignore` whether ignore files count, `max_size` the bound in bytes,
    `licence_size` the size of the project's licence.
    """

    top: str
    root: str
    starts: tuple[str, ...]
    excludes: tuple[Scope, ...]
    gitignore: bool
    max_size: int
    licence_size: int | None


class Walk:
    """Gathers `sources` and `skipped`, by path relative to the root."""

    def __init__(self, tree: Tree) -> None:
        """Start with nothing found."""
        self.sources: dict[str, Source] = {}
        self.skipped: dict[str, Skipped] = {}
        self.submodules: set[str] = set()
        self._tree = tree
        self._tracked: dict[str, frozenset[str]] = {}
        self._cut = len(tree.root) + 1 if tree.root else 0

    def folder(self, start: Folder) -> None:
        """Look into a folder and all below it."""
        stack = [start]
        while stack:
            folder = stack.pop()
            entries = self._entries(folder)
            inside = self._enter(folder, entries) if entries else None
            if inside:
                below = (self._entry(inside, entry) for entry in entries)
                stack.extend(found for found in below if found)

    def file(self, path: str, role: Role) -> None:
        """Take a file that was named, whatever the rules say; `role` is that of its folder."""
        full = os.path.join(self._tree.top, path)
        folder, _, name = path.rpartition("/")
        try:
            status = os.stat(full)
            if not stat.S_ISREG(status.st_mode):
                return self._skip(path, IRREGULAR)
            kind = kinds.kind_by_name(name, folder.rpartition("/")[2])
            kind = _kind_of(full) if kind in (None, Kind.OTHER) else kind
        except OSError as error:
            return self._skip(path, _failure(error))
        if kind is Kind.OTHER:
            return self._skip(path, UNKNOWN)
        self._take(path, kind, roles.file_role(name, role), status)

    def _skip(self, path: str, reason: str) -> None:
        """Record that a path was left out."""
        path = path[self._cut :] or "."
        self.skipped[path] = Skipped(path, reason)

    def _take(self, path: str, kind: Kind | None, role: Role, status: os.stat_result) -> None:
        """Record a source, unless it is too large."""
        if status.st_size > self._tree.max_size:
            size, bound = status.st_size / _MEBIBYTE, self._tree.max_size / _MEBIBYTE
            return self._skip(path, f"too large: {size:.1f} MiB, the bound is {bound:.1f} MiB")
        path = path[self._cut :]
        self.sources[path] = Source(path, kind or Kind.OTHER, role, status.st_size, status.st_mtime_ns)

    def _entries(self, folder: Folder) -> list[os.DirEntry[str]]:
        """Return the entries of a folder; none, and a record, if it cannot be read."""
        try:
            with os.scandir(os.path.join(self._tree.top, folder.path)) as entries:
                return list(entries)
        except OSError as error:
            self._skip(folder.path, _failure(error))
            return []

    def _enter(self, folder: Folder, entries: list[os.DirEntry[str]]) -> Folder | None:
        """Return the folder with what its own entries add to it, or None, and a record, if it is left out."""
        names = {entry.name for entry in entries}
        full = os.path.join(self._tree.top, folder.path)
        git = repository_mark(full) if ".git" in names else None
        if not folder.named:
            reason = foreign(names, git, folder.repository is not None)
            if reason:
                self._skip(folder.path, reason)
                return None
        if (git or folder.named) and ".gitmodules" in names:
            self.submodules.update(submodules(full, folder.path))
        scopes = self._own_scopes(folder, names, git) + folder.scopes
        role = folder.role
        if not folder.named and is_copy(full, names, self._tree.licence_size):
            role = Role.VENDORED
        repository = folder.path if git and folder.repository is None else folder.repository
        return folder._replace(role=role, scopes=scopes, repository=repository)

    def _own_scopes(self, folder: Folder, names: Collection[str], git: str | None) -> tuple[Scope, ...]:
        """Return the rules of a folder's own ignore files."""
        if not self._tree.gitignore:
            return ()
        files = [".gitignore"] if ".gitignore" in names else []
        if git == NESTED and folder.repository is None:
            files.append(".git/info/exclude")
        found = (ignore_scope(self._tree.top, folder.path, name, self._tree.root) for name in files)
        return tuple(scope for scope in found if scope)

    def _entry(self, folder: Folder, entry: os.DirEntry[str]) -> Folder | None:
        """Take or leave out one entry; return the folder to look into if it is one."""
        path = f"{folder.path}/{entry.name}" if folder.path else entry.name
        try:
            if entry.is_dir(follow_symlinks=False):
                return self._below(folder, path, entry.name)
            self._file(folder, entry, path)
        except OSError as error:
            self._skip(path, _failure(error))
        return None

    def _below(self, folder: Folder, path: str, name: str) -> Folder | None:
        """Return a folder to look into, or None, and a record, if it is left out."""
        reason, ignored = self._judge(folder, path, name, True)
        if reason:
            self._skip(path, reason)
            return None
        return Folder(path, roles.folder_role(name, folder.role), folder.scopes, folder.repository, ignored=ignored)

    def _file(self, folder: Folder, entry: os.DirEntry[str], path: str) -> None:
        """Take or leave out what is not a folder; files that nobody reads are passed over."""
        name = entry.name
        kind = kinds.kind_by_name(name, folder.path.rpartition("/")[2])
        regular = entry.is_file(follow_symlinks=False)
        if regular and kind is Kind.OTHER:
            return
        reason, _ = self._judge(folder, path, name, False)
        if regular and not reason:
            kind = kind or _kind_of(entry.path)
            if kind is not Kind.OTHER:
                self._take(path, kind, roles.file_role(name, folder.role), entry.stat(follow_symlinks=False))
            return
        reason = reason or (self._link(entry, kind) if entry.is_symlink() else IRREGULAR)
        if reason and not (regular and kind is None):
            self._skip(path, reason)

    def _judge(self, folder: Folder, path: str, name: str, is_folder: bool) -> tuple[str | None, str | None]:
        """Return why an entry is left out, and why it would be ignored if git did not track it; None for neither."""
        reason = self._left_out(path, name, is_folder)
        if reason:
            return reason, None
        ignored = self._ignored(folder, path, name, is_folder)
        if ignored and not self._is_tracked(folder, path):
            return ignored, None
        return None, ignored

    def _left_out(self, path: str, name: str, is_folder: bool) -> str | None:
        """Return why an entry is left out whatever git says, or None."""
        for scope in self._tree.excludes:
            if scope.verdict(path, name, is_folder):
                return EXCLUDED
        if not is_folder:
            return None
        return left_out(name) or (SUBMODULE if path in self.submodules else None)

    def _ignored(self, folder: Folder, path: str, name: str, is_folder: bool) -> str | None:
        """Return by which file an entry is ignored, or None."""
        if folder.ignored:
            return folder.ignored
        for scope in folder.scopes:
            ignored = scope.verdict(path, name, is_folder)
            if ignored is not None:
                return scope.reason if ignored else None
        return None

    def _is_tracked(self, folder: Folder, path: str) -> bool:
        """Return whether git tracks an entry, or anything in it."""
        top = folder.repository
        if top is None:
            return False
        if top not in self._tracked:
            self._tracked[top] = gitindex.tracked(os.path.join(self._tree.top, top))
        return path[len(top) + 1 if top else 0 :] in self._tracked[top]

    def _link(self, entry: os.DirEntry[str], kind: Kind | None) -> str | None:
        """Return why a link is not followed, or None if it leads to a file that nobody reads anyway."""
        try:
            is_folder = stat.S_ISDIR(os.stat(entry.path).st_mode)
        except OSError as error:
            return {errno.ENOENT: LINK_BROKEN, errno.ELOOP: LINK_LOOP}.get(error.errno or 0) or _failure(error)
        if not is_folder and kind in (None, Kind.OTHER):
            return None
        target = os.path.realpath(entry.path)
        if is_folder and is_within(os.path.dirname(entry.path), target):
            return LINK_LOOP
        return LINK_INSIDE if any(is_within(target, start) for start in self._tree.starts) else LINK_OUT


def _failure(error: OSError) -> str:
    """Return why a path could not be read."""
    return VANISHED if error.errno == errno.ENOENT else f"unreadable: {error.strerror}"


def _kind_of(full: str) -> Kind:
    """Return the kind of a file by its first bytes."""
    return kinds.kind_by_head(read_head(full, kinds.HEAD_BYTES))
