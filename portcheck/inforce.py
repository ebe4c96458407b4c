"""The options in force as a TOML that means the same, each with where it came from; and their JSON Schema."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import click

from portcheck.config import COMMAND_LINE_ONLY, FAIL_ON, MAX_JOBS, STRATEGIES, Config, Resolved, escaped
from portcheck.model import Category, Role, Work
from portcheck.prices import KEYS, Overrides

TABLES = {
    "effort": "What days cost, in the place of the prices of portcheck",
    "per_file_ignores": "What is not reported in files that match a pattern, as for --ignore",
    "per_file_roles": "What the files that match a pattern are for, in the place of what their path says",
    "per_file_fail_on": "The least work that fails a gate in files that match a pattern",
}
"""Keys that are tables, and no options of the command line."""

_WIDEST = 60
_ID = "urn:portcheck:config:1"
_SELECTOR = "^PC[0-9]{0,3}$"


def keys() -> tuple[str, ...]:
    """Return the fields of Config that a configuration file can have."""
    return tuple(name for name in Config._fields if name not in COMMAND_LINE_ONLY)


def said(commands: click.Group) -> dict[str, tuple[str, str]]:
    """Return what each key means and what it is unless it is given, as the help of the commands says it."""
    found = {name: (text, "") for name, text in TABLES.items()}
    for command in commands.commands.values():
        for option in command.params:
            if isinstance(option, click.Option) and option.name in Config._fields:
                text, _, default = (option.help or "").partition(" [default: ")
                found.setdefault(option.name, (text, default.rstrip("]")))
    return {name: found[name] for name in keys()}


def lines(resolved: Resolved) -> Iterator[str]:
    """Yield the options as TOML that a `portcheck.toml` could hold, each with its origin in a comment."""
    yield f"# configuration file: {_shown(str(resolved.file) if resolved.file else 'none')}\n"
    rows = [(name, _value(name, resolved)) for name in keys()]
    texts = [(name, _line(_key(name), value)) for name, value in rows if not isinstance(value, dict) or not value]
    width = min(max(len(text) for _, text in texts), _WIDEST)
    for name, text in texts:
        yield f"{text:{width}}  # {_origin(name, resolved)}\n"
    for name, value in rows:
        if isinstance(value, dict) and value:
            yield from _table(_key(name), value, _origin(name, resolved))


def document(resolved: Resolved) -> str:
    """Return the options as JSON: the value of each and where it came from."""
    options = {_key(name): {"value": _value(name, resolved), "origin": _origin(name, resolved)} for name in keys()}
    file = str(resolved.file) if resolved.file else None
    return json.dumps({"schema": "portcheck-config/1", "file": file, "options": options}, indent=1) + "\n"


def schema(commands: click.Group) -> dict[str, Any]:
    """Return the JSON Schema of `portcheck.toml` and of the table `tool.portcheck`, for editors."""
    about = said(commands)
    properties = {_key(name): {"description": about[name][0], **_kind(name)} for name in keys()}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": _ID,
        "title": "portcheck",
        "description": "The configuration of portcheck: portcheck.toml, or tool.portcheck in pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _kind(name: str) -> dict[str, Any]:
    """What values a key takes."""
    text: dict[str, Any] = {"type": "string", "minLength": 1, "pattern": "\\S"}
    default: object = Config._field_defaults[name]
    special = _special(text).get(name)
    if special is not None:
        return special
    if isinstance(default, bool):
        return {"type": "boolean", "default": default}
    if isinstance(default, tuple):
        return {"type": "array", "items": text}
    return {"type": "string", "default": default} if default else {"type": "string"}


def _special(text: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The keys whose values are among a few, or are tables."""
    from portcheck.pack import targets
    from portcheck.report import FORMATS

    names = sorted({*(each.value for each in Category), *(each.value for each in Work)})
    selectors = {"type": "array", "items": {"anyOf": [{"enum": names}, {"type": "string", "pattern": _SELECTOR}]}}
    roles = [role.value + end for role in Role for end in ("", "s")]
    return {
        "target": {"enum": sorted(targets()), "default": "ascend"},
        "strategy": {"enum": list(STRATEGIES), "default": Config().strategy},
        "output_format": {"enum": list(FORMATS)},
        "fail_on": {"enum": list(FAIL_ON)},
        "jobs": {"type": "integer", "minimum": 0, "maximum": MAX_JOBS, "default": 0},
        "select": selectors,
        "ignore": selectors,
        "include_role": {"type": "array", "items": {"enum": roles}},
        "per_file_ignores": {"type": "object", "additionalProperties": selectors},
        "per_file_roles": {"type": "object", "additionalProperties": {"enum": roles}},
        "per_file_fail_on": {"type": "object", "additionalProperties": {"enum": list(FAIL_ON)}},
        "effort": _effort(),
    }


