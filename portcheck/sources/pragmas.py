"""Comments that speak to portcheck, `# portcheck: ignore[PC101] reason`, in files of every kind that has comments.

What stands in a string is no comment. Which rules there are is not known here: names are kept as they are written.

A comment behind code is about its line; on the first line of a statement, or behind what closes one, about all of the
statement, and at the end of lines that backslashes join, where alone it can stand, about all of those. A comment alone
on its line is about the statement below it. `ignore-file` is about the whole file.
"""

from __future__ import annotations

import io
import json
import re
import tokenize
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from portcheck.model import Kind
from portcheck.pragma import Pragma
from portcheck.records import NamedTuple
from portcheck.sources.decode import decode
from portcheck.sources.magics import read_cell
from portcheck.sources.notebook import code_cells

MAX_PRAGMAS = 10_000
"""Comments that are taken from one file."""

MAX_JOINED = 1000
"""Lines that are joined by backslashes to one."""

_PRAGMA = re.compile(
    r"(?:#|//|/\*|;)[ \t]*portcheck:[ \t]*(?P<word>[\w-]*)[ \t]*"
    r"(?:\[(?P<names>[^\]\n]*)(?P<end>\]?))?(?P<reason>[^\n]*)"
)
_HASH = re.compile(r"(?:(?<=\s)|^)(?:#|(?<![^\n]);)[ \t]*portcheck:", re.MULTILINE)
_REASON = re.compile(r"^[ \t]*(?:--?|:|\u2013|\u2014)?[ \t]*(.*?)[ \t]*(?:\*/.*)?$", re.DOTALL)
_CPP = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_CLOSERS = re.compile(r"(?:.*(?:\"\"\"|'''))?[\s\])},:;]*$")
_SKIPPED = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})


class _Comment(NamedTuple):
    """A comment: its text, where it starts (1-based), and the lines that it is about."""

    text: str
    line: int
    column: int
    first: int
    last: int


def pragmas(data: bytes, kind: Kind) -> tuple[Pragma, ...]:
    """The comments in a file's content that speak to portcheck, in order; never raises on the content."""
    text = decode(data).text
    if text is None:
        return ()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _notebook(text) if kind is Kind.NOTEBOOK else map(_pragma, _comments(text, kind))
    return tuple(islice(found, MAX_PRAGMAS))


def _comments(text: str, kind: Kind) -> Iterator[_Comment]:
    if kind is Kind.PYTHON:
        yield from _python(text)
    elif kind is Kind.KERNEL:
        yield from _cpp(text)
    else:
        yield from _hash(text)


