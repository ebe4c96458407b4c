"""What the guide says of the target: releases that go together, what the shim does, and the drop-in replacements."""

from __future__ import annotations

from collections.abc import Iterator

from portcheck import pack, releases
from portcheck.model import Category, Work
from portcheck.packtypes import Pack, TargetPack, Verdict
from portcheck.report.forms import forms
from portcheck.report.words import CATEGORY
from tools.docs.markdown import bullets, code, page, plain, table

_GENERAL = "For any accelerator"
_OLDER = "Before PyTorch"
_DIRECT = "For this target alone"


def versions() -> str:
    """Return the table of the releases of torch_npu, newest first, with where each was read."""
    rows = [
        [
            release.torch,
            release.torch_npu,
            release.cann or "not published",
            ", ".join(release.pythons) or "not published",
            plain(release.evidence),
        ]
        for release in releases.releases()
        if release.status in ("active", "package")
    ]
    return table(["PyTorch", "torch_npu", "CANN", "Python", "read in"], rows)


def shim_counts() -> str:
    """Return how many names the shim of each version touches, by what it does to them."""
    found = {version: releases.shim_names(version) for version in pack.load().target.versions}
    kinds = list(next(iter(found.values())))
    rows = [[version, *(str(len(names[kind])) for kind in kinds)] for version, names in found.items()]
    return table(["PyTorch", *kinds], rows)


def shim_names(kind: str) -> str:
    """Return the names that the newest shim does one thing to, with the words and the place of its source."""
    newest = pack.load().target.versions[-1]
    rows: dict[str, list[str]] = {}
    for name in releases.shim_names(newest)[kind]:
        effect = next(effect for effect in releases.effects(name, newest) if effect.kind == kind)
        rows.setdefault(effect.detail, []).append(name)
    return bullets(f"{', '.join(map(code, names))}: {plain(detail)}" for detail, names in rows.items())


def renames(style: str) -> str:
    """Return the drop-in replacements by category in a style, `npu` or `agnostic`, with the PyTorch they need."""
    return page(_renames(pack.load(), style))


def _renames(known: Pack, style: str) -> Iterator[str]:
    whole = {verdict.rule: verdict for verdict in known.verdicts if not verdict.names and verdict.work is Work.RENAME}
    for category in Category:
        rules = sorted(rule for rule in known.rules if rule.category is category and rule.id in whole)
        rows = [
            [f"[{rule.id}](../rules/{rule.id}.md)", plain(rule.summary), *_form(whole[rule.id], style, known.target)]
            for rule in rules
        ]
        kept = [row for row in rows if any(row[2:])]
        if kept:
            titles = ["rule", "what the code does", "becomes", *(["older PyTorch"] if style == "agnostic" else [])]
            yield f"### {CATEGORY[category].capitalize()}"
            yield table(titles, kept)


def _form(verdict: Verdict, style: str, about: TargetPack) -> list[str]:
    found = forms(verdict, about)
    if style == "npu":
        return ["".join(code(text) for label, text in found if label == _DIRECT)]
    general = "".join(f"{code(text)}{_since(label)}" for label, text in found if label.startswith(_GENERAL))
    return [general, "".join(code(text) for label, text in found if label.startswith(_OLDER))] if general else ["", ""]


def _since(label: str) -> str:
    words = label.partition(", PyTorch ")[2]
    return f" ({words})" if words else ""
