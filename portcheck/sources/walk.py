"""One pass over a syntax tree: bindings by scope, and the places that may become facts.

The walk decides nothing about CUDA. It notes attribute chains, lone names, calls and strings together with the scope,
the guards and the statement they stand in; `collect` resolves them afterwards, when all bindings are known.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Sequence
from functools import partial
from typing import Any, Callable

from portcheck.model import Definition, Import
from portcheck.records import NamedTuple
from portcheck.scope import OPAQUE, Bound, Imported, Scope, dotted
from portcheck.sources.flow import STATEMENTS, Enter, Flow, Guards
from portcheck.sources.guards import Vocabulary
from portcheck.sources.items import is_mask, is_part, put_value
from portcheck.sources.light import imports_in


class Place(NamedTuple):
    """Where a node stands: scope, guards and statement; `call` is the call whose callee it is, if it is one.

    `root` is the identifier that a chain of names begins with.
    """

    node: Any
    scope: Scope
    guards: Guards
    statement: ast.stmt
    call: ast.Call | None = None
    root: str = ""


_place = partial(tuple.__new__, Place)
"""Makes a `Place` of a tuple of all its fields, at half the price."""


class Wanted(NamedTuple):
    """What a walk notes: attributes, calls and keywords by name, strings by what a function says of them.

    Keywords in `numbered` count when a literal is given.
    """

    attributes: frozenset[str]
    calls: frozenset[str]
    keywords: frozenset[str]
    string: Callable[[str], bool]
    numbered: frozenset[str] = frozenset()


LITERALS = frozenset({ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.IfExp})
"""Kinds of nodes that may spell out the number of a device."""


class _Everything:
    """Holds every name: for files with star imports, where any name may be another module's."""

    def __contains__(self, name: object) -> bool:
        return True


