"""Notes down facts: spans in characters, names as they resolve, arguments as short text."""

from __future__ import annotations

import ast
import sys
from typing import Any

from portcheck.arguments import SPREAD, UNSAID
from portcheck.model import Certainty, Fact, FactKind, Span
from portcheck.scope import Resolver, dotted, root_name
from portcheck.sources.walk import Place, Walk, template
from portcheck.sources.words import Words

STANDARD = (
    frozenset(getattr(sys, "stdlib_module_names", ()))
    | frozenset(sys.builtin_module_names)
    | frozenset(
        """
        argparse collections contextlib copy dataclasses enum functools itertools json logging math os pathlib random re
        shutil subprocess tempfile time typing unittest warnings
        """.split()  # noqa: SIM905 - a list this long is read more easily as words
    )
)
"""Modules that no repository holds itself; `sys.stdlib_module_names` exists from Python 3.10."""

MAX_TEXT = 240
"""Characters of an argument's source that a fact keeps."""


class Recorder:
    """The facts of one file as they are found, and what is needed to note them down."""

    def __init__(self, walk: Walk, words: Words, text: str) -> None:
        """`walk` has run over the tree of `text`."""
        self._walk = walk
        self._words = words
        self._resolver = Resolver(walk.scopes, words.roots)
        self._lines: list[str] | None = None if text.isascii() else text.split("\n")
        self._facts: list[Fact] = []
        self._foreign = self._foreign_names()

    def _foreign_names(self) -> dict[str, str]:
        """Names imported from modules that may belong to the same repository, with their origin."""
        found: dict[str, str] = {}
        for scope in self._walk.scopes:
            for name, value in scope.imported:
                root = value.origin.partition(".")[0]
                if root not in self._words.roots and root not in STANDARD:
                    found[name] = value.origin
        return found

    def _span(self, node: Any) -> Span:
        line, column = node.lineno, node.col_offset
        end_line = node.end_lineno or line
        end_column = node.end_col_offset or column
        return Span(line, self._column(line, column), end_line, self._column(end_line, end_column))

    def _column(self, line: int, offset: int) -> int:
        """1-based column in characters of a byte offset, which is how `ast` counts."""
        if self._lines is None or line > len(self._lines):
            return offset + 1
        return len(self._lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1

    def _add(
        self,
        kind: FactKind,
        name: str,
        place: Place,
        certainty: Certainty = Certainty.EXACT,
        context: str = "",
        args: tuple[tuple[str, str], ...] = (),
        node: ast.AST | None = None,
        guards: tuple[str, ...] = (),
    ) -> None:
        span = self._span(node or place.node)
        both = tuple(dict.fromkeys((*place.guards, *guards)))
        self._facts.append(Fact(kind, name, span, certainty, context, args, both, place.scope.name))

    def _arguments(self, call: ast.Call | None) -> tuple[tuple[str, str], ...]:
        if call is None:
            return ()
        found = [
            (SPREAD if isinstance(arg, ast.Starred) else str(index), text_of(arg) or UNSAID)
            for index, arg in enumerate(call.args[:4])
        ]
        found.extend((keyword.arg or SPREAD, text_of(keyword.value) or UNSAID) for keyword in call.keywords[:12])
        return tuple(found)

    def _callee(self, call: ast.Call, place: Place) -> str:
        return self._named(call.func, place)

    def _named(self, node: ast.expr, place: Place) -> str:
        """The resolved name of an expression, or its text."""
        root = root_name(node)
        if root is not None and root in self._resolver.hot and isinstance(node, (ast.Name, ast.Attribute)):
            found = self._resolver.name_of(node, place.scope, node.lineno)
            if found is not None:
                return found.name
        if root in self._foreign and isinstance(node, (ast.Name, ast.Attribute)):
            tail = dotted(node).partition(".")[2]
            return f"{self._foreign[root]}.{tail}" if tail else self._foreign[root]
        return dotted(node)


def text_of(node: ast.expr) -> str:
    """Short source-like text of a literal, its negative, a name, `float("...")`; empty for anything else."""
    if isinstance(node, ast.Constant):
        return repr(node.value)[:MAX_TEXT]
    if isinstance(node, ast.JoinedStr):
        return repr(template(node))[:MAX_TEXT]
    if (
        isinstance(node, (ast.Tuple, ast.List))
        and len(node.elts) <= 8
        and all(isinstance(e, ast.Constant) for e in node.elts)
    ):
        inner = ", ".join(repr(e.value) for e in node.elts if isinstance(e, ast.Constant))
        return (f"[{inner}]" if isinstance(node, ast.List) else f"({inner})")[:MAX_TEXT]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = text_of(node.operand)
        return f"-{inner}"[:MAX_TEXT] if inner else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float" and node.args:
        return f"float({text_of(node.args[0])})"[:MAX_TEXT]
    return dotted(node)[:MAX_TEXT]
