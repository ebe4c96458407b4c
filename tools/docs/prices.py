"""The prices of work and the shares of places that porters change, as they are in force."""

from __future__ import annotations

from portcheck.estimate import Range
from portcheck.model import Category
from portcheck.prices import Item, load
from portcheck.report.words import CATEGORY
from tools.docs.markdown import code, page, plain, table


def prices() -> str:
    """Return the table of prices, by kind of work, each with its reason."""
    known = load()
    titles = {package.name: package.title for package in known.packages}
    rows = [
        [
            code(item.name),
            plain(titles[item.package]),
            plain(item.title),
            _span(item.days),
            _next(item),
            plain(item.why),
        ]
        for item in known.items
    ]
    rate = f"Edits: {_span(known.per_day)} lines a day. {plain(known.per_day_why)}"
    heads = ["name", "package", "what", "days: low, likely, high", "each further one", "why"]
    return page([rate, table(heads, rows)])


def shares() -> str:
    """Return the table of the shares, by topic."""
    found = load().model.shares
    rows = [[code(each.value), CATEGORY[each], f"{found[each.value]:.0%}"] for each in Category if each.value in found]
    return table(["category", "what", "changed by porters"], rows)


def _span(days: Range) -> str:
    return f"{days.low:g}, {days.likely:g}, {days.high:g}"


def _next(item: Item) -> str:
    more = f"{item.next:.0%}" if item.next < 1 else "the same"
    return f"{more}; grows with the code" if item.grows else more