class Walk(Flow):
    """The pass itself; after `run` its lists hold what was seen."""

    def __init__(self, vocabulary: Vocabulary, text: str, wanted: Wanted) -> None:
        """`wanted` tells what is worth noting."""
        super().__init__(vocabulary, text)
        self.wanted = wanted
        self._attributes = wanted.attributes
        self._called = wanted.calls
        self._names: Container[str] = frozenset()
        self._taken: set[int] = set()
        self.chains: list[Place] = []
        self.methods: list[Place] = []
        self.calls: list[Place] = []
        self.dynamic: list[Place] = []
        self.strings: list[Place] = []
        self.imports: list[tuple[Import, Place]] = []
        self.definitions: list[Definition] = []
        self.defined: list[Place] = []
        self.products: list[Scope] = []
        self.taken: list[Place] = []
        self.put: list[Place] = []
        comprehensions = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
        self._handlers.update(
            {
                ast.Attribute: self._attribute,
                ast.Call: self._call,
                ast.Constant: self._constant,
                ast.JoinedStr: self._joined,
                ast.Expr: self._bare,
                ast.Import: self._import,
                ast.ImportFrom: self._import_from,
                ast.FunctionDef: self._function,
                ast.AsyncFunctionDef: self._function,
                ast.ClassDef: self._class,
                ast.Lambda: self._lambda,
                ast.Assign: self._assign,
                ast.AnnAssign: self._annotated,
                ast.NamedExpr: self._walrus,
                ast.AugAssign: self._augmented,
                ast.For: self._loop,
                ast.AsyncFor: self._loop,
                ast.withitem: self._with_item,
                ast.Delete: self._deleted,
                ast.Global: self._global,
                ast.Nonlocal: self._global,
                ast.With: self._with,
                ast.AsyncWith: self._with,
                **dict.fromkeys(comprehensions, self._comprehension),
            }
        )

    def run(self, tree: ast.Module) -> None:
        """Walk the whole tree."""
        names = self._names = self._worth_noting(tree)
        self._block(tree.body, (), self.module)
        stack, handlers, chains = self._stack, self._handlers, self.chains
        lone, load = ast.Name, ast.Load
        while stack:
            node = stack.pop()
            kind = node.__class__
            # Names are nearly half of all nodes, and most of them are nobody's concern.
            if kind is lone:
                if node.id in names and node.ctx.__class__ is load:
                    chains.append(_place((node, self._scope, self._guards, self._statement, None, node.id)))
                continue
            if kind is Enter:
                self._scope, self._guards, self._statement = node
                continue
            if kind in STATEMENTS:
                self._statement = node
            handler = handlers.get(kind)
            if handler is not None:
                handler(node)
            else:
                self._children(node)

    def _worth_noting(self, tree: ast.Module) -> Container[str]:
        """The lone names that can be another module's, or a function's of this one; all, where one cannot tell."""
        names: set[str] = set()
        for found in imports_in(self._text):
            if found.name == "*":
                return _Everything()
            names.add(found.alias or found.name or found.module.partition(".")[0])
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        names.update(node.name for node in tree.body if isinstance(node, kinds))
        return names

    def _here(self, node: ast.expr, call: ast.Call | None = None) -> Place:
        return _place((node, self._scope, self._guards, self._statement, call, ""))

    def _attribute(self, node: ast.Attribute, call: ast.Call | None = None) -> None:
        if node.attr in self._attributes:
            self.methods.append(self._here(node, call))
        inner = node.value
        while inner.__class__ is ast.Attribute:
            inner = inner.value
        if inner.__class__ is ast.Name:
            self.chains.append(_place((node, self._scope, self._guards, self._statement, call, inner.id)))
            return
        if is_dynamic(inner):
            self.dynamic.append(self._here(node, call))
            self._taken.add(id(inner))
        self._stack.append(inner)

    def _call(self, node: ast.Call) -> None:
        stack = self._stack
        noted = False
        if node.keywords:
            wanted = self.wanted
            for keyword in node.keywords[::-1]:
                stack.append(keyword.value)
                name = keyword.arg
                noted = noted or (name is not None and (name in wanted.keywords or name.isupper()))
                noted = noted or (name in wanted.numbered and keyword.value.__class__ in LITERALS)
        func: Any = node.func
        kind = func.__class__
        args = node.args
        if kind is ast.Name and func.id == "getattr" and _member(node):
            args = args[1:]
            if id(node) not in self._taken:
                self.dynamic.append(self._here(node))
        stack.extend(args[::-1])
        if kind is ast.Attribute:
            noted = noted or func.attr in self._called
            self._attribute(func, node)
        elif kind is ast.Name:
            name = func.id
            noted = noted or name in self._called
            if name in self._names:
                self.chains.append(_place((func, self._scope, self._guards, self._statement, node, name)))
        else:
            if is_dynamic(func):
                self.dynamic.append(self._here(func, node))
                self._taken.add(id(func))
            stack.append(func)
        if noted:
            self.calls.append(self._here(node))

    def _binary(self, node: ast.BinOp) -> None:
        if node.op.__class__ is ast.MatMult:
            self.products.append(self._scope)
        super()._binary(node)

    def _subscript(self, node: ast.Subscript) -> None:
        if node.ctx.__class__ is ast.Load and is_mask(node.slice):
            self.taken.append(self._here(node))
        super()._subscript(node)

    def _constant(self, node: ast.Constant) -> None:
        if node.value.__class__ is str and self.wanted.string(node.value):
            self.strings.append(self._here(node))

    def _joined(self, node: ast.JoinedStr) -> None:
        if self.wanted.string(template(node)):
            self.strings.append(self._here(node))
        for value in reversed(node.values):
            if isinstance(value, ast.FormattedValue):
                self._stack.append(value.value)

    def _bare(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self._stack.append(node.value)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._imported(Import(alias.name, 0, "", alias.asname or "", node.lineno), alias)
            name = alias.asname or alias.name.split(".", 1)[0]
            origin = alias.name if alias.asname else name
            self._scope.bind(name, node.lineno, Imported(origin, True))

    def _import_from(self, node: ast.ImportFrom) -> None:
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            self._imported(Import(node.module or "", node.level, alias.name, alias.asname or "", node.lineno), alias)
            if alias.name == "*":
                self._scope.stars.append(base)
            else:
                origin = f"{base}{alias.name}" if base.endswith(".") else f"{base}.{alias.name}"
                self._scope.bind(alias.asname or alias.name, node.lineno, Imported(origin, False))

    def _imported(self, found: Import, alias: ast.alias) -> None:
        node: Any = alias
        self.imports.append((found, self._here(node)))

    def _inner(self, kind: str, name: str) -> Scope:
        above = self._scope.name
        scope = Scope(kind, f"{above}.{name}" if above and name else name or above, self._scope)
        self.scopes.append(scope)
        return scope

    def _function(self, node: ast.FunctionDef) -> None:
        self._scope.bind(node.name, node.lineno, OPAQUE)
        if self._scope.kind == "class":
            self._scope.methods.add(node.name)
        scope = self._inner("function", node.name)
        self.definitions.append(Definition(scope.name, node.lineno, node.end_lineno or node.lineno))
        self.defined.append(_place((node, scope, self._guards, node, None, "")))
        scope.bind_parameters(node.args)
        self._within(scope, self._guards, node.body)
        self._push(*node.decorator_list, node.args, node.returns)

    def _lambda(self, node: ast.Lambda) -> None:
        scope = self._inner("function", "")
        scope.bind_parameters(node.args)
        self._within(scope, self._guards, [node.body])
        self._push(node.args)

    def _class(self, node: ast.ClassDef) -> None:
        outer = self._scope
        scope = self._inner("class", node.name)
        outer.bind(node.name, node.lineno, scope)
        bases = tuple(text for text in map(dotted, node.bases[:8]) if text)
        self.definitions.append(Definition(scope.name, node.lineno, node.end_lineno or node.lineno, bases))
        self.defined.append(_place((node, scope, self._guards, node, None, "")))
        self._within(scope, self._guards, node.body)
        self._push(*node.decorator_list, *node.bases, *[keyword.value for keyword in node.keywords])

    def _comprehension(self, node: ast.ListComp) -> None:
        scope = self._inner("function", "")
        for generator in node.generators:
            self._bind(generator.target, OPAQUE, scope)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner = [part for g in node.generators for part in (g.iter, *g.ifs)]
        self._within(scope, self._guards, [*inner[1:], *parts])
        self._stack.append(inner[0])

    def _bind(self, target: ast.AST, value: Bound, scope: Scope | None = None) -> None:
        """Bind what stands left of an assignment; parts of tuples are matched where both sides show them."""
        home = scope or self._scope
        stack: list[tuple[ast.AST, Bound]] = [(target, value)]
        while stack:
            left, right = stack.pop()
            if isinstance(left, ast.Name):
                home.bind(left.id, left.lineno, right)
            elif isinstance(left, ast.Starred):
                stack.append((left.value, OPAQUE))
            elif isinstance(left, (ast.Tuple, ast.List)):
                parts: Sequence[Bound] = [OPAQUE] * len(left.elts)
                if isinstance(right, (ast.Tuple, ast.List)) and len(right.elts) == len(left.elts):
                    parts = right.elts
                stack.extend(zip(left.elts, parts))
            elif (
                isinstance(left, ast.Attribute)
                and isinstance(left.value, ast.Name)
                and left.value.id in ("self", "cls")
            ):
                owner = home.enclosing_class()
                if owner is not None and isinstance(right, ast.expr):
                    owner.attributes.setdefault(left.attr, []).append(right)

    def _assign(self, node: ast.Assign) -> None:
        stack, scope, value = self._stack, self._scope, node.value
        stack.append(value)
        for target in node.targets[::-1]:
            if target.__class__ is not ast.Name:
                stack.append(target)
        for target in node.targets:
            if target.__class__ is ast.Name:
                scope.bind(target.id, target.lineno, value)
                self._class_attribute(target, value)
                continue
            self._bind(target, value)
            if target.__class__ is ast.Subscript and put_value(value) and is_part(target.slice):
                self.put.append(self._here(target))

    def _class_attribute(self, target: ast.expr, value: ast.expr | None) -> None:
        if self._scope.kind == "class" and value is not None and isinstance(target, ast.Name):
            self._scope.attributes.setdefault(target.id, []).append(value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, node.value)
            self._class_attribute(node.target, node.value)
        self._push(node.target, node.annotation, node.value)

    def _walrus(self, node: ast.NamedExpr) -> None:
        self._bind(node.target, node.value)
        self._stack.append(node.value)

    def _augmented(self, node: ast.AugAssign) -> None:
        self._bind(node.target, OPAQUE)
        self._push(node.target, node.value)

    def _deleted(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._bind(target, OPAQUE)
        self._push(*node.targets)

    def _loop(self, node: ast.For) -> None:
        self._bind(node.target, OPAQUE)
        self._within(self._scope, self._guards, [*node.body, *node.orelse])
        self._push(node.target, node.iter)

    def _with(self, node: ast.With) -> None:
        self._within(self._scope, self._guards, node.body)
        self._push(*node.items)

    def _with_item(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self._bind(node.optional_vars, OPAQUE)
        self._push(node.context_expr, node.optional_vars)

    def _global(self, node: ast.Global) -> None:
        for name in node.names:
            parent = self._scope.parent
            owner = self.module if isinstance(node, ast.Global) else parent and parent.owner(name)
            if owner is not None and owner is not self._scope:
                self._scope.delegated[name] = owner


def is_dynamic(node: ast.AST) -> bool:
    """Whether an expression is a call that yields a module or a member by name, such as `getattr(torch, "cuda")`."""
    return isinstance(node, ast.Call) and dotted(node.func).rsplit(".", 1)[-1] in (
        "getattr",
        "import_module",
        "__import__",
    )


def _member(call: ast.Call) -> bool:
    """Whether a call of `getattr` names a member of a chain of names: the whole is what the chain would be."""
    args = call.args
    if len(args) < 2 or not isinstance(args[1], ast.Constant) or type(args[1].value) is not str:
        return False
    home = args[0]
    while isinstance(home, ast.Attribute):
        home = home.value
    return isinstance(home, ast.Name)


def template(node: ast.JoinedStr) -> str:
    """An f-string as text, with `{}` where a value is put in."""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
