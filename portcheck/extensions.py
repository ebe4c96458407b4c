"""Compiled modules of a repository: their names as its build files say them, and the files that import one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from portcheck.arguments import COMPILED
from portcheck.model import Fact, FactKind, FileFacts, Import

LOADS = "loads:"
"""What a trait begins with that names a compiled module and the line that imports it: `loads:12:roll_cuda`."""

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
    """Return the traits of a file for the compiled modules that it imports, each with the first line that does."""
    found = [(max(each.line, 1), _last(each)) for each in facts.imports if _is_compiled(each, built)]
    found += [(fact.span.line, dict(fact.args)[COMPILED].rpartition(".")[2]) for fact in _named(facts)]
    first = {name: line for line, name in sorted(found, reverse=True)}
    return tuple(f"{LOADS}{line}:{name}" for name, line in sorted(first.items(), key=lambda item: item[::-1]))


def loaded_by(trait: str) -> tuple[int, str] | None:
    """Return the line and the module that a trait names, None for any other trait."""
    line, _, name = trait[len(LOADS) :].partition(":") if trait.startswith(LOADS) else ("", "", "")
    return (int(line), name) if line.isdigit() else None


def _named(facts: FileFacts) -> list[Fact]:
    """The facts about modules that by their name are compiled."""
    return [fact for fact in facts.facts if COMPILED in dict(fact.args)]


def _last(found: Import) -> str:
    return found.name or found.module.rpartition(".")[2]


def _is_compiled(found: Import, built: Collection[str]) -> bool:
    name = _last(found)
    whole = f"{found.module}.{found.name}" if found.name else found.module
    if whole in built or found.module in built:
        return True
    inside = found.level > 0 or "." in whole
    return inside and (name in _USUAL or (found.level > 0 and any(each.endswith(f".{name}") for each in built)))


def _text(written: str) -> str:
    return written[1:-1] if written[:1] in ("'", '"') and written[-1:] == written[:1] else ""
