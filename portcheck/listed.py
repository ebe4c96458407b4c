"""What a vendor's tables say of the names of PyTorch that a file uses: one finding a name and file, and a summary.

The word is the vendor's. An operator with a kernel of its own that the table refuses is worth a look. What is written
in Python, or built of other operators, runs where those do: it is worth one only if the table refuses it on every card,
because cards differ by their kernels. Limits on data types count where the code shows a type that they leave out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Callable

from portcheck.digests import blake2b
from portcheck.model import ApiUse, Certainty, Finding, ListedApi, Role, Support, Target
from portcheck.packtypes import Pack, Rule, Verdict
from portcheck.records import NamedTuple

if TYPE_CHECKING:
    from portcheck.support import DtypeLimit, SupportRow

REFUSED, TYPES, FALLBACK = KINDS = ("refused", "types", "fallback")
"""What a rule on the tables may be about: the patterns of its matcher `table`."""

TENSOR = "torch.Tensor."

_DEVICES = ("torch.backends.", "torch.cuda.")
"""What asks or steers a device is no operator: rules of their own say what becomes of it."""

_OF = {"dtype": ("dtype", "input", ""), "input": ("input", "self", ""), "self": ("self", "input", "")}
"""The parameters that a shown type is held against, by what it is shown of; a `dtype` is what inputs are cast to."""

_KERNEL = {
    "yes": "op-plugin registers a kernel for it, on one card or another",
    "no": "it is written in Python or built of other operators, and may run where those do",
    "unknown": "",
}

Lookup = Callable[[str], "SupportRow"]


class Tables(NamedTuple):
    """How to ask the tables: on the chosen card, on all others, and the rules with their verdicts by `KINDS`."""

    target: Target
    lookup: Lookup
    others: tuple[Lookup, ...]
    rules: Mapping[str, tuple[Rule, Verdict]]

    def row(self, name: str) -> SupportRow:
        """What is said of a name on the chosen card."""
        return self.lookup(name)

    def is_refused(self, name: str) -> bool:
        """Whether the vendor's no is worth a look."""
        row = self.lookup(name)
        if row.support is not Support.UNSUPPORTED or name.startswith(_DEVICES):
            return False
        return row.kernel != "no" or not any(_runs(other(name)) for other in self.others)


def tables_of(pack: Pack, target: Target, lookups: Mapping[str, Lookup]) -> Tables:
    """Return how to ask; `lookups` are by card."""
    verdicts = {verdict.rule: verdict for verdict in pack.verdicts if not verdict.names}
    rules = {
        pattern: (rule, verdicts[rule.id])
        for rule in pack.rules
        for matcher in rule.matchers
        for pattern in matcher.patterns
        if matcher.kind == "table"
    }
    others = tuple(lookup for card, lookup in lookups.items() if card != target.hardware)
    return Tables(target, lookups[target.hardware], others, rules)


def findings(
    path: str, role: Role, uses: Sequence[ApiUse], tables: Tables, before: Iterable[str] = ()
) -> tuple[Finding, ...]:
    """Return what is worth a look in one file, in the order of its text; not what it has findings of `before`.

    These are given by their subjects.
    """
    groups = unspoken(uses, before)
    found = [finding for group in groups for finding in _of_name(path, role, group[0].name, group, tables)]
    return tuple(sorted(found, key=lambda finding: (finding.span, finding.rule)))


def unspoken(uses: Sequence[ApiUse], before: Iterable[str]) -> Iterator[tuple[ApiUse, ...]]:
    """Yield the uses of each name that is not the subject of a finding `before`."""
    spoken = {_name_of(subject) for subject in before}
    grouped: dict[str, list[ApiUse]] = defaultdict(list)
    for use in uses:
        if use.name not in spoken:
            grouped[use.name].append(use)
    yield from map(tuple, grouped.values())


