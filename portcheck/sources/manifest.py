"""Files that name what a project needs: the format is told by the text, and a reader for it makes the facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portcheck.model import Fact, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.patterns import globs_of, narrow
from portcheck.sources.decode import decode

MAX_SIZE = 10 * 1024 * 1024
"""Characters of a manifest that is read."""

_JSON = re.compile(r"\s*\{(?![{%#])")
_ENVIRONMENT = re.compile(r"^(?:dependencies|channels):", re.MULTILINE)
_TABLE = re.compile(r"^\[+[\w.:\"' -]+\]+[ \t]*(?:#.*)?$", re.MULTILINE)
_PROJECT = re.compile(r"^\[(?:project|tool\.|build-system|dependency-groups|packages)", re.MULTILINE)
_SETUP = re.compile(r"^\[(?:options[\w.]*|metadata|bdist_wheel|egg_info|flake8|isort|mypy|aliases)\]", re.MULTILINE)


def read_manifest(data: bytes, interest: Interest) -> FileFacts:
    """The facts of a requirements file, project file, environment or lock file; never raises on its content."""
    lines = data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
    text, _ = decode(data)
    if text is None:
        return FileFacts(status=Status.UNREADABLE, reason="binary data")
    if len(text) > MAX_SIZE:
        reason = f"more than {MAX_SIZE // 1024 // 1024} MiB, which is no list that people keep"
        return FileFacts(lines=lines, status=Status.SKIPPED, reason=reason)
    return _read(text.replace("\r\n", "\n"), interest)._replace(lines=lines)


def _read(text: str, interest: Interest) -> FileFacts:
    from portcheck.sources import projects

    if _JSON.match(text):
        return _pipfile_lock(text, interest)
    if projects.is_lock(text):
        return projects.read_lock(text, interest)
    if _SETUP.search(text):
        from portcheck.sources.setupcfg import read_setup_cfg

        return read_setup_cfg(text)
    if _TABLE.search(text):
        found = projects.read_project(text, interest)
        return _ini_instead(text, found) if found.status is Status.PARTLY else found
    if _ENVIRONMENT.search(text):
        from portcheck.sources.conda import read_environment

        return read_environment(text)
    from portcheck.sources.requirements import read_requirements

    return read_requirements(text)


def _ini_instead(text: str, found: FileFacts) -> FileFacts:
    """What an INI file of tools says where a text with sections is no TOML; else what was found."""
    from portcheck.sources.setupcfg import read_setup_cfg

    other = read_setup_cfg(text)
    return other if other.status is Status.READ and not _PROJECT.search(text) else found


def _pipfile_lock(text: str, interest: Interest) -> FileFacts:
    """A `Pipfile.lock`: what the packs know of it, under the guard `locked`."""
    from portcheck.sources.settingsjson import json_value

    value, problem = json_value(text)
    if problem:
        return FileFacts(status=Status.PARTLY, reason=problem)
    found = tuple(_locked(value, text, interest))
    return FileFacts(tuple(sorted(found, key=lambda fact: (fact.span, fact.name))))


def _locked(tables: dict[str, Any], text: str, interest: Interest) -> Iterator[Fact]:
    from portcheck.sources.projects import LOCKED
    from portcheck.sources.requirement import TORCH, dependency, normalised

    known = globs_of(narrow(dict(interest.others).get("dependency", ())))
    lines: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        lines.setdefault(line.strip().split('"')[1] if line.count('"') > 1 else "", (number, line))
    for section in ("default", "develop"):
        entries = tables.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if normalised(name) in TORCH or known.match(normalised(name)):
                number, line = lines.get(name, (1, name))
                column = line.find(name) + 1
                spec = entry.get("version") if isinstance(entry, dict) else ""
                pairs = (("spec", spec if isinstance(spec, str) else ""),)
                yield dependency(name, Span(number, column, number, column + len(name)), "lock", pairs, (LOCKED,))
