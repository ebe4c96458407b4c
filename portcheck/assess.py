"""What linked facts mean, from the plan of a run to its report: judged, silenced, estimated and selected."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from portcheck.aim import target_of
from portcheck.blank import file_of
from portcheck.config import Config
from portcheck.discover import Discovery
from portcheck.ignore import Silencer, quiet
from portcheck.link import Linked
from portcheck.match import Judge, RuleIndex, holder_of
from portcheck.model import FactKind, FileFacts, FileReport, Link, Report, Role, Source
from portcheck.packtypes import Pack
from portcheck.pragma import Remark
from portcheck.records import NamedTuple
from portcheck.selection import Selection, dropped, keep, selection
from portcheck.strategy import AUTO, SHIM, Repository, base, compare, under

if TYPE_CHECKING:
    from portcheck.effort import Estimate
    from portcheck.inventory import Inventory
    from portcheck.listed import Tables
    from portcheck.model import Comparison, Finding, ListedApi, Suppressed, Target


class Judged(NamedTuple):
    """A file, all that was found in it, whatever is asked for, and what the vendor's tables have to say beside that.

    Estimates were fitted to the former alone. What is suppressed is in neither.
    """

    file: FileReport
    findings: tuple[Finding, ...]
    listed: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def all(self) -> list[Finding]:
        """Everything in the order of the text."""
        if not self.listed:
            return list(self.findings)
        return sorted((*self.findings, *self.listed), key=lambda finding: finding.span)


class Read(NamedTuple):
    """What was found and read, and the vendor's tables if they are asked."""

    found: Discovery
    linked: Linked
    tables: Tables | None


class Plan(NamedTuple):
    """What a run judges by."""

    pack: Pack
    target: Target
    chosen: Selection
    config: Config
    ruled: RuleIndex


def plan_of(known: Pack, config: Config) -> Plan:
    """Return what a run with these options judges by.

    Raises:
        UsageError: a version, card or selector that does not exist.
    """
    chosen = selection(known.rules, config.select, config.ignore)
    return Plan(known, target_of(known.target, config), chosen, config, RuleIndex(known.rules))


def pinned_target(plan: Plan, linked: Linked, fix: bool = False) -> Target:
    """Return the target with versions that the repository's own requirements of PyTorch allow, if it has any."""
    facts = (fact for found in linked.files.values() for fact in found.facts)
    if plan.target.source != "default" or not any(fact.kind is FactKind.DEPENDENCY for fact in facts):
        return plan.target
    from portcheck.pins import back_to, pinned

    target = pinned(plan.target, plan.pack.target.versions, linked.files)
    return back_to(target, linked.files) if fix else target


def tables_of(plan: Plan) -> Tables:
    """Return the vendor's tables for a plan's target."""
    # What answers in one line waits for no table.
    from portcheck.vendor import tables

    return tables(plan.pack, plan.target)


def _apis(read: Read, rows: Sequence[Judged]) -> tuple[ListedApi, ...]:
    """What the tables say of every name of PyTorch in the files."""
    if read.tables is None:
        return ()
    from portcheck import listed

    files = (read.linked.files.get(row.file.path) for row in rows)
    return listed.summary([facts.apis for facts in files if facts], read.tables)


def report_of(plan: Plan, found: Discovery, linked: Linked, tables: bool = True, effort: bool = False) -> Report:
    """Return what the facts mean, for the files whose role is asked for."""
    plan = plan._replace(target=pinned_target(plan, linked))
    read = Read(found, linked, tables_of(plan) if tables else None)
    rows = judged(plan, read)
    inventory = _inventory(plan, read, rows) if effort else None
    estimate = _estimate(plan, read, rows, inventory)
    comparison = _compared(plan, read, rows, estimate)
    if plan.target.strategy == AUTO and comparison:
        plan = plan._replace(target=plan.target._replace(strategy=comparison.advised))
        rows = judged(plan, read)
        inventory = _inventory(plan, read, rows) if effort else None
        estimate = _estimate(plan, read, rows, inventory)
    every = [[under(each, plan.target.strategy) for each in row.all] for row in rows]
    left = [keep(findings, plan.chosen) for findings in every]
    files = tuple(_expected(row.file, len(kept.findings), estimate) for row, kept in zip(rows, left))
    shown = {file.path for file in files}
    return Report(
        root=os.fspath(found.root),
        target=plan.target,
        pack_digest=plan.pack.digest,
        files=files,
        findings=tuple(chain.from_iterable(kept.findings for kept in left)),
        skipped=found.skipped,
        links=tuple(chain.from_iterable(_helpers(plan, linked, path) for path in linked.links if path in shown)),
        hidden=sum(kept.hidden for kept in left),
        effort=estimate.effort if estimate else None,
        comparison=comparison,
        apis=_apis(read, rows),
        suppressed=tuple(chain.from_iterable(row.suppressed for row in rows)),
        remarks=tuple(chain.from_iterable(row.remarks for row in rows)),
        others=tuple((each.path, each.fingerprint) for each in dropped(chain.from_iterable(every), plan.chosen)),
        inventory=inventory,
    )


