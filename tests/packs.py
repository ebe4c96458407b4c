"""Small rule packs to write into a folder: a whole one, and edits of its files that break it; a target for tests."""

from __future__ import annotations

from pathlib import Path

from portcheck.packtypes import TargetPack

ABOUT = TargetPack(
    "ascend",
    "Ascend",
    "npu",
    "hccl",
    "torch.npu",
    ("2.7.1",),
    ("a2",),
    "2.7.1",
    "a2",
    origin="cuda",
    homes=("torch.cuda",),
    apart=("npu", "rocm"),
    together=("cuda", "common"),
)
"""A target that knows one version and one card."""

RULES = '''\
[[rule]]
id = "PC101"
name = "set-device"
category = "device-api"
summary = "Chooses the CUDA device"
why = "It is state of the process."
links = ["https://docs.pytorch.org/docs/stable/cuda.html"]

[[rule.match]]
api = ["torch.cuda.set_device", "torch.cuda.memory.*"]
kinds = ["call"]

[[rule.match]]
string = ["cuda", "cuda:*"]
context = ["argument"]
not_of = ["print"]

[[rule.example]]
name = "a call"
bad = """
import torch
torch.cuda.set_device(0)  # PC101
"""

[[rule.example]]
name = "the same name elsewhere"
good = """
set_device(0)
"""

[[rule]]
id = "PC430"
name = "visible-devices"
category = "env"
summary = "Chooses the visible devices"
why = "Only CUDA reads it."
links = ["https://docs.nvidia.com/cuda/"]

[[rule.match]]
env = ["CUDA_VISIBLE_DEVICES", "NCCL_*"]

[[rule.example]]
name = "read"
bad = """
import os
os.environ["CUDA_VISIBLE_DEVICES"]  # PC430
"""

[[rule.example]]
name = "another variable"
good = """
import os
os.environ["HOME"]
"""
'''

VERDICTS = """\
[[verdict]]
rule = "PC101"
work = "rename"
npu = "torch.npu.{tail}"
agnostic = "torch.accelerator.set_device_index"
agnostic_since = "2.6"
shim = "redirected"
safety = "unsafe"
safety_why = "an index may be out of range"
evidence = ["Ascend/pytorch: the page on devices"]

[[verdict.symbol]]
names = ["torch.cuda.memory.snapshot"]
work = "rewrite"
npu = ""
message = "the format differs"

[[verdict]]
rule = "PC430"
work = "verify"
message = "unknown"
"""

TARGET = """\
[target]
name = "ascend"
title = "Huawei Ascend"
device = "npu"
backend = "hccl"
module = "torch.npu"
versions = ["2.7.1", "2.12.0"]
hardware = ["a2", "a3"]
default_torch = "2.7.1"
default_hardware = "a2"
evidence = ["Ascend/pytorch: the page on versions"]
"""

VOCABULARY = """\
devices = ["cuda", "npu"]
telling = ["cuda", "CUDA"]
kernel = ["<<<"]
elsewhere = ["__aicore__"]
"""

MARKS = """\
hint = 'cuda'

[[mark]]
name = "warp-shuffle"
words = '__shfl\\w*'

[[mark]]
name = "warp-shuffle"
words = 'shfl'
in = "asm"
"""

FILES = {
    "cuda/topic.toml": RULES,
    "ascend/topic.toml": VERDICTS,
    "ascend/target.toml": TARGET,
    "vocabulary.toml": VOCABULARY,
    "marks.toml": MARKS,
}


def write_pack(root: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """Write the whole pack below `root`, in one file with `old` replaced by `new`, and return the root."""
    for name, text in FILES.items():
        assert name != file or old in text
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1) if name == file else text, encoding="utf-8")
    return root
