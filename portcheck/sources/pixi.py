"""pixi's manifests: a `pixi.toml`, or the table of pixi in a `pyproject.toml`.

Channels and packages are dependencies, what is asked of the machine and what tasks run are facts as in settings and
scripts. Source: pixi's reference of its manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portcheck.model import Fact, FactKind
from portcheck.pack import Interest
from portcheck.sources.requirement import CHANNEL, index_fact
from portcheck.sources.tomltables import Table, index_of, named, rows_of, table_at
from portcheck.sources.tomltext import Places
from portcheck.sources.words import words_for

_SECTIONS = ("dependencies", "pypi-dependencies", "host-dependencies", "build-dependencies", "constraints")
_URLS = ("index-url", "extra-index-urls", "find-links")


def pixi_facts(tables: Table, places: Places, interest: Interest) -> Iterator[Fact]:
    """Yield the facts of a manifest of pixi; none of one of another tool, which names no channels."""
    for home in (tables, table_at(tables, "tool", "pixi")):
        workspace = table_at(home, "workspace") or table_at(home, "project")
        channels = rows_of(workspace.get("channels"))
        for row in channels:
            name = row if isinstance(row, str) else table_at(row).get("channel")
            if isinstance(name, str):
                yield Fact(FactKind.DEPENDENCY, CHANNEL + name, places.value(name), context="channel")
        for platform in rows_of(workspace.get("platforms")):
            yield from _asked(table_at(platform), "platforms", places)
        for group, part in _parts(home) if channels else ():
            yield from _packages(part, group, places)
            yield from _asked(table_at(part, "system-requirements"), "system-requirements", places)
            yield from _variables(table_at(part, "activation", "env"), places, interest)
            for task in table_at(part, "tasks").values():
                yield from _task(task, places, interest)


def _parts(home: Table) -> Iterator[tuple[str, Table]]:
    """The manifest itself, its features and what they say of single platforms, each with its name."""
    yield "", home
    for name, feature in table_at(home, "feature").items():
        yield name, table_at(feature)
        for target in table_at(feature, "target").values():
            yield name, table_at(target)
    for name, target in table_at(home, "target").items():
        yield name, table_at(target)


def _packages(part: Table, group: str, places: Places) -> Iterator[Fact]:
    for section in _SECTIONS:
        packages = table_at(part, section)
        for fact in named(packages, places, group):
            yield fact._replace(args=tuple((key, value.lstrip("^")) for key, value in fact.args))
        for row in packages.values():
            yield from index_of({"url": table_at(row).get("index")}, places)
    options = table_at(part, "pypi-options")
    for key in _URLS:
        for row in rows_of(options.get(key)) or [options.get(key)]:
            url = table_at(row).get("url") if isinstance(row, dict) else row
            if isinstance(url, str):
                yield index_fact(url, places.value(url))


def _asked(wanted: Table, home: str, places: Places) -> Iterator[Fact]:
    """The version of CUDA that a machine must have."""
    value = wanted.get("cuda")
    if isinstance(value, str):
        place = (("of", "cuda"), ("value", value))
        yield Fact(FactKind.SETTING, f"{home}.cuda={value}", places.key("cuda"), context="value", args=place)


def _variables(table: Table, places: Places, interest: Interest) -> Iterator[Fact]:
    words = words_for(interest)
    for name, value in table.items():
        if words.is_env(name):
            args = (("value", value[:200]),) if isinstance(value, str) and value else ()
            yield Fact(FactKind.ENV, name, places.key(name), context="assign", args=args)


def _task(task: Any, places: Places, interest: Interest) -> Iterator[Fact]:
    """What a task runs, and the variables that it sets."""
    # What reads scripts takes a while to import, and few manifests hold tasks.
    from portcheck.sources.shell import shell_facts, word_facts

    command = table_at(task).get("cmd") if isinstance(task, dict) else task
    if isinstance(command, str):
        yield from shell_facts(places.text, interest, *places.stretch(command))
    else:
        texts = [text for text in rows_of(command) if isinstance(text, str)]
        yield from word_facts(places.text, interest, [(text, *places.stretch(text)) for text in texts])
    yield from _variables(table_at(task, "env"), places, interest)
