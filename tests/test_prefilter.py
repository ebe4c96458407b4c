"""Files without a word of interest are only glanced at: that must not change what a scan finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portcheck import pack
from portcheck.link import Linked
from portcheck.match import Judge
from portcheck.model import Finding, Role, Target
from portcheck.run import Run, full_reader_for, read_linked
from portcheck.sources import prefilter, reader_for
from portcheck.sources.prefilter import Prefilter
from portcheck.sources.python import may_hold_facts, read_fully
from tests.reading import write

PACK = pack.load()
INTEREST = PACK.interest
JUDGE = Judge(PACK, Target(PACK.target.name, PACK.target.default_torch, PACK.target.default_hardware, "agnostic"))
LINES = [
    "import torch",
    "import torch as t",
    "import os, sys",
    "from torch import cuda",
    "import m0",
    "from m0 import *",
    "from m1 import helper, DEVICE, C",
    "from .m1 import helper as h",
    "from .m1 import *",
    "from pkg import *",
    "from pkg import thing, C, helper",
    "from . import m2",
    "import m2 as other",
    "from m3 import device, thing",
    "DEVICE = 'cuda'",
    "DEVICE = 'cpu'",
    "thing = DEVICE",
    "device = torch.device(DEVICE)",
    "device = t.device(DEVICE)",
    "C = torch.cuda",
    "C.synchronize()",
    "cuda.synchronize()",
    "thing.synchronize()",
    "x = model.to(DEVICE)",
    "x = model.to(device)",
    "y = x.to(0)",
    "y = x.cuda()",
    "helper()",
    "h(x, device='cuda:0')",
    "m2.helper(m2.DEVICE)",
    "other.thing.empty_cache()",
    "os.environ['CUDA_VISIBLE_DEVICES'] = '0'",
    "def helper():\n    torch.cuda.synchronize()",
    "def helper(device=DEVICE):\n    return x.to(device)",
    "class thing:\n    def cuda(self):\n        return self",
    "if t.cuda.is_available():\n    thing()",
    "def broken(:",
    "torch.compile(x)",
    "kept = x[x != 0]",
    "x[thing[0] > 1] = float('-Inf')",
    "x[:, 0] = -torch.inf",
    "y = torch.full((2, 2), float('-inf'))",
    "print('nothing to see')",
    "x = pipeline('x', device=0 if y else -1)",
    "image = f'nvidia/cuda:{y}-devel'",
    "os.system('pip install flash-attn')",
    "subprocess.run(['pip', 'install', 'xformers'])",
    "if torch.is_autocast_enabled():\n    thing()",
    "from torch.utils.ffi import create_extension",
    "from .._ext import thing",
]
FILES = st.dictionaries(
    st.sampled_from(["m0.py", "m1.py", "m2.py", "m3.py", "pkg/__init__.py", "pkg/m1.py", "pkg/m4.py"]),
    st.lists(st.sampled_from(LINES), max_size=8).map("\n".join),
    min_size=1,
)


def found(path: str, linked: Linked) -> tuple[Finding, ...]:
    """What a report would say of one file."""
    return JUDGE.findings(path, Role.SOURCE, linked.files[path], linked.links.get(path, ()))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_a_scan_with_the_prefilter_equals_one_without(tmp_path: Path, files: dict[str, str]) -> None:
    sources = write(tmp_path, files)
    quick = read_linked(Run(tmp_path, INTEREST, reader_for=reader_for), sources)
    full = read_linked(Run(tmp_path, INTEREST, reader_for=full_reader_for), sources)
    for path, facts in full.files.items():
        assert found(path, quick) == found(path, full)
        assert quick.files[path].lines == facts.lines


@settings(max_examples=300)
@given(st.lists(st.sampled_from(LINES) | st.text(max_size=30), max_size=8).map("\n".join))
def test_a_file_that_is_glanced_at_holds_nothing(text: str) -> None:
    data = text.encode("utf-8", "replace")
    if not may_hold_facts(data, INTEREST):
        assert read_fully(data, INTEREST).facts == ()


def test_words_that_only_hold_a_short_stretch_of_a_pattern_are_no_reason_to_read_on() -> None:
    assert not may_hold_facts(b"def execute(document, focus):\n    return document.current(focus)\n", INTEREST)
    assert may_hold_facts(b'WHEELS = {"cu118": "https://example.org"}\n', INTEREST)


@pytest.mark.parametrize(
    "code",
    [
        "kept = x[x > 0]",
        "kept = x[\n    (labels[..., 0] != 3)\n    & valid\n]",
        "kept = self.scores(x)[~hidden]",
        "x[:, 1] = float('-inf')",
        "x[rows] = \\\n    -torch.inf",
        "x[mask] = torch.finfo(x.dtype).min",
    ],
)
def test_parts_of_tensors_are_looked_for_where_pytorch_is_imported(code: str) -> None:
    assert may_hold_facts(f"import torch\n{code}\n".encode(), INTEREST)
    assert not may_hold_facts(f"import numpy\n{code}\n".encode().replace(b"torch", b"numpy"), INTEREST)


def test_what_only_resembles_a_part_of_a_tensor_is_no_reason_to_read_on() -> None:
    text = (
        "import torch\ndef f(x: List[int]) -> List[int]:\n    best = float('-inf')\n    x[0] = best\n    return x[1:]\n"
    )
    assert not may_hold_facts(text.encode(), INTEREST)


@settings(max_examples=100)
@given(st.lists(st.lists(st.sampled_from(LINES) | st.text(max_size=30), max_size=8).map("\n".join), max_size=4))
def test_the_prefilter_answers_alike_in_short_and_long_runs(texts: list[str]) -> None:
    short, long = Prefilter(INTEREST.needles), Prefilter(INTEREST.needles)
    for text in texts:
        data = text.encode("utf-8", "replace")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(prefilter, "_FEW", 0)
            expected = long.passes(data)
        assert short.passes(data) == expected