def _notebook(text: str) -> Iterator[Pragma]:
    """Those of the code cells of a notebook, in Python and behind shell commands and magics."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    for number, source in enumerate(code_cells(found), 1):
        if "portcheck:" in source:
            cell, raw = read_cell(source), source.split("\n")
            comments = list(_python("\n".join(cell.lines)))
            for at in sorted({*cell.commands, *cell.changed}):
                comments += (each._replace(line=at + 1, first=at + 1, last=at + 1) for each in _hash(raw[at]))
            yield from (_pragma(comment)._replace(cell=number) for comment in comments)


def _pragma(comment: _Comment) -> Pragma:
    """What a comment says; what is wrong with how it says it is left for whoever knows the words."""
    found = _PRAGMA.search(comment.text)
    assert found is not None
    word, listed = found["word"], found["names"]
    names = tuple(dict.fromkeys(name for name in re.split(r"[,\s]+", listed or "") if name))
    whole = listed is None or bool(found["end"] and names)
    reason = _REASON.sub(r"\1", found["reason"].partition(" #")[0]) if whole else ""
    if not whole:
        word += "["
    first, last = (0, 0) if word == "ignore-file" else (comment.first, comment.last)
    return Pragma(word, names, reason, comment.line, comment.column + found.start(), first, last)


def _python(text: str) -> Iterator[_Comment]:
    """The comments of Python code, as its tokenizer finds them; by their looks where it cannot read the code."""
    tokens: list[tokenize.TokenInfo] = []
    try:
        tokens.extend(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        yield from _hash(text)
        return
    statements = _statements(tokens)
    rows = sorted({token.start[0] for token in tokens if token.type not in _SKIPPED})
    for token in tokens:
        if token.type == tokenize.COMMENT and _PRAGMA.search(token.string):
            line, column = token.start
            before = token.line.split("\n")[-2 if token.line.endswith("\n") else -1][:column]
            first, last = _about(line, before, statements, rows)
            yield _Comment(token.string, line, column + 1, first, last)


def _statements(tokens: Sequence[tokenize.TokenInfo]) -> list[tuple[int, int]]:
    """The first and last line of each statement, of compound ones of their head, in order."""
    found: list[tuple[int, int]] = []
    first = 0
    for token in tokens:
        if token.type == tokenize.NEWLINE and first:
            found.append((first, token.start[0]))
            first = 0
        elif token.type not in _SKIPPED and not first:
            first = token.start[0]
    return found


def _about(line: int, before: str, statements: Sequence[tuple[int, int]], rows: Sequence[int]) -> tuple[int, int]:
    """The lines that a comment is about, given the text before it on its line."""
    at = bisect_right(statements, (line, line))
    first, last = max(statements[max(0, at - 1) : at + 1], default=(line, line), key=lambda s: s[0] <= line <= s[1])
    inside = first <= line <= last
    if before.strip():
        whole = inside and (line == first or (line == last and _CLOSERS.match(before)))
        return (first, last) if whole else (line, line)
    below = bisect_right(rows, line)
    following = rows[below] if below < len(rows) else line
    at = bisect_left(statements, (following, 0))
    if not inside and at < len(statements) and statements[at][0] == following:
        return statements[at]
    return following, following


def _cpp(text: str) -> Iterator[_Comment]:
    """The comments of C, C++ and CUDA code."""
    lines = _Lines(text, ("//", "/*"))
    for found in _CPP.finditer(text):
        if found[0][0] == "/" and _PRAGMA.match(found[0]):
            line, column = lines.place(found.start())
            first = line if lines.before(line, column).strip() else lines.code_below(line)
            yield _Comment(found[0], line, column, first, first)


def _hash(text: str) -> Iterator[_Comment]:
    """Comments after a `#` (or a `;` that begins a line), by their looks: not in quotes of a line, nor in triple ones.

    Text in a block of YAML or behind a `<<` of a shell may hold a script, and its comments count.
    """
    lines = _Lines(text, ("#", ";"))
    triples = [[found.start() for found in re.finditer(quotes, text)] for quotes in ('"""', "'''")]
    for found in _HASH.finditer(text):
        line, column = lines.place(found.start())
        before = lines.before(line, column)
        if _in_quotes(before) or any(bisect_left(places, found.start()) % 2 for places in triples):
            continue
        if before.strip():
            first, last = lines.first_joined(line), line
        else:
            first = lines.code_below(line)
            last = lines.last_joined(first)
        yield _Comment(lines.texts[line - 1][column - 1 :], line, column, first, last)


class _Lines:
    """The lines of a text, for questions in the order of the text."""

    def __init__(self, text: str, comments: tuple[str, ...]) -> None:
        """`comments` is how lines begin that hold a comment alone."""
        self.texts = text.split("\n")
        self._text = text
        self._line, self._counted = 1, 0
        self._code = [
            number
            for number, line in enumerate(self.texts, 1)
            if line.strip() and not line.lstrip().startswith(comments)
        ]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, not before the last one that was asked for."""
        self._line += self._text.count("\n", self._counted, offset)
        self._counted = offset
        return self._line, offset - self._text.rfind("\n", 0, offset)

    def before(self, line: int, column: int) -> str:
        """The text of a line before a column."""
        return self.texts[line - 1][: column - 1]

    def first_joined(self, line: int) -> int:
        """The first of the lines that backslashes join to a line; comments may stand among them."""
        first = at = line
        while at > 1 and line - at < MAX_JOINED:
            at -= 1
            above = self.texts[at - 1].strip()
            if above.endswith("\\"):
                first = at
            elif not above.startswith("#"):
                break
        return first

    def last_joined(self, line: int) -> int:
        """The last of the lines that backslashes join to a line."""
        last = line
        while self.texts[last - 1].rstrip().endswith("\\") and last < len(self.texts) and last - line < MAX_JOINED:
            last += 1
        return last

    def code_below(self, line: int) -> int:
        """The first line below that holds more than a comment; the line itself where there is none."""
        at = bisect_right(self._code, line)
        return self._code[at] if at < len(self._code) else line


def _in_quotes(before: str) -> bool:
    """Whether a line is within quotes at its end; an apostrophe within a word opens none."""
    quote = ""
    last = " "
    for char in before:
        if quote:
            quote = "" if char == quote and last != "\\" else quote
        elif char in "\"'" and not last.isalnum() and last != "\\":
            quote = char
        last = char
    return bool(quote)
