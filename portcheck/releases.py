"""What goes with a target's adapter by release: which PyTorch, toolkit and Python, its public names, and its shim.

All of it is read from the generated tables beside the support tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portcheck.errors import UsageError
from portcheck.records import NamedTuple
from portcheck.supportfile import Index, read_index, read_json, read_text

_EFFECTS = ("redirected", "rewritten", "disabled", "restored", "unreached")
_BELOW = ".*"


class Release(NamedTuple):
    """A release of the adapter; `cann` and `branch` are empty where the vendor publishes no pairing.

    `status` is active, historical, or package for one that is known by its package alone.
    """

    torch_npu: str
    torch: str
    cann: str
    branch: str
    pythons: tuple[str, ...]
    status: str
    evidence: str


class Effect(NamedTuple):
    """One thing that the shim does to a name when it is imported, in which words, and where it says so.

    `kind` is redirected (another thing takes its place), rewritten (its arguments are changed), disabled (it does
    nothing, or says no), restored (it sees whether CUDA itself is there), unreached (it stays as it was).
    """

    name: str
    kind: str
    detail: str
    evidence: str


def releases(torch: str = "", target: str = "ascend", folder: Path | None = None) -> tuple[Release, ...]:
    """Return the releases of the adapter, newest first: all, or those for one version of PyTorch.

    Raises:
        PackError: the tables are missing or damaged.
    """
    every = _releases(read_index(target, folder))
    return tuple(release for release in every if not torch or _means(torch, release.torch))


def effects(api: str, torch: str, target: str = "ascend", folder: Path | None = None) -> tuple[Effect, ...]:
    """Return what the shim of a version of PyTorch does to a name, or to what it is in; nothing without tables.

    Of several packages for that PyTorch the newest speaks, unless `torch` names one by its post part.

    Raises:
        UsageError: no package of the adapter for that version was read.
        PackError: the tables are missing or damaged.
    """
    index = read_index(target, folder)
    if not index.versions:
        return ()
    package, table = _shim(index, torch)
    found: list[Effect] = []
    for kind in _EFFECTS:
        for name in (api, *_above(api, kind)):
            if name in table[kind]:
                detail, place = table[kind][name]
                found.append(Effect(name, kind, detail, f"torch_npu {package}: {place}"))
    return tuple(found)


def shim_names(torch: str, target: str = "ascend", folder: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Return all names the shim of a version of PyTorch touches, or is known not to reach, by kind of effect.

    Raises:
        UsageError: no package of the adapter for that version was read.
        PackError: the tables are missing or damaged.
    """
    _, table = _shim(read_index(target, folder), torch)
    return {kind: tuple(table[kind]) for kind in _EFFECTS}


def public_names(torch: str, target: str = "ascend", folder: Path | None = None) -> dict[str, bool]:
    """Return the public names of the adapter's module, and whether the module lists them in `__all__`.

    Raises:
        UsageError: no package of the adapter for that version was read.
        PackError: the tables are missing or damaged.
    """
    header, *rows = [line.split("\t") for line in read_text(read_index(target, folder), "names.tsv").splitlines()]
    column = header.index(_package(header[1:], torch))
    return {row[0]: row[column] == "all" for row in rows if row[column] != "absent"}


def _releases(index: Index) -> tuple[Release, ...]:
    data = read_json(index, "compatibility.json")
    return tuple(_release(entry, index) for entry in data.values())


def _release(entry: dict[str, Any], index: Index) -> Release:
    source = entry["source"]
    evidence = source if entry["status"] == "package" else f"{index.repository}@{index.commit[:8]}:{source}"
    fields = {field: entry[field] for field in ("torch_npu", "torch", "cann", "branch", "status")}
    return Release(**fields, pythons=tuple(entry["pythons"]), evidence=evidence)


def _shim(index: Index, torch: str) -> tuple[str, dict[str, dict[str, tuple[str, str]]]]:
    """The newest package for a version of PyTorch, and what its shim does."""
    data = read_json(index, "shim.json")
    package = _package(list(data), torch)
    return package, data[package]


def _package(packages: list[str], torch: str) -> str:
    """The package of that very version, or the newest for that PyTorch; packages are in ascending order."""
    found = [package for package in packages if _means(torch, _plain(package))]
    if torch in found and torch != _plain(torch):
        return torch
    if not found:
        raise UsageError(f"no package for PyTorch {torch} was read: there are {', '.join(packages)}")
    return found[-1]


def _above(api: str, kind: str) -> tuple[str, ...]:
    """The names that speak for all below them: a whole module, and for what is unreached the module itself."""
    parts = api.split(".")
    owners = [".".join(parts[:length]) for length in range(len(parts) - 1, 1, -1)]
    return tuple(owner if kind == "unreached" else owner + _BELOW for owner in owners)


def _means(wanted: str, version: str) -> bool:
    """Whether a version of PyTorch, perhaps with a local or post part or cut off, is the given one."""
    plain = _plain(wanted)
    return version == plain or version.startswith(f"{plain}.")


def _plain(version: str) -> str:
    return version.partition("+")[0].partition(".post")[0]
