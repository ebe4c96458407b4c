"""CUDA C++ text: its code without comments and strings, kernels, launches and the marks of what makes a port hard.

Everything is found in time that grows with the length of the text alone; nothing is compiled, included or expanded.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from portcheck.model import Span
from portcheck.records import NamedTuple
from portcheck.sources.marks import Marks

MAX_HEAD = 2000
"""Characters between `__global__` and the parameters of a kernel."""

MAX_NAME = 500
"""Characters of a launch's name with its template arguments."""

_NOISE = re.compile(
    r"//(?:[^\n\\]|\\.)*|/\*.*?(?:\*/|\Z)"
    r"|R\"(?P<fence>[^\s()\\]{0,16})\(.*?(?:\)(?P=fence)\"|\Z)"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:\\.[^'\n]{0,8}|[^'\\\n])'",
    re.DOTALL,
)
_LETTERS = re.compile(r"[^\n]+")
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*(?:include|import)\b[^\n]*", re.MULTILINE)
_HEADER = re.compile(r"[<\"]([^>\"\n]+)[>\"]")
_PAIRS = re.compile(r"[(){}]")
_SPACE = " \t\n\\"
_NEXT_SIGN = re.compile(r"\s*\S")
_LAST_WORD = re.compile(r"\w+$")
_NO_NAMES = frozenset({"__launch_bounds__", "__attribute__", "__cluster_dims__", "__maxnreg__", "alignas", "decltype"})


class Code(NamedTuple):
    """A text without comments, strings and includes, of the same length; its strings and headers with their offsets."""

    text: str
    strings: tuple[tuple[int, str], ...]
    headers: tuple[tuple[int, str], ...]
    starts: tuple[int, ...]

    def line(self, offset: int) -> int:
        """The line, from 1, of an offset."""
        return bisect_right(self.starts, offset)

    def span(self, begin: int, end: int) -> Span:
        """The span of a stretch of the text."""
        first, last = self.line(begin), self.line(end)
        return Span(first, begin - self.starts[first - 1] + 1, last, end - self.starts[last - 1] + 1)


class Kernel(NamedTuple):
    """A `__global__` function that has a body: its name and where that stands, where the function begins and ends."""

    name: str
    at: int
    begin: int
    end: int


class Use(NamedTuple):
    """A word of the code that shows a mark, and where it stands."""

    mark: str
    word: str
    at: int


def scrub(text: str) -> Code:
    """The code of a text."""
    strings: list[tuple[int, str]] = []

    def blank(found: re.Match[str]) -> str:
        if found.group()[0] in '"R':
            strings.append((found.start(), found.group()))
        return _blank(found)

    code = _NOISE.sub(blank, text)
    headers = []
    for line in _INCLUDE.finditer(code):
        header = _HEADER.search(text, line.start(), line.end())
        if header:
            headers.append((header.start(1), header.group(1)))
    starts = (0, *(found.end() for found in re.finditer("\n", text)))
    return Code(_INCLUDE.sub(_blank, code), tuple(strings), tuple(headers), starts)


def _blank(found: re.Match[str]) -> str:
    return _LETTERS.sub(lambda part: " " * len(part.group()), found.group())


def kernels(code: Code) -> tuple[Kernel, ...]:
    """The kernels that are defined, in order; declarations and instantiations have no body."""
    text = code.text
    heads = [found.start() for found in re.finditer(r"__global__\b(?<!\w__global__)", text)]
    pairs = _pairs(text) if heads else {}
    found: list[Kernel] = []
    for number, begin in enumerate(heads):
        limit = heads[number + 1] if number + 1 < len(heads) else len(text)
        name, at, opening = _head(text, begin, min(limit, begin + MAX_HEAD), pairs)
        after = pairs.get(opening, -1) if name else -1
        body = text.find("{", after, min(limit, after + MAX_HEAD)) if after >= 0 else -1
        if body >= 0 and ";" not in text[after:body]:
            found.append(Kernel(name, at, begin, min(pairs.get(body, limit) + 1, limit)))
    return tuple(found)


