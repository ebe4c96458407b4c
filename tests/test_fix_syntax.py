"""Functions without anything to change are passed over, and what is around a change is known all the same."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from portcheck.fix.syntax import Syntax
from portcheck.model import Definition, Span
from tests.fixing import after

TEXT = '''\
"""Training."""

import torch


@torch.no_grad()
def plain(
    x,  # what comes
):
    """Says nothing of a device."""
    return f"""
{x}
"""


class Model(torch.nn.Module):
    @property
    def size(self): return 1; x = 2

    async def late(self):
        if self.size:
            def inner(): return 0
        else:
            inner = None
        return inner

    @staticmethod
    def moved(x):
        return x.to("cuda")

    class Inner:
        pass


if torch.cuda.is_available():
    def last():
        return 1
else:
    def last():
        return 2
'''


def definitions(text: str) -> list[Definition]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = (node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))
    return [Definition(node.name, node.lineno, node.end_lineno or 0) for node in found]


def span(node: ast.expr) -> Span:
    return Span(node.lineno, node.col_offset + 1, node.end_lineno or 0, (node.end_col_offset or 0) + 1)


def around(syntax: Syntax, node: ast.AST) -> list[tuple[str, int]]:
    return [(type(each).__name__, getattr(each, "end_lineno", 0)) for each in syntax.above(node)]


@given(st.integers(1, TEXT.count("\n")))
def test_what_is_asked_for_stands_in_the_same_places_without_the_rest(line: int) -> None:
    whole = ast.parse(TEXT)
    kinds = (ast.Name, ast.Attribute, ast.Constant)
    sought = [node for node in ast.walk(whole) if isinstance(node, kinds) and node.lineno == line == node.end_lineno]
    asked = [span(node) for node in sought]
    full, short = Syntax(TEXT, asked), Syntax(TEXT, asked, definitions(TEXT))
    assert len(list(ast.walk(short.tree))) < len(list(ast.walk(full.tree)))
    for node in sought:
        found = [syntax.find(span(node), type(node)) for syntax in (full, short)]
        assert found[0] is not None and found[1] is not None
        assert around(full, found[0]) == around(short, found[1])
        assert full.source(found[0]) == short.source(found[1])


def test_lines_that_begin_no_definition_are_never_left_out() -> None:
    text = "import torch\nx = torch.ones(1)\ny = 1\n"
    syntax = Syntax(text, [Span(1, 1, 1, 2)], [Definition("f", 2, 3)])
    assert ast.dump(syntax.tree) == ast.dump(ast.parse(text))


def test_a_file_is_changed_in_the_only_method_that_asks_for_it(tmp_path: Path) -> None:
    new = after(tmp_path, TEXT, "npu")
    assert 'return x.to("npu")' in new and "if torch.npu.is_available():" in new
    assert new.replace("npu", "cuda").replace("import torch_cuda\n", "") == TEXT
