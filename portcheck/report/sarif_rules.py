"""The rules that a SARIF log describes: those its results name, each with help, in the order of their ids.

Texts come from the rule pack of the report's target. For a report whose target has no pack here, the ids are all that
is known.
"""

from __future__ import annotations

from typing import Any

from portcheck.errors import PortcheckError
from portcheck.model import Category, Finding, Report, Work
from portcheck.packtypes import Pack, Rule, TargetPack, Verdict
from portcheck.report.forms import forms
from portcheck.report.markup import code, plain
from portcheck.report.words import CATEGORY, WORK

LEVELS = {
    Work.BLOCKER: "error",
    Work.REWRITE: "error",
    Work.CONFIG: "warning",
    Work.RENAME: "warning",
    Work.VERIFY: "note",
    Work.NONE: "none",
}
"""The level of a result by the work it asks for."""

_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation", "none": "recommendation"}


def rules(report: Report) -> list[dict[str, Any]]:
    """Return the descriptions of the rules that the findings fall under, suppressed ones too."""
    first: dict[str, Finding] = {}
    for finding in (*report.findings, *(each.finding for each in report.suppressed)):
        first.setdefault(finding.rule, finding)
    pack = _pack(report.target.name)
    known = {rule.id: rule for rule in pack.rules} if pack else {}
    verdicts = {verdict.rule: verdict for verdict in pack.verdicts if not verdict.names} if pack else {}
    about = pack.target if pack else None
    return [
        _described(known[name], verdicts[name], about) if about and name in known else _bare(name, first[name].category)
        for name in sorted(first)
    ]


def _pack(target: str) -> Pack | None:
    from portcheck.pack import load

    try:
        return load(target)
    except PortcheckError:
        return None


def _bare(name: str, category: Category) -> dict[str, Any]:
    return {"id": name, "properties": {"tags": [category.value]}}


def _described(rule: Rule, verdict: Verdict, about: TargetPack) -> dict[str, Any]:
    level = LEVELS[verdict.work]
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": rule.why},
        "helpUri": next((link for link in rule.links if link.startswith("https://")), ""),
        "help": {"text": _text(rule, verdict, about), "markdown": _markdown(rule, verdict, about)},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": [rule.category.value], "precision": "high", "problem.severity": _SEVERITY[level]},
    }


def _text(rule: Rule, verdict: Verdict, about: TargetPack) -> str:
    lines = [rule.why, f"On {about.title}: {verdict.work.value} ({WORK[verdict.work]})."]
    lines += [f"{label}: {text}" for label, text in forms(verdict, about)]
    lines += [verdict.message] if verdict.message else []
    lines += [f"More: portcheck explain {rule.id}"]
    return "\n".join(lines)


def _markdown(rule: Rule, verdict: Verdict, about: TargetPack) -> str:
    parts = [
        f"**{plain(rule.summary)}** ({CATEGORY[rule.category]})",
        plain(rule.why),
        f"On {plain(about.title)}: **{verdict.work.value}**, {WORK[verdict.work]}.",
        "\n".join(f"- {label}: {code(text)}" for label, text in forms(verdict, about)),
        plain(verdict.message),
        f"More: {code(f'portcheck explain {rule.id}')}",
        "\n".join(f"- <{link}>" for link in rule.links if link.startswith("https://")),
    ]
    return "\n\n".join(part for part in parts if part)
