"""What stays in the memory of the machine itself: what a call is given that makes or moves something there, and methods
of what was brought there.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from portcheck.sources.guards import strings_of

MAX_STEPS = 50
"""Calls of a chain that are looked through; a longer one counts as on the device."""


class Hosted:
    """Tells the parts of statements that are about the machine's own memory alone."""

    def __init__(self, host: str, moves: Collection[str], lines: Sequence[str]) -> None:
        """`host` is the machine's own device type; `moves` are methods that take a device, and keywords (`=`); `lines`
        those of the file.
        """
        self._lines = lines
        self._host = host
        self._moves = moves
        self._known: dict[int, frozenset[int]] = {}

    def holds(self, node: ast.AST, statement: ast.stmt) -> bool:
        """Whether a node is an argument of a call that works there, or a method of what is there."""
        known = self._known.get(id(statement))
        if known is None:
            written = self._lines[statement.lineno - 1 : statement.end_lineno]
            named = any(self._host in line for line in written)
            known = self._known[id(statement)] = frozenset(self._found(statement) if named else ())
        return id(node) in known

    def _found(self, statement: ast.stmt) -> Iterator[int]:
        moved: set[int] = set()
        stack: list[ast.AST] = [statement]
        while stack:
            node = stack.pop()
            stack.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt))
            if not isinstance(node, ast.Call):
                continue
            told = self._told(node)
            if id(node) in moved or (self._moving(node) and not told):
                # What is moved on ends up on another device, with its type.
                moved.add(id(node.func.value) if isinstance(node.func, ast.Attribute) else 0)
            elif told or self._receives(node):
                yield id(node.func)
                yield from map(id, node.args)
                yield from (id(keyword.value) for keyword in node.keywords)

    def _moving(self, call: ast.Call) -> bool:
        """Whether a method may take its object to another device; what is given a type alone does not."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in self._moves:
            return False
        return bool(call.args) or not call.keywords or any(f"{each.arg}=" in self._moves for each in call.keywords)

    def _told(self, call: ast.Call) -> bool:
        """Whether a call itself names the machine: `.cpu()`, `.to("cpu")`, `device="cpu"`."""
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr == self._host:
            return True
        given = [keyword.value for keyword in call.keywords if f"{keyword.arg}=" in self._moves]
        if self._moving(call):
            given += call.args[:1]
        return any(self._host in strings_of(value) for value in given)

    def _receives(self, call: ast.Call) -> bool:
        """Whether the object of a method was brought to the machine last."""
        func = call.func
        for _ in range(MAX_STEPS):
            above = func.value if isinstance(func, ast.Attribute) else None
            if not isinstance(above, ast.Call):
                return False
            if self._told(above):
                return True
            func = above.func
            if self._moving(above):
                return False
        return False
