"""Writing a baseline: the first time all there is, from then on only what is left, unless it is asked to grow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from portcheck import api, baseline, hold
from portcheck.baseline import NAME, Baseline, Split
from portcheck.config import Resolved
from portcheck.errors import UsageError
from portcheck.folders import repository_mark
from portcheck.held import Hold, load
from portcheck.output import write
from portcheck.records import NamedTuple
from portcheck.report.words import count


class Accepted(NamedTuple):
    """What became of a baseline, for people, and how many new places it did not take in."""

    said: str
    refused: int


def accept(paths: Sequence[str], resolved: Resolved, grow: bool = False, force: bool = False) -> Accepted:
    """Write the baseline of the paths; one that is there shrinks to what is left, and takes in what is new to `grow`.

    `force` begins anew whatever the file holds.

    Raises:
        UsageError: as for a scan, or the file cannot be read or written.
    """
    report = api.scan(paths, resolved.config, tables=False)
    root = Path(report.root)
    named = Path(resolved.config.baseline) if resolved.config.baseline else baseline.find(root)
    file = named or _place(root, resolved.file)
    first = force or not os.path.lexists(file)
    if first:
        known = Baseline(0, (), baseline.root_for(file, root))
        at = Hold(file, known, baseline.home(file, known, root))
    else:
        loaded = load(resolved.config._replace(baseline=str(file), no_baseline=False), root)
        assert loaded is not None
        at = loaded
    if file.is_symlink():
        raise UsageError(f"{file}: is a link; a baseline is a file of its own")
    found = hold.beside(at, report, paths)
    after = baseline.shrunk(at.baseline, found, grow or first)
    write([baseline.text(after)], os.fspath(file))
    return _said(file, found, after, first, grow)


def _place(root: Path, config: Path | None) -> Path:
    """Where a new baseline goes: beside the configuration, or at the top of the repository, or of what is scanned."""
    if config is not None:
        return config.parent / NAME
    tops = (folder for folder in (root, *root.parents) if repository_mark(os.fspath(folder)))
    return next(tops, root) / NAME


def _said(file: Path, found: Split, after: Baseline, first: bool, grow: bool) -> Accepted:
    shown = os.path.relpath(file)
    if first:
        return Accepted(f"{shown}: {count(len(after.entries), 'place')} accepted", 0)
    refused = 0 if grow else len(found.new)
    parts = [f"{count(len(after.entries), 'place')} left of {after.start}"]
    parts += [f"{len(found.done)} done and dropped"] if found.done else []
    parts += [f"{len(found.new)} new and accepted"] if grow and found.new else []
    parts += [f"{refused} new and not accepted: port them, or accept them with --grow"] if refused else []
    return Accepted(f"{shown}: {'; '.join(parts)}", refused)
