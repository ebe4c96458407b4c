"""The answer in sentences: how much is CUDA-bound, what is mechanical, what blocks, what the numbers leave out."""

from __future__ import annotations

from portcheck.model import Kind, Report, Status, Work
from portcheck.report import effort, summary
from portcheck.report.ratchet import progress
from portcheck.report.words import KIND, count, number, percent

_NAMED = 3


def verdict(report: Report, totals: summary.Counts) -> list[str]:
    """Return the sentences that answer what it takes, the effort first where it was estimated."""
    if totals.to_change:
        sentences = [_extent(report, totals), _mechanical(totals), _blocking(report, totals)]
    elif totals.work(Work.VERIFY):
        places = count(totals.work(Work.VERIFY), "place")
        verb = "is" if totals.work(Work.VERIFY) == 1 else "are"
        sentences = [f"Nothing has to change. {places} should run as written but {verb} worth a look."]
    elif totals.portable:
        places = count(totals.portable, "CUDA-related place")
        sentences = [f"Nothing has to change: {places} found, portable as written."]
    else:
        read = sum(row.files for row in summary.reach(report))
        sentences = [f"Nothing CUDA-bound found in {count(read, 'file')} ({count(totals.lines, 'line')})."]
    return [*effort.verdict(report), *sentences, *_ported(report), *_since(report), *_doubt(report)]


def _extent(report: Report, totals: summary.Counts) -> str:
    """Say how much of the code is CUDA-bound."""
    rows = [row for row in summary.reach(report) if row.bound]
    parts = [f"{number(row.bound)} of {number(row.files)} {KIND[row.kind]}" for row in rows]
    verb = "is" if sum(row.bound for row in rows) == 1 else "are"
    files = f"{', '.join(parts)} files {verb} CUDA-bound" if parts else "CUDA-bound places were found"
    places = count(totals.to_change, "place")
    look = totals.work(Work.VERIFY)
    return f"{files}: {places} to change" + (f", {number(look)} more to verify." if look else ".")


def _mechanical(totals: summary.Counts) -> str:
    """Say which part of the changes is mechanical."""
    easy, swaps = totals.work(Work.RENAME), totals.work(Work.CONFIG)
    share = f"{percent(easy, totals.to_change)} of the changes are drop-in renames"
    if not easy:
        share = "No change is a drop-in rename"
    swap = f", {percent(swaps, totals.to_change)} are settings or packages to swap" if swaps else ""
    lead = "Most of it is mechanical: " if 2 * easy > totals.to_change else ""
    return f"{lead}{share}{swap}."


def _blocking(report: Report, totals: summary.Counts) -> str:
    """Name the blockers, or say that there is none, and count the rewrites."""
    rewrites = totals.work(Work.REWRITE)
    also = f"{count(rewrites, 'place')} need a rewrite." if rewrites != 1 else "1 place needs a rewrite."
    names = [row.name for row in summary.subjects(report, Work.BLOCKER)]
    if not names:
        return f"No blockers found; {also}" if rewrites else "No blockers found."
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    places = count(totals.work(Work.BLOCKER), "place")
    blocked = f"{count(len(names), 'blocker')} ({places}): {', '.join(names[:_NAMED])}{more}."
    return f"{blocked} {also}" if rewrites else blocked


def _ported(report: Report) -> list[str]:
    """Say that a port was begun, which an estimate from places alone cannot see the whole of."""
    ported = report.comparison.ported if report.comparison else 0
    if not ported:
        return []
    stand = "stands" if ported == 1 else "stand"
    return [
        f"Part of a port is there: {count(ported, 'place')} {stand} in or beside a branch for the target. Work that was"
        " done elsewhere is not seen, so that the effort may be less."
    ]


def _since(report: Report) -> list[str]:
    """Say how far the port has come since its baseline."""
    if report.ratchet is None:
        return []
    new = len(report.ratchet.new)
    verb = "is" if new == 1 else "are"
    return [
        f"{progress(report.ratchet)}.",
        f"{count(new, 'place')} {verb} new since." if new else "Nothing is new since.",
    ]


def _doubt(report: Report) -> list[str]:
    """Say what the numbers leave out: kernels that no reader judges, files that could not be read in full."""
    kernels = sum(file.kind is Kind.KERNEL and file.status is Status.SKIPPED for file in report.files)
    note = f"{count(kernels, 'C++ or CUDA file')} not judged: what is CUDA-bound there comes on top."
    unjudged = [note] if kernels else []
    lost = sum(len(row.paths) for row in summary.unread(report) if row.status in (Status.PARTLY, Status.UNREADABLE))
    if not lost:
        return unjudged
    return [*unjudged, f"{count(lost, 'file')} could not be read in full, so these numbers are lower bounds."]
