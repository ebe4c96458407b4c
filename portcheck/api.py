"""A scan from paths to a report: discover, read, link, match, select."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, List, Optional, Sequence, Tuple

from portcheck import pack
from portcheck.aim import target_of
from portcheck.cache import FactsCache
from portcheck.config import Config
from portcheck.discover import MAX_SIZE, AnyPath, Discovery, discover
from portcheck.errors import UsageError
from portcheck.gather import around_of
from portcheck.ignore import Silencer, quiet
from portcheck.kinds import kind_by_head, kind_by_name
from portcheck.link import Linked
from portcheck.match import Judge, RuleIndex
from portcheck.model import FactKind, FileFacts, FileReport, Report, Role, Source, Status
from portcheck.packtypes import Interest, Pack
from portcheck.paths import cache_folder
from portcheck.perfile import with_roles
from portcheck.pragma import Remark
from portcheck.records import NamedTuple
from portcheck.roles import role_of
from portcheck.run import IN_FULL, Progress, Run, cores, read_linked
from portcheck.selection import Selection, dropped, keep, selection
from portcheck.sources import READ
from portcheck.strategy import AUTO, SHIM, Repository, base, compare, under

if TYPE_CHECKING:
    from portcheck.effort import Estimate, Scanned
    from portcheck.explain import Explanation
    from portcheck.inventory import Inventory
    from portcheck.listed import Tables
    from portcheck.matrix import Matrix
    from portcheck.model import Comparison, Finding, ListedApi, Suppressed, Target

DEFAULTS = Config()


class _Judged(NamedTuple):
    """A file, all that was found in it, whatever is asked for, and what the vendor's tables have to say beside that.

    Estimates were fitted to the former alone. What is suppressed is in neither.
    """

    file: FileReport
    findings: Tuple[Finding, ...]
    listed: Tuple[Finding, ...] = ()
    suppressed: Tuple[Suppressed, ...] = ()
    remarks: Tuple[Remark, ...] = ()

    @property
    def all(self) -> List[Finding]:
        """Everything in the order of the text."""
        if not self.listed:
            return list(self.findings)
        return sorted((*self.findings, *self.listed), key=lambda finding: finding.span)


class _Read(NamedTuple):
    """What was found and read, and the vendor's tables if they are asked."""

    found: Discovery
    linked: Linked
    tables: Optional[Tables]


class _Plan(NamedTuple):
    """What a run judges by."""

    pack: Pack
    target: Target
    chosen: Selection
    config: Config
    ruled: RuleIndex


class Examined(NamedTuple):
    """Facts and findings of a run, with what they were judged by."""

    scanned: Scanned
    pack: Pack
    judge: Judge
    chosen: Selection
    silencer: Silencer
    oldest: str


def scan(
    paths: Sequence[AnyPath] = (".",),
    config: Config = DEFAULTS,
    progress: Optional[Progress] = None,
    tables: bool = True,
) -> Report:
    """Return the report on the files under the paths; `progress` is called with the files done and in all.

    `tables` asks for what the vendor's tables say of each API, and for the effort; without it every API counts as
    unlisted.

    Raises:
        UsageError: a path, version, card, selector or entry point that does not exist.
        PackError: the rule pack is broken.
    """
    return scan_found(discover(paths, config.exclude, named=not config.force_exclude), config, progress, tables)


def scan_found(
    found: Discovery, config: Config = DEFAULTS, progress: Optional[Progress] = None, tables: bool = True
) -> Report:
    """Return the report on files that are known already; raises as `scan`."""
    plan = _plan(config)
    found = with_roles(found, config.per_file_roles)
    linked = _read(plan.pack.interest, found, config, progress)
    return _report(plan, found, linked, tables, effort=tables)


