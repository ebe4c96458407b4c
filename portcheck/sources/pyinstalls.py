"""What Python files install: packages in the command lines that they start.

A command is a text that is handed to what runs one (`os.system("pip install x")`), or its words one by one, in a list
or as arguments (`[sys.executable, "-m", "pip", "install", "x"]`). What is only shown to people is none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import chain

from portcheck.model import Fact, Span
from portcheck.scope import dotted
from portcheck.sources.commandline import commands
from portcheck.sources.installs import install_facts, installed
from portcheck.sources.walk import template

MAX_COMMAND = 4000
"""Characters of a text that is read as a command."""

_RUNNERS = frozenset(
    {"run", "call", "check_call", "check_output", "Popen", "system", "popen", "getoutput", "getstatusoutput"}
)
"""Callees (last component) that run a command line."""

_COMMAND = re.compile(r"(?:^|_)(?:cmd|command)s?(?:_|$)", re.IGNORECASE)
"""What a variable is called that holds a command line to be run later."""

_VERB = "install"
_UNKNOWN = "$"
"""Stands for a word of a command that is known at run time alone."""


def installs_in(tree: ast.Module, text: str) -> Iterator[Fact]:
    """Yield the facts of what the commands of a module install; `tree` is that of `text`."""
    lines = text.split("\n")
    stack: list[ast.stmt] = list(tree.body)
    while stack:
        statement = stack.pop()
        if any(_VERB in line for line in lines[statement.lineno - 1 : statement.end_lineno]):
            stack.extend(child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt))
            yield from _installs(statement)


def _installs(statement: ast.stmt) -> Iterator[Fact]:
    """What a statement installs, but for the statements within it."""
    parts = (child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt))
    for node in (statement, *chain.from_iterable(map(ast.walk, parts))):
        if isinstance(node, ast.Call):
            yield from _of_words(node.args)
            if node.args and dotted(node.func).rpartition(".")[2] in _RUNNERS:
                yield from _of_text(node.args[0])
        elif isinstance(node, (ast.List, ast.Tuple)):
            yield from _of_words(node.elts)
        elif isinstance(node, ast.Assign) and _COMMAND.search(dotted(node.targets[0]).rpartition(".")[2]):
            for part in (node.value, *getattr(node.value, "args", ())):
                yield from _of_text(part)


def _of_words(nodes: Sequence[ast.expr]) -> Iterator[Fact]:
    """What the words of a command install, each told by a node of its own."""
    words = [_text(node) or _UNKNOWN for node in nodes]
    if _VERB in words:
        first = installed(words)
        yield from install_facts([(words[at], _span(nodes[at])) for at in range(first, len(words))] if first else ())


def _of_text(node: ast.expr) -> Iterator[Fact]:
    """What a command in one text installs."""
    text = _text(node)
    if f"{_VERB} " in text and len(text) <= MAX_COMMAND:
        for line in commands(text):
            words = [word.text for word in line]
            first = installed(words)
            yield from install_facts([(word, _span(node)) for word in words[first:]] if first else ())


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return template(node).replace("{}", _UNKNOWN)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _span(node: ast.AST) -> Span:
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    end_line, end = getattr(node, "end_lineno", None) or line, getattr(node, "end_col_offset", None) or column
    return Span(line, column + 1, end_line, end + 1)
