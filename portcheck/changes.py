"""What git says has changed: staged, or since a revision. It is asked by plumbing that reads and never writes.

A repository's own settings can name programs for git to run (hooks, filters, monitors, external diffs); the questions
here are such that it runs none, and contents are compared by their digests without its help.
"""

from __future__ import annotations

import os
import stat
import subprocess
from typing import Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Tuple

from portcheck.discover import MAX_SIZE
from portcheck.errors import UsageError
from portcheck.gitindex import blob_of

TIMEOUT = 120
"""Seconds that git may take for an answer."""

_SETTINGS = ("core.fsmonitor=false", "core.hooksPath=", "diff.external=", "core.quotePath=false")
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_DIFF = ("diff-index", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules=all", "-z")
_FILES = ("100644", "100755")


class Changed(NamedTuple):
    """The files that changed, relative to the top of the work tree, and something to warn of.

    `contents` are those of staged files that are another in the work tree, or not there at all; `lost` the staged files
    whose content is too large to be read, or is not in this clone.
    """

    top: str
    paths: Tuple[str, ...]
    contents: Dict[str, bytes]
    warning: str = ""
    lost: Tuple[str, ...] = ()


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
    top = _top(start)
    head = _ask(top, "rev-parse", "-q", "--verify", "HEAD^{commit}")
    if head is None:
        rows = [row.split(b"\t", 1) for row in _must(top, "ls-files", "--stage", "-z").split(b"\0") if row]
        fields = [(*meta.decode().split(), os.fsdecode(path)) for meta, path in rows]
        entries = [_Entry(mode, "", oid, path) for mode, oid, stage, path in fields if stage == "0"]
        entries = [entry for entry in entries if entry.mode in _FILES and _stays(entry.path)]
    else:
        entries = [entry for entry in _diff(top, "--cached", "HEAD") if entry.mode in _FILES]
    differing = [entry for entry in entries if _digest(top, entry.path, entry.after) != entry.after]
    contents = _contents(top, [entry.after for entry in differing])
    return Changed(
        top,
        tuple(sorted(entry.path for entry in entries)),
        {entry.path: contents[entry.after] for entry in differing if entry.after in contents},
        lost=tuple(entry.path for entry in differing if entry.after not in contents),
    )


def since(start: str, revision: str) -> Changed:
    """Return the files that are not as they were where this branch left a revision: changed, staged, or not tracked.

    Where a clone is too shallow to tell that place, the revision itself counts, with a warning.

    Raises:
        UsageError: there is no git, no work tree, or no such revision in it.
    """
    top = _top(start)
    base, warning = _base(top, revision)
    entries = list(_diff(top, base))
    same = {entry.path for entry in entries if _digest(top, entry.path, entry.before) == entry.before}
    strange = _must(top, "ls-files", "--others", "--exclude-standard", "-z").split(b"\0")
    paths = {entry.path for entry in entries if entry.mode in _FILES} | {os.fsdecode(path) for path in strange if path}
    return Changed(top, tuple(sorted(path for path in paths - same if _is_file(os.path.join(top, path)))), {}, warning)


def _base(top: str, revision: str) -> Tuple[str, str]:
    """The commit to compare with, and a warning when it is not the one that was meant."""
    known = None if revision.startswith("-") else _ask(top, "rev-parse", "-q", "--verify", f"{revision}^{{commit}}")
    shallow = (_ask(top, "rev-parse", "--is-shallow-repository") or b"").strip() == b"true"
    if known is None:
        hint = "; this clone is shallow: fetch more of its history first" if shallow else ""
        raise UsageError(f"--since: git knows no revision {revision!r} here{hint}")
    commit = known.decode().strip()
    common = _ask(top, "merge-base", "HEAD", commit)
    if common:
        return common.decode().split()[0], ""
    why = "this clone is shallow" if shallow else "they share no history"
    return commit, f"where this branch left {revision} is not known, as {why}: compared with {revision} itself"


def _diff(top: str, *arguments: str) -> Iterator[_Entry]:
    """The paths in a raw diff, but for those in conflict."""
    parts = _must(top, *_DIFF, *arguments, "--").split(b"\0")
    for meta, path in zip(parts[::2], parts[1::2]):
        _, mode, before, after, status = meta.decode().lstrip(":").split()
        if status[0] != "U" and _stays(os.fsdecode(path)):
            yield _Entry(mode, before, after, os.fsdecode(path))


def _stays(path: str) -> bool:
    """Whether a path leads to a place below the top; git writes no other, but an index may come from a stranger."""
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


def _contents(top: str, digests: Sequence[str]) -> Dict[str, bytes]:
    """The contents of these digests, without those that are too large to be read."""
    asked = "".join(f"{digest}\n" for digest in dict.fromkeys(digests)).encode()
    rows = [row.split() for row in _must(top, "cat-file", "--batch-check", stdin=asked).splitlines()] if asked else []
    fitting = [row[0] for row in rows if len(row) == 3 and row[1] == b"blob" and int(row[2]) <= MAX_SIZE]
    data = _must(top, "cat-file", "--batch", stdin=b"".join(name + b"\n" for name in fitting)) if fitting else b""
    found: Dict[str, bytes] = {}
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        name, _, size = data[at:end].split()
        found[name.decode()] = data[end + 1 : end + 1 + int(size)]
        at = end + int(size) + 2
    return found


def _top(start: str) -> str:
    """The top of the work tree around a folder."""
    done = _run(start, ("rev-parse", "--show-toplevel"))
    if done.returncode:
        _refuse(done.stderr)
    return os.path.realpath(os.fsdecode(done.stdout.rstrip(b"\r\n")))


def _ask(top: str, *arguments: str) -> Optional[bytes]:
    """What git answers, None when it says no."""
    done = _run(top, arguments)
    return None if done.returncode else done.stdout


def _must(top: str, *arguments: str, stdin: bytes = b"") -> bytes:
    done = _run(top, arguments, stdin)
    if done.returncode:
        _refuse(done.stderr)
    return done.stdout


def _refuse(said: bytes) -> NoReturn:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    raise UsageError(f"git: {lines[0].partition('fatal: ')[2] or lines[0]}" if lines else "git failed without a word")


def _run(folder: str, arguments: Sequence[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder; raises UsageError where there is none, or it takes too long."""
    command: List[str] = ["git", "--no-pager"]
    for setting in _SETTINGS:
        command += ["-c", setting]
    try:
        return subprocess.run(
            [*command, *arguments],
            cwd=folder,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=TIMEOUT,
            env={**os.environ, **_ENVIRONMENT},
        )
    except FileNotFoundError as error:
        raise UsageError("what has changed is git's to tell, and there is no git here") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"git took longer than {TIMEOUT} seconds") from error
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror}") from error
