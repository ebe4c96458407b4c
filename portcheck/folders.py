"""What a folder is to the project around it: a repository, a submodule, an environment, a copy; and its ignore files.

Source of the layout of `.git` and `.gitmodules`: the manual pages gitrepository-layout(5) and gitmodules(5).
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection

from portcheck import gitignore, roles
from portcheck.records import NamedTuple

IGNORED_BY = "ignored by "
VIRTUAL_ENVIRONMENT = "virtual environment"
SUBMODULE = "submodule"
NESTED = "repository of its own"

_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
_SUBMODULE_PATH = re.compile(r'^[ \t]*path[ \t]*=[ \t]*"?(.*?)"?[ \t\r]*$', re.MULTILINE)
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_SAME_LICENCE = 0.1
"""By which share of its size a licence may differ from another and be taken for the same."""


class Scope(NamedTuple):
    """Ignore rules and where they hold: they see `prefix` and the path without its first `cut` characters."""

    rules: gitignore.Rules
    cut: int
    reason: str
    prefix: str = ""

    def verdict(self, path: str, name: str, is_folder: bool) -> bool | None:
        """Return what the rules say of an entry, as `gitignore.verdict`."""
        return gitignore.verdict(self.rules, self.prefix + path[self.cut :], name, is_folder)


def is_within(path: str, folder: str) -> bool:
    """Return whether an absolute path is a folder or lies below it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def is_copy(full: str, names: Collection[str], licence_size: int | None) -> bool:
    """Return whether a folder is a copy of another project: its `names` hold a licence that is not the given one.

    Texts of about the same size are taken for the same licence: parts of one project differ in the copyright line
    alone, and to take a project's own code for a stranger's is the worse mistake.
    """
    own = roles.own_licence(names)
    size = file_size(os.path.join(full, own)) if own else None
    if size is None or licence_size is None:
        return False
    return abs(size - licence_size) > _SAME_LICENCE * licence_size


def file_size(full: str) -> int | None:
    """Return the size of a file, or None if there is none that can be asked."""
    try:
        return os.stat(full).st_size
    except OSError:
        return None


def repository_mark(full: str) -> str | None:
    """Return what a `.git` in a folder makes of it: a submodule, a repository of its own, or None for nothing."""
    mark = os.path.join(full, ".git")
    if os.path.isdir(mark):
        return NESTED if os.path.exists(os.path.join(mark, "HEAD")) else None
    text = _read(mark)
    if not text.startswith("gitdir:"):
        return None
    return NESTED if "/worktrees/" in text else SUBMODULE


def submodules(full: str, path: str) -> set[str]:
    """Return the paths, relative to the top, that the `.gitmodules` of a folder lists."""
    found = _SUBMODULE_PATH.findall(_read(os.path.join(full, ".gitmodules")))
    return {f"{path}/{name.strip('/')}" if path else name.strip("/") for name in found}


def ignore_scope(top: str, path: str, name: str, root: str) -> Scope | None:
    """Return the rules of an ignore file called `name` in the folder `path`, or None if it is not a regular file."""
    full = os.path.join(top, path, name)
    text = "" if os.path.islink(full) else _read(full)
    rules = gitignore.parse(text)
    shown = os.path.relpath(full, os.path.join(top, root)).replace(os.sep, "/")
    return Scope(rules, len(path) + 1 if path else 0, IGNORED_BY + shown) if rules.lines else None


def foreign(names: Collection[str], git: str | None, in_repository: bool) -> str | None:
    """Return why a folder with these entries is not part of the project, or None."""
    if not _ENVIRONMENT_MARKS.isdisjoint(names):
        return VIRTUAL_ENVIRONMENT
    return git if git == SUBMODULE or in_repository else None


def read_head(full: str, size: int) -> bytes:
    """Return the first bytes of a file, without waiting for anyone to write to it."""
    handle = os.open(full, _OPEN_FLAGS)
    try:
        return os.read(handle, size)
    finally:
        os.close(handle)


def _read(full: str) -> str:
    """Return the text of one of git's small files, empty if it cannot be read."""
    try:
        return os.fsdecode(read_head(full, gitignore.MAX_BYTES))
    except OSError:
        return ""
