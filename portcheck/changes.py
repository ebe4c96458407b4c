"""What git says has changed: staged, or since a revision. Contents are compared by their digests without its help."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from portcheck.discover import MAX_SIZE
from portcheck.gitindex import blob_of
from portcheck.plumbing import ask, commit_of, contents_of, is_shallow, must, top_of
from portcheck.records import NamedTuple

_DIFF = ("diff-index", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules=all", "-z")
FILES = ("100644", "100755")
"""The modes of regular files."""


class Changed(NamedTuple):
    """The files that changed, relative to the top of the work tree, and something to warn of.

    `contents` are those of staged files that are another in the work tree, or not there at all; `lost` the staged files
    whose content is too large to be read, or is not in this clone; `base` is the commit that they are compared with, if
    there is any.
    """

    top: str
    paths: tuple[str, ...]
    contents: dict[str, bytes]
    warning: str = ""
    lost: tuple[str, ...] = ()
    base: str = ""


class _Entry(NamedTuple):
    """A line of a raw diff: mode, digest before and after, path."""

    mode: str
    before: str
    after: str
    path: str


def staged(start: str) -> Changed:
    """Return the files staged for the next commit in the work tree around a folder, as they are staged.

    Raises:
        UsageError: there is no git, or no work tree of it.
    """
    top = top_of(start)
    head = ask(top, "rev-parse", "-q", "--verify", "HEAD^{commit}")
    if head is None:
        rows = [row.split(b"\t", 1) for row in must(top, "ls-files", "--stage", "-z").split(b"\0") if row]
        fields = [(*meta.decode().split(), os.fsdecode(path)) for meta, path in rows]
        entries = [_Entry(mode, "", oid, path) for mode, oid, stage, path in fields if stage == "0"]
        entries = [entry for entry in entries if entry.mode in FILES and stays(entry.path)]
    else:
        entries = [entry for entry in _diff(top, "--cached", "HEAD") if entry.mode in FILES]
    differing = [entry for entry in entries if _digest(top, entry.path, entry.after) != entry.after]
    contents = contents_of(top, [entry.after for entry in differing])
    return Changed(
        top,
        tuple(sorted(entry.path for entry in entries)),
        {entry.path: contents[entry.after] for entry in differing if entry.after in contents},
        lost=tuple(entry.path for entry in differing if entry.after not in contents),
        base="HEAD" if head else "",
    )


def since(start: str, revision: str) -> Changed:
    """Return the files that are not as they were where this branch left a revision: changed, staged, or not tracked.

    Where a clone is too shallow to tell that place, the revision itself counts, with a warning.

    Raises:
        UsageError: there is no git, no work tree, or no such revision in it.
    """
    top = top_of(start)
    base, warning = _base(top, revision)
    entries = list(_diff(top, base))
    same = {entry.path for entry in entries if _digest(top, entry.path, entry.before) == entry.before}
    strange = must(top, "ls-files", "--others", "--exclude-standard", "-z").split(b"\0")
    paths = {entry.path for entry in entries if entry.mode in FILES} | {os.fsdecode(path) for path in strange if path}
    there = tuple(sorted(path for path in paths - same if _is_file(os.path.join(top, path))))
    return Changed(top, there, {}, warning, base=base)


def _base(top: str, revision: str) -> tuple[str, str]:
    """The commit to compare with, and a warning when it is not the one that was meant."""
    commit = commit_of(top, revision, "--since: ")
    common = ask(top, "merge-base", "HEAD", commit)
    if common:
        return common.decode().split()[0], ""
    why = "this clone is shallow" if is_shallow(top) else "they share no history"
    return commit, f"where this branch left {revision} is not known, as {why}: compared with {revision} itself"


def _diff(top: str, *arguments: str) -> Iterator[_Entry]:
    """The paths in a raw diff, but for those in conflict."""
    parts = must(top, *_DIFF, *arguments, "--").split(b"\0")
    for meta, path in zip(parts[::2], parts[1::2]):
        _, mode, before, after, status = meta.decode().lstrip(":").split()
        if status[0] != "U" and stays(os.fsdecode(path)):
            yield _Entry(mode, before, after, os.fsdecode(path))


def stays(path: str) -> bool:
    """Return whether a path leads to a place below the top; git writes no other, but a stranger may."""
    return ".." not in path.split("/") and not os.path.isabs(path)


def _digest(top: str, path: str, like: str) -> str:
    """The name that git gives to the content of a file, of the length of `like`; empty for what is no such file."""
    full = os.path.join(top, path)
    if not like.strip("0") or not _is_file(full):
        return ""
    try:
        with open(full, "rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError:
        return ""
    return "" if len(data) > MAX_SIZE else blob_of(data, len(like))


def _is_file(full: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(full).st_mode)
    except (OSError, ValueError):
        return False
