"""The progress bar appears on terminals alone, only after a while, and cleans up after itself."""

from __future__ import annotations

import io
import sys

import pytest

from portcheck.report.progress import progress_bar


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that goes on by a fixed step whenever it is read."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture(autouse=True)
def ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def drawn(stream: io.StringIO, step: float) -> str:
    """Return what a scan of 20 files writes when every look at the clock takes `step` seconds."""
    with progress_bar("Reading [files]", stream, Clock(step)) as show:
        for done in range(20):
            show(done + 1, 20)
    return stream.getvalue()


def test_a_long_scan_on_a_terminal_shows_how_far_it_is() -> None:
    shown = drawn(Terminal(), 0.2)
    assert "Reading [files]" in shown
    assert "20/20" in shown


@pytest.mark.parametrize(("stream", "step"), [(Terminal(), 0.01), (io.StringIO(), 1.0)])
def test_quick_scans_and_pipes_see_nothing(stream: io.StringIO, step: float) -> None:
    assert drawn(stream, step) == ""


def test_a_dumb_terminal_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert drawn(Terminal(), 1.0) == ""


def test_the_cursor_comes_back_after_an_error() -> None:
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt), progress_bar("Reading", stream, Clock(1.0)) as show:
        show(1, 2)
        raise KeyboardInterrupt
    assert stream.getvalue().rfind("\x1b[?25h") > stream.getvalue().rfind("\x1b[?25l")


def test_no_drawing_thread_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    before = threading.active_count()
    with progress_bar("Reading", Terminal(), Clock(1.0)) as show:
        show(1, 2)
        assert threading.active_count() == before
    assert "rich.progress" in sys.modules
