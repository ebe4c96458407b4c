"""A scan from paths to a report: discover, read, link, match, select."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from portcheck import blank, pack
from portcheck.aim import target_of
from portcheck.cache import FactsCache
from portcheck.config import Config
from portcheck.discover import MAX_SIZE, AnyPath, Discovery, discover
from portcheck.errors import UsageError
from portcheck.gather import around_of
from portcheck.kinds import kind_by_head, kind_by_name
from portcheck.link import Linked
from portcheck.model import Report, Role, Source
from portcheck.packtypes import Interest, Pack
from portcheck.paths import cache_folder
from portcheck.records import NamedTuple
from portcheck.roles import claimed, role_of
from portcheck.run import IN_FULL, Progress, Run, cores, read_linked
from portcheck.sources import READ

if TYPE_CHECKING:
    from portcheck.assess import Plan
    from portcheck.effort import Scanned
    from portcheck.explain import Explanation
    from portcheck.ignore import Silencer
    from portcheck.match import Judge
    from portcheck.matrix import Matrix
    from portcheck.selection import Selection

DEFAULTS = Config()


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
    progress: Progress | None = None,
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
    found: Discovery, config: Config = DEFAULTS, progress: Progress | None = None, tables: bool = True
) -> Report:
    """Return the report on files that are known already; raises as `scan`."""
    known = pack.load(config.target)
    target = target_of(known.target, config)
    # Most commits hold nothing to judge, and it takes a while to get ready for judging.
    plan = _plan(known, config) if tables or blank.names_rules(config) else None
    linked = _read(known.interest, found, config, progress)
    found = _with_roles(found, linked, config)
    if plan is None and blank.is_blank(linked.files.values()):
        return blank.report(found, linked, target, known.digest, config)
    from portcheck.assess import report_of

    return report_of(plan or _plan(known, config), found, linked, tables, effort=tables)


def examined(
    paths: Sequence[AnyPath] = (".",), config: Config = DEFAULTS, progress: Progress | None = None, fix: bool = False
) -> Examined:
    """Return what estimates and fixes are made of, before anything is estimated or, for a `fix`, changed."""
    from portcheck import assess
    from portcheck.effort import Scanned
    from portcheck.match import Judge
    from portcheck.strategy import base

    plan = _plan(pack.load(config.target), config)
    found = discover(paths, config.exclude, named=not config.force_exclude)
    linked = _read(plan.pack.interest, found, config, progress, before=fix)
    found = _with_roles(found, linked, config)
    plan = plan._replace(target=assess.pinned_target(plan, linked, fix))
    read = assess.Read(found, linked, assess.tables_of(plan))
    rows = assess.judged(plan, read)
    judged = {row.file.path: row.findings for row in rows if row.file.path in linked.files}
    target = plan.target._replace(strategy=base(plan.target.strategy))
    scanned = Scanned(found.root, found.sources, linked, judged, config.strategy)
    judge, silencer = Judge(plan.pack, target, index=plan.ruled), assess.silencer_of(plan, read)
    return Examined(scanned, plan.pack, judge, plan.chosen, silencer, target.oldest or target.torch)


def scan_text(data: bytes, name: str, config: Config = DEFAULTS) -> Report:
    """Return the report on one file with this content, taken for what its name says; nothing is remembered.

    Raises:
        UsageError: the content is too large, files of that name are not read, or as for `scan`.
        PackError: the rule pack is broken.
    """
    from portcheck.assess import report_of

    plan = _plan(pack.load(config.target), config)
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
    source = claimed(source._replace(path=name), renamed.files[name].traits)
    return report_of(plan, Discovery(Path.cwd(), (source,), ()), renamed)


def matrix(paths: Sequence[AnyPath] = (".",), config: Config = DEFAULTS, progress: Progress | None = None) -> Matrix:
    """Return the work for every version and card that there are tables for, from one reading of the files.

    Raises:
        UsageError: a path or selector that does not exist.
        PackError: the rule pack or a table is broken.
    """
    from portcheck import assess
    from portcheck.matrix import Matrix, cell_of, condensed
    from portcheck.selection import keep
    from portcheck.strategy import AUTO, under
    from portcheck.support import cards, versions

    plan = _plan(pack.load(config.target), config)
    found = discover(paths, config.exclude, named=not config.force_exclude)
    linked = _read(plan.pack.interest, found, config, progress)
    found = _with_roles(found, linked, config)
    about = plan.pack.target
    roles = frozenset(map(Role, config.include_role or Role))
    read = [source.path for source in found.sources if source.role in roles and source.path in linked.files]
    whole = condensed([linked.files[path] for path in read], plan.ruled)
    strategy = config.strategy
    if strategy == AUTO:
        strategy = assess.report_of(plan, found, linked, tables=False).target.strategy
    cells = []
    columns, rows = versions(about.name) or about.versions, cards(about.name) or about.hardware
    for torch in columns:
        for card in rows:
            place = plan._replace(target=plan.target._replace(torch=torch, hardware=card, strategy=strategy))
            tables = assess.tables_of(place)
            judged = whole.findings(assess.judge_of(place, tables), tables)
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


def _with_roles(found: Discovery, linked: Linked, config: Config) -> Discovery:
    """What was found, with the roles that files claim in their first lines, and those that the configuration gives."""
    claims = {path: facts.traits for path, facts in linked.files.items() if facts.traits}
    sources = [claimed(source, claims.get(source.path, ())) for source in found.sources]
    found = found._replace(sources=tuple(sources))
    if not config.per_file_roles:
        return found
    from portcheck.perfile import with_roles

    return with_roles(found, config.per_file_roles)


def _plan(known: Pack, config: Config) -> Plan:
    from portcheck.assess import plan_of

    return plan_of(known, config)


def _read(
    interest: Interest, found: Discovery, config: Config, progress: Progress | None, before: bool = False
) -> Linked:
    """The facts of all files that there is a reader for, linked."""
    readable = [source for source in found.sources if source.kind in READ]
    cache = FactsCache(cache_folder(), interest.digest, found.passing) if config.cache else None
    run = Run(found.root, interest, config.jobs or cores(), cache, progress, around=around_of(found))
    return read_linked(run._replace(elsewhere=dict(found.elsewhere)), readable, IN_FULL, before)
