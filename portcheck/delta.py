"""What two reports have in common, and what each has alone: work added, removed and changed, place by place.

Places are known by their fingerprints, as a baseline knows them: moved lines and renamed files change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from portcheck import pack
from portcheck.baseline import Baseline, Entry, split
from portcheck.errors import PortcheckError
from portcheck.estimate import Range
from portcheck.gate import unread
from portcheck.ignore import BASELINE
from portcheck.model import TO_DO, Finding, Report, Span, Status, Target, Work
from portcheck.records import NamedTuple

_NAMED = 3


class Side(NamedTuple):
    """One of two reports: what people call it, what it was judged for, its places and its files.

    `silenced` are places that a comment or the configuration suppresses; `lost` are paths that could not be read,
    `partly` those that could not be read in full; `days` and `edits` are there when the effort was estimated, `tables`
    says whether the vendor's were asked.
    """

    name: str
    target: Target
    pack: str
    files: frozenset[str]
    findings: tuple[Finding, ...]
    silenced: tuple[Finding, ...]
    lost: frozenset[str]
    partly: frozenset[str]
    tables: bool
    days: Range | None = None
    edits: Range | None = None

    @property
    def by_work(self) -> dict[Work, int]:
        """The places by the work they ask for."""
        return Counter(finding.work for finding in self.findings)


class Change(NamedTuple):
    """A place that is on both sides, and asks for other work on the new one."""

    old: Finding
    new: Finding


class Delta(NamedTuple):
    """Two reports beside one another.

    `added` are places of the new side alone, `removed` those of the old side alone, `suppressed` those that the new
    side has and somebody suppressed, `unseen` those in files that the new side could not read; `kept` counts the rest
    of the old side. `notes` say why the two may differ though the code does not.
    """

    old: Side
    new: Side
    added: tuple[Finding, ...]
    removed: tuple[Finding, ...]
    changed: tuple[Change, ...]
    suppressed: tuple[Finding, ...]
    unseen: tuple[Finding, ...]
    kept: int
    notes: tuple[str, ...]


def _order(finding: Finding) -> tuple[str, bool, Span]:
    """By path and position; what stands in no cell before what does."""
    return finding.path, finding.span.cell is not None, finding.span


def side(name: str, report: Report) -> Side:
    """Return a report as one of two; what a baseline accepted is there all the same."""
    accepted = [each.finding for each in report.suppressed if each.how == BASELINE]
    broken = frozenset(path for path, _ in unread(report))
    partly = frozenset(file.path for file in report.files if file.status is Status.PARTLY)
    every = sorted((*report.findings, *accepted), key=_order)
    return Side(
        name,
        report.target,
        report.pack_digest,
        frozenset(file.path for file in report.files if file.status is not Status.SKIPPED),
        tuple(each for each in every if each.work is not Work.NONE),
        tuple(each.finding for each in report.suppressed if each.how != BASELINE),
        broken - partly,
        partly,
        report.effort is not None or bool(report.apis),
        report.effort.person_days if report.effort else None,
        report.effort.edits if report.effort else None,
    )


def compare(old: Side, new: Side) -> Delta:
    """Return what the new side has that the old one has not, and the other way round."""
    notes = list(_notes(old, new))
    if old.tables != new.tables:
        old, new = _without_tables(old), _without_tables(new)
    entries = [Entry(each.path, each.rule, each.fingerprint, str(at)) for at, each in enumerate(old.findings)]
    places = [Entry(each.path, each.rule, each.fingerprint, str(at)) for at, each in enumerate(new.findings)]
    known = Baseline(len(entries), tuple(entries))
    there = new.files | new.lost
    found = split(known, places, lambda path: path not in new.lost, there.__contains__)
    added = [new.findings[int(entry.subject)] for entry in found.new]
    gone = sorted(int(entry.subject) for entry in found.done)
    removed, suppressed = _sorted_out([old.findings[at] for at in gone], new.silenced)
    changed = tuple(_changed(old, new, found.left, frozenset(entry.subject for entry in found.new)))
    unseen = tuple(old.findings[int(entry.subject)] for entry in found.unseen)
    kept = len(found.left) - len(changed)
    return Delta(old, new, tuple(added), removed, changed, suppressed, unseen, kept, tuple(notes))


def worse(delta: Delta, least: str) -> bool:
    """Return whether work of this kind or a harder one was added."""
    order = list(Work)
    enough = frozenset(order[order.index(Work(least)) :])
    harder = (pair.new for pair in delta.changed if order.index(pair.new.work) > order.index(pair.old.work))
    return any(each.work in enough for each in (*delta.added, *harder))


def to_change(findings: Iterable[Finding]) -> int:
    """Return how many of the places ask for a change."""
    return sum(each.work in TO_DO for each in findings)


def _changed(old: Side, new: Side, left: Sequence[Entry], added: frozenset[str]) -> Iterable[Change]:
    """The places on both sides whose work is another."""
    waiting: dict[tuple[str, str], list[Finding]] = {}
    for at, each in enumerate(new.findings):
        if str(at) not in added:
            waiting.setdefault((each.path, each.fingerprint), []).append(each)
    for rest in waiting.values():
        rest.reverse()
    for entry in left:
        before, after = old.findings[int(entry.subject)], waiting[entry.path, entry.fingerprint].pop()
        if before.work is not after.work:
            yield Change(before, after)


def _sorted_out(
    gone: Sequence[Finding], silenced: Sequence[Finding]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The places that are gone, and those that are there and suppressed."""
    quiet = Counter((each.path, each.fingerprint) for each in silenced)
    removed: list[Finding] = []
    suppressed: list[Finding] = []
    for each in gone:
        key = (each.path, each.fingerprint)
        (suppressed if quiet[key] > 0 else removed).append(each)
        quiet[key] -= 1
    return tuple(removed), tuple(suppressed)


def _without_tables(one: Side) -> Side:
    """A side without what only the vendor's tables speak of, as the other side was not asked."""
    try:
        asking = {rule.id for rule in pack.load(one.target.name).rules if rule.asks_tables}
    except PortcheckError:
        return one
    return one._replace(
        findings=tuple(each for each in one.findings if each.rule not in asking),
        silenced=tuple(each for each in one.silenced if each.rule not in asking),
        days=None,
        edits=None,
    )


def _notes(old: Side, new: Side) -> Iterable[str]:
    if old.target[:4] != new.target[:4]:
        yield f"judged for different targets: {_aim(old.target)}; {_aim(new.target)}"
    if old.pack != new.pack:
        yield "judged by different rules, as another portcheck made the report: not all that differs is the code's"
    for one, other in ((old, new), (new, old)):
        paths = sorted((one.lost | one.partly) - other.lost - other.partly)
        if paths:
            shown = ", ".join(paths[:_NAMED]) + (", ..." if len(paths) > _NAMED else "")
            yield f"could not be read in full in {one.name} alone: {shown}"


def _aim(target: Target) -> str:
    return f"{target.name}, PyTorch {target.torch}, card {target.hardware.upper()}, strategy {target.strategy}"
