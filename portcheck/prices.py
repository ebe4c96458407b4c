"""Prices of work and the fitted coefficients, from `rules/`, and what a team's configuration says instead.

As with packs, TOML is parsed only when it has changed: what was read is kept as JSON in the user's cache folder.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from portcheck.digests import blake2b
from portcheck.edit_model import EditModel
from portcheck.errors import ConfigError, PackError
from portcheck.estimate import Range
from portcheck.paths import cache_folder, rules_folder, write_atomic
from portcheck.records import NamedTuple

FILES = ("effort.toml", "edit_model.toml")
"""The prices, and what the calibration wrote."""

_SCALARS = ("touched", "quiet", "changed", "most", "rate", "unreached", "scale")
_ENDS = ("low", "high", "repository_low", "repository_high")
KEYS = ("edits-per-day", "days", "known", "skip")
"""The keys of the table `effort` of a configuration."""
_HIGHEST = 100_000


class Item(NamedTuple):
    """A priced kind of work: each further one costs `next` of the first, `most` are counted; 0 counts all.

    The price of one that `grows` is that of code of a certain size.
    """

    name: str
    package: str
    title: str
    days: Range
    next: float
    most: int
    why: str
    grows: bool = False


class Size(NamedTuple):
    """How prices that grow with the code do: whole at so many lines, as their root elsewhere, between two factors."""

    lines: float
    least: float
    most: float

    def factor(self, lines: int) -> float:
        """Return the part of a growing price that so many lines of code cost."""
        return min(max(math.sqrt(lines / self.lines), self.least), self.most)


class PackageOf(NamedTuple):
    """A package of work: the categories of findings that go into it, and the packages that wait for it."""

    name: str
    title: str
    categories: tuple[str, ...]
    unblocks: tuple[str, ...]


class Prices(NamedTuple):
    """All that turns counts into lines and days; `changes` says what the user's configuration changed."""

    model: EditModel
    figures: Mapping[str, float]
    per_day: Range
    per_day_why: str
    packages: tuple[PackageOf, ...]
    items: tuple[Item, ...]
    size: Size
    skip: frozenset[str] = frozenset()
    changes: tuple[str, ...] = ()


class Overrides(NamedTuple):
    """What a configuration says: day rate of edits, prices by item, items already known, items or packages to skip."""

    per_day: Range | None = None
    days: tuple[tuple[str, Range], ...] = ()
    known: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


def load(folder: Path | None = None) -> Prices:
    """Return prices and coefficients, from `folder` or from where the rules of this installation are.

    Raises:
        PackError: a file is missing or broken.
    """
    root = folder or rules_folder()
    try:
        return _prices(*_tables(root))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PackError(f"{root}: {' or '.join(FILES)}: {error!r}") from error


def overrides(table: object, place: str) -> Overrides:
    """Return what a table of the configuration says; `place` names it in messages.

    Raises:
        ConfigError: an unknown key or name, a value that is no price, or entries that contradict each other.
    """
    if not isinstance(table, Mapping):
        _refuse(place, "must be a table")
    for key in table:
        _known(str(key), KEYS, place, "key")
    prices = load()
    items = tuple(item.name for item in prices.items)
    both = (*items, *(package.name for package in prices.packages))
    per_day = _range(table["edits-per-day"], f"{place}.edits-per-day") if "edits-per-day" in table else None
    given = table.get("days", {})
    if not isinstance(given, Mapping):
        _refuse(f"{place}.days", "must be a table")
    names = [_known(str(name), items, f"{place}.days", "kind of work") for name in given]
    days = tuple((name, _range(given[name], f"{place}.days.{name}")) for name in names)
    known = _names(table.get("known", []), items, f"{place}.known")
    skip = _names(table.get("skip", []), both, f"{place}.skip")
    found = Overrides(per_day, days, known, skip)
    _agree(found, prices, place)
    return found


def changed(prices: Prices, said: Overrides) -> Prices:
    """Return the prices with what a configuration says in their place."""
    days, notes = dict(said.days), []
    if said.per_day is not None:
        notes.append(f"{said.per_day.likely:g} edited lines a day")
    notes += [f"{name}: {each.low:g} to {each.high:g} days" for name, each in said.days]
    notes += [f"{name}: known already" for name in said.known]
    notes += [f"{name}: skipped" for name in said.skip]
    return prices._replace(
        per_day=said.per_day or prices.per_day,
        items=tuple(
            item._replace(days=days[item.name], grows=False) if item.name in days else item for item in prices.items
        ),
        skip=frozenset((*said.known, *said.skip)),
        changes=tuple(notes),
    )


