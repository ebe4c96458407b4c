"""The types of an estimate: ranges, packages of work, the answer that reports print. Frozen, standard library only."""

from __future__ import annotations

from portcheck.records import NamedTuple


class Range(NamedTuple):
    """A quantity that is not known exactly: the likely value, and low and high, meant to hold 80% of real cases."""

    low: float
    likely: float
    high: float


class Step(NamedTuple):
    """One priced item of work: what it is, how many there are, its person-days, and whether they are an assumption."""

    name: str
    title: str
    number: int
    person_days: Range
    detail: str = ""


class Root(NamedTuple):
    """A helper that is changed once for all its callers."""

    path: str
    name: str
    calls: int
    files: int


class Package(NamedTuple):
    """A package of work, in the order a porter would take them.

    `places` ask for a change, `looks` for a look; `fixable` of them have an automatic change. `unblocks` names the
    packages that wait for this one, `roots` what to change first, `top` the files with most places.
    """

    name: str
    title: str
    person_days: Range
    edits: Range
    places: int
    looks: int
    fixable: int
    files: int
    unblocks: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    roots: tuple[Root, ...] = ()
    top: tuple[str, ...] = ()


class Driver(NamedTuple):
    """What the person-days go into, and their share of the whole; or what would change them, and by how much."""

    name: str
    person_days: float
    share: float
    detail: str = ""


class Reach(NamedTuple):
    """Where the work may lie: entry points, code files they reach and those they do not, files with places to change.

    `lines` are those of the repository's own code within reach. `narrowed` says that the user named the entry points,
    `library` that none was found, so that all is in reach.
    """

    entries: tuple[str, ...]
    reached: int
    unreached: int
    bound: int
    lines: int
    narrowed: bool = False
    library: bool = False


class Plan(NamedTuple):
    """The same port under another strategy, in short."""

    strategy: str
    edits: Range
    person_days: Range


class Effort(NamedTuple):
    """The estimate: person-days and edited lines with their ranges, the plan, and what they rest on.

    `edits` are lines added and removed in existing files. `verdict` is the answer in one sentence, `by_work` splits the
    edits by kind of work, `levers` say what would change the answer most, `model` is the version of the fitted
    coefficients.
    """

    verdict: str
    person_days: Range
    edits: Range
    by_work: tuple[tuple[str, Range], ...]
    packages: tuple[Package, ...]
    drivers: tuple[Driver, ...]
    levers: tuple[Driver, ...]
    assumptions: tuple[str, ...]
    reach: Reach
    strategies: tuple[Plan, ...]
    model: str
