"""The shapes of changes, none about a certain symbol: a name, a text, a move, a call that takes the device type, ...

Which shape a place takes, with which words, is said by the packs (`form` and the replacements of a verdict).
"""

from __future__ import annotations

import ast
import re
from typing import Callable, Dict, List, Optional, Tuple

from portcheck.fix.edits import Edit
from portcheck.fix.imports import Origin
from portcheck.fix.literals import as_expression, quote_of, with_value
from portcheck.fix.plan import CannotFix, Change, Style
from portcheck.fix.syntax import Syntax
from portcheck.model import Finding
from portcheck.packtypes import Verdict

DEVICE_TYPE = "DEVICE_TYPE"
BACKEND = "BACKEND"
"""What the helper module offers."""

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\(\))*$")
_ATTRIBUTE = re.compile(r"\.([A-Za-z_]\w*)(?:\(\))?$")
_LITERALS = (ast.Constant, ast.JoinedStr)


def change_of(finding: Finding, syntax: Syntax, style: Style, bound: Dict[str, str]) -> Change:
    """Return the change at a place; `bound` are the names that the module's imports bind.

    Raises:
        CannotFix: the code there has another shape than the change is for.
    """
    verdict = style.verdict(finding)
    form = _FORMS.get(verdict.form) if style.agnostic else None
    if form is not None:
        return form(finding, verdict, syntax, style, bound)
    node = _literal(finding, syntax)
    if node is not None:
        return _text(finding, node, syntax)
    if _ATTRIBUTE.match(finding.replacement):
        return _method(finding, syntax)
    return _named(finding, syntax, bound)


def _literal(finding: Finding, syntax: Syntax) -> Optional[ast.expr]:
    """The string at a place, plain or with values put in."""
    found: Optional[ast.expr] = syntax.find(finding.span, ast.JoinedStr)
    if found is None:
        found = syntax.find(finding.span, ast.Constant)
    return found if isinstance(found, ast.JoinedStr) or _is_string(found) else None


def _is_string(node: Optional[ast.AST]) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _text(finding: Finding, node: ast.expr, syntax: Syntax) -> Change:
    """The literal with another value."""
    old = finding.subject[1:-1] if finding.subject[:1] == '"' else finding.subject
    source = with_value(syntax.source(node), old, finding.replacement)
    if source is None:
        raise CannotFix("the string is put together in a way that cannot be edited")
    return Change((Edit(*syntax.range(node), source),))


def _method(finding: Finding, syntax: Syntax) -> Change:
    """Another method or attribute of the same object."""
    node = syntax.attribute_named_at(finding.span)
    match = _ATTRIBUTE.match(finding.replacement)
    if node is None or match is None:
        raise CannotFix("no attribute stands there")
    end = syntax.range(node)[1]
    return Change((Edit(end - len(node.attr), end, match.group(1)),))


def _named(finding: Finding, syntax: Syntax, bound: Dict[str, str]) -> Change:
    """Another dotted name in the place of the one that is there."""
    node = _chain(finding, syntax)
    return Change((Edit(*syntax.range(node), finding.replacement),), _needed(finding.replacement, node, bound))


def _chain(finding: Finding, syntax: Syntax) -> ast.expr:
    """The name or chain of names at a place."""
    node = syntax.find(finding.span, ast.Attribute) or syntax.find(finding.span, ast.Name)
    if node is None or not _NAME.match(finding.replacement):
        raise CannotFix("what stands there is no plain name")
    source = syntax.source(node)
    if "#" in source or "\n" in source:
        raise CannotFix("the name goes over several lines")
    if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
        raise CannotFix("the name is assigned to")
    return node


def _needed(replacement: str, node: ast.expr, bound: Dict[str, str]) -> Tuple[Origin, ...]:
    """What has to be imported for a dotted name to be there."""
    root = replacement.partition(".")[0]
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    if isinstance(inner, ast.Name) and inner.id == root:
        return ()
    if bound.get(root, root) != root:
        raise CannotFix(f"the name {root} stands for something else here")
    return () if root in bound else (Origin(root),)


