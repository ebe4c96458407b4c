"""Python on a command line, `python -c "import torch; ..."`, read as Python at its places in the script.

Source of the form: Python's documentation, "Command line and environment"; POSIX.1-2017, Shell Command Language, 2.2.3
for the signs that a backslash guards between double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Callable

from portcheck.model import Fact, Span
from portcheck.pack import Interest
from portcheck.sources.commandline import Word
from portcheck.sources.within import MAX_CODE, Code, placed
from portcheck.sources.words import words_for

_PROGRAM = re.compile(r"(?:.*/)?(?:python|pypy)[\d.]*|\$\{?\w*(?:PY|PYTHON|python)\w*\}?")
"""Python by its name, or by a variable that is named after it."""
_OPTION = re.compile(r"-[bBdEiIOsSuv]*c")
_QUOTES = ("'", '"')
_ESCAPING = "$'"
"""The sign of quotes between which a shell reads a backslash as C does."""
_SIGN = re.compile(r"\\.|.", re.DOTALL)
_SPELT = {"\\n": "\n", "\\t": "\t"}
_ESCAPED = re.compile(r"\\([\"$`\\])")
_BLANKS = re.compile(r"[ \t]*")
_MARGIN = re.compile(r"^[ \t]*(?=\S)", re.MULTILINE)


def inline_facts(text: str, words: Sequence[Word], interest: Interest, span: Callable[[Word], Span]) -> Iterator[Fact]:
    """Yield the facts of the code that the words of a command hand to Python; `span` tells where a word stands."""
    for at, word in enumerate(words[2:], 2):
        given = _OPTION.fullmatch(words[at - 1].text) and _PROGRAM.fullmatch(words[at - 2].text)
        escaped = text.startswith(_ESCAPING, word.start)
        begin = word.start + escaped
        margin = text[begin : begin + 1] in _QUOTES
        quote = text[begin : begin + 1] if margin else text[begin - 1 : begin]
        if given and quote in _QUOTES and word.end - word.start <= MAX_CODE:
            mark = _ESCAPING if escaped else quote
            yield from python_facts(text, (begin + margin, word.end - margin), interest, span, mark)


def python_facts(
    text: str, place: tuple[int, int], interest: Interest, span: Callable[[Word], Span], quote: str = ""
) -> Iterator[Fact]:
    """Yield the facts of the Python between two offsets of a text, in the quotes `quote` or as a block of its own."""
    code = _spelt(text, *place) if quote == _ESCAPING else _code(text, *place, quote)
    if not words_for(interest).prefilter.passes(code.text.encode("utf-8", "surrogatepass")):
        return
    # What reads Python takes a while to import, and few scripts hold any.
    from portcheck.sources.python import read_text

    yield from placed(read_text(code.text, interest).facts, code, span)


def _spelt(text: str, begin: int, end: int) -> Code:
    """The code between two offsets, where a backslash says what it says in C."""
    signs = [(found.group(), found.start()) for found in _SIGN.finditer(text, begin, end)]
    said = "".join(_SPELT.get(sign, sign[-1]) for sign, _ in signs)
    return Code(said, (*(at for _, at in signs), end))


def _code(text: str, begin: int, end: int, quote: str) -> Code:
    """The code between two offsets, without the margin of the script around it and what guards its own quotes."""
    first = begin if not quote else text.find("\n", begin, end) + 1 or begin
    margins = [found.group() for found in _MARGIN.finditer(text, first, end)]
    margin = min(map(len, margins), default=0) if "\n" in text[begin:end] else 0
    kept: list[int] = []
    at, fresh = begin, not quote
    while at < end:
        if fresh:
            at = min(at + margin, _BLANKS.match(text, at, end).end())  # type: ignore[union-attr]
            fresh = False
            continue
        if quote == '"' and _ESCAPED.match(text, at, end):
            at += 1
        kept.append(at)
        fresh = text[at] == "\n"
        at += 1
    return Code("".join(text[each] for each in kept), (*kept, end))
