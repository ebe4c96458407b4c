"""Whether an API is an operator with a kernel of its own on the NPU, or is built from others.

An operator has its own kernel if op-plugin or torch_npu registers it; it is built from others if PyTorch declares it
composite, writes it in Python, or offers it in its binding without an operator behind it (`torch.tensor`); otherwise
nothing is known. Sources: op-plugin's op_plugin_functions.yaml, torch_npu's npu_native_functions.yaml, PyTorch's
native_functions.yaml, the stubs of its binding, and its Python files.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from tools.support.package import Package, parse

OP_PLUGIN = "op_plugin/config/op_plugin_functions.yaml"
TORCH_NPU = "torch_npu/csrc/aten/npu_native_functions.yaml"
NATIVE = "torchgen/packaged/ATen/native/native_functions.yaml"

YES, NO, UNKNOWN = "yes", "no", "unknown"

_OPERATORS = {
    "torch": "",
    "torch.Tensor": "",
    "torch.nn.functional": "",
    "torch.linalg": "linalg_",
    "torch.fft": "fft_",
    "torch.special": "special_",
    "torch.sparse": "sparse_",
}
"""Where operators are offered, and how their names begin."""

_PYTHON = {
    "torch": ("torch/functional.py", "torch/_tensor.py"),
    "torch.nn": ("torch/nn",),
    "torch.optim": ("torch/optim",),
    "torch.distributions": ("torch/distributions",),
    "torch.func": ("torch/_functorch",),
    **{
        f"torch.{name}": (f"torch/{name}",)
        for name in ("ao", "autograd", "export", "fx", "masked", "onnx", "package", "utils")
    },
    "torch.testing": ("torch/testing/_comparison.py", "torch/testing/_creation.py"),
    **{f"torch.{name}": (f"torch/{name}.py",) for name in ("hub", "library", "overrides")},
    **{
        f"torch.distributed.{name}": (f"torch/distributed/{name}",)
        for name in ("checkpoint", "elastic", "fsdp", "optim", "pipelining", "tensor")
    },
}
"""Where what is offered may be written in Python, and in which files."""

BINDING = "torch/_C/_VariableFunctions.pyi"
COLLECTIVES = ("torch/distributed/distributed_c10d.py", "torch/distributed/__init__.py")
"""Python too, but its functions do what the card's library for collectives does, unless they only ask or tell."""

_ASKS = re.compile(r"(?:is|get)_\w+")
_STUB = re.compile(r"^def (\w+)\(", re.MULTILINE)

_FUNC = re.compile(r"^ *- (?:func: )?([\w.]+)")
_KEY = re.compile(r"^    (acl_op|op_api|sparse): *(.+)$")
_VERSION = re.compile(r"v(\d+)\.(\d+)|newest")

Number = tuple[int, int]


class Kernels(NamedTuple):
    """Base names of operators with a kernel, of composite ones, Python names by module, names of the binding alone."""

    own: frozenset[str]
    composite: frozenset[str]
    python: dict[str, frozenset[str]]
    bound: frozenset[str] = frozenset()

    def of(self, api: str) -> str:
        """Return yes, no (built from others) or unknown for an API."""
        owner, _, name = api.rpartition(".")
        if owner in _OPERATORS:
            operator = base(_OPERATORS[owner] + name)
            if operator in self.own:
                return YES
            if operator in self.composite:
                return NO
        if owner == "torch" and name in self.bound:
            return NO
        return NO if self._is_python(api) else UNKNOWN

    def _is_python(self, api: str) -> bool:
        owner, _, name = api.rpartition(".")
        for module, names in self.python.items():
            inside = owner == module or (module != "torch" and owner.startswith(f"{module}."))
            if inside and (name in names or owner.rpartition(".")[2] in names):
                return True
        return owner == "torch.Tensor" and f"Tensor.{name}" in self.python.get("torch", ())


def read(op_plugin: str, torch_npu: str, torch: Package, version: str) -> Kernels:
    """Return what is known for a version of PyTorch, from the two tables of kernels and a PyTorch package."""
    native = torch.read(NATIVE) or ""
    own = {*registered(op_plugin, version), *supported(torch_npu)}
    python = {module: frozenset(_defined(torch, paths)) for module, paths in _PYTHON.items()}
    python["torch.distributed"] = frozenset(filter(_ASKS.fullmatch, _defined(torch, COLLECTIVES)))
    return Kernels(frozenset(own), frozenset(composite(native)), python, bound(torch.read(BINDING) or "", native))


def base(operator: str) -> str:
    """Return an operator's name without its overload and without the mark of working in place."""
    name = operator.partition(".")[0]
    return name if name.startswith("__") else name.rstrip("_")


def registered(text: str, version: str) -> Iterator[str]:
    """Yield the operators that op-plugin's table gives a kernel for a version of PyTorch."""
    major, minor = version.split(".")[:2]
    name: str | None = None
    every = ""
    for line in text.splitlines():
        every = line.partition(":")[2] if line.startswith("all_version:") else every
        func, key = _FUNC.match(line) if "- func:" in line else None, _KEY.match(line)
        name = base(func.group(1)) if func else name
        if key and name and _holds(every if key.group(2).strip() == "all_version" else key.group(2), major, minor):
            yield name


def supported(text: str) -> Iterator[str]:
    """Yield the operators in the list `supported` of torch_npu's table."""
    inside = False
    for line in text.splitlines():
        if line and not line[0].isspace():
            inside = line.startswith("supported:")
        match = _FUNC.match(line)
        if inside and match:
            yield base(match.group(1))


def composite(text: str) -> set[str]:
    """Return the operators of which every overload is composite in PyTorch's table."""
    kernels: dict[str, bool] = {}
    for block in re.split(r"^- func: ", text, flags=re.MULTILINE)[1:]:
        name = base(re.split(r"[.(]", block, maxsplit=1)[0])
        built = "dispatch:" not in block or re.search(r"^ +(?:\w+, )*Composite\w+[,:]", block, re.MULTILINE)
        own = "structured" in block or not built
        kernels[name] = kernels.get(name, False) or own
    return {name for name, own in kernels.items() if not own}


def bound(stubs: str, native: str) -> frozenset[str]:
    """Return the functions in the stubs of PyTorch's binding for which its table has no operator."""
    operators = {base(re.split(r"[.(]", block, maxsplit=1)[0]) for block in native.split("- func: ")[1:]}
    return frozenset(name for name in _STUB.findall(stubs) if base(name) not in operators)


def _holds(spec: str, major: str, minor: str) -> bool:
    """Whether a version lies in a range in brackets (of two), or stands in a list."""
    numbers = [_number(match) for match in _VERSION.finditer(spec)]
    wanted = (int(major), int(minor))
    if len(numbers) == 2 and spec.strip().startswith("["):
        return numbers[0] <= wanted <= numbers[1]
    return wanted in numbers


def _number(match: re.Match[str]) -> Number:
    return (int(match[1]), int(match[2])) if match[1] else (10**6, 0)


def _defined(torch: Package, paths: tuple[str, ...]) -> Iterator[str]:
    """The functions, in one of two forms too, and classes of Python files, and the methods of the class Tensor."""
    for path in paths:
        for file in (path,) if path.endswith(".py") else torch.paths(path):
            for node in parse(file, torch.read(file) or "").body:
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    yield node.name
                elif isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("boolean_dispatch("):
                    yield ast.unparse(node.targets[0])
                if isinstance(node, ast.ClassDef) and node.name == "Tensor":
                    yield from (f"Tensor.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef))