def _from_helper(name: str, style: Style, bound: Dict[str, str]) -> Tuple[Origin, ...]:
    """The import of a name from the helper module."""
    if not style.helper:
        raise CannotFix("there is no place for a helper module that it could import")
    origin = f"{style.helper}.{name}"
    if bound.get(name, origin) != origin:
        raise CannotFix(f"the name {name} is taken")
    return () if name in bound else (Origin(style.helper, name),)


def _type(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: Dict[str, str]) -> Change:
    """A string that names the device becomes the type of the accelerator that is there."""
    node = _literal(finding, syntax)
    if node is None:
        raise CannotFix("no string stands there")
    source = syntax.source(node)
    if isinstance(node, ast.JoinedStr):
        body = with_value(source, "cuda", f"{{{DEVICE_TYPE}}}")
        if body is None or not source.lower().startswith("f"):
            raise CannotFix("the string does not begin with the device")
        new: Optional[str] = body
    else:
        old = str(node.value) if isinstance(node, ast.Constant) else ""
        kind, colon, index = old.partition(":")
        new = as_expression(DEVICE_TYPE, colon + index, quote_of(source)) if kind == "cuda" else None
    if new is None:
        raise CannotFix("the string holds more than a device")
    _no_import_time_name(node, syntax)
    return Change((Edit(*syntax.range(node), new),), _from_helper(DEVICE_TYPE, style, bound))


def _no_import_time_name(node: ast.expr, syntax: Syntax) -> None:
    """Refuse places where only a literal may stand."""
    parent = syntax.parent(node)
    if type(parent).__name__ in ("MatchValue", "MatchMapping"):
        raise CannotFix("a pattern takes no variable")
    if isinstance(parent, ast.Subscript) and _in_annotation(parent, syntax):
        raise CannotFix("an annotation takes literals alone")


def _in_annotation(node: ast.AST, syntax: Syntax) -> bool:
    return isinstance(node, ast.Subscript) and syntax.source(node.value).rpartition(".")[2] == "Literal"


def _backend(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: Dict[str, str]) -> Change:
    """A string that names the backend of collectives becomes that of the accelerator that is there."""
    node = _literal(finding, syntax)
    if not isinstance(node, ast.Constant):
        raise CannotFix("no plain string stands there")
    _no_import_time_name(node, syntax)
    return Change((Edit(*syntax.range(node), BACKEND),), _from_helper(BACKEND, style, bound))


def _choice(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: Dict[str, str]) -> Change:
    """A test for one device admits the target's beside it."""
    node = _literal(finding, syntax)
    if not isinstance(node, ast.Constant):
        raise CannotFix("no plain string stands there")
    parent = syntax.parent(node)
    source = syntax.source(node)
    other = with_value(source, str(node.value), verdict_text(finding, verdict))
    if other is None:
        raise CannotFix("the string holds more than a device")
    if type(parent).__name__ == "MatchValue":
        return Change((Edit(*syntax.range(node), f"{source} | {other}"),))
    if isinstance(parent, (ast.List, ast.Tuple, ast.Set)):
        if any(_is_string(each) and each.value == ast.literal_eval(other) for each in parent.elts):  # type: ignore[attr-defined]
            raise CannotFix("the target stands beside it already")
        return Change((Edit(*syntax.range(node), f"{source}, {other}"),))
    if isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        return Change(_compared(parent, node, source, other, syntax))
    raise CannotFix("the test has another shape")


def verdict_text(finding: Finding, verdict: Verdict) -> str:
    """Return the text for the target alone that a verdict has for a place."""
    old = finding.subject[1:-1] if finding.subject[:1] == '"' else finding.subject
    suffix = old[len("cuda") :] if old.startswith("cuda") else ""
    return verdict.npu.replace("{suffix}", suffix)


