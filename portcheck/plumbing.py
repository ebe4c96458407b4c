"""Questions to git, by plumbing that reads and never writes.

A repository's own settings can name programs for git to run (hooks, filters, monitors, external diffs); the questions
here are such that it runs none.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from typing import NoReturn

from portcheck.discover import MAX_SIZE
from portcheck.errors import UsageError

TIMEOUT = 120
"""Seconds that git may take for an answer."""

_SETTINGS = ("core.fsmonitor=false", "core.hooksPath=", "diff.external=", "core.quotePath=false")
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}


def top_of(start: str) -> str:
    """Return the top of the work tree around a folder; raises UsageError where there is none, or no git."""
    done = _run(start, ("rev-parse", "--show-toplevel"))
    if done.returncode:
        _refuse(done.stderr)
    return os.path.realpath(os.fsdecode(done.stdout.rstrip(b"\r\n")))


def ask(top: str, *arguments: str) -> bytes | None:
    """Return what git answers, None when it says no; raises UsageError where there is no git."""
    done = _run(top, arguments)
    return None if done.returncode else done.stdout


def must(top: str, *arguments: str, stdin: bytes = b"") -> bytes:
    """Return what git answers; raises UsageError with its words when it says no, or where there is no git."""
    done = _run(top, arguments, stdin)
    if done.returncode:
        _refuse(done.stderr)
    return done.stdout


def commit_of(top: str, revision: str, option: str = "") -> str:
    """Return the commit that a revision names.

    Raises:
        UsageError: there is no such revision, or no git; `option` is what the message begins with.
    """
    known = None if revision.startswith("-") else ask(top, "rev-parse", "-q", "--verify", f"{revision}^{{commit}}")
    if known is None:
        hint = "; this clone is shallow: fetch more of its history first" if is_shallow(top) else ""
        raise UsageError(f"{option}git knows no revision {revision!r} here{hint}")
    return known.decode().strip()


def is_shallow(top: str) -> bool:
    """Return whether a clone holds only a part of its history."""
    return (ask(top, "rev-parse", "--is-shallow-repository") or b"").strip() == b"true"


def sizes_of(top: str, digests: Iterable[str]) -> dict[str, int]:
    """Return the sizes of these contents, without those that are not in this clone."""
    asked = "".join(f"{digest}\n" for digest in dict.fromkeys(digests)).encode()
    rows = [row.split() for row in must(top, "cat-file", "--batch-check", stdin=asked).splitlines()] if asked else []
    return {row[0].decode(): int(row[2]) for row in rows if len(row) == 3 and row[1] == b"blob"}


def contents_of(top: str, digests: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of these digests, without those that are too large to be read, or not in this clone."""
    fitting = [digest for digest, size in sizes_of(top, digests).items() if size <= MAX_SIZE]
    asked = "".join(f"{digest}\n" for digest in fitting).encode()
    data = must(top, "cat-file", "--batch", stdin=asked) if asked else b""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        name, _, size = data[at:end].split()
        found[name.decode()] = data[end + 1 : end + 1 + int(size)]
        at = end + int(size) + 2
    return found


def _refuse(said: bytes) -> NoReturn:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    raise UsageError(f"git: {lines[0].partition('fatal: ')[2] or lines[0]}" if lines else "git failed without a word")


def _run(folder: str, arguments: Sequence[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder; raises UsageError where there is none, or it takes too long."""
    command: list[str] = ["git", "--no-pager"]
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
