"""`portcheck matrix`: one reading, every version and card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portcheck import api
from portcheck.config import Config
from portcheck.matrix import Cell, Matrix
from portcheck.model import Work
from portcheck.report.matrix_text import chunks
from portcheck.support import cards, versions
from tests.commands import portcheck

SOURCE = (
    "import torch\n\ntorch.cuda.synchronize()\ntorch.cuda.empty_cache()\nwith torch.cuda.amp.autocast():\n    pass\n"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(SOURCE)
    return tmp_path


def test_every_cell_equals_a_scan_of_its_own(repository: Path) -> None:
    matrix = api.matrix([repository], Config(cache=False))
    assert (matrix.versions, matrix.cards) == (versions(), cards())
    for cell in matrix.cells:
        config = Config(torch=cell.torch, hardware=cell.hardware, cache=False)
        report = api.scan([repository], config)
        assert {work: count for work, count in cell.work.items() if count} == {
            work: count for work in Work if (count := sum(f.work is work for f in report.findings))
        }


def test_the_text_has_a_column_for_each_version_and_rows_for_each_card(repository: Path) -> None:
    result = portcheck("matrix", repository)
    assert result.code == 0
    header = next(line for line in result.out.splitlines() if "work" in line and "card" in line)
    assert header.split()[2:] == list(versions())
    assert all(any(line.strip().startswith(card.upper()) for line in result.out.splitlines()) for card in cards())


def test_the_json_holds_every_cell(repository: Path) -> None:
    found = json.loads(portcheck("matrix", repository, "--format", "json").out)
    assert found["schema"] == "portcheck-matrix/1"
    assert len(found["cells"]) == len(versions()) * len(cards())
    assert all(cell["to_change"] == 3 for cell in found["cells"])


def test_what_blocks_is_named_with_where(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text('import ctypes\nlib = ctypes.CDLL("libcudart.so")\n', encoding="utf-8")
    text = portcheck("matrix", tmp_path).out
    assert 'BLOCKED ON EVERY CARD\n  "libcudart.so" (1)\n' in text
    found = json.loads(portcheck("matrix", tmp_path, "--format", "json").out)
    assert all(cell["blockers"] == {'"libcudart.so"': 1} for cell in found["cells"])


def test_what_blocks_on_some_is_told_apart() -> None:
    none = dict.fromkeys(Work, 0)
    cells = [
        Cell("1.0", "a", none, {}, {"kernel": 2, "library": 1}),
        Cell("2.0", "a", none, {}, {"kernel": 2}),
        Cell("1.0", "b", none, {}, {"kernel": 2}),
        Cell("2.0", "b", none, {}, {"kernel": 2}),
    ]
    matrix = Matrix("r", "t", ("1.0", "2.0"), ("a", "b"), tuple(cells), 1, 1)
    text = "".join(chunks(matrix, "text", 80, False))
    assert "BLOCKED ON EVERY CARD\n  kernel (2)\n" in text
    assert "BLOCKED ON A with PyTorch 1.0\n  library (1)\n" in text


def test_another_format_is_refused(repository: Path) -> None:
    result = portcheck("matrix", repository, "--format", "concise")
    assert (result.code, result.out) == (2, "")
    assert "json and text" in result.err


def test_cells_of_many_files_equal_scans_of_their_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = SOURCE + "torch.matmul(x.double(), y)\ntorch.heaviside(x, y)\nx.nonzero()\ntorch.jit.script(f)\n" * 2
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    for options in ({}, {"strategy": "shim"}, {"select": ("op-support", "none")}, {"include_role": ("test",)}):
        matrix = api.matrix([tmp_path], Config(cache=False, jobs=1, **options))
        for cell in matrix.cells:
            config = Config(torch=cell.torch, hardware=cell.hardware, cache=False, jobs=1, **options)
            report = api.scan([tmp_path], config)
            assert cell.work == {work: sum(f.work is work for f in report.findings) for work in Work}
