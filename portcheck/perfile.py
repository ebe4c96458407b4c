"""Options that hold for the files of a pattern alone: which files these are, and which of several patterns counts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

from portcheck.config import rooted
from portcheck.discover import Discovery
from portcheck.errors import UsageError
from portcheck.model import Role
from portcheck.places import Places


def places_of(root: Path, option: str, pattern: str) -> Places:
    """Return the files below `root` that a pattern names, which counts from there unless it is absolute.

    Raises:
        UsageError: the pattern cannot match; the message has the option.
    """
    top = os.fspath(root).replace(os.sep, "/").rstrip("/")
    found = Places([pattern if os.path.isabs(pattern) else f"{top}/{rooted(pattern)}"], f"{top}/")
    if not found.can_hold:
        raise UsageError(f"{option}: {pattern!r} is not a valid pattern")
    return found


def chooser(root: Path, option: str, pairs: Sequence[tuple[str, str]]) -> Callable[[str], str | None]:
    """Return what says which value a file below `root` has: that of the last pattern that names it, None for none.

    Raises:
        UsageError: as `places_of`.
    """
    rows = [(places_of(root, option, pattern), value) for pattern, value in reversed(pairs)]
    return lambda path: next((value for places, value in rows if places.hold(path)), None)


def with_roles(found: Discovery, pairs: Sequence[tuple[str, str]]) -> Discovery:
    """Return what was found, with the roles that pairs of pattern and role say in the place of those that paths say.

    Raises:
        UsageError: as `places_of`.
    """
    own = chooser(found.root, "per-file-roles", pairs)
    sources = (source._replace(role=Role(own(source.path) or source.role)) for source in found.sources)
    return found._replace(sources=tuple(sources))
