"""Control flow in a walk over a syntax tree: an explicit stack, and which guards hold in which branch.

`Flow` knows where to go next; the walk itself, and what it makes of other nodes, is a subclass's. Each branch of a
chain stands beside the devices that the other branches test for, so that code with a branch for the target is told
apart later.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any, Callable, Optional

from portcheck.records import NamedTuple
from portcheck.scope import OPAQUE, Scope, dotted
from portcheck.sources.guards import Condition, Vocabulary, devices_spoken_of, devices_tested

Guards = tuple[str, ...]
Arm = tuple[Optional[ast.expr], Sequence[ast.AST]]


class Branch(NamedTuple):
    """A test for a noted device type: where it stands, and under which guards (the chain's other devices beside it)."""

    test: ast.expr
    device: str
    scope: Scope
    guards: Guards
    statement: ast.stmt


class Enter(NamedTuple):
    """A marker on the stack: from here on, nodes stand in this scope, under these guards, in this statement."""

    scope: Scope
    guards: Guards
    statement: ast.stmt


_enter = partial(tuple.__new__, Enter)
"""Makes an `Enter` of a tuple of all its fields, at half the price."""

_SKIPPED = frozenset({"ctx", "op", "ops", "type_comment", "type_ignores", "kind", "conversion", "type_params"})
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}
STATEMENTS = frozenset(kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.stmt))
_TERMINATORS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_TRY: tuple[Any, ...] = tuple(kind for kind in (ast.Try, getattr(ast, "TryStar", None)) if kind is not None)
_MATCH: tuple[Any, ...] = tuple(kind for kind in (getattr(ast, "Match", None),) if kind is not None)


def fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a node type that can hold child nodes, last first, so that the first is popped first."""
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(reversed([name for name in kind._fields if name not in _SKIPPED]))
    return known


_SILENT = Condition()


class Flow:
    """The stack, and the present scope, guards and statement."""

    def __init__(self, vocabulary: Vocabulary, text: str) -> None:
        """`vocabulary` tells devices in conditions; `text` is the source, its lines ended by line feeds alone."""
        self.vocabulary = vocabulary
        self._text = text
        self.lines = text.split("\n")
        self.module = Scope("module", "", None)
        self.scopes: list[Scope] = [self.module]
        self.traits: list[str] = []
        self.branches: list[Branch] = []
        self.asked: set[int] = set()
        self._stack: list[Any] = []
        self._scope = self.module
        self._guards: Guards = ()
        self._conditions: dict[int, Condition] = {}
        self._statement: ast.stmt = ast.Pass()
        self._handlers: dict[type, Callable[..., None]] = {
            ast.If: self._if,
            ast.While: self._while,
            ast.IfExp: self._choice,
            ast.BoolOp: self._bool,
            **dict.fromkeys(_TRY, self._try),
            **dict.fromkeys(_MATCH, self._match),
            ast.Subscript: self._subscript,
            ast.BinOp: self._binary,
            ast.Compare: self._comparison,
            ast.Tuple: self._elements,
            ast.List: self._elements,
            ast.Return: self._returned,
            ast.UnaryOp: self._operand,
            ast.arguments: self._signature,
            type(None): lambda _: None,
            str: lambda _: None,
        }

    def _subscript(self, node: ast.Subscript) -> None:
        self._stack.extend((node.slice, node.value))

    def _binary(self, node: ast.BinOp) -> None:
        self._stack.extend((node.right, node.left))

    def _comparison(self, node: ast.Compare) -> None:
        self._stack.extend(node.comparators[::-1])
        self._stack.append(node.left)
        if node.left.__class__ is ast.Name and node.ops[0].__class__ in (ast.Is, ast.IsNot):
            self.asked.add(id(node.left))

    def _elements(self, node: ast.Tuple) -> None:
        self._stack.extend(node.elts[::-1])

    def _returned(self, node: ast.Return) -> None:
        self._stack.append(node.value)

    def _operand(self, node: ast.UnaryOp) -> None:
        self._stack.append(node.operand)

    def _signature(self, node: ast.arguments) -> None:
        """Push the annotations and defaults of parameters; their names are no use of anything."""
        stack = self._stack
        stack.extend(node.defaults[::-1])
        stack.extend(node.kw_defaults[::-1])
        stack.extend(arg.annotation for arg in parameters(node) if arg.annotation is not None)

    def forget(self) -> None:
        """Break the circles of references, so that the walk is freed without the garbage collector."""
        self._handlers.clear()
        for scope in self.scopes:
            scope.forget()

    def _children(self, node: ast.AST) -> None:
        stack = self._stack
        for name in fields_of(type(node)):
            value = getattr(node, name)
            if value.__class__ is list:
                stack.extend(value[::-1])
            elif isinstance(value, ast.AST):
                stack.append(value)

    def _condition(self, test: ast.expr) -> Condition:
        """The condition behind a test; the tree outlives the walk, so that the node's identity can stand for it."""
        known = self._conditions.get(id(test))
        if known is None:
            first, last = test.lineno - 1, test.end_lineno or test.lineno
            spoken = any(map(self.vocabulary.speaks, self.lines[first:last]))
            found = self.vocabulary.condition(test) if spoken else _SILENT
            known = self._conditions[id(test)] = found if any(found) else _SILENT
        return known

    def _push(self, *nodes: ast.AST | None) -> None:
        self._stack.extend(node for node in reversed(nodes) if node is not None)

    def _within(self, scope: Scope, guards: Guards, nodes: Sequence[ast.AST]) -> None:
        """Push nodes to be walked in another scope or under other guards, then come back to the present ones."""
        self._stack.append(_enter((self._scope, self._guards, self._statement)))
        self._block(nodes, guards, scope)
        self._stack.append(_enter((scope, guards, self._statement)))

    def _block(self, nodes: Sequence[ast.AST], guards: Guards, scope: Scope) -> None:
        """Push a block that is entered under `guards`; neighbouring tests for devices stand beside each other."""
        stack = self._stack
        if all(node.__class__ is not ast.If or self._condition(node.test) is _SILENT for node in nodes):
            stack.extend(nodes[::-1])
            return
        changed: Guards | None = None
        stack.append(_enter((scope, guards, self._statement)))
        for node, extra in reversed(list(zip(nodes, self._beside(nodes)))):
            under = _join(guards, _beside_tokens(extra))
            if changed is not None and changed != under:
                stack.append(_enter((scope, changed, self._statement)))
            stack.append(node)
            changed = under
        if changed is not None and changed != guards:
            stack.append(_enter((scope, changed, self._statement)))

    def _beside(self, nodes: Sequence[ast.AST]) -> list[frozenset[str]]:
        """For each statement of a block the devices it stands beside: those of the `if`s next to it, and of earlier
        ones that leave the block (`if npu: return ...`)."""
        tests = [
            devices_tested(self._condition(node.test)) if isinstance(node, ast.If) else frozenset() for node in nodes
        ]
        left: frozenset[str] = frozenset()
        beside: list[frozenset[str]] = []
        for index, node in enumerate(nodes):
            near = [tests[i] for i in _run(tests, index) if i != index] if tests[index] else []
            beside.append(left.union(*near) - tests[index])
            if isinstance(node, ast.If) and tests[index] and isinstance(node.body[-1], _TERMINATORS):
                left |= tests[index]
        return beside

    def _while(self, node: ast.While) -> None:
        self._chain([(node.test, node.body), (None, node.orelse)], [node])

    def _if(self, node: ast.If) -> None:
        if _is_main(node.test):
            self.traits.append("main")
        arms: list[Arm] = [(node.test, node.body)]
        headers: list[ast.stmt] = [node]
        rest: Sequence[ast.AST] = node.orelse
        while len(rest) == 1 and isinstance(rest[0], ast.If):
            headers.append(rest[0])
            arms.append((rest[0].test, rest[0].body))
            rest = rest[0].orelse
        self._chain([*arms, (None, rest)], headers)

    def _choice(self, node: ast.IfExp) -> None:
        self._chain([(node.test, [node.body]), (None, [node.orelse])], [])

    def _bool(self, node: ast.BoolOp) -> None:
        """`a or b`: each stands beside the devices of the others; `a and b`: b stands under a."""
        if isinstance(node.op, ast.Or):
            self._arms([(value, ()) for value in node.values], [])
            return
        guards = self._guards
        parts: list[tuple[ast.expr, Guards]] = []
        for value in node.values:
            parts.append((value, guards))
            guards = _join(guards, self._condition(value).held)
        self._stack.append(_enter((self._scope, self._guards, self._statement)))
        for value, under in reversed(parts):
            self._stack.append(value)
            self._stack.append(_enter((self._scope, under, self._statement)))

    def _chain(self, arms: list[Arm], headers: Sequence[ast.stmt]) -> None:
        """Note the tests of a chain that ask for a device of interest, then walk its branches."""
        tests = [test for test, _ in arms if test is not None]
        conditions = [self._condition(test) for test in tests]
        if all(condition is _SILENT for condition in conditions):
            self._silent(arms, headers)
            return
        every = {device for found in conditions for device in devices_spoken_of(found)}
        for test in tests if every else ():
            asked = self.vocabulary.asked_in(test)
            if asked:
                guards = _join(self._guards, _beside_tokens(every - {asked[0]}))
                self.branches.append(Branch(test, asked[0], self._scope, guards, self._statement))
        self._arms(arms, headers)

    def _silent(self, arms: list[Arm], headers: Sequence[ast.stmt]) -> None:
        """Push a chain of branches that says nothing of devices: guards stay as they are."""
        stack, scope, outer = self._stack, self._scope, self._guards
        for index in range(len(arms) - 1, -1, -1):
            test, body = arms[index]
            if body:
                self._block(body, outer, scope)
            if test is not None:
                stack.append(test)
                if index:
                    stack.append(_enter((scope, outer, headers[index])))

    def _arms(self, arms: list[Arm], headers: Sequence[ast.stmt]) -> None:
        """Push a chain of branches, each beside the devices that do not get there."""
        conditions = [self._condition(test) if test is not None else _SILENT for test, _ in arms]
        stack, scope, outer = self._stack, self._scope, self._guards
        stack.append(_enter((scope, outer, self._statement)))
        for index in range(len(arms) - 1, -1, -1):
            test, body = arms[index]
            header = headers[min(index, len(headers) - 1)] if headers else self._statement
            beside = _join(outer, _beside_tokens(_elsewhere(conditions, index)))
            under = _join(beside, _holding(conditions, index))
            self._block(body, under, scope)
            stack.append(_enter((scope, under, header)))
            if test is not None:
                stack.append(test)
                stack.append(_enter((scope, beside, header)))

    def _try(self, node: ast.Try) -> None:
        self._within(self._scope, self._guards, node.finalbody)
        for handler in reversed(node.handlers):
            if handler.name:
                self._scope.bind(handler.name, handler.lineno, OPAQUE)
            self._within(self._scope, self._guards, handler.body)
            self._push(handler.type)
        guards = _join(self._guards, ["optional"]) if _catches_import(node) else self._guards
        self._within(self._scope, guards, [*node.body, *node.orelse])

    def _match(self, node: ast.Match) -> None:
        spoken = [
            frozenset(filter(None, map(self.vocabulary.device_in, pattern_strings(case.pattern))))
            for case in node.cases
        ]
        every = frozenset().union(*spoken)
        for case, devices in reversed(list(zip(node.cases, spoken))):
            self._capture(case.pattern)
            beside = _join(self._guards, _beside_tokens(every - devices))
            under = _join(beside, [f"device:{device}" for device in sorted(devices)])
            self._within(self._scope, under, case.body)
            self._within(self._scope, beside, [part for part in (case.pattern, case.guard) if part is not None])
        self._stack.append(node.subject)

    def _capture(self, pattern: ast.AST) -> None:
        for part in ast.walk(pattern):
            for field in ("name", "rest"):
                name = getattr(part, field, None)
                if isinstance(name, str):
                    self._scope.bind(name, getattr(part, "lineno", 0), OPAQUE)


def parameters(node: ast.arguments) -> list[ast.arg]:
    """The parameters of a function, of all kinds."""
    every = [*node.posonlyargs, *node.args, *node.kwonlyargs]
    if node.vararg is not None:
        every.append(node.vararg)
    if node.kwarg is not None:
        every.append(node.kwarg)
    return every


def pattern_strings(pattern: ast.AST) -> list[str]:
    """The string constants of a match pattern."""
    values = [part.value for part in ast.walk(pattern) if isinstance(part, ast.Constant)]
    return [value for value in values if isinstance(value, str)]


def _elsewhere(conditions: Sequence[Condition], index: int) -> frozenset[str]:
    """The devices that have a branch of their own and so do not get to this one: an earlier branch is theirs, or a
    later one, if this one asks for a device at all. Without that, it is taken before theirs on any device."""
    own = devices_tested(conditions[index])
    others = [*conditions[:index], *(conditions[index + 1 :] if own else ())]
    return frozenset().union(*map(devices_tested, others)) - own


def _holding(conditions: Sequence[Condition], index: int) -> list[str]:
    """What is known in a branch: the earlier conditions failed, its own holds. A condition that several devices meet
    says nothing of the device, and one that a device fails has no need of a branch for it."""
    own = conditions[index]
    asked = devices_tested(own)
    failed = [token for condition in conditions[:index] for token in condition.failed]
    known = own.held if len(asked) < 2 else [token for token in own.held if ":" not in token]
    return [*failed, *known, *_beside_tokens(own.never - asked)]


def _beside_tokens(devices: AbstractSet[str]) -> list[str]:
    return [f"beside:{device}" for device in sorted(devices)]


def _join(guards: Guards, more: Sequence[str]) -> Guards:
    fresh = [token for token in more if token not in guards]
    return (*guards, *fresh) if fresh else guards


def _run(tests: Sequence[frozenset[str]], index: int) -> range:
    """The stretch of neighbours around `index` that all test for a device."""
    first = last = index
    while first > 0 and tests[first - 1]:
        first -= 1
    while last + 1 < len(tests) and tests[last + 1]:
        last += 1
    return range(first, last + 1)


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _catches_import(node: ast.Try) -> bool:
    """True when a failing import in the body is survived."""
    caught = [
        dotted(part)
        for h in node.handlers
        for part in (h.type.elts if isinstance(h.type, ast.Tuple) else [h.type])
        if part
    ]
    if any(name in ("ImportError", "ModuleNotFoundError") for name in caught):
        return True
    broad = any(h.type is None for h in node.handlers) or any(
        name in ("Exception", "BaseException", "RuntimeError", "OSError") for name in caught
    )
    return broad and any(isinstance(child, (ast.Import, ast.ImportFrom)) for child in node.body)
