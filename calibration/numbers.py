"""The little numerics the fit needs: ranks, rank correlation, and a search for a minimum. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Callable

_REACH = 0.3
_STEPS = 400
_CLOSE = 1e-7

Point = list[float]


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, from 0; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for position in range(start, end + 1):
            found[order[position]] = (start + end) / 2
        start = end + 1
    return found


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the rank correlation of two rows of equal length; 0 when one of them does not vary."""
    a, b = ranks(one), ranks(other)
    mean = (len(a) - 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b))
    norm = math.sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))
    return covariance / norm if norm else 0.0


def minimum(loss: Callable[[Point], float], start: Sequence[float]) -> Point:
    """Return where a smooth function of few variables is least, near `start`, by the method of Nelder and Mead."""
    size = len(start)
    corners = [list(start)] + [[v + _REACH * (i == j) for j, v in enumerate(start)] for i in range(size)]
    rows = sorted((loss(corner), corner) for corner in corners)
    for _ in range(_STEPS):
        if rows[-1][0] - rows[0][0] < _CLOSE:
            break
        rows = sorted(_moved(loss, rows))
    return rows[0][1]


def _moved(loss: Callable[[Point], float], rows: list[tuple[float, Point]]) -> list[tuple[float, Point]]:
    """Return the corners with the worst replaced by a better one, or all drawn towards the best."""
    *kept, worst = rows
    size = len(kept)
    center = [sum(corner[i] for _, corner in kept) / size for i in range(size)]

    def tried(factor: float) -> tuple[float, Point]:
        corner = [c + factor * (w - c) for c, w in zip(center, worst[1])]
        return loss(corner), corner

    mirrored = tried(-1.0)
    if mirrored[0] < kept[0][0]:
        return [*kept, min(mirrored, tried(-2.0))]
    if mirrored[0] < kept[-1][0]:
        return [*kept, mirrored]
    inside = tried(0.5)
    if inside[0] < worst[0]:
        return [*kept, inside]
    best = rows[0][1]
    shrunk = [[(a + b) / 2 for a, b in zip(corner, best)] for _, corner in rows[1:]]
    return [rows[0], *((loss(corner), corner) for corner in shrunk)]
