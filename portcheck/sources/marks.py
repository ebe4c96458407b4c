"""What CUDA C++ can use that makes a port hard, by the words that show it; rules match the names of marks.

Words are looked for in code without comments and strings, instructions of PTX in the strings of `asm` statements.
"""

from __future__ import annotations

import re

MARKS = (
    ("warp-shuffle", r"__shfl\w*"),
    ("warp-vote", r"__(?:ballot|any|all|match_any|match_all|reduce_\w+|activemask|syncwarp)(?:_sync)?"),
    ("shared-memory", r"__shared__|__syncthreads\w*|cudaFuncAttributeMaxDynamicSharedMemorySize"),
    ("tensor-cores", r"wmma|(?:load_matrix|store_matrix|mma|bmma)_sync"),
    ("inline-ptx", r"asm(?=\s*(?:volatile)?\s*\()"),
    ("atomics", r"atomic(?:Add|Sub|Exch|Min|Max|Inc|Dec|CAS|And|Or|Xor)\w*|cuda::atomic\w*"),
    ("textures", r"(?:tex|surf)[123]D\w*|texture(?=\s*<)|cuda(?:Texture|Surface|BindTexture|CreateTexture)\w*"),
    ("cooperative-groups", r"cooperative_groups|cg::\w+|cudaLaunchCooperative\w*"),
    ("async-copy", r"__pipeline_\w+|cuda::(?:barrier|pipeline|memcpy_async)\w*"),
    ("constant-memory", r"__constant__|cudaMemcpyToSymbol\w*"),
    ("half-types", r"__half2?|__nv_bfloat162?|nv_bfloat162?|half2|__h(?:add|sub|mul|fma|max|min|div)2?"),
    ("fp8", r"__nv_fp[48]\w*"),
    ("curand", r"curand\w+"),
    ("cublas", r"cublas\w+"),
    ("cudnn", r"cudnn\w+"),
    ("cufft", r"cufft\w+"),
    ("cusparse", r"cusparse\w+"),
    ("cusolver", r"cusolver\w+"),
    ("cutlass", r"(?:cutlass|cute)::\w+"),
    ("thrust", r"thrust::\w+"),
    ("cub", r"cub::\w+"),
    ("nccl", r"nccl[A-Z]\w+"),
    ("nvtx", r"nvtx[A-Z]\w+"),
    (
        "torch-cuda",
        r"(?:at|c10|torch)::cuda::\w+|(?:C10|AT|TORCH)_CUDA_\w+|(?:Optional)?CUDAGuard|getCurrentCUDAStream",
    ),
    ("device-check", r"kCUDA|is_cuda(?=\s*\()|(?:DeviceType|DispatchKey)::\w*CUDA|CHECK_CUDA"),
    ("driver-api", r"cu(?:Launch|Mem|Ctx|Device|Module|Stream|Event|Func|Init|TensorMap)[A-Z]?\w*(?=\s*\()|nvrtc\w+"),
    ("cuda-runtime", r"cuda[A-Z]\w*(?=\s*\()|cuda(?:Stream|Event|Error|DeviceProp|Graph\w*|MemPool)(?:_t)?"),
)
"""Marks and the words that show them; where several fit, the first counts."""

PTX = (
    ("tensor-cores", r"(?:mma|wgmma|wmma|tcgen05|ldmatrix|stmatrix)\b"),
    ("async-copy", r"(?:cp\.async|mbarrier|cp\.reduce)"),
    ("warp-shuffle", r"shfl\.|redux\."),
    ("atomics", r"(?:red|atom)\."),
)
"""Marks and the instructions that show them."""

WEAK = (
    ("device-code", r"\b(?:__(?:device|global|host|forceinline|noinline)__|__CUDA_ARCH__)\b"),
    ("cuda-branch", r"(?<=#)[ \t]*(?:el)?if[^\n]*\b(?:WITH_CUDA|USE_CUDA|__CUDACC__|__NVCC__|\w*_CUDA)\b"),
    ("cuda-name", r"\w+_(?:cuda|gpu)(?:_\w+)?(?=\s*\()|cuda_\w+(?=\s*\()|\w*[a-z]C(?:UDA|uda)\w*(?=\s*\()"),
)
"""What shows that a file belongs to CUDA code when nothing else in it does."""

DEVICE_ONLY = frozenset({"inline-ptx", "half-types", "shared-memory", "atomics"})
"""Marks whose words mean something else in code for the host."""


def _joined(pairs: tuple[tuple[str, str], ...], before: str) -> re.Pattern[str]:
    return re.compile(
        before + "(?:" + "|".join(f"(?P<{name.replace('-', '_')}>{words})" for name, words in pairs) + ")"
    )


WORDS = _joined(MARKS, r"\b")
"""Says which mark stands at a place in code; the group's name is the mark's, with underscores."""

ANY_WORD = re.compile(rf"\b(?:{'|'.join(words for _, words in MARKS)})")
"""Finds the places where `WORDS` fits, in a third of the time: expressions skip plain words quicker than groups."""

WEAK_WORDS = re.compile("|".join(f"(?P<{name.replace('-', '_')}>{words})" for name, words in WEAK))
"""Finds any of these in code."""

WEAK_HINT = re.compile(r"[cC]uda|CUDA|gpu|__(?:[dgfn]|host)|NVCC")
"""What a line holds that any of these stands in."""

INSTRUCTIONS = _joined(PTX, r"\b")
"""Finds a mark in the text of an `asm` statement."""
