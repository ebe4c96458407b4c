"""Where a string constant stands: argument, default, comparison, ...; and whether it is only text for people.

Works on the parents inside one statement, which are drawn up only for statements that hold a string worth a look.
"""

from __future__ import annotations

import ast

from portcheck.records import NamedTuple
from portcheck.scope import dotted

TEXT_CALLS = frozenset(
    """
    print log debug info warning warn error exception critical fatal fail skip skipTest skipif skipIf skipUnless
    info_once warning_once print_rank_0 print_rank0 log_rank_0 rank_zero_info rank_zero_warn rank0_print pprint echo
    secho write_line markdown Markdown
    """.split()  # noqa: SIM905 - a list this long is read more easily as words
)
"""Callees (last component) whose arguments are read by people, not by programs."""

TEXT_KEYWORDS = frozenset(
    {"help", "description", "msg", "message", "reason", "metavar", "epilog", "doc", "usage", "title"}
)
"""Keywords whose value is read by people."""

_GENERIC = frozenset(
    {"Optional", "Union", "List", "Tuple", "Dict", "Sequence", "Iterable", "Callable", "Type", "ClassVar", "Final"}
)
"""Names of typing (last component) in whose brackets texts are types."""

_SEQUENCES = (ast.Tuple, ast.List, ast.Set)
Parents = dict[int, tuple[ast.AST, str]]


class Context(NamedTuple):
    """Where a string stands: `kind` as in `Fact.context`, what it is an argument of or compared with, and at which
    place.

    `of` is an expression whose name may still be resolved, or plain text; `beside` are the strings of the same
    collection.
    """

    kind: str
    of: ast.expr | str
    at: str
    beside: tuple[str, ...] = ()


def parents_of(statement: ast.stmt) -> Parents:
    """The parent and field of every node of a statement, without the statements inside it."""
    parents: Parents = {}
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        for field in node._fields:
            value = getattr(node, field, None)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, ast.AST) and not isinstance(child, (ast.stmt, ast.expr_context, ast.operator)):
                    parents[id(child)] = (node, field)
                    stack.append(child)
    return parents


def context_of(node: ast.AST, parents: Parents) -> Context | None:
    """The context of a string, or None when it is text for people."""
    inner: Context | None = None
    within = ""
    beside: tuple[str, ...] = ()
    while id(node) in parents:
        parent, field = parents[id(node)]
        unpacked = _unpacked(parent, node, parents)
        if unpacked is not None:
            return unpacked
        if isinstance(parent, _SEQUENCES):
            beside = beside or _texts(parent.elts)
            within = "element"
            if _is_list(parent, node):
                inner = inner or Context("element", "", "", beside)
        elif isinstance(parent, ast.Dict):
            beside = beside or _texts([key for key in parent.keys if key is not None])
            inner = inner or Context("key" if field == "keys" else "value", "", _key_text(parent, node, field), beside)
        elif isinstance(parent, ast.FormattedValue):
            if not _begins(parent, parents):
                return None
        elif isinstance(parent, ast.JoinedStr) and not isinstance(node, (ast.JoinedStr, ast.FormattedValue)):
            return None
        else:
            if isinstance(parent, ast.IfExp) and inner is not None and len(getattr(node, "elts", ())) == 1:
                # One list or another: the device that is there, not those that are served.
                inner = inner._replace(kind="value")
            outer = _keyword(parent, parents) if isinstance(parent, ast.keyword) else _outer(parent, field, node)
            if outer is not None:
                return _merge(inner, outer, beside)
            if isinstance(parent, (ast.Raise, ast.Expr)) or _is_text(parent, field):
                return None
        node = parent
    return inner or Context(within or "other", "", "", beside)


def _begins(part: ast.FormattedValue, parents: Parents) -> bool:
    """Whether a value is all of an f-string, or what stands before its colon: `f"{'cuda' if here else 'cpu'}:{i}"`."""
    text = parents[id(part)][0] if id(part) in parents else None
    if not isinstance(text, ast.JoinedStr) or text.values[0] is not part:
        return False
    behind = text.values[1] if len(text.values) > 1 else None
    return behind is None or (isinstance(behind, ast.Constant) and str(behind.value).startswith(":"))


def _is_list(parent: ast.Tuple | ast.List | ast.Set, node: ast.AST) -> bool:
    """Whether a string stands among others of its kind, not in a record such as `("cuda", True)`."""
    if isinstance(node, (*_SEQUENCES, ast.Dict)):
        return False
    if isinstance(parent, ast.Tuple):
        return all(isinstance(part, ast.JoinedStr) or _is_text_constant(part) for part in parent.elts)
    constants = (part for part in parent.elts if isinstance(part, ast.Constant))
    return all(part.value is None or isinstance(part.value, str) for part in constants)


