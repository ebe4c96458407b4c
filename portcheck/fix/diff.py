"""A change as a unified diff that `git apply` takes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from itertools import islice

from portcheck.records import NamedTuple

_ODD = re.compile(r'[\x00-\x1f"\\\x7f-\uffff]')
_HEAD = re.compile(r"@@ -(\d+)(.*) \+(\d+)(.*)")
_NO_END = "\\ No newline at end of file\n"
_CONTEXT = 3
_ALIKE = 2 * _CONTEXT + 1
"""Lines between changes that are shown apart from each other."""
_FAR = 100
"""Lines after which texts that do not go on alike are left to a closer look as a whole."""


class _Stretch(NamedTuple):
    """Lines of the old and the new text, from and to, that hold changes; before and behind them both are the same."""

    first: int
    last: int
    start: int
    stop: int


def unified(path: str, old: str, new: str) -> Iterator[str]:
    """Yield the lines of the diff of one file; `old` is empty for a file that is made."""
    before, after = (f'"{_quoted(f"{side}/{path}")}"' if _ODD.search(path) else f"{side}/{path}" for side in "ab")
    yield f"diff --git {before} {after}\n"
    if not old:
        yield "new file mode 100644\n"
    yield f"--- {before if old else '/dev/null'}\n"
    yield f"+++ {after}\n"
    for line in _hunks(_lines(old), _lines(new)):
        yield line if line.endswith("\n") else f"{line}\n{_NO_END}"


def _hunks(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines of all hunks; only what is around changes is looked at closely, as that takes long."""
    for first, last, start, stop in _changed(old, new):
        more = min(_CONTEXT, first, start)
        before, after = old[first - more : last + _CONTEXT], new[start - more : stop + _CONTEXT]
        for line in islice(difflib.unified_diff(before, after, n=_CONTEXT), 2, None):
            yield _moved(line, first - more, start - more) if line.startswith("@@") else line


def _moved(head: str, down: int, across: int) -> str:
    """The head of a hunk in texts that have so many lines more before it."""
    return _HEAD.sub(lambda at: f"@@ -{int(at[1]) + down}{at[2]} +{int(at[3]) + across}{at[4]}", head)


def _changed(old: list[str], new: list[str]) -> Iterator[_Stretch]:
    at = there = 0
    while True:
        same = next((step for step, (one, other) in enumerate(zip(old[at:], new[there:])) if one != other), None)
        if same is None:
            same = min(len(old) - at, len(new) - there)
        at, there = at + same, there + same
        if at == len(old) and there == len(new):
            return
        end, stop = _again(old, new, at, there)
        yield _Stretch(at, end, there, stop)
        at, there = end, stop


def _again(old: list[str], new: list[str], at: int, there: int) -> tuple[int, int]:
    """The nearest lines from which both texts go on alike for long enough, or to their end."""
    for far in range(1, _FAR):
        for skipped in range(max(0, far - len(new) + there), min(far, len(old) - at) + 1):
            first, start = at + skipped, there + far - skipped
            alike = old[first : first + 1] == new[start : start + 1]
            if alike and old[first : first + _ALIKE] == new[start : start + _ALIKE]:
                return first, start
    return len(old), len(new)


def _lines(text: str) -> list[str]:
    """The lines of a text as git counts them, with their ends."""
    *lines, rest = text.split("\n")
    found = [line + "\n" for line in lines]
    return [*found, rest] if rest else found


def _quoted(path: str) -> str:
    """A path in quotes as git writes it: bytes that are not plain in octal."""

    def octal(found: re.Match[str]) -> str:
        return "".join(f"\\{byte:03o}" for byte in found.group().encode("utf-8", "surrogateescape"))

    return _ODD.sub(octal, path)
