"""What a report means for whoever waits at a gate: whether it fails, and what could not be read."""

from __future__ import annotations

from typing import Iterator, Tuple

from portcheck.model import Report, Skipped, Status, Work

_UNREAD = ("unreadable", "vanished", "too large")
"""How the reasons begin that discovery gives for what it would have taken, but could not."""


def unread(report: Report) -> Iterator[Tuple[str, str]]:
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


def fails(report: Report, least: str) -> bool:
    """Return whether any finding needs at least this much work; beside a baseline, any new one."""
    order = list(Work)
    enough = frozenset(order[order.index(Work(least)) :])
    ratchet = report.ratchet
    return any(
        finding.work in enough and (ratchet is None or (finding.path, finding.fingerprint) in ratchet.new)
        for finding in report.findings
    )
