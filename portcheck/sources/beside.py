"""What Python files hold beside calls and names of Python: requirements of a set-up script, and kernels.

Few files hold either, so that each is looked for only where its words stand.
"""

from __future__ import annotations

import ast

from portcheck.model import Fact
from portcheck.pack import Interest

_SETUP = (("setup(", "_requires"), ("setup(", "dependency_links"), ("setup(", "extras_require"))
_KERNELS = (("triton", "jit"), ("cuda.jit",), ("__global__",), ("__device__",))
_WORDS = tuple(tuple(word.encode() for word in group) for group in (*_SETUP, *_KERNELS))


def may_hold_more(data: bytes) -> bool:
    """Whether a file may hold requirements or kernels."""
    return any(all(word in data for word in group) for group in _WORDS)


def more_facts(tree: ast.Module, text: str, interest: Interest) -> tuple[Fact, ...]:
    """The requirements and kernels of a module; `tree` is that of `text`."""
    facts: tuple[Fact, ...] = ()
    if _holds(text, _SETUP):
        from portcheck.sources.setupscript import setup_facts

        facts += setup_facts(tree)
    if _holds(text, _KERNELS):
        from portcheck.sources.pykernels import python_kernels

        facts += python_kernels(tree, interest)
    return facts


def _holds(text: str, groups: tuple[tuple[str, ...], ...]) -> bool:
    return any(all(word in text for word in group) for group in groups)
