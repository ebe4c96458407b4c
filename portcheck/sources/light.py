"""A glance at a Python file that can hold no fact of its own: its imports, by their spelling.

Enough for the link step to tell which of these files lean on a helper or a re-exported name, and must be read in full.
"""

from __future__ import annotations

import re

from portcheck.model import FileFacts, Import

LIGHT = "light"
"""The trait of a file that was only glanced at."""

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(\([^)]{0,4000}\)|[^\n;#]*)|import[ \t]+([^\n;#]+))",
    re.MULTILINE,
)
_MAIN = re.compile(r"^if[ \t]+__name__", re.MULTILINE)


def read_light(text: str, lines: int) -> FileFacts:
    """The imports of a file, also those that only look like imports; no facts."""
    found: list[Import] = []
    for match in _IMPORT.finditer(text):
        dots, module, names, modules = match.groups()
        if modules is not None:
            found.extend(Import(name, 0, "", alias, 0) for name, alias in _parts(modules))
        else:
            found.extend(Import(module, len(dots), name, alias, 0) for name, alias in _parts(names))
    traits = (LIGHT, "main") if _MAIN.search(text) else (LIGHT,)
    return FileFacts(lines=lines, imports=tuple(found), traits=traits)


def _parts(names: str) -> list[tuple[str, str]]:
    """Names and aliases of an import list, which may stand in parentheses and over several lines with comments."""
    plain = re.sub(r"#[^\n]*", "", names).strip(" \t()\\\r")
    parts = [part.replace("\\", " ").split() for part in plain.split(",")]
    return [(part[0], part[2] if len(part) > 2 else "") for part in parts if part]
