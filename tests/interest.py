"""A small interest, as the packs would give it, for tests of the readers."""

from __future__ import annotations

from portcheck.markfile import read_marks
from portcheck.pack import Interest
from portcheck.paths import rules_folder
from portcheck.tables import Problems

INTEREST = Interest(
    names=frozenset({"torch.cuda.synchronize", "torch.cuda.Stream", "torch.cuda.device", "torch.compile"}),
    prefixes=("torch.cuda", "torch.backends.cudnn", "flash_attn"),
    methods=frozenset({"cuda", "is_cuda"}),
    keywords=frozenset({"num_gpus"}),
    strings=frozenset({"cuda", "cuda:", "nccl"}),
    string_globs=("cuda:[0-9]", "cuda:{}", "cuda:%?"),
    env=frozenset({"CUDA_VISIBLE_DEVICES", "cuda_visible_devices"}),
    env_globs=("NCCL_*",),
    commands=frozenset({"nvidia-smi"}),
    indexes=frozenset({"to", "isinstance", "device_ids=", "device_map="}),
    import_globs=("*_cuda",),
    others=(("image", ("nvidia/cuda:*",)),),
    devices=("cuda", "npu", "xpu", "mps", "hpu", "mlu"),
    needles=(
        (b"cuda",),
        (b"torch",),
        (b"nccl",),
        (b"CUDA",),
        (b"NCCL",),
        (b"flash_attn",),
        (b"ray",),
        (b"nvidia-smi",),
    ),
    digest="test",
    kernel=("__global__", "__device__", "<<<", "cuda", "CUDA", "cublas", "cutlass", "cub::", "nccl", "<mma.h"),
    elsewhere=("__aicore__", "kernel_operator.h", "acl/acl", "torch_npu/"),
    marks=read_marks(rules_folder(), Problems()),
)
