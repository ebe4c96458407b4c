"""What `from torch_npu.contrib import transfer_to_npu` does to PyTorch, read from its source in a torch_npu package.

The module patches from one function, `_init`, through a handful of helpers. Each helper is known here by name with what
it does; a statement or helper that is not known is an error, so that a new release cannot change its meaning unseen.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tools.support.errors import ShapeError
from tools.support.package import Module, Package, texts

PATH = "torch_npu/contrib/transfer_to_npu.py"
LIBRARIES = "torch_npu/contrib/apis_config.json"

EFFECTS = ("redirected", "rewritten", "disabled", "restored", "unreached")

WRAPPERS = {
    "_wrapper_cuda": "device arguments of cuda become npu",
    "_wrapper_hccl": "backend nccl becomes hccl, cuda becomes npu",
    "_wrapper_profiler": "an experimental_config made for CUDA is dropped",
    "_patch_is_autocast_enabled": "no device type, or cuda, becomes npu",
    "_patch_set_autocast_enabled": "no device type, or cuda, becomes npu",
}
"""Helpers that return a function which changes its arguments."""

REPLACEMENTS = {
    "_GeneratorProxy": ("rewritten", "a subclass that takes npu where cuda is given"),
    "_EventProxy": ("rewritten", "a subclass that takes npu where cuda is given"),
    "_jit_script": ("disabled", "returns what it is given, not compiled"),
    "_jit_script_method": ("disabled", "returns what it is given, not compiled"),
    "_patch_has_triton": ("disabled", "always False"),
    "_get_npu_type": ("redirected", "always npu"),
    "_patch_get_available_device_type": ("redirected", "npu where there is one"),
    "_patch_OverlappingCpuLoader_init_": ("redirected", "a form for NPUs"),
}
"""Names of the module that take the place of PyTorch's."""

IGNORED = ("_warning_fn", "_replace_to_method_in_allowed_methods", "cpp_extension", "importlib.import_module")
"""Helpers and values that leave what PyTorch offers as it was."""

_INTERNAL = ("torch._dynamo.trace_rules._disallowed_callable_ids.function_ids",)
_KERNEL = "torch.autograd.profiler_util.Kernel.__new__"
_BACKENDS = "torch.distributed.Backend.default_device_backend_map"

UNREACHED = (
    ("torch.backends.cuda", "the CUDA settings stay, and steer nothing on an NPU"),
    ("torch.backends.cudnn", "the cuDNN settings stay, and steer nothing on an NPU"),
    ("torch.cuda.comm", "still CUDA's"),
    ("torch.cuda.nccl", "still CUDA's"),
    ("torch.cuda.nvtx", "still CUDA's"),
    ("torch.device", "torch.device('cuda').type is still cuda"),
    ("torch.utils.cpp_extension.CUDAExtension", "CUDA sources are not translated"),
    ("torch.utils.cpp_extension.load", "CUDA sources are not translated"),
    ("torch.utils.cpp_extension.load_inline", "CUDA sources are not translated"),
    ("torch.version.cuda", "not set"),
)
"""Names that people expect it to reach; each is checked to be touched by no statement."""


class Effect(NamedTuple):
    """One thing done to one name: what kind (of EFFECTS), in which words, and path and line."""

    name: str
    kind: str
    detail: str
    place: str


def read(package: Package, cuda_names: Sequence[str]) -> tuple[Effect, ...]:
    """Return all that a package's shim does; `cuda_names` are the public names of torch.cuda.

    Raises:
        ShapeError: the shim holds a statement that this module does not know.
    """
    module = package.module("torch_npu.contrib.transfer_to_npu")
    if module is None:
        raise ShapeError(PATH, 1, str(package.path.name), "no such module")
    reader = _Reader(package, module)
    reader.run("_init")
    effects = [*reader.effects, *_libraries(package)]
    return tuple(sorted({*effects, *_unreached(effects, cuda_names)}))