def summary(files: Iterable[Sequence[ApiUse]], tables: Tables) -> tuple[ListedApi, ...]:
    """Return every name in use but those of devices with what is said of it, those refused first, then by places."""
    places: dict[str, int] = defaultdict(int)
    holders: dict[str, int] = defaultdict(int)
    for uses in files:
        for use in uses:
            places[use.name] += use.places
        for name in {use.name for use in uses}:
            holders[name] += 1
    rows = [
        ListedApi(name, row.support, row.kernel, tables.is_refused(name), count, holders[name], row.evidence)
        for name, count in places.items()
        if not name.startswith(_DEVICES)
        for row in (tables.row(name),)
    ]
    order = (Support.UNSUPPORTED, Support.RESTRICTED, Support.SUPPORTED, Support.UNLISTED)
    return tuple(sorted(rows, key=lambda row: (not row.look, order.index(row.support), -row.places, row.name)))


def _runs(row: SupportRow) -> bool:
    return row.support in (Support.SUPPORTED, Support.RESTRICTED)


def _name_of(subject: str) -> str:
    """The name that a finding is about, a method's as that of a tensor."""
    return f"{TENSOR}{subject[1:].partition('(')[0]}" if subject.startswith(".") else subject


def _of_name(path: str, role: Role, name: str, uses: Sequence[ApiUse], tables: Tables) -> Iterator[Finding]:
    row = tables.row(name)
    kind, said = "", ""
    if tables.is_refused(name):
        kind, said = REFUSED, "not supported for now"
    elif _runs(row) and "cpu-fallback" in row.flags and row.kernel != "yes":
        kind, said = FALLBACK, "may fall back to the CPU"
    if kind in tables.rules:
        yield _finding(path, role, uses, row, tables, kind, said)
        return
    outside: dict[str, list[ApiUse]] = defaultdict(list)
    for use in uses:
        limit = _limit(use.shown, row) if _runs(row) else None
        if limit is not None and TYPES in tables.rules:
            shown = use.shown.partition(":")[2]
            allowed = f"only {', '.join(limit.allowed)}" if limit.allowed else f"all but {', '.join(limit.refused)}"
            outside[f"{shown} is none of the types it takes ({allowed})"].append(use)
    for said, group in outside.items():
        yield _finding(path, role, group, row, tables, TYPES, said)


def _limit(shown: str, row: SupportRow) -> DtypeLimit | None:
    """The limit that a shown type breaks."""
    of, _, dtype = shown.partition(":")
    limits = {limit.parameter: limit for limit in row.dtypes}
    limit = next((limits[parameter] for parameter in _OF.get(of, ()) if parameter in limits), None)
    if limit is None or (dtype not in limit.refused and (not limit.allowed or dtype in limit.allowed)):
        return None
    return None if of == "dtype" and limit.parameter != of and _is_index(limit) and not _is_whole(dtype) else limit


def _is_index(limit: DtypeLimit) -> bool:
    """Whether a limit leaves whole numbers alone: it is about positions, and a `dtype` given is that of the values."""
    return bool(limit.allowed) and all(map(_is_whole, limit.allowed))


def _is_whole(dtype: str) -> bool:
    return dtype.startswith(("int", "uint"))


def _finding(
    path: str, role: Role, uses: Sequence[ApiUse], row: SupportRow, tables: Tables, kind: str, said: str
) -> Finding:
    rule, verdict = tables.rules[kind]
    places = sum(use.places for use in uses)
    where = f"on {tables.target.hardware.upper()} with PyTorch {tables.target.torch}, according to {row.evidence}"
    many = f"{places} places in this file" if places > 1 else ""
    name = uses[0].name
    kernel = _KERNEL[row.kernel] if kind == REFUSED else ""
    parts = (f"{name}: {said} {where}", kernel, verdict.message.rstrip("."), many)
    first = min(use.span for use in uses)
    return Finding(
        rule=rule.id,
        path=path,
        span=first,
        category=rule.category,
        subject=name,
        work=verdict.work,
        certainty=Certainty.INFERRED if name.startswith(TENSOR) else Certainty.EXACT,
        support=row.support,
        message="; ".join(filter(None, parts)),
        replacement="",
        shim=None,
        fixable=None,
        evidence=(row.evidence, *verdict.evidence),
        role=role,
        fingerprint=_digest(f"{rule.id}|{name}|{said}"),
    )


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
