"""Functions whose names say that they do without kernels: a reference, a fall-back, plain PyTorch."""

from __future__ import annotations

import re
from collections.abc import Iterable

from portcheck.model import Definition

PLAIN = "plain:"
"""What a trait begins with that names such a function and its line."""

MAX_NAMES = 40
"""Functions of a file that are named."""

_NAME = re.compile(
    r"(?:.*_)?(?:ref|reference|torch|pytorch|native|naive|python|py|pure|fallback|eager|slow|vanilla|cpu)(?:_\w+)?"
    r"|.*(?:Reference|PyTorch|Naive|Fallback|Native|Eager)"
)
_OTHER = re.compile(
    r"(?:to|is|has|test|from|get|set|load|save|use|import|check|as|convert|init|on|run)_|.*_(?:to|from)_"
)


def plain(definitions: Iterable[Definition]) -> tuple[str, ...]:
    """Return the traits of the definitions that do without kernels, by their names."""
    last = ((definition.name.rpartition(".")[2], definition.line) for definition in definitions)
    named = [(name, line) for name, line in last if _NAME.fullmatch(name) and not _OTHER.match(name.lstrip("_"))]
    return tuple(f"{PLAIN}{name}:{line}" for name, line in named[:MAX_NAMES])
