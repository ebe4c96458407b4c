"""What surrounds the programs: images, the files that build and start containers, jobs of clusters, CI, scripts.

An image is one row, wherever it is named. Of the files those are rows that hold a place to change or to look at.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from portcheck.inventory import SORTS, Place, Surrounding
from portcheck.model import TO_DO, Category, FileFacts, FileReport, Finding, Kind, Work
from portcheck.sources.steps import CI, CLUSTER
from portcheck.stock.libraries import easiness

_IMAGE, _CONTAINER, _CLUSTER, _CI, _SCRIPT = SORTS
_SERVICES = re.compile(
    r"(?:.*/)?(?:\.github/(?:workflows|actions)/.*|\.gitlab-ci[^/]*|\.circleci/.*|\.buildkite/.*|\.azure-pipelines/.*"
    r"|azure-pipelines[^/]*|\.travis\.ya?ml|\.drone\.ya?ml|jenkinsfile[^/]*|\.jenkins/.*|\.ci/.*)",
    re.IGNORECASE,
)
_MANY = 3
_READ = frozenset({Kind.SETTINGS, Kind.SHELL, Kind.CONTAINER})


def surroundings(
    files: Mapping[str, FileReport], facts: Mapping[str, FileFacts], findings: Mapping[str, Sequence[Finding]]
) -> tuple[Surrounding, ...]:
    """Return the rows by sort, those with most to change first."""
    images: dict[str, list[Finding]] = defaultdict(list)
    rows: list[Surrounding] = []
    for path, file in files.items():
        found = [each for each in findings.get(path, ()) if each.work is not Work.NONE]
        for finding in found:
            if finding.category is Category.IMAGE:
                images[finding.subject].append(finding)
        sort = _sort(file, facts.get(path))
        if sort and found:
            rows.append(_row(sort, path, file.role.value, found))
    rows += [_row(_IMAGE, name, group[0].role.value, group) for name, group in images.items()]
    return tuple(sorted(rows, key=lambda row: (SORTS.index(row.sort), -row.changes, -row.looks, row.name)))


def _sort(file: FileReport, facts: FileFacts | None) -> str:
    """What sort of surrounding a file is; empty for none."""
    traits = facts.traits if facts else ()
    if CI in traits or (_SERVICES.fullmatch(file.path) and file.kind in _READ):
        return _CI
    if CLUSTER in traits:
        return _CLUSTER
    if file.kind is Kind.CONTAINER:
        return _CONTAINER
    return _SCRIPT if file.kind is Kind.SHELL else ""


def _row(sort: str, name: str, role: str, findings: Sequence[Finding]) -> Surrounding:
    hardest = min(findings, key=easiness)
    places = (Place(each.path, each.span.line, each.span.cell) for each in findings)
    return Surrounding(
        sort=sort,
        name=name,
        role=role,
        work=hardest.work.value,
        changes=sum(each.work in TO_DO for each in findings),
        looks=sum(each.work is Work.VERIFY for each in findings),
        subjects=_commonest(each.subject for each in findings),
        advice=_advice(hardest),
        places=tuple(dict.fromkeys(places)),
    )


def _commonest(subjects: Iterable[str]) -> tuple[str, ...]:
    ranked = sorted(Counter(subjects).items(), key=lambda item: (-item[1], item[0]))
    return tuple(subject for subject, _ in ranked[:_MANY])


def _advice(finding: Finding) -> str:
    """What a finding's message says beside its subject."""
    text = finding.replacement or finding.message
    return text[len(finding.subject) :].lstrip(": ") if text.startswith(f"{finding.subject}:") else text
