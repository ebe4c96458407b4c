"""A check of files that are not read, where something is configured: options and a baseline speak, no rule does."""

from __future__ import annotations

import os
from pathlib import Path

from portcheck import baseline
from portcheck.config import Config, resolve
from portcheck.errors import Exit
from portcheck.held import load
from portcheck.output import say
from portcheck.quick import NOTHING
from portcheck.ratchet import Ratchet
from portcheck.session import Ask


def answer(ask: Ask) -> int | None:
    """Say what a check of files says that are not read, and return its exit code; None where it has more to print.

    What only the rules can tell of the options, such as a version that there is not, is told when something is read.

    Raises:
        UsageError: the configuration or the baseline cannot be used.
    """
    config = resolve(ask.paths, ask.given).config
    if config.output or config.statistics or config.output_format not in ("", ask.output_format):
        return None
    ratchet = _ratchet(config, _start(ask.paths))
    if not config.quiet:
        say(_summary(ratchet))
    return Exit.DONE


def _summary(ratchet: Ratchet | None) -> str:
    if ratchet is None:
        return NOTHING
    from portcheck.report.ratchet import progress

    return f"{NOTHING.replace('findings', 'new findings')}\n{progress(ratchet)}"


def _start(paths: tuple[str, ...]) -> Path:
    """The innermost folder around all files, free of links."""
    return Path(os.path.commonpath([os.path.realpath(os.path.dirname(os.path.abspath(path))) for path in paths]))


def _ratchet(config: Config, start: Path) -> Ratchet | None:
    """How far the port is by the baseline alone: places are done whose files are gone."""
    hold = load(config, start)
    if hold is None:
        return None
    top = hold.top
    places = {entry.path for entry in hold.baseline.entries}
    there = {path for path in places if os.path.lexists(os.path.join(top, path))}
    found = baseline.split(hold.baseline, (), lambda _: False, there.__contains__)
    return Ratchet(hold.file.name, hold.baseline.start, len(found.unseen), len(found.done), frozenset())
