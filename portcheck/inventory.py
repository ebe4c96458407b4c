"""What a port has to deal with beside code that it edits: libraries, kernels, and what surrounds the programs.

Frozen and made of the standard library alone; kinds of work, roles and levels are texts, as reports write them.
"""

from __future__ import annotations

from collections.abc import Iterable

from portcheck.records import NamedTuple

STATUSES = ("none", "unknown", "partial", "replaced", "plugin", "native")
"""How a library stands on the target, the worst first: nothing does what it does, nobody knows, part of it runs,
another library or call takes its place, a plug-in brings it, it runs as it is."""

DIFFICULTIES = ("hard", "medium", "easy")
"""How hard a kernel is to bring to the target, the worst first."""

SORTS = ("image", "container", "cluster", "ci", "script")
"""What surrounds the programs: images, files that build or start containers, jobs of a cluster, CI, scripts."""


class Place(NamedTuple):
    """Where something stands; `cell` only in notebooks."""

    path: str
    line: int
    cell: int | None = None


class Library(NamedTuple):
    """A library that the code leans on, and how it stands on the target.

    `since` is the version from which on it runs or has its replacement, `asked` are the versions that were required.
    It is `optional` when the code can do without it at every place, by a guard, an extra or an import that may fail.
    """

    name: str
    status: str
    work: str
    advice: str
    since: str
    asked: tuple[str, ...]
    required: tuple[Place, ...]
    used: tuple[Place, ...]
    optional: bool
    rules: tuple[str, ...]
    evidence: tuple[str, ...]


def together(rows: Iterable[Library]) -> tuple[Library, ...]:
    """Return libraries in their order, those that are only required and of which the same is said as one.

    A lock file names each of the wheels that a toolkit is made of, and a team swaps them at once.
    """
    groups: dict[object, list[Library]] = {}
    for row in rows:
        same = (row.status, row.work, row.advice, row.since, row.optional, row.rules)
        groups.setdefault(row.name if row.used else same, []).append(row)
    return tuple(_one(alike) for alike in groups.values())


def _one(alike: list[Library]) -> Library:
    first, *others = alike
    if not others:
        return first
    required = tuple(place for row in alike for place in row.required)
    return first._replace(name=f"{first.name} and {len(others)} like it", asked=(), required=required)


class KernelFile(NamedTuple):
    """The kernels of a file, or of one text in it: how large, how hard and why, who builds and loads them.

    `language` is cuda, triton, numba, cute or cutile, or host for code that calls CUDA's libraries without a kernel of
    its own.
    `lines` are those of the kernels' code; `fallback` is what does the same without them, `there` the file that does
    it on the target already, where these were seen.
    """

    place: Place
    language: str
    role: str
    lines: int
    kernels: int
    launches: int
    difficulty: str
    marks: tuple[str, ...]
    built: tuple[Place, ...] = ()
    loaded: tuple[Place, ...] = ()
    fallback: str = ""
    fallback_at: Place | None = None
    there: Place | None = None


class Surrounding(NamedTuple):
    """An image, or a file around the programs: its places to change and to look at, and what becomes of it."""

    sort: str
    name: str
    role: str
    work: str
    changes: int
    looks: int
    subjects: tuple[str, ...]
    advice: str
    places: tuple[Place, ...]


class Inventory(NamedTuple):
    """All three, each with what asks for most work first."""

    libraries: tuple[Library, ...] = ()
    kernels: tuple[KernelFile, ...] = ()
    surroundings: tuple[Surrounding, ...] = ()
