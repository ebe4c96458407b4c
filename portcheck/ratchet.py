"""How far a port has come since its baseline was written; part of the model."""

from __future__ import annotations

from portcheck.records import NamedTuple


class Ratchet(NamedTuple):
    """A run beside a baseline: `start` places were accepted, `left` of them are there, `stale` are listed but done.

    `new` names what the baseline does not hold, by path and fingerprint.
    """

    file: str
    start: int
    left: int
    stale: int
    new: frozenset[tuple[str, str]]

    @property
    def done(self) -> int:
        """The places that were accepted and are gone."""
        return max(0, self.start - self.left)