def _compared(parent: ast.Compare, node: ast.Constant, source: str, other: str, syntax: Syntax) -> Tuple[Edit, ...]:
    """`x == "a"` becomes `x in ("a", "b")`, `"a" in x` becomes `"a" in x or "b" in x`."""
    operator, right = parent.ops[0], parent.comparators[0]
    words: Dict[type, str] = {ast.Eq: "in", ast.NotEq: "not in"}
    if type(operator) in words:
        side = parent.left if right is node else right
        return (Edit(*syntax.range(parent), f"{syntax.source(side)} {words[type(operator)]} ({source}, {other})"),)
    if parent.left is node and isinstance(operator, (ast.In, ast.NotIn)):
        if isinstance(right, (ast.List, ast.Tuple, ast.Set, ast.Call)):
            raise CannotFix("what is looked in would be computed twice")
        either = f"{source} in {syntax.source(right)} or {other} in {syntax.source(right)}"
        plain = isinstance(syntax.parent(parent), (ast.If, ast.While, ast.Return, ast.Assign, ast.Assert))
        if isinstance(operator, ast.NotIn):
            either = f"not ({either})"
        return (Edit(*syntax.range(parent), either if plain else f"({either})"),)
    raise CannotFix("the comparison has another shape")


def _move(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: Dict[str, str]) -> Change:
    """`.cuda(...)` becomes `.to(...)` with the type of the accelerator that is there."""
    node = syntax.attribute_named_at(finding.span)
    call = syntax.parent(node) if node is not None else None
    if node is None or not isinstance(call, ast.Call) or call.func is not node:
        raise CannotFix("the method is not called there")
    if any(keyword.arg not in ("device", "non_blocking", "memory_format") for keyword in call.keywords):
        raise CannotFix("the call has arguments that .to() does not take")
    if len(call.args) > 2 or any(isinstance(each, ast.Starred) for each in call.args):
        raise CannotFix("the call has arguments that .to() does not take")
    imports = _from_helper(DEVICE_TYPE, style, bound)
    device, edits = _device_argument(call, syntax, "device=" if _restores(node, syntax) else "")
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


def _device_argument(call: ast.Call, syntax: Syntax, keyword: str) -> Tuple[str, List[Edit]]:
    """The device that a call shall name, and the edits of its arguments that name it, with `keyword` before it."""
    edits = [Edit(syntax.range(each)[0], syntax.range(each)[0], "non_blocking=") for each in call.args[1:]]
    given = next((each.value for each in call.keywords if each.arg == "device"), None)
    given = call.args[0] if call.args else given
    if given is None:
        return DEVICE_TYPE, [*edits, _first(call, keyword + DEVICE_TYPE, syntax)]
    empty = isinstance(given, ast.Constant) and given.value is None
    device = DEVICE_TYPE if empty else _indexed(syntax.source(given))
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


def _indexed(device: str) -> str:
    """An expression for a device of the accelerator's type: by its index, or by what the code has for it."""
    if device.isdigit():
        return f'f"{{{DEVICE_TYPE}}}:{device}"'
    return f"torch.device({DEVICE_TYPE}, {device})"


def _typed(finding: Finding, verdict: Verdict, syntax: Syntax, style: Style, bound: Dict[str, str]) -> Change:
    """A callable, another or the same, that takes the device type: before the arguments, or by keyword (`keyword`)."""
    node = _chain(finding, syntax)
    start, end = syntax.range(node)
    same = finding.replacement == finding.subject
    imports = (*(() if same else _needed(finding.replacement, node, bound)), *_from_helper(DEVICE_TYPE, style, bound))
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


def _starts(call: ast.Call, syntax: Syntax) -> List[int]:
    return [syntax.range(each)[0] for each in call.args]


def _is_decorator(node: ast.expr, syntax: Syntax) -> bool:
    parent = syntax.parent(node)
    return node in getattr(parent, "decorator_list", ())


_Form = Callable[[Finding, Verdict, Syntax, Style, Dict[str, str]], Change]
_FORMS: Dict[str, _Form] = {
    "type": _type,
    "backend": _backend,
    "choice": _choice,
    "move": _move,
    "typed": _typed,
}
