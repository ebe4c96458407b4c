"""The shapes of device-agnostic changes: the type, the backend and the module of the accelerator that is there.

What they put in comes from PyTorch or, where it has no word for it, from the helper module of the repository.
"""

from __future__ import annotations

import ast
import re
from typing import Callable

from portcheck.fix.edits import Edit
from portcheck.fix.imports import Origin, without
from portcheck.fix.literals import as_expression, quote_of, with_value
from portcheck.fix.named import (
    BACKEND,
    DEVICE_MODULE,
    DEVICE_TYPE,
    chain,
    from_helper,
    is_string,
    literal,
    needed,
    renamed,
)
from portcheck.fix.plan import CannotFix, Change, Style
from portcheck.fix.syntax import Syntax
from portcheck.model import Finding
from portcheck.packtypes import Verdict

_ONE_VALUE = re.compile(r":(?:\{0?\}|%[dis])$")
_VALUE = re.compile(r"[\w.\[\](), ]+$")
_INDEX = re.compile(r"(?:^|_)(?:gpus?|ranks?|ids?|idx|index|num|ordinal|i|j|k|n)\d*$")
"""Names, and ends of names, that hold the number of a device, or nothing."""


def _type(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """A string that names the device becomes the type of the accelerator that is there."""
    node = literal(finding, syntax)
    if node is None:
        raise CannotFix("no string stands there")
    source = syntax.source(node)
    place: ast.expr = node
    if isinstance(node, ast.JoinedStr):
        body = with_value(source, style.origin, f"{{{DEVICE_TYPE}}}")
        if body is None or not source.lower().startswith("f"):
            raise CannotFix("the string does not begin with the device")
        new: str | None = body
    else:
        old = str(node.value) if isinstance(node, ast.Constant) else ""
        kind, colon, index = old.partition(":")
        whole = _put_in(node, colon + index, syntax)
        if kind == style.origin and whole is not None:
            place = whole[0]
            new = f"f{quote_of(source)}{{{DEVICE_TYPE}}}:{{{whole[1]}}}{quote_of(source)}"
        else:
            new = as_expression(DEVICE_TYPE, colon + index, quote_of(source)) if kind == style.origin else None
    if new is None:
        raise CannotFix("the string holds more than a device")
    _no_import_time_name(node, syntax)
    return Change((Edit(*syntax.range(place), new),), from_helper(DEVICE_TYPE, style, bound))


def _put_in(node: ast.expr, index: str, syntax: Syntax) -> tuple[ast.expr, str] | None:
    """The expression that puts one plain value into a text, and that value; None for anything else."""
    above = syntax.parent(node)
    around = syntax.parent(above) if isinstance(above, ast.Attribute) and above.attr == "format" else above
    values: list[ast.expr] = []
    if isinstance(around, ast.Call) and around.func is above and not around.keywords:
        values = around.args
    elif isinstance(around, ast.BinOp) and isinstance(around.op, ast.Mod) and around.left is node:
        values = around.right.elts if isinstance(around.right, ast.Tuple) else [around.right]
    plain = len(values) == 1 and isinstance(values[0], (ast.Name, ast.Attribute, ast.Subscript, ast.Call))
    value = syntax.source(values[0]) if plain else ""
    if not isinstance(around, ast.expr) or not _ONE_VALUE.match(index) or not _VALUE.match(value):
        return None
    return around, value


def _no_import_time_name(node: ast.expr, syntax: Syntax) -> None:
    """Refuse places where only a literal may stand."""
    parent = syntax.parent(node)
    if type(parent).__name__ in ("MatchValue", "MatchMapping"):
        raise CannotFix("a pattern takes no variable")
    if isinstance(parent, ast.Subscript) and _in_annotation(parent, syntax):
        raise CannotFix("an annotation takes literals alone")


def _in_annotation(node: ast.AST, syntax: Syntax) -> bool:
    return isinstance(node, ast.Subscript) and syntax.source(node.value).rpartition(".")[2] == "Literal"


def _backend(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """A string that names the backend of collectives becomes that of the accelerator that is there."""
    node = literal(finding, syntax)
    if not isinstance(node, ast.Constant):
        raise CannotFix("no plain string stands there")
    _no_import_time_name(node, syntax)
    return Change((Edit(*syntax.range(node), BACKEND),), from_helper(BACKEND, style, bound))


def _choice(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """A test for one device admits the target's beside it."""
    node = literal(finding, syntax)
    if isinstance(node, ast.JoinedStr):
        return _type(finding, verdict, syntax, style, bound)
    if node is None:
        raise CannotFix("no plain string stands there")
    assert isinstance(node, ast.Constant)
    parent = syntax.parent(node)
    source = syntax.source(node)
    other = with_value(source, str(node.value), verdict_text(finding, verdict, style.origin))
    if other is None:
        raise CannotFix("the string holds more than a device")
    if type(parent).__name__ == "MatchValue":
        return Change((Edit(*syntax.range(node), f"{source} | {other}"),))
    if isinstance(parent, (ast.List, ast.Tuple, ast.Set)):
        if any(is_string(each) and each.value == ast.literal_eval(other) for each in parent.elts):  # type: ignore[attr-defined]
            raise CannotFix("the target stands beside it already")
        return Change((Edit(*syntax.range(node), f"{source}, {other}"),))
    if isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        return Change(_compared(parent, node, source, other, syntax))
    raise CannotFix("the test has another shape")


def verdict_text(finding: Finding, verdict: Verdict, origin: str) -> str:
    """Return the text for the target alone that a verdict has for a place; `origin` is what code is ported from."""
    old = finding.subject[1:-1] if finding.subject[:1] == '"' else finding.subject
    suffix = old[len(origin) :] if old.startswith(origin) else ""
    return verdict.npu.replace("{suffix}", suffix)


def _compared(parent: ast.Compare, node: ast.Constant, source: str, other: str, syntax: Syntax) -> tuple[Edit, ...]:
    """`x == "a"` becomes `x in ("a", "b")`, `"a" in x` becomes `"a" in x or "b" in x`."""
    operator, right = parent.ops[0], parent.comparators[0]
    words: dict[type, str] = {ast.Eq: "in", ast.NotEq: "not in"}
    if type(operator) in words:
        side = parent.left if right is node else right
        return (Edit(*syntax.range(parent), f"{syntax.source(side)} {words[type(operator)]} ({source}, {other})"),)
    if parent.left is node and isinstance(operator, (ast.In, ast.NotIn)):
        if isinstance(right, (ast.List, ast.Tuple, ast.Set, ast.Call)):
            raise CannotFix("what is looked in would be computed twice")
        either = f"{source} in {syntax.source(right)} or {other} in {syntax.source(right)}"
        either = f"not ({either})" if isinstance(operator, ast.NotIn) else either
        above = syntax.parent(parent)
        plain = isinstance(above, (ast.If, ast.While, ast.Return, ast.Assign, ast.Assert))
        plain = plain or (isinstance(above, ast.IfExp) and above.test is parent)
        return (Edit(*syntax.range(parent), either if plain else f"({either})"),)
    raise CannotFix("the comparison has another shape")


def _move(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """`.cuda(...)` becomes `.to(...)` with the type of the accelerator that is there."""
    node = syntax.attribute_named_at(finding.span)
    call = syntax.parent(node) if node is not None else None
    if node is None or not isinstance(call, ast.Call) or call.func is not node:
        raise CannotFix("the method is not called there")
    if any(keyword.arg not in ("device", "non_blocking", "memory_format") for keyword in call.keywords):
        raise CannotFix("the call has arguments that .to() does not take")
    if len(call.args) > 2 or any(isinstance(each, ast.Starred) for each in call.args):
        raise CannotFix("the call has arguments that .to() does not take")
    device, edits = _device_argument(call, syntax, "device=" if _restores(node, syntax) else "")
    imports = from_helper(DEVICE_TYPE, style, bound) if DEVICE_TYPE in device else ()
    if "torch." in device and bound.get("torch") != "torch":
        imports += (Origin("torch"),)
    start = syntax.range(node)[1] - len(node.attr)
    return Change((Edit(start, start + len(node.attr), "to"), *edits), imports)


def _restores(node: ast.Attribute, syntax: Syntax) -> bool:
    """Whether what is moved is a storage: the parameter of the function that `map_location` may be."""
    function = next((each for each in syntax.above(node) if isinstance(each, ast.Lambda)), None)
    around = syntax.parent(function) if function is not None else None
    if isinstance(around, ast.Call) and isinstance(around.func, ast.Attribute):
        return around.func.attr == "load"
    return isinstance(around, ast.keyword) and around.arg == "map_location"


def _device_argument(call: ast.Call, syntax: Syntax, keyword: str) -> tuple[str, list[Edit]]:
    """The device that a call shall name, and the edits of its arguments that name it, with `keyword` before it."""
    edits = [Edit(syntax.range(each)[0], syntax.range(each)[0], "non_blocking=") for each in call.args[1:]]
    given = next((each.value for each in call.keywords if each.arg == "device"), None)
    given = call.args[0] if call.args else given
    if given is None:
        return DEVICE_TYPE, [*edits, _first(call, keyword + DEVICE_TYPE, syntax)]
    device = _device(given, syntax.source(given))
    return device, [*edits, Edit(*syntax.range(given), keyword + device if call.args else device)]


def _first(call: ast.Call, text: str, syntax: Syntax) -> Edit:
    """The edit that puts an argument before all others, in the layout of the call."""
    opened = syntax.text.index("(", syntax.range(call.func)[1]) + 1
    given = [*call.args, *(each.value for each in call.keywords)]
    if not given:
        return Edit(opened, opened, text)
    first = min(syntax.range(each)[0] for each in (*call.args, *call.keywords))
    space = syntax.text[opened:first]
    return Edit(first, first, f"{text},{space}" if "\n" in space and not space.strip() else f"{text}, ")


def _device(given: ast.expr, source: str) -> str:
    """An expression for a device: of the accelerator's type by its number or nothing, else what the code has for it."""
    if isinstance(given, ast.Constant):
        if given.value is None:
            return DEVICE_TYPE
        return f'f"{{{DEVICE_TYPE}}}:{source}"' if isinstance(given.value, int) else source
    name = source.rpartition(".")[2].partition("[")[0]
    counted = isinstance(given, ast.BinOp) or _INDEX.search(name.lower())
    return f"torch.device({DEVICE_TYPE}, {source})" if counted else source


def _typed(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """A callable, another or the same, that takes the device type: before the arguments, or by keyword (`keyword`)."""
    node = chain(finding, syntax, finding.replacement)
    start, end = syntax.range(node)
    same = finding.replacement == finding.subject
    imports = (*(() if same else needed(finding.replacement, node, bound)), *from_helper(DEVICE_TYPE, style, bound))
    renamed = () if same else (Edit(start, end, finding.replacement),)
    call = syntax.parent(node)
    given = f"{verdict.keyword}={DEVICE_TYPE}" if verdict.keyword else DEVICE_TYPE
    if not isinstance(call, ast.Call) or call.func is not node:
        if not _is_decorator(node, syntax):
            raise CannotFix("it is not called there, and takes the device type when it is")
        return Change((Edit(start, end, f"{finding.replacement}({given})"),), imports)
    if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
        raise CannotFix("its arguments are not spelt out")
    if len(call.args) > len(verdict.positional) and verdict.positional:
        raise CannotFix("it has more arguments than are known")
    names = [Edit(at, at, f"{name}=") for name, at in zip(verdict.positional, _starts(call, syntax))]
    if verdict.keyword and call.args:
        at = syntax.range(call.args[-1])[1]
        names.append(Edit(at, at, f", {given}"))
    else:
        first = _first(call, given, syntax)
        if names and names[0].start == first.start:
            first = first._replace(text=first.text + names.pop(0).text)
        names.append(first)
    return Change((*renamed, *names), imports)


def _starts(call: ast.Call, syntax: Syntax) -> list[int]:
    return [syntax.range(each)[0] for each in call.args]


def _is_decorator(node: ast.expr, syntax: Syntax) -> bool:
    parent = syntax.parent(node)
    return node in getattr(parent, "decorator_list", ())


def of_module(finding: Finding, name: str, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """Return the change to what the helper has as the module of the device, of which `name` is a part.

    PyTorch's own word for that module is another one where there is no accelerator, and has none of these names.
    """
    node, edits = renamed(finding, syntax, DEVICE_MODULE + name[len(style.general) :])
    if syntax.annotates(node):
        raise CannotFix("an annotation takes no variable, and means nothing when the code runs")
    return Change(edits, from_helper(DEVICE_MODULE, style, bound))


def _module(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """A name of the module of the device, though PyTorch has a newer one that fails where there is no accelerator."""
    name = verdict.agnostic_before.replace("{tail}", finding.subject.rpartition(".")[2])
    return of_module(finding, name, syntax, style, bound)


def _once(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """A call that does for one device what another does for all goes where that stands beside it."""
    node = chain(finding, syntax, finding.replacement)
    statement = syntax.statement(node)
    call = syntax.parent(node)
    if isinstance(statement, ast.Expr) and isinstance(call, ast.Call) and statement.value is call:
        wanted = f"{finding.replacement}({', '.join(map(syntax.source, call.args))})"
        beside = next((block for block in syntax.blocks(statement) if statement in block), [])
        others = [each for each in beside if isinstance(each, ast.Expr) and each is not statement]
        if not call.keywords and wanted in map(syntax.source, others):
            edit = without(syntax, statement)
            if edit is not None:
                return Change((edit,))
    name = f"{style.general}.{finding.subject.rpartition('.')[2]}"
    return of_module(finding, name, syntax, style, bound)


def _asked(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """A question about one backend becomes one about that of the accelerator that is there.

    A PyTorch that has no question for any backend is asked by the function for this one, which its name is part of.
    """
    node = chain(finding, syntax, verdict.agnostic)
    call = syntax.parent(node)
    if not isinstance(call, ast.Call) or call.func is not node or call.args or call.keywords:
        raise CannotFix("it is not called there")
    imports = (*needed(verdict.agnostic, node, bound), *from_helper(BACKEND, style, bound))
    given = BACKEND if finding.replacement == verdict.agnostic else ""
    return Change((Edit(*syntax.range(call), f"{finding.replacement}({given})"),), imports)


Form = Callable[[Finding, Verdict, Syntax, Style, dict[str, str]], Change]
FORMS: dict[str, Form] = {
    "type": _type,
    "backend": _backend,
    "choice": _choice,
    "move": _move,
    "typed": _typed,
    "module": _module,
    "once": _once,
    "asked": _asked,
}
"""The shapes by the names that the packs give them."""