def examined(
    paths: Sequence[AnyPath] = (".",), config: Config = DEFAULTS, progress: Optional[Progress] = None, fix: bool = False
) -> Examined:
    """Return what estimates and fixes are made of, before anything is estimated or, for a `fix`, changed."""
    from portcheck.effort import Scanned

    plan = _plan(config)
    found = _discovered(paths, config)
    linked = _read(plan.pack.interest, found, config, progress)
    plan = plan._replace(target=_pinned(plan, linked, fix))
    read = _Read(found, linked, _tables(plan))
    rows = _judged(plan, read)
    judged = {row.file.path: row.findings for row in rows if row.file.path in linked.files}
    target = plan.target._replace(strategy=base(plan.target.strategy))
    scanned = Scanned(found.root, found.sources, linked, judged, config.strategy)
    judge = Judge(plan.pack, target)
    return Examined(scanned, plan.pack, judge, plan.chosen, _silencer(plan, read), target.oldest or target.torch)


def scan_text(data: bytes, name: str, config: Config = DEFAULTS) -> Report:
    """Return the report on one file with this content, taken for what its name says; nothing is remembered.

    Raises:
        UsageError: the content is too large, files of that name are not read, or as for `scan`.
        PackError: the rule pack is broken.
    """
    plan = _plan(config)
    kind = kind_by_name(os.path.basename(name)) or kind_by_head(data)
    if kind not in READ:
        raise UsageError(f"{name!r}: {kind.value} files are not read")
    if len(data) > MAX_SIZE:
        raise UsageError(f"{name!r}: larger than {MAX_SIZE >> 20} MiB")
    # Bounds on time and memory hold for files in a folder.
    from tempfile import TemporaryDirectory

    source = Source("input.py", kind, role_of(name.replace(os.sep, "/")), len(data))
    with TemporaryDirectory() as folder:
        Path(folder, source.path).write_bytes(data)
        found = Discovery(Path(folder), (source,), ())
        linked = _read(plan.pack.interest, found, config._replace(cache=False), None)
    renamed = Linked({name: linked.files[source.path]}, {name: linked.links.get(source.path, ())})
    return _report(plan, Discovery(Path.cwd(), (source._replace(path=name),), ()), renamed)


def matrix(paths: Sequence[AnyPath] = (".",), config: Config = DEFAULTS, progress: Optional[Progress] = None) -> Matrix:
    """Return the work for every version and card that there are tables for, from one reading of the files.

    Raises:
        UsageError: a path or selector that does not exist.
        PackError: the rule pack or a table is broken.
    """
    from portcheck.matrix import Matrix, cell_of, condensed
    from portcheck.support import cards, versions

    plan = _plan(config)
    found = _discovered(paths, config)
    linked = _read(plan.pack.interest, found, config, progress)
    about = plan.pack.target
    roles = frozenset(map(Role, config.include_role or Role))
    read = [source.path for source in found.sources if source.role in roles and source.path in linked.files]
    whole = condensed([linked.files[path] for path in read], plan.ruled)
    strategy = config.strategy
    if strategy == AUTO:
        strategy = _report(plan, found, linked, tables=False).target.strategy
    cells = []
    columns, rows = versions(about.name) or about.versions, cards(about.name) or about.hardware
    for torch in columns:
        for card in rows:
            place = plan._replace(target=plan.target._replace(torch=torch, hardware=card, strategy=strategy))
            tables = _tables(place)
            judged = whole.findings(_judge_of(place, tables), tables)
            left = ((under(each, strategy), places) for each, places in judged)
            cells.append(cell_of(torch, card, [pair for pair in left if keep(pair[:1], plan.chosen).findings]))
    lines = sum(facts.lines for facts in linked.files.values())
    files = len(linked.files)
    root = os.fspath(found.root)
    return Matrix(root, about.title, columns, rows, tuple(cells), files, lines)