def _helpers(plan: Plan, linked: Linked, path: str) -> list[tuple[str, Link]]:
    """What other places lean on in a file, as far as a rule speaks of what it holds."""
    held = {holder_of(fact) for fact in linked.files[path].facts if plan.ruled.rule_of(fact)}
    return [(path, link) for link in linked.links[path] if link.name in held]


def _inventory(plan: Plan, read: Read, rows: Sequence[Judged]) -> Inventory:
    from portcheck.stock import take

    return take(plan.pack, read.linked, rows)


def _compared(plan: Plan, read: Read, rows: Sequence[Judged], estimate: Estimate | None) -> Comparison | None:
    """The strategies side by side, where they were estimated or the choice among them was left to portcheck."""
    auto = plan.config.strategy == AUTO
    if estimate is None and not auto:
        return None
    if estimate is None:
        from portcheck.effort import scope

        library = scope(read.found.root, read.found.sources, read.linked, plan.config.entry).library
    else:
        library = estimate.effort.reach.library
    about = Repository(library, plan.pack.target.device, bool(plan.pack.target.shim))
    findings = chain.from_iterable(row.all for row in rows)
    return compare(findings, about, estimate.effort.strategies if estimate else (), auto)


def _estimate(plan: Plan, read: Read, rows: Sequence[Judged], inventory: Inventory | None) -> Estimate | None:
    """The effort for the files whose role is asked for, whatever findings are shown of them; none without stock."""
    if inventory is None:
        return None
    from portcheck.effort import Scanned, estimate
    from portcheck.prices import changed, load

    findings = {row.file.path: row.findings for row in rows}
    sources = [source for source in read.found.sources if source.path in findings]
    scanned = Scanned(read.found.root, sources, read.linked, findings, plan.target.strategy, inventory)
    prices = load()
    if plan.config.effort is not None:
        prices = changed(prices, plan.config.effort)
    return estimate(scanned, prices, plan.config.entry)


def _expected(file: FileReport, findings: int, estimate: Estimate | None) -> FileReport:
    """A file with the number of findings that are shown of it, and what the estimate says of it."""
    edits = estimate.edits.get(file.path) if estimate else None
    file = file._replace(findings=findings)
    return file._replace(edits=edits, chance=estimate.chances[file.path]) if estimate and edits else file


def judged(plan: Plan, read: Read) -> list[Judged]:
    """Return what the facts mean, by file, for those whose role is asked for; what the shim handles is yet to do."""
    judge = judge_of(plan, read.tables)
    roles = frozenset(map(Role, plan.config.include_role or Role))
    sources = [source for source in read.found.sources if source.role in roles]
    silencer = silencer_of(plan, read)
    files = read.linked.files
    return [_heard(_judge(source, read, judge), files.get(source.path), silencer) for source in sources]


def silencer_of(plan: Plan, read: Read) -> Silencer:
    """Return the suppressions of a run."""
    return quiet(read.found.root, plan.pack.rules, plan.config.per_file_ignores, read.tables is not None)


def _heard(row: Judged, facts: FileFacts | None, silencer: Silencer) -> Judged:
    """A file without what its comments and its path suppress."""
    if facts is None or not silencer.has_to_say(row.file.path, facts):
        return row
    found = silencer.sort(row.file.path, facts, row.all)
    beside = frozenset(row.listed)
    return row._replace(
        findings=tuple(finding for finding in found.findings if finding not in beside),
        listed=tuple(finding for finding in found.findings if finding in beside),
        suppressed=found.suppressed,
        remarks=found.remarks,
    )


def judge_of(plan: Plan, tables: Tables | None) -> Judge:
    """Return the judge of a plan, whatever its strategy leaves undone."""
    target = plan.target._replace(strategy=base(plan.target.strategy))
    effects = None
    if tables or plan.target.strategy in (SHIM, AUTO):
        from portcheck.vendor import shim_effects

        effects = shim_effects(plan.target)
    return Judge(plan.pack, target, tables.lookup if tables else None, effects, plan.ruled)


def _judge(source: Source, read: Read, judge: Judge) -> Judged:
    facts = read.linked.files.get(source.path)
    if facts is None:
        return Judged(file_of(source, None), ())
    findings = judge.findings(source.path, source.role, facts, read.linked.links.get(source.path, ()))
    more: tuple[Finding, ...] = ()
    if read.tables and facts.apis:
        from portcheck import listed

        more = listed.findings(source.path, source.role, facts.apis, read.tables, [found.subject for found in findings])
    return Judged(file_of(source, facts), findings, more)
