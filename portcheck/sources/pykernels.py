"""Kernels that stand in Python files: Triton, Numba, and CUDA C++ in strings.

Triton and Numba kernels are KERNEL facts `@triton.jit NAME` and `@cuda.jit NAME` over their whole length, with their
lines, their launches in this file and the marks of what their port has to mind. CUDA C++ in a string is read as a file
of it would be.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Union

from portcheck.model import Certainty, Fact, FactKind, Span
from portcheck.pack import Interest
from portcheck.sources.kernel import cuda_facts

TRITON = "@triton.jit "
NUMBA = "@cuda.jit "
"""How the names of facts begin."""

MAX_TEXT = 1024 * 1024
"""Characters of a string that are read as CUDA C++."""

_MARKS = {
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
"""Words of a Triton kernel and the marks that they show; `atomic_...` shows `atomics`."""

_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def python_kernels(tree: ast.Module, interest: Interest) -> tuple[Fact, ...]:
    """The kernels of a module, in the order of the text."""
    nodes = list(ast.walk(tree))
    prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    launched = Counter(_launched(node) for node in nodes if isinstance(node, ast.Call))
    facts: list[Fact] = []
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            facts.extend(_functions(node, launched))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            facts.extend(_embedded(node, interest))
    return tuple(sorted(facts, key=lambda fact: (fact.span, fact.name)))


def _launched(call: ast.Call) -> str:
    """The kernel of `kernel[grid](...)`."""
    target = call.func.value if isinstance(call.func, ast.Subscript) else None
    return _dotted(target).rsplit(".", 1)[-1] if target is not None else ""


def _functions(node: _Function, launched: Counter[str]) -> Iterator[Fact]:
    kind = _kind(node)
    if kind:
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        pairs = (("lines", str(lines)), ("launches", str(launched[node.name])), ("marks", ",".join(_marks(node))))
        span = Span(node.lineno, node.col_offset + 1, node.end_lineno or node.lineno, (node.end_col_offset or 0) + 1)
        yield Fact(FactKind.KERNEL, kind + node.name, span, context="definition", args=pairs)


def _kind(node: _Function) -> str:
    for decorator in node.decorator_list:
        name = _dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if name in ("triton.jit", "tl.jit") or name.endswith(".triton.jit"):
            return TRITON
        if name in ("cuda.jit", "numba.cuda.jit"):
            return NUMBA
    return ""


def _marks(node: _Function) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in ast.walk(node):
        word = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
        mark = "atomics" if word.startswith("atomic_") else _MARKS.get(word, "")
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
