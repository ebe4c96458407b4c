"""Where the rule packs are, where portcheck keeps what it can make again, and how it writes there.

Source of the folders: the XDG Base Directory Specification for Unix, the File System Programming Guide for macOS, and
the known folders of Windows.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from portcheck.errors import PackError

OVERRIDE = "PORTCHECK_CACHE_DIR"
"""The environment variable that names another cache folder."""

_NOWHERE = os.path.join(os.devnull, "portcheck")


def rules_folder() -> Path:
    """Return the folder of the rule packs: inside the installed package, or beside the package in a checkout.

    Raises:
        PackError: neither is there.
    """
    package = Path(__file__).resolve().parent
    # The package's own comes first: a folder called `rules` beside an installed package is somebody else's.
    for folder in (package / "_rules", package.parent / "rules"):
        if folder.is_dir():
            return folder
    raise PackError(f"{package}: the rule packs are missing; install portcheck again")


def cache_folder() -> Path:
    """Return the folder for caches of this user: absolute, not created yet.

    Where no home folder is known it is a path that cannot be written, so that callers work in memory.
    """
    override = os.environ.get(OVERRIDE)
    if override:
        return Path(os.path.abspath(override))
    base = _user_caches()
    return Path(base, "portcheck") if os.path.isabs(base) else Path(_NOWHERE)


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees a part of it; missing folders are made, for this user alone.

    Raises:
        OSError: the file cannot be written; what stood there before is unchanged.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
            file.write(data)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _user_caches() -> str:
    """The platform's folder for caches, relative or empty when it cannot be told."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches")
    # The specification tells programs to ignore a relative path.
    named = os.environ.get("XDG_CACHE_HOME", "")
    return named if os.path.isabs(named) else os.path.join(home, ".cache")