def explained(subject: str, config: Config = DEFAULTS) -> Explanation:
    """Return what is known of a rule, an API, a variable, a program, a library or a string on the target.

    Raises:
        UsageError: no rule speaks of the subject, or a version or card that does not exist.
        PackError: the rule pack is broken.
    """
    from portcheck.explain import explain

    known = pack.load(config.target)
    return explain(subject, known, target_of(known.target, config), tuple(pack.examples()))


def _discovered(paths: Sequence[AnyPath], config: Config) -> Discovery:
    found = discover(paths, config.exclude, named=not config.force_exclude)
    return with_roles(found, config.per_file_roles)


def _plan(config: Config) -> _Plan:
    known = pack.load(config.target)
    chosen = selection(known.rules, config.select, config.ignore)
    return _Plan(known, target_of(known.target, config), chosen, config, RuleIndex(known.rules))


def _pinned(plan: _Plan, linked: Linked, fix: bool = False) -> Target:
    """The target with versions that the repository's own requirements of PyTorch allow, if it has any."""
    facts = (fact for found in linked.files.values() for fact in found.facts)
    if plan.target.source != "default" or not any(fact.kind is FactKind.DEPENDENCY for fact in facts):
        return plan.target
    from portcheck.pins import back_to, pinned

    target = pinned(plan.target, plan.pack.target.versions, linked.files)
    return back_to(target, linked.files) if fix else target


def _read(interest: Interest, found: Discovery, config: Config, progress: Optional[Progress]) -> Linked:
    """The facts of all files that there is a reader for, linked."""
    readable = [source for source in found.sources if source.kind in READ]
    cache = FactsCache(cache_folder(), interest.digest, found.passing) if config.cache else None
    run = Run(found.root, interest, config.jobs or cores(), cache, progress, around=around_of(found))
    return read_linked(run._replace(elsewhere=dict(found.elsewhere)), readable, IN_FULL)


def _tables(plan: _Plan) -> Tables:
    # What answers in one line waits for no table.
    from portcheck.vendor import tables

    return tables(plan.pack, plan.target)


def _apis(read: _Read, judged: Sequence[_Judged]) -> Tuple[ListedApi, ...]:
    """What the tables say of every name of PyTorch in the files."""
    if read.tables is None:
        return ()
    from portcheck import listed

    files = (read.linked.files.get(row.file.path) for row in judged)
    return listed.summary([facts.apis for facts in files if facts], read.tables)


def _report(plan: _Plan, found: Discovery, linked: Linked, tables: bool = True, effort: bool = False) -> Report:
    """What the facts mean, for the files whose role is asked for."""
    plan = plan._replace(target=_pinned(plan, linked))
    read = _Read(found, linked, _tables(plan) if tables else None)
    judged = _judged(plan, read)
    inventory = _inventory(plan, read, judged) if effort else None
    estimate = _estimate(plan, read, judged, inventory)
    comparison = _compared(plan, read, judged, estimate)
    if plan.target.strategy == AUTO and comparison:
        plan = plan._replace(target=plan.target._replace(strategy=comparison.advised))
        judged = _judged(plan, read)
        inventory = _inventory(plan, read, judged) if effort else None
        estimate = _estimate(plan, read, judged, inventory)
    every = [[under(each, plan.target.strategy) for each in row.all] for row in judged]
    left = [keep(findings, plan.chosen) for findings in every]
    files = tuple(_expected(row.file, len(kept.findings), estimate) for row, kept in zip(judged, left))
    shown = {file.path for file in files}
    return Report(
        root=os.fspath(found.root),
        target=plan.target,
        pack_digest=plan.pack.digest,
        files=files,
        findings=tuple(chain.from_iterable(kept.findings for kept in left)),
        skipped=found.skipped,
        links=tuple((path, each) for path, helpers in linked.links.items() if path in shown for each in helpers),
        hidden=sum(kept.hidden for kept in left),
        effort=estimate.effort if estimate else None,
        comparison=comparison,
        apis=_apis(read, judged),
        suppressed=tuple(chain.from_iterable(row.suppressed for row in judged)),
        remarks=tuple(chain.from_iterable(row.remarks for row in judged)),
        others=tuple((each.path, each.fingerprint) for each in dropped(chain.from_iterable(every), plan.chosen)),
        inventory=inventory,
    )


