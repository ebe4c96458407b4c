"""What a report means for whoever waits at a gate: whether it fails, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from portcheck.model import Report, Skipped, Status, Work

_UNREAD = ("unreadable", "vanished", "too large")
"""How the reasons begin that discovery gives for what it would have taken, but could not."""


def unread(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the paths that were to be read and could not be, or not in full, with the reason."""
    for file in report.files:
        if file.status in (Status.PARTLY, Status.UNREADABLE):
            yield file.path, file.reason
    for skipped in report.skipped:
        if is_unread(skipped):
            yield skipped.path, skipped.reason


def is_unread(skipped: Skipped) -> bool:
    """Return whether a path was left out although nothing asked for that."""
    return skipped.reason.startswith(_UNREAD)


def fails(report: Report, least: str, per_file: Sequence[tuple[str, str]] = ()) -> bool:
    """Return whether any finding needs at least this much work; beside a baseline, any new one.

    `per_file` holds pairs of a pattern and what is the least for its files.

    Raises:
        UsageError: a pattern that cannot match.
    """
    if not (report.findings or per_file):
        return False
    from portcheck.perfile import chooser

    order = {work: place for place, work in enumerate(Work)}
    bounds = {work.value: place for work, place in order.items()}
    own = chooser(Path(report.root), "per-file-fail-on", per_file)
    ratchet = report.ratchet
    return any(
        order[finding.work] >= bounds[own(finding.path) or least]
        and (ratchet is None or (finding.path, finding.fingerprint) in ratchet.new)
        for finding in report.findings
    )
