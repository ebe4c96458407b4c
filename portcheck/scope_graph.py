"""Which files a program needs: the import graph of a repository, its entry points, and what they reach.

A file is an entry point when it is run and not imported: it tests `__name__`, is `__main__.py`, a console script of the
project or a launch script names it, or it uses PyTorch, does more than assign, lies in no package and is imported by
nobody. Where a repository has none among its sources, or only a few that import nothing of it, it is taken for a
library, all of which is in reach.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from portcheck.errors import UsageError
from portcheck.model import FileFacts, Import, Kind, Role, Source
from portcheck.modules import Modules
from portcheck.records import NamedTuple
from portcheck.sources.launch import STARTS
from portcheck.sources.light import SETTINGS

TORCH = "torch"
"""The trait of a file that imports PyTorch."""

MAIN = "main"
"""The trait of a file that tests `__name__`."""

MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py")
"""The files at the top of a repository that may declare console scripts."""

_MAX_MANIFEST = 1024 * 1024
_SCRIPT = r"(?m)^[ \t]*[\"']?[\w.-]+[\"']?[ \t]*=[ \t]*[\"']?([A-Za-z_][\w.]*):[A-Za-z_][\w.]*"
_IN_SETUP = r"[\"'][\w.-]+[ \t]*=[ \t]*([A-Za-z_][\w.]*):[A-Za-z_][\w.]*"
_USERS = frozenset({Role.SOURCE, Role.BUILD, Role.EXAMPLE})

Edges = Mapping[str, tuple[str, ...]]


class Scope(NamedTuple):
    """Entry points, the files they reach (themselves among them), and for each file how many import it.

    `narrowed` says that entry points were named, so that all else is out of scope; `library` that there are none.
    """

    entries: tuple[str, ...]
    reached: frozenset[str]
    importers: Mapping[str, int]
    narrowed: bool = False
    library: bool = False


NOTEBOOK = ".ipynb"
"""How the names of notebooks end."""


def edges(files: Mapping[str, FileFacts]) -> dict[str, tuple[str, ...]]:
    """Return for each file the files of the same repository that it imports; files that import none are left out."""
    modules = Modules(list(files))
    words = {part for path in files for part in path.replace(".py", "").split("/")}
    known: dict[tuple[str, str], str | None] = {}
    found: dict[str, tuple[str, ...]] = {}
    for path, facts in files.items():
        targets = {target for each in facts.imports if (target := _target(each, path, modules, words, known))}
        targets.discard(path)
        if targets:
            found[path] = tuple(sorted(targets))
    return found


def uses_torch(facts: FileFacts) -> bool:
    """Return whether a file imports PyTorch, or something below it."""
    return any(not each.level and each.module.partition(".")[0] == "torch" for each in facts.imports)


def scope_of(
    sources: Sequence[Source], traits: Mapping[str, tuple[str, ...]], graph: Edges, entries: Sequence[str]
) -> Scope:
    """Return the scope of a repository; `entries` narrows it to what these files need.

    Raises:
        UsageError: an entry is no Python file or notebook that was read.
    """
    roles = {source.path: source.role for source in sources}
    importers = Counter(target for path, targets in graph.items() if roles.get(path) in _USERS for target in targets)
    if entries:
        named = tuple(_named(entry, sources) for entry in entries)
        return Scope(named, reached_from(named, graph), importers, narrowed=True)
    packages = {path.rpartition("/")[0] for path in roles if path.endswith("__init__.py")}
    found = tuple(
        path
        for path, marks in traits.items()
        if roles.get(path) is Role.SOURCE
        and (_is_entry(path, marks) or (_is_program(marks) and not importers[path] and _is_loose(path, packages)))
    )
    reached = reached_from(found, graph)
    code = [path for path in traits if roles.get(path) is Role.SOURCE]
    # A few tools that import nothing of a package are not what the package is for, nor are notebooks that show it.
    tools = len(reached) == len(found) and 2 * len(found) < len(code)
    shown = all(path.endswith(NOTEBOOK) for path in found) and not reached.issuperset(code)
    if tools or shown:
        return Scope((), frozenset(roles), importers, library=True)
    return Scope(found, reached, importers)


def console_scripts(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the files that the manifests at the top of a repository name as console scripts."""
    modules: Modules | None = None
    found: dict[str, None] = {}
    paths = list(paths)
    for name in MANIFESTS:
        text = _text(root / name)
        pattern = _IN_SETUP if name == "setup.py" else _SCRIPT
        for module in re.findall(pattern, text):
            modules = modules or Modules(paths)
            place = modules.split(module, name)
            if place is not None and not place[1]:
                found[place[0]] = None
    return tuple(found)


