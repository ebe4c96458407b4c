"""How far a port has come since its baseline, in a sentence or two."""

from __future__ import annotations

from portcheck.ratchet import Ratchet
from portcheck.report.words import count, number, percent


def progress(ratchet: Ratchet) -> str:
    """Return what is done of what was accepted, and whether the baseline can shrink."""
    if not ratchet.start:
        return f"{ratchet.file}: nothing was accepted"
    share = percent(ratchet.done, ratchet.start)
    said = f"{ratchet.file}: {number(ratchet.done)} of {count(ratchet.start, 'place')} done ({share})"
    if not ratchet.stale:
        return said
    verb = "is" if ratchet.stale == 1 else "are"
    return f"{said}; {number(ratchet.stale)} of them {verb} still listed: run `portcheck baseline` to keep it so"