def _effort() -> dict[str, Any]:
    """The table of prices, with the names there are."""
    from portcheck.prices import load

    prices = load()
    price = {"type": "number", "minimum": 0}
    days = {"anyOf": [price, {"type": "array", "items": price, "minItems": 3, "maxItems": 3}]}
    items = [item.name for item in prices.items]
    both = [*items, *(package.name for package in prices.packages)]
    kinds: list[dict[str, Any]] = [
        {"description": "Lines that a porter edits in a day.", **days},
        {
            "description": "Days for one of a kind of work.",
            "type": "object",
            "additionalProperties": False,
            "properties": {item.name: {"description": f"{item.title}.", **days} for item in prices.items},
        },
        {"description": "What the team knows already.", "type": "array", "items": {"enum": items}},
        {"description": "What is not to be done.", "type": "array", "items": {"enum": both}},
    ]
    return {"type": "object", "additionalProperties": False, "properties": dict(zip(KEYS, kinds))}


def _value(name: str, resolved: Resolved) -> Any:
    """A value as JSON and TOML know it, with patterns and paths as the file has them that they come from."""
    value = getattr(resolved.config, name)
    home = os.path.dirname(os.path.realpath(resolved.file)) if resolved.file else ""
    inside = str(resolved.file) == resolved.origins[name]
    if name == "effort":
        return _prices(value) if value else {}
    if name in TABLES:
        return {
            _below(pattern, home, inside): list(each) if isinstance(each, tuple) else each for pattern, each in value
        }
    if name == "baseline":
        return os.path.relpath(value, home).replace(os.sep, "/") if inside and value else value
    if name == "exclude":
        return [_below(pattern, home, inside) for pattern in value]
    return list(value) if isinstance(value, tuple) else value


def _below(pattern: str, home: str, inside: bool) -> str:
    """A pattern of a file as it counts from the folder of that file."""
    for start in (home, escaped(home)):
        place = start.replace(os.sep, "/").rstrip("/") + "/"
        if inside and pattern.startswith(place):
            rest = pattern[len(place) :]
            return rest if rest.startswith("**/") else f"/{rest}"
    return pattern


def _prices(said: Overrides) -> dict[str, Any]:
    found: dict[str, Any] = {KEYS[2]: list(said.known), KEYS[3]: list(said.skip)}
    if said.per_day:
        found[KEYS[0]] = list(said.per_day)
    return {**found, KEYS[1]: {name: list(each) for name, each in said.days}} if said.days else found


def _line(name: str, value: object) -> str:
    """A key and its value; a text or table that nobody gave is a comment, as a file need not hold it."""
    return f"# {name}" if value in ("", {}) else f"{name} = {_toml(value)}"


def _table(name: str, value: Mapping[str, Any], origin: str) -> Iterator[str]:
    yield f"\n[{name}]  # {origin}\n"
    inner = {key: each for key, each in value.items() if isinstance(each, dict)}
    yield from (f"{_bare(key)} = {_toml(each)}\n" for key, each in value.items() if key not in inner)
    for key, each in inner.items():
        yield f"\n[{name}.{_bare(key)}]\n"
        yield from (f"{_bare(item)} = {_toml(days)}\n" for item, days in each.items())


def _toml(value: object) -> str:
    """A text, number, truth value or list of these as TOML, which writes them as JSON does."""
    return json.dumps(value)


def _bare(key: str) -> str:
    return key if key.replace("-", "").isalnum() and key.isascii() else json.dumps(key)


def _origin(name: str, resolved: Resolved) -> str:
    origin = resolved.origins[name]
    if resolved.file is None or origin != str(resolved.file):
        return origin
    table = "tool.portcheck." if resolved.file.name == "pyproject.toml" else ""
    return f"{_shown(os.path.relpath(resolved.file))}: {table}{_key(name)}"


def _shown(path: str) -> str:
    from portcheck.report.escape import escape

    return escape(path)


def _key(name: str) -> str:
    return name.replace("_", "-")
