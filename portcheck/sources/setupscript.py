"""Requirements of a `setup.py`, from its syntax tree: what `setup()` is called with, and the lists that lead there.

Names are followed to what a module or function assigns to them; lists and dictionaries through `+`, `+=`, `append`,
`extend` and subscripts that are assigned. What is read from files or computed is not known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Union

from portcheck.model import Fact, Span
from portcheck.records import NamedTuple
from portcheck.sources.requirement import OPTIONAL, index_fact, requirement_fact

MAX_STEPS = 20_000
"""Nodes that are looked at for one call; no real script comes near."""

_LISTS = {"install_requires": "direct", "requires": "direct", "setup_requires": "build", "tests_require": "optional"}
_EXTRAS = "extras_require"
_LINKS = "dependency_links"


_Node = Union[ast.Call, ast.Assign, ast.AugAssign, ast.AnnAssign]


class _Text(NamedTuple):
    """A string that may be a requirement, and the key of the extra that it stands under."""

    node: ast.Constant
    group: str


def setup_facts(tree: ast.Module) -> tuple[Fact, ...]:
    """The requirements that calls of `setup` in a module are given, in the order of the text."""
    every = list(ast.walk(tree))
    nodes = [node for node in every if isinstance(node, (ast.Call, ast.Assign, ast.AugAssign, ast.AnnAssign))]
    bound = _bindings(nodes)
    for function in every:
        if isinstance(function, ast.FunctionDef):
            returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
            bound.setdefault(f"{function.name}()", []).extend(returned)
    facts: list[Fact] = []
    for node in nodes:
        if isinstance(node, ast.Call) and _last_name(node.func) == "setup":
            for name, value in _arguments(node, bound):
                facts.extend(_facts(name, value, bound))
    return tuple(_once(facts))


def _once(facts: list[Fact]) -> Iterator[Fact]:
    """The facts in the order of the text, those that several extras share once."""
    last = None
    for fact in sorted(facts, key=lambda fact: (fact.span, fact.name, fact.context)):
        if (fact.span, fact.name) != last:
            yield fact
        last = (fact.span, fact.name)


def _arguments(call: ast.Call, bound: dict[str, list[ast.expr]]) -> Iterator[tuple[str, ast.expr]]:
    """Keywords of a call, with those of dictionaries that are unpacked into it."""
    for keyword in call.keywords:
        if keyword.arg:
            yield keyword.arg, keyword.value
        else:
            values = bound.get(_last_name(keyword.value), [keyword.value])
            for table in (value for value in values if isinstance(value, ast.Dict)):
                for key, value in zip(table.keys, table.values):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value, value


def _facts(name: str, value: ast.expr, bound: dict[str, list[ast.expr]]) -> Iterator[Fact]:
    context = "optional" if name == _EXTRAS else _LISTS.get(name, "")
    if not context and name != _LINKS:
        return
    for node, group in _texts(value, bound):
        # A script may give all requirements of a kind in one string, a line each.
        for offset, text in enumerate(str(node.value).split("\n")):
            span = _span(node, offset)
            guards = (OPTIONAL,) if context == "optional" else ()
            fact = index_fact(text, span) if name == _LINKS else requirement_fact(text, span, context, guards, group)
            if fact is not None:
                yield fact


def _span(node: ast.Constant, offset: int) -> Span:
    line, column = node.lineno, node.col_offset + 1
    if offset:
        return Span(line + offset, 1, line + offset, 1)
    return Span(line, column, node.end_lineno or line, (node.end_col_offset or node.col_offset) + 1)


def _texts(value: ast.expr, bound: dict[str, list[ast.expr]]) -> Iterator[_Text]:
    """The strings that an expression may hold, each under the last key on the way to it."""
    todo: list[tuple[ast.expr, str]] = [(value, "")]
    seen = set()
    for _ in range(MAX_STEPS):
        if not todo:
            return
        node, group = todo.pop()
        name = _last_name(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _Text(node, group)
        elif name and (name, group) not in seen:
            seen.add((name, group))
            todo.extend((other, group) for other in bound.get(name, ()))
        else:
            todo.extend(_parts(node, group, bound))


def _parts(node: ast.expr, group: str, bound: dict[str, list[ast.expr]]) -> list[tuple[ast.expr, str]]:
    if isinstance(node, ast.Dict):
        return [(value, _key(key) or group) for key, value in zip(node.keys, node.values)]
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [(item, group) for item in node.elts]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [(node.left, group), (node.right, group)]
    if isinstance(node, ast.IfExp):
        return [(node.body, group), (node.orelse, group)]
    if isinstance(node, ast.Starred):
        return [(node.value, group)]
    if isinstance(node, ast.Subscript):
        return [(other, group) for other in bound.get(_last_name(node.value) + _subscript(node), ())]
    if isinstance(node, ast.Call) and _last_name(node.func) in ("list", "sorted", "set", "tuple", "dict"):
        return [*((item, group) for item in node.args), *((each.value, each.arg or group) for each in node.keywords)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return [(value, group) for value in bound.get(f"{node.func.id}()", ())]
    return []


def _bindings(nodes: list[_Node]) -> dict[str, list[ast.expr]]:
    """What is assigned, appended or added to each name, and to members by key (`extras["gpu"]`, as `extras:gpu`)."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Call):
            func = node.func
            if isinstance(func, ast.Attribute) and func.attr in ("append", "extend", "update") and node.args:
                _bind(found, func.value, node.args[0])
        elif node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                _bind(found, target, node.value)
    return found


def _bind(found: dict[str, list[ast.expr]], target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Subscript):
        name, key = _last_name(target.value), _subscript(target)
        if name and key:
            found.setdefault(name + key, []).append(value)
            found.setdefault(name, []).append(ast.Dict(keys=[ast.Constant(key[1:])], values=[value]))
    elif _last_name(target):
        found.setdefault(_last_name(target), []).append(value)


def _subscript(node: ast.Subscript) -> str:
    key = _key(node.slice)
    return f":{key}" if key else ""


def _key(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _last_name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
