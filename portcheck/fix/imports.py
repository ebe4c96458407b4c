"""Import statements: names that come from elsewhere, names that nobody uses any more, new imports.

What is laid out in a way of its own is changed through libcst, which takes longer to import than most files to fix.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Union

from portcheck.fix.edits import Edit
from portcheck.fix.syntax import Syntax, first_line
from portcheck.records import NamedTuple
from portcheck.sources.record import STANDARD

if TYPE_CHECKING:
    import libcst


ImportStatement = Union[ast.Import, ast.ImportFrom]
_TORCH = "torch"


class Origin(NamedTuple):
    """Where an imported name comes from: `from module import name`; without a name it is `import module`."""

    module: str
    name: str = ""
    alias: str = ""

    def line(self) -> str:
        """Return the statement that imports it."""
        tail = f" as {self.alias}" if self.alias else ""
        return f"from {self.module} import {self.name}{tail}" if self.name else f"import {self.module}{tail}"


def bound(tree: ast.Module) -> dict[str, str]:
    """Return what the imports at the top level of a module bind, conditional ones among them: name to dotted origin."""
    found: dict[str, str] = {}
    stack: list[ast.stmt] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                found[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{'.' * node.level}{node.module or ''}.{alias.name}"
        elif isinstance(node, (ast.If, ast.Try)):
            stack += [*node.body, *node.orelse]
            if isinstance(node, ast.Try):
                stack += [each for handler in node.handlers for each in handler.body] + node.finalbody
    return found


def rewritten(
    syntax: Syntax, statement: ast.stmt, moved: dict[int, Origin], dropped: Iterable[int], newline: str
) -> Edit | None:
    """Return the edit that takes names out of an import statement: `moved` come from elsewhere, `dropped` are gone.

    Both name aliases by their position. None where the statement does not stand on lines of its own.
    """
    if not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return None
    lines = _own_lines(syntax, statement)
    if lines is None:
        return None
    start, end, indent = lines
    gone = {*moved, *dropped}
    origins = list(dict.fromkeys(moved[index] for index in sorted(moved)))
    rest = [alias for index, alias in enumerate(statement.names) if index not in gone]
    if not rest and not origins:
        return _deleted(syntax, statement, start, end, indent)
    stop = syntax.range(statement)[1]
    here = len({origin.module for origin in origins}) == 1 and not rest and len(moved) == len(statement.names)
    source = syntax.source(statement)
    if here and isinstance(statement, ast.ImportFrom):
        return Edit(start + len(indent), stop, _renamed(source, statement, moved))
    texts = [_grouped(origins)] if origins else []
    if rest:
        texts.insert(0, [_without(source, statement, rest, gone)])
    joined = [line for lines in texts for line in lines]
    return Edit(start + len(indent), stop, f"{newline}{indent}".join(joined))


def without(syntax: Syntax, statement: ast.stmt) -> Edit | None:
    """Return the edit that deletes a statement with its lines; None where it does not stand on lines of its own."""
    lines = _own_lines(syntax, statement)
    return _deleted(syntax, statement, *lines) if lines is not None else None


def added(syntax: Syntax, origins: Sequence[Origin], newline: str, user: ast.stmt | None = None) -> list[Edit]:
    """Return the edits that import `origins` at the top of a module, where a person would: near what they belong to.

    They come before `user`, the first statement of the module that needs them when it is run.
    """
    places: dict[int, list[Origin]] = {}
    optional = _optional(syntax)
    for origin in sorted(origins):
        at = _place(syntax, origin, user) if optional is None else _line_after(syntax, optional)
        places.setdefault(at, []).append(origin)
    indent = " " * optional.col_offset if optional is not None else ""
    return [
        Edit(at, at, "".join(f"{indent}{line}{newline}" for line in _grouped(each)))
        for at, each in sorted(places.items())
    ]


def _optional(syntax: Syntax) -> ast.stmt | None:
    """The import of PyTorch where a module tries whether it is there: what needs it is tried with it."""
    body = syntax.tree.body
    if any(_root(node) == _TORCH for node in body):
        return None
    tried = (node for each in body if isinstance(each, ast.Try) for node in each.body if node.lineno > each.lineno)
    return next((node for node in tried if isinstance(node, ast.Import) and _root(node) == _TORCH), None)


def _renamed(source: str, statement: ast.ImportFrom, moved: dict[int, Origin]) -> str:
    """The same statement with another module and other names; commas, comments and parentheses stay."""
    if ast.unparse(statement) == source:
        return _grouped([moved[index] for index in range(len(statement.names))])[0]
    import libcst

    line = _parsed(source)
    node = line.body[0]
    assert isinstance(node, libcst.ImportFrom) and not isinstance(node.names, libcst.ImportStar)
    names = []
    for index, alias in enumerate(node.names):
        origin = moved[index]
        same = statement.names[index].name == origin.name
        names.append(alias if same else alias.with_changes(name=libcst.Name(origin.name)))
    module = libcst.parse_expression(next(iter(moved.values())).module)
    assert isinstance(module, (libcst.Name, libcst.Attribute))
    node = node.with_changes(module=module, names=names, relative=())
    return libcst.Module([line.with_changes(body=[node])]).code.rstrip("\r\n")


def _without(source: str, statement: ImportStatement, rest: list[ast.alias], gone: Iterable[int]) -> str:
    """The same statement with the `rest` of its aliases, those at other positions than the `gone`."""
    if ast.unparse(statement) == source:
        plain: ast.stmt = ast.Import(rest)
        if isinstance(statement, ast.ImportFrom):
            plain = ast.ImportFrom(statement.module, rest, statement.level)
        return ast.unparse(plain)
    import libcst

    line = _parsed(source)
    node = line.body[0]
    assert isinstance(node, (libcst.Import, libcst.ImportFrom)) and not isinstance(node.names, libcst.ImportStar)
    out = set(gone)
    names = [alias for index, alias in enumerate(node.names) if index not in out]
    bracketed = isinstance(node, libcst.ImportFrom) and node.lpar is not None
    if not bracketed or len(names) == 1:
        names[-1] = names[-1].with_changes(comma=libcst.MaybeSentinel.DEFAULT)
    return libcst.Module([line.with_changes(body=[node.with_changes(names=names)])]).code.rstrip("\r\n")


def _parsed(source: str) -> libcst.SimpleStatementLine:
    import libcst

    line = libcst.parse_statement(source)
    assert isinstance(line, libcst.SimpleStatementLine)
    return line


def _grouped(origins: Sequence[Origin]) -> list[str]:
    """Statements for the origins, one for each module."""
    plain = [origin.line() for origin in origins if not origin.name]
    groups: dict[str, list[str]] = {}
    for origin in origins:
        if origin.name:
            groups.setdefault(origin.module, []).append(origin.name + (f" as {origin.alias}" if origin.alias else ""))
    return [*plain, *(f"from {module} import {', '.join(names)}" for module, names in groups.items())]


def _own_lines(syntax: Syntax, statement: ast.stmt) -> tuple[int, int, str] | None:
    """The offsets of the lines of a statement that shares them with a comment at most, and its indentation."""
    text = syntax.text
    first, last = syntax.range(statement)
    start = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
    ends = [at for at in (text.find("\n", last), text.find("\r", last)) if at >= 0]
    stop = min(ends) if ends else len(text)
    indent, tail = text[start:first], text[last:stop].strip()
    if indent.strip() or (tail and not tail.startswith("#")):
        return None
    end = stop + (2 if text[stop : stop + 2] == "\r\n" else 1 if ends else 0)
    return start, end, indent


def _deleted(syntax: Syntax, statement: ast.stmt, start: int, end: int, indent: str) -> Edit:
    """The edit that deletes a statement with its line; one that is alone in its block leaves `pass`."""
    last = syntax.range(statement)[1]
    alone = any(block == [statement] for block in syntax.blocks(statement))
    if alone and not isinstance(syntax.parent(statement), ast.Module):
        return Edit(start + len(indent), last, "pass")
    return Edit(start, end, "")


def _place(syntax: Syntax, origin: Origin, user: ast.stmt | None) -> int:
    """The offset of the line before which an import belongs: behind its relatives, or where the sorted order has it."""
    body = syntax.tree.body[: syntax.tree.body.index(user)] if user is not None else syntax.tree.body
    head = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_future(node)]
    relatives = [node for node in head if _root(node) == origin.module.partition(".")[0]]
    if not origin.name:
        relatives = [node for node in head if _root(node) == origin.module.partition("_")[0]] or relatives
    if relatives:
        return _among(syntax, relatives, origin)
    if head:
        first = body.index(head[0])
        run = [node for node in body[first:] if isinstance(node, (ast.Import, ast.ImportFrom))]
        if not origin.name:
            other = next((node for node in head if _root(node) not in STANDARD), None)
            return _line_start(syntax, other) if other is not None else _line_after(syntax, run[-1])
        inner = next((node for node in run if isinstance(node, ast.ImportFrom) and node.level), None)
        return _line_after(syntax, run[-1]) if inner is None else _line_start(syntax, inner)
    if user is not None and any(
        isinstance(node, (ast.Import, ast.ImportFrom)) for node in syntax.tree.body[len(body) :]
    ):
        return syntax.places.offset(first_line(user), 1)
    before = [node for node in body if _is_future(node) or (node is body[0] and _is_text(node))]
    return _line_after(syntax, before[-1]) if before else _top(syntax)


def _among(syntax: Syntax, relatives: Sequence[ast.stmt], origin: Origin) -> int:
    """The offset before which an import belongs among its relatives: where they are sorted in their order."""
    if origin.module == _TORCH:
        return _line_start(syntax, relatives[0])
    if not origin.name:
        return _behind_plain(syntax, relatives)
    siblings = [each for each in relatives if isinstance(each, ast.ImportFrom)] if origin.name else []
    modules = [each.module or "" for each in siblings]
    if modules == sorted(modules):
        later = next((each for each in siblings if (each.module or "") > origin.module), None)
        if later is not None:
            return _line_start(syntax, later)
    return _line_after(syntax, relatives[-1])


def _behind_plain(syntax: Syntax, relatives: Sequence[ast.stmt]) -> int:
    """The offset behind the plain imports that relatives begin with; what comes next may need what is imported."""
    body, first = syntax.tree.body, relatives[0]
    if not isinstance(first, ast.Import):
        return _line_start(syntax, first)
    rest = body[body.index(first) :]
    plain = takewhile(lambda node: isinstance(node, ast.Import) and node in relatives, rest)
    return _line_after(syntax, [*plain][-1])


def _top(syntax: Syntax) -> int:
    """The offset behind a first line for the shell and an encoding declaration."""
    at = 1
    lines = syntax.text.splitlines()
    while at <= len(lines) and at <= 2 and lines[at - 1].startswith("#"):
        at += 1
    return syntax.places.offset(at, 1)


def _line_start(syntax: Syntax, node: ast.stmt) -> int:
    return syntax.places.offset(node.lineno, 1)


def _line_after(syntax: Syntax, node: ast.stmt) -> int:
    """The offset of the line behind a statement, or of its own where others share it and may need what is imported."""
    if any(each is not node and each.lineno == node.end_lineno for each in syntax.tree.body):
        return _line_start(syntax, node)
    return syntax.places.offset((node.end_lineno or node.lineno) + 1, 1)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _root(node: ast.stmt) -> str:
    if isinstance(node, ast.ImportFrom):
        return "" if node.level else (node.module or "").partition(".")[0]
    return node.names[0].name.partition(".")[0] if isinstance(node, ast.Import) else ""
