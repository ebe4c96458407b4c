"""TOML manifests: `pyproject.toml` (standard, poetry, pdm, hatch, uv, pixi), `Pipfile`, `pixi.toml`, and the lock files
of uv, poetry, pdm and the standard (`pylock.toml`).

Of a lock file only what the packs know is kept, each distribution once, under the guard `locked`: the file follows
from another one, and nobody edits it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portcheck.model import Certainty, Fact, FactKind, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.patterns import globs_of, narrow
from portcheck.sources.pixi import pixi_facts
from portcheck.sources.requirement import OPTIONAL, TORCH, dependency, normalised, requirement_fact
from portcheck.sources.tomltables import Table, index_of, named, rows_of, table_at
from portcheck.sources.tomltext import Places, parse_toml

CUDA_BUILD = "+cu"
"""How the local version of a wheel begins that was built for CUDA; one in a lock file is kept whatever its name."""

LOCKED = "locked"
"""The guard of what a lock file names."""

_KNOWN = frozenset(
    """
    poetry pdm uv pixi hatch pip setuptools setuptools_scm scikit-build black ruff isort mypy pyright pytest coverage
    pylint flake8 codespell typos towncrier commitizen bumpversion semantic_release
    """.split()  # noqa: SIM905 - a list this long is read more easily as words
)
"""Tools whose tables are read for what they require, or say nothing of devices."""

_PACKAGE = re.compile(r"^\[\[packages?\]\][^\n]*\n", re.MULTILINE)
_ENTRY = re.compile(r"^(name|version)[ \t]*=[ \t]*[\"']([^\"'\n]*)[\"']", re.MULTILINE)


def is_lock(text: str) -> bool:
    """Whether a TOML text is a lock file, by its tables of packages."""
    return _PACKAGE.search(text) is not None


def read_lock(text: str, interest: Interest) -> FileFacts:
    """The distributions of a lock file that the packs know, each once, at the line of its name."""
    known = globs_of(narrow(dict(interest.others).get("dependency", ())))
    facts: dict[str, Fact] = {}
    line, done = 1, 0
    headers = [*_PACKAGE.finditer(text)]
    ends = [header.start() for header in headers[1:]] + [len(text)]
    for header, end in zip(headers, ends):
        entry = dict(reversed(_ENTRY.findall(text, header.end(), end)))
        name = normalised(entry.get("name", ""))
        built = CUDA_BUILD in entry.get("version", "")
        if name and name not in facts and (name in TORCH or built or known.match(name)):
            line, done = line + text.count("\n", done, header.end()), header.end()
            at = line + text.count("\n", header.end(), max(text.find("name", header.end()), header.end()))
            spec = f"=={entry['version']}" if entry.get("version") else ""
            facts[name] = dependency(name, Span(at, 1, at, len(name) + 10), "lock", (("spec", spec),), (LOCKED,))
    return FileFacts(tuple(facts.values()))


def read_project(text: str, interest: Interest) -> FileFacts:
    """The facts of a `pyproject.toml` or a `Pipfile`; a project that names itself, for its extras, does not count."""
    tables, problem = parse_toml(text)
    if tables is None:
        return FileFacts(status=Status.PARTLY, reason=problem)
    places = Places(text)
    facts = [fact for part in (_standard, _poetry, _others, _pipfile) for fact in part(tables, places)]
    facts += pixi_facts(tables, places, interest)
    facts += _settings(text, interest) if "[tool." in text else []
    own = table_at(tables, "project").get("name") or table_at(tables, "tool", "poetry").get("name")
    itself = normalised(own) if isinstance(own, str) else ""
    facts = [fact for fact in facts if fact.name != itself]
    return FileFacts(tuple(sorted(facts, key=lambda fact: (fact.span, fact.name))))


def _settings(text: str, interest: Interest) -> list[Fact]:
    """What the tables of other tools set, as settings files do."""
    from portcheck.sources.keyed import groups_in, lookup_for, patterns_for, setting_facts
    from portcheck.sources.settingslines import line_settings

    groups = tuple(groups_in(text.encode("utf-8", "surrogatepass"), lookup_for(interest)))
    if not groups:
        return []
    every = (setting for setting in line_settings(text) if setting.path[0] == "tool")
    told = [setting for setting in every if not _KNOWN.intersection(setting.path[1:2])]
    known = patterns_for(interest)._replace(groups=groups)
    facts = setting_facts(told, text, known, Certainty.EXACT)
    return [fact for fact in facts if fact.kind is not FactKind.DEPENDENCY]


def _list(value: Any, places: Places, context: str = "direct", group: str = "") -> Iterator[Fact]:
    guards = (OPTIONAL,) if context == "optional" else ()
    for text in rows_of(value):
        if isinstance(text, str):
            fact = requirement_fact(text, places.value(text), context, guards, group)
            if fact is not None:
                yield fact


def _standard(tables: Table, places: Places) -> Iterator[Fact]:
    yield from _list(table_at(tables, "build-system").get("requires"), places, "build")
    yield from _list(table_at(tables, "project").get("dependencies"), places)
    for group, texts in table_at(tables, "project", "optional-dependencies").items():
        yield from _list(texts, places, "optional", group)
    for group, texts in table_at(tables, "dependency-groups").items():
        yield from _list(texts, places, "optional", group)


def _poetry(tables: Table, places: Places) -> Iterator[Fact]:
    poetry = table_at(tables, "tool", "poetry")
    yield from named(table_at(poetry, "dependencies"), places)
    yield from named(table_at(poetry, "dev-dependencies"), places, "dev")
    for group in table_at(poetry, "group"):
        yield from named(table_at(poetry, "group", group, "dependencies"), places, group)
    for source in rows_of(poetry.get("source")):
        yield from index_of(source, places)


def _others(tables: Table, places: Places) -> Iterator[Fact]:
    tool = table_at(tables, "tool")
    for group, texts in table_at(tool, "pdm", "dev-dependencies").items():
        yield from _list(texts, places, "optional", group)
    yield from _list(table_at(tool, "uv").get("dev-dependencies"), places, "optional", "dev")
    for key in ("constraint-dependencies", "override-dependencies"):
        yield from _list(table_at(tool, "uv").get(key), places, "constraint")
    for rows in (table_at(tool, "uv").get("index"), table_at(tool, "pdm").get("source")):
        for row in rows_of(rows):
            yield from index_of(row, places)
    for key in ("index-url", "extra-index-url", "find-links"):
        value = table_at(tool, "uv").get(key, table_at(tool, "uv", "pip").get(key))
        for url in [value] if isinstance(value, str) else rows_of(value):
            yield from index_of({"url": url}, places)
    for name, sources in table_at(tool, "uv", "sources").items():
        for row in rows_of(sources) or [sources]:
            yield from _source(name, row, places)
    for name in tool:
        for group, texts in table_at(tool, name, "optional-dependencies").items():
            yield from _list(texts, places, "optional", group)
    for name, env in table_at(tool, "hatch", "envs").items():
        for key in ("dependencies", "extra-dependencies"):
            yield from _list(table_at(env).get(key), places, "optional", name)


def _source(name: str, row: Any, places: Places) -> Iterator[Fact]:
    """Where uv takes a distribution from: an address or repository says what its requirement does not."""
    url = next((row[key] for key in ("git", "url") if isinstance(row.get(key), str)), "") if table_at(row) else ""
    if url:
        yield dependency(name, places.value(url), "constraint", (("url", url),))


def _pipfile(tables: Table, places: Places) -> Iterator[Fact]:
    for source in rows_of(tables.get("source")):
        yield from index_of(source, places)
    for section, group in (("packages", ""), ("dev-packages", "dev")):
        for fact in named(table_at(tables, section), places, group):
            yield fact._replace(args=tuple((key, value.lstrip("^")) for key, value in fact.args))
