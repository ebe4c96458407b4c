"""JSON to settings with their places: a scan of the tokens with an explicit stack, so that depth costs nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from portcheck.records import NamedTuple
from portcheck.sources.setting import Setting

MAX_DEPTH = 100
"""Levels that a path tells apart; what is nested more deeply is left out."""


class _Level(NamedTuple):
    """A table or a list that is open, and the keys that lead to it."""

    path: tuple[str, ...]
    is_list: bool


_TOKEN = re.compile(
    r"(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<sign>[{}\[\]:,])|(?P<word>[^\s\"{}\[\]:,/]+)|(?P<note>//[^\n]*|/\*.*?(?:\*/|\Z))",
    re.DOTALL,
)


_NOTE = re.compile(r"(\"(?:[^\"\\]|\\.)*\")|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LAST_COMMA = re.compile(r"(\"(?:[^\"\\]|\\.)*\")|,(?=\s*[}\]])", re.DOTALL)
"""Strings are matched, too, so that what looks like either inside them stays."""


def json_value(text: str) -> tuple[Any, str]:
    """The value of a JSON text, and what is wrong with it; empty when nothing is.

    Comments and a comma after the last item are no fault: settings of editors and containers have them.
    """
    value, problem = _loaded(text)
    if problem:
        plain = _LAST_COMMA.sub(r"\1", _NOTE.sub(r"\1", text))
        found, fault = _loaded(plain) if plain != text else (None, problem)
        return (None, problem) if fault else (found, "")
    return value, ""


def _loaded(text: str) -> tuple[Any, str]:
    try:
        return json.loads(text), ""
    except ValueError as error:
        return None, f"is no valid JSON: {error}"
    except RecursionError:
        return None, "is nested too deeply for a JSON parser"


def settings_in(value: Any) -> Iterator[Setting]:
    """The settings of a JSON value without their places: quicker than the scan, which most files are then spared.

    A table under an address (`"features": {"ghcr.io/...": {}}`) is also an item of the table above, by that address.
    """
    todo: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while todo:
        path, item = todo.pop()
        if isinstance(item, dict):
            todo.extend(((*path, key), inner) for key, inner in item.items())
            if path:
                todo.extend((path, key) for key, inner in item.items() if "/" in key and isinstance(inner, dict))
        elif isinstance(item, list):
            todo.extend((path, inner) for inner in item)
        elif path:
            yield Setting(path, item if isinstance(item, str) else json.dumps(item), 0, 0)


def json_settings(text: str) -> Iterator[Setting]:
    """The settings of a JSON text, also of one that breaks off or has comments, in order, as `settings_in` has them."""
    stack: list[_Level] = []
    key = ""
    pending: re.Match[str] | None = None
    named: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        sign = token.group() if token.lastgroup == "sign" else ""
        if token.lastgroup in ("string", "word"):
            pending = token
        elif sign == ":":
            key, named, pending = (_plain(pending.group()) if pending else ""), pending, None
        elif sign:
            path = _path(stack, key)
            if pending is not None and path:
                yield Setting(path, _plain(pending.group()), pending.start(), pending.end())
            pending = None
            if sign == "{" and "/" in key and named and path[:-1]:
                yield Setting(path[:-1], key, named.start(), named.end())
            if sign in "{[":
                stack.append(_Level(path, sign == "["))
            elif sign in "}]" and stack:
                stack.pop()
            key = ""
    path = _path(stack, key)
    if pending is not None and path:
        yield Setting(path, _plain(pending.group()), pending.start(), pending.end())


def _path(stack: list[_Level], key: str) -> tuple[str, ...]:
    """The keys that lead to a value: those of the table and its own, or those of the list that it is in."""
    if stack and stack[-1].is_list:
        return stack[-1].path
    above = stack[-1].path if stack else ()
    return (*above, key) if key and len(above) < MAX_DEPTH else ()


def _plain(written: str) -> str:
    if not written.startswith('"'):
        return written
    try:
        return str(json.loads(written, strict=False))
    except ValueError:
        return written[1:-1]
