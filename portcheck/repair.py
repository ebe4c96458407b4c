"""A fix from paths to changed files: found as a scan finds it, changed and proved, and written when asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from portcheck import api
from portcheck.config import Config
from portcheck.discover import AnyPath
from portcheck.effort import Scanned, scope
from portcheck.errors import UsageError
from portcheck.fix.files import Rescan, Wish
from portcheck.fix.imports import Origin
from portcheck.fix.run import Asked, Fixes, fixes
from portcheck.model import TO_DO, FileFacts, Finding, Kind, Source
from portcheck.packtypes import TargetPack, Verdict
from portcheck.run import Progress, cores
from portcheck.scope_graph import leading_to
from portcheck.selection import is_chosen
from portcheck.sources import reader_for
from portcheck.strategy import AUTO, DIRECT, SHIM, under
from portcheck.worker import with_pragmas


def fix(
    paths: Sequence[AnyPath] = (".",),
    config: Config = api.DEFAULTS,
    unsafe: bool = False,
    progress: Progress | None = None,
) -> Fixes:
    """Return what fixing the files under the paths changes; nothing is written.

    `unsafe` takes the changes that may mean something else than before, too.

    Raises:
        UsageError: as for a scan, or a strategy that no code can be written for.
        PackError: the rule pack is broken.
    """
    if config.strategy == AUTO:
        raise UsageError("--strategy auto is for reports: choose agnostic, npu or shim to fix by")
    seen = api.examined(paths, config, progress, fix=True)
    rules = {rule.id: rule for rule in seen.pack.rules}

    def verdict(finding: Finding) -> Verdict:
        return seen.judge.verdict_of(rules[finding.rule], _name(finding))

    def judged(source: Source, facts: FileFacts) -> Sequence[Finding]:
        found = seen.silencer.sort(source.path, facts, seen.judge.findings(source.path, source.role, facts)).findings
        return [under(each, config.strategy) for each in found]

    # What the vendor's tables say of other names is nothing that a fix changes.
    interest = seen.pack.interest._replace(tensor_methods=frozenset())

    def read(data: bytes, kind: Kind) -> FileFacts:
        reader = reader_for(kind)
        return with_pragmas(reader(data, interest), data, kind) if reader else FileFacts()

    found = {
        path: [under(each, config.strategy) for each in findings] for path, findings in seen.scanned.findings.items()
    }
    origin = seen.pack.interest.origin
    wish = Wish(lambda finding: is_chosen(finding, seen.chosen), unsafe, config.strategy != DIRECT, origin)
    asked = Asked(
        os.fspath(seen.scanned.root),
        seen.pack.target,
        verdict,
        wish,
        Rescan(read, judged),
        seen.oldest,
        config.jobs or cores(),
    )
    asked = _at_entries(asked, seen.scanned, config, found)
    return fixes(asked, seen.scanned.sources, found, seen.scanned.linked)


def _at_entries(asked: Asked, scanned: Scanned, config: Config, found: Mapping[str, Sequence[Finding]]) -> Asked:
    """What is asked for, with what the strategy wants programs to import."""
    if config.strategy == SHIM:
        bound = {path for path, each in scanned.findings.items() if any(one.work in TO_DO for one in each)}
        return asked._replace(entries=_entries(scanned, config, bound), at_entries=_shim(asked.about))
    if config.strategy == DIRECT and asked.about.package:
        bound = {path for path in found if asked.asks_for(path, found)}
        return asked._replace(entries=_entries(scanned, config, bound), at_entries=(Origin(asked.about.package),))
    return asked


def _entries(scanned: Scanned, config: Config, bound: AbstractSet[str]) -> tuple[str, ...]:
    """The programs that need one of these files, or those that were named."""
    within = scope(scanned.root, scanned.sources, scanned.linked, config.entry)
    needing = leading_to(bound, scanned.linked.edges)
    return tuple(path for path in within.entries if path in needing)


def _shim(about: TargetPack) -> tuple[Origin, ...]:
    """The imports that patch PyTorch when a program starts."""
    module, _, name = about.shim.removeprefix("from ").partition(" import ")
    return (Origin(about.package), Origin(module, name))


def _name(finding: Finding) -> str:
    """The name of the fact behind a finding, by which its verdict is found."""
    subject = finding.subject
    if subject[:1] == '"':
        return subject[1:-1]
    if subject[:1] == ".":
        return subject[1:].removesuffix("()")
    return subject.removesuffix("=")
