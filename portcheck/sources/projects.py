"""TOML manifests: `pyproject.toml` (standard, poetry, pdm, hatch, uv), `Pipfile`, `pixi.toml`, and the lock files of
uv, poetry, pdm and the standard (`pylock.toml`).

Of a lock file only what the packs know is kept, each distribution once, under the guard `locked`: the file follows
from another one, and nobody edits it.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List

from portcheck.model import Fact, FactKind, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.patterns import globs_of, narrow
from portcheck.sources.requirement import OPTIONAL, TORCH, dependency, index_fact, normalised, requirement_fact
from portcheck.sources.tomltext import Places, parse_toml

CUDA_BUILD = "+cu"
"""How the local version of a wheel begins that was built for CUDA; one in a lock file is kept whatever its name."""

LOCKED = "locked"
"""The guard of what a lock file names."""

_Table = Dict[str, Any]
_PACKAGE = re.compile(r"^\[\[packages?\]\][^\n]*\n", re.MULTILINE)
_ENTRY = re.compile(r"^(name|version)[ \t]*=[ \t]*[\"']([^\"'\n]*)[\"']", re.MULTILINE)


def is_lock(text: str) -> bool:
    """Whether a TOML text is a lock file, by its tables of packages."""
    return _PACKAGE.search(text) is not None


def read_lock(text: str, interest: Interest) -> FileFacts:
    """The distributions of a lock file that the packs know, each once, at the line of its name."""
    known = globs_of(narrow(dict(interest.others).get("dependency", ())))
    facts: Dict[str, Fact] = {}
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


def read_project(text: str) -> FileFacts:
    """The facts of a `pyproject.toml` or a `Pipfile`; a project that names itself, for its extras, does not count."""
    tables, problem = parse_toml(text)
    if tables is None:
        return FileFacts(status=Status.PARTLY, reason=problem)
    places = Places(text)
    facts = [fact for part in (_standard, _poetry, _others, _pipfile, _pixi) for fact in part(tables, places)]
    own = _table(tables, "project").get("name") or _table(tables, "tool", "poetry").get("name")
    itself = normalised(own) if isinstance(own, str) else ""
    facts = [fact for fact in facts if fact.name != itself]
    return FileFacts(tuple(sorted(facts, key=lambda fact: (fact.span, fact.name))))


def _table(value: Any, *path: str) -> _Table:
    """The table at a path; an empty one where the file holds anything else."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _rows(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


def _list(value: Any, places: Places, context: str = "direct", group: str = "") -> Iterator[Fact]:
    guards = (OPTIONAL,) if context == "optional" else ()
    for text in _rows(value):
        if isinstance(text, str):
            fact = requirement_fact(text, places.value(text), context, guards, group)
            if fact is not None:
                yield fact


def _standard(tables: _Table, places: Places) -> Iterator[Fact]:
    yield from _list(_table(tables, "build-system").get("requires"), places, "build")
    yield from _list(_table(tables, "project").get("dependencies"), places)
    for group, texts in _table(tables, "project", "optional-dependencies").items():
        yield from _list(texts, places, "optional", group)
    for group, texts in _table(tables, "dependency-groups").items():
        yield from _list(texts, places, "optional", group)


def _poetry(tables: _Table, places: Places) -> Iterator[Fact]:
    poetry = _table(tables, "tool", "poetry")
    yield from _named(_table(poetry, "dependencies"), places)
    yield from _named(_table(poetry, "dev-dependencies"), places, "dev")
    for group in _table(poetry, "group"):
        yield from _named(_table(poetry, "group", group, "dependencies"), places, group)
    for source in _rows(poetry.get("source")):
        yield from _index(source, places)


