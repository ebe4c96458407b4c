"""`--output-format full`: a line that an editor opens, the code around the place, and what takes its place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.model import Report, Safety, Span, Work
from portcheck.report import full, render
from tests import factories as make
from tests.commands import CUDA, portcheck
from tests.repositories import Repository


def frames(folder: Path, text: str, span: Span) -> list[str]:
    (folder / "a.py").write_text(text, encoding="utf-8")
    found = make.report((make.finding("a.py", span=span),), root=str(folder))
    return render(found, "full").splitlines()


def test_a_finding_in_full(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CUDA + "print(1)\n\n", encoding="utf-8")
    done = portcheck("check", "--output-format", "full", "--quiet", cwd=tmp_path)
    assert done.code == 1
    assert done.out == (
        "a.py:3:1: PC101 torch.cuda.set_device becomes torch.accelerator.set_device_index\n"
        "  |\n"
        "1 | import torch\n"
        "2 |\n"
        "3 | torch.cuda.set_device(0)\n"
        "  | ^^^^^^^^^^^^^^^^^^^^^\n"
        "4 | print(1)\n"
        "5 |\n"
        "  |\n"
        "  = work: rename, a drop-in replacement\n"
        "  = replacement: torch.accelerator.set_device_index\n"
        "  = fix: `portcheck fix` makes this change\n"
        "\n"
    )


def test_the_lines_are_those_of_the_concise_format(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.py").write_text(CUDA, encoding="utf-8")
    (tmp_path / "b.py").write_text(CUDA, encoding="utf-8")
    for cwd, paths in ((tmp_path, ()), (tmp_path / "deep", ("..",)), (tmp_path, ("deep",))):
        full = portcheck("check", *paths, "--format", "full", "-q", cwd=cwd).out
        short = portcheck("check", *paths, "-q", cwd=cwd).out
        assert [line for line in full.splitlines() if ": PC" in line] == short.splitlines()
        assert full.count("3 | torch.cuda.set_device(0)\n") == len(short.splitlines())


def test_marks_stand_below_what_they_are_about(tmp_path: Path) -> None:
    lines = frames(tmp_path, "\tx = '\u5b57' + torch.cuda.y\n", Span(1, 12, 1, 24))
    assert lines[2] == "1 |     x = '\u5b57' + torch.cuda.y"
    assert lines[3] == "  |                ^^^^^^^^^^^^"


def test_a_place_of_several_lines_is_marked_on_each_and_cut(tmp_path: Path) -> None:
    lines = frames(tmp_path, "f(\n    a,\n  b)\n" + "x\n" * 5, Span(1, 1, 3, 5))
    assert lines[1:9] == ["  |", "1 | f(", "  | ^^", "2 |     a,", "  |     ^^", "3 |   b)", "  |   ^^", "4 | x"]
    long = frames(tmp_path, "x\n" * 90, Span(1, 1, 80, 2))
    assert sum(line.endswith("^") for line in long) == 6


def test_a_very_long_line_is_cut_around_the_place(tmp_path: Path) -> None:
    lines = frames(tmp_path, "a" * 5000 + "torch.cuda" + "b" * 5000, Span(1, 5001, 1, 5011))
    assert max(map(len, lines[1:5])) < 140
    at = lines[3].index("^")
    assert lines[2][at : at + 10] == "torch.cuda"


def test_cells_of_notebooks(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "x"},
        {"cell_type": "code", "source": ["import torch\n", "torch.cuda.synchronize()"]},
    ]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    out = portcheck("check", "--format", "full", "-q", cwd=tmp_path).out
    assert out.startswith("n.ipynb:cell 1:2:1: PC106 ")
    assert "2 | torch.cuda.synchronize()\n  | ^^^" in out


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_what_is_staged_is_shown_and_not_what_the_work_tree_holds(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    repository.write("a.py", CUDA)
    repository.git("add", "a.py")
    repository.write("a.py", "other\n" * 9)
    out = repository.check("--staged", "--format", "full", "-q").out
    assert "3 | torch.cuda.set_device(0)\n" in out
    assert "other" not in out


def test_standard_input_is_shown_and_not_the_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("other\n" * 9, encoding="utf-8")
    out = portcheck(
        "check", "--stdin-filename", "a.py", "--format", "full", "-q", cwd=tmp_path, stdin=CUDA.encode()
    ).out
    assert "3 | torch.cuda.set_device(0)\n" in out


def test_a_file_that_is_gone_leaves_the_rest(tmp_path: Path) -> None:
    found = make.report((make.finding("gone.py", fixable=Safety.UNSAFE, work=Work.BLOCKER),), root=str(tmp_path))
    lines = render(found, "full").splitlines()
    assert lines[0].startswith("gone.py:1:1: PC101 ")
    assert "work: blocker, nothing on the target does it" in lines[1]
    assert "--unsafe-fixes" in lines[2]


def test_hostile_code_does_not_act_on_a_terminal(tmp_path: Path) -> None:
    text = "x = '\x1b]0;owned\x07\u202e' + torch.cuda.y\r\n\x9b31m\n"
    out = "\n".join(frames(tmp_path, text, Span(1, 1, 1, 5)))
    assert all(char.isprintable() or char == "\n" for char in out)


@given(make.reports)
def test_no_report_breaks_out(report: Report) -> None:
    assert all(char.isprintable() or char == "\n" for char in render(report, "full"))


@given(st.text(max_size=60), make.spans)
def test_no_code_breaks_out(text: str, span: Span) -> None:
    found = make.report((make.finding("a.py", span=span._replace(cell=None)),))
    written = "".join(full.chunks(found, None, {"a.py": text.encode("utf-8", "surrogatepass")}))
    assert all(char.isprintable() or char == "\n" for char in written)
