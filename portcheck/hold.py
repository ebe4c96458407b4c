"""A report beside its baseline: what of the findings is new, and how far the port has come."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from portcheck import baseline, pack
from portcheck.baseline import Entry, Split
from portcheck.config import Config
from portcheck.folders import is_within
from portcheck.gate import is_unread
from portcheck.held import Hold, load
from portcheck.model import Report, Status, Suppressed, Work
from portcheck.ratchet import Ratchet

_UNASKED = ""
"""The rule of a place that is not shown."""


def beside(hold: Hold, report: Report, paths: Sequence[str]) -> Split:
    """Return what of a report on the paths is new, and what became of the places in the baseline."""
    top = hold.top
    lost = {hold.prefix + skipped.path for skipped in report.skipped if is_unread(skipped)}
    lost |= {hold.prefix + file.path for file in report.files if file.status is Status.UNREADABLE}
    seen = {hold.prefix + file.path for file in report.files if file.status is not Status.SKIPPED} - lost
    folders = [os.path.realpath(path) for path in paths if os.path.isdir(path)]

    @cache
    def was_seen(path: str) -> bool:
        full = os.path.join(top, path)
        return path in seen or (path not in lost and any(is_within(full, folder) for folder in folders))

    @cache
    def exists(path: str) -> bool:
        return os.path.lexists(os.path.join(top, path))

    found = baseline.split(hold.baseline, _places(report, hold.prefix), was_seen, exists)
    return found._replace(new=tuple(place for place in found.new if place.rule != _UNASKED))


def compared(config: Config, report: Report, paths: Sequence[str]) -> Report:
    """Return a report on the paths that says how far the port has come; the same where there is no baseline.

    Raises:
        UsageError: as `load`.
    """
    hold = load(config, Path(report.root))
    return with_ratchet(hold, report, beside(hold, report, paths)) if hold else report


def with_ratchet(hold: Hold, report: Report, found: Split) -> Report:
    """Return a report that says how far the port has come."""
    new = frozenset((place.path[len(hold.prefix) :], place.fingerprint) for place in found.new)
    left = len(found.left) + len(found.unseen)
    return report._replace(ratchet=Ratchet(hold.file.name, hold.baseline.start, left, len(found.done), new))


def only_new(report: Report) -> Report:
    """Return a report on what is new; the other findings are suppressed by the baseline. The same without one."""
    ratchet = report.ratchet
    if ratchet is None:
        return report
    # Most runs have no baseline.
    from portcheck.ignore import BASELINE

    new = tuple(each for each in report.findings if (each.path, each.fingerprint) in ratchet.new)
    known = tuple(
        Suppressed(each, BASELINE) for each in report.findings if (each.path, each.fingerprint) not in ratchet.new
    )
    counts = Counter(each.path for each in new)
    files = tuple(file._replace(findings=counts[file.path]) for file in report.files)
    return report._replace(findings=new, suppressed=(*report.suppressed, *known), files=files)


def _places(report: Report, prefix: str) -> Iterator[Entry]:
    """The places that ask for work, with those that were not asked for; not what only the vendor's tables speak of."""
    rules = pack.load(report.target.name).rules if report.apis else ()
    asking = {rule.id for rule in rules if rule.asks_tables}
    for each in report.findings:
        if each.work is not Work.NONE and each.rule not in asking:
            yield Entry(prefix + each.path, each.rule, each.fingerprint, each.subject)
    for path, fingerprint in report.others:
        yield Entry(prefix + path, _UNASKED, fingerprint, "")
