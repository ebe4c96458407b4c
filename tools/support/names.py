"""The public names of `torch.npu` in a torch_npu package, by its syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.support.package import Module, Package

ROOT = "torch_npu.npu"


def read(package: Package) -> dict[str, str]:
    """Return for each public name `all` if its module lists it in `__all__`, or else `bound`."""
    found: dict[str, str] = {}
    for path in package.paths(ROOT.replace(".", "/")):
        parts = path[: -len(".py")].split("/")
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        module = package.module(".".join(parts))
        if module is not None and not any(part.startswith("_") for part in parts):
            public = ".".join(["torch", *parts[1:]])
            listed = module.listed() or ()
            found.update((f"{public}.{name}", "bound") for name in _bound(module, package))
            found.update((f"{public}.{name}", "all") for name in listed)
    return dict(sorted(found.items()))


def _bound(module: Module, package: Package) -> Iterator[str]:
    """The public names that a module binds at its top level: its own, and those from its package."""
    for node in module.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield from _public(node.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _public(target.id if isinstance(target, ast.Name) else "_")
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield from _public(node.target.id)
        elif isinstance(node, ast.ImportFrom) and node.level == 1:
            yield from _imported(node, module, package)


def _imported(node: ast.ImportFrom, module: Module, package: Package) -> Iterator[str]:
    for alias in node.names:
        if alias.name != "*":
            yield from _public(alias.asname or alias.name)
            continue
        base = module.name if module.path.endswith("__init__.py") else module.name.rpartition(".")[0]
        source = package.module(f"{base}.{node.module}")
        yield from (source.listed() or () if source else ())


def _public(name: str) -> Iterator[str]:
    if not name.startswith("_"):
        yield name
