"""Reads files of one commit out of a git folder, with or without a work tree."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple


class Tree(NamedTuple):
    """The texts of one commit, by path in the repository."""

    commit: str
    files: dict[str, str]


def read_tree(repository: Path, *paths: str) -> Tree:
    """Return the UTF-8 texts below `paths` at HEAD of a git folder or a checkout.

    Raises:
        subprocess.CalledProcessError: it is no repository, or has no such path.
    """
    commit = _git(repository, "rev-parse", "HEAD").decode().strip()
    archive = _git(repository, "archive", "--format=tar", "HEAD", "--", *paths)
    files: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                files[member.name] = content.read().decode("utf-8")
    return Tree(commit, dict(sorted(files.items())))


def _git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True).stdout
