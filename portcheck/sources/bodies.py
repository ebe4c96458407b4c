"""What functions and classes of one file do, by their names and the calls inside them; tests for device types; parts of
tensors.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from portcheck.model import Certainty, FactKind
from portcheck.needles import PUT, TAKEN
from portcheck.scope import Imported, Scope, dotted, root_name
from portcheck.sources.apis import ROOT
from portcheck.sources.items import is_column
from portcheck.sources.record import text_of
from portcheck.sources.texts import StringRecorder
from portcheck.sources.walk import Place


class BodyRecorder(StringRecorder):
    """Notes down definitions and branches that the packs look for."""

    def definitions(self) -> None:
        """Record the definitions worth a fact, each over its whole length, and the noted tests for devices."""
        called = self._called()
        telling: dict[int, list[Place]] = {}
        for place in self._walk.defined:
            if id(place.scope) in called and place.scope.parent is not None:
                telling.setdefault(id(place.scope.parent), []).append(place)
        for place in self._walk.defined:
            words = called.get(id(place.scope), set())
            if self._words.defines(place.node.name, words):
                kind = "class" if isinstance(place.node, ast.ClassDef) else "function"
                own = self._own_methods(place, telling.get(id(place.scope.parent), ()))
                leans = {word for other in own for word in called[id(other.scope)]} - words
                said = (("calls", words), ("leans", leans))
                args = tuple((key, " ".join(sorted(found))) for key, found in said if found)
                self._add(FactKind.DEFINITION, place.node.name, place, Certainty.INFERRED, kind, args)
        for branch in self._walk.branches:
            at = Place(branch.test, branch.scope, branch.guards, branch.statement)
            self._add(FactKind.BRANCH, branch.device, at, Certainty.INFERRED)

    def _own_methods(self, place: Place, others: Sequence[Place]) -> list[Place]:
        """The other methods that a method calls on its own object, or on its class."""
        if not others or isinstance(place.node, ast.ClassDef):
            return []
        text = "\n".join(self._walk.lines[place.node.lineno - 1 : place.node.end_lineno])
        return [other for other in others if any(f"{own}.{other.node.name}(" in text for own in ("self", "cls"))]

    def items(self) -> None:
        """Record what is taken from tensors by a mask, and put into parts of them, where PyTorch is imported."""
        methods = self._words.interest.methods
        if not any(found.module.partition(".")[0] == ROOT for found, _ in self._walk.imports):
            return
        for place in self._walk.taken if TAKEN in methods else ():
            if not self._is_array(place) and not is_column(place.node.slice, dotted(place.node.value)):
                self._item(TAKEN, "mask", place)
        for place in self._walk.put if PUT in methods else ():
            text = text_of(place.statement.value) if isinstance(place.statement, ast.Assign) else ""
            if text and not self._is_array(place):
                self._item(PUT, text, place)

    def _item(self, name: str, text: str, place: Place) -> None:
        args = (("0", text), ("on", dotted(place.node.value)))
        self._add(FactKind.METHOD, name, place, Certainty.INFERRED, "item", tuple(pair for pair in args if pair[1]))

    def _is_array(self, place: Place) -> bool:
        """Whether the object was made by a module that is not PyTorch, such as one for arrays on the host."""
        root = root_name(place.node.value)
        owner = place.scope.owner(root) if root else None
        value = owner.bindings[root][-1].value if owner and root else None
        maker = root_name(value.func) if isinstance(value, ast.Call) else None
        home = place.scope.owner(maker) if maker else None
        bound = home.bindings[maker][-1].value if home and maker else None
        return isinstance(bound, Imported) and bound.module and bound.origin.partition(".")[0] != ROOT

    def _called(self) -> dict[int, set[str]]:
        """The telling names that each scope calls, itself or in scopes within it; `@` for a product by that sign."""
        inside = self._words.interest.inside
        used = [("@", scope) for scope in self._walk.products]
        used.extend((_name_called(place.node.func), place.scope) for place in self._walk.calls)
        found: dict[int, set[str]] = {}
        for name, home in used:
            scope: Scope | None = home if name in inside else None
            while scope is not None:
                found.setdefault(id(scope), set()).add(name)
                scope = scope.parent
        return found


def _name_called(func: ast.expr) -> str:
    """The last component of a callee's name."""
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
