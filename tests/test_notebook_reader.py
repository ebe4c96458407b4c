"""Notebooks: cells as one module, magics and shell lines, findings by cell and line, and everything that is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portcheck
from portcheck import pack
from portcheck.model import FactKind, Status, Work
from portcheck.sources.notebook import read_notebook

INTEREST = pack.load().interest


def notebook(*cells: str, **more: Any) -> bytes:
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True), "outputs": []} for cell in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, **more}).encode()


def seen(*cells: str) -> list[tuple[str, int, int]]:
    facts = read_notebook(notebook(*cells), INTEREST).facts
    return [(fact.name, fact.span.cell or 0, fact.span.line) for fact in facts]


def test_names_are_bound_across_cells() -> None:
    found = seen("import torch as t\n", "\n\nt.cuda.synchronize()", "dev = 'cuda'\nx.to(dev)")
    assert ("torch.cuda.synchronize", 2, 3) in found
    assert ("cuda", 3, 1) in found


def test_options_of_programs_that_a_cell_starts() -> None:
    found = seen(
        "%%bash\npython train.py \\\n  --device cuda:0 \\\n  --tf32 True\n", "!python train.py --device=cuda\n"
    )
    assert ("cuda:0", 1, 2) in found
    assert ("--tf32", 1, 2) in found
    assert ("cuda", 2, 1) in found


def test_text_and_outputs_are_no_code() -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": ["torch.cuda.synchronize()"]},
        {"cell_type": "code", "source": "import torch", "outputs": [{"text": ["x.cuda()"]}]},
        {"cell_type": "code", "source": "torch.cuda.empty_cache()", "outputs": []},
    ]
    facts = read_notebook(json.dumps({"cells": cells}).encode(), INTEREST).facts
    assert [(fact.name, fact.span.cell) for fact in facts if fact.kind is FactKind.CALL] == [
        ("torch.cuda.empty_cache", 2)
    ]


@pytest.mark.parametrize(
    ("cell", "name", "line"),
    [
        ("%env CUDA_VISIBLE_DEVICES=0", "CUDA_VISIBLE_DEVICES", 1),
        ("%set_env CUDA_VISIBLE_DEVICES 0,1", "CUDA_VISIBLE_DEVICES", 1),
        ("x = 1\n!nvidia-smi -L", "nvidia-smi", 2),
        ("gpus = !nvidia-smi -L", "nvidia-smi", 1),
        ("if True:\n    !nvidia-smi", "nvidia-smi", 2),
        ("  !nvidia-smi \\\n    -L\nx = 1", "nvidia-smi", 1),
        ("pip install flash-attn", "flash-attn", 1),
        ("%shell nvidia-smi", "nvidia-smi", 1),
        ("%run -i train.py \\\n  --device cuda:0 \\\n  --fast\nx = 1", "cuda:0", 1),
        ("%%bash\n\nexport CUDA_VISIBLE_DEVICES=1", "CUDA_VISIBLE_DEVICES", 3),
        ("%%time\nx.cuda()", "cuda", 2),
        ("%timeit -n 3 -r 2 x.cuda()", "cuda", 1),
        ("!pip install -q 'flash-attn>=2' && echo done", "flash-attn", 1),
        ("%pip install torch==2.1.0", "torch", 1),
        ("!pip install \\\n  flash-attn \\\n  numpy\nx.cuda()", "flash-attn", 1),
        (
            "!pip install torch --index-url https://download.pytorch.org/whl/cu121",
            "https://download.pytorch.org/whl/cu121",
            1,
        ),
    ],
)
def test_magics_and_shell_lines(cell: str, name: str, line: int) -> None:
    assert (name, 1, line) in seen(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "%%html\n<b>x.cuda()</b>",
        "%matplotlib inline",
        "x.cuda?",
        "?x.cuda",
        "%load_ext autoreload",
        "ls ./models/",
        "ls = 3\nls -ls",
        "%alias go echo \\\n  there",
        "%%writefile a.txt\nx.cuda()",
        "if True:\n  %load_ext autoreload\nelse:\n  x = %who\n  ?x",
    ],
)
def test_what_is_no_python_is_left_out(cell: str) -> None:
    facts = read_notebook(notebook(cell, "y = 1"), INTEREST)
    assert facts.facts == () and facts.status is Status.READ


def test_a_cell_that_does_not_parse_is_read_by_its_words() -> None:
    facts = read_notebook(notebook("import torch\ntorch.cuda.synchronize()", "for (\n", "x.cuda()"), INTEREST)
    assert facts.status is Status.PARTLY
    assert {fact.span.cell for fact in facts.facts} >= {1, 3}


def test_older_notebooks() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["import torch\n", "torch.cuda.synchronize()"]}]}]}
    facts = read_notebook(json.dumps(old).encode(), INTEREST).facts
    assert [(fact.name, fact.span.line) for fact in facts if fact.kind is FactKind.CALL] == [
        ("torch.cuda.synchronize", 2)
    ]


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (b"{", Status.UNREADABLE, "no valid notebook"),
        (b"", Status.UNREADABLE, "no valid notebook"),
        (b"[" * 200_000, Status.UNREADABLE, "no valid notebook"),
        (b"\xff\xfe\x00", Status.UNREADABLE, "no valid notebook"),
        (notebook("x", metadata={"kernelspec": {"language": "R"}}), Status.SKIPPED, "a notebook in r"),
        (b"[]", Status.READ, ""),
        (b'{"cells": {"a": 1}, "metadata": []}', Status.READ, ""),
        (b'{"cells": [1, null, {"cell_type": "code"}, {"cell_type": "code", "source": [1, {}]}]}', Status.READ, ""),
    ],
)
def test_broken_notebooks(data: bytes, status: Status, reason: str) -> None:
    facts = read_notebook(data, INTEREST)
    assert facts.status is status and reason in facts.reason and facts.facts == ()


@given(cells=st.lists(st.text(st.sampled_from("%!?\\\n\r =x.cuda()'\"#:\tif"), max_size=60), max_size=5))
def test_any_cells_are_read(cells: list[str]) -> None:
    facts = read_notebook(notebook(*cells), INTEREST)
    for fact in facts.facts:
        assert 1 <= (fact.span.cell or 0) <= len(cells)
        assert 1 <= fact.span.line <= cells[(fact.span.cell or 1) - 1].replace("\r", "\n").count("\n") + 1


def test_a_scan_reads_notebooks(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_bytes(notebook("import torch", "x = 1\ntorch.cuda.synchronize()"))
    report = portcheck.scan([tmp_path], portcheck.Config(cache=False))
    (finding,) = (each for each in report.findings if each.work is Work.RENAME)
    assert (finding.span.cell, finding.span.line) == (2, 2)
    assert report.effort is not None and report.effort.reach.entries == ("a.ipynb",)
