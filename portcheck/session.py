"""A run of `scan` or `check` from its options to its exit code: scan, compare with the baseline, print, close."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Callable

from portcheck.config import Config, resolve
from portcheck.errors import Exit, UsageError
from portcheck.folders import is_within
from portcheck.model import Report
from portcheck.output import say, write
from portcheck.records import NamedTuple

if TYPE_CHECKING:
    from portcheck.changes import Changed
    from portcheck.delta import Delta
    from portcheck.matrix import Matrix
    from portcheck.report.sarif_fixes import Hunk

_LINES = ("concise", "full")
_SHOWN = 10
_STDIN = "-"


class Ask(NamedTuple):
    """What was asked for: paths, the file that standard input stands for, a configuration file, options by field.

    Format and gate are those of the command unless the user says otherwise; a command without a gate only reports.
    `staged` and `since` (a revision) ask for what has changed alone, `fixes` to fix what can be fixed first, `base`
    (a report or revision) to say what changed since.
    """

    paths: tuple[str, ...]
    stdin: str
    file: str
    given: dict[str, Any]
    output_format: str
    fail_on: str = ""
    staged: bool = False
    since: str | None = None
    fixes: bool = False
    base: str | None = None

    @property
    def selective(self) -> bool:
        """Whether what has changed is asked for alone."""
        return self.staged or self.since is not None


class _Done(NamedTuple):
    """A report, the contents of files that are another than those in the work tree, the changes that were asked for,
    what changed since a base, and the same for other versions and cards.
    """

    report: Report
    contents: dict[str, bytes]
    changed: Changed | None = None
    change: Delta | None = None
    matrix: Matrix | None = None
    fixes: dict[int, tuple[Hunk, ...]] | None = None


def run(ask: Ask) -> int:
    """Do what was asked for and return the exit code.

    Raises:
        PortcheckError: it cannot be done; results may have been written by then.
    """
    from portcheck import gate, hold, report

    _check(ask)
    paths = [path for path in ask.paths if path != _STDIN]
    config = resolve([os.path.dirname(ask.stdin) or "."] if ask.stdin else paths, ask.given, ask.file or None).config
    fmt = config.output_format or ask.output_format
    report.check_format(fmt)
    if config.statistics and fmt not in ("text", "concise"):
        raise UsageError("--statistics goes with the formats text and concise")
    if ask.fixes and not ask.selective:
        _fix(paths or ["."], config)
    # A gate is not to depend on the format, and one finding a line is not to wait for the vendor's tables.
    if ask.base is not None and fmt != "markdown":
        raise UsageError("--base goes with the format markdown; `portcheck diff` compares in others")
    done = _result(ask, config, tables=not ask.fail_on and fmt not in _LINES)
    result = done.report
    change = _change(ask, done, config) if fmt == "markdown" else None
    covered = paths or ([] if ask.stdin or ask.paths else ["."])
    result = hold.compared(config, result, [] if ask.selective else covered)
    result = hold.only_new(result) if ask.fail_on else result
    done = done._replace(report=result, change=change, matrix=_matrix(ask, config) if fmt == "html" else None)
    done = done._replace(fixes=_fixes(ask, result, config) if fmt == "sarif" else None)
    write(_pieces(done, fmt, config), config.output)
    lost = list(gate.unread(result))
    if not config.quiet:
        _close(result, lost, fmt)
    elif config.fail_on_unused:
        _remarks(result)
    if config.strict and lost:
        return Exit.INCOMPLETE
    least = config.fail_on or ask.fail_on
    failed = (least and gate.fails(result, least, config.per_file_fail_on)) or (
        config.fail_on_unused and result.remarks
    )
    return Exit.FINDINGS if failed else Exit.DONE


def _check(ask: Ask) -> None:
    """Refuse what does not go together."""
    if (ask.stdin or _STDIN in ask.paths) and set(ask.paths) - {_STDIN}:
        raise UsageError("standard input is scanned alone, without other paths")
    if (ask.stdin or _STDIN in ask.paths) and (ask.selective or ask.fixes or ask.base is not None):
        raise UsageError("standard input is scanned alone, without --staged, --since, --base or --fix")
    if ask.selective and ask.base is not None:
        raise UsageError("--staged and --since have a base of their own: leave out --base")
    if ask.staged and ask.since is not None:
        raise UsageError("--staged and --since ask for two things: choose one")
    if ask.staged and ask.fixes:
        raise UsageError("--fix changes the work tree, and --staged checks what is staged: choose one")


def _fix(paths: Sequence[str], config: Config) -> None:
    """Fix what can be fixed safely."""
    from portcheck.fix.run import write as write_files
    from portcheck.repair import fix
    from portcheck.report import fixed

    found = fix(paths, config)
    lost = write_files(found)
    if not config.quiet:
        say("".join(fixed.summary(found, lost, False, written=True)).rstrip())


def _result(ask: Ask, config: Config, tables: bool) -> _Done:
    """The report on the paths, on what has changed, or on standard input."""
    from portcheck import api
    from portcheck.discover import MAX_SIZE

    if ask.stdin or _STDIN in ask.paths:
        data, name = sys.stdin.buffer.read(MAX_SIZE + 1), ask.stdin or "stdin.py"
        return _Done(api.scan_text(data, name, config), {name: data})
    with nullcontext(None) if config.quiet else _bar() as progress:
        if ask.selective:
            return _changed(ask, config, tables, progress)
        return _Done(api.scan(ask.paths or (".",), config, progress, tables), {})


def _change(ask: Ask, done: _Done, config: Config) -> Delta | None:
    """What changed since a base, if one was named, or since that of the changes that were asked for."""
    if ask.base is None and done.changed is None:
        return None
    from portcheck import sides

    if done.changed is not None:
        return sides.among_changes(ask.since or "HEAD", done.report, done.changed, ask.paths, config)
    return sides.against(ask.base or "", done.report, ask.paths or (os.curdir,), config)


def _fixes(ask: Ask, result: Report, config: Config) -> dict[int, tuple[Hunk, ...]] | None:
    """The safe changes, where the files are as they were looked at and somebody said how to port."""
    from portcheck.report import sarif_fixes
    from portcheck.strategy import AUTO

    if ask.stdin or _STDIN in ask.paths or ask.selective or config.strategy == AUTO:
        return None
    if not any(each.fixable for each in result.findings):
        return None
    from portcheck.repair import fix

    return sarif_fixes.of(fix(ask.paths or (os.curdir,), config), result.findings)


def _matrix(ask: Ask, config: Config) -> Matrix | None:
    """The work for every version and card, where all below the paths was looked at."""
    from portcheck import api

    if ask.stdin or _STDIN in ask.paths or ask.selective:
        return None
    return api.matrix(ask.paths or (os.curdir,), config)


def _bar() -> AbstractContextManager[Callable[[int, int], None]]:
    from portcheck.report.progress import progress_bar

    return progress_bar("Reading")


def _changed(ask: Ask, config: Config, tables: bool, progress: Callable[[int, int], None] | None) -> _Done:
    """The report on what has changed."""
    from portcheck import api, changes
    from portcheck.fresh import fresh

    start = os.path.realpath(ask.paths[0] if ask.paths else os.curdir)
    while not os.path.isdir(start):
        start = os.path.dirname(start)
    changed = changes.staged(start) if ask.since is None else changes.since(start, ask.since)
    if changed.warning and not config.quiet:
        say(f"warning: {changed.warning}")
    with fresh(changed, ask.paths, config.exclude) as found:
        if ask.fixes and found.sources:
            _fix([os.path.join(changed.top, source.path) for source in found.sources], config)
        return _Done(api.scan_found(found, config, progress, tables), changed.contents, changed)


def _pieces(done: _Done, fmt: str, config: Config) -> Iterable[str]:
    """The text of a report."""
    result = done.report
    if config.statistics:
        from portcheck.report.statistics import chunks

        return chunks(result)
    from portcheck import report

    if fmt == "sarif":
        from portcheck.report import sarif
        from portcheck.report.physical import below, physical

        near = _from_here(result)
        return sarif.chunks(below(physical(near), _prefix(near)), done.fixes)
    if fmt in report.FROM_HERE and fmt != "full":
        result = _from_here(result)
        return report.chunks(result, fmt, prefix=_prefix(result))
    if done.change is not None:
        from portcheck.report import delta, markdown

        return markdown.chunks(result, delta.since(done.change), delta.sections(done.change))
    if fmt == "html":
        from portcheck.report import html

        return html.chunks(result, done.matrix)
    if fmt not in report.TERMINAL:
        return report.chunks(result, fmt)
    from shutil import get_terminal_size

    from portcheck.report.layout import wants_color

    color = not config.output and wants_color(sys.stdout, os.environ)
    if fmt == "full":
        return _in_full(done, color)
    width = 100 if config.output else get_terminal_size((100, 24)).columns
    return report.chunks(result, fmt, width, color, config.verbose)


def _in_full(done: _Done, color: bool) -> Iterable[str]:
    """The text of a report with the code around each finding, as it was read."""
    from portcheck.report import full
    from portcheck.report.physical import below

    near = _from_here(done.report)
    return full.chunks(done.report, below(near, _prefix(near)), done.contents, color)


def _from_here(result: Report) -> Report:
    """The report with paths that count from the working folder, if that lies in what was looked at."""
    here, root = os.path.realpath(os.curdir), os.path.realpath(result.root)
    if here == root or not is_within(here, root):
        return result
    from portcheck.report.physical import renamed

    inside = os.path.relpath(here, root).replace(os.sep, "/") + "/"
    up = "../" * inside.count("/")
    near = renamed(result, lambda path: path[len(inside) :] if path.startswith(inside) else up + path)
    return near._replace(root=here)


def _prefix(result: Report) -> str:
    """What to write before a path of the report to open it from the working folder."""
    here = os.path.join(os.path.realpath(os.curdir), "")
    prefix = os.path.join(result.root, "")
    return (prefix[len(here) :] if prefix.startswith(here) else prefix).replace(os.sep, "/")


def _close(result: Report, lost: Sequence[tuple[str, str]], fmt: str) -> None:
    """Say on standard error what the result itself does not."""
    if fmt == "text":
        return

    by_reason: dict[str, list[str]] = {}
    for path, reason in lost:
        by_reason.setdefault(reason, []).append(path)
    for reason, paths in list(by_reason.items())[:_SHOWN]:
        more = f" and {len(paths) - 1} more" if paths[1:] else ""
        say(f"warning: {paths[0]}{more}: {reason}")
    left = sum(len(paths) for paths in list(by_reason.values())[_SHOWN:])
    if left:
        say(f"warning: {left} more could not be read in full")
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

        result = _from_here(result)
        prefix = _prefix(result)
        for remark in result.remarks:
            say(f"{place(remark._replace(path=prefix + remark.path))} warning: {remark.text}")
