"""One pass over a syntax tree with an explicit stack: bindings by scope, and the places that may become facts.

The walk decides nothing about CUDA. It notes attribute chains, lone names, calls and strings together with the scope, the
guards and the statement they stand in; `collect` resolves them afterwards, when all bindings are known.
"""

from __future__ import annotations

import ast
from typing import Callable, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple, Type

from portcheck.model import Definition, Import
from portcheck.scope import OPAQUE, Bound, Imported, Scope, dotted
from portcheck.sources.guards import Condition, Vocabulary, devices_tested

Guards = Tuple[str, ...]
Arm = Tuple[Optional[ast.expr], Sequence[ast.AST]]


class Place(NamedTuple):
    """Where a node stands: scope, guards and statement; `call` is the call whose callee it is, if it is one."""

    node: ast.expr
    scope: Scope
    guards: Guards
    statement: ast.stmt
    call: Optional[ast.Call] = None


class _Enter(NamedTuple):
    """A marker on the stack: from here on, nodes stand in this scope, under these guards, in this statement."""

    scope: Scope
    guards: Guards
    statement: ast.stmt


_SKIPPED = frozenset({"ctx", "op", "ops", "type_comment", "type_ignores", "kind", "conversion", "type_params"})
_FIELDS: Dict[Type[ast.AST], Tuple[str, ...]] = {}
_STATEMENTS = frozenset(kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.stmt))
_TERMINATORS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_TRY = tuple(kind for kind in (ast.Try, getattr(ast, "TryStar", None)) if kind is not None)
_MATCH = getattr(ast, "Match", ())


def fields_of(kind: Type[ast.AST]) -> Tuple[str, ...]:
    """The fields of a node type that can hold child nodes, last first, so that the first is popped first."""
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(reversed([name for name in kind._fields if name not in _SKIPPED]))
    return known


