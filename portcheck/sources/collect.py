"""From the places a walk noted to facts: names are resolved, strings put into context, calls of others counted."""

from __future__ import annotations

import ast
import builtins
import re

from portcheck.arguments import COMPILED, HOSTED
from portcheck.model import Certainty, Fact, FactKind, FileFacts, Import, Span
from portcheck.scope import Imported, Resolved, Scope, absent, dotted, root_name
from portcheck.sources.bodies import BodyRecorder
from portcheck.sources.hosted import Hosted
from portcheck.sources.plain import plain
from portcheck.sources.record import STANDARD, text_of
from portcheck.sources.walk import Place, Walk, is_dynamic
from portcheck.sources.words import Words

MAX_NUMBERS = 64
"""Numbers of devices in one collection; more are something else."""

MAX_STARS = 8
"""Star imports of a file that a name may come from."""

_ASKS = "isinstance"
"""The builtin by which code tells a device that is a number."""

_OF_DEVICE = re.compile(
    r"devices?(?:_?(?:ids?|idx|index|indices|num|number|ordinal|name|str|type))?_?\d*$|^device_?(?:or|like)"
)
"""What a variable that holds a device is called: `device_batch_size` is a size."""


class Collector(BodyRecorder):
    """Makes the facts of one file; `facts()` is called once."""

    def __init__(self, walk: Walk, words: Words, text: str) -> None:
        """`walk` has run over the tree of `text`."""
        super().__init__(walk, words, text)
        self._hosts = [(host, Hosted(host, words.moves, walk.lines)) for host in words.interest.host if host in text]
        self._pending: list[Fact] = []
        self._uses: dict[str, int] = {}

    def facts(self) -> FileFacts:
        """Everything the file yields, facts in the order of the text."""
        self._imports()
        self._chains()
        self._methods()
        self._calls()
        self.strings()
        self.definitions()
        self.items()
        order = sorted(set(self._facts), key=lambda fact: (fact.span, fact.kind.value, fact.name, fact.context))
        walk = self._walk
        return FileFacts(
            facts=tuple(order),
            imports=tuple(found for found, _ in walk.imports),
            exports=self._exports(),
            definitions=tuple(walk.definitions),
            uses=tuple(sorted(self._uses.items())),
            pending=tuple(sorted(set(self._pending), key=lambda fact: fact.span)),
            traits=tuple(sorted({*walk.traits, *plain(walk.definitions)})),
        )

    def _imports(self) -> None:
        for found, place in self._walk.imports:
            name = f"{found.module}.{found.name}" if found.name and found.name != "*" else found.module
            context = "star" if found.name == "*" else "from" if found.name else _bound_by(found)
            compiled = self._words.compiled_part("." * found.level + name)
            if not found.level and self._words.names.match(name):
                self._add(FactKind.IMPORT, name, place, context=context)
            elif compiled:
                self._compiled(FactKind.IMPORT, compiled, place, context)

    def _compiled(self, kind: FactKind, module: str, place: Place, context: str) -> None:
        """A use of a module that by its name is compiled; dropped later when the repository holds its source."""
        self._add(kind, module, place, Certainty.INFERRED, context, ((COMPILED, module), ("of", module)))

    def _chains(self) -> None:
        hot, foreign = self._resolver.hot, self._foreign
        for place in self._walk.dynamic:
            self._resolved(place)
        for place in self._walk.chains:
            root = place.root
            if root in hot or (root in ("self", "cls") and self._hot_attribute(place.node)):
                self._resolved(place)
            elif root in foreign:
                self._foreign_use(place, foreign[root])
            elif (
                place.call is not None
                and place.node.__class__ is ast.Name
                and place.scope.owner(root) is self._walk.module
            ):
                self._count(f".{root}")
            elif self._walk.module.stars and place.scope.owner(root) is None and not hasattr(builtins, root):
                self._starred(place, root)

    def _hot_attribute(self, node: ast.expr) -> bool:
        first = ""
        while isinstance(node, ast.Attribute):
            first = node.attr
            node = node.value
        return f".{first}" in self._resolver.hot

    def _resolved(self, place: Place) -> None:
        found = self._resolver.name_of(place.node, place.scope, place.node.lineno)
        if found is None or self._is_probe(place):
            return
        extra = self._words.beyond(found.name)
        compiled = self._words.compiled_part(found.name) if place.call is not None else ""
        if "." in compiled or (compiled and extra is None):
            self._compiled(FactKind.CALL, compiled, place, "call")
        if extra is None or (found.certainty is Certainty.INFERRED and self._is_alias(place)):
            return
        if extra:
            place, name = self._shortened(place, extra), found.name.rsplit(".", extra)[0]
            if found.certainty is Certainty.INFERRED and self._is_alias(place):
                return
        else:
            name = found.name
        kind = FactKind.CALL if place.call is not None else FactKind.ATTRIBUTE
        args = self._arguments(place.call) if place.call is not None else self._hosted(place)
        self._add(kind, name, place, found.certainty, self._use(place), args)

    def _hosted(self, place: Place) -> tuple[tuple[str, str], ...]:
        """The machine's own device type, where a place is about its memory alone."""
        return tuple((HOSTED, host) for host, known in self._hosts if known.holds(place.node, place.statement))

    def _is_probe(self, place: Place) -> bool:
        """Whether a name is asked to be something or None, which it is where its library is missing."""
        if id(place.node) not in self._walk.asked:
            return False
        owner = place.scope.owner(place.node.id)
        return owner is not None and any(absent(binding.value) for binding in owner.bindings[place.node.id])

    @staticmethod
    def _shortened(place: Place, extra: int) -> Place:
        """The place without the last attributes of its chain: what stands below a known name is not that name's use."""
        node = place.node
        for _ in range(extra):
            if isinstance(node, ast.Attribute):
                node = node.value
        return place._replace(node=node, call=None)

    def _is_alias(self, place: Place) -> bool:
        """A mere mention of an alias: what it stands for is reported where it was bound."""
        node = place.node
        if isinstance(node, ast.Name):
            owner = place.scope.owner(node.id)
            return owner is None or not any(isinstance(b.value, Imported) for b in owner.bindings[node.id])
        stored = isinstance(node, ast.Attribute) and self._use(place) == "store"
        return stored and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")

    @staticmethod
    def _use(place: Place) -> str:
        node = place.node
        if place.call is not None:
            return "call"
        return "store" if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)) else "load"

    def _starred(self, place: Place, root: str) -> None:
        """A name that only a star import can have brought: a library's, or one of another module of the repository."""
        stars = self._walk.module.stars[:MAX_STARS]
        for module in stars:
            alone = len(stars) == 1 and place.call is not None and module in self._words.interest.prefixes
            name = f"{module}{root}" if module.endswith(".") else f"{module}.{root}"
            if place.node.__class__ is ast.Name and (alone or name in self._words.interest.names):
                kind = FactKind.CALL if place.call is not None else FactKind.ATTRIBUTE
                args = self._arguments(place.call)
                self._add(kind, name, place, Certainty.INFERRED, self._use(place), args)
            elif module.partition(".")[0] not in self._words.roots and module.partition(".")[0] not in STANDARD:
                self._elsewhere(place, name)

    def _foreign_use(self, place: Place, origin: str) -> None:
        """A use of a name that was imported from another module."""
        owner = place.scope.owner(place.root)
        if owner is None or not any(isinstance(b.value, Imported) for b in owner.bindings[place.root]):
            return
        compiled = self._words.compiled_part(origin) if place.call is not None else ""
        if compiled:
            self._compiled(FactKind.CALL, compiled, place, "call")
        self._elsewhere(place, origin)

    def _elsewhere(self, place: Place, origin: str) -> None:
        """A name of another module: counted when called or a constant, and kept when it may turn out to be CUDA's."""
        tail = dotted(place.node).partition(".")[2]
        name = f"{origin}.{tail}" if tail else origin
        last = name.rsplit(".", 1)[-1]
        if place.call is not None or last.isupper() or "device" in last.lower():
            self._count(name)
        if not self._words.tails.isdisjoint(name.split(".")[1:]):
            kind = FactKind.CALL if place.call is not None else FactKind.ATTRIBUTE
            span = self._span(place.node)
            args = self._arguments(place.call)
            self._pending.append(
                Fact(kind, name, span, Certainty.INFERRED, self._use(place), args, place.guards, place.scope.name)
            )

    def _count(self, name: str) -> None:
        self._uses[name] = self._uses.get(name, 0) + 1

    def _methods(self) -> None:
        for place in self._walk.methods:
            node = place.node
            assert isinstance(node, ast.Attribute)
            if node.attr in self._words.interest.methods and not self._is_module(place):
                receiver = self._receiver(node.value, place)
                if receiver is not None:
                    use = self._use(place)
                    span = self._name_span(node)
                    args = (("use", use), *receiver, *self._hosted(place), *self._arguments(place.call))
                    self._facts.append(
                        Fact(
                            FactKind.METHOD,
                            node.attr,
                            span,
                            Certainty.INFERRED,
                            use,
                            args,
                            place.guards,
                            place.scope.name,
                        )
                    )

    def _name_span(self, node: ast.Attribute) -> Span:
        """The span of the attribute's name alone: in a chain over several lines, the line a person would edit."""
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        column = self._column(end_line, end)
        return Span(end_line, max(1, column - len(node.attr)), end_line, column)

    def _is_module(self, place: Place) -> bool:
        node = place.node
        root = root_name(node)
        assert isinstance(node, ast.Attribute)
        if root is None or not isinstance(node.value, (ast.Name, ast.Attribute)):
            return False
        found = self._resolver.name_of(node.value, place.scope, node.lineno) if root in self._resolver.hot else None
        if found is not None:
            return True
        owner = place.scope.owner(root)
        values = [b.value for b in owner.bindings[root]] if owner else []
        return bool(values) and isinstance(values[-1], Imported) and values[-1].module

    def _receiver(self, value: ast.expr, place: Place) -> tuple[tuple[str, str], ...] | None:
        """The class of the receiver where known; None when that class defines the method itself."""
        assert isinstance(place.node, ast.Attribute)
        known = self._resolver.class_of(value, place.scope, place.node.lineno)
        if isinstance(known, Scope):
            return (
                None
                if place.node.attr in known.methods or place.node.attr in known.attributes
                else (("receiver", f".{known.name}"),)
            )
        owner = place.scope.owner(value.id) if isinstance(value, ast.Name) else None
        itself = owner.bindings[value.id][-1].value if owner and isinstance(value, ast.Name) else None
        if isinstance(itself, Scope) and place.node.attr in itself.methods:
            return None  # called on the class, with the object as an argument
        text = dotted(value)
        return (("receiver", known),) if known else (("on", text),) if text else ()

    def _calls(self) -> None:
        keywords, indexes = self._words.keywords, self._words.interest.indexes
        for place in self._walk.calls:
            call = place.node
            assert isinstance(call, ast.Call)
            for keyword in call.keywords:
                if keyword.arg in keywords:
                    args = (("of", self._callee(call, place)), ("value", text_of(_given(keyword.value))))
                    self._add(FactKind.KEYWORD, keyword.arg or "", place, context="argument", args=args, node=keyword)
                if keyword.arg and self._words.is_env(keyword.arg):
                    said = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                    value = (("value", said),) if isinstance(said, str) and said else ()
                    self._add(FactKind.ENV, keyword.arg, place, context="argument", args=value, node=keyword)
            if indexes:
                self._index(call, place, indexes)
            self._imported_by_name(call, place)

    def _imported_by_name(self, call: ast.Call, place: Place) -> None:
        """`importlib.import_module("flash_attn")` is an import like any other."""
        if not is_dynamic(call) or not call.args or dotted(call.func) == "getattr":
            return
        name = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
        if isinstance(name, str) and self._words.names.match(name):
            self._add(FactKind.IMPORT, name, place, Certainty.INFERRED, "import")
        elif isinstance(name, str) and self._words.compiled_part(name):
            self._compiled(FactKind.IMPORT, name, place, "import")

    def _index(self, call: ast.Call, place: Place, indexes: frozenset[str]) -> None:
        """Notes devices that are bare numbers: the only argument of a call, or what a keyword is given."""
        for keyword in call.keywords:
            if f"{keyword.arg}=" in indexes and _numbers(keyword.value):
                args = (("of", self._callee(call, place)), ("value", ast.unparse(keyword.value)))
                name = f"{keyword.arg}="
                self._add(FactKind.INDEX, name, place, Certainty.INFERRED, "argument", args, node=keyword)
        func = call.func
        last = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if last == _ASKS and last in indexes and _asks_for_index(call):
            value = (("value", f"{dotted(call.args[0])}, int"),)
            self._add(FactKind.INDEX, last, place, Certainty.INFERRED, "argument", value)
        elif len(call.args) == 1 and _may_be_number(call.args[0]):
            known = last if last in indexes else self._callee(call, place)
            if known in indexes and last not in self._words.interest.methods:
                value = (("value", ast.unparse(call.args[0])),)
                self._add(FactKind.INDEX, known, place, Certainty.INFERRED, "argument", value)

    def _exports(self) -> tuple[tuple[str, str], ...]:
        """What other modules may import from here and lean on: re-exported names, and device-like constants."""
        found: dict[str, str] = {}
        module = self._walk.module
        for name, bindings in module.bindings.items():
            value = bindings[-1].value
            if isinstance(value, Imported):
                if value.origin.split(".", 1)[0] not in STANDARD:
                    found[name] = value.origin
            elif isinstance(value, ast.Constant):
                if isinstance(value.value, str) and self._words.is_string(value.value):
                    found[name] = repr(value.value)
            elif isinstance(value, ast.expr) and name in self._resolver.hot:
                resolved: Resolved | None = self._resolver.name_of(value, module, bindings[-1].line)
                if resolved is not None:
                    found[name] = resolved.name
        return tuple(sorted(found.items()))


