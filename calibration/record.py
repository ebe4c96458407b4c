"""What the project keeps of a calibration: coefficients, figures for the documentation, and facts about the sample.

The record holds counts, sizes and commit ids; nothing of anybody's code.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from calibration.numbers import spearman
from portcheck.edit_model import EditModel

if TYPE_CHECKING:
    from calibration.fit import Fold
    from calibration.ports import Port

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "rules" / "edit_model.toml"
SAMPLE = ROOT / "calibration" / "sample.csv"
PAGE = ROOT / "docs" / "effort.md"
START, END = "<!-- figures: written by calibration.fit -->", "<!-- end of figures -->"

_COLUMNS = (
    "repository",
    "parent",
    "commit",
    "date",
    "kind",
    "largest",
    "lines",
    "files_touched",
    "files_before",
    "places_to_change",
    "places_in_touched",
    "expected_touched",
    "expected_repository",
)

Figures = dict[str, float]


def version(ports: Sequence[Port]) -> str:
    """Return what the fit is called: the day of the newest port, how many ports and repositories."""
    newest = max(port.date for port in ports)
    return f"ports to {newest}, {len(ports)} in {len({port.repo for port in ports})} repositories"


def figures(model: EditModel, folds: Sequence[Fold], blind: Sequence[Fold]) -> Figures:
    """Return how well the model does: with the fit to all ports, and with the ports' own repositories left out.

    `folds` rank ports by fits that leave each repository out; in `blind`, level and ranges leave it out too. A level is
    one factor over all ports: of no account for ranks, but leaving out a large port would lower it for that very port.
    """
    from calibration.fit import Fold, touched, whole

    real = [float(port.lines) for port, _ in folds]
    fitted = [Fold(port, model) for port, _ in folds]
    found: Figures = {"points": len(folds)}
    for suffix, ranked, ranged in (("", fitted, fitted), ("_left_out", folds, blind)):
        found["spearman_touched" + suffix] = spearman(real, [touched(*fold) for fold in ranked])
        found["spearman_repository" + suffix] = spearman(real, [whole(*fold) for fold in ranked])
        over, everywhere = [touched(*fold) for fold in ranged], [whole(*fold) for fold in ranged]
        narrow = [(each.low, each.high) for _, each in ranged]
        wide = [(each.repository_low, each.repository_high) for _, each in ranged]
        found["coverage_touched" + suffix] = _coverage(real, over, narrow)
        found["coverage_repository" + suffix] = _coverage(real, everywhere, wide)
        found["error_touched" + suffix] = _factor(real, over)
        found["error_repository" + suffix] = _factor(real, everywhere)
    found["spearman_files_alone"] = spearman(real, [float(len(port.counted)) for port, _ in folds])
    found["spearman_places_alone"] = spearman(real, [float(sum(f.todo for f in port.files)) for port, _ in folds])
    return found


def as_text(values: Figures) -> str:
    """Return figures for a terminal."""
    return "\n".join(f"{name:32} {value:.3f}" for name, value in values.items())


def write(model: EditModel, values: Figures, ports: Sequence[Port], folds: Sequence[Fold]) -> None:
    """Write coefficients, sample and the figures in the documentation."""
    MODEL.write_text(_toml(model, values), encoding="utf-8")
    _write_sample(ports, folds)
    if PAGE.is_file():
        text = PAGE.read_text(encoding="utf-8")
        head, _, rest = text.partition(START)
        PAGE.write_text(f"{head}{START}\n{_table(model, values)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _coverage(real: Sequence[float], expected: Sequence[float], ends: Sequence[tuple[float, float]]) -> float:
    rows = zip(real, expected, ends)
    return sum(low * each <= value <= high * each for value, each, (low, high) in rows) / len(real)


def _factor(real: Sequence[float], expected: Sequence[float]) -> float:
    """Return the factor by which estimates are typically wrong, one way or the other: the median."""
    gaps = sorted(abs(math.log(value / each)) for value, each in zip(real, expected))
    return math.exp((gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]) / 2)


def _toml(model: EditModel, values: Figures) -> str:
    names = ("touched", "quiet", "changed", "most", "rate", "unreached", "scale", "low", "high")
    scalars = (*names, "repository_low", "repository_high")
    parts = [
        "# Coefficients of the edit model. Written by `python -m calibration.fit`; do not edit.",
        "# What each of them means is said in portcheck/edit_model.py, how they were found in docs/effort.md.",
        f'version = "{model.version}"',
        *(f"{name} = {getattr(model, name):.4g}" for name in scalars),
        f"background = [{model.background[0]:.4g}, {model.background[1]:.4g}]",
    ]
    for title, table in (("shares", model.shares), ("marks", model.marks), ("roles", model.roles), ("figures", values)):
        parts += ["", f"[{title}]", *(f"{_key(name)} = {float(value):.3g}" for name, value in table.items())]
    return "\n".join(parts) + "\n"


def _key(name: str) -> str:
    return f'"{name}"' if ":" in name else name.replace("_", "-")


def _write_sample(ports: Sequence[Port], folds: Sequence[Fold]) -> None:
    """Write a row for each port; what was expected of it comes from the fit without its repository."""
    from calibration.fit import touched, whole

    models = {port.repo: model for port, model in folds}
    chosen = {port.commit + port.parent for port, _ in folds}
    with SAMPLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for port in ports:
            model = models.get(port.repo)
            expected = (round(touched(port, model)), round(whole(port, model))) if model else ("", "")
            writer.writerow(
                (
                    port.repo,
                    port.parent,
                    port.commit,
                    port.date,
                    port.kind,
                    int(port.commit + port.parent in chosen),
                    port.lines,
                    len(port.touched),
                    len(port.files),
                    sum(counted.todo for counted in port.files),
                    sum(counted.todo for counted in port.counted),
                    *expected,
                )
            )


def _table(model: EditModel, values: Figures) -> str:
    """Return the figures as Markdown."""
    rows = [
        ("rank correlation with real lines, files that were touched", "spearman_touched"),
        ("rank correlation with real lines, whole repository", "spearman_repository"),
        ("real figure within the range, files that were touched", "coverage_touched"),
        ("real figure within the range, whole repository", "coverage_repository"),
    ]
    wrong, far = values["error_touched_left_out"], values["error_repository_left_out"]
    files, places = values["spearman_files_alone"], values["spearman_places_alone"]
    count = f"{values['points']:.0f}"
    lines = [
        f"Sample: {model.version}. Figures over the largest first port of each of {count} repositories.",
        "",
        "| | fitted | repository left out |",
        "|---|---|---|",
        *(f"| {title} | {values[name]:.2f} | {values[name + '_left_out']:.2f} |" for title, name in rows),
        "",
        f"With its repository left out, the median port was missed by a factor of {wrong:.1f} over the touched files",
        f"and of {far:.1f} over the whole repository. For comparison: the number of touched files alone ranks the",
        f"ports with {files:.2f}, the number of places to change in the whole repository with {places:.2f}.",
    ]
    return "\n".join(lines)
