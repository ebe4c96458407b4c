"""Reports of runs in which nothing was found, made without a look at the rules."""

from __future__ import annotations

import os
from collections.abc import Iterable

from portcheck.config import Config
from portcheck.discover import Discovery
from portcheck.link import Linked
from portcheck.model import FileFacts, FileReport, Report, Role, Source, Status, Target
from portcheck.strategy import AUTO


def names_rules(config: Config) -> bool:
    """Return whether options name rules, or leave a choice to what is found; only rules tell whether they are right."""
    return bool(config.select or config.ignore or config.per_file_ignores) or config.strategy == AUTO


def is_blank(files: Iterable[FileFacts]) -> bool:
    """Return whether there is nothing to judge: no fact, and no comment that suppresses one."""
    return not any(facts.facts or facts.pragmas for facts in files)


def report(found: Discovery, linked: Linked, target: Target, digest: str, config: Config) -> Report:
    """Return the report on files in which there is nothing to judge; `digest` is that of the rules."""
    roles = frozenset(map(Role, config.include_role or Role))
    sources = (source for source in found.sources if source.role in roles)
    files = tuple(file_of(source, linked.files.get(source.path)) for source in sources)
    return Report(os.fspath(found.root), target, digest, files, (), found.skipped)


def file_of(source: Source, facts: FileFacts | None) -> FileReport:
    """Return what a report says of a file, without findings; `facts` are None where there is no reader for it."""
    if facts is None:
        facts = FileFacts(status=Status.SKIPPED, reason=f"no reader for {source.kind.value} files")
    return FileReport(source.path, source.kind, source.role, facts.lines, 0, facts.status, facts.reason)
