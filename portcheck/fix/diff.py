"""A change as a unified diff that `git apply` takes."""

from __future__ import annotations

import difflib
import re
from typing import Iterator

_ODD = re.compile(r'[\x00-\x1f"\\\x7f-\uffff]')
_NO_END = "\\ No newline at end of file\n"


def unified(path: str, old: str, new: str) -> Iterator[str]:
    """Yield the lines of the diff of one file; `old` is empty for a file that is made."""
    before, after = (f'"{_quoted(f"{side}/{path}")}"' if _ODD.search(path) else f"{side}/{path}" for side in "ab")
    yield f"diff --git {before} {after}\n"
    if not old:
        yield "new file mode 100644\n"
    names = (before if old else "/dev/null", after)
    lines = difflib.unified_diff(_lines(old), _lines(new), *names, lineterm="\n")
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{_NO_END}"


def _lines(text: str) -> list[str]:
    """The lines of a text as git counts them, with their ends."""
    return [line + "\n" for line in text.split("\n")[:-1]] + [line for line in text.split("\n")[-1:] if line]


def _quoted(path: str) -> str:
    """A path in quotes as git writes it: bytes that are not plain in octal."""

    def octal(found: re.Match[str]) -> str:
        return "".join(f"\\{byte:03o}" for byte in found.group().encode("utf-8", "surrogateescape"))

    return _ODD.sub(octal, path)
