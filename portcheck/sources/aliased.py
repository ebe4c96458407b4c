"""Where the names of import statements stand, for Pythons whose syntax trees do not tell.

Source: the documentation of `ast`; aliases have positions from Python 3.10 on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Union

Place = tuple[int, int, int, int]
"""First line, first column, last line, last column: lines from 1, columns in bytes from 0, as `ast` counts them."""

_COMMENT = re.compile(rb"#[^\n]*")
_IMPORT = re.compile(rb"\bimport\b")
_NAME = rb"[^\W\d][\w\x80-\xff]*|[\x80-\xff][\w\x80-\xff]*"
_ITEM = re.compile(
    rb"\*|(?:%(name)s)(?:[\s\\]*\.[\s\\]*(?:%(name)s))*(?:[\s\\]+as[\s\\]+(?:%(name)s))?" % {b"name": _NAME}
)

_Statement = Union[ast.Import, ast.ImportFrom]


def place_aliases(tree: ast.Module, text: str) -> None:
    """Give the names of the import statements of `tree`, the tree of `text`, their positions."""
    lines = text.split("\n")
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            whole = (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)
            places = list(places_of(node, lines))
            if len(places) != len(node.names):
                places = [whole] * len(node.names)
            for alias, place in zip(node.names, places):
                alias.lineno, alias.col_offset, alias.end_lineno, alias.end_col_offset = place


def places_of(node: _Statement, lines: Sequence[str]) -> Iterator[Place]:
    """Yield the places of the names of an import statement, given the lines of the file."""
    last = node.end_lineno or node.lineno
    written = [line.encode("utf-8", "surrogatepass") for line in lines[node.lineno - 1 : last]]
    written[-1] = written[-1][: node.end_col_offset]
    data = _COMMENT.sub(lambda found: b" " * len(found.group()), b"\n".join(written))
    begin = _IMPORT.search(data, node.col_offset)
    for item in _ITEM.finditer(data, begin.end()) if begin else ():
        yield (*_at(data, item.start(), node.lineno), *_at(data, item.end(), node.lineno))


def _at(data: bytes, offset: int, first: int) -> tuple[int, int]:
    return first + data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)
