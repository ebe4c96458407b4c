"""From findings to an estimate: what each file holds, which files are in scope, how many lines, how many days.

The numbers of the first step are in `edit_model`, the packages of work and their prices in `plan`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from portcheck import plan, tally, verdict
from portcheck.edit_model import SHIM, Counted, around, chance, is_code, is_free, key_of, lines, lines_of, share, to_do
from portcheck.estimate import Effort, Plan, Range, Reach
from portcheck.inventory import Inventory
from portcheck.link import Linked
from portcheck.model import TO_DO, Certainty, Finding, Kind, Link, Role, Source, Status, Work
from portcheck.prices import Prices, sized
from portcheck.records import NamedTuple
from portcheck.scope_graph import MAIN, Scope, console_scripts, launched, leading_to, scope_of
from portcheck.scope_graph import TORCH as USES_TORCH

STRATEGIES = ("agnostic", "npu", SHIM)
"""The strategies that the estimate compares. Real ports do not tell the first two apart in lines."""

UNPOINTED = "other"
"""The kind of work, in `by_work`, of lines that no finding points at."""

_ASIDE = frozenset({Role.VENDORED, Role.GENERATED})
_DOUBT = {Certainty.EXACT: 0.0, Certainty.INFERRED: 0.2, Certainty.TEXTUAL: 1.0}
"""How much of a place counts as unread; the ports that ranges were fitted to hold inferred places too."""


class Scanned(NamedTuple):
    """What an estimate is made of: sources, linked facts, findings by path (those without work too), strategy,
    libraries and kernels."""

    root: Path
    sources: Sequence[Source]
    linked: Linked
    findings: Mapping[str, Sequence[Finding]]
    strategy: str
    inventory: Inventory = Inventory((), (), ())


class Estimate(NamedTuple):
    """The estimate, and for each code file the lines if it is touched and the chance that it is."""

    effort: Effort
    edits: Mapping[str, Range]
    chances: Mapping[str, float]


class _Expected(NamedTuple):
    """Lines expected in all: by package, by kind of work, and their sum."""

    by_package: Mapping[str, float]
    by_work: Mapping[str, float]
    total: float


def scope(root: Path, sources: Sequence[Source], linked: Linked, entries: Sequence[str]) -> Scope:
    """Return which files the programs of a repository need, or which the named entry points need.

    Raises:
        UsageError: an entry is no Python file that was read.
    """
    traits = {path: facts.traits for path, facts in linked.files.items()}
    for path in () if entries else (*console_scripts(root, traits), *launched(traits)):
        traits[path] = (*traits[path], MAIN)
    return scope_of(sources, traits, linked.edges, entries)


def counted(
    sources: Sequence[Source],
    linked: Linked,
    findings: Mapping[str, Sequence[Finding]],
    within: Scope,
    strategy: str = "",
) -> tuple[Counted, ...]:
    """Return what the model sees of each code file, in order of path.

    Real ports were compared over their Python alone: notebooks are seen where there is nothing else.
    """
    python = any(source.kind is Kind.PYTHON for source in sources)
    return tuple(
        Counted(
            path=source.path,
            role=source.role,
            lines=lines_of(found, strategy) if found else (),
            todo=to_do(found, strategy) if found else 0,
            torch=USES_TORCH in linked.files[source.path].traits,
            reached=source.path in within.reached,
        )
        for source, found in ((source, findings.get(source.path)) for source in sources)
        if is_code(source.kind) and source.path in linked.files and not (python and source.kind is Kind.NOTEBOOK)
    )


def estimate(scanned: Scanned, prices: Prices, entries: Sequence[str] = ()) -> Estimate:
    """Return the estimate for a scanned repository; `entries` narrows it to what these entry points need.

    Raises:
        UsageError: an entry is no Python file that was read.
    """
    within = scope(scanned.root, scanned.sources, scanned.linked, entries)
    given, asked = scanned, prices
    scanned = _narrowed(scanned, within)
    lines_within = _lines_within(scanned, within)
    prices = sized(prices, lines_within)
    spread = _spread(scanned)
    bound = _bound(scanned)
    plans: dict[str, _Planned] = {}
    for name in STRATEGIES:
        like = STRATEGIES[0] if name != SHIM and plans else name
        plans[name] = plans.get(like) or _planned(scanned._replace(strategy=name), within, bound, prices, spread)
    files, expected, priced = plans[scanned.strategy if scanned.strategy in plans else STRATEGIES[0]]
    model = prices.model
    odds = {file.path: _chance(file, within, prices) for file in files}
    per_file = {file.path: around(lines(file, model), model.low, model.high, spread) for file in files}
    days = plan.total([row.days for row in priced])
    effort = Effort(
        verdict="",
        person_days=plan.whole(days),
        edits=around(expected.total, model.repository_low, model.repository_high, spread),
        by_work=tuple(
            (work, around(value, model.repository_low, model.repository_high, spread))
            for work, value in expected.by_work.items()
        ),
        packages=tuple(row.package for row in priced),
        drivers=plan.drivers(priced, prices),
        levers=(),
        assumptions=(),
        reach=_reach(scanned, within, bound, lines_within),
        strategies=tuple(_short(name, plans[name], prices, spread) for name in STRATEGIES),
        model=model.version,
    )
    one = verdict.program_to_port_first(effort, _programs(scanned, within))
    alone = (one, estimate(given, asked, (one,)).effort.person_days.likely) if one else None
    read = scanned.linked.files
    effort = verdict.worded(effort, scanned.findings, scanned.sources, read, spread, prices, alone)
    return Estimate(effort, per_file, odds)


def _programs(scanned: Scanned, within: Scope) -> dict[str, bool]:
    """Return the entry points, each with whether it trains."""
    found: dict[str, bool] = {}
    for path in within.entries:
        facts = scanned.linked.files.get(path)
        apis = (use.name for use in facts.apis) if facts else ()
        found[path] = tally.is_training(path, (*apis, *scanned.linked.edges.get(path, ())))
    return found


def _bound(scanned: Scanned) -> set[str]:
    """Return the repository's own files that hold a place to change."""
    return {
        path
        for path, found in scanned.findings.items()
        if any(each.work in TO_DO and each.role not in _ASIDE for each in found)
    }


