"""Writing a changed file: whole or not at all, with the mode that it had, through links to what they name."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress


def replace(path: str, data: bytes, expected: bytes) -> None:
    """Put `data` in the place of a file that holds `expected`.

    Raises:
        OSError: it cannot be written, or holds something else by now; it is as it was.
    """
    real = os.path.realpath(path)
    with open(real, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if file.read() != expected:
            raise OSError("changed meanwhile")
    if not os.access(real, os.W_OK):
        raise PermissionError("not writable")
    _put(real, data, mode)


def create(path: str, data: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        OSError: it cannot be written, or is there.
    """
    if os.path.lexists(path):
        raise FileExistsError("is there already")
    umask = os.umask(0)
    os.umask(umask)
    _put(path, data, 0o666 & ~umask)


def _put(path: str, data: bytes, mode: int) -> None:
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".portcheck-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, mode)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise
