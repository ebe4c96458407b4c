"""`portcheck explain effort`: how the estimate is made, the prices, and how well the model did on real ports."""

from __future__ import annotations

from portcheck.prices import Prices

_HOW = (
    "How portcheck estimates effort",
    "",
    "1. It counts: places to change in each file, what entry points reach, libraries, images, kernels.",
    "2. It expects lines: what porters added and removed in real ports, fitted file by file. A file costs something",
    "   for being touched and more for each place that is likely to be changed; each file has a chance to be touched.",
    "3. It prices days: those lines at a day rate, and work that no diff shows, by kind.",
    "",
)


def text(prices: Prices) -> str:
    """Return the explanation: coefficients, figures and prices as they are in force."""
    return "\n".join((*_HOW, *_model(prices), "", *_figures(prices), "", *_items(prices), *_changes(prices))) + "\n"


def _model(prices: Prices) -> list[str]:
    model = prices.model
    shares = sorted((row for row in model.shares.items() if ":" not in row[0]), key=lambda row: -row[1])
    return [
        f"Lines in a file that a port touches (fitted to {model.version})",
        f"  {model.touched:.0f} for the file, or {model.quiet:.0f} when it holds nothing to change,",
        f"  {model.changed:.0f} for each place changed; at most {model.most:.0f} places of a file count.",
        f"  80% of real ports are meant to lie within {model.low:.1f} to {model.high:.1f} times that over touched",
        f"  files, within {model.repository_low:.1f} to {model.repository_high:.1f} times over whole repositories.",
        "",
        "Share of places that porters change in the files they touch",
        *(f"  {name:20} {100 * value:3.0f}%" for name, value in shares),
        f"  behind an optional import: {100 * model.marks['optional']:.0f}% of that; to be written anew: "
        f"{100 * model.marks.get('hard', 1.0):.0f}%; where places of a topic were many, their own share is used.",
    ]


def _figures(prices: Prices) -> list[str]:
    figures = prices.figures
    rows = [
        ("rank correlation with real lines, touched files", "spearman-touched"),
        ("rank correlation with real lines, whole repository", "spearman-repository"),
        ("real lines within the range, touched files", "coverage-touched"),
        ("real lines within the range, whole repository", "coverage-repository"),
        ("median factor it was wrong by, touched files", "error-touched"),
        ("median factor it was wrong by, whole repository", "error-repository"),
    ]
    return [
        f"How well it did, over the largest first port of {figures['points']:.0f} repositories (fitted / left out)",
        *(f"  {title:52} {figures[key]:.2f} / {figures[f'{key}-left-out']:.2f}" for title, key in rows),
    ]


def _items(prices: Prices) -> list[str]:
    rate = prices.per_day
    lines = [
        "Prices in person-days (low, likely, high); all are assumptions",
        f"  edits: {rate.low:g}, {rate.likely:g}, {rate.high:g} lines a day. {prices.per_day_why}",
    ]
    size = prices.size
    lines.append(
        f"  What grows with the code has its price for {size.lines:,.0f} lines within reach, elsewhere the root of the "
        f"ratio, {size.least:g} to {size.most:g} times."
    )
    for item in prices.items:
        more = f", each further one {100 * item.next:.0f}% of that" if item.next < 1 else ""
        more += ", grows with the code" if item.grows else ""
        days = f"{item.days.low:g}, {item.days.likely:g}, {item.days.high:g}{more}"
        left = " (known or skipped)" if {item.name, item.package} & prices.skip else ""
        lines += [f"  {item.name}{left}: {days}", f"    {item.title}. {item.why}"]
    return lines


def _changes(prices: Prices) -> list[str]:
    return ["", f"From the configuration: {'; '.join(prices.changes)}."] if prices.changes else []