def _head(text: str, begin: int, limit: int, pairs: dict[int, int]) -> tuple[str, int, int]:
    """The name of a kernel, where it begins and where its parameters do; no name when there are none."""
    opening = text.find("(", begin, limit)
    while opening >= 0:
        name, at = _name_before(text, opening)
        if name and at > begin and name not in _NO_NAMES:
            return name, at, opening
        opening = text.find("(", pairs.get(opening, opening) + 1, limit)
    return "", begin, begin


def _pairs(text: str) -> dict[int, int]:
    """Where each opening parenthesis and brace is closed."""
    found: dict[int, int] = {}
    open_: dict[str, list[int]] = {"(": [], "{": []}
    for match in _PAIRS.finditer(text):
        sign = match.group()
        if sign in open_:
            open_[sign].append(match.start())
        else:
            stack = open_["(" if sign == ")" else "{"]
            if stack:
                found[stack.pop()] = match.start()
    return found


def launches(code: Code) -> tuple[tuple[str, int], ...]:
    """The kernels that are launched with `<<<`, by name without template arguments, and where the name begins."""
    found: list[tuple[str, int]] = []
    at = code.text.find("<<<")
    while at >= 0:
        name, begin = _name_before(code.text, at)
        if name:
            found.append((name, begin))
        at = code.text.find("<<<", at + 3)
    return tuple(found)


def _name_before(text: str, at: int) -> tuple[str, int]:
    window = text[max(0, at - MAX_NAME) : at].rstrip(_SPACE)
    if window.endswith(">"):
        window = window[: _template_begin(window)].rstrip(_SPACE)
    name = _LAST_WORD.search(window)
    return (name.group(), max(0, at - MAX_NAME) + name.start()) if name else ("", at)


def _template_begin(window: str) -> int:
    """Where the template arguments begin that a text ends with; signs in parentheses compare."""
    angles = rounds = 0
    for index in range(len(window) - 1, -1, -1):
        sign = window[index]
        rounds += (sign == ")") - (sign == "(")
        if not rounds and sign in "<>":
            angles += 1 if sign == ">" else -1
            if not angles:
                return index
    return len(window)


def uses(code: Code, marks: Marks) -> Iterator[Use]:
    """Every word that shows a mark; those that only mean something on the device count where there is device code."""
    text = code.text
    device = "__global__" in text or "__device__" in text
    for place in marks.any_word.finditer(text):
        found = marks.words.match(text, place.start())
        mark = ((found and found.lastgroup) or "").replace("_", "-")
        if device or mark not in marks.device:
            yield Use(mark, place.group(), place.start())
    if device and "asm" in text:
        for offset, string in code.strings:
            instruction = marks.instructions.search(string)
            if instruction:
                mark = (instruction.lastgroup or "").replace("_", "-")
                yield Use(mark, instruction.group(), offset + instruction.start())


def belongings(code: Code, marks: Marks) -> Iterator[Use]:
    """What shows that code without any mark belongs to CUDA code all the same: qualifiers, branches, names."""
    for offset, name in code.headers:
        header = marks.headers.search(name)
        if header:
            yield Use((header.lastgroup or "").replace("_", "-"), name, offset)
    for found in _weak(code.text, marks):
        yield Use((found.lastgroup or "").replace("_", "-"), found.group().strip(), found.start())


def _weak(text: str, marks: Marks) -> Iterator[re.Match[str]]:
    """The weak words of a text, which are looked for in lines that hint at one."""
    done = 0
    for hint in marks.hint.finditer(text):
        if hint.start() < done:
            continue
        begin, done = text.rfind("\n", 0, hint.start()) + 1, text.find("\n", hint.start())
        done = len(text) if done < 0 else done
        # A name and its parenthesis may stand on two lines.
        behind = _NEXT_SIGN.match(text, done)
        yield from marks.weak.finditer(text, begin, behind.end() if behind else done)
