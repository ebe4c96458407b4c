"""The keys of the configuration, from the type that holds them and from the options of the same names."""

from __future__ import annotations

from typing import Dict, List

import click

from portcheck.cli import portcheck
from portcheck.config import Config
from tools.docs.markdown import code, plain, table

_TABLES = {
    "effort": ("table", "What days cost, in the place of the prices of portcheck"),
    "per_file_ignores": ("table of lists of texts", "What is not reported in files that match a pattern"),
}
_TYPES = {str: "text", int: "whole number", bool: "true or false", tuple: "list of texts"}
_COMMAND_LINE_ONLY = {"output"}


def part() -> str:
    """Return the table of all keys."""
    said = _said()
    return table(["key", "value", "default", "what"], [_row(name, said) for name in Config._fields if name in said])


def _row(name: str, said: Dict[str, str]) -> List[str]:
    default = Config._field_defaults[name]
    kind = _TABLES[name][0] if name in _TABLES else _TYPES[type(default)]
    shown = {True: "true", False: "false"}.get(default, str(default)) if default else ""
    return [code(name.replace("_", "-")), kind, code(shown) if shown else "", plain(said[name])]


def _said() -> Dict[str, str]:
    """What each key is, as the help of the commands says it."""
    said = {name: what for name, (_, what) in _TABLES.items()}
    for command in portcheck.commands.values():
        for option in command.params:
            if isinstance(option, click.Option) and option.name in Config._fields:
                said.setdefault(option.name, (option.help or "").partition(" [default")[0])
    return {name: what for name, what in said.items() if name not in _COMMAND_LINE_ONLY}
