"""YAML to settings with their places, from the events of the parser: nothing is built, expanded or nested in calls.

An alias stands for the text that its anchor marks when that is a plain value; tables and lists are not repeated, which
is what makes a small file explode elsewhere. What does not parse, templates above all, is read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from portcheck.records import NamedTuple
from portcheck.sources.setting import Setting

MAX_DEPTH = 100
"""Levels of tables and lists; a text with more is read by lines, since parsers take far too long over it."""

MAX_LINE = 2000
"""Characters of a line that is read by itself."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE = re.compile(
    r"(?P<indent>[ ]*(?:-[ ]+)*)(?:(?P<key>[\w./-]+|\"[^\"\n]*\"|'[^'\n]*'):(?=[ \t]|$))?[ \t]*(?P<value>[^\n]*)$"
)
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")
_DIRECTIVE = re.compile(r"[ \t]*(?:\{[{%]|%\{).*")
_TEMPLATE = re.compile(r"\{\{|\{%|<%|%\{")
_TOLD = re.compile(r"\"([\w.:-]+/[\w./:-]+)\"")
_REMARK = re.compile(r"\{\{-?[ \t]*/\*.*?\*/[ \t]*-?\}\}|\{#.*?#\}", re.DOTALL)


class _Level:
    """A table or list that is open: the keys that lead to it, and for a table the key that waits for its value."""

    __slots__ = ("is_list", "key", "path")

    def __init__(self, path: tuple[str, ...], is_list: bool) -> None:
        self.path = path
        self.is_list = is_list
        self.key: str | None = None


class YamlSettings(NamedTuple):
    """The settings of a text in order, and what is wrong with it: then they were read by lines."""

    settings: tuple[Setting, ...]
    problem: str = ""


def yaml_settings(text: str) -> YamlSettings:
    """The settings of all documents of a YAML text."""
    found: list[Setting] = []
    try:
        found.extend(_events(text))
    except yaml.YAMLError as error:
        if _TEMPLATE.search(text):
            return YamlSettings(tuple(_lines(text)), "is a template, read line by line")
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" (line {line + 1})" if line is not None else ""
        return YamlSettings(tuple(_lines(text)), f"is no valid YAML{where}")
    except (ValueError, RecursionError) as error:
        return YamlSettings(tuple(_lines(text)), f"cannot be read as YAML: {error}")
    return YamlSettings(tuple(found))


def _events(text: str) -> Iterator[Setting]:
    stack: list[_Level] = []
    anchors: dict[str, str] = {}
    loader = _LOADER(text)
    while loader.check_event():
        event = loader.get_event()
        if isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
            value = event.value if isinstance(event, yaml.ScalarEvent) else anchors.get(event.anchor or "")
            if isinstance(event, yaml.ScalarEvent) and event.anchor:
                anchors[event.anchor] = event.value
            path = _take(stack, value)
            if value is not None and path and event.start_mark and event.end_mark:
                yield Setting(path, value, event.start_mark.index, event.end_mark.index)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            stack.append(_Level(_path(stack), isinstance(event, yaml.SequenceStartEvent)))
            if len(stack) > MAX_DEPTH:
                raise ValueError(f"more than {MAX_DEPTH} levels")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            stack.pop()
            if stack:
                stack[-1].key = None


def _path(stack: list[_Level]) -> tuple[str, ...]:
    """The keys that lead to the value which is next."""
    if not stack:
        return ()
    top = stack[-1]
    return top.path if top.is_list or top.key is None else (*top.path, top.key)


def _take(stack: list[_Level], value: str | None) -> tuple[str, ...]:
    """The keys that lead to a scalar; none when it is itself a key, or stands alone."""
    top = stack[-1] if stack else None
    if top is None or (not top.is_list and top.key is None):
        if top is not None:
            top.key = value or ""
        return ()
    path = _path(stack)
    if not top.is_list:
        top.key = None
    return path


def _lines(text: str) -> Iterator[Setting]:
    """Settings by indentation and colons alone, with the keys of less indented lines before them."""
    above: list[tuple[int, str]] = []
    start = 0
    for line in _REMARK.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text).split("\n"):
        begin, start = start, start + len(line) + 1
        if len(line) <= MAX_LINE and _DIRECTIVE.match(line):
            # A template's own line is no value of the key above; what it names stands in quotes.
            for told in _TOLD.finditer(line):
                yield Setting(("template",), told[1], begin + told.start(1), begin + told.end(1))
            continue
        found = _LINE.match(_COMMENT.sub("", line.rstrip("\r"))) if len(line) <= MAX_LINE else None
        if found is None or not (found["key"] or found["value"]):
            continue
        depth = len(found["indent"])
        while above and above[-1][0] >= depth + (not found["key"]):
            above.pop()
        if found["key"]:
            above = [*above[-MAX_DEPTH:], (depth, found["key"].strip("\"'"))]
        value = found["value"].strip().strip("\"'")
        if value and above:
            path = tuple(key for _, key in above)
            yield Setting(path, value, begin + found.start("value"), begin + found.start("value") + len(value))