def _given(value: ast.expr) -> ast.expr:
    """What a keyword is given; of two values that a condition chooses between, the one that asks for something."""
    if not isinstance(value, ast.IfExp):
        return value
    idle = isinstance(value.body, ast.Constant) and not value.body.value
    return value.orelse if idle else value.body


def _bound_by(found: Import) -> str:
    """How `import x` binds: `module` where it loads a part of a package and binds the package, as `import a.b` does."""
    return "module" if "." in found.module and not found.alias else "import"


def _asks_for_index(call: ast.Call) -> bool:
    """Whether a call asks if a device is a number: `isinstance(device, int)`."""
    if len(call.args) != 2:
        return False
    kinds = call.args[1].elts if isinstance(call.args[1], ast.Tuple) else [call.args[1]]
    named = any(isinstance(kind, ast.Name) and kind.id == "int" for kind in kinds)
    return named and _OF_DEVICE.search(dotted(call.args[0]).rsplit(".", 1)[-1].lower()) is not None


def _integer(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _numbers(node: ast.expr) -> bool:
    """Whether a literal is a number, or a short collection with nothing but numbers for values."""
    if isinstance(node, ast.Dict):
        few = len(node.values) <= MAX_NUMBERS and all(isinstance(value, ast.Constant) for value in node.values)
        return few and any(map(_integer, node.values))
    if isinstance(node, (ast.List, ast.Tuple)):
        return 0 < len(node.elts) <= MAX_NUMBERS and all(map(_integer, node.elts))
    return _may_be_number(node)


def _may_be_number(node: ast.expr) -> bool:
    """Whether an expression is a number, or one of the two that a condition chooses between."""
    return _integer(node) or (isinstance(node, ast.IfExp) and (_integer(node.body) or _integer(node.orelse)))
