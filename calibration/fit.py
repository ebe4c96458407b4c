"""Fit the edit model to real ports and write coefficients, record and figures.

    python -m calibration.fit --ports FILE --mirrors DIR --work DIR

Fitting is in three parts: the share of places that porters change, by category; the lines that a touched file costs;
the chance that a file is touched. Each repository counts about the same, however many ports it has. Every figure is
computed twice: with the fit to all ports, and with fits that leave out the repository they are asked about.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from calibration import record
from calibration.numbers import minimum
from calibration.ports import FOLLOW_UP, INITIAL, Port, load
from portcheck.edit_model import HARD, OPTIONAL, PORTABLE, VERIFY, Counted, EditModel, Key, chance, changes, lines, pull
from portcheck.model import Role

Z80 = 1.34
"""Standard deviations to where a tenth lies beyond, on either side, when they are estimated from about 16 values
(Student's t with 15 degrees of freedom)."""

WEIGHT = {INITIAL: 1.0, FOLLOW_UP: 0.5, "device-agnostic refactor": 0.5, "kernel/op replacement": 0.25}
"""How much a port says of what an initial port costs."""

MOST = 8.0
"""Places that are changed in one file at most. Not fitted: between 6 and 12 it makes no difference to speak of."""

PRIOR = {"touched": 3.0, "quiet": 12.0, "changed": 4.0, "follow_up": 0.7}
"""Where the fit of lines starts and is drawn to: a changed place is one line removed and a few added."""

CHANCE = {"rate": 0.6, "torch": 0.05, "other": 0.006, "unreached": 0.6, "aside": 0.1, "build": 0.5}
"""The same for chances; `aside` are tests, examples, benchmarks and documentation."""

_PULL = 50.0
_CHANCE_PULL = 100.0
"""How strongly both fits are drawn to where they start. With repositories left out, less makes the ranks worse (over
whole repositories 0.71 with this for chances, 0.66 with a tenth, 0.61 with a hundredth), more makes no difference."""

_PLACES = 4.0
_CAP = 20.0
_ASIDE = (Role.TEST, Role.EXAMPLE, Role.BENCHMARK, Role.DOC)


class Fold(NamedTuple):
    """A port and the model that speaks of it."""

    port: Port
    model: EditModel


def fit(ports: Sequence[Port], version: str) -> EditModel:
    """Return the model for these ports, with ranges of no width."""
    shares, marks = _shares(ports)
    start = EditModel(version, 1, 1, 1, MOST, shares, marks, 1, (1, 1), 1, {}, 1, 1, 1, 1, 1)
    return _chances(ports, _lines(ports, start))


def largest(ports: Iterable[Port]) -> list[Port]:
    """Return the largest initial port of each repository."""
    best: dict[str, Port] = {}
    for port in ports:
        if port.kind == INITIAL and port.lines > (best[port.repo].lines if port.repo in best else 0):
            best[port.repo] = port
    return list(best.values())


def left_out(ports: Sequence[Port], version: str) -> list[Fold]:
    """Return the largest port of each repository with the model fitted without that repository."""
    return [Fold(one, fit([port for port in ports if port.repo != one.repo], version)) for one in largest(ports)]


def touched(port: Port, model: EditModel) -> float:
    """Return the lines expected over the files that a port touched."""
    return sum(lines(file, model) for file in port.counted) or 1.0


def whole(port: Port, model: EditModel) -> float:
    """Return the lines expected over the whole repository."""
    return model.scale * sum(chance(file, model) * lines(file, model) for file in port.files) or 1.0


def ranged(model: EditModel, folds: Sequence[Fold]) -> EditModel:
    """Return the model with the level and the ranges that the left-out ports ask for."""
    over = [math.log(port.lines / touched(port, other)) for port, other in folds]
    everywhere = [math.log(port.lines / whole(port, other)) for port, other in folds]
    scale = math.exp(sum(everywhere) / len(everywhere))
    spread = math.sqrt(sum((gap - math.log(scale)) ** 2 for gap in everywhere) / (len(everywhere) - 1))
    middle = sum(over) / len(over)
    width = math.sqrt(sum((gap - middle) ** 2 for gap in over) / (len(over) - 1))
    centre = math.exp(middle)
    reach = Z80 * math.sqrt(1 + 1 / len(folds))
    return model._replace(
        touched=model.touched * centre,
        quiet=model.quiet * centre,
        changed=model.changed * centre,
        scale=scale / centre,
        low=math.exp(-reach * width),
        high=math.exp(reach * width),
        repository_low=math.exp(-reach * spread),
        repository_high=math.exp(reach * spread),
    )


def blind(folds: Sequence[Fold]) -> list[Fold]:
    """Return the folds with level and ranges that come, for each, from the other folds alone."""
    return [
        Fold(one.port, ranged(one.model, [*folds[:number], *folds[number + 1 :]])) for number, one in enumerate(folds)
    ]


def _weights(ports: Sequence[Port]) -> list[tuple[Port, float]]:
    """Return the ports with weights that keep repositories with many of them from deciding alone."""
    many = Counter(port.repo for port in ports)
    return [(port, 3 * WEIGHT.get(port.kind, 0.25) / (2 + many[port.repo])) for port in ports]


def _shares(ports: Sequence[Port]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the share of places changed by category and by category and mark, and the factors for marks.

    Few places are drawn to the mean. Ports that use the shim and follow-ups leave places alone for reasons of their own
    and do not count.
    """
    groups: dict[Key, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for port in ports:
        if not port.shim and port.kind != FOLLOW_UP:
            for key, changed in port.places:
                groups[key][port.repo].append(changed)
    cells = {key: _capped(by_repo.values()) for key, by_repo in sorted(groups.items())}
    plain = {category: cell for (category, mark), cell in cells.items() if not mark}
    mean = sum(hits for hits, _ in plain.values()) / sum(places for _, places in plain.values())
    shares = {category: _drawn(cell, mean) for category, cell in plain.items()}
    marks = {}
    for each in (OPTIONAL, VERIFY, PORTABLE, HARD):
        marked = [(cell, shares.get(category, mean)) for (category, mark), cell in cells.items() if mark == each]
        expected = sum(places * usual for (_, places), usual in marked)
        marks[each] = min((sum(hits for (hits, _), _ in marked) + 1.0) / (expected + 3.0), 1.0)
    for (category, mark), cell in cells.items():
        if mark:
            shares[f"{category}:{mark}"] = _drawn(cell, shares.get(category, mean) * marks[mark])
    return {**shares, "other": mean}, marks


def _drawn(cell: tuple[float, float], mean: float) -> float:
    """Return the share in a cell of changed places and all places, drawn to a mean."""
    hits, places = cell
    return (hits + _PLACES * mean) / (places + _PLACES)


def _capped(groups: Iterable[Sequence[bool]]) -> tuple[float, float]:
    """Return changed places and all places, no repository counting for more than `_CAP`."""
    hits = places = 0.0
    for group in groups:
        weight = min(1.0, _CAP / len(group))
        hits += weight * sum(group)
        places += weight * len(group)
    return hits, places


def _lines(ports: Sequence[Port], start: EditModel) -> EditModel:
    """Fit what a touched file costs: squared differences of logarithms over whole ports, drawn to the prior."""
    names = list(PRIOR)
    prior = [math.log(PRIOR[name]) for name in names]
    rows = []
    for port, weight in _weights(ports):
        files = port.counted
        if files:
            bound = sum(file.todo > 0 for file in files)
            moved = sum(changes(file, start) for file in files)
            rows.append((math.log(port.lines + 1), bound, len(files) - bound, moved, port.kind != INITIAL, weight))

    def loss(point: list[float]) -> float:
        cost, quiet, changed, follow_up = map(math.exp, point)
        total = 0.0
        for real, bound, rest, moved, later, weight in rows:
            guess = (cost * bound + quiet * rest + changed * moved) * (follow_up if later else 1.0)
            total += weight * (real - math.log(guess + 1)) ** 2
        return total + _PULL * sum((a - b) ** 2 for a, b in zip(point, prior))

    found = dict(zip(names, map(math.exp, minimum(loss, prior))))
    return start._replace(touched=found["touched"], quiet=found["quiet"], changed=found["changed"])


def _chances(ports: Sequence[Port], model: EditModel) -> EditModel:
    """Fit the chance that an initial port touches a file, by likelihood, drawn to the prior."""
    rows = _chance_rows(ports, model)
    names = list(CHANCE)
    prior = [math.log(CHANCE[name]) for name in names]

    def loss(point: list[float]) -> float:
        factors = dict(zip(names, map(math.exp, point)))
        total = 0.0
        for (drawn, torch, reached, role), (hits, misses) in rows:
            strength = factors["rate"] * drawn + factors["torch" if torch else "other"]
            strength *= (1.0 if reached else factors["unreached"]) * factors.get(role, 1.0)
            total += misses * strength - (hits * math.log(-math.expm1(-strength)) if hits else 0.0)
        return total + _CHANCE_PULL * sum((a - b) ** 2 for a, b in zip(point, prior))

    found = dict(zip(names, map(math.exp, minimum(loss, prior))))
    roles = {role.value: found["aside"] for role in _ASIDE}
    roles.update({Role.BUILD.value: found["build"], Role.VENDORED.value: found["aside"], Role.GENERATED.value: 0.0})
    background = (found["torch"], found["other"])
    return model._replace(rate=found["rate"], background=background, unreached=found["unreached"], roles=roles)


def _chance_rows(
    ports: Sequence[Port], model: EditModel
) -> list[tuple[tuple[float, bool, bool, str], tuple[float, float]]]:
    """Return files that look alike with how often, by weight, they were touched and not."""
    initial = [port for port in ports if port.kind == INITIAL]
    many = Counter(port.repo for port in initial)
    groups: dict[tuple[float, bool, bool, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for port in initial:
        for file in port.files:
            if file.role is not Role.GENERATED:
                row = groups[round(pull(file, model), 3), file.torch, file.reached, _role(file)]
                row[file.path not in port.touched] += 1 / many[port.repo]
    return [(key, (hits, misses)) for key, (hits, misses) in groups.items()]


def _role(file: Counted) -> str:
    return "" if file.role is Role.SOURCE else "build" if file.role is Role.BUILD else "aside"


def main(arguments: Sequence[str]) -> None:
    """Fit, say how well it does, and write what the project keeps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ports", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write nothing")
    options = parser.parse_args(arguments)
    ports = list(load(options.ports, options.mirrors, options.work))
    version = record.version(ports)
    folds = left_out(ports, version)
    model = ranged(fit(ports, version), folds)
    figures = record.figures(model, folds, blind(folds))
    print(record.as_text(figures))
    if not options.dry_run:
        record.write(model, figures, ports, blind(folds))


if __name__ == "__main__":
    main(sys.argv[1:])
