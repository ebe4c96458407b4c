"""Shell text as commands: words with their places, split at operators, lines joined that go on behind a backslash.

Source: POSIX.1-2017, Shell Command Language, sections 2.2 and 2.3. Nothing is expanded; here-documents are left out.
No library in good care says where the words of a script stand, which findings need.
"""

from __future__ import annotations

import re
from typing import Iterator, List, Tuple

from portcheck.records import NamedTuple

MAX_LINE = 20_000
"""Characters of a line that is read; a longer one is data."""

_TOKEN = re.compile(
    r"""(?P<gap>(?:[ \t]|\\\r?\n)+)|(?P<comment>\#[^\n]*)|(?P<end>[\n;|&(){}]+|\r\n?)|(?P<redirect>\d?(?:<<-?|>>?|<)&?)
    |(?P<word>(?:"(?:\\.|[^"\\])*"|'[^']*'|\$\([^()]*\)|\$\{[^}]*\}|\\.|[^\s;|&(){}<>"'\\])+)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_HERE = re.compile(r"<<-?[ \t]*[\"']?(\w+)[\"']?")
_QUOTED = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'([^']*)'", re.DOTALL)
_STEP = re.compile(r"(?:\t[ \t]*[@+-]*)?")


class Word(NamedTuple):
    """A word without its quotes, and the offsets of what stands in the text."""

    text: str
    start: int
    end: int


def commands(text: str, begin: int = 0, end: int = -1) -> Iterator[Tuple[Word, ...]]:
    """Yield the simple commands between two offsets of a text, each with its words."""
    stop = len(text) if end < 0 else end
    at = _STEP.match(text, begin).end()  # type: ignore[union-attr]
    words: List[Word] = []
    waiting: List[str] = []
    while at < stop:
        found = _TOKEN.match(text, at, stop)
        if found is None:
            return
        at = found.end()
        if found.lastgroup == "word" and len(found.group()) <= MAX_LINE:
            words.append(Word(_unquoted(found.group()), found.start(), at))
        elif found.lastgroup == "redirect" and found.group().startswith("<<"):
            here = _HERE.match(text, found.start(), stop)
            if here:
                waiting.append(here.group(1))
                at = here.end()
        elif found.lastgroup == "end":
            if words:
                yield tuple(words)
            words = []
            if "\n" in found.group():
                at = _behind(text, at, stop, waiting) if waiting else at
                waiting = []
                at = _STEP.match(text, at).end()  # type: ignore[union-attr]
    if words:
        yield tuple(words)


def _behind(text: str, at: int, stop: int, waiting: List[str]) -> int:
    """The offset behind the here-documents that begin at one."""
    for word in waiting:
        found = re.compile(rf"^[ \t]*{re.escape(word)}[ \t]*$", re.MULTILINE).search(text, at, stop)
        if found is None:
            return stop
        at = min(found.end() + 1, stop)
    return at


def _unquoted(source: str) -> str:
    return _QUOTED.sub(lambda found: found.group(1) or found.group(2) or "", source)
