"""Which qualified name stands behind a Python expression: imports, aliases, scopes, class attributes.

The walk over a file's syntax tree fills `Scope` objects with bindings; afterwards `Resolver.name_of` turns an
expression into a dotted name and a certainty, or into nothing. No expression is evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import partial
from typing import Union

from portcheck.model import Certainty
from portcheck.records import NamedTuple

MAX_STEPS = 12
"""How many aliases are followed before a name counts as unknown; real code needs three or four."""

DYNAMIC = "import()"
"""Stands for the root of a name bound by `importlib.import_module(...)`."""


class Imported(NamedTuple):
    """A name bound by an import: the dotted origin, and whether it was `import x` (then it can only be a module)."""

    origin: str
    module: bool


class Opaque(NamedTuple):
    """A name bound to something that is not followed: a parameter, a loop variable, a function."""


OPAQUE = Opaque()


class Typed(NamedTuple):
    """A parameter that is not followed, with what its annotation says it is."""

    annotation: ast.expr


class Scope:
    """A module, function, class or comprehension with what is bound in it."""

    __slots__ = ("attributes", "bindings", "delegated", "imported", "kind", "methods", "name", "parent", "stars")

    def __init__(self, kind: str, name: str, parent: Scope | None) -> None:
        self.kind = kind
        self.name = name
        self.parent = parent
        self.bindings: dict[str, list[Binding]] = {}
        self.attributes: dict[str, list[ast.expr]] = {}
        self.methods: set[str] = set()
        self.stars: list[str] = []
        self.delegated: dict[str, Scope] = {}
        self.imported: list[tuple[str, Imported]] = []

    def forget(self) -> None:
        """Drop everything that was recorded; the scope is of no use afterwards."""
        self.bindings.clear()
        self.attributes.clear()
        self.delegated.clear()

    def bind(self, name: str, line: int, value: Bound) -> None:
        """Record that `name` is bound to `value` at `line`, in the scope that a global or nonlocal statement names."""
        home = self.delegated.get(name, self) if self.delegated else self
        if value.__class__ is Imported:
            home.imported.append((name, value))
        known = home.bindings.get(name)
        found = _binding((line, value, None if home is self else self))
        if known is None:
            home.bindings[name] = [found]
        else:
            known.append(found)

    def bind_parameters(self, args: ast.arguments) -> None:
        """Record the parameters of a function, in whose scope nothing else is bound yet."""
        bindings = self.bindings
        for parameter in (*args.posonlyargs, *args.args, *args.kwonlyargs):
            note = parameter.annotation
            plain = note is not None and note.__class__ in (ast.Name, ast.Attribute)
            value = Typed(note) if note is not None and plain else OPAQUE
            bindings[parameter.arg] = [_binding((parameter.lineno, value, None))]
        for rest in (args.vararg, args.kwarg):
            if rest is not None:
                bindings[rest.arg] = [_binding((rest.lineno, OPAQUE, None))]

    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def enclosing_class(self) -> Scope | None:
        """The nearest class around this scope."""
        scope: Scope | None = self
        while scope is not None and scope.kind != "class":
            scope = scope.parent
        return scope

    def owner(self, name: str) -> Scope | None:
        """The scope that binds `name` as seen from here, by Python's rules (class bodies hide from their methods)."""
        scope: Scope | None = self.delegated.get(name, self)
        first = scope
        while scope is not None:
            if name in scope.bindings and (scope.kind != "class" or scope is first):
                return scope
            scope = scope.parent
        return None


Bound = Union[Imported, Opaque, Typed, Scope, ast.expr]


class Binding(NamedTuple):
    """One assignment of a name: the line it stands on, what was bound, and the scope of that line, if it is another."""

    line: int
    value: Bound
    scope: Scope | None = None


_binding = partial(tuple.__new__, Binding)
"""Makes a `Binding` of a tuple of all its fields, at half the price."""


class Resolved(NamedTuple):
    """A dotted name and how sure it is; `module_import` when its root was bound by `import x`."""

    name: str
    certainty: Certainty
    module_import: bool = False


def root_name(node: ast.expr) -> str | None:
    """The identifier that a chain of attributes, calls and subscripts starts with, if it starts with one."""
    while True:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return None


