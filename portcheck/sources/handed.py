"""Python that a Python program hands to another one in a string, `[sys.executable, "-c", CODE]`, at its places.

The string may stand in the list itself, be put through a call such as `textwrap.dedent`, or be what a name was last
given above. Values that are put into it count as names.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Union

from portcheck.model import Span
from portcheck.scope import dotted
from portcheck.sources.commandline import Word
from portcheck.sources.within import MAX_CODE, Code

OPTION = "-c"
"""The option of Python's behind which code stands."""

_PYTHON = re.compile(r"(?:.*[./])?(?:executable|python[\d.]*|python_?(?:bin|exe|executable|path)?)", re.IGNORECASE)
_LITERAL = re.compile(
    r"(?P<prefix>[rbfuRBFU]{0,2})(?P<quote>\"\"\"|'''|\"|')(?P<body>(?:\\.|(?!(?P=quote)).)*)(?P=quote)", re.DOTALL
)
_ESCAPE = re.compile(r"\\(?:\n|N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{1,3}|.)", re.DOTALL)
_HOLE = re.compile(r"\{\{|\}\}|\{(?:[^{}]|\{[^{}]*\})*\}")
_PLAIN = {"\\n": "\n", "\\t": "\t", "\\\\": "\\", "\\'": "'", '\\"': '"', "\\\n": ""}
_BRACES = {"{{": "{", "}}": "}"}
_Texts = Union[ast.Constant, ast.JoinedStr]


class Text:
    """A text by its lines: places as `ast` counts them, in bytes, to offsets, and words to spans."""

    def __init__(self, text: str) -> None:
        """Note where the lines of `text` begin."""
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def offset(self, line: int, column: int) -> int:
        """The offset of a column in bytes of a line."""
        start = self._starts[line - 1]
        row = self.text[start : start + column]
        if row.isascii():
            return start + column
        return start + len(row.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))

    def span(self, word: Word) -> Span:
        """The span of a word."""
        first = bisect_right(self._starts, word.start)
        last = bisect_right(self._starts, max(word.start, word.end - 1))
        return Span(first, word.start - self._starts[first - 1] + 1, last, word.end - self._starts[last - 1] + 1)


def handed_codes(tree: ast.Module, text: Text) -> Iterator[Code]:
    """Yield the code that a module hands to other Pythons, each literal once; `tree` is that of the text."""
    nodes = list(ast.walk(tree))
    given = [found for node in nodes for found in _codes(node)]
    literals = {id(found): found for node in given for found in _literals(node, nodes)}
    for node in literals.values():
        begin = text.offset(node.lineno, node.col_offset)
        end = text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        if end - begin <= MAX_CODE:
            yield _dedented(_spelt(text.text, begin, end))


def _codes(node: ast.AST) -> Iterator[ast.expr]:
    """What stands behind the option in a list of words for a Python."""
    parts: Sequence[ast.expr] = node.elts if isinstance(node, (ast.List, ast.Tuple)) else ()
    for at, part in enumerate(parts[:-1]):
        if at and isinstance(part, ast.Constant) and part.value == OPTION and _is_python(parts[0]):
            yield parts[at + 1]


def _is_python(node: ast.expr) -> bool:
    word = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else dotted(node)
    return _PYTHON.fullmatch(word) is not None


def _literals(node: ast.expr, nodes: Sequence[ast.AST]) -> Iterator[_Texts]:
    """The strings that an expression is, or is made of."""
    if isinstance(node, ast.Call):
        arguments = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        node = next((each for each in [*arguments, *node.args] if not _is_module(each)), node)
    if isinstance(node, ast.Name):
        node = _last_given(node, nodes) or node
        if isinstance(node, ast.Call):
            node = next((each for each in node.args if isinstance(each, (ast.Constant, ast.JoinedStr))), node)
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node


def _is_module(node: ast.expr) -> bool:
    """Whether a call's own name begins with this, as in `textwrap.dedent(code)`, rather than with the code."""
    return isinstance(node, ast.Name) and node.id in ("textwrap", "inspect")


def _last_given(name: ast.Name, nodes: Sequence[ast.AST]) -> ast.expr | None:
    """What a name is given last above its use."""
    found = [
        node
        for node in nodes
        if isinstance(node, ast.Assign)
        and node.lineno <= name.lineno
        and any(isinstance(target, ast.Name) and target.id == name.id for target in node.targets)
    ]
    return max(found, key=lambda node: node.lineno).value if found else None


def _spelt(text: str, begin: int, end: int) -> Code:
    """The code that the literals between two offsets spell, one behind the other."""
    kept: list[str] = []
    offsets: list[int] = []
    for literal in _LITERAL.finditer(text, begin, end):
        prefix = literal["prefix"].lower()
        at, stop = literal.span("body")
        while at < stop:
            source, said = _sign(text, at, stop, prefix)
            kept += said
            offsets += [at + min(step, len(source) - 1) for step in range(len(said))]
            at += len(source)
    return Code("".join(kept), (*offsets, end))


def _sign(text: str, at: int, stop: int, prefix: str) -> tuple[str, str]:
    """The next sign of a literal as it is written, and what it says; a value that is put in says a name."""
    escape = _ESCAPE.match(text, at, stop) if "r" not in prefix else None
    if escape:
        return escape.group(), _PLAIN.get(escape.group(), "_")
    hole = _HOLE.match(text, at, stop) if "f" in prefix else None
    if hole:
        return hole.group(), _BRACES.get(hole.group(), "_" * len(hole.group()))
    return text[at], text[at]


def _dedented(code: Code) -> Code:
    """The code without the margin that all its lines have."""
    rows = [line for line in code.text.split("\n") if line.strip()]
    margin = min((len(line) - len(line.lstrip(" \t")) for line in rows), default=0)
    if not margin:
        return code
    kept: list[int] = []
    at = 0
    for line in code.text.split("\n"):
        cut = min(margin, len(line) - len(line.lstrip(" \t")))
        kept += range(at + cut, at + len(line) + 1)
        at += len(line) + 1
    kept = kept[:-1]
    return Code("".join(code.text[each] for each in kept), (*(code.offsets[each] for each in kept), code.offsets[-1]))
