"""What the page of the HTML report is drawn from: the values of the JSON report, each text written once.

Findings and files are rows whose texts are numbers in one list: 20,000 findings so take about a tenth of the room that
they take with keys. Every text is made visible and every value is a number, a text, a list or a dictionary.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from portcheck.matrix import Matrix
from portcheck.model import FileReport, Finding, Report, Support, Work
from portcheck.report import effort_json, json_report, sarif_rules, sentences, strategies, summary
from portcheck.report.escape import escape
from portcheck.report.excerpts import LARGEST, excerpts
from portcheck.report.words import CATEGORY, ROLE, WORK

_HARD = (Work.BLOCKER, Work.REWRITE, Work.CONFIG)
_SUBJECTS = 40
_PATHS = 20

FINDING = (
    "rule", "path", "line", "column", "endLine", "endColumn", "cell", "category", "subject", "work", "certainty",
    "support", "message", "replacement", "shim", "effect", "fixable", "evidence", "role", "guards", "callers",
    "fingerprint", "isNew",
)  # fmt: skip
"""What the values of a row of a finding are."""

FILE = ("path", "kind", "role", "lines", "status", "reason")
"""What the values of a row of a file are."""


class _Numbered:
    """Gives equal values one number, in the order of their first appearance."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[Hashable, int] = {}

    def __call__(self, value: Hashable) -> int:
        number = self._known.setdefault(value, len(self._known))
        if number == len(self.values):
            self.values.append(value)
        return number


def document(report: Report, matrix: Matrix | None = None, code: bool = True) -> dict[str, Any]:
    """Return all that the page shows; without `code` the files are not read again."""
    totals = summary.counts(report)
    texts, lists = _Numbered(), _Numbered()
    findings = [_finding(each, report, texts, lists) for each in report.findings]
    files = [_file(each, texts) for each in report.files]
    found: dict[str, Any] = {
        **clean(dict(json_report.head(report))),
        "root": clean(name(report)),
        "verdict": clean(sentences.verdict(report, totals)),
        "effort": clean(effort_json.document(report.effort)) if report.effort else None,
        "strategies": _strategies(report),
        "matrix": _matrix(matrix) if matrix else None,
        "refused": clean([each._asdict() for each in report.apis if each.support is Support.UNSUPPORTED]),
        "hard": [clean(_subject(each, work)) for work in _HARD for each in summary.subjects(report, work)[:_SUBJECTS]],
        "helpers": clean([each._asdict() for each in summary.helpers(report)[:_SUBJECTS]]),
        "unread": [_unread(each) for each in summary.unread(report)],
        "remarks": clean([each._asdict() for each in report.remarks]),
        "ratchet": report.ratchet is not None,
        "words": {"work": _words(WORK), "category": _words(CATEGORY), "role": _words(ROLE)},
        "rules": _rules(report),
        "findingColumns": FINDING,
        "findings": findings,
        "fileColumns": FILE,
        "files": files,
        "code": _code(report, texts) if code else None,
        "codeLimit": LARGEST,
    }
    return {**found, "texts": texts.values, "lists": [list(each) for each in lists.values]}


def name(report: Report) -> str:
    """Return what a report is about: the last part of the folder that was scanned, as it is to be passed on."""
    return report.root.replace("\\", "/").rstrip("/").rpartition("/")[2] or report.root


def clean(value: Any) -> Any:
    """Return a value in which every text can be shown."""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, dict):
        return {escape(key): clean(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(each) for each in value]
    return value


def _finding(each: Finding, report: Report, texts: _Numbered, lists: _Numbered) -> list[Any]:
    span = each.span

    def text(value: str) -> int:
        return texts(escape(value))

    def several(values: Iterable[str]) -> int:
        return lists(tuple(map(escape, values)))

    return [
        text(each.rule), text(each.path), span.line, span.column, span.end_line, span.end_column, span.cell,
        text(each.category.value), text(each.subject), text(each.work.value), text(each.certainty.value),
        text(each.support.value), text(each.message), text(each.replacement), each.shim, text(each.effect),
        text(each.fixable.value if each.fixable else ""), several(each.evidence), text(each.role.value),
        several(each.guards), each.callers, escape(each.fingerprint),
        report.ratchet is not None and (each.path, each.fingerprint) in report.ratchet.new,
    ]  # fmt: skip


def _file(each: FileReport, texts: _Numbered) -> list[Any]:
    path, reason = texts(escape(each.path)), texts(escape(each.reason))
    return [path, texts(each.kind.value), texts(each.role.value), each.lines, texts(each.status.value), reason]


def _strategies(report: Report) -> dict[str, Any] | None:
    found = report.comparison
    if found is None:
        return None
    return {**clean(strategies.document(found)), "said": clean(strategies.sentences(found))}


def _matrix(matrix: Matrix) -> dict[str, Any]:
    cells = [
        {
            "torch": cell.torch,
            "hardware": cell.hardware,
            "work": {work.value: places for work, places in cell.work.items()},
            "change": cell.to_change,
            "refused": list(cell.refused.items()),
        }
        for cell in matrix.cells
    ]
    found: dict[str, Any] = clean({"versions": matrix.versions, "cards": matrix.cards, "cells": cells})
    return found


def _subject(each: summary.Subject, work: Work) -> dict[str, Any]:
    """One library or rule with the hardest work, in numbers."""
    return {
        "name": each.name,
        "others": each.others,
        "work": work.value,
        "category": each.category.value,
        "rules": each.rules,
        **each.tally._asdict(),
        "optional": each.optional,
        "message": each.message,
        "replacement": each.replacement,
    }


def _unread(each: summary.Unread) -> dict[str, Any]:
    shown: Sequence[str] = each.paths[:_PATHS]
    about = {"status": each.status.value, "reason": each.reason, "paths": shown, "count": len(each.paths)}
    found: dict[str, Any] = clean(about)
    return found


def _words(words: dict[Any, str]) -> dict[str, str]:
    return {key.value: text for key, text in words.items()}


def _rules(report: Report) -> dict[str, Any]:
    """What the rules are about, by id."""
    return {
        rule["id"]: [clean(rule["shortDescription"]["text"]), clean(rule["fullDescription"]["text"])]
        for rule in sarif_rules.rules(report)
        if "shortDescription" in rule
    }


def _code(report: Report, texts: _Numbered) -> list[list[Any]]:
    """The code around the findings: file, cell, and stretches of lines."""
    return [
        [texts(escape(path)), cell, [[excerpt.first, "\n".join(excerpt.lines)] for excerpt in found]]
        for (path, cell), found in excerpts(report)
    ]