def _reach(scanned: Scanned, within: Scope, bound: set[str], lines_within: int) -> Reach:
    code = [source for source in scanned.sources if is_code(source.kind)]
    return Reach(
        entries=within.entries,
        reached=sum(source.path in within.reached for source in code),
        unreached=sum(source.path not in within.reached for source in code),
        bound=len(bound),
        lines=lines_within,
        narrowed=within.narrowed,
        library=within.library,
    )


def _lines_within(scanned: Scanned, within: Scope) -> int:
    """Return the lines of the repository's own code that its programs need."""
    files = scanned.linked.files
    own = (each.path for each in scanned.sources if is_code(each.kind) and each.role is Role.SOURCE)
    return sum(files[path].lines for path in own if path in within.reached and path in files)


def _narrowed(scanned: Scanned, within: Scope) -> Scanned:
    """What counts when entry points were named: code that they reach, and all that is no code."""
    if not within.narrowed:
        return scanned
    kept = {source.path for source in scanned.sources if _is_within(source, within)}
    return scanned._replace(findings={path: found for path, found in scanned.findings.items() if path in kept})


def _is_within(source: Source, within: Scope) -> bool:
    """Whether a file counts: all do unless entry points were named, and then what they reach and what is no code."""
    return not within.narrowed or source.path in within.reached or not is_code(source.kind)


def _is_bound(bound: set[str], scanned: Scanned) -> bool:
    """Whether code has places to change, whatever the shim makes of them: only then are lines expected in it."""
    return any(is_code(source.kind) and source.path in bound for source in scanned.sources)


