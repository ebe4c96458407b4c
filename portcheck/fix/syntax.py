"""A Python module by the places of its nodes: which expression stands at a span, and what is around it."""

from __future__ import annotations

import ast
from typing import Dict, Iterator, List, Optional, Tuple, Type, TypeVar

from portcheck.fix.edits import Places
from portcheck.model import Span

Node = TypeVar("Node", bound=ast.AST)


class Syntax:
    """The tree of a text, with offsets in the text as it stands in the file."""

    def __init__(self, text: str) -> None:
        """Parse the text.

        Raises:
            SyntaxError: it is no Python of the running interpreter.
        """
        self.text = text
        self.places = Places(text)
        normal = text.replace("\r\n", "\n").replace("\r", "\n")
        self._lines = normal.split("\n")
        try:
            self.tree = ast.parse(normal)
        except (RecursionError, MemoryError, ValueError) as error:
            raise SyntaxError(str(error)) from error
        self._parents: Dict[int, ast.AST] = {}
        self._at: Dict[Tuple[int, int], List[ast.AST]] = {}
        self._attributes: Dict[Tuple[int, int], ast.Attribute] = {}
        stack: List[ast.AST] = [self.tree]
        while stack:
            node = stack.pop()
            if hasattr(node, "lineno"):
                start, end = self.range(node)
                self._at.setdefault((start, end), []).append(node)
                if isinstance(node, ast.Attribute):
                    self._attributes[end - len(node.attr), end] = node
            for child in ast.iter_child_nodes(node):
                self._parents[id(child)] = node
                stack.append(child)

    def range(self, node: ast.AST) -> Tuple[int, int]:
        """Return the offsets of a node with a position."""
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return self._offset(line, column), self._offset(end_line, end_column)

    def source(self, node: ast.AST) -> str:
        """Return the text of a node with a position."""
        start, end = self.range(node)
        return self.text[start:end]

    def find(self, span: Span, kind: Type[Node]) -> Optional[Node]:
        """Return the node of a kind that stands exactly at a span."""
        found = self._at.get(self.places.between(span), [])
        return next((node for node in found if isinstance(node, kind)), None)

    def attribute_named_at(self, span: Span) -> Optional[ast.Attribute]:
        """Return the attribute access whose name stands at a span."""
        return self._attributes.get(self.places.between(span))

    def parent(self, node: ast.AST) -> Optional[ast.AST]:
        """Return what a node is directly part of."""
        return self._parents.get(id(node))

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node is part of, from the inside out."""
        found = self.parent(node)
        while found is not None:
            yield found
            found = self.parent(found)

    def blocks(self, statement: ast.stmt) -> Iterator[List[ast.stmt]]:
        """Yield the lists of statements that may hold a statement: those of what it is directly part of."""
        parent = self.parent(statement)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list):
                yield block

    def statement(self, node: ast.AST) -> Optional[ast.stmt]:
        """Return the statement that a node is part of, or is."""
        if isinstance(node, ast.stmt):
            return node
        return next((each for each in self.above(node) if isinstance(each, ast.stmt)), None)

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if not text.isascii():
            column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        return self.places.offset(line, column + 1)
