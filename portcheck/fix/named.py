"""What stands at a place, and what has to be imported for what shall stand there."""

from __future__ import annotations

import ast
import re

from portcheck.fix.edits import Edit
from portcheck.fix.imports import Origin
from portcheck.fix.literals import with_value
from portcheck.fix.plan import CannotFix, Style
from portcheck.fix.syntax import Syntax
from portcheck.model import Finding

DEVICE_TYPE = "DEVICE_TYPE"
BACKEND = "BACKEND"
DEVICE_MODULE = "DEVICE_MODULE"
OFFERED = (DEVICE_TYPE, DEVICE_MODULE, BACKEND)
"""What the helper module offers."""

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\(\))*$")


def literal(finding: Finding, syntax: Syntax) -> ast.expr | None:
    """Return the string at a place, plain or with values put in."""
    found: ast.expr | None = syntax.find(finding.span, ast.JoinedStr)
    if found is None:
        found = syntax.find(finding.span, ast.Constant)
    return found if isinstance(found, ast.JoinedStr) or is_string(found) else None


def is_string(node: ast.AST | None) -> bool:
    """Return whether a node is a plain string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def chain(finding: Finding, syntax: Syntax, replacement: str) -> ast.expr:
    """Return the name or chain of names at a place that another can stand for.

    Raises:
        CannotFix: there is none.
    """
    node = syntax.find(finding.span, ast.Attribute) or syntax.find(finding.span, ast.Name)
    if node is None or not _NAME.match(replacement):
        raise CannotFix("what stands there is no plain name")
    source = syntax.source(node)
    if "#" in source or "\n" in source:
        raise CannotFix("the name goes over several lines")
    if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
        raise CannotFix("the name is assigned to")
    return node


def renamed(finding: Finding, syntax: Syntax, replacement: str) -> tuple[ast.expr, tuple[Edit, ...]]:
    """Return the chain of names at a place and the edits that put another there; it may be spelt as `getattr(a, "b")`.

    Raises:
        CannotFix: there is none.
    """
    call = syntax.find(finding.span, ast.Call)
    if call is None or len(call.args) < 2 or not is_string(call.args[1]):
        node = chain(finding, syntax, replacement)
        return node, (_within(finding.subject, syntax.source(node), replacement, syntax.range(node)),)
    whole, name = call.args[:2]
    owner, _, last = replacement.rpartition(".")
    source, old = syntax.source(name), finding.subject.rpartition(".")[2]
    spelt = source if last == old else with_value(source, old, last)
    if not isinstance(whole, (ast.Name, ast.Attribute)) or not owner or not _NAME.match(replacement) or spelt is None:
        raise CannotFix("what stands there is no plain name")
    edits = (Edit(*syntax.range(whole), owner), Edit(*syntax.range(name), spelt))
    return whole, tuple(edit for edit in edits if edit.text != syntax.text[edit.start : edit.end])


def _within(subject: str, source: str, replacement: str, place: tuple[int, int]) -> Edit:
    """The edit of a chain of names; one that goes by a name of its own for what both have in common keeps that."""
    old, new = subject.split("."), replacement.split(".")
    common = next((at for at, (one, other) in enumerate(zip(old, new)) if one != other), 0)
    tail = "." + ".".join(old[common:])
    if common and source.endswith(tail):
        return Edit(*place, f"{source[: -len(tail)]}.{'.'.join(new[common:])}")
    return Edit(*place, replacement)


def needed(replacement: str, node: ast.expr, bound: dict[str, str]) -> tuple[Origin, ...]:
    """Return what has to be imported for a dotted name to be there; raises CannotFix when its root is taken."""
    root = replacement.partition(".")[0]
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    if isinstance(inner, ast.Name) and inner.id == root:
        return ()
    if bound.get(root, root) != root:
        raise CannotFix(f"the name {root} stands for something else here")
    return () if root in bound else (Origin(root),)


def from_helper(name: str, style: Style, bound: dict[str, str]) -> tuple[Origin, ...]:
    """Return the import of a name from the helper module; raises CannotFix when there is none, or the name is taken."""
    if not style.helper:
        raise CannotFix("there is no place for a helper module that it could import")
    origin = f"{style.helper}.{name}"
    if bound.get(name, origin) != origin:
        raise CannotFix(f"the name {name} is taken")
    return () if name in bound else (Origin(style.helper, name),)