class _Planned(NamedTuple):
    """What one strategy asks for: files as counted, lines, packages of work."""

    files: tuple[Counted, ...]
    expected: _Expected
    priced: list[plan.Priced]


def _planned(scanned: Scanned, within: Scope, bound: set[str], prices: Prices, spread: float) -> _Planned:
    """Return what the strategy of `scanned` asks for."""
    files = counted(scanned.sources, scanned.linked, scanned.findings, within, scanned.strategy)
    expected = _expected(files, scanned, within, prices) if _is_bound(bound, scanned) else _Expected({}, {}, 0.0)
    findings = [each for found in scanned.findings.values() for each in found if not is_free(each, scanned.strategy)]
    work = [each for each in findings if each.work is not Work.NONE and each.role not in _ASIDE]
    roles = {source.path: source.role for source in scanned.sources if _is_within(source, within)}
    kernels = tally.kernels_in(scanned.inventory.kernels, roles)
    if not bound and not work and not kernels:
        return _Planned(files, _Expected({}, {}, 0.0), [])
    needing = leading_to(bound, scanned.linked.edges)
    entries = {path: trains for path, trains in _programs(scanned, within).items() if path in needing}
    found = tally.counts(work, scanned.inventory, roles, entries, within.library and bool(bound))
    links: list[tuple[str, Link]] = [(path, each) for path, all_ in scanned.linked.links.items() for each in all_]
    return _Planned(files, expected, plan.packages(work, expected.by_package, found, links, prices, spread))


def _expected(files: Sequence[Counted], scanned: Scanned, within: Scope, prices: Prices) -> _Expected:
    """Return the lines that are expected over all files, and where they go."""
    by_package: dict[str, float] = defaultdict(float)
    by_work: dict[str, float] = defaultdict(float)
    model, home = prices.model, plan.homes(prices.packages)
    for file in files:
        value = model.scale * _chance(file, within, prices) * lines(file, model)
        found = [each for each in scanned.findings.get(file.path, ()) if each.work is not Work.NONE]
        weights = [(each, share(key_of(each), model)) for each in found if not is_free(each, scanned.strategy)]
        whole = sum(weight for _, weight in weights)
        if not whole or not file.todo:
            by_package[plan.TESTS if file.role is Role.TEST else plan.OTHER] += value
            by_work[UNPOINTED] += value
            continue
        for each, weight in weights:
            by_package[plan.package_of(each, home)] += value * weight / whole
            by_work[each.work.value] += value * weight / whole
    left = sum(by_package[name] for name in prices.skip if name in by_package)
    total = sum(by_package.values()) - left
    ordered = {name: by_work[name] for name in (*(work.value for work in Work), UNPOINTED) if name in by_work}
    return _Expected(by_package, ordered, total)


def _chance(file: Counted, within: Scope, prices: Prices) -> float:
    """Return the chance that a file is touched, none outside a scope that was narrowed."""
    if within.narrowed and not file.reached:
        return 0.0
    return round(chance(file, prices.model), 3)


def _spread(scanned: Scanned) -> float:
    """Return the exponent that widens ranges: by the share of code not read in full and of places read with doubt."""
    states = [facts.status for facts in scanned.linked.files.values()]
    lost = sum(state is not Status.READ for state in states) / max(len(states), 1)
    places = [each for found in scanned.findings.values() for each in found if each.work in TO_DO]
    doubtful = sum(_DOUBT[each.certainty] for each in places) / max(len(places), 1)
    return 1 + min(lost + doubtful, 1.0)


def _short(name: str, planned: _Planned, prices: Prices, spread: float) -> Plan:
    model = prices.model
    edits = around(planned.expected.total, model.repository_low, model.repository_high, spread)
    return Plan(name, edits, plan.whole(plan.total([row.days for row in planned.priced])))
