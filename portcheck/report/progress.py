"""A progress bar on standard error, for scans that take long enough to wonder.

`rich` draws it. It is imported only when standard error is a terminal and the scan has run for half a second, so that
quick scans and scripts never pay for it. The bar is redrawn by the caller's own reports: a drawing thread would be
copied into worker processes that are forked while it runs.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

_DELAY = 0.5
_INTERVAL = 0.1


@contextmanager
def progress_bar(
    label: str, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int, int], None]]:
    """Give the function to call with (files done, files in all); the bar vanishes at the end, also after an error.

    `label` stands before the bar; `stream` is standard error unless given; `clock` gives seconds.
    """
    bar = _Bar(label, sys.stderr if stream is None else stream, clock)
    try:
        yield bar.show
    finally:
        bar.close()


class _Bar:
    """A bar that is drawn only on a terminal, and only once it has been waited for."""

    def __init__(self, label: str, stream: TextIO, clock: Callable[[], float]) -> None:
        self._label = label
        self._stream = stream
        self._clock = clock
        self._next = clock() + _DELAY
        self._drawing: Progress | None = None
        self._wanted = stream.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, done: int, total: int) -> None:
        """Show how far the work is, if it is time to."""
        if not self._wanted or self._clock() < self._next:
            return
        if self._drawing is None:
            self._drawing = _start(self._label, self._stream, total)
        self._drawing.update(self._drawing.task_ids[0], completed=done, total=total)
        self._drawing.refresh()
        self._next = self._clock() + _INTERVAL

    def close(self) -> None:
        """Take the bar off the screen."""
        if self._drawing is not None:
            self._drawing.stop()
            self._drawing = None


def _start(label: str, stream: TextIO, total: int) -> Progress:
    """Return a running bar that draws only when told to."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(file=stream), auto_refresh=False, transient=True)
    bar.add_task(label, total=total)
    bar.start()
    return bar
