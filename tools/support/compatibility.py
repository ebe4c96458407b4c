"""Which torch_npu, PyTorch, CANN and Python go together, from COMPATIBILITY.md and the packages themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tools.support.errors import ShapeError

PAGE = "COMPATIBILITY.en.md"

_RELEASES = ("TorchNPU installation package version", "GitCode Branch", "PyTorch Version", "CANN version")
_PYTHONS = ("PyTorch Version", "Python version")
_KNOWN = (("Component", "Recommended Version"), ("Product range",))


class Release(NamedTuple):
    """A release of torch_npu; `cann` and `branch` are empty where only the package is known."""

    torch_npu: str
    torch: str
    cann: str
    branch: str
    pythons: tuple[str, ...]
    status: str
    source: str


class _Row(NamedTuple):
    line: int
    cells: tuple[str, ...]
    folded: bool


def read_page(text: str) -> tuple[Release, ...]:
    """Return the releases of the page, in its order, with the Pythons of their version of PyTorch.

    Raises:
        ShapeError: a table of the page is not one of those it is known to have.
    """
    tables = _tables(text)
    known = pythons(text)
    releases = [_release(row, known) for row in tables.get(_RELEASES, ())]
    if not known or not releases:
        raise ShapeError(PAGE, 1, "tables", "no table of releases, or none of Python versions")
    return tuple(releases)


def pythons(text: str) -> dict[str, tuple[str, ...]]:
    """Return the Pythons that the page lists for each version of PyTorch."""
    return {_version(row): _pythons(row) for row in _tables(text).get(_PYTHONS, ())}


def merge(listed: Sequence[Release], packages: Sequence[Release]) -> tuple[Release, ...]:
    """Return the listed releases and those packages that are not among them, newest first."""
    known = {release.torch_npu for release in listed}
    every = [*listed, *(package for package in packages if package.torch_npu not in known)]
    return tuple(sorted(every, key=lambda release: order(release.torch_npu), reverse=True))


def _release(row: _Row, known: dict[str, tuple[str, ...]]) -> Release:
    package, branch, torch, cann = row.cells
    status = "historical" if row.folded else "active"
    return Release(
        package.split()[0],
        torch,
        cann.replace("CANN ", ""),
        branch,
        known.get(torch, ()),
        status,
        f"{PAGE}:{row.line}",
    )


def _tables(text: str) -> dict[tuple[str, ...], list[_Row]]:
    """The rows of each table, by its header."""
    tables: dict[tuple[str, ...], list[_Row]] = {}
    header: tuple[str, ...] | None = None
    heading, folded = "", False
    for number, line in enumerate(text.splitlines(), 1):
        heading = line.strip("# ") if line.startswith("#") else heading
        folded = line.startswith("<details>") or (folded and not line.startswith("</details>"))
        cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|")) if line.startswith("|") else None
        if cells is None:
            header = None
        elif header is None:
            header = cells
            if header not in (_RELEASES, _PYTHONS, *_KNOWN):
                raise ShapeError(PAGE, number, heading, f"a table of an unknown shape: {line!r}")
        elif set("".join(cells)) - set(":-"):
            tables.setdefault(header, []).append(_Row(number, cells, folded))
    return tables


def _version(row: _Row) -> str:
    match = re.fullmatch(r"PyTorch ([\d.]+)", row.cells[0])
    if not match:
        raise ShapeError(PAGE, row.line, "PyTorch and Python versions", f"no version: {row.cells[0]!r}")
    return match.group(1)


def _pythons(row: _Row) -> tuple[str, ...]:
    return tuple(re.findall(r"Python ?(\d+\.\d+)", row.cells[1]))


def order(version: str) -> tuple[int, ...]:
    """Return a key that sorts 2.9.0rc1 < 2.9.0 < 2.9.0.post2 < 2.10.0."""
    numbers = [int(number) for number in re.findall(r"\d+", version.partition("rc")[0].partition(".post")[0])]
    suffix = re.search(r"(post|rc)(\d+)", version)
    late = 0 if suffix is None else int(suffix[2]) - (0 if suffix[1] == "post" else 1000)
    return (*numbers, *[0] * (4 - len(numbers)), late)