def _named(table: _Table, places: Places, group: str = "") -> Iterator[Fact]:
    """Requirements by name, the value being a version or a table of `version`, `url`, `git`, `extras`, `markers`."""
    for name, value in table.items():
        if name == "python":
            continue
        row = next((row for row in _rows(value) if isinstance(row, dict)), value)
        detail: _Table = row if isinstance(row, dict) else {"version": row}
        optional = bool(group) or detail.get("optional") is True
        version = detail.get("version")
        url = next((detail[key] for key in ("url", "git", "path", "file") if isinstance(detail.get(key), str)), "")
        extras = ",".join(str(extra) for extra in _rows(detail.get("extras")))
        spec = version if isinstance(version, str) and version != "*" else ""
        marker = detail.get("markers")
        pairs = (("spec", _caret(spec)), ("extra", extras), ("marker", marker if isinstance(marker, str) else ""))
        yield dependency(
            name,
            places.key(name),
            "optional" if optional else "direct",
            (*pairs, ("url", url), ("group", group)),
            (OPTIONAL,) if optional else (),
        )


def _caret(spec: str) -> str:
    """A bare version of poetry's means at least that one within its major version; other spellings stay."""
    return f"^{spec}" if spec[:1].isdigit() else spec


def _others(tables: _Table, places: Places) -> Iterator[Fact]:
    tool = _table(tables, "tool")
    for group, texts in _table(tool, "pdm", "dev-dependencies").items():
        yield from _list(texts, places, "optional", group)
    yield from _list(_table(tool, "uv").get("dev-dependencies"), places, "optional", "dev")
    for key in ("constraint-dependencies", "override-dependencies"):
        yield from _list(_table(tool, "uv").get(key), places, "constraint")
    for rows in (_table(tool, "uv").get("index"), _table(tool, "pdm").get("source")):
        for row in _rows(rows):
            yield from _index(row, places)
    for key in ("index-url", "extra-index-url", "find-links"):
        value = _table(tool, "uv").get(key, _table(tool, "uv", "pip").get(key))
        for url in [value] if isinstance(value, str) else _rows(value):
            yield from _index({"url": url}, places)
    for name, sources in _table(tool, "uv", "sources").items():
        for row in _rows(sources) or [sources]:
            yield from _source(name, row, places)
    for name, env in _table(tool, "hatch", "envs").items():
        for key in ("dependencies", "extra-dependencies"):
            yield from _list(_table(env).get(key), places, "optional", name)


def _source(name: str, row: Any, places: Places) -> Iterator[Fact]:
    """Where uv takes a distribution from: an address or repository says what its requirement does not."""
    url = next((row[key] for key in ("git", "url") if isinstance(row.get(key), str)), "") if _table(row) else ""
    if url:
        yield dependency(name, places.value(url), "constraint", (("url", url),))


def _index(row: Any, places: Places) -> Iterator[Fact]:
    url = _table(row).get("url")
    if isinstance(url, str):
        yield index_fact(url, places.value(url))


def _pipfile(tables: _Table, places: Places) -> Iterator[Fact]:
    for source in _rows(tables.get("source")):
        yield from _index(source, places)
    for section, group in (("packages", ""), ("dev-packages", "dev")):
        for fact in _named(_table(tables, section), places, group):
            yield fact._replace(args=tuple((key, value.lstrip("^")) for key, value in fact.args))


def _pixi(tables: _Table, places: Places) -> Iterator[Fact]:
    """The channels and packages of a `pixi.toml`, or of the table of pixi in a `pyproject.toml`."""
    for home in (tables, _table(tables, "tool", "pixi")):
        channels = _rows((_table(home, "workspace") or _table(home, "project")).get("channels"))
        for row in channels:
            name = row if isinstance(row, str) else _table(row).get("channel")
            if isinstance(name, str):
                yield Fact(FactKind.DEPENDENCY, f"channel:{name}", places.value(name), context="channel")
        features = [("", home), *_table(home, "feature").items(), *_table(home, "target").items()] if channels else []
        for group, feature in features:
            for section in ("dependencies", "pypi-dependencies", "host-dependencies", "build-dependencies"):
                for fact in _named(_table(feature, section), places, group):
                    yield fact._replace(args=tuple((key, value.lstrip("^")) for key, value in fact.args))
