"""The second step of the estimate: from lines and counts to packages of work and person-days.

Items are priced by kind of work (`prices`); the lines of a package cost what a team's day rate of edits makes of them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from portcheck.edit_model import around
from portcheck.estimate import Driver, Package, Range, Root, Step
from portcheck.model import TO_DO, Category, Finding, Link, Role, Safety, Work
from portcheck.prices import Item, PackageOf, Prices
from portcheck.records import NamedTuple
from portcheck.tally import CORE, Counts

OTHER = "numerics"
"""The package of lines that no finding points at: operators, shapes and data types, as far as real ports tell."""

TESTS = "ci"

_TOP = 5
_ROOTS = 5
_CALLS = 3


class Priced(NamedTuple):
    """A package with its person-days before they are rounded."""

    package: Package
    days: Range


def steps(found: Counts, prices: Prices) -> dict[str, list[tuple[Step, Range]]]:
    """Return the priced items by package, with their exact person-days; what is known or skipped is left out."""
    rows: dict[str, list[tuple[Step, Range]]] = defaultdict(list)
    for item in prices.items:
        number, detail = found.get(item.name, (0, ""))
        if number and item.name not in prices.skip and item.package not in prices.skip:
            days = cost(item, number)
            rows[item.package].append((Step(item.name, item.title, number, whole(days), detail), days))
    return rows


def cost(item: Item, number: int) -> Range:
    """Return the person-days of so many of an item: the first at its price, each further one at a share of it."""
    counted = min(number, item.most) if item.most else number
    factor = 1 + item.next * (counted - 1)
    return Range(*(factor * value for value in item.days))


def homes(packages: Iterable[PackageOf]) -> dict[Category, str]:
    """Return the package of each category."""
    named = {category: each.name for each in packages for category in each.categories}
    return {category: named.get(category.value, OTHER) for category in Category}


def package_of(finding: Finding, homes: Mapping[Category, str]) -> str:
    """Return the package that a place falls into."""
    return TESTS if finding.role is Role.TEST else homes[finding.category]


def packages(
    findings: Sequence[Finding],
    edits: Mapping[str, float],
    found: Counts,
    links: Sequence[tuple[str, Link]],
    prices: Prices,
    spread: float,
) -> list[Priced]:
    """Return the packages that hold work, in order; `edits` are the lines that are expected in each."""
    placed: dict[str, list[Finding]] = defaultdict(list)
    home = homes(prices.packages)
    for finding in findings:
        placed[package_of(finding, home)].append(finding)
    priced = steps(found, prices)
    model = prices.model
    rows = []
    for about in prices.packages:
        if about.name in prices.skip:
            continue
        value = edits.get(about.name, 0.0)
        places = placed[about.name]
        span = around(value, model.repository_low, model.repository_high, spread)
        days = total([_editing(value, span, prices), *(each for _, each in priced[about.name])])
        if value >= 1 or priced[about.name] or places:
            rows.append(Priced(_package(about, places, span, days, priced[about.name], links), days))
    names = {row.package.name for row in rows}
    return [
        row._replace(package=row.package._replace(unblocks=tuple(n for n in row.package.unblocks if n in names)))
        for row in rows
    ]


def total(parts: Sequence[Range]) -> Range:
    """Return the sum of quantities that go wrong independently: likely values add, distances to the ends as squares."""
    likely = sum(part.likely for part in parts)
    below = math.sqrt(sum((part.likely - part.low) ** 2 for part in parts))
    above = math.sqrt(sum((part.high - part.likely) ** 2 for part in parts))
    return Range(max(likely - below, 0.0), likely, likely + above)


def whole(days: Range) -> Range:
    """Return person-days as they are shown: no finer than they are known."""
    if days.high <= 0:
        return Range(0, 0, 0)
    likely = _shown(days.likely)
    return Range(min(_shown(days.low), likely), likely, max(_shown(math.ceil(days.high)), likely, 1))


def drivers(priced: Sequence[Priced], prices: Prices, most: int = _TOP) -> tuple[Driver, ...]:
    """Return what most of the person-days go into."""
    rows: list[tuple[float, str, str]] = []
    for package, _ in priced:
        value = package.edits.likely / prices.per_day.likely
        rows.append((value, f"Edits: {package.title}", f"about {package.edits.likely:g} lines"))
        for step in package.steps:
            item = next(each for each in prices.items if each.name == step.name)
            many = f"{step.number} x" if step.number > 1 else ""
            rows.append((cost(item, step.number).likely, step.title, " ".join(filter(None, (many, step.detail)))))
    everything = sum(value for value, _, _ in rows) or 1.0
    top = sorted(rows, key=lambda row: (-row[0], row[1]))[:most]
    return tuple(
        Driver(title, _shown(value), round(value / everything, 2), detail) for value, title, detail in top if value > 0
    )


def _package(
    about: PackageOf,
    places: Sequence[Finding],
    edits: Range,
    days: Range,
    priced: Sequence[tuple[Step, Range]],
    links: Sequence[tuple[str, Link]],
) -> Package:
    change = [each for each in places if each.work in TO_DO]
    files = Counter(each.path for each in change)
    bound = {(each.path, each.callers) for each in change if each.callers and each.role in CORE}
    roots = sorted(
        (
            Root(path, link.name, link.calls, link.files)
            for path, link in links
            if link.calls >= _CALLS and (path, link.calls) in bound
        ),
        key=lambda root: (-root.calls, root.path, root.name),
    )
    return Package(
        name=about.name,
        title=about.title,
        person_days=whole(days),
        edits=edits,
        places=len(change),
        looks=sum(each.work is Work.VERIFY for each in places),
        fixable=sum(each.fixable in (Safety.SAFE, Safety.UNSAFE) for each in change),
        files=len(files),
        unblocks=about.unblocks,
        steps=tuple(step for step, _ in priced),
        roots=tuple(roots[:_ROOTS]),
        top=tuple(path for path, _ in sorted(files.items(), key=lambda row: (-row[1], row[0]))[:_TOP]),
    )


def _editing(value: float, span: Range, prices: Prices) -> Range:
    """Return the person-days of edits; the ends of lines and of the day rate do not meet, likely ones do."""
    rate = prices.per_day.likely
    low = max(span.low / prices.per_day.high, span.low / rate * 0.5)
    return Range(min(low, value / rate), value / rate, max(span.high / rate, value / prices.per_day.low))


def _shown(days: float) -> int:
    """Person-days in steps of 1, from 20 on of 5, from 100 on of 10."""
    step = 1 if days < 20 else 5 if days < 100 else 10
    return int(step * math.floor(days / step + 0.5))
