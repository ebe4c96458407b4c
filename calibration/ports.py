"""Real ports as what the model sees of them: each repository scanned as it was before the port, counted file by file.

A ports file holds one port a line (JSON): `repo`, `parent` and `commit`, `date`, `kind`, lines added and removed, and
the old lines that were changed or stand beside an inserted branch. Mirrors are git directories OWNER+NAME/repo.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from portcheck import api, effort
from portcheck.edit_model import Counted, Key, key_of
from portcheck.model import Finding

INITIAL = "initial-port"
FOLLOW_UP = "follow-up"


class Place(NamedTuple):
    """A place in a touched file: under which share it falls, and whether the porter changed or guarded it."""

    key: Key
    changed: bool


class Port(NamedTuple):
    """One port: what was really changed, all code files as counted before it, those that were touched, their places."""

    repo: str
    parent: str
    commit: str
    date: str
    kind: str
    shim: bool
    lines: int
    files: tuple[Counted, ...]
    touched: frozenset[str]
    places: tuple[Place, ...]

    @property
    def counted(self) -> tuple[Counted, ...]:
        """The touched files, as far as they were there before."""
        return tuple(file for file in self.files if file.path in self.touched)


class _Scan(NamedTuple):
    """A repository before a port: its files as counted, its findings by path."""

    files: tuple[Counted, ...]
    findings: Mapping[str, Sequence[Finding]]


def load(ports: Path, mirrors: Path, work: Path) -> Iterator[Port]:
    """Yield the ports whose repository there is a mirror of, in the order of the file.

    Trees are checked out below `work`, or taken from there.
    """
    known: dict[tuple[str, str], _Scan | None] = {}
    for line in ports.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key = (row["repo"], row["parent"])
        if key not in known:
            tree = checkout(mirrors, work, *key)
            known[key] = _scan(tree) if tree else None
        scan = known[key]
        if scan is not None:
            yield _port(row, scan)


def _port(row: Mapping[str, Any], scan: _Scan) -> Port:
    edits = [edit for edit in row["edited_lines"] if edit["why"] != "unrelated"]
    changed = {(edit["path"], edit["line"]) for edit in [*edits, *row["guarded_lines"]]}
    rows = [*row["edited_lines"], *row["guarded_lines"], *row["insertions"]]
    touched = frozenset(each["path"] for each in rows if not each.get("new_file"))
    places = [
        Place(key_of(found), any((path, line) in changed for line in range(found.span.line, found.span.end_line + 1)))
        for path in sorted(touched)
        for found in scan.findings.get(path, ())
    ]
    return Port(
        repo=row["repo"],
        parent=row["parent"],
        commit=row["commit"],
        date=row["date"],
        kind=row["kind"],
        shim=bool(row.get("uses_transfer_to_npu")),
        lines=row["port_lines_added"] + row["port_lines_removed"] - (row.get("port_lines_in_new_files") or 0),
        files=scan.files,
        touched=touched,
        places=tuple(places),
    )


def _scan(tree: Path) -> _Scan:
    seen = api.examined([tree]).scanned
    scope = effort.scope(seen.root, seen.sources, seen.linked, ())
    return _Scan(effort.counted(seen.sources, seen.linked, seen.findings, scope), seen.findings)


def checkout(mirrors: Path, work: Path, repo: str, commit: str) -> Path | None:
    """The tree of a repository at a commit, as far as the mirror holds it; None without a mirror."""
    tree = work / f"{repo.replace('/', '+')}@{commit[:12]}"
    if tree.is_dir():
        return tree
    source = next((path.parent for path in sorted((mirrors / repo.replace("/", "+")).rglob("HEAD"))), None)
    if source is None:
        return None
    tree.mkdir(parents=True)
    command = ["git", f"--git-dir={source}", f"--work-tree={tree}", "-c", "core.symlinks=false"]
    command += ["-c", f"core.hooksPath={os.devnull}", "checkout", "-f", commit, "--", "."]
    index = {"GIT_INDEX_FILE": f"{tree}.index", "PATH": os.environ.get("PATH", "")}
    subprocess.run(command, env=index, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return tree
