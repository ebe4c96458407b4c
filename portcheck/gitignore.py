"""Ignore files: which paths do the lines of a `.gitignore` (or of `--exclude`) leave out.

`pathspec` says what a line matches. It is asked only about lines that can match by the literal end of their text, and
imported only then, because a regular expression for each line and file would cost more than all else in finding files.
A line speaks of an entry itself: what lies below an ignored folder is never asked about, as the folder is not entered.

Source of the rules: the manual page gitignore(5); the tests compare with `git check-ignore`.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from re import Pattern

from portcheck.records import NamedTuple

MAX_BYTES = 1 << 20
"""How much of an ignore file is read."""

MAX_STARS = 3
"""How many single stars a line may have between two slashes; one with more is not applied: it could take for ever."""

MAX_DOUBLE_STARS = 2
"""How many `**` a line may have, for the same reason; those in a row count as one."""

_SPECIAL = re.compile(r"[*?\[\]\\]")
_CLASS_AT_END = re.compile(r"([^*?\[\]\\]*)\[([^!^\[\]\\-]+)\]$")


class Line(NamedTuple):
    """One line: its text without a closing slash, and whether it is for folders only and looks at the whole path."""

    text: str
    folders_only: bool
    whole_path: bool


class Rules(NamedTuple):
    """The lines of one ignore file, in order; their indexes by the name or the end of the last component they match.

    `always` are those whose last component can end in anything, `ends` the endings in `by_end`.
    """

    lines: tuple[Line, ...]
    by_name: dict[str, tuple[int, ...]]
    by_end: tuple[tuple[str, int], ...]
    ends: tuple[str, ...]
    always: tuple[int, ...]


def parse(text: str) -> Rules:
    """Return the rules in the text of an ignore file; comments, blank lines and lines past the bounds are left out."""
    lines = tuple(line for line in map(_line, text.lstrip("\ufeff").split("\n")) if line)
    by_name: dict[str, list[int]] = {}
    by_end: list[tuple[str, int]] = []
    for index, line in enumerate(lines):
        last = line.text.lstrip("!").rpartition("/")[2]
        if _SPECIAL.search(last):
            by_end.extend((end, index) for end in _ends(last))
        else:
            by_name.setdefault(last, []).append(index)
    named = {name: tuple(found) for name, found in by_name.items()}
    some = tuple((end, index) for end, index in by_end if end)
    always = tuple(index for end, index in by_end if not end)
    return Rules(lines, named, some, tuple({end for end, _ in some}), always)


def verdict(rules: Rules, path: str, name: str, is_folder: bool) -> bool | None:
    """Return whether the rules ignore an entry: True, False (taken in again by a `!` line) or None (not mentioned).

    `path` is relative to the folder of the ignore file, with slashes and none at the end; `name` is its last component.
    """
    for index in reversed(_candidates(rules, name)):
        line = rules.lines[index]
        if line.folders_only and not is_folder:
            continue
        compiled = _compiled(line.text)
        if compiled and _matches(compiled[1], path if line.whole_path else name):
            return compiled[0]
    return None


def invalid(pattern: str) -> bool:
    """Return whether a line given by the user can never match anything, so that it must be a mistake."""
    line = _line(pattern)
    return line is None or _compiled(line.text) is None


def _line(raw: str) -> Line | None:
    """Return a raw line taken apart, or None when it holds no pattern."""
    raw = raw[:-1] if raw.endswith("\r") else raw
    text = raw if raw.endswith("\\ ") else raw.rstrip()
    if not text or text.startswith("#"):
        return None
    folders_only = text.endswith("/")
    text = text[:-1] if folders_only else text
    parts = text.split("/")
    doubles = sum(part == "**" != after for part, after in zip(parts, [*parts[1:], ""]))
    stars = max(len(re.findall(r"\*+", part)) for part in parts)
    if stars > MAX_STARS or doubles > MAX_DOUBLE_STARS:
        return None
    return Line(text, folders_only, len(parts) > 1)


def _ends(component: str) -> tuple[str, ...]:
    """Return texts in one of which all that matches a component ends; an empty one when there are no such texts."""
    choice = _CLASS_AT_END.search(component)
    if choice and "\\" not in component:
        return tuple(choice[1] + letter for letter in choice[2])
    return (_SPECIAL.split(component)[-1],)


def _candidates(rules: Rules, name: str) -> tuple[int, ...]:
    """Return the indexes of the lines that may match an entry of this name, in order."""
    found = rules.by_name.get(name, ()) + rules.always
    if name.endswith(rules.ends):
        found += tuple(index for end, index in rules.by_end if name.endswith(end))
    return tuple(sorted(found)) if len(found) > 1 else found


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[bool, Pattern[str]] | None:
    """Return whether a line ignores, and its expression; None when it is not a valid pattern, which git passes over."""
    from pathspec import GitIgnoreSpec, RegexPattern

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            (pattern,) = GitIgnoreSpec.from_lines([text], backend="simple").patterns
    except (ValueError, re.error):
        return None
    if not isinstance(pattern, RegexPattern) or pattern.include is None or pattern.regex is None:
        return None
    return pattern.include, pattern.regex


def _matches(regex: Pattern[str], path: str) -> bool:
    """Return whether an expression of pathspec matches the path itself, not only a folder above it.

    The one group in such an expression is the slash behind a folder that matched. A newline in a name is replaced by a
    character that no pattern holds, since `$` would match before it and `.` would not match it.
    """
    match = regex.search(path.replace("\n", "\0"))
    return match is not None and match.lastindex is None