def _is_text_constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _unpacked(parent: ast.AST, node: ast.AST, parents: Parents) -> Context | None:
    """The target that a part of `a, b = x, y` is assigned to."""
    if not isinstance(parent, ast.Tuple) or id(parent) not in parents:
        return None
    statement = parents[id(parent)][0]
    target = statement.targets[0] if isinstance(statement, ast.Assign) and statement.value is parent else None
    if not isinstance(target, ast.Tuple) or len(target.elts) != len(parent.elts):
        return None
    return next((Context("assign", left, "") for left, right in zip(target.elts, parent.elts) if right is node), None)


def _merge(inner: Context | None, outer: Context, beside: tuple[str, ...]) -> Context | None:
    if _says_text(outer):
        return None
    if inner is None or outer.kind == "annotation":
        return outer
    if outer.kind in ("member", "compare"):
        return outer._replace(kind="compare", beside=beside)
    return Context(inner.kind, outer.of, inner.at or outer.at, inner.beside)


def _says_text(context: Context) -> bool:
    callee = context.of if isinstance(context.of, str) else dotted(context.of)
    last = callee.rsplit(".", 1)[-1]
    if context.at in TEXT_KEYWORDS:
        return True
    return context.kind == "argument" and (last in TEXT_CALLS or last.endswith(("Error", "Exception", "Warning")))


def _is_text(parent: ast.AST, field: str) -> bool:
    return isinstance(parent, ast.Assert) and field == "msg"


def _outer(parent: ast.AST, field: str, node: ast.AST) -> Context | None:
    """The context that `parent` gives to its child `node`; None when it passes the string through."""
    if isinstance(parent, ast.Call):
        if field == "func":
            return None
        position = next((i for i, arg in enumerate(parent.args) if arg is node), 0)
        return Context("argument", parent.func, str(position))
    if isinstance(parent, ast.Compare):
        return _compared(parent, node)
    if isinstance(parent, ast.Subscript):
        typing = dotted(parent.value).rpartition(".")[2] in _GENERIC
        return Context("annotation" if typing else "key", parent.value, "") if field == "slice" else None
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and field == "value":
        target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
        key = target.slice if isinstance(target, ast.Subscript) else None
        return Context("assign", target, str(key.value) if isinstance(key, ast.Constant) else "")
    if isinstance(parent, (ast.Return, ast.Yield)):
        return Context("return", "", "")
    if field in ("annotation", "returns"):
        return Context("annotation", "", "")
    if isinstance(parent, ast.arguments):
        return Context("default", _parameter(parent, field, node), "")
    if parent.__class__.__name__ == "MatchValue":
        return Context("case", "", "")
    return None


def _keyword(parent: ast.keyword, parents: Parents) -> Context | None:
    if parent.arg is None:
        return None
    call = parents[id(parent)][0] if id(parent) in parents else None
    return Context("argument", call.func if isinstance(call, ast.Call) else "", parent.arg)


def _compared(parent: ast.Compare, node: ast.AST) -> Context:
    sides = [parent.left, *parent.comparators]
    index = next((i for i, side in enumerate(sides) if side is node), 0)
    operator = parent.ops[max(0, index - 1)]
    other = sides[index - 1] if index else sides[1]
    kind = "member" if isinstance(operator, (ast.In, ast.NotIn)) else "compare"
    beside = _texts(other.elts) if isinstance(other, _SEQUENCES) else ()
    return Context(kind, other, "", beside)


def _parameter(parent: ast.arguments, field: str, node: ast.AST) -> str:
    if field == "kw_defaults":
        names, values = parent.kwonlyargs, parent.kw_defaults
    else:
        every = [*parent.posonlyargs, *parent.args]
        names, values = every[len(every) - len(parent.defaults) :], list(parent.defaults)
    return next((arg.arg for arg, value in zip(names, values) if value is node), "")


def _key_text(parent: ast.Dict, node: ast.AST, field: str) -> str:
    if field == "keys":
        return ""
    key = next((key for key, value in zip(parent.keys, parent.values) if value is node), None)
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _texts(nodes: list[ast.expr]) -> tuple[str, ...]:
    return tuple(node.value for node in nodes[:64] if isinstance(node, ast.Constant) and isinstance(node.value, str))
