"""What functions and classes of one file do, by their names and the calls inside them; and tests for device types."""

from __future__ import annotations

import ast
from typing import Optional

from portcheck.model import Certainty, FactKind
from portcheck.scope import Scope
from portcheck.sources.texts import StringRecorder
from portcheck.sources.walk import Place


class BodyRecorder(StringRecorder):
    """Notes down definitions and branches that the packs look for."""

    def definitions(self) -> None:
        """Record the definitions worth a fact, each over its whole length, and the noted tests for devices."""
        called = self._called()
        for place in self._walk.defined:
            words = called.get(id(place.scope), set())
            if self._words.defines(place.node.name, words):
                kind = "class" if isinstance(place.node, ast.ClassDef) else "function"
                args = (("calls", " ".join(sorted(words))),) if words else ()
                self._add(FactKind.DEFINITION, place.node.name, place, Certainty.INFERRED, kind, args)
        for branch in self._walk.branches:
            at = Place(branch.test, branch.scope, branch.guards, branch.statement)
            self._add(FactKind.BRANCH, branch.device, at, Certainty.INFERRED)

    def _called(self) -> dict[int, set[str]]:
        """The telling names that each scope calls, itself or in scopes within it; `@` for a product by that sign."""
        inside = self._words.interest.inside
        used = [("@", scope) for scope in self._walk.products]
        used.extend((_name_called(place.node.func), place.scope) for place in self._walk.calls)
        found: dict[int, set[str]] = {}
        for name, home in used:
            scope: Optional[Scope] = home if name in inside else None
            while scope is not None:
                found.setdefault(id(scope), set()).add(name)
                scope = scope.parent
        return found


def _name_called(func: ast.expr) -> str:
    """The last component of a callee's name."""
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
