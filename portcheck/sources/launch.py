"""Which programs the commands of a script start: the Python files and modules that launch scripts name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import dropwhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portcheck.sources.commandline import Word

STARTS = "starts:"
"""What a trait begins with that names a program which a script starts: a path, or `-m` and a module."""

_ASSIGNED = re.compile(r"[A-Za-z_]\w*[:?+]?=")
_LAUNCHER = (
    r"python[\d.]*|torchrun|accelerate|deepspeed|colossalai|horovodrun|mpirun|mpiexec|srun|ray|uv|poetry|pdm|conda"
    r"|nohup|exec|time|sudo|env|nsys|\$.*|.*\.py"
)
_LAUNCHERS = frozenset({"torch", "accelerate", "deepspeed", "colossalai", "horovod", "pip", "pytest", "unittest"})
"""Packages whose modules start another program, or are none of the repository's."""


def started(commands: Iterable[Sequence[Word]]) -> tuple[str, ...]:
    """Return the traits that name what the commands start, each once, sorted."""
    return tuple(sorted({STARTS + found for words in commands if (found := _program([word.text for word in words]))}))


def _program(texts: Sequence[str]) -> str | None:
    """The program of a command, of which launchers may stand before it, and arguments after it."""
    words = list(dropwhile(_ASSIGNED.match, texts))
    if not words or not re.fullmatch(_LAUNCHER, words[0].rpartition("/")[2]):
        return None
    for text, behind in zip(words, [*words[1:], ""]):
        if text.endswith(".py"):
            return text
        if text == "-m" and behind.partition(".")[0] not in _LAUNCHERS:
            return f"-m {behind}"
    return None
