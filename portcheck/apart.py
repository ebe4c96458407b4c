"""Code that is for one device alone, as its names say: `csrc/rocm/attention.cu`, `requirements/xpu.txt`,
`is_torch_hpu_available`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from portcheck.packtypes import TargetPack

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def device_of(path: str, scope: str, about: TargetPack) -> str:
    """Return the device that code is for, by the words of its file's POSIX path below the root and of the functions and
    classes around it (`Class.method`); empty where none is named.

    The innermost name of a device counts, unless that name or one within it says that several are served.
    """
    return _device_of(path, scope, about.apart, about.together)


@lru_cache(maxsize=8192)
def _device_of(path: str, scope: str, apart: tuple[str, ...], together: tuple[str, ...]) -> str:
    for part in reversed((*path.split("/"), *scope.split("."))):
        words = {word.lower() for word in _WORD.findall(part)}
        if not words.isdisjoint(together):
            return ""
        found = next((word for word in apart if word in words), "")
        if found:
            return found
    return ""