def dotted(node: ast.expr) -> str:
    """The text of a chain of names and attributes, `()` and `[]` for calls and subscripts; empty for anything else."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Name):
            parts.append(node.id)
            return ".".join(reversed(parts))
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, (ast.Call, ast.Subscript)):
            suffix = "()" if isinstance(node, ast.Call) else "[]"
            node = node.func if isinstance(node, ast.Call) else node.value
            if isinstance(node, ast.Attribute):
                parts.append(node.attr + suffix)
                node = node.value
            elif isinstance(node, ast.Name):
                parts.append(node.id + suffix)
                return ".".join(reversed(parts))
            else:
                return ".".join(reversed(parts))
        else:
            return ".".join(reversed(parts))


def absent(node: Bound) -> bool:
    """True for `None`, `False` and the like: what a failed import is replaced with."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


class Resolver:
    """Turns expressions of one file into dotted names."""

    def __init__(self, scopes: Iterable[Scope], roots: frozenset[str]) -> None:
        """`roots` are the first components of the names worth resolving, such as `torch`."""
        self._roots = roots
        self.hot = self._hot_names(list(scopes))

    def _hot_names(self, scopes: list[Scope]) -> frozenset[str]:
        hot: set[str] = {DYNAMIC}
        aliases: list[tuple[str, str]] = []
        for scope in scopes:
            hot.update(name for name, value in scope.imported if value.origin.partition(".")[0] in self._roots)
            for name, bindings in scope.bindings.items():
                for _, value, _ in bindings:
                    if value.__class__ in _PASSING and isinstance(value, ast.expr):
                        aliases.extend((name, root) for root in alias_roots(value))
            for name, values in scope.attributes.items():
                for value in values:
                    if value.__class__ in _PASSING:
                        aliases.extend((f".{name}", root) for root in alias_roots(value))
        grown = True
        while grown:
            fresh = {name for name, root in aliases if root in hot and name not in hot}
            grown = bool(fresh)
            hot |= fresh
        return frozenset(hot)

    def name_of(self, node: ast.expr, scope: Scope, line: int, steps: int = MAX_STEPS) -> Resolved | None:
        """The dotted name behind `node` as used in `scope` at `line`; None when it is not known."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if steps <= 0:
            return None
        if isinstance(node, ast.Name):
            found = self._attribute(node.id, parts, scope, steps) or self._name(node.id, scope, line, steps)
        else:
            found = self._expression(node, scope, line, steps)
        if found is None:
            return None
        return Resolved(".".join([found.name, *reversed(parts)]), found.certainty, found.module_import)

    def _attribute(self, head: str, parts: list[str], scope: Scope, steps: int) -> Resolved | None:
        """`self.x` and `cls.x`, through what the class body and its methods bind; takes `x` off `parts`."""
        if head not in ("self", "cls") or not parts or f".{parts[-1]}" not in self.hot:
            return None
        owner = scope.enclosing_class()
        for value in owner.attributes.get(parts[-1], ()) if owner else ():
            inside = self.name_of(value, scope, value.lineno, steps - 1)
            if inside is not None:
                parts.pop()
                return Resolved(inside.name, Certainty.INFERRED)
        return None

    def _name(self, name: str, scope: Scope, line: int, steps: int) -> Resolved | None:
        owner = scope.owner(name)
        if owner is None:
            return None
        bindings = owner.bindings[name]
        visible = [b for b in bindings if b.line <= line] if owner is scope else bindings
        present = [b for b in visible or bindings if not absent(b.value)]
        for binding in reversed(present):
            value = binding.value
            certainty = Certainty.EXACT if len(present) == 1 else Certainty.INFERRED
            if isinstance(value, Imported):
                return Resolved(value.origin, self._sure(present, certainty), value.module)
            if not isinstance(value, ast.expr):
                return None
            at = binding.line - 1 if self._names(value, name) else binding.line
            inside = self.name_of(value, binding.scope or owner, at, steps - 1)
            if inside is not None:
                return Resolved(inside.name, Certainty.INFERRED)
            if owner.kind != "module":
                return None
        return None

    @staticmethod
    def _names(value: ast.expr, name: str) -> bool:
        return root_name(value) == name

    @staticmethod
    def _sure(present: list[Binding], certainty: Certainty) -> Certainty:
        """A name imported twice from the same place is as sure as one imported once."""
        origins = {b.value.origin for b in present if isinstance(b.value, Imported)}
        imported = sum(isinstance(b.value, Imported) for b in present)
        return Certainty.EXACT if len(origins) == 1 and imported == len(present) else certainty

    def _expression(self, node: ast.expr, scope: Scope, line: int, steps: int) -> Resolved | None:
        if isinstance(node, ast.IfExp):
            choices: list[ast.expr] = [node.body, node.orelse]
        elif isinstance(node, ast.BoolOp):
            choices = node.values
        elif isinstance(node, ast.NamedExpr):
            choices = [node.value]
        elif isinstance(node, ast.Call):
            return self._dynamic(node, scope, line, steps)
        else:
            return None
        for choice in choices:
            found = self.name_of(choice, scope, line, steps - 1)
            if found is not None:
                return Resolved(found.name, Certainty.INFERRED)
        return None

    def _dynamic(self, call: ast.Call, scope: Scope, line: int, steps: int) -> Resolved | None:
        """`getattr(torch, "cuda")`, `importlib.import_module("torch.cuda")`, `functools.partial(torch.device, ...)`."""
        args = call.args
        if not args:
            return None
        if isinstance(call.func, ast.Name) and call.func.id == "getattr" and len(args) > 1:
            base = self.name_of(args[0], scope, line, steps - 1)
            if base and isinstance(args[1], ast.Constant) and isinstance(args[1].value, str):
                return Resolved(f"{base.name}.{args[1].value}", Certainty.INFERRED)
            return None
        text = args[0].value if isinstance(args[0], ast.Constant) else None
        if isinstance(call.func, ast.Name) and call.func.id == "__import__" and isinstance(text, str):
            whole = len(args) > 1 or call.keywords
            return Resolved(text if whole else text.split(".")[0], Certainty.INFERRED)
        callee = self.name_of(call.func, scope, line, steps - 1)
        if callee is None:
            return None
        if callee.name == "importlib.import_module" and isinstance(text, str) and not text.startswith("."):
            return Resolved(text, Certainty.INFERRED)
        if callee.name == "functools.partial":
            inside = self.name_of(args[0], scope, line, steps - 1)
            return inside and Resolved(inside.name, Certainty.INFERRED)
        return None

    def class_of(self, node: ast.expr, scope: Scope, line: int) -> Scope | str | None:
        """The class an object belongs to: a class of this file, the dotted name of an imported one, or None."""
        for _ in range(MAX_STEPS):
            if isinstance(node, ast.Call):
                return self._class_named(node.func, scope, line)
            if isinstance(node, ast.Name):
                if node.id == "self":
                    return scope.enclosing_class()
                owner = scope.owner(node.id)
                values = [b.value for b in owner.bindings[node.id] if b.line <= line] if owner else []
                if values and isinstance(values[-1], Typed):
                    return self._class_named(values[-1].annotation, owner or scope, line)
                if not values or not isinstance(values[-1], ast.expr):
                    return None
                node = values[-1]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                home = scope.enclosing_class()
                attributes = home.attributes.get(node.attr) if home else None
                if not attributes:
                    return None
                node = attributes[-1]
            else:
                return None
        return None

    def _class_named(self, func: ast.expr, scope: Scope, line: int) -> Scope | str | None:
        if isinstance(func, ast.Name):
            owner = scope.owner(func.id)
            values = [b.value for b in owner.bindings[func.id]] if owner else []
            if values and isinstance(values[-1], Scope):
                return values[-1]
            stars = scope.module().stars
            if owner is None and len(stars) == 1:
                return f"{stars[0]}{func.id}" if stars[0].endswith(".") else f"{stars[0]}.{func.id}"
        found = self.name_of(func, scope, line)
        return found.name if found else None


_PASSING = frozenset({ast.Name, ast.Attribute, ast.Call, ast.IfExp, ast.BoolOp})
"""The expressions that may pass a meaning on."""


def alias_roots(value: ast.expr) -> tuple[str, ...]:
    """The identifiers whose meaning an assigned expression may pass on."""
    if isinstance(value, (ast.IfExp, ast.BoolOp)):
        choices = [value.body, value.orelse] if isinstance(value, ast.IfExp) else value.values[:4]
        plain = [choice for choice in choices if not isinstance(choice, (ast.IfExp, ast.BoolOp))]
        return tuple(root for choice in plain for root in alias_roots(choice))
    if isinstance(value, ast.Call):
        head = dotted(value.func)
        if head in ("__import__", "importlib.import_module", "import_module"):
            return (DYNAMIC,) if value.args else ()
        if head == "getattr" or head.rsplit(".", 1)[-1] == "partial":
            root = root_name(value.args[0]) if value.args else None
            return (root,) if root else ()
        return ()
    if isinstance(value, (ast.Name, ast.Attribute)):
        root = root_name(value)
        return (root,) if root else ()
    return ()
