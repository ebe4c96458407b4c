"""A Python module by the places of its nodes: which expression stands at a span, and what is around it."""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TypeVar, Union

from portcheck.fix.edits import Places
from portcheck.model import Definition, Span

Node = TypeVar("Node", bound=ast.AST)
_SOUGHT = (ast.Name, ast.Attribute, ast.Constant, ast.JoinedStr, ast.alias, ast.Call)
"""The nodes that findings stand at."""

_DEFINES = re.compile(r"([ \t]*)(?:async|class|def)\b")

_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]
_CALLED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

Place = tuple[int, int, int, int]
"""First line and column and last ones as trees count them: lines from 1, columns in bytes from 0."""


class Syntax:
    """The tree of a text, with offsets in the text as it stands in the file."""

    def __init__(self, text: str, spans: Iterable[Span], definitions: Iterable[Definition] = ()) -> None:
        """Parse the text; nodes can be asked for where `spans` are.

        `definitions` are functions and classes of a text that is known to parse: those without any of the spans are
        left out of the tree but for their names, as parsing costs more than all else.

        Raises:
            SyntaxError: it is no Python of the running interpreter.
        """
        self.text = text
        self.places = Places(text)
        normal = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        self._lines = normal.split("\n")
        self._wanted = sorted({line for span in spans for line in (span.line, span.end_line)})
        try:
            read = "\n".join(self._shortened(definitions)) if definitions else normal
            self.tree = ast.parse(read)
        except (RecursionError, MemoryError, ValueError) as error:
            raise SyntaxError(str(error)) from error
        if sys.version_info < (3, 10):
            from portcheck.sources.aliased import place_aliases

            place_aliases(self.tree, read)
        self._parents: dict[ast.AST, ast.AST] = {}
        self._at: dict[Place, list[ast.AST]] = {}
        self._attributes: dict[tuple[int, int], list[ast.Attribute]] = {}
        self._index()

    def _shortened(self, definitions: Iterable[Definition]) -> list[str]:
        """The lines with a bare definition on the last one of all that nobody asks for."""
        lines = self._lines[:]
        done = 0
        for name, first, last, _ in sorted(definitions, key=lambda each: (each.line, -each.end_line)):
            head = _DEFINES.match(lines[first - 1]) if done < first <= last <= len(lines) else None
            if head is not None and not self._is_asked(first, last):
                lines[first - 1 : last] = [*[""] * (last - first), f"{head.group(1)}def {name.rpartition('.')[2]}(): 0"]
                done = last
        return lines

    def _is_asked(self, first: int, last: int) -> bool:
        at = bisect_left(self._wanted, first)
        return at < len(self._wanted) and self._wanted[at] <= last

    def _index(self) -> None:
        """Note where every node is, and in what; of most statements nobody asks, so that they are passed over."""
        stack: list[ast.AST] = [self.tree]
        for node in stack:
            if isinstance(node, _SOUGHT):
                key = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
                self._at.setdefault(key, []).append(node)
                if isinstance(node, ast.Attribute):
                    self._attributes.setdefault(key[2:], []).append(node)
            for value in vars(node).values():
                if isinstance(value, ast.AST):
                    if value._fields:
                        self._parents[value] = node
                        stack.append(value)
                elif isinstance(value, list):
                    for child in value:
                        if isinstance(child, ast.AST) and not (isinstance(child, ast.stmt) and self._is_aside(child)):
                            self._parents[child] = node
                            stack.append(child)

    def _is_aside(self, statement: ast.stmt) -> bool:
        """Whether a statement, with its decorators, is on none of the lines that are asked for."""
        first = first_line(statement)
        return not self._is_asked(first, statement.end_lineno or first)

    def range(self, node: ast.AST) -> tuple[int, int]:
        """Return the offsets of a node with a position."""
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return self._offset(line, column), self._offset(end_line, end_column)

    def source(self, node: ast.AST) -> str:
        """Return the text of a node with a position."""
        start, end = self.range(node)
        return self.text[start:end]

    def find(self, span: Span, kind: type[Node]) -> Node | None:
        """Return the node of a kind (name, attribute, literal, alias or call) that stands exactly at a span."""
        key = (*self._bytes(span.line, span.column), *self._bytes(span.end_line, span.end_column))
        return next((node for node in self._at.get(key, ()) if isinstance(node, kind)), None)

    def attribute_named_at(self, span: Span) -> ast.Attribute | None:
        """Return the attribute access whose name stands at a span."""
        found = self._attributes.get(self._bytes(span.end_line, span.end_column), ())
        wide = span.end_column - span.column if span.line == span.end_line else 0
        return next((node for node in found if len(node.attr) == wide), None)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return what a node is directly part of."""
        return self._parents.get(node)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node is part of, from the inside out."""
        found = self.parent(node)
        while found is not None:
            yield found
            found = self.parent(found)

    def annotates(self, node: ast.AST) -> bool:
        """Return whether a node is part of the annotation of a variable, an argument or a result."""
        inner = node
        for around in self.above(node):
            if inner in (getattr(around, "annotation", None), getattr(around, "returns", None)):
                return True
            if isinstance(around, ast.stmt):
                return False
            inner = around
        return False

    def blocks(self, statement: ast.stmt) -> Iterator[list[ast.stmt]]:
        """Yield the lists of statements that may hold a statement: those of what it is directly part of."""
        parent = self.parent(statement)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list):
                yield block

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """Return the statement that a node is part of, or is."""
        if isinstance(node, ast.stmt):
            return node
        return next((each for each in self.above(node) if isinstance(each, ast.stmt)), None)

    def first_run(self, offsets: Iterable[int]) -> ast.stmt | None:
        """Return the first statement of the module, no import, that comes to any of the places when it is run."""
        sought = sorted(offsets)
        for statement in (each for each in self.tree.body if not isinstance(each, (ast.Import, ast.ImportFrom))):
            start, end = self.places.offset(first_line(statement), 1), self.range(statement)[1]
            within = sought[bisect_left(sought, start) : bisect_left(sought, end)]
            later = [self._body(node) for node in ast.walk(statement) if within and isinstance(node, _CALLED)]
            if any(not any(first <= each < last for first, last in later) for each in within):
                return statement
        return None

    def _body(self, function: _Function) -> tuple[int, int]:
        """The offsets of what only runs when a function is called."""
        first = function.body[0] if isinstance(function.body, list) else function.body
        return self.range(first)[0], self.range(function)[1]

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if not text.isascii():
            column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        return self.places.offset(line, column + 1)

    def _bytes(self, line: int, column: int) -> tuple[int, int]:
        """A place in characters from 1 as trees count it."""
        text = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        if text.isascii():
            return line, column - 1
        return line, len(text[: column - 1].encode("utf-8", "surrogatepass"))


def first_line(statement: ast.stmt) -> int:
    """Return the line that a statement begins on, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])
