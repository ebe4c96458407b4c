"""Notebooks: cells are changed as one module, and of the JSON text only the lines that changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.config import Config
from portcheck.fix.cells import join, split
from portcheck.fix.notebook import code, rewrite
from portcheck.fix.run import write
from portcheck.repair import fix


def notebook(*cells: Any, **style: Any) -> str:
    rows = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in cells]
    return json.dumps({"cells": rows, "nbformat": 4}, **style)


def test_only_the_line_that_changed_is_spelt_anew() -> None:
    before = notebook(["a = 1\n", "b = 'é'\n", "c = 3"], indent=1)
    after = rewrite(before, {1: "a = 1\nb = 2\nc = 3"})
    assert after == before.replace("\"b = '\\u00e9'\\n\"", '"b = 2\\n"')


def test_a_new_line_stands_as_its_neighbours_do() -> None:
    before = notebook(["a = 1\n", "b = 2"], indent=4)
    after = rewrite(before, {1: "import x\na = 1\nb = 2\nc"})
    assert after == notebook(["import x\n", "a = 1\n", "b = 2\n", "c"], indent=4)


@pytest.mark.parametrize("source", ["a = 1\nb = 'é\\n'\nc", ["a = 1\n", "b = 'é\\n'\n", "c"]])
@pytest.mark.parametrize("plain", [True, False])
def test_escapes_stay_as_the_file_has_them(source: Any, plain: bool) -> None:
    before = notebook("é", source, ensure_ascii=plain)
    new = "".join(source).replace("c", "ü")
    assert rewrite(before, {2: new}) == notebook(
        "é", new if isinstance(source, str) else new.splitlines(True), ensure_ascii=plain
    )


def test_outputs_and_text_may_look_like_code() -> None:
    rows: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": ["x.cuda()"]},
        {"source": ["x.cuda()"], "cell_type": "code", "outputs": [{"text": ["x.cuda()"]}], "source ": [[]]},
    ]
    before = json.dumps({"metadata": {"cells": []}, "cells": rows})
    assert code(before) == {1: "x.cuda()"}
    rows[1]["source"] = ["x.npu()"]
    assert rewrite(before, {1: "x.npu()"}) == json.dumps({"metadata": {"cells": []}, "cells": rows})


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', '{"cells": [3]}', '{"cells"', "[" * 100_000])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        code(text)


def test_there_are_only_the_cells_that_there_are() -> None:
    with pytest.raises(ValueError, match="no cell 2"):
        rewrite(notebook("a"), {2: "b"})


def fixed(folder: Path, text: str, style: str) -> dict[int, str]:
    """The cells of a notebook after a fix, which a second one leaves as they are."""
    path = folder / "a.ipynb"
    path.write_text(text, encoding="utf-8")
    config = Config(cache=False, jobs=1, strategy=style)
    assert not write(fix([folder], config, unsafe=True))
    assert not [each for each in fix([folder], config, unsafe=True).files if each.changed]
    return code(path.read_text(encoding="utf-8"))


CELLS = (
    "%matplotlib inline\nimport torch",
    "x = torch.ones(3).cuda()\n!pip install x \\\n   faiss-gpu==1.7",
    "%%time\ntorch.cuda.synchronize()\nif x:\n    %env CUDA_VISIBLE_DEVICES=0",
    "%%bash\nexport CUDA_VISIBLE_DEVICES=1",
    "d = torch.device('cuda:0')  # here",
)


def test_cells_are_changed_as_one_module(tmp_path: Path) -> None:
    before = notebook(*[source.splitlines(True) for source in CELLS], indent=1)
    assert fixed(tmp_path, before, "npu") == {
        1: "%matplotlib inline\nimport torch\nimport torch_npu",
        2: "x = torch.ones(3).npu()\n!pip install x \\\n   faiss-gpu==1.7",
        3: "%%time\ntorch.npu.synchronize()\nif x:\n    %env ASCEND_RT_VISIBLE_DEVICES=0",
        4: "%%bash\nexport ASCEND_RT_VISIBLE_DEVICES=1",
        5: "d = torch.device('npu:0')  # here",
    }


def test_cells_for_any_accelerator_import_the_helper_once(tmp_path: Path) -> None:
    before = notebook(*[source.splitlines(True) for source in CELLS], indent=1)
    assert fixed(tmp_path, before, "agnostic") == {
        1: "%matplotlib inline\nimport torch\nfrom accelerator import DEVICE_TYPE",
        2: CELLS[1].replace("cuda()", "to(DEVICE_TYPE)"),
        3: CELLS[2].replace("torch.cuda", "torch.accelerator"),
        4: CELLS[3],
        5: "d = torch.device(f'{DEVICE_TYPE}:0')  # here",
    }
    assert (tmp_path / "accelerator.py").exists()


sources = st.text(st.characters(codec="utf-8"), max_size=20) | st.text('a"\\\n\r\té', max_size=20)
styles = st.fixed_dictionaries({"indent": st.sampled_from([None, 1, "\t"]), "ensure_ascii": st.booleans()})


def as_lists(text: str) -> list[str]:
    lines = text.split("\n")
    return [line for line in [*(line + "\n" for line in lines[:-1]), lines[-1]] if line]


@given(old=sources, new=sources, listed=st.booleans(), style=styles)
def test_any_source_becomes_any_other(old: str, new: str, listed: bool, style: dict[str, Any]) -> None:
    before = notebook("x\ny", as_lists(old) if listed else old, ["z"], **style)
    after = rewrite(before, {2: new})
    assert code(after) == {1: "x\ny", 2: new, 3: "z"}
    assert rewrite(before, {2: old}) == before
    wanted = json.loads(before)
    wanted["cells"][1]["source"] = json.loads(after)["cells"][1]["source"]
    assert json.loads(after) == wanted


def test_lines_for_ipython_are_hidden_and_come_back() -> None:
    cells = {
        1: "%matplotlib inline\n!pip install x\nimport torch",
        2: "%%bash\nls",
        4: "if x:\n    !ls -l\nfiles = !ls\ntorch.cuda?\nx = 1",
        5: "%%time\nx.cuda()",
        7: "def broken(",
    }
    joined = join(cells)
    assert joined.numbers == (1, 2, 4, 5)
    assert split(joined, joined.text) == {number: cells[number] for number in joined.numbers}
    lines = joined.text.split("\n")
    assert lines[joined.before[4]] == "if x:"
    assert lines[joined.before[5] + 1] == "x.cuda()"


@given(st.dictionaries(st.integers(1, 9), st.text("x=1 \n!%?#", max_size=15), max_size=4))
def test_cells_come_back_as_they_were(cells: dict[int, str]) -> None:
    joined = join(cells)
    assert split(joined, joined.text) == {number: cells[number] for number in joined.numbers}
