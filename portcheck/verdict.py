"""The words of an estimate: its verdict, what it rests on, and what would change it most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence

from portcheck.estimate import Driver, Effort, Range
from portcheck.model import TO_DO, Finding, Kind, Role, Source
from portcheck.prices import Prices

_CODE = frozenset({Kind.PYTHON, Kind.NOTEBOOK})
_ASIDE = frozenset({Role.VENDORED, Role.GENERATED})
_LEVERS = 4
_LEFT_OUT = frozenset(
    {
        "kernel-easy",
        "kernel-medium",
        "kernel-hard",
        "kernel-triton",
        "kernel-triton-hard",
        "library-replace",
        "library-missing",
    }
)
"""The items that a port can do without for a while, by calling something else."""
_WIDER = 1.05


def worded(
    effort: Effort,
    findings: Mapping[str, Sequence[Finding]],
    sources: Sequence[Source],
    read: Container[str],
    spread: float,
    prices: Prices,
    alone: tuple[str, float] | None = None,
) -> Effort:
    """Return an estimate with its verdict, levers and assumptions.

    `read` are the paths that were read, `alone` is the program to port first with the person-days that it takes alone.
    """
    work = [each for found in findings.values() for each in found if each.work in TO_DO]
    return effort._replace(
        verdict=_verdict(effort, work, sources, read),
        levers=_levers(effort, spread, alone),
        assumptions=tuple(_assumptions(effort, sum("optional" in each.guards for each in work), spread, prices)),
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
        places = f"all {len(work)} places to change are" if len(work) > 1 else "the one place to change is"
        return (
            f"Nothing to port in this repository's own files: {places} in vendored or generated code, so update its "
            f"origin or generator ({seen})."
        )
    return f"Nothing to port ({seen})."


def program_to_port_first(effort: Effort, programs: Mapping[str, bool]) -> str | None:
    """Return the program that one looks for first among those that train, where several are to be aligned."""
    steps = (step for package in effort.packages for step in package.steps)
    if any(step.name == "accuracy" and step.number > 1 for step in steps):
        return min((path for path, trains in programs.items() if trains), key=_depth, default=None)
    return None


def _levers(effort: Effort, spread: float, alone: tuple[str, float] | None) -> tuple[Driver, ...]:
    """Return what would change the answer most: packages that can be put off, a narrower scope, another strategy."""
    days = effort.person_days.likely or 1.0
    rows: list[tuple[float, str, str]] = []
    for package in effort.packages:
        for step in package.steps:
            if step.name in _LEFT_OUT:
                rows.append((step.person_days.likely, f"Leave out: {step.title}", step.detail))
            elif step.name == "performance":
                rows.append((step.person_days.likely, "Run first, tune later", 'skip = ["performance"]'))
            elif step.name == "platform":
                rows.append((step.person_days.likely, "A team that has ported before", 'known = ["platform"]'))
    if alone:
        rows.append((days - alone[1], "Port one entry point first", f"--entry {alone[0]}"))
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


def _assumptions(effort: Effort, optional: int, spread: float, prices: Prices) -> Iterable[str]:
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
            f"Scope: entry points ({len(reach.entries):,}) reach {reach.reached:,} of "
            f"{reach.reached + reach.unreached:,} code files; what they do not import counts less."
        )
    aside = f", and {optional:,} behind an optional import," if optional else ""
    yield (
        f"Places in tests, examples, benchmarks and vendored code{aside} weigh what porters gave them, a small part "
        "of others."
    )
    if spread > _WIDER:
        yield f"Ranges are wider ({spread:.1f} times, as powers) for files not read in full and places not certain."
    if prices.changes:
        yield f"From the configuration: {'; '.join(prices.changes)}."
