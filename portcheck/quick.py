"""What a start of `check` answers before anything else is imported: that none of the files it is given are read.

A hook is handed all files of a commit, and many commits are about texts and pictures alone. What is not plain from the
names is left to the command line, and where something is configured to `nothing`.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = "0 findings in 0 of 0 files"
"""What `check` says when there is nothing to read."""

_LISTED = "--force-exclude"
"""The option that hooks give; it changes nothing about files that are not read."""

_SUFFIXES = frozenset(
    """
    adoc avif bib bmp css csv gif go htm html ico java jpeg jpg js jsx less lua markdown md mp4 pdf php png r rb rs rst
    scss sql svg tex ts tsv tsx txt vue webp woff woff2 xml
    """.split()  # noqa: SIM905 - a list this long is read more easily as words
)
"""Suffixes of files that are not read, but for those that the names below tell."""

_NAMES = frozenset({"authors", "changelog", "citation", "codeowners", "license", "licence", "notice", "readme"})
"""Names without a suffix of texts for people."""

_BEGINNINGS = ("dockerfile", "containerfile", "makefile", "gnumakefile", ".env", "cmakelists")
_WITHIN = ("requirements", "constraints")
"""What names of files that are read begin with, or hold, whatever their suffix."""

_OWN = ("portcheck.toml", "portcheck-baseline.jsonl")
_SHARED = "pyproject.toml"
_LARGE = 1024 * 1024


def is_nothing(arguments: list[str]) -> bool:
    """Return whether these are the arguments of a check of files alone that are not read, where nothing is configured.

    False where that takes more than a look at names to tell.
    """
    paths = [argument for argument in arguments[1:] if argument != _LISTED]
    if arguments[:1] != ["check"] or not paths or not are_unread(paths):
        return False
    try:
        return not any(map(_is_configured, _starts(paths)))
    except (OSError, ValueError):
        return False


def are_unread(paths: Sequence[str]) -> bool:
    """Return whether all of the paths are plainly files that are not read."""
    return all(map(_is_other, paths))


def is_unread(name: str, folder: str = "") -> bool:
    """Return whether it is plain that a file called `name` in a folder called `folder` is not read."""
    lower = name.lower()
    if folder == "requirements" or lower.startswith(_BEGINNINGS) or any(word in lower for word in _WITHIN):
        return False
    stem, dot, suffix = lower.rpartition(".")
    return suffix in _SUFFIXES and bool(stem) if dot else lower in _NAMES


def _is_other(path: str) -> bool:
    folder, name = os.path.split(path)
    return not path.startswith("-") and is_unread(name, os.path.basename(folder)) and os.path.isfile(path)


def _starts(paths: list[str]) -> set[str]:
    """The innermost folders around all of the paths, as they are spelt and as they are."""
    spelt = [os.path.dirname(os.path.abspath(path)) for path in paths]
    real = [os.path.realpath(folder) for folder in spelt]
    return {os.path.realpath(os.path.commonpath(spelt)), os.path.commonpath(real)}


def _is_configured(folder: str) -> bool:
    """Whether a configuration or a baseline lies in a folder or above it, up to the top of its repository."""
    while True:
        if any(os.path.lexists(os.path.join(folder, name)) for name in _OWN) or _speaks_of_us(folder):
            return True
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            return False
        folder = above


def _speaks_of_us(folder: str) -> bool:
    path = os.path.join(folder, _SHARED)
    if not os.path.lexists(path):
        return False
    if not os.path.isfile(path) or os.path.getsize(path) > _LARGE:
        return True
    with open(path, "rb") as file:
        return b"portcheck" in file.read()