class _Reader:
    """Reads the statements that patch, and those of the helpers they call."""

    def __init__(self, package: Package, module: Module) -> None:
        self.package = package
        self.effects: list[Effect] = []
        body = module.tree.body
        self.functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        self.lists = {
            node.targets[0].id: texts(node.value)
            for node in body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }

        self.aliases = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torch")
            for alias in node.names
        }

    def run(self, function: str) -> None:
        for node in self.functions[function].body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.If, ast.FunctionDef)):
            for inner in node.body:
                self._statement(inner)
        elif isinstance(node, ast.Assign) and self._full(node.targets[0]).startswith("torch."):
            self._replace(self._full(node.targets[0]), node.value, node)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            self._import(node, node.value)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._call(node.value)
        elif not isinstance(node, (ast.Import, ast.ImportFrom, ast.Expr)):
            raise self._unknown(node)

    def _full(self, node: ast.expr) -> str:
        """The full dotted name of a target, through the module's imports."""
        first, dot, rest = ast.unparse(node).partition(".")
        return f"{self.aliases.get(first, first)}{dot}{rest}"

    def _import(self, node: ast.Assign, call: ast.Call) -> None:
        """Note a module that is imported by its name and given another."""
        if ast.unparse(call.func) != "importlib.import_module":
            raise self._unknown(node)
        self.aliases[ast.unparse(node.targets[0])] = _literal(call.args[0])

    def _call(self, call: ast.Call) -> None:
        name = ast.unparse(call.func)
        if name == "_device_wrapper":
            owner, members = self._full(call.args[0]), self._texts(call.args[1])
            for member in members:
                self._say(f"{owner}.{member}", "rewritten", WRAPPERS["_wrapper_cuda"], call)
        elif name == "setattr" and isinstance(call.args[1], ast.Constant):
            self._replace(f"{self._full(call.args[0])}.{_literal(call.args[1])}", call.args[2], call)
        elif name in ("_patch_cuda", "_patch_profiler"):
            self._patches(name)
        elif name == "_patch_jit_script":
            for node in self.functions[name].body:
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("torch."):
                    self._statement(node)
        elif name == "_patch_nametuple" and ast.unparse(call.args[0]) == "Kernel":
            self._say(_KERNEL, "rewritten", WRAPPERS["_wrapper_cuda"], call)
        elif name == "_del_nccl_device_backend_map":
            self._say(_BACKENDS, "disabled", "no longer names a backend for cuda", call)
        elif name not in (*IGNORED, "_do_wrapper_libraries_func", "torch_npu.npu._lazy_call"):
            raise self._unknown(call)

    def _replace(self, name: str, value: ast.expr, node: ast.AST) -> None:
        """Note that a name of PyTorch is given another value."""
        text = ast.unparse(value)
        wrapped = [part for part in WRAPPERS if part in _names(value)]
        if name in _INTERNAL or text in IGNORED:
            return
        if text in REPLACEMENTS:
            self._say(name, *REPLACEMENTS[text], node)
        elif isinstance(value, ast.Call) and wrapped:
            self._say(name, "rewritten", "; ".join(WRAPPERS[part] for part in wrapped), node)
        elif isinstance(value, ast.Attribute) and text.startswith(("torch_npu.", "torch.")):
            self._say(name, "redirected", text, node)
        else:
            raise self._unknown(node)

    def _patches(self, function: str) -> None:
        """Note pairs of a name below torch and the module or value that goes there, and what stands beside them."""
        for node in self.functions[function].body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
                for pair in node.value.elts:
                    self._pair(pair)
            elif not ast.unparse(node).partition("(")[0].endswith("_apply_patches"):
                self._statement(node)

    def _pair(self, pair: ast.expr) -> None:
        if not (isinstance(pair, ast.List) and len(pair.elts) == 2 and isinstance(pair.elts[0], ast.Constant)):
            raise self._unknown(pair)
        self._put(f"torch.{_literal(pair.elts[0])}", ast.unparse(pair.elts[1]), pair)

    def _put(self, name: str, value: str, node: ast.AST) -> None:
        """Note a module's listed names, copied one by one; a module that lists none takes the place as a whole."""
        module = self.package.module(value)
        if module is None:
            self._say(name, "redirected", value, node)
        elif module.listed() is None:
            self._say(f"{name}.*", "redirected", f"{value}.*", node)
        for member in module.listed() or () if module else ():
            self._say(f"{name}.{member}", "redirected", f"{value}.{member}", node)

    def _texts(self, node: ast.expr) -> tuple[str, ...]:
        found = self.lists.get(node.id, ()) if isinstance(node, ast.Name) else texts(node)
        if not found:
            raise self._unknown(node)
        return found

    def _say(self, name: str, kind: str, detail: str, node: ast.AST) -> None:
        self.effects.append(Effect(name, kind, detail, f"{PATH}:{getattr(node, 'lineno', 1)}"))

    def _unknown(self, node: ast.AST) -> ShapeError:
        line = getattr(node, "lineno", 1)
        return ShapeError(PATH, line, "_init", f"a statement that is not known: {ast.unparse(node)[:80]!r}")


def _literal(node: ast.expr) -> str:
    return str(ast.literal_eval(node))


def _names(node: ast.expr) -> tuple[str, ...]:
    return tuple(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _libraries(package: Package) -> Iterator[Effect]:
    """Functions of other libraries that are run with PyTorch's own answer to whether CUDA is available."""
    text = package.read(LIBRARIES)
    if text is None:
        raise ShapeError(LIBRARIES, 1, package.path.name, "no such file")
    lines = text.splitlines()
    for library, entry in json.loads(text).items():
        for name in entry["apis"]:
            line = next(number for number, content in enumerate(lines, 1) if f'"{name}"' in content)
            detail = f"sees whether CUDA itself is available, with {library} {entry['version']} or later"
            yield Effect(name, "restored", detail, f"{LIBRARIES}:{line}")


def _unreached(effects: Sequence[Effect], cuda_names: Sequence[str]) -> Iterator[Effect]:
    """The public names of torch.cuda, and those people expect, that no effect touches."""
    touched: dict[str, None] = {effect.name: None for effect in effects}
    expected = [*((f"torch.cuda.{name}", "still CUDA's") for name in cuda_names), *UNREACHED]
    for name, detail in expected:
        below = tuple(other for other in touched if other == name or other.startswith(f"{name}."))
        if not below:
            yield Effect(name, "unreached", detail, PATH)
