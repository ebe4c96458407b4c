"""Notebooks: cells are changed as one module, and of the JSON text only the lines that changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.api import examined
from portcheck.config import Config
from portcheck.fix.cells import in_cells, join, split
from portcheck.fix.document import document
from portcheck.fix.notebook import code, rewrite
from portcheck.fix.plan import Style
from portcheck.model import Finding
from portcheck.packtypes import Verdict


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
    rows: List[Dict[str, Any]] = [
        {"cell_type": "markdown", "source": ["x.cuda()"]},
        {"source": ["x.cuda()"], "cell_type": "code", "outputs": [{"text": ["x.cuda()"]}], "source ": [[]]},
    ]
    before = json.dumps({"metadata": {"cells": []}, "cells": rows})
    assert code(before) == {2: "x.cuda()"}
    rows[1]["source"] = ["x.npu()"]
    assert rewrite(before, {2: "x.npu()"}) == json.dumps({"metadata": {"cells": []}, "cells": rows})


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', '{"cells": [3]}', '{"cells"', "[" * 100_000])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        code(text)


def test_there_are_only_the_cells_that_there_are() -> None:
    with pytest.raises(ValueError, match="no cell 2"):
        rewrite(notebook("a"), {2: "b"})


def in_its_cell(finding: Finding, before: Dict[int, int]) -> Finding:
    number = max(cell for cell, lines in before.items() if lines < finding.span.line)
    line = finding.span.line - before[number]
    return finding._replace(span=finding.span._replace(line=line, end_line=line, cell=number))


def fixed(tmp_path: Path, cells: Dict[int, str], text: str, style: str, helper: str = "accelerator") -> str:
    """A notebook after one pass over what a scan finds in these cells of it."""
    joined = join(cells)
    (tmp_path / "cells.py").write_text(joined.text, encoding="utf-8")
    found = examined([tmp_path], Config(cache=False, jobs=1, strategy=style))
    findings = [in_its_cell(each, joined.before) for each in found.scanned.findings["cells.py"]]
    rules = {rule.id: rule for rule in found.pack.rules}

    def verdict(finding: Finding) -> Verdict:
        return found.judge.verdict_of(rules[finding.rule], finding.subject.strip('".()'))

    how = Style(style == "agnostic", "npu", "torch_npu", verdict, helper)
    asked = [each for each in findings if each.replacement and each.fixable]
    known = document(text.encode())
    assert known is not None
    return in_cells(known, text, asked, how).text


def test_cells_are_changed_as_one_module(tmp_path: Path) -> None:
    cells = {
        1: "%matplotlib inline\nimport torch",
        2: "x = torch.ones(3).cuda()\n!nvidia-smi",
        3: "torch.cuda.synchronize()\nd = torch.device('cuda:0')  # here",
    }
    before = notebook(*[source.splitlines(True) for source in cells.values()], indent=1)
    direct = code(fixed(tmp_path, cells, before, "npu"))
    assert direct == {
        1: "%matplotlib inline\nimport torch\nimport torch_npu",
        2: "x = torch.ones(3).npu()\n!nvidia-smi",
        3: "torch.npu.synchronize()\nd = torch.device('npu:0')  # here",
    }
    general = code(fixed(tmp_path, cells, before, "agnostic"))
    assert general == {
        1: "%matplotlib inline\nimport torch\nfrom accelerator import DEVICE_TYPE",
        2: "x = torch.ones(3).to(DEVICE_TYPE)\n!nvidia-smi",
        3: "torch.accelerator.synchronize()\nd = torch.device(f'{DEVICE_TYPE}:0')  # here",
    }


def test_a_place_in_a_cell_for_another_language_is_left(tmp_path: Path) -> None:
    source = "import torch\ntorch.cuda.synchronize()"
    before = notebook("%%bash\n" + source)
    assert fixed(tmp_path, {1: source}, before, "npu") == before


sources = st.text(st.characters(codec="utf-8"), max_size=20) | st.text('a"\\\n\r\té', max_size=20)
styles = st.fixed_dictionaries({"indent": st.sampled_from([None, 1, "\t"]), "ensure_ascii": st.booleans()})


def as_lists(text: str) -> List[str]:
    lines = text.split("\n")
    return [line for line in [*(line + "\n" for line in lines[:-1]), lines[-1]] if line]


@given(old=sources, new=sources, listed=st.booleans(), style=styles)
def test_any_source_becomes_any_other(old: str, new: str, listed: bool, style: Dict[str, Any]) -> None:
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
    assert joined.numbers == (1, 4, 5)
    assert split(joined, joined.text) == {number: cells[number] for number in (1, 4, 5)}
    lines = joined.text.split("\n")
    assert lines[joined.before[4]] == "if x:"
    assert lines[joined.before[5] + 1] == "x.cuda()"


@given(st.dictionaries(st.integers(1, 9), st.text("x=1 \n!%?#", max_size=15), max_size=4))
def test_cells_come_back_as_they_were(cells: Dict[int, str]) -> None:
    joined = join(cells)
    assert split(joined, joined.text) == {number: cells[number] for number in joined.numbers}
