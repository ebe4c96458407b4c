"""The first step of the estimate: how many lines a porter changes in a file, and whether the port gets to that file.

Pure numbers over what was counted in a file. Every coefficient is data (`rules/edit_model.toml`), fitted to real ports
by the project's calibration, which uses these very functions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from portcheck.estimate import Range
from portcheck.model import TO_DO, Finding, Kind, Role, Work
from portcheck.records import NamedTuple

OPTIONAL = "optional"
VERIFY = "verify"
PORTABLE = "portable"
HARD = "hard"
"""Marks of places that porters leave alone more often: behind an optional import, to look at, portable already, or to
be written anew."""

SHIM = "shim"
"""The strategy under which places that the shim handles at run time cost nothing."""

NOTHING = Range(0, 0, 0)

_READ = frozenset({Kind.PYTHON, Kind.NOTEBOOK})
_STAY = frozenset({Work.REWRITE, Work.BLOCKER})
_MOST = 0.95

Key = tuple[str, str]
"""The category of a place and its mark, which may be empty."""


class EditModel(NamedTuple):
    """The fitted coefficients.

    `touched` and `quiet` are the lines that a touched file costs by itself, with and without places to change, and
    `changed` the lines for each place changed, of which a file has `most` at most. `shares` is the share of places that
    porters change in the files they touch, by category or by category and mark, and `marks` the factor for a mark where
    there is no such share. `rate` and `background` (files that use PyTorch, and others) make the chance that a file is
    touched, `unreached` and `roles` are factors on it. `low` and `high` are factors that hold 80% of real ports over
    touched files, `repository_low` and `repository_high` over whole repositories, where `scale` is the factor on the
    sum over all files.
    """

    version: str
    touched: float
    quiet: float
    changed: float
    most: float
    shares: Mapping[str, float]
    marks: Mapping[str, float]
    rate: float
    background: tuple[float, float]
    unreached: float
    roles: Mapping[str, float]
    scale: float
    low: float
    high: float
    repository_low: float
    repository_high: float


class Counted(NamedTuple):
    """What was counted in one file: `lines` are the marks of the places on each line, with how many lines bear them."""

    path: str
    role: Role
    lines: tuple[tuple[frozenset[Key], int], ...]
    todo: int
    torch: bool
    reached: bool


def key_of(finding: Finding) -> Key:
    """Return under which share a place falls."""
    # The attribute behind `value`, which costs a fifth of it: this runs for every place.
    category: str = finding.category._value_
    work = finding.work
    if work is Work.NONE:
        return category, PORTABLE
    if work is Work.VERIFY:
        return category, VERIFY
    if "optional" in finding.guards:
        return category, OPTIONAL
    return category, HARD if work in _STAY else ""


def is_free(finding: Finding, strategy: str) -> bool:
    """Return whether the shim handles a place at run time, so that nobody edits it under that strategy."""
    left = finding.work not in _STAY or finding.under_shim is not None
    return strategy == SHIM and bool(finding.shim) and left


def lines_of(findings: Sequence[Finding], strategy: str = "") -> tuple[tuple[frozenset[Key], int], ...]:
    """Return the lines with places by what stands on them: a line with three places is changed once."""
    rows: dict[tuple[int | None, int], set[Key]] = {}
    if not findings:
        return ()
    for finding in findings:
        if not is_free(finding, strategy):
            rows.setdefault((finding.span.cell, finding.span.line), set()).add(key_of(finding))
    return tuple(sorted(Counter(map(frozenset, rows.values())).items(), key=lambda row: sorted(row[0])))


def to_do(findings: Iterable[Finding], strategy: str = "") -> int:
    """Return how many places ask for a change under a strategy."""
    return sum(finding.work in TO_DO and not is_free(finding, strategy) for finding in findings)


def is_code(kind: Kind) -> bool:
    """Return whether the model speaks of files of a kind; real ports were compared over their Python alone."""
    return kind in _READ


def share(key: Key, model: EditModel) -> float:
    """Return the share of places of a kind that porters change in the files they touch."""
    category, mark = key
    plain = model.shares.get(category, model.shares["other"])
    return model.shares.get(f"{category}:{mark}", plain * model.marks.get(mark, 1.0)) if mark else plain


def changes(counted: Counted, model: EditModel) -> float:
    """Return how many lines that hold places are expected to change when the file is touched.

    A file with very many places is seldom changed at each of them: the more there are, the less the next one adds.
    """
    if not counted.lines:
        return 0.0
    found = sum(number * max(share(key, model) for key in keys) for keys, number in counted.lines)
    return model.most * (1 - math.exp(-found / model.most))


def lines(counted: Counted, model: EditModel) -> float:
    """Return the lines added and removed that are expected in a file when the port touches it."""
    base = model.touched if counted.todo else model.quiet
    return base + model.changed * changes(counted, model)


def chance(counted: Counted, model: EditModel) -> float:
    """Return the probability that a port touches a file: higher with more places, and within reach."""
    strength = model.rate * pull(counted, model) + model.background[not counted.torch]
    weight = model.roles.get(counted.role.value, 1.0) * (1.0 if counted.reached else model.unreached)
    return min(1 - math.exp(-strength * weight), _MOST)


def pull(counted: Counted, model: EditModel) -> float:
    """Return how strongly its places draw a port to a file, from 0 to 1."""
    return 1 - math.exp(-changes(counted, model)) if counted.todo else 0.0


def around(value: float, low: float, high: float, spread: float = 1.0) -> Range:
    """Return the range around a value in whole lines, from the factors to its ends; `spread` widens both."""
    if value <= 0:
        return NOTHING
    likely = max(round(value), 1)
    bottom, top = math.floor(value * low**spread), math.ceil(value * high**spread)
    return Range(min(bottom, likely), likely, max(top, likely))
