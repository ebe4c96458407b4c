"""Names in import statements are placed as newer Pythons place them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from portcheck.sources.aliased import place_aliases, places_of
from tests.commands import ROOT

STATEMENTS = [
    "import a",
    "import a.b as c, d",
    "x = 1; import importlib . util as é, os",
    "from . import x",
    "from .import x, y as z",
    "from importlib import import_module as load",
    "from a import *",
    "from a import (  # import this, and that\n    b,  # c as d\n    c as \\\n        d,\n)",
    "if x:\n    from été.à import ñ as ü, b",
    "from a import \\\n    b, \\\n    c",
]


def told(code: str) -> list[tuple[int, int, int, int]]:
    lines = code.split("\n")
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return [place for node in nodes for place in places_of(node, lines)]


def known(code: str) -> list[tuple[int, int, int, int]]:
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return [
        (alias.lineno, alias.col_offset, alias.end_lineno or 0, alias.end_col_offset or 0)
        for node in nodes
        for alias in node.names
    ]


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the syntax tree does not tell")
@pytest.mark.parametrize("code", STATEMENTS)
def test_statements(code: str) -> None:
    assert told(code) == known(code)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the syntax tree does not tell")
@pytest.mark.parametrize("path", sorted((ROOT / "portcheck").rglob("*.py")), ids=lambda path: path.stem)
def test_modules(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert told(code) == known(code)


@pytest.mark.parametrize("code", STATEMENTS)
def test_every_name_has_a_place_afterwards(code: str) -> None:
    tree = ast.parse(code)
    place_aliases(tree, code)
    names = [name for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)) for name in node.names]
    assert names and all(name.lineno <= (name.end_lineno or 0) for name in names)
