"""What Python files hold beside calls and names of Python: requirements of a set-up script, kernels, and packages that
commands install.

Few files hold any of these, so that each is looked for only where its words stand.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from portcheck.model import Fact
from portcheck.pack import Interest
from portcheck.patterns import literal_of

_SETUP = (("setup(", "_requires"), ("setup(", "dependency_links"), ("setup(", "extras_require"))
_KERNELS = (
    ("triton", "jit"),
    ("cuda.jit",),
    ("@cute.",),
    ("@cutlass.cute.",),
    ("@ct.kernel",),
    ("__global__",),
    ("__device__",),
)
_INSTALLS = (
    ('"install"',),
    ("'install'",),
    ("subprocess", " install "),
    ("system", " install "),
    ("popen", " install "),
)
_WORDS = tuple(tuple(word.encode() for word in group) for group in (*_SETUP, *_KERNELS, *_INSTALLS))


def may_hold_more(data: bytes, interest: Interest) -> bool:
    """Whether a file may hold requirements, kernels, commands that install, or images."""
    if any(all(word in data for word in group) for group in _WORDS):
        return True
    return any(word in data for word in _image_words(interest))


@lru_cache(maxsize=4)
def _image_words(interest: Interest) -> tuple[bytes, ...]:
    """A part of each pattern of images: a file without any names none."""
    return tuple({literal_of(glob).encode() for glob in dict(interest.others).get("image", ())})


def more_facts(tree: ast.Module, text: str, interest: Interest) -> tuple[Fact, ...]:
    """The requirements, kernels and installed packages of a module; `tree` is that of `text`."""
    facts: tuple[Fact, ...] = ()
    if _holds(text, _SETUP):
        from portcheck.sources.setupscript import setup_facts

        facts += setup_facts(tree)
    if _holds(text, _KERNELS):
        from portcheck.sources.pykernels import python_kernels

        facts += python_kernels(tree, interest)
    if _holds(text, _INSTALLS):
        from portcheck.sources.pyinstalls import installs_in

        facts += tuple(installs_in(tree, text))
    return facts


def _holds(text: str, groups: tuple[tuple[str, ...], ...]) -> bool:
    return any(all(word in text for word in group) for group in groups)
