"""Where results go: standard output, or a file that appears whole or not at all; other words to standard error."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import IO

from portcheck.errors import UsageError


def write(pieces: Iterable[str], path: str = "") -> None:
    """Write the pieces of a result to a file, or to standard output when there is no path.

    A reader of standard output that goes away has had enough: that is no error.

    Raises:
        UsageError: it cannot be written; a file that stood there before is unchanged.
    """
    try:
        if path:
            _to_file(pieces, path)
        else:
            _to_stdout(pieces)
    except BrokenPipeError:
        return
    except OSError as error:
        raise UsageError(f"cannot write {path or 'standard output'}: {error.strerror}") from error


def prepare() -> None:
    """Let standard output and standard error show what their encoding cannot hold as escapes."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _to_stdout(pieces: Iterable[str]) -> None:
    if sys.stdout is None:  # closed by whoever started the process
        raise OSError(errno.EBADF, "it is closed")
    try:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    except OSError:
        # The interpreter flushes once more when it ends, and would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def _to_file(pieces: Iterable[str], path: str) -> None:
    """Write a draft beside the file and put it in its place; a device or pipe is written to as it is."""
    path = os.path.realpath(path)
    mode = _mode(path)
    if mode and not stat.S_ISREG(mode):
        with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(pieces)
        return
    draft = f"{path}.{os.urandom(6).hex()}.tmp"
    try:
        with open(draft, "x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            _copy_mode(file, mode)
            file.writelines(pieces)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def _mode(path: str) -> int:
    """The type and permissions of a file, 0 when there is none."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return 0


def _copy_mode(file: IO[str], mode: int) -> None:
    if mode:
        os.chmod(file.name, stat.S_IMODE(mode))


def say(text: str) -> None:
    """Print lines on standard error, with what a terminal would act on made visible."""
    from portcheck.report.escape import escape

    print("\n".join(map(escape, text.split("\n"))), file=sys.stderr)
