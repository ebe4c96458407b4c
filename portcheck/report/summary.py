"""The numbers of a report, computed from the findings and files alone.

A *place* is one finding. Places `to change` are those whose work is rename, config, rewrite or blocker; `verify`
places should run and are worth a look; `none` places need nothing. Places `aside` stand in tests, examples,
benchmarks or documentation. `fixable` counts places with a safe or an unsafe automatic change, not those with a
change to display only.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Callable, TypeVar

from portcheck.model import TO_DO, Category, FileReport, Finding, Kind, Report, Role, Safety, Span, Status, Work
from portcheck.records import NamedTuple
from portcheck.wording import clipped

FIRST: frozenset[Role] = frozenset({Role.SOURCE, Role.BUILD})
"""The roles of files that a port starts with."""

ASIDE: frozenset[Role] = frozenset({Role.TEST, Role.EXAMPLE, Role.BENCHMARK, Role.DOC})
"""The roles of files that a port can leave for later."""

_LIBRARIES = frozenset({Category.LIBRARY, Category.DEPENDENCY})
_DETAIL = re.compile(r"\s*(?::|\(|\bat line\b|\bon line\b|\bline \d).*", re.DOTALL)

Key = TypeVar("Key")


class Counts(NamedTuple):
    """The totals: files and lines that were given, places by kind, share of the places that need nothing."""

    files: int
    lines: int
    places: int
    by_work: tuple[tuple[Work, int], ...]
    by_category: tuple[tuple[Category, int], ...]
    by_role: tuple[tuple[Role, int], ...]
    fixable: int
    hidden: int
    portable_share: float

    def work(self, *kinds: Work) -> int:
        """Return the places whose work is one of `kinds`."""
        return sum(places for work, places in self.by_work if work in kinds)

    @property
    def to_change(self) -> int:
        """The places that ask for a change."""
        return self.work(*TO_DO)

    @property
    def portable(self) -> int:
        """The places that need nothing, listed or not."""
        return self.work(Work.NONE) + self.hidden


class Tally(NamedTuple):
    """One group of findings in numbers; files are counted once however many places they hold."""

    places: int
    files: int
    aside: int
    fixable: int


class Topic(NamedTuple):
    """One category: its tally, how many of its places ask for a change, and the subject seen most often."""

    category: Category
    tally: Tally
    to_change: int
    common: str


class Subject(NamedTuple):
    """One library, or one rule by the API it meets most often: where it is, what it is, what replaces that API.

    `others` counts the further APIs under the same rule, `optional` the places behind an optional import.
    """

    name: str
    others: int
    category: Category
    rules: tuple[str, ...]
    tally: Tally
    optional: int
    paths: tuple[str, ...]
    first: Span
    message: str
    replacement: str


class FileRow(NamedTuple):
    """A file in numbers of places by kind of work."""

    path: str
    role: Role
    lines: int
    blockers: int
    rewrites: int
    to_change: int
    verify: int


class Helper(NamedTuple):
    """A definition that others lean on; `line` is its CUDA-bound line, where that is certain."""

    name: str
    path: str
    line: int | None
    calls: int
    files: int


class Unread(NamedTuple):
    """Paths that were not read, or not in full, for the same reason; `example` is one full reason."""

    status: Status
    reason: str
    paths: tuple[str, ...]
    example: str


class Reach(NamedTuple):
    """Of the files of a kind that were read, how many hold a place that asks for a change or a look."""

    kind: Kind
    files: int
    bound: int


def counts(report: Report) -> Counts:
    """Return the totals of a report; `portable_share` is 1.0 when there is no place at all."""
    work = Counter(finding.work for finding in report.findings)
    category = Counter(finding.category for finding in report.findings)
    role = Counter(finding.role for finding in report.findings)
    every = len(report.findings) + report.hidden
    portable = work[Work.NONE] + report.hidden
    return Counts(
        files=len(report.files),
        lines=sum(file.lines for file in report.files),
        places=len(report.findings),
        by_work=tuple((key, work[key]) for key in Work),
        by_category=tuple((key, category[key]) for key in Category if category[key]),
        by_role=tuple((key, role[key]) for key in Role if role[key]),
        fixable=sum(map(is_fixable, report.findings)),
        hidden=report.hidden,
        portable_share=round(portable / every, 4) if every else 1.0,
    )


def is_fixable(finding: Finding) -> bool:
    """Return whether an automatic change is known that is more than something to look at."""
    return finding.fixable in (Safety.SAFE, Safety.UNSAFE)


def tally(findings: Iterable[Finding]) -> Tally:
    """Return the numbers of a group of findings."""
    group = tuple(findings)
    files = len({finding.path for finding in group})
    aside = sum(finding.role in ASIDE for finding in group)
    return Tally(len(group), files, aside, sum(map(is_fixable, group)))


def works(report: Report) -> tuple[tuple[Work, Tally], ...]:
    """Return the tally of every kind of work that occurs, the hardest first."""
    groups = _grouped(report.findings, lambda finding: finding.work)
    return tuple((work, tally(groups[work])) for work in reversed(Work) if work in groups)


def topics(report: Report) -> tuple[Topic, ...]:
    """Return the categories of the places that ask for a change or a look, the most frequent first."""
    groups = _grouped((f for f in report.findings if f.work is not Work.NONE), lambda finding: finding.category)
    rows = [
        Topic(category, tally(group), sum(f.work in TO_DO for f in group), _commonest(map(_short, group)))
        for category, group in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.to_change, -row.tally.places, row.category.value)))


def subjects(report: Report, work: Work) -> tuple[Subject, ...]:
    """Return the places of one kind of work by library, or else by rule, those in most files first."""
    groups = _grouped((f for f in report.findings if f.work is work), subject_key)
    rows = [_subject(group) for group in groups.values()]
    return tuple(sorted(rows, key=lambda row: (-row.tally.files, -row.tally.places, row.name)))


def subject_key(finding: Finding) -> str:
    """Return what to group by: the package for libraries, a compiled module, the rule otherwise.

    What is required as `torch-scatter` is imported as `torch_scatter`.
    """
    return _package(finding).replace("-", "_").lower() or finding.rule


def top_files(report: Report) -> tuple[FileRow, ...]:
    """Return the files with something to change: source first, then by blockers and rewrites, then by changes."""
    groups = _grouped(report.findings, lambda finding: finding.path)
    rows = (_file_row(file, groups[file.path]) for file in report.files if file.path in groups)
    wanted = [row for row in rows if row.to_change]
    return tuple(sorted(wanted, key=_importance))


def helpers(report: Report) -> tuple[Helper, ...]:
    """Return the definitions with a place to change that others lean on, those with most calls first."""
    changes = (finding for finding in report.findings if finding.callers and finding.work in TO_DO)
    places = _grouped(changes, lambda finding: (finding.path, finding.callers))
    sharing = Counter((path, link.calls) for path, link in report.links)
    rows = []
    for path, link in report.links:
        group = places.get((path, link.calls))
        if group:
            line = group[0].span.line if sharing[path, link.calls] == 1 else None
            rows.append(Helper(link.name, path, line, link.calls, link.files))
    return tuple(sorted(rows, key=lambda row: (-row.calls, -row.files, row.path, row.name)))


def unread(report: Report) -> tuple[Unread, ...]:
    """Return what was not read in full, by how far it was read and why, the most paths first."""
    rows = [(file.status, file.reason, file.path) for file in report.files if file.status is not Status.READ]
    rows += [(Status.SKIPPED, skipped.reason, skipped.path) for skipped in report.skipped]
    groups: dict[tuple[Status, str], list[tuple[str, str]]] = defaultdict(list)
    for status, reason, path in rows:
        groups[status, _DETAIL.sub("", reason) or reason].append((path, reason))
    found = [
        Unread(status, reason, tuple(path for path, _ in group), group[0][1])
        for (status, reason), group in groups.items()
    ]
    order = list(Status)
    return tuple(sorted(found, key=lambda row: (order.index(row.status), -len(row.paths), row.reason)))


def reach(report: Report) -> tuple[Reach, ...]:
    """Return for each kind of file how many were read, in full or in part, and how many are CUDA-bound."""
    bound = {finding.path for finding in report.findings if finding.work is not Work.NONE}
    read = [file for file in report.files if file.status in (Status.READ, Status.PARTLY)]
    files = Counter(file.kind for file in read)
    touched = Counter(file.kind for file in read if file.path in bound)
    return tuple(Reach(kind, files[kind], touched[kind]) for kind in Kind if files[kind])


def _grouped(findings: Iterable[Finding], key: Callable[[Finding], Key]) -> dict[Key, list[Finding]]:
    """Return the findings by key, in order of first appearance."""
    groups: dict[Key, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[key(finding)].append(finding)
    return groups


def _commonest(values: Iterable[str]) -> str:
    """Return the value seen most often, the alphabetically first of equals, empty when there is none."""
    ranked = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    return ranked[0][0] if ranked else ""


def _short(finding: Finding) -> str:
    """Return a subject, an image without the digest that pins it."""
    return finding.subject.partition("@")[0] if finding.category is Category.IMAGE else finding.subject


def _package(finding: Finding) -> str:
    """Return the package or the compiled module that a finding is about, when it is about one."""
    if finding.module:
        return finding.module
    if finding.category not in _LIBRARIES or finding.subject.startswith('"'):
        return ""
    return finding.subject if "/" in finding.subject else finding.subject.split(".", 1)[0]


def _subject(group: list[Finding]) -> Subject:
    """Return one library or rule in numbers; message and replacement are those of the name it goes by."""
    package = _commonest(map(_package, group))
    name = package or _commonest(finding.subject for finding in group)
    named = group if package else [finding for finding in group if finding.subject == name]
    return Subject(
        name=name,
        others=0 if package else len({finding.subject for finding in group}) - 1,
        category=group[0].category,
        rules=tuple(sorted({finding.rule for finding in group})),
        tally=tally(group),
        optional=sum("optional" in finding.guards for finding in group),
        paths=tuple(dict.fromkeys(finding.path for finding in group)),
        first=group[0].span,
        message=_commonest(filter(None, map(_advice, named))),
        replacement=_commonest(finding.replacement for finding in named if finding.replacement),
    )


def _advice(finding: Finding) -> str:
    """Return what a finding's message says beside its subject and its replacement."""
    text, subject = finding.message, clipped(finding.subject)
    if text.startswith(f"{subject} becomes "):
        return text.partition("; ")[2]
    return text[len(subject) :].lstrip(": ") if text.startswith(f"{subject}:") else text


def _file_row(file: FileReport, group: list[Finding]) -> FileRow:
    """Return one file in numbers."""
    work = Counter(finding.work for finding in group)
    changes = sum(work[kind] for kind in TO_DO)
    return FileRow(file.path, file.role, file.lines, work[Work.BLOCKER], work[Work.REWRITE], changes, work[Work.VERIFY])


def _importance(row: FileRow) -> tuple[bool, int, int, str]:
    """Return the sort key of a file."""
    return row.role not in FIRST, -(row.blockers + row.rewrites), -row.to_change, row.path
