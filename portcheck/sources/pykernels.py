"""Kernels that stand in Python files: Triton, Numba, CuTe DSL, cuTile, and CUDA C++ in strings.

Such kernels are KERNEL facts over their whole length, named after their decorator (`@triton.jit NAME`), with their
lines, their launches in this file and the marks of what their port has to mind. CUDA C++ in a string is read as a file
of it would be.

Sources of the decorators: CUTLASS documentation 4.8, Python DSL, introduction (`@kernel` is a kernel, `@jit` a function
that launches kernels or is called from them); CUDA Tile documentation, cuTile Python, `ct.kernel`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Union

from portcheck.model import Certainty, Fact, FactKind, Span
from portcheck.pack import Interest
from portcheck.sources.kernel import cuda_facts

TRITON = "@triton.jit "
NUMBA = "@cuda.jit "
CUTE, CUTE_HELPER = "@cute.kernel ", "@cute.jit "
CUTILE = "@ct.kernel "
"""How the names of facts begin."""

_DECORATORS = {
    "triton.jit": TRITON,
    "tl.jit": TRITON,
    "cuda.jit": NUMBA,
    "cute.kernel": CUTE,
    "cute.experimental.kernel": CUTE,
    "cute.jit": CUTE_HELPER,
    "cute.experimental.jit": CUTE_HELPER,
}
_SHORT = {"ct.kernel": (CUTILE, "cuda.tile")}
"""Decorators, and the modules of which something must be imported where the decorator alone may be anything."""

MAX_TEXT = 1024 * 1024
"""Characters of a string that are read as CUDA C++."""

_TRITON_MARKS = {
    "dot": "dot",
    "dot_scaled": "dot",
    "inline_asm_elementwise": "inline-asm",
    "make_block_ptr": "block-pointer",
    "make_tensor_descriptor": "tensor-descriptor",
    "float64": "float64",
    "int64": "int64",
    "libdevice": "libdevice",
    "sort": "sort",
    "gather": "gather",
    "histogram": "histogram",
    "associative_scan": "scan",
    "cumsum": "scan",
    "debug_barrier": "barrier",
    "num_warps": "num-warps",
    "float8e4nv": "fp8",
    "float8e5": "fp8",
}
_CUTE_MARKS = {
    "tcgen05": "tensor-cores",
    "warpgroup": "tensor-cores",
    "gemm": "tensor-cores",
    "mma": "tensor-cores",
    "make_tiled_mma": "tensor-cores",
    "inline_asm": "inline-ptx",
    "SmemAllocator": "shared-memory",
    "alloc_smem": "shared-memory",
    "cpasync": "async-copy",
    "cluster_arrive": "clusters",
    "cluster_wait": "clusters",
}
"""Words of a kernel and the marks that they show."""

_BEGINNINGS = {
    "atomic_": "atomics",
    "shuffle_sync": "warp-shuffle",
    "warp_redu": "warp-shuffle",
    "vote_": "warp-vote",
    "mbarrier_": "async-copy",
    "cp_async_": "async-copy",
}
"""What further such words begin with."""

_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def python_kernels(tree: ast.Module, interest: Interest) -> tuple[Fact, ...]:
    """The kernels of a module, in the order of the text."""
    nodes = list(ast.walk(tree))
    prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    modules = {module for node in nodes for module in _modules(node)}
    launched = Counter(_launched(node) for node in nodes if isinstance(node, ast.Call))
    facts: list[Fact] = []
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            facts.extend(_functions(node, launched, modules))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            facts.extend(_embedded(node, interest))
    return tuple(sorted(facts, key=lambda fact: (fact.span, fact.name)))


def _launched(call: ast.Call) -> str:
    """The kernel of `kernel[grid](...)`."""
    target = call.func.value if isinstance(call.func, ast.Subscript) else None
    return _dotted(target).rsplit(".", 1)[-1] if target is not None else ""


def _modules(node: ast.AST) -> list[str]:
    """The modules that an import names; both the package and what is taken from it may be one."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _functions(node: _Function, launched: Counter[str], modules: Collection[str]) -> Iterator[Fact]:
    kind = _kind(node, modules)
    if kind:
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        pairs = (("lines", str(lines)), ("launches", str(launched[node.name])), ("marks", ",".join(_marks(node, kind))))
        span = Span(node.lineno, node.col_offset + 1, node.end_lineno or node.lineno, (node.end_col_offset or 0) + 1)
        yield Fact(FactKind.KERNEL, kind + node.name, span, context="definition", args=pairs)


def _kind(node: _Function, modules: Collection[str]) -> str:
    for decorator in node.decorator_list:
        name = _dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        short, module = _SHORT.get(name, ("", ""))
        if module in modules:
            return short
        while name:
            if name in _DECORATORS:
                return _DECORATORS[name]
            name = name.partition(".")[2]
    return ""


def _marks(node: _Function, kind: str) -> tuple[str, ...]:
    words = _CUTE_MARKS if kind in (CUTE, CUTE_HELPER, CUTILE) else _TRITON_MARKS
    found: dict[str, None] = {}
    for part in ast.walk(node):
        word = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
        mark = words.get(word) or next((each for begun, each in _BEGINNINGS.items() if word.startswith(begun)), "")
        if mark:
            found[mark] = None
    return tuple(sorted(found))


def _is_cuda(value: str) -> bool:
    return "{" in value and "(" in value and ("__global__" in value or "__device__" in value)


def _embedded(node: ast.Constant, interest: Interest) -> Iterator[Fact]:
    """The facts of a string, at their lines in the file as far as the string is written line for line."""
    if not _is_cuda(str(node.value)):
        return
    written = (node.end_lineno or node.lineno) - node.lineno == str(node.value).count("\n")
    for fact in cuda_facts(str(node.value)[:MAX_TEXT], interest):
        span = fact.span
        first, last = (node.lineno + span.line - 1, node.lineno + span.end_line - 1) if written else (node.lineno,) * 2
        at = node.col_offset + 1 if first == node.lineno else span.column
        end = at + len(fact.name) if first == node.lineno else span.end_column
        yield fact._replace(span=Span(first, at, last, end), certainty=Certainty.INFERRED)


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""
