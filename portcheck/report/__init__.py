"""Reports: one module a format, each turning a Report into text; none is imported before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from portcheck.errors import UsageError
from portcheck.model import Report

FORMATS: dict[str, str] = {
    "text": "text",
    "json": "json_report",
    "concise": "concise",
    "full": "full",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "csv": "csv_report",
    "markdown": "markdown",
    "html": "html",
}
"""Each output format and the module of this package that writes it."""

FROM_HERE = frozenset({"concise", "full", "sarif", "github", "gitlab", "junit"})
"""Formats whose paths are to be opened from the working folder, for terminals, editors and services."""

TERMINAL = frozenset({"text", "full"})
"""Formats for terminals, which may be coloured."""

_PHYSICAL = frozenset({"sarif", "github", "gitlab"})


def render(report: Report, fmt: str = "text", width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """Return a report in one format; see `chunks`."""
    return "".join(chunks(report, fmt, width, color, verbose))


def chunks(
    report: Report, fmt: str = "text", width: int = 100, color: bool = False, verbose: bool = False, prefix: str = ""
) -> Iterator[str]:
    """Yield a report in one format, in pieces, so that a large one need not be held whole.

    `width` (columns), `color` and `verbose` (long lists in full) concern the text report alone; `prefix` is written
    before every path. Raises UsageError at once when there is no such format, naming the nearest one.
    """
    check_format(fmt)
    if prefix or fmt in _PHYSICAL:
        from portcheck.report.physical import below, physical

        report = physical(report) if fmt in _PHYSICAL else report
        report = below(report, prefix) if prefix else report
    writer: Any = import_module(f"portcheck.report.{FORMATS[fmt]}")
    options: tuple[Any, ...] = (width, color, verbose) if fmt == "text" else ()
    chosen: Iterator[str] = writer.chunks(report, *options)
    return chosen


def check_format(fmt: str) -> None:
    """Raise UsageError when `fmt` is not an output format; the message names the nearest, or all of them."""
    if fmt in FORMATS:
        return
    from difflib import get_close_matches

    near = get_close_matches(fmt.lower(), FORMATS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(FORMATS))}"
    raise UsageError(f"unknown output format {fmt!r}: {hint}")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the JSON report."""
    import json
    from pathlib import Path

    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