class Walk:
    """The pass itself; after `run` its lists hold what was seen."""

    def __init__(self, vocabulary: Vocabulary, attributes: FrozenSet[str], strings: Callable[[str], bool]) -> None:
        """`attributes` are the method names, `strings` tells the string values, that are worth noting."""
        self.vocabulary = vocabulary
        self.attributes = attributes
        self.wanted = strings
        self.module = Scope("module", "", None)
        self.scopes: List[Scope] = [self.module]
        self.chains: List[Place] = []
        self.names: List[Place] = []
        self.methods: List[Place] = []
        self.calls: List[Place] = []
        self.dynamic: List[Place] = []
        self.strings: List[Place] = []
        self.imports: List[Tuple[Import, Place]] = []
        self.definitions: List[Definition] = []
        self.traits: List[str] = []
        self._stack: List[object] = []
        self._scope = self.module
        self._guards: Guards = ()
        self._statement: ast.stmt = ast.Pass()
        self._handlers: Dict[type, Callable[..., None]] = {
            ast.Attribute: self._attribute, ast.Name: self._name, ast.Call: self._call, ast.Constant: self._constant,
            ast.JoinedStr: self._joined, ast.Expr: self._bare, ast.Import: self._import, ast.ImportFrom: self._import_from,
            ast.FunctionDef: self._function, ast.AsyncFunctionDef: self._function, ast.ClassDef: self._class,
            ast.Lambda: self._lambda, ast.Assign: self._assign, ast.AnnAssign: self._annotated, ast.NamedExpr: self._walrus,
            ast.AugAssign: self._augmented, ast.For: self._loop, ast.AsyncFor: self._loop, ast.withitem: self._with_item,
            ast.Global: self._global, ast.Nonlocal: self._global, ast.If: self._if,
            ast.While: self._while, ast.IfExp: self._choice, ast.BoolOp: self._bool, ast.With: self._with,
            ast.AsyncWith: self._with,
            **dict.fromkeys((ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp), self._comprehension),
            **dict.fromkeys(_TRY, self._try),
            type(None): lambda _: None,
        }
        if _MATCH:
            self._handlers[_MATCH] = self._match

    def run(self, tree: ast.Module) -> None:
        """Walk the whole tree."""
        stack, handlers = self._stack, self._handlers
        self._block(tree.body, (), self.module)
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is _Enter:
                self._scope, self._guards, self._statement = node  # type: ignore[misc]
                continue
            if kind in _STATEMENTS:
                self._statement = node  # type: ignore[assignment]
            handler = handlers.get(kind)
            if handler is not None:
                handler(node)
            else:
                self._children(node)  # type: ignore[arg-type]

    def _children(self, node: ast.AST) -> None:
        stack = self._stack
        for name in fields_of(type(node)):
            value = getattr(node, name)
            if value.__class__ is list:
                stack.extend(value[::-1])
            elif isinstance(value, ast.AST):
                stack.append(value)

    def _push(self, *nodes: Optional[ast.AST]) -> None:
        self._stack.extend(node for node in reversed(nodes) if node is not None)

    def _here(self, node: ast.expr, call: Optional[ast.Call] = None) -> Place:
        return Place(node, self._scope, self._guards, self._statement, call)

    def _within(self, scope: Scope, guards: Guards, nodes: Sequence[ast.AST]) -> None:
        """Push nodes to be walked in another scope or under other guards, then come back to the present ones."""
        self._stack.append(_Enter(self._scope, self._guards, self._statement))
        self._block(nodes, guards, scope)
        self._stack.append(_Enter(scope, guards, self._statement))

    def _block(self, nodes: Sequence[ast.AST], guards: Guards, scope: Scope) -> None:
        """Push a block that is entered under `guards`; neighbouring tests for devices stand beside each other."""
        stack = self._stack
        if not any(node.__class__ is ast.If for node in nodes):
            stack.extend(nodes[::-1])
            return
        changed: Optional[Guards] = None
        for node, extra in reversed(list(zip(nodes, self._beside(nodes)))):
            under = _join(guards, [f"beside:{device}" for device in sorted(extra)])
            if changed is not None and changed != under:
                stack.append(_Enter(scope, changed, self._statement))
            stack.append(node)
            changed = under
        if changed is not None and changed != guards:
            stack.append(_Enter(scope, changed, self._statement))

    def _beside(self, nodes: Sequence[ast.AST]) -> List[FrozenSet[str]]:
        """For each statement of a block the devices it stands beside: those of the `if`s next to it, and of earlier
        ones that leave the block (`if npu: return ...`)."""
        tests = [
            devices_tested(self.vocabulary.condition(node.test)) if isinstance(node, ast.If) else frozenset() for node in nodes
        ]
        left: FrozenSet[str] = frozenset()
        beside: List[FrozenSet[str]] = []
        for index, node in enumerate(nodes):
            near = [tests[i] for i in _run(tests, index) if i != index] if tests[index] else []
            beside.append(left.union(*near) - tests[index])
            if isinstance(node, ast.If) and tests[index] and isinstance(node.body[-1], _TERMINATORS):
                left |= tests[index]
        return beside

    def _attribute(self, node: ast.Attribute, call: Optional[ast.Call] = None) -> None:
        if node.attr in self.attributes:
            self.methods.append(self._here(node, call))
        inner = node.value
        while inner.__class__ is ast.Attribute:
            inner = inner.value  # type: ignore[attr-defined]
        if inner.__class__ is ast.Name:
            self.chains.append(Place(node, self._scope, self._guards, self._statement, call))
            return
        if is_dynamic(inner):
            self.dynamic.append(self._here(node, call))
        self._stack.append(inner)

    def _name(self, node: ast.Name, call: Optional[ast.Call] = None) -> None:
        if node.ctx.__class__ is ast.Load:
            self.names.append(Place(node, self._scope, self._guards, self._statement, call))

    def _call(self, node: ast.Call) -> None:
        self.calls.append(Place(node, self._scope, self._guards, self._statement))
        stack = self._stack
        for keyword in reversed(node.keywords):
            stack.append(keyword.value)
        stack.extend(node.args[::-1])
        func = node.func
        if func.__class__ is ast.Attribute:
            self._attribute(func, node)  # type: ignore[arg-type]
        elif func.__class__ is ast.Name:
            self._name(func, node)  # type: ignore[arg-type]
        else:
            if is_dynamic(func):
                self.dynamic.append(self._here(func, node))
            stack.append(func)

    def _constant(self, node: ast.Constant) -> None:
        if node.value.__class__ is str and self.wanted(node.value):  # type: ignore[arg-type]
            self.strings.append(self._here(node))

    def _joined(self, node: ast.JoinedStr) -> None:
        if self.wanted(template(node)):
            self.strings.append(self._here(node))
        for value in reversed(node.values):
            if isinstance(value, ast.FormattedValue):
                self._stack.append(value.value)

    def _bare(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self._stack.append(node.value)

    def _import(self, node: ast.Import) -> None:
        place = self._here(ast.Name(id="", ctx=ast.Load()))
        for alias in node.names:
            found = Import(alias.name, 0, "", alias.asname or "", node.lineno)
            self.imports.append((found, place._replace(node=alias)))  # type: ignore[arg-type]
            name = alias.asname or alias.name.split(".", 1)[0]
            origin = alias.name if alias.asname else name
            self._scope.bind(name, node.lineno, Imported(origin, True))

    def _import_from(self, node: ast.ImportFrom) -> None:
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            found = Import(node.module or "", node.level, alias.name, alias.asname or "", node.lineno)
            self.imports.append((found, Place(alias, self._scope, self._guards, self._statement)))  # type: ignore[arg-type]
            if alias.name == "*":
                self._scope.stars.append(base)
            else:
                origin = f"{base}{alias.name}" if base.endswith(".") else f"{base}.{alias.name}"
                self._scope.bind(alias.asname or alias.name, node.lineno, Imported(origin, False))

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
        self._parameters(scope, node.args)
        self._within(scope, self._guards, node.body)
        self._push(*node.decorator_list, node.args, node.returns)

    @staticmethod
    def _parameters(scope: Scope, args: ast.arguments) -> None:
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        every.extend(arg for arg in (args.vararg, args.kwarg) if arg is not None)
        for arg in every:
            scope.bind(arg.arg, arg.lineno, OPAQUE)

    def _lambda(self, node: ast.Lambda) -> None:
        scope = self._inner("function", "")
        self._parameters(scope, node.args)
        self._within(scope, self._guards, [node.body])
        self._push(node.args)

    def _class(self, node: ast.ClassDef) -> None:
        outer = self._scope
        scope = self._inner("class", node.name)
        outer.bind(node.name, node.lineno, scope)
        bases = tuple(text for text in map(dotted, node.bases[:8]) if text)
        self.definitions.append(Definition(scope.name, node.lineno, node.end_lineno or node.lineno, bases))
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

    def _bind(self, target: ast.AST, value: Bound, scope: Optional[Scope] = None) -> None:
        """Bind what stands left of an assignment; parts of tuples are matched by position where both sides show them."""
        home = scope or self._scope
        stack: List[Tuple[ast.AST, Bound]] = [(target, value)]
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
            elif isinstance(left, ast.Attribute) and isinstance(left.value, ast.Name) and left.value.id in ("self", "cls"):
                owner = home.enclosing_class()
                if owner is not None and isinstance(right, ast.expr):
                    owner.attributes.setdefault(left.attr, []).append(right)

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, node.value)
            self._class_attribute(target, node.value)
        self._push(*node.targets, node.value)

    def _class_attribute(self, target: ast.expr, value: Optional[ast.expr]) -> None:
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

    def _loop(self, node: ast.For) -> None:
        self._bind(node.target, OPAQUE)
        self._within(self._scope, self._guards, [*node.body, *node.orelse])
        self._push(node.target, node.iter)

    def _while(self, node: ast.While) -> None:
        self._arms([(node.test, node.body), (None, node.orelse)], [node])

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

    def _if(self, node: ast.If) -> None:
        if _is_main(node.test):
            self.traits.append("main")
        arms: List[Arm] = [(node.test, node.body)]
        headers: List[ast.stmt] = [node]
        rest: Sequence[ast.AST] = node.orelse
        while len(rest) == 1 and isinstance(rest[0], ast.If):
            headers.append(rest[0])
            arms.append((rest[0].test, rest[0].body))
            rest = rest[0].orelse
        self._arms([*arms, (None, rest)], headers)

    def _choice(self, node: ast.IfExp) -> None:
        self._arms([(node.test, [node.body]), (None, [node.orelse])], [])

    def _bool(self, node: ast.BoolOp) -> None:
        """`a or b`: each stands beside the devices of the others; `a and b`: b stands under a."""
        if isinstance(node.op, ast.Or):
            self._arms([(value, ()) for value in node.values], [])
            return
        guards = self._guards
        parts: List[Tuple[ast.expr, Guards]] = []
        for value in node.values:
            parts.append((value, guards))
            guards = _join(guards, self.vocabulary.condition(value).yes)
        self._stack.append(_Enter(self._scope, self._guards, self._statement))
        for value, under in reversed(parts):
            self._stack.append(value)
            self._stack.append(_Enter(self._scope, under, self._statement))

    def _arms(self, arms: List[Arm], headers: Sequence[ast.stmt]) -> None:
        """Push a chain of branches; each stands beside the devices that the other branches test for."""
        conditions = [self.vocabulary.condition(test) if test is not None else Condition() for test, _ in arms]
        tested = [devices_tested(condition) for condition in conditions]
        every = frozenset().union(*tested)
        stack, scope, outer = self._stack, self._scope, self._guards
        stack.append(_Enter(scope, outer, self._statement))
        for index in range(len(arms) - 1, -1, -1):
            test, body = arms[index]
            header = headers[min(index, len(headers) - 1)] if headers else self._statement
            beside = _join(outer, [f"beside:{device}" for device in sorted(every - tested[index])])
            failed = [token for condition in conditions[:index] for token in condition.no]
            under = _join(beside, [*failed, *conditions[index].yes])
            self._block(body, under, scope)
            stack.append(_Enter(scope, under, header))
            if test is not None:
                stack.append(test)
                stack.append(_Enter(scope, beside, header))

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
        spoken = [frozenset(filter(None, map(self.vocabulary.device_in, pattern_strings(case.pattern)))) for case in node.cases]
        every = frozenset().union(*spoken)
        for case, devices in reversed(list(zip(node.cases, spoken))):
            self._capture(case.pattern)
            beside = _join(self._guards, [f"beside:{device}" for device in sorted(every - devices)])
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


