"""Files that are for one device alone, as their path says: `csrc/rocm/attention.cu`, `requirements/xpu.txt`."""

from __future__ import annotations

import re

from portcheck.packtypes import TargetPack

_SIGNS = re.compile(r"[^a-z0-9]+")


def device_of(path: str, about: TargetPack) -> str:
    """Return the device that a file is for, by the words of its POSIX path below the root; empty where none is named.

    The last part of the path that names one counts, unless it or a part below it says that the file serves several.
    """
    for part in reversed(path.lower().split("/")):
        words = _SIGNS.split(part)
        if not set(words).isdisjoint(about.together):
            return ""
        found = next((word for word in about.apart if word in words), "")
        if found:
            return found
    return ""
