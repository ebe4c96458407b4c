"""What the maintainers' command reads from packages and tables of kernels, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vendor import COMPATIBILITY, WHEEL, wheel
from tools.support import compatibility, kernels, names, shim
from tools.support.errors import ShapeError
from tools.support.package import Package


def test_the_public_names_of_a_package(tmp_path: Path) -> None:
    assert names.read(Package(wheel(tmp_path))) == {
        "torch.npu.Event": "all",
        "torch.npu.Stream": "bound",
        "torch.npu.amp": "all",
        "torch.npu.amp.autocast": "bound",
        "torch.npu.empty": "all",
        "torch.npu.hidden": "bound",
        "torch.npu.streams.Stream": "all",
        "torch.npu.wait": "bound",
    }


def test_what_the_shim_does(tmp_path: Path) -> None:
    effects = shim.read(Package(wheel(tmp_path)), ["empty", "nccl_version"])
    kinds = {effect.name: effect.kind for effect in effects}
    assert {name: kind for name, kind in kinds.items() if kind != "unreached"} == {
        "lib.is_cuda": "restored",
        "torch.Tensor.cuda": "redirected",
        "torch._C.Activity": "redirected",
        "torch.cuda.Event": "redirected",
        "torch.cuda.amp": "redirected",
        "torch.cuda.amp.*": "redirected",
        "torch.cuda.empty": "redirected",
        "torch.distributed.checkpoint.filesystem.Loader": "redirected",
        "torch.distributed.init": "rewritten",
        "torch.fft.fftfreq": "rewritten",
        "torch.jit.script": "disabled",
        "torch.late.Loader.device": "redirected",
        "torch.profiler.profile": "redirected",
        "torch.rand": "rewritten",
        "torch.utils.has": "disabled",
        "torch.zeros": "rewritten",
    }
    assert kinds["torch.cuda.nccl_version"] == kinds["torch.device"] == "unreached"
    assert {effect.name: effect.place for effect in effects}["torch.Tensor.cuda"].endswith("transfer_to_npu.py:22")


@pytest.mark.parametrize(
    "statement", ["torch.a = _new_helper(torch.a)", "_new_helper()", "torch.a = 1", "while True: pass", "del torch.a"]
)
def test_a_shim_with_an_unknown_statement_stops(tmp_path: Path, statement: str) -> None:
    text = WHEEL["torch_npu/contrib/transfer_to_npu.py"] + f"    {statement}\n"
    with pytest.raises(ShapeError, match=r"transfer_to_npu\.py:27: .*not known"):
        shim.read(Package(wheel(tmp_path, transfer_to_npu=text)), [])


def test_a_package_in_another_grammar_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match=r"transfer_to_npu\.py:1: .*a newer Python"):
        shim.read(Package(wheel(tmp_path, transfer_to_npu="print 1\n")), [])


OP_PLUGIN = """\
all_version: [v2.1, v2.7, v9.1]
official:
  - func: abs(Tensor self) -> Tensor
    op_api: all_version
  - func: old(Tensor self) -> Tensor
    acl_op: [v2.1, v2.7]
  - func: new_.out(Tensor self) -> Tensor
    op_api: [v9.1, newest]
  - func: listed(Tensor self) -> Tensor
    acl_op: v2.1, v9.1
  - func: fft_x(Tensor self) -> Tensor
    op_api: [ v2.7, newest ]
"""

NATIVE = """\
- func: softmax(Tensor self) -> Tensor
  variants: function

- func: both(Tensor self) -> Tensor
  dispatch:
    CompositeExplicitAutograd: both

- func: raw(Tensor self) -> Tensor
  dispatch:
    CPU, CUDA: raw

- func: shaped.out(Tensor self) -> Tensor
  structured: True
"""

KERNELS = {
    "torch.abs": "yes",
    "torch.Tensor.abs_": "yes",
    "torch.old": "unknown",
    "torch.new": "yes",
    "torch.listed": "yes",
    "torch.fft.x": "yes",
    "torch.copied": "yes",
    "torch.softmax": "no",
    "torch.both": "no",
    "torch.raw": "unknown",
    "torch.shaped": "unknown",
    "torch.nn.Linear": "no",
    "torch.nn.Linear.forward": "no",
    "torch.Tensor.split": "no",
    "torch.einsum": "no",
    "torch.tensor": "no",
    "torch.abs_of": "unknown",
    "torch.fx.Graph.nodes": "no",
    "torch.distributed.is_ready": "no",
    "torch.distributed.send": "unknown",
    "torch.cuda.synchronize": "unknown",
}


@pytest.mark.parametrize("api", KERNELS)
def test_who_has_a_kernel(tmp_path: Path, api: str) -> None:
    files = {
        kernels.NATIVE: NATIVE,
        "torch/functional.py": "def einsum(): pass\n",
        "torch/_tensor.py": "class Tensor:\n    def split(self): pass\n",
        "torch/nn/linear.py": "class Linear: pass\n",
        "torch/fx/graph.py": "class Graph: pass\n",
        kernels.COLLECTIVES[0]: "def is_ready(): pass\ndef send(tensor): pass\n",
        kernels.BINDING: "def tensor(data): ...\n@overload\ndef abs(x): ...\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    known = kernels.read(OP_PLUGIN, "supported:\n  - copied\ncustom:\n  - raw\n", Package(tmp_path), "9.1.0")
    assert known.of(api) == KERNELS[api]


def test_which_versions_go_together() -> None:
    listed = compatibility.read_page(COMPATIBILITY)
    assert [release[:4] for release in listed] == [
        ("9.0.0.post2", "9.0.0", "8.5.0", "v9.0.0-1"),
        ("1.0.0.rc2", "1.0.0", "6.0.1", "v1"),
    ]
    assert [(release.pythons, release.status) for release in listed] == [(("3.9",), "active"), ((), "historical")]
    with pytest.raises(ShapeError, match="unknown shape"):
        compatibility.read_page(COMPATIBILITY + "\n| Colour | Version |\n")


def test_releases_in_order_of_age() -> None:
    versions = ["2.10.0", "2.9.1", "2.9.0.post11", "2.9.0.post2", "2.9.0", "2.9.0.rc2", "2.9.0rc1"]
    assert sorted(versions, key=compatibility.order) == versions[::-1]
