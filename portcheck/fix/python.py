"""One pass over the findings of a Python module: what is edited, what is imported for it, what is left and why."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from portcheck.fix.document import Document
from portcheck.fix.edits import Edit, apply, fit
from portcheck.fix.imports import Origin, added, bound, rewritten
from portcheck.fix.named import OFFERED
from portcheck.fix.plan import CannotFix, Change, Left, Pass, Style
from portcheck.fix.shapes import change_of
from portcheck.fix.syntax import Syntax
from portcheck.model import Finding
from portcheck.records import NamedTuple

_OFFERED = re.compile(rf"(?<![\w.])(?:{'|'.join(OFFERED)})(?!\w)")


def _offered(text: str) -> bool:
    """Whether a text may give one of the helper module's names to something of its own."""
    return any(name in text for name in OFFERED) and _OFFERED.search(text) is not None


def _given(syntax: Syntax) -> set[str]:
    """The names of the helper module that a text gives to something of its own."""
    found: set[str] = set()
    for node in ast.walk(syntax.tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found.intersection(OFFERED)


class _Moves(NamedTuple):
    """Aliases of import statements that come from elsewhere: the findings on them, and the new name of each old one."""

    statements: dict[int, tuple[ast.stmt, dict[int, Origin]]]
    findings: dict[int, list[Finding]]
    names: dict[str, tuple[str, str]]


def one_pass(document: Document, text: str, findings: Sequence[Finding], style: Style) -> Pass:
    """Return what one pass makes of a text; the findings are those of this very text that may be changed.

    Raises:
        SyntaxError: the text does not parse.
    """
    spans = (*(finding.span for finding in findings), *style.held)
    offered = _offered(text)
    # A name of the module may be given in any function that says so.
    definitions = () if offered and "global" in text else style.definitions
    syntax = Syntax(text, spans, definitions)
    moves = _moves(findings, syntax)
    if moves.findings and definitions:
        # Whether an import is still used is told by the whole text.
        syntax = Syntax(text, spans)
        moves = _moves(findings, syntax)
    names = {**bound(syntax.tree), **dict.fromkeys(_given(syntax) if offered else (), "")}
    made: list[Finding] = []
    left: list[Left] = []
    changes: list[tuple[Finding, Change]] = []
    for finding in findings:
        if syntax.find(finding.span, ast.alias) is None:
            try:
                changes.append((finding, _changed(finding, syntax, style, names, moves)))
            except CannotFix as error:
                left.append(Left(finding, str(error)))
    edits, taken = fit([change.edits for _, change in changes])
    needed: dict[Origin, None] = dict.fromkeys(style.imports)
    for (finding, change), fits in zip(changes, taken):
        if fits:
            made.append(finding)
            needed.update(dict.fromkeys(change.imports))
        else:
            left.append(Left(finding, "overlaps another change"))
    by_import, found = _imports(syntax, moves, edits, findings, document.newline)
    made += found
    edits = sorted([*edits, *by_import])
    direct = f"torch.{style.device}"
    named = any(direct in text for text in (*(edit.text for edit in edits), *(each.replacement for each in made)))
    if named and style.package not in names:
        needed[Origin(style.package)] = None
    edits = sorted([*edits, *_fresh(syntax, list(needed), names, edits, document.newline)])
    gone = {id(each) for each in made} | {id(each.finding) for each in left}
    left += [Left(each, "the import is still used") for each in findings if id(each) not in gone]
    return Pass(apply(text, edits), tuple(made), tuple(left))


def _fresh(
    syntax: Syntax, needed: Sequence[Origin], names: dict[str, str], edits: Sequence[Edit], newline: str
) -> list[Edit]:
    """The edits for imports that the module does not have; what is changed by `edits` needs them."""
    fresh = [each for each in needed if (each.alias or each.name or each.module) not in names]
    return added(syntax, fresh, newline, syntax.first_run(edit.start for edit in edits) if fresh else None)


def _changed(finding: Finding, syntax: Syntax, style: Style, names: dict[str, str], moves: _Moves) -> Change:
    """The change at a place; a name that its import carries over needs at most another spelling."""
    node = syntax.find(finding.span, ast.Name)
    carried = moves.names.get(node.id) if node is not None else None
    if node is None or carried is None or carried[0] != finding.replacement:
        return change_of(finding, syntax, style, names)
    return _respelt(finding, syntax, style, names, node, carried[1])


def _respelt(
    finding: Finding, syntax: Syntax, style: Style, names: dict[str, str], node: ast.Name, local: str
) -> Change:
    """The change at a place whose name is imported from elsewhere now."""
    start, end = syntax.range(node)
    known = {**names, finding.replacement.partition(".")[0]: finding.replacement.partition(".")[0]}
    change = change_of(finding, syntax, style, known)
    edits = tuple(Edit(start, end, local) if edit[:2] == (start, end) else edit for edit in change.edits)
    root = Origin(finding.replacement.partition(".")[0])
    return Change(
        tuple(edit for edit in edits if edit.text != syntax.text[edit.start : edit.end]),
        tuple(each for each in change.imports if each != root),
    )


def _moves(findings: Sequence[Finding], syntax: Syntax) -> _Moves:
    """The imported names that have a plain name of a module for their replacement."""
    moves = _Moves({}, {}, {})
    for finding in findings:
        alias = syntax.find(finding.span, ast.alias)
        statement = syntax.parent(alias) if alias is not None else None
        if not isinstance(statement, (ast.Import, ast.ImportFrom)) or alias is None:
            continue
        moves.findings.setdefault(id(statement), []).append(finding)
        _, found = moves.statements.setdefault(id(statement), (statement, {}))
        module, _, name = finding.replacement.rpartition(".")
        if isinstance(statement, ast.ImportFrom) and module and "(" not in finding.replacement:
            index = statement.names.index(alias)
            found[index] = Origin(module, name, alias.asname or "")
            moves.names[alias.asname or alias.name] = (finding.replacement, alias.asname or name)
    return moves


def _imports(
    syntax: Syntax, moves: _Moves, edits: Sequence[Edit], findings: Sequence[Finding], newline: str
) -> tuple[list[Edit], list[Finding]]:
    """The edits of import statements: names that come from elsewhere, and those that nothing uses after `edits`."""
    made: list[Edit] = []
    done: list[Finding] = []
    used = _used(syntax, edits) if moves.findings else set()
    for key, found in moves.findings.items():
        statement, moved = moves.statements[key]
        aliases = statement.names  # type: ignore[attr-defined]
        spans = {syntax.range(aliases[index]): index for index in range(len(aliases))}
        named = {spans[syntax.places.between(finding.span)]: finding for finding in found}
        dropped = [
            index
            for index in named
            if index not in moved and (aliases[index].asname or aliases[index].name.partition(".")[0]) not in used
        ]
        edit = rewritten(syntax, statement, moved, dropped, newline) if moved or dropped else None
        if edit is not None:
            made.append(edit)
            done += [finding for index, finding in named.items() if index in moved or index in dropped]
    return made, done


def _used(syntax: Syntax, edits: Sequence[Edit]) -> set[str]:
    """The names that are read somewhere outside the edits."""
    found: set[str] = set()
    for node in ast.walk(syntax.tree):
        if isinstance(node, ast.Name) and node.id not in found:
            start, end = syntax.range(node)
            if not any(edit.start <= start and end <= edit.end for edit in edits):
                found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found.add(node.value)
    return found