def is_dynamic(node: ast.AST) -> bool:
    """Whether an expression is a call that yields a module or a member by name, such as `getattr(torch, "cuda")`."""
    return isinstance(node, ast.Call) and dotted(node.func).rsplit(".", 1)[-1] in ("getattr", "import_module", "__import__")


def template(node: ast.JoinedStr) -> str:
    """An f-string as text, with `{}` where a value is put in."""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def pattern_strings(pattern: ast.AST) -> List[str]:
    """The string constants of a match pattern."""
    values = [part.value for part in ast.walk(pattern) if isinstance(part, ast.Constant)]
    return [value for value in values if isinstance(value, str)]


def _join(guards: Guards, more: Sequence[str]) -> Guards:
    fresh = [token for token in more if token not in guards]
    return (*guards, *fresh) if fresh else guards


def _run(tests: Sequence[FrozenSet[str]], index: int) -> range:
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
    caught = [dotted(part) for h in node.handlers for part in (h.type.elts if isinstance(h.type, ast.Tuple) else [h.type]) if part]
    if any(name in ("ImportError", "ModuleNotFoundError") for name in caught):
        return True
    broad = any(h.type is None for h in node.handlers) or any(name in ("Exception", "BaseException", "RuntimeError", "OSError") for name in caught)
    return broad and any(isinstance(child, (ast.Import, ast.ImportFrom)) for child in node.body)
