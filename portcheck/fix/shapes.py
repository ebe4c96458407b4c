"""The shapes of changes, none about a certain symbol: another name, another text, another method, or a general form.

Which shape a place takes, with which words, is said by the packs (`form` and the replacements of a verdict).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from portcheck.fix.edits import Edit
from portcheck.fix.general import FORMS, of_module
from portcheck.fix.literals import with_value, with_word
from portcheck.fix.named import literal, needed, renamed
from portcheck.fix.plan import CannotFix, Change, Style
from portcheck.fix.syntax import Syntax
from portcheck.model import Finding, Span

_ATTRIBUTE = re.compile(r"\.([A-Za-z_]\w*)(?:\(\))?$")


def change_of(finding: Finding, syntax: Syntax, style: Style, bound: dict[str, str]) -> Change:
    """Return the change at a place; `bound` are the names that the module's imports bind.

    Raises:
        CannotFix: the code there has another shape than the change is for.
    """
    if style.held and _opens(finding, syntax, style.held):
        raise CannotFix("what it guards would be left for CUDA alone: change that by hand, or with --unsafe-fixes")
    verdict = style.verdict(finding)
    if style.agnostic and style.helper and style.general and finding.replacement.startswith(style.general):
        return of_module(finding, finding.replacement, syntax, style, bound)
    form = FORMS.get(verdict.form) if style.agnostic else None
    if form is not None:
        return form(finding, verdict, syntax, style, bound)
    node = literal(finding, syntax)
    if node is not None:
        return _text(finding, node, syntax)
    if _ATTRIBUTE.match(finding.replacement):
        return _method(finding, syntax)
    return _named(finding, syntax, bound)


def _opens(finding: Finding, syntax: Syntax, held: Sequence[Span]) -> bool:
    """Whether a place is in the test of a branch that has one of the `held` places in an arm."""
    node: ast.AST | None = literal(finding, syntax) or syntax.attribute_named_at(finding.span)
    node = node or syntax.find(finding.span, ast.Attribute) or syntax.find(finding.span, ast.Name)
    inner = node
    for around in syntax.above(node) if node is not None else ():
        if isinstance(around, (ast.If, ast.IfExp, ast.While)) and inner is around.test:
            last = around.end_lineno or around.lineno
            return any(around.lineno <= span.line <= last for span in held)
        if isinstance(around, ast.stmt):
            return False
        inner = around
    return False


def _text(finding: Finding, node: ast.expr, syntax: Syntax) -> Change:
    """The literal with another value."""
    old = finding.subject[1:-1] if finding.subject[:1] == '"' else finding.subject
    source = with_value(syntax.source(node), old, finding.replacement)
    if source is None and old.replace(".", "").isidentifier() and finding.subject == old:
        source = with_word(syntax.source(node), old, finding.replacement)
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


def _named(finding: Finding, syntax: Syntax, bound: dict[str, str]) -> Change:
    """Another dotted name in the place of the one that is there."""
    node, edits = renamed(finding, syntax, finding.replacement)
    whole = any(edit.text == finding.replacement or finding.replacement.startswith(f"{edit.text}.") for edit in edits)
    return Change(edits, needed(finding.replacement, node, bound) if whole else ())
