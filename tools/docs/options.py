"""The keys of the configuration, from the type that holds them and from the options of the same names."""

from __future__ import annotations

from portcheck.cli import portcheck
from portcheck.config import Config
from portcheck.inforce import keys, said
from tools.docs.markdown import code, plain, table

_TABLES = {
    "effort": "table",
    "per_file_ignores": "table of lists of texts",
    "per_file_roles": "table of texts",
    "per_file_fail_on": "table of texts",
}
_TYPES = {str: "text", int: "whole number", bool: "true or false", tuple: "list of texts"}


def part() -> str:
    """Return the table of all keys."""
    known = said(portcheck)
    return table(["key", "value", "default", "what"], [_row(name, *known[name]) for name in keys()])


def _row(name: str, what: str, default: str) -> list[str]:
    kind = _TABLES.get(name) or _TYPES[type(Config._field_defaults[name])]
    return [code(name.replace("_", "-")), kind, plain(default), plain(what)]
