"""The module that a fix writes once for what PyTorch does not say by itself: the device type and backend in use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Callable

from portcheck.fix.named import OFFERED
from portcheck.link import Linked
from portcheck.memo import before
from portcheck.model import Import
from portcheck.packtypes import TargetPack
from portcheck.patterns import version_tuple
from portcheck.records import NamedTuple

NAMES = ("accelerator", "accelerator_type", "device_backend", "portable_device")
"""What the module may be called; the first that is free is taken."""

SINCE = (2, 6)
"""The PyTorch from which on it knows its accelerator by itself."""

HERE = "."
"""The package that a module is in itself, as imports call it."""

_TEXT = '''"""The accelerator of this machine: {title} where there is one, CUDA otherwise."""

import torch

try:
    import {package}  # noqa: F401
except ImportError:
    pass

{chosen}
"""The type for torch.device and .to()."""

DEVICE_MODULE = getattr(torch, DEVICE_TYPE)
"""What PyTorch has for that device: torch.{device} or torch.cuda."""

BACKEND = "{backend}" if DEVICE_TYPE == "{device}" else "nccl"
"""The backend for collective communication on that device."""
'''
_ASKED = '''_KNOWN = torch.accelerator.current_accelerator()

DEVICE_TYPE = "{device}" if hasattr(torch, "{device}") else _KNOWN.type if _KNOWN else "cuda"'''
_LOOKED_FOR = 'DEVICE_TYPE = "{device}" if hasattr(torch, "{device}") and torch.{device}.is_available() else "cuda"'
_OFFERED = tuple(re.compile(rf"^{name}\b.*=", re.MULTILINE) for name in OFFERED)


class Home(NamedTuple):
    """Where a helper may stand for a file: the folder, and the package that it is then imported from, if any.

    The package may be `HERE`, whatever the name of that is.
    """

    folder: str
    package: str


Places = Callable[[str, str], tuple[Home, ...]]
"""Finds where a module that is imported by a file in a folder may be."""


class Helper(NamedTuple):
    """A helper module: where it stands, how files import it, and whether it is there already."""

    path: str
    module: str
    exists: bool


def text(about: TargetPack, oldest: str) -> str:
    """Return the source of the module for a target, for code that has to run on a PyTorch as old as `oldest`."""
    words = {"title": about.title, "package": about.package, "device": about.device, "backend": about.backend}
    chosen = (_ASKED if version_tuple(oldest) >= SINCE else _LOOKED_FOR).format(**words)
    return _TEXT.format(chosen=chosen, **words)


def helpers(
    imports: Mapping[str, Sequence[Import]],
    files: Collection[str],
    read: Callable[[str], str | None],
    linked: Linked,
) -> dict[str, Helper]:
    """Return the helper of each file, so that as few as possible are made.

    Files that import nothing have none, as they may be settings that no program imports, nor have those where every
    name is taken.

    `imports` are those of the files to be changed, `files` all paths of the repository, `read` gives the text of one,
    `linked` tells which files import which.
    """
    known = set(files)
    folders = {folder for path in known for folder in _above(path)}

    @cache
    def places(folder: str, module: str) -> tuple[Home, ...]:
        return tuple(_places(folder, module, known, folders))

    homes = {path: _homes(path, found, places) for path, found in imports.items()}
    packages = {home for found in homes.values() for home in found if home.package}
    alone = {path for path, found in homes.items() if not found}
    for path, targets in linked.edges.items():
        if not alone.isdisjoint(targets):
            others = _homes(path, before(linked, path).imports, places)
            packages.update(home for home in others if home.package)
    homes = {path: _settled(path, imports[path], found, packages, known) for path, found in homes.items()}
    chosen = _fewest(homes, _reached(homes, linked, known | folders))
    free = {home: _free(home, known, read) for home in set(chosen.values())}
    placed = {path: free[home] for path, home in chosen.items()}
    return {path: each for path, each in placed.items() if each is not None}


def _reached(homes: Mapping[str, Sequence[Home]], linked: Linked, taken: Collection[str]) -> dict[str, list[Home]]:
    """The places that each file can import from, its own first.

    Beside these it reaches the packages that its own package imports from, and a file of no package those that lie
    where it finds its own imports, unless another module of that name lies beside it; `taken` are all paths.
    """
    packages = {home.folder: home for found in homes.values() for home in found if _is_package(home)}
    beside: dict[str, set[str]] = {}
    for path, targets in linked.edges.items():
        beside.setdefault(_within(path, packages), set()).update(_within(target, packages) for target in targets)
    reached: dict[str, list[Home]] = {}
    for path, found in homes.items():
        folder, bases, package = path.rpartition("/")[0], set(map(_base, found)), _within(path, packages)
        # What imports this package back may not be there yet when it is imported.
        near = [place for place in packages if not package or place in beside.get(package, ())]
        near = [place for place in near if not package or package not in beside.get(place, ())]
        more = (packages[place] for place in near if _base(packages[place]) in bases)
        reached[path] = [*dict.fromkeys((*found, *(home for home in more if not _shadowed(home, folder, taken))))]
    return reached


def _within(path: str, packages: Mapping[str, Home]) -> str:
    """The folder of the outermost package that a file is in; empty where it is in none."""
    return next((above for above in reversed([*_above(path)]) if above in packages), "")


def _is_package(home: Home) -> bool:
    return home.package not in ("", HERE)


def _shadowed(home: Home, folder: str, taken: Collection[str]) -> bool:
    """Whether another module of that name lies in a folder, which comes first for the files there."""
    inside = f"{folder}/{home.package}" if folder else home.package
    return inside != home.folder and (inside in taken or f"{inside}.py" in taken)


def _base(home: Home) -> str:
    """The folder that a place is imported from."""
    return home.folder.rpartition("/")[0] if _is_package(home) else home.folder


def _fewest(homes: Mapping[str, Sequence[Home]], reached: Mapping[str, Sequence[Home]]) -> dict[str, Home]:
    """One place for each file that reaches any, few in all: those that most files reach first, then import from."""
    votes = Counter(home for found in homes.values() for home in found)
    left = {path: found for path, found in reached.items() if found}
    chosen: dict[str, Home] = {}
    while left:
        counts = Counter(home for found in left.values() for home in found)
        best = max(counts, key=lambda home: (counts[home], votes[home], home.package == "", -len(home.folder)))
        chosen.update((path, best) for path, found in left.items() if best in found)
        left = {path: found for path, found in left.items() if path not in chosen}
    return chosen


def _homes(path: str, imports: Iterable[Import], places: Places) -> list[Home]:
    """The places that a file imports from: packages, its own among them, and folders of modules."""
    folder = path.rpartition("/")[0]
    found = (home for each in imports if each.module and not each.level for home in places(folder, each.module))
    return list(dict.fromkeys(found))


def _places(folder: str, module: str, files: Collection[str], folders: Collection[str]) -> Iterator[Home]:
    """Where a module that is imported by a file in a folder may be found, from there out to the root."""
    name = module.partition(".")[0]
    for base in (folder, *_above(folder)):
        inside = f"{base}/{name}" if base else name
        if f"{inside}.py" in files:
            yield Home(base, "")
        elif inside in folders and (module == name or _holds(inside, module, files, folders)):
            yield Home(inside, name)


def _settled(
    path: str, imports: Sequence[Import], found: Sequence[Home], packages: Collection[Home], files: Collection[str]
) -> list[Home]:
    """The places for a helper of a file: those that it imports from, packages that it is in, else its own folder.

    A package is what something imports it as: folders need no `__init__.py`, and one that has it may be inside another.
    """
    homes = dict.fromkeys([*found, *(home for home in sorted(packages) if path.startswith(f"{home.folder}/"))])
    package = _package(path, files)
    if package is not None and not any(package.folder.startswith(f"{home.folder}/") for home in homes if home.package):
        homes[package] = None
    if imports and not homes:
        relative = any(each.level for each in imports)
        homes[Home(path.rpartition("/")[0], HERE if relative else "")] = None
    return list(homes)


def _holds(folder: str, module: str, files: Collection[str], folders: Collection[str]) -> bool:
    """Whether a folder holds what a dotted name below it means."""
    inside = "/".join((folder, *module.split(".")[1:]))
    return f"{inside}.py" in files or inside in folders


def _package(path: str, files: Collection[str]) -> Home | None:
    """The outermost package that a file is part of."""
    home: Home | None = None
    for folder in _above(path):
        if not folder or f"{folder}/__init__.py" not in files:
            return home
        home = Home(folder, folder.rpartition("/")[2])
    return home


def _above(path: str) -> Iterator[str]:
    """The folders that a path is in, from the inside out to the root, which is empty."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _free(home: Home, files: Collection[str], read: Callable[[str], str | None]) -> Helper | None:
    for name in NAMES:
        place = f"{home.folder}/{name}.py" if home.folder else f"{name}.py"
        taken = place in files or f"{place[:-3]}/__init__.py" in files
        if not taken or all(each.search(read(place) or "") for each in _OFFERED):
            package = home.package and home.package.removesuffix(HERE) + "."
            return Helper(place, f"{package}{name}", taken)
    return None