def launched(traits: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the Python files that the launch scripts among these files start, each once."""
    modules: Modules | None = None
    found: dict[str, None] = {}
    for path, marks in traits.items():
        for program in (mark[len(STARTS) :] for mark in marks if mark.startswith(STARTS)):
            modules = modules or Modules(list(traits))
            started = _started(program, path, modules)
            if started:
                found[started] = None
    return tuple(found)


def _started(program: str, script: str, modules: Modules) -> str | None:
    """The file of the repository behind a program that a script names, whatever variables its path begins with."""
    if program.startswith("-m "):
        parts = tuple(program[3:].split("."))
        return modules.find((*parts, "__main__"), script) or modules.find(parts, script)
    known = re.split(r"\$\{[^}]*\}|\$\w+|\$\([^)]*\)", program.replace("\\", "/"))[-1]
    return modules.find(tuple(part for part in known[: -len(".py")].split("/") if part not in ("", ".", "..")), script)


def _is_loose(path: str, packages: set[str]) -> bool:
    """Whether a file lies in no package, as programs do that run from their first line to their last."""
    return path.rpartition("/")[0] not in packages and not path.endswith("__init__.py")


def _is_program(marks: tuple[str, ...]) -> bool:
    """Whether a file does something with PyTorch; settings in Python, such as an optimizer's class, do nothing."""
    return TORCH in marks and SETTINGS not in marks


def _is_entry(path: str, marks: tuple[str, ...]) -> bool:
    return MAIN in marks or path.endswith("__main__.py")


def _target(
    each: Import, path: str, modules: Modules, words: set[str], known: dict[tuple[str, str], str | None]
) -> str | None:
    """The file that an import means, if it is one of the repository."""
    if not each.level and each.module.partition(".")[0] not in words:
        return None
    base = "." * each.level + each.module
    name = base if each.name in ("", "*") else f"{base}{'.' if each.module else ''}{each.name}"
    key = (path.rpartition("/")[0], name)
    if key not in known:
        place = modules.split(name, path)
        rest = 0 if each.name in ("", "*") else 1
        known[key] = place[0] if place is not None and len(place[1]) <= rest else None
    return known[key]


def reached_from(entries: Iterable[str], graph: Edges) -> frozenset[str]:
    """Return the files that entry points need, themselves among them."""
    seen = dict.fromkeys(entries)
    waiting = list(seen)
    for path in waiting:
        for target in graph.get(path, ()):
            if target not in seen:
                seen[target] = None
                waiting.append(target)
    return frozenset(seen)


def leading_to(targets: Iterable[str], graph: Edges) -> frozenset[str]:
    """Return the files that need one of the targets, these among them."""
    users: dict[str, list[str]] = {}
    for path, needed in graph.items():
        for target in needed:
            users.setdefault(target, []).append(path)
    return reached_from(targets, {path: tuple(found) for path, found in users.items()})


def _named(entry: str, sources: Sequence[Source]) -> str:
    """The scanned file that an entry means: its path below the root, or the end of that path when only one fits."""
    wanted = entry.replace("\\", "/").removeprefix("./")
    code = [source.path for source in sources if source.kind in (Kind.PYTHON, Kind.NOTEBOOK)]
    fits = [path for path in code if path == wanted] or [path for path in code if path.endswith(f"/{wanted}")]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise UsageError(f"--entry {entry!r} fits {', '.join(fits[:3])}: give the path below the scanned folder")
    from difflib import get_close_matches

    near = get_close_matches(wanted, code, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"--entry {entry!r} is no Python file that was scanned{hint}")


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _MAX_MANIFEST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
