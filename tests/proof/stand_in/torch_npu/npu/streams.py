"""Streams and events: work is done when its call returns, so all that is kept is which stream is the current one."""

import time
from typing import Any, Optional

import torch


class Event:
    """A mark in a stream, with the time at which it was made if it was asked for."""

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        self._timing = enable_timing
        self._at: Optional[float] = None

    def record(self, stream: "Optional[Stream]" = None) -> None:
        self._at = time.perf_counter()

    def wait(self, stream: "Optional[Stream]" = None) -> None:
        return None

    def query(self) -> bool:
        return True

    def synchronize(self) -> None:
        return None

    def elapsed_time(self, end_event: "Event") -> float:
        """Return the milliseconds between two marks; raises RuntimeError when one was made without timing."""
        if not (self._timing and end_event._timing) or self._at is None or end_event._at is None:
            raise RuntimeError("both events must be recorded, with enable_timing=True")
        return (end_event._at - self._at) * 1000


class Stream(torch.Stream):
    """A queue of work that is always empty."""

    def __new__(cls, device: Any = None, priority: int = 0) -> "Stream":
        made: Stream = super().__new__(cls, device="npu", priority=priority)
        return made

    def synchronize(self) -> None:
        return None

    def query(self) -> bool:
        return True

    def wait_stream(self, stream: "Stream") -> None:
        if not isinstance(stream, Stream):
            raise TypeError(f"not a stream of npu: {stream!r}")

    def wait_event(self, event: Event) -> None:
        if not isinstance(event, Event):
            raise TypeError(f"not an event of npu: {event!r}")

    def record_event(self, event: Optional[Event] = None) -> Event:
        event = event or Event()
        event.record(self)
        return event


_default: Optional[Stream] = None
_current: Optional[Stream] = None


class StreamContext:
    """The context manager under which a stream is the current one."""

    def __init__(self, stream: Optional[Stream]) -> None:
        self.stream = stream
        self._before: Optional[Stream] = None

    def __enter__(self) -> None:
        if self.stream is not None:
            self._before = current_stream()
            set_stream(self.stream)

    def __exit__(self, *_: Any) -> None:
        if self.stream is not None:
            set_stream(self._before)


def stream(stream: Optional[Stream]) -> StreamContext:
    return StreamContext(stream)


def current_stream(device: Any = None) -> Stream:
    return _current or default_stream()


def default_stream(device: Any = None) -> Stream:
    global _default
    _default = _default or Stream()
    return _default


def set_stream(stream: Optional[Stream]) -> None:
    global _current
    _current = stream
