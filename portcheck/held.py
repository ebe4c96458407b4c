"""The baseline that a run is held against: where it is, and from where its paths count."""

from __future__ import annotations

import os
from pathlib import Path

from portcheck import baseline
from portcheck.baseline import Baseline
from portcheck.config import Config
from portcheck.records import NamedTuple


class Hold(NamedTuple):
    """A baseline, its file, and the path from where its paths count to what is scanned."""

    file: Path
    baseline: Baseline
    prefix: str

    @property
    def top(self) -> str:
        """The folder that paths count from."""
        return os.path.realpath(self.file.parent / self.baseline.root)


def load(config: Config, root: Path) -> Hold | None:
    """Return the baseline that is named or else found for a run below `root`; None when there is none.

    Raises:
        UsageError: one that is named is not there, it cannot be used, or it is about another folder.
    """
    file = None if config.no_baseline else Path(config.baseline) if config.baseline else baseline.find(root)
    if file is None:
        return None
    known = baseline.read(file)
    return Hold(file, known, baseline.home(file, known, root))
