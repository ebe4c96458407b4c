"""Compiled modules of a repository: their names as its build files say them, and the files that import one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from portcheck.arguments import COMPILED
from portcheck.model import FactKind, FileFacts, Import

LOADS = "loads:"
"""What a trait begins with that names a line which imports a compiled module."""

_BUILDERS = ("cpp_extension.CUDAExtension", "cpp_extension.load", "cpp_extension.load_inline")
_USUAL = frozenset({"_C", "_ext", "_cuda", "_CUDA", "_C_cuda"})
"""What compiled modules inside a package are called by custom."""


def extensions(files: Iterable[FileFacts]) -> frozenset[str]:
    """Return the names of the compiled modules that the facts of build files tell."""
    said = (
        dict(fact.args)
        for facts in files
        for fact in facts.facts
        if fact.kind is FactKind.CALL and fact.name.endswith(_BUILDERS)
    )
    return frozenset(filter(None, (_text(args.get("name") or args.get("0", "")) for args in said)))


def loads(facts: FileFacts, built: Collection[str]) -> tuple[str, ...]:
    """Return the traits of a file for the lines that import a compiled module."""
    lines = {max(found.line, 1) for found in facts.imports if _is_compiled(found, built)}
    lines |= {fact.span.line for fact in facts.facts if COMPILED in dict(fact.args)}
    return tuple(f"{LOADS}{line}" for line in sorted(lines)[:1])


def line_of(trait: str) -> int | None:
    """Return the line that a trait names, None for any other trait."""
    line = trait[len(LOADS) :] if trait.startswith(LOADS) else ""
    return int(line) if line.isdigit() else None


def _is_compiled(found: Import, built: Collection[str]) -> bool:
    name = found.name or found.module.rpartition(".")[2]
    whole = f"{found.module}.{found.name}" if found.name else found.module
    if whole in built or found.module in built:
        return True
    inside = found.level > 0 or "." in whole
    return inside and (name in _USUAL or (found.level > 0 and any(each.endswith(f".{name}") for each in built)))


def _text(written: str) -> str:
    return written[1:-1] if written[:1] in ("'", '"') and written[-1:] == written[:1] else ""
