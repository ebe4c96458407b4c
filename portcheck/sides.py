"""The two sides of a comparison: reports in files, git revisions, or the work tree as it stands."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from portcheck import api, delta, pack, plumbing, reportfile
from portcheck.changes import Changed
from portcheck.config import Config, Resolved, resolve
from portcheck.delta import Delta
from portcheck.errors import Exit, UsageError
from portcheck.folders import is_within
from portcheck.model import Report
from portcheck.output import say, write
from portcheck.records import NamedTuple
from portcheck.report.physical import renamed
from portcheck.revision import files_at
from portcheck.selection import keep, selection

WORK_TREE = "the work tree"

_JUDGED_BY = ("target", "torch", "hardware", "strategy", "exclude")
"""Options that have no say in a report which is there already."""

_NARROWEST = 64

Progress = Callable[[int, int], None]


class Ask(NamedTuple):
    """What to compare: a report or revision, and another or else the work tree; options by field, and their file."""

    old: str
    new: str | None
    given: Mapping[str, Any]
    file: str | None = None


class _Side(NamedTuple):
    """A report that is there already, or a commit to read; the work tree if neither."""

    name: str
    report: Report | None = None
    commit: str = ""


def run(ask: Ask) -> int:
    """Compare, print, and return the exit code; raises as `compared`."""
    from shutil import get_terminal_size

    from portcheck.report import delta as writer
    from portcheck.report.layout import Page, wants_color
    from portcheck.report.progress import progress_bar

    config = _options(ask).config
    fmt = config.output_format or "text"
    writer.check_format(fmt)
    with progress_bar("Reading") as progress:
        found = compared(ask, config, None if config.quiet else progress)
    color = not config.output and wants_color(sys.stdout, os.environ)
    width = 100 if config.output else max(get_terminal_size((100, 24)).columns, _NARROWEST)
    write(writer.chunks(found, fmt, Page(width, color), config.verbose), config.output)
    if fmt == "json" and not config.quiet:
        say("\n".join(f"warning: {note}" for note in found.notes) or writer.sentence(found))
    return Exit.FINDINGS if config.fail_on and delta.worse(found, config.fail_on) else Exit.DONE


def _options(ask: Ask) -> Resolved:
    """The options in force: those of the whole repository if git is asked, else those of the working folder."""
    reports = all(side is not None and _is_report(side) for side in (ask.old, ask.new))
    return resolve([os.curdir if reports else plumbing.top_of(os.curdir)], ask.given, ask.file)


def compared(ask: Ask, config: Config, progress: Progress | None = None) -> Delta:
    """Return what the new side has that the old one has not, and the other way round.

    Revisions are judged for what a report on the other side was judged for, or else for what the new side's own
    requirements allow.

    Raises:
        UsageError: a side is neither a report nor a revision, or cannot be read; or as for a scan.
    """
    if ask.old == ask.new == reportfile.STDIN:
        raise UsageError("standard input holds one report, not two")
    old, new = _side(ask.old), _side(ask.new) if ask.new is not None else _Side(WORK_TREE)
    _check(ask, old, new)
    known = new.report or old.report
    tables = bool(known and (known.effort or known.apis))
    second = _narrowed(new.report, config) or _scanned(new, _as_for(config, known, ask), tables, progress)
    first = _narrowed(old.report, config) or _scanned(old, _as_for(config, second, ask), tables, progress)
    return delta.compare(delta.side(old.name, first), delta.side(new.name, second))


def against(base: str, report: Report, paths: Sequence[str], config: Config) -> Delta:
    """Return what a report on the paths has that a base, a JSON report or git revision, has not, and the other way.

    A revision is judged as the report was, for the same paths.

    Raises:
        UsageError: as `compared`.
    """
    old = _side(base)
    first = _narrowed(old.report, config)
    if first is None:
        first = _scanned(old, _judged_as(report, config), report.effort is not None, None)
        first = _below(first, os.path.realpath(report.root), [os.path.realpath(path) for path in paths])
    return delta.compare(delta.side(old.name, first), delta.side("now", report))


def among_changes(base: str, report: Report, changed: Changed, paths: Sequence[str], config: Config) -> Delta:
    """Return what a report on the changed files has that the commit they were compared with has not, and the other way.

    Files that are gone count; the commit is read as the changed files were, in the knowledge of the other paths. `base`
    is what the user called it.

    Raises:
        UsageError: as `compared`.
    """
    top, files = changed.top, frozenset(changed.paths)
    places = [os.path.realpath(path) for path in paths] or [top]

    def among(path: str) -> bool:
        full = os.path.join(top, path)
        return any(is_within(full, place) for place in places) and (path in files or not os.path.lexists(full))

    if not changed.base:
        return delta.compare(delta.side(base, report._replace(files=(), findings=())), delta.side("now", report))
    with files_at(top, changed.base, config.exclude, among) as found:
        found = found._replace(above=top, whole=False)
        first = api.scan_found(found, _judged_as(report, config), None, tables=report.effort is not None)
    name = base if changed.base.startswith(base) else f"{base} ({changed.base[:10]})"
    return delta.compare(delta.side(name, first), delta.side("now", report))


def _judged_as(report: Report, config: Config) -> Config:
    """The options, with the target that a report was judged for."""
    target = {**report.target._asdict(), "target": report.target.name}
    return config._replace(**{name: target[name] for name in _JUDGED_BY[:4]})


def _below(report: Report, root: str, places: Sequence[str]) -> Report:
    """A report on a repository without what lies elsewhere than the places, with paths that count from `root`."""
    top = os.path.realpath(report.root)
    files = [file.path for file in report.files]
    inside = {path for path in files if any(is_within(os.path.join(top, path), place) for place in places)}
    part = report._replace(
        files=tuple(file for file in report.files if file.path in inside),
        findings=tuple(each for each in report.findings if each.path in inside),
        suppressed=tuple(each for each in report.suppressed if each.finding.path in inside),
        effort=report.effort if len(inside) == len(files) else None,
    )
    return renamed(part, lambda path: os.path.relpath(os.path.join(top, path), root).replace(os.sep, "/"))


def _side(word: str) -> _Side:
    if _is_report(word):
        return _Side("standard input" if word == reportfile.STDIN else word, reportfile.read(word))
    try:
        commit = plumbing.commit_of(plumbing.top_of(os.curdir), word)
    except UsageError as error:
        raise UsageError(f"{word!r} is no file, and no git revision either: {error}") from error
    return _Side(word if commit.startswith(word) else f"{word} ({commit[:10]})", commit=commit)


def _is_report(word: str) -> bool:
    return word == reportfile.STDIN or os.path.isfile(word)


def _check(ask: Ask, old: _Side, new: _Side) -> None:
    """Refuse options that have no say."""
    names = [name for name in _JUDGED_BY if name in ask.given]
    if names and old.report and new.report:
        raise UsageError(f"--{names[0]} says how revisions are judged, and both sides are reports")


def _as_for(config: Config, other: Report | None, ask: Ask) -> Config:
    """The options, with the target of the other side where the command line does not say."""
    if other is None:
        return config
    wanted = {"target": other.target.name, **other.target._asdict()}
    return config._replace(**{name: wanted[name] for name in _JUDGED_BY[:4] if name not in ask.given})


def _scanned(side: _Side, config: Config, tables: bool, progress: Progress | None) -> Report:
    """The report on a commit or the work tree."""
    top = plumbing.top_of(os.curdir)
    if not side.commit:
        return api.scan([top], config, progress, tables)
    with files_at(top, side.commit, config.exclude) as found:
        return api.scan_found(found, config, progress, tables)


def _narrowed(report: Report | None, config: Config) -> Report | None:
    """A report with the places alone that are asked for."""
    if report is None or not (config.select or config.ignore or config.include_role):
        return report
    chosen = selection(pack.load(report.target.name).rules, config.select, config.ignore)
    roles: tuple[str, ...] = config.include_role
    findings = tuple(each for each in report.findings if not roles or each.role.value in roles)
    suppressed = tuple(
        each
        for each in report.suppressed
        if (not roles or each.finding.role.value in roles) and keep([each.finding], chosen).findings
    )
    return report._replace(findings=keep(findings, chosen).findings, suppressed=suppressed)
