"""A glance at a Python file that can hold no fact of its own: its imports, by their spelling.

Enough for the link step to tell which of these files lean on a helper or a re-exported name, and must be read in full.
"""

from __future__ import annotations

import re

from portcheck.model import LIGHT, FileFacts, Import

_FROM = re.compile(r"(?:^|[;:])[ \t]*from[ \t]+(\.*)[ \t]*([\w.]*)[ \t\\\n]+$")
_PLAIN = re.compile(r"(?:^|[;:])[ \t]*$")
_LIST = re.compile(r"[ \t]*\(([^)]{0,40000})|((?:[^\n;#\\]|\\\n){0,40000})")
MAX_HEAD = 300
"""Characters before `import` that are looked at; a module's name and its indentation fit."""

SETTINGS = "settings"
"""The trait of a file that only imports, assigns and chooses, as settings do that are written in Python."""

_RUNS = re.compile(
    r"^(?:(?:def|class|for|while|try|async|assert|raise|del|match)\b|with\b(?![^\n]*\bread_base\b)"
    r"|@|(?!if\b|elif\b)[A-Za-z_][\w.]*[ \t]*\()",
    re.MULTILINE,
)
_MAIN = re.compile(r"^if[ \t]+__name__", re.MULTILINE)


def read_light(text: str, lines: int) -> FileFacts:
    """The imports of a file, also those that only look like imports; no facts."""
    traits = (LIGHT, "main") if _MAIN.search(text) else (LIGHT,)
    return FileFacts(lines=lines, imports=tuple(imports_in(text)), traits=traits)


def only_assigns(text: str) -> bool:
    """Return whether no line of Python text begins a statement that does more than import, assign and choose."""
    return _RUNS.search(text) is None


def imports_in(text: str) -> list[Import]:
    """What looks like an import in Python text, also inside strings; no line numbers."""
    found: list[Import] = []
    place = text.find("import")
    while place >= 0:
        after = place + len("import")
        near = max(0, place - MAX_HEAD)
        head = text[text.rfind("\n", near, place) + 1 or near : place]
        origin = _FROM.search(head)
        if origin is not None or _PLAIN.search(head):
            listed = _LIST.match(text, after)
            names = _parts(listed.group(1) or listed.group(2) or "") if listed else []
            if origin is None:
                found.extend(Import(name, 0, "", alias, 0) for name, alias in names)
            else:
                dots, module = origin.groups()
                found.extend(Import(module, len(dots), name, alias, 0) for name, alias in names)
        place = text.find("import", after)
    return found


def _parts(names: str) -> list[tuple[str, str]]:
    """Names and aliases of an import list, which may stand in parentheses and over several lines with comments."""
    plain = re.sub(r"#[^\n]*", "", names).strip(" \t()\\\r")
    parts = [part.replace("\\", " ").split() for part in plain.split(",")]
    return [(part[0], part[2] if len(part) > 2 else "") for part in parts if part]
