"""Findings in notebooks are where their file has them, for services that know no cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portcheck.model import Report, Span, Suppressed
from portcheck.report.physical import physical
from tests import factories as make
from tests.commands import portcheck

MARKDOWN = {"cell_type": "markdown", "metadata": {}, "source": ["# hi\n", "there"]}


def code(source: object) -> dict[str, Any]:
    """Return a cell of code."""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook."""
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def place(folder: Path, text: str, cell: int, line: int) -> tuple[int, str]:
    """Return the line of the file, and the message, of a finding in a cell."""
    (folder / "a.ipynb").write_text(text, encoding="utf-8")
    finding = make.finding("a.ipynb", span=Span(line, 3, line, 9, cell), message="no")
    (found,) = physical(make.report((finding,), root=str(folder))).findings
    assert found.span.cell is None
    return found.span.line, found.message


@pytest.mark.parametrize("indent", [1, None])
@pytest.mark.parametrize(("cell", "line"), [(1, 1), (1, 2), (2, 1), (2, 3)])
def test_a_line_of_a_cell_is_found_in_the_file(tmp_path: Path, indent: Any, cell: int, line: int) -> None:
    cells = [["one = 1\n", "two = 2"], ["a\n", "\n", 'three = "\\n"\n']]
    text = json.dumps(notebook(code(cells[0]), MARKDOWN, code(cells[1])), indent=indent)
    found, message = place(tmp_path, text, cell, line)
    assert json.dumps(cells[cell - 1][line - 1]) in text.split("\n")[found - 1]
    assert message == f"cell {cell}, line {line}: no"


def test_a_source_of_one_string_stands_on_one_line(tmp_path: Path) -> None:
    text = json.dumps(notebook(code("one\ntwo\nthree")), indent=1)
    assert place(tmp_path, text, 1, 3)[0] == next(
        number for number, line in enumerate(text.split("\n"), 1) if "three" in line
    )


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"cells": 3}', '{"cells": [3, {"cell_type": "code"}]}', "[" * 5000]
)
def test_what_is_no_notebook_any_more_is_pointed_at_as_a_whole(tmp_path: Path, text: str) -> None:
    assert place(tmp_path, text, 1, 1)[0] == 1


def test_a_notebook_that_is_gone_and_a_cell_that_is_not_there(tmp_path: Path) -> None:
    assert place(tmp_path, json.dumps(notebook(code("x")), indent=1), 7, 1)[0] == 1
    gone = make.report((make.finding("gone.ipynb", span=Span(2, 1, 2, 2, 1)),), root=str(tmp_path))
    assert physical(gone).findings[0].span == Span(1, 1, 1, 1)


def test_suppressed_places_move_too_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook(code("x\n")), indent=1), encoding="utf-8")
    inside = make.finding("a.ipynb", span=Span(1, 1, 1, 2, 1))
    plain = make.finding("b.py", 7)
    report: Report = make.report((plain,), suppressed=(Suppressed(inside, "line"),), root=str(tmp_path))
    found = physical(report)
    assert found.findings == (plain,)
    assert found.suppressed[0].finding.span.cell is None


@pytest.mark.parametrize("fmt", ["sarif", "gitlab", "github"])
def test_the_command_line_names_the_line_of_the_file(tmp_path: Path, fmt: str) -> None:
    text = json.dumps(notebook(MARKDOWN, code(["import torch\n", "torch.cuda.set_device(0)\n"])), indent=1)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.ipynb").write_text(text, encoding="utf-8")
    line = next(number for number, each in enumerate(text.split("\n"), 1) if "set_device" in each)
    out = portcheck("check", "deep", "--format", fmt, cwd=tmp_path).out
    assert "deep/a.ipynb" in out
    assert "cell 1, line 2: torch.cuda.set_device" in out
    found: list[str] = [f'"startLine": {line},', f'"begin": {line},', f"line={line},"]
    assert any(each in out for each in found)
