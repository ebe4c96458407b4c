"""Under which guards code stands: what its conditions and the branches beside it say of devices."""

from __future__ import annotations

import sys

import pytest

from portcheck.model import FileFacts
from portcheck.sources.python import read_python
from tests.interest import INTEREST


def read(source: str) -> FileFacts:
    return read_python(source.encode(), INTEREST)


GUARDS = {
    "else beside an npu branch": ('if is_npu_available():\n    d = "npu"\nelse:\n    d = "cuda"', "beside:npu"),
    "elif beside an npu branch": (
        "import torch\nif torch.cuda.is_available():\n    torch.cuda.synchronize()\n"
        "elif torch.npu.is_available():\n    pass",
        "beside:npu",
    ),
    "after an early return": ('def f():\n    if is_npu():\n        return "npu"\n    return "cuda"', "beside:npu"),
    "neighbouring ifs": (
        'if device.type == "npu":\n    pass\nif device.type == "cuda":\n    pass',
        "beside:npu",
    ),
    "conditional expression": ('d = "npu" if hasattr(torch, "npu") else "cuda"', "beside:npu"),
    "collection": ('if x.device.type in ("cuda", "npu"): pass', "beside:npu"),
    "table": ('B = {"cuda": "nccl", "npu": "hccl"}', "beside:npu"),
    "optional import": ("try:\n    import flash_attn\nexcept ImportError:\n    flash_attn = None", "optional"),
    "type checking": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch.cuda import Stream",
        "type-checking",
    ),
    "availability": ("import torch\nif torch.cuda.is_available():\n    torch.cuda.synchronize()", "available:cuda"),
}


@pytest.mark.parametrize(("source", "guard"), GUARDS.values(), ids=GUARDS)
def test_guards(source: str, guard: str) -> None:
    assert any(guard in fact.guards for fact in read(source).facts)


NOT_BESIDE = {
    "taken before the branch for the target, whatever the device": (
        "import torch\nif sagemaker:\n    torch.cuda.synchronize()\nelif is_npu_available():\n    pass"
    ),
    "a chain of its own without the target": (
        "import torch\nif deepspeed:\n    if is_xpu_available():\n        pass\n"
        "    else:\n        torch.cuda.synchronize()\nelif is_npu_available():\n    pass"
    ),
    "run on either device": 'import torch\nif x.device.type in ("cuda", "npu"):\n    torch.cuda.synchronize()',
    "one of two ways in": "import torch\nif debug or not is_npu_available():\n    torch.cuda.synchronize()",
    "either device, or neither": "import torch\nif debug or is_npu_available():\n    torch.cuda.synchronize()",
    "where another part may have failed": (
        "import torch\nif amp and not is_npu_available():\n    pass\nelif graphs:\n    torch.cuda.synchronize()"
    ),
    "not all parts of a negated one": (
        "import torch\nif not (is_npu_available() and fused):\n    torch.cuda.synchronize()"
    ),
}


@pytest.mark.parametrize("source", NOT_BESIDE.values(), ids=NOT_BESIDE)
def test_code_that_the_target_gets_to_stands_beside_no_branch_for_it(source: str) -> None:
    guards = next(fact.guards for fact in read(source).facts if fact.name == "torch.cuda.synchronize")
    assert not {"beside:npu", "available:npu", "device:npu"} & set(guards)


@pytest.mark.parametrize(
    "test",
    [
        "not is_npu_available()",
        "amp and not is_npu_available()",
        "not (amp or is_npu_available())",
        'x.device.type not in ("npu", "xpu")',
    ],
)
def test_code_that_the_target_does_not_get_to_needs_no_branch_for_it(test: str) -> None:
    facts = read(f"import torch\nif {test}:\n    torch.cuda.synchronize()").facts
    assert "beside:npu" in facts[-1].guards


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the grammar is newer than the interpreter")
def test_a_case_stands_beside_the_others() -> None:
    facts = read('match x:\n    case "cuda": pass\n    case {"npu": 1, **rest}: pass\n    case A(b="npu"): pass').facts
    assert facts[0].guards == ("beside:npu",)


def test_a_false_branch_is_not_beside() -> None:
    facts = read("import torch\nif x:\n    torch.cuda.synchronize()\nelse:\n    pass").facts
    assert facts[0].guards == ()
