"""A run of `scan` or `check` from its options to its exit code: scan, compare with the baseline, print, close."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, Iterable, NamedTuple, Sequence, Tuple

from portcheck.config import Config, resolve
from portcheck.errors import Exit, UsageError
from portcheck.model import Report
from portcheck.output import say, write

_SHOWN = 10
_STDIN = "-"


class Ask(NamedTuple):
    """What was asked for: paths, the file that standard input stands for, a configuration file, options by field.

    Format and gate are those of the command unless the user says otherwise; a command without a gate only reports.
    """

    paths: Tuple[str, ...]
    stdin: str
    file: str
    given: Dict[str, Any]
    output_format: str
    fail_on: str = ""


def run(ask: Ask) -> int:
    """Do what was asked for and return the exit code.

    Raises:
        PortcheckError: it cannot be done; results may have been written by then.
    """
    from portcheck import gate, hold, report

    paths = [path for path in ask.paths if path != _STDIN]
    config = resolve([os.path.dirname(ask.stdin) or "."] if ask.stdin else paths, ask.given, ask.file or None).config
    fmt = config.output_format or ask.output_format
    report.check_format(fmt)
    if config.statistics and fmt not in ("text", "concise"):
        raise UsageError("--statistics goes with the formats text and concise")
    # A gate is not to depend on the format, and one finding a line is not to wait for the vendor's tables.
    result = _result(ask, config, tables=not ask.fail_on and fmt != "concise")
    result = hold.compared(config, result, paths or ([] if ask.stdin or ask.paths else ["."]))
    result = hold.only_new(result) if ask.fail_on else result
    write(_pieces(result, fmt, config), config.output)
    lost = list(gate.unread(result))
    if not config.quiet:
        _close(result, lost, fmt)
    elif config.fail_on_unused:
        _remarks(result)
    if config.strict and lost:
        return Exit.INCOMPLETE
    least = config.fail_on or ask.fail_on
    failed = (least and gate.fails(result, least)) or (config.fail_on_unused and result.remarks)
    return Exit.FINDINGS if failed else Exit.DONE


def _result(ask: Ask, config: Config, tables: bool) -> Report:
    """The report on the paths, or on standard input."""
    from portcheck import api
    from portcheck.discover import MAX_SIZE

    if ask.stdin or _STDIN in ask.paths:
        if set(ask.paths) - {_STDIN}:
            raise UsageError("standard input is scanned alone, without other paths")
        return api.scan_text(sys.stdin.buffer.read(MAX_SIZE + 1), ask.stdin or "stdin.py", config)
    paths = ask.paths or (".",)
    if config.quiet:
        return api.scan(paths, config, tables=tables)
    from portcheck.report.progress import progress_bar

    with progress_bar("Reading") as progress:
        return api.scan(paths, config, progress, tables)


def _pieces(result: Report, fmt: str, config: Config) -> Iterable[str]:
    """The text of a report."""
    if config.statistics:
        from portcheck.report.statistics import chunks

        return chunks(result)
    from portcheck import report

    if fmt != "text":
        return report.chunks(result, fmt, prefix=_prefix(result) if fmt in report.FROM_HERE else "")
    from shutil import get_terminal_size

    from portcheck.report.layout import wants_color

    color = not config.output and wants_color(sys.stdout, os.environ)
    width = 100 if config.output else get_terminal_size((100, 24)).columns
    return report.chunks(result, fmt, width, color, config.verbose)


def _prefix(result: Report) -> str:
    """What to write before a path of the report to open it from the working folder."""
    here = os.path.join(os.path.realpath(os.curdir), "")
    prefix = os.path.join(result.root, "")
    return (prefix[len(here) :] if prefix.startswith(here) else prefix).replace(os.sep, "/")


def _close(result: Report, lost: Sequence[Tuple[str, str]], fmt: str) -> None:
    """Say on standard error what the result itself does not."""
    if fmt == "text":
        return

    for path, reason in lost[:_SHOWN]:
        say(f"warning: {path}: {reason}")
    if len(lost) > _SHOWN:
        say(f"warning: {len(lost) - _SHOWN} more could not be read in full")
    _remarks(result)
    say(_summary(result))


def _summary(result: Report) -> str:
    """How many findings there are, how many are not shown, and how far the port has come."""
    from portcheck.report.ratchet import progress
    from portcheck.report.words import count

    files = len({finding.path for finding in result.findings})
    new = "new " if result.ratchet else ""
    found = f"{count(len(result.findings), new + 'finding')} in {files} of {count(len(result.files), 'file')}"
    silent = sum(each.how != "baseline" for each in result.suppressed)
    also = f", {silent} suppressed" if silent else ""
    return f"{found}{also}" + (f"\n{progress(result.ratchet)}" if result.ratchet else "")


def _remarks(result: Report) -> None:
    """Say what is wrong with suppressions, as a warning that an editor can open."""
    if result.remarks:
        from portcheck.report.suppressed import place

        prefix = _prefix(result)
        for remark in result.remarks:
            say(f"{place(remark._replace(path=prefix + remark.path))} warning: {remark.text}")