def sized(prices: Prices, lines: int) -> Prices:
    """Return the prices for code of so many lines within reach; what a team priced itself stays as it is."""
    factor = prices.size.factor(lines)
    items = (
        item._replace(days=Range(*(factor * days for days in item.days))) if item.grows else item
        for item in prices.items
    )
    return prices._replace(items=tuple(items))


def _agree(said: Overrides, prices: Prices, place: str) -> None:
    """Refuse entries that cannot all be meant."""
    of = {item.name: item.package for item in prices.items}
    for name in said.known:
        if name in said.skip or of[name] in said.skip:
            _refuse(place, f"{name!r} is both known and skipped: skip it if it will not be done, else call it known")
    for name, _ in said.days:
        if name in said.known:
            _refuse(place, f"{name!r} has a price and is known, which makes it free: keep one of the two")
        if name in said.skip or of[name] in said.skip:
            _refuse(place, f"{name!r} has a price and is skipped: keep one of the two")
    if {package.name for package in prices.packages} <= set(said.skip):
        _refuse(place, "skip leaves nothing to estimate")


def _names(value: object, names: tuple[str, ...], place: str) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        _refuse(place, f"must be a list of names, not {value!r}")
    return tuple(_known(name, names, place, "name") for name in value)


def _known(name: str, names: tuple[str, ...], place: str, what: str) -> str:
    if name not in names:
        from portcheck.tables import nearest

        _refuse(place, f"unknown {what} {name!r}{nearest(name, names)}; there are {', '.join(names)}")
    return name


def _range(value: object, place: str) -> Range:
    """A price: one number, or low, likely and high."""
    given = list(value) if isinstance(value, (list, tuple)) else [value] * 3
    numbers = [each for each in given if isinstance(each, (int, float)) and not isinstance(each, bool)]
    if len(given) != 3 or len(numbers) != 3:
        _refuse(place, f"must be a number, or [low, likely, high], not {value!r}")
    if not 0 <= numbers[0] <= numbers[1] <= numbers[2] <= _HIGHEST or not numbers[1]:
        _refuse(place, f"must rise from low to high, above 0 and up to {_HIGHEST}, not {value!r}")
    return Range(*numbers)


def _refuse(place: str, text: str) -> NoReturn:
    raise ConfigError(f"{place}: {text}")


def _prices(said: Mapping[str, Any], fitted: Mapping[str, Any]) -> Prices:
    model = EditModel(
        version=str(fitted["version"]),
        shares=dict(fitted["shares"]),
        marks=dict(fitted["marks"]),
        roles=dict(fitted["roles"]),
        background=(float(fitted["background"][0]), float(fitted["background"][1])),
        **{name: float(fitted[name]) for name in (*_SCALARS, *_ENDS)},
    )
    packages = tuple(
        PackageOf(row["name"], row["title"], tuple(row["categories"]), tuple(row["unblocks"]))
        for row in said["package"]
    )
    items = tuple(
        Item(
            row["name"],
            row["package"],
            row["title"],
            Range(*row["days"]),
            float(row.get("next", 1.0)),
            int(row.get("most", 0)),
            row["why"],
            bool(row.get("grows", False)),
        )
        for row in said["item"]
    )
    edits = said["edits"]
    return Prices(
        model, dict(fitted["figures"]), Range(*edits["per_day"]), edits["why"], packages, items, _size(said["size"])
    )


def _size(table: Mapping[str, float]) -> Size:
    return Size(float(table["lines"]), float(table["least"]), float(table["most"]))


def _tables(root: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The content of both files, from the cache when they have not changed."""
    key = _key(root)
    stored = cache_folder() / "packs" / f"effort-{blake2b(str(root).encode(), digest_size=8).hexdigest()}.json"
    try:
        known, *tables = json.loads(stored.read_bytes())
        if known == key:
            return tables[0], tables[1]
    except (OSError, ValueError, IndexError, TypeError):
        pass
    # Only needed when a file has changed, and slow to import.
    import tomli

    try:
        said, fitted = (tomli.loads((root / name).read_text(encoding="utf-8")) for name in FILES)
    except (OSError, ValueError) as error:
        raise PackError(f"{root}: {' or '.join(FILES)}: {error}") from error
    try:
        write_atomic(stored, json.dumps([key, said, fitted]).encode())
    except OSError:
        return said, fitted
    return said, fitted


def _key(root: Path) -> str:
    try:
        stamps = [(os.stat(root / name).st_size, os.stat(root / name).st_mtime_ns) for name in FILES]
    except OSError as error:
        raise PackError(f"{root}: {error.strerror}: {error.filename}") from error
    return repr((str(root), stamps))