def _inventory(plan: _Plan, read: _Read, judged: Sequence[_Judged]) -> Inventory:
    from portcheck.stock import take

    return take(plan.pack, read.linked, judged)


def _compared(
    plan: _Plan, read: _Read, judged: Sequence[_Judged], estimate: Optional[Estimate]
) -> Optional[Comparison]:
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
    findings = chain.from_iterable(row.all for row in judged)
    return compare(findings, about, estimate.effort.strategies if estimate else (), auto)


def _estimate(
    plan: _Plan, read: _Read, judged: Sequence[_Judged], inventory: Optional[Inventory]
) -> Optional[Estimate]:
    """The effort for the files whose role is asked for, whatever findings are shown of them; none without stock."""
    if inventory is None:
        return None
    from portcheck.effort import Scanned, estimate
    from portcheck.prices import changed, load

    findings = {row.file.path: row.findings for row in judged}
    sources = [source for source in read.found.sources if source.path in findings]
    scanned = Scanned(read.found.root, sources, read.linked, findings, plan.target.strategy, inventory)
    prices = load()
    if plan.config.effort is not None:
        prices = changed(prices, plan.config.effort)
    return estimate(scanned, prices, plan.config.entry)


def _expected(file: FileReport, findings: int, estimate: Optional[Estimate]) -> FileReport:
    """A file with the number of findings that are shown of it, and what the estimate says of it."""
    edits = estimate.edits.get(file.path) if estimate else None
    file = file._replace(findings=findings)
    return file._replace(edits=edits, chance=estimate.chances[file.path]) if estimate and edits else file


def _judged(plan: _Plan, read: _Read) -> List[_Judged]:
    """What the facts mean, by file, for those whose role is asked for; what the shim handles is yet to do."""
    judge = _judge_of(plan, read.tables)
    roles = frozenset(map(Role, plan.config.include_role or Role))
    sources = [source for source in read.found.sources if source.role in roles]
    silencer = _silencer(plan, read)
    files = read.linked.files
    return [_heard(_judge(source, read, judge), files.get(source.path), silencer) for source in sources]


def _silencer(plan: _Plan, read: _Read) -> Silencer:
    return quiet(read.found.root, plan.pack.rules, plan.config.per_file_ignores, read.tables is not None)


def _heard(row: _Judged, facts: Optional[FileFacts], silencer: Silencer) -> _Judged:
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


def _judge_of(plan: _Plan, tables: Optional[Tables]) -> Judge:
    target = plan.target._replace(strategy=base(plan.target.strategy))
    effects = None
    if tables or plan.target.strategy in (SHIM, AUTO):
        from portcheck.vendor import shim_effects

        effects = shim_effects(plan.target)
    return Judge(plan.pack, target, tables.lookup if tables else None, effects, plan.ruled)


def _judge(source: Source, read: _Read, judge: Judge) -> _Judged:
    facts = read.linked.files.get(source.path)
    if facts is None:
        reason = f"no reader for {source.kind.value} files"
        return _Judged(_file(source, FileFacts(status=Status.SKIPPED, reason=reason)), ())
    findings = judge.findings(source.path, source.role, facts, read.linked.links.get(source.path, ()))
    more: Tuple[Finding, ...] = ()
    if read.tables and facts.apis:
        from portcheck import listed

        more = listed.findings(source.path, source.role, facts.apis, read.tables, [found.subject for found in findings])
    return _Judged(_file(source, facts), findings, more)


def _file(source: Source, facts: FileFacts) -> FileReport:
    return FileReport(source.path, source.kind, source.role, facts.lines, 0, facts.status, facts.reason)
