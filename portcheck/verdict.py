"""The words of an estimate: its verdict, what it rests on, and what would change it most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence

from portcheck.estimate import Driver, Effort, Range
from portcheck.model import TO_DO, Finding, Kind, Role, Source
from portcheck.prices import Prices
from portcheck.tally import is_training

_CODE = frozenset({Kind.PYTHON, Kind.NOTEBOOK})
_ASIDE = frozenset({Role.VENDORED, Role.GENERATED})
_LEVERS = 4
_WIDER = 1.05


def worded(
    effort: Effort,
    findings: Mapping[str, Sequence[Finding]],
    sources: Sequence[Source],
    read: Container[str],
    spread: float,
    prices: Prices,
) -> Effort:
    """Return an estimate with its verdict, levers and assumptions; `read` are the paths that were read."""
    work = [each for found in findings.values() for each in found if each.work in TO_DO]
    return effort._replace(
        verdict=_verdict(effort, work, sources, read),
        levers=_levers(effort, spread),
        assumptions=tuple(_assumptions(effort, spread, prices)),
    )


def span(value: Range, unit: str) -> str:
    """Return a range in words: `3 to 9 person-days, likely 5`."""
    low, likely, high = (about(number) for number in value)
    if low == high:
        return f"{likely} {unit}"
    return f"{low} to {high} {unit}, likely {likely}"


def about(value: float) -> str:
    """Return a number no finer than an estimate is: two digits from 100 on, steps of 5 from 20 on."""
    step = 1
    if value >= 100:
        step = 10 ** (len(str(int(value))) - 2)
    elif value >= 20:
        step = 5
    return f"{int(step * int(value / step + 0.5)):,}"


def _verdict(effort: Effort, work: Sequence[Finding], sources: Sequence[Source], read: Container[str]) -> str:
    if not effort.packages:
        return _nothing(work, sources, read)
    size = f"{span(effort.person_days, 'person-days')}; {span(effort.edits, 'lines to edit')}"
    kinds = {source.path: source.kind for source in sources}
    if not work:
        return (
            f"{span(effort.person_days, 'person-days')}: no place in code has to change, yet kernels or checks remain."
        )
    if not any(kinds.get(each.path) in _CODE for each in work):
        days = span(effort.person_days, "person-days")
        return f"{days}: nothing in Python has to change; the work is in kernels, images, packages or settings."
    if effort.reach.narrowed:
        return f"{size}, for what {', '.join(effort.reach.entries)} needs."
    return f"{size}."


def _nothing(work: Sequence[Finding], sources: Sequence[Source], read: Container[str]) -> str:
    looked = Counter(source.kind.value for source in sources if source.path in read)
    kinds = ", ".join(f"{number} {kind}" for kind, number in looked.most_common())
    seen = f"looked at, by kind: {kinds}" if kinds else "there was no file to look at"
    unread = len(sources) - sum(looked.values())
    seen += f"; left out, for want of a reader: {unread}" if unread else ""
    if work and all(each.role in _ASIDE for each in work):
        return (
            f"Nothing to port in this repository's own files: all {len(work)} places to change are in vendored or "
            f"generated code, so update its origin or generator ({seen})."
        )
    return f"Nothing to port ({seen})."


def _levers(effort: Effort, spread: float) -> tuple[Driver, ...]:
    """Return what would change the answer most: packages that can be put off, a narrower scope, another strategy."""
    days = effort.person_days.likely or 1.0
    rows: list[tuple[float, str, str]] = []
    for package in effort.packages:
        for step in package.steps:
            if step.name.startswith(("kernel", "library")):
                rows.append((step.person_days.likely, f"Leave out: {step.title}", step.detail))
            elif step.name == "performance":
                rows.append((step.person_days.likely, "Run first, tune later", 'skip = ["performance"]'))
            elif step.name == "platform":
                rows.append((step.person_days.likely, "A team that has ported before", 'known = ["platform"]'))
            elif step.name == "accuracy" and step.number > 1:
                entry = min(filter(is_training, effort.reach.entries), key=_depth)
                rows.append((step.person_days.likely, "Port one entry point first", f"--entry {entry}"))
    for other in effort.strategies:
        saved = days - other.person_days.likely
        if saved > 0:
            rows.append((saved, f"Strategy {other.strategy}", "what the shim handles at run time is not edited"))
    top = sorted(rows, key=lambda row: (-row[0], row[1]))[:_LEVERS]
    found = [Driver(name, value, round(min(value / days, 1.0), 2), detail) for value, name, detail in top if value > 0]
    if spread > _WIDER:
        found.append(Driver("Read what could not be read, settle what was inferred", 0, 0.0, "narrows the range"))
    return tuple(found)


def _depth(path: str) -> tuple[bool, int, str]:
    """How far a program is from where one would look first."""
    return path.startswith("."), path.count("/"), path


def _assumptions(effort: Effort, spread: float, prices: Prices) -> Iterable[str]:
    reach = effort.reach
    yield (
        f"Lines: those of Python, fitted to real ports ({prices.model.version}); low and high are meant to hold 80% of "
        "them."
    )
    rate = prices.per_day
    yield (
        f"Days: {rate.likely:g} edited lines a day ({rate.low:g} to {rate.high:g}), and prices by kind of work; both "
        "are assumptions, not measurements."
    )
    growing = ", ".join(item.name for item in prices.items if item.grows)
    if growing:
        yield (
            f"Prices that grow with the code ({growing}) count {prices.size.factor(reach.lines):.1f} times, for "
            f"{reach.lines:,} lines within reach."
        )
    if reach.library:
        yield "Scope: no entry point among the sources, so all of it counts as within reach; one program is aligned."
    elif reach.narrowed:
        yield f"Scope: only what {', '.join(reach.entries)} imports, and files that are no code."
    else:
        yield (
            f"Scope: entry points ({len(reach.entries)}) reach {reach.reached} of {reach.reached + reach.unreached} "
            "code files; what they do not import counts less."
        )
    yield "Tests, examples, benchmarks and vendored code weigh what porters gave them, a small part of source."
    if spread > _WIDER:
        yield f"Ranges are wider ({spread:.1f} times, as powers) for files not read in full and places not certain."
    if prices.changes:
        yield f"From the configuration: {'; '.join(prices.changes)}."
