"""INI and TOML to settings with their places, line by line: sections, keys, and values with the parts of lists.

Neither `configparser` nor `tomli` says where a value stands. `tomli` is asked whether a TOML text is valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portcheck.sources.setting import Setting

MAX_LINE = 2000
"""Characters of a line that is read; a longer one is data."""

_SECTION = re.compile(r"[ \t]*\[{1,2}([^\[\]\n]+)\]{1,2}[ \t]*(?:[#;].*)?$")
_KEY = re.compile(r"[ \t]*([\w.\"' -]{1,200}?)[ \t]*[=:][ \t]*(.*)$")
_FENCE = re.compile(r"\"\"\"|'''")
_PART = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^\s,\[\]{}\"'#]+)")
_PAIR = re.compile(r"([\w-]+)[ \t]*=[ \t]*(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^\s,\[\]{}\"'#]+))")
_ASSIGNED = re.compile(r"[ \t]*[\w.\"'-]+[ \t]*=[ \t]*(\S[^\n]*)")
_TOML = re.compile(r"[\"'\[{]|[+-]?(?:\d[\w.:+-]*|inf|nan)[ \t]*(?:#|$)|(?:true|false)[ \t]*(?:#|$)")
_LINE = re.compile(r"at line (\d+)")
_COMMENT = re.compile(r"[ \t][#;].*$")


def line_settings(text: str) -> Iterator[Setting]:
    """The settings of an INI or TOML text, in order."""
    section: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    start, fence, depth = 0, "", 0
    for line in text.split("\n"):
        begin, start = start, start + len(line) + 1
        if len(line) > MAX_LINE or fence or not line.strip() or line.lstrip()[:1] in "#;":
            fence = "" if fence and fence in line else fence
            continue
        header = _SECTION.match(line) if not depth else None
        found = _KEY.match(line) if not (depth or header) else None
        if header:
            section, owner = _keys(header.group(1)), ()
        elif found:
            owner = (*section, *_keys(found.group(1)))
            opened = _FENCE.search(found.group(2))
            fence = opened.group() if opened and found.group(2).count(opened.group()) % 2 else ""
            depth = 0 if fence else _depth(found.group(2))
            yield from () if fence else _values(owner, line, begin, found.start(2))
        elif owner:
            depth = max(0, depth + _depth(line))
            yield from _values(owner, line, begin, 0)


def toml_problem(text: str) -> str:
    """What is wrong with a text that is TOML by its values: all of them look so where it is no fault of theirs.

    INI files hold words without quotes, and are nothing that `tomli` could judge.
    """
    import tomli

    try:
        tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        fault = int(found.group(1)) if found else text.count("\n") + 1
    except RecursionError:
        return "is nested too deeply for TOML"
    else:
        return ""
    values = dict(_assigned(text))
    # A word without quotes is a fault in TOML, and usual in INI.
    plain = values.pop(fault, '"')[:1].isalpha()
    if (
        plain
        or not any(value[:1] in "\"'[{" for value in values.values())
        or not all(map(_TOML.match, values.values()))
    ):
        return ""
    return f"is no valid TOML (line {fault})"


def _assigned(text: str) -> Iterator[tuple[int, str]]:
    """The values that follow a sign on their line, each with the number of the line."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _ASSIGNED.match(line) if len(line) <= MAX_LINE else None
        if found:
            yield number, found.group(1)


def _keys(written: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in written.split(".") if part.strip())


def _depth(value: str) -> int:
    plain = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|#.*", "", value)
    return max(0, plain.count("[") + plain.count("{")) - plain.count("]") - plain.count("}")


def _values(path: tuple[str, ...], line: str, begin: int, at: int) -> Iterator[Setting]:
    """The value of a key, or each part of a list; a value of several words is one where it is not written as a list."""
    value = _COMMENT.sub("", line[at:]).strip()
    if value.startswith("{"):
        for pair in _PAIR.finditer(line, at):
            number, text = next((index, group) for index, group in enumerate(pair.groups()[1:], 2) if group is not None)
            yield Setting((*path, pair.group(1)), text, begin + pair.start(number), begin + pair.end(number))
    elif value.startswith("[") or not at:
        parts: list[re.Match[str]] = list(_PART.finditer(line, at))
        for part in parts:
            text = next(group for group in part.groups() if group is not None)
            yield Setting(path, text, begin + part.start(), begin + part.end())
    elif value:
        yield Setting(path, value.strip("\"'"), begin + at, begin + at + len(value))
