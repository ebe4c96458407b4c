"""Shell text as commands: words with their places, split at operators, lines joined that go on behind a backslash.

Source: POSIX.1-2017, Shell Command Language, sections 2.2 and 2.3. Nothing is expanded. Here-documents are left out but
for those that are scripts: by their first line, by the file that they go to, or by the shell that takes them.
No library in good care says where the words of a script stand, which findings need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portcheck.records import NamedTuple

MAX_LINE = 20_000
"""Characters of a line that is read; a longer one is data."""

_TOKEN = re.compile(
    r"""(?P<gap>(?:[ \t]|\\\r?\n)+)|(?P<comment>\#[^\n]*)|(?P<end>[\n;|&(){}]+|\r\n?)|(?P<redirect>\d?(?:<<-?|>>?|<)&?)
    |(?P<word>(?:"(?:\\.|[^"\\])*"|'[^']*'|\$\(\((?:[^()\n]|\([^()\n]*\))*\)\)|\$\([^()]*\)|\$\{(?:[^{}\n]|\{[^{}\n]*\})*\}
    |\$\{[^}]*\}|\\.|[^\s;|&(){}<>"'\\])+)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_HERE = re.compile(r"<<-?[ \t]*[\"'\\]?([A-Za-z_][\w.-]*)[\"']?")
_QUOTED = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'([^']*)'", re.DOTALL)
_SHELLS = frozenset({"bash", "sh", "zsh", "ksh", "ssh", "sbatch", "qsub"})
_SCRIPTS = (".sh", ".bash", ".zsh", ".ksh", ".slurm", ".sbatch", ".pbs", ".env")
_STARTUP = frozenset(
    {
        ".bashrc",
        ".bash_profile",
        ".bash_login",
        ".profile",
        ".zshrc",
        ".zprofile",
        "bash.bashrc",
        "profile",
        "environment",
    }
)
"""Files that shells read when they start, or that hold their variables."""
_FIRST_LINE = re.compile(r"\s*#!.*sh\b")
MAX_NESTED = 3
"""Here-documents within each other that are read."""
_STEP = re.compile(r"(?:\t[ \t]*[@+-]*)?")


class Word(NamedTuple):
    """A word without its quotes, and the offsets of what stands in the text."""

    text: str
    start: int
    end: int


class Document(NamedTuple):
    """A here-document: the words of the line that opens it, and the offsets of its text."""

    line: tuple[Word, ...]
    begin: int
    end: int


def commands(text: str, begin: int = 0, end: int = -1, nested: int = 0) -> Iterator[tuple[Word, ...]]:
    """Yield the simple commands between two offsets of a text, each with its words; `nested` counts here-documents."""
    for part in _parts(text, begin, end):
        if not isinstance(part, Document):
            yield part
        elif nested < MAX_NESTED and _is_script(part, text):
            yield from commands(text, part.begin, part.end, nested + 1)


def documents(text: str, begin: int = 0, end: int = -1) -> Iterator[Document]:
    """Yield the here-documents between two offsets of a text, in order; none of those within another."""
    return (part for part in _parts(text, begin, end) if isinstance(part, Document))


def is_script(name: str) -> bool:
    """Whether a file is a script by its name, or is read by shells when they start."""
    return name.endswith(_SCRIPTS) or name.rpartition("/")[2] in _STARTUP


def closing(text: str, word: str, at: int, stop: int = -1) -> re.Match[str] | None:
    """Return the line behind an offset that closes the here-document of a word; None when it has no end."""
    ends = re.compile(rf"^[ \t]*{re.escape(word)}[ \t]*$", re.MULTILINE)
    return ends.search(text, at, len(text) if stop < 0 else stop)


def _parts(text: str, begin: int, end: int) -> Iterator[tuple[Word, ...] | Document]:
    """The simple commands and the here-documents between two offsets, in order."""
    stop = len(text) if end < 0 else end
    at = _STEP.match(text, begin).end()  # type: ignore[union-attr]
    words: list[Word] = []
    line: list[Word] = []
    waiting: list[str] = []
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
            line += words
            words = []
            if "\n" in found.group():
                if waiting:
                    at = found.start() + found.group().index("\n") + 1  # signs behind it are the document's
                for begin, behind in _bounds(text, at, stop, waiting):
                    yield Document(tuple(line), begin, behind)
                    at = min(text.find("\n", behind, stop) + 1 or stop, stop)
                line, waiting = [], []
                at = _STEP.match(text, at).end()  # type: ignore[union-attr]
    if words:
        yield tuple(words)


def _bounds(text: str, at: int, stop: int, waiting: list[str]) -> Iterator[tuple[int, int]]:
    """Where the here-documents begin and end that begin at an offset, one behind the other.

    What has no end is none: signs of arithmetic look alike, and would hide all that is behind them.
    """
    for word in waiting:
        found = closing(text, word, at, stop)
        if found is None:
            return
        behind = found.start()
        yield at, behind
        at = min(text.find("\n", behind, stop) + 1 or stop, stop)


def _is_script(document: Document, text: str) -> bool:
    """Whether a here-document is a script."""
    if any(is_script(word.text) or word.text.rpartition("/")[2] in _SHELLS for word in document.line):
        return True
    return _FIRST_LINE.match(text, document.begin, document.end) is not None


def _unquoted(source: str) -> str:
    return _QUOTED.sub(lambda found: found.group(1) or found.group(2) or "", source)
