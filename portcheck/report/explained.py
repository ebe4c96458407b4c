"""An explanation as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from portcheck.explain import Explanation, Judged, Listed, Patched, Styles
from portcheck.report.escape import escape
from portcheck.report.layout import Page
from portcheck.report.words import CATEGORY, WORK, WORK_STYLE
from portcheck.support import DtypeLimit, SupportRow

_LABEL = 10
_FLAG = {
    "cpu-fallback": "may fall back to the CPU",
    "cpu-only": "on the CPU alone",
    "inference-only": "for inference alone",
}
_KERNEL = {
    "yes": "has one of its own, on one card or another",
    "no": "none of its own: it is built of other operators, and may run where they do",
}
_EFFECT = {
    "redirected": "is replaced",
    "rewritten": "has its arguments rewritten",
    "disabled": "is disabled",
    "restored": "is not reached",
    "unreached": "is not reached",
}


def lines(found: Explanation, width: int, color: bool) -> Iterator[str]:
    """Yield the lines of an explanation, each with its line feed."""
    page = Page(width, color)
    out = [page.paint(escape(found.subject), "bold")]
    if found.near:
        near = " or ".join(map(escape, found.near))
        out.extend(page.paragraph(f"No rule and no table knows this very name; did you mean {near}?"))
    if found.judged is not None:
        out.extend([*_head(found.judged, page), *_verdict(found, found.judged, page)])
    if found.listed is not None:
        out.extend(_support(found, found.listed, page))
    if found.patched is not None:
        out.extend([*_shim(found.patched, page), *_whole_shim(found.patched, found.target.torch, page)])
    if found.judged is not None:
        out.extend([*_example(found.judged, page), *_sources(found.judged, page)])
    yield from (line + "\n" for line in out)


def _support(found: Explanation, listed: Listed, page: Page) -> list[str]:
    """The vendor's word by version and card, with the limits that hold on the chosen version and card."""
    wide = max(len(row.support.value) for line in listed.rows for row in line) + 2
    out = ["", page.paint("ACCORDING TO THE VENDOR'S TABLES", "bold")]
    out.append(f"  {'PyTorch':{_LABEL}}" + "".join(f"{card.upper():{wide}}" for card in listed.cards).rstrip())
    for version, row in zip(listed.versions, listed.rows):
        out.append(f"  {version:{_LABEL}}" + "".join(f"{cell.support.value:{wide}}" for cell in row).rstrip())
    chosen = _chosen(found, listed)
    rows = (
        ("Limit", [f"{limit.parameter or 'dtypes'}: {_types(limit)}" for limit in chosen.dtypes]),
        ("Limit", [*(_FLAG[flag] for flag in chosen.flags), *chosen.limits]),
        ("Note", chosen.notes),
        ("Kernel", [_KERNEL[chosen.kernel]] if chosen.kernel in _KERNEL else []),
        ("Read in", [chosen.evidence] if chosen.evidence else []),
    )
    last = ""
    for label, texts in rows:
        for text in texts:
            out.extend(_row("" if label == last else label, text, page))
            last = label
    return out


def _shim(found: Patched, page: Page) -> list[str]:
    """What the shim does, versions of one effect on one line, with where its source says so for the newest."""
    if not found.versions:
        return []
    out = ["", page.paint("WHAT THE RUNTIME SHIM DOES, BY ITS SOURCE", "bold")]
    rows: dict[tuple[str, ...], list[str]] = {}
    places: dict[tuple[str, ...], str] = {}
    for version, effects in found.versions:
        said = tuple(f"{effect.name} {_EFFECT[effect.kind]}: {effect.detail}" for effect in effects)
        rows.setdefault(said, []).append(version)
        places[said] = "; ".join(dict.fromkeys(effect.evidence for effect in effects))
    for said, versions in rows.items():
        label = versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"
        text = "; ".join(said) if said else "nothing is done to it"
        lines = page.paragraph(f"{label}: {text}", 2, 4)
        out.extend([*lines, *(page.paragraph(places[said], 6) if places[said] else [])])
    return out


def _whole_shim(found: Patched, torch: str, page: Page) -> list[str]:
    """How many names the shim of each version touches, and which ones those of the chosen version hinder or leave."""
    out: list[str] = []
    for version, kinds in found.totals:
        counted = ", ".join(f"{len(names)} {kind}" for kind, names in kinds)
        out.extend(_row(version, counted, page))
    for kind, names in dict(found.totals).get(torch, ()):
        if kind in ("disabled", "unreached"):
            out.extend(["", page.paint(f"{kind.upper()} WITH PYTORCH {torch}", "bold")])
            out.extend(page.paragraph(", ".join(names), 2))
    return out


def _chosen(found: Explanation, listed: Listed) -> SupportRow:
    """The row of the chosen version and card, or the newest there is of that card."""
    column = listed.cards.index(found.target.hardware) if found.target.hardware in listed.cards else 0
    version = found.target.torch
    line = listed.versions.index(version) if version in listed.versions else len(listed.versions) - 1
    return listed.rows[line][column]


def _types(limit: DtypeLimit) -> str:
    allowed = f"only {', '.join(limit.allowed)}" if limit.allowed else ""
    refused = f"not {', '.join(limit.refused)}" if limit.refused else ""
    return "; ".join(filter(None, [allowed, refused]))


def _head(found: Judged, page: Page) -> list[str]:
    rule = found.rule
    about = f"{rule.id} {rule.name}, {CATEGORY[rule.category]}"
    covers = ", ".join(found.covers[:8]) + (f" and {len(found.covers) - 8} more" if len(found.covers) > 8 else "")
    return [
        *page.paragraph(f"{rule.summary} ({about})."),
        *page.paragraph(rule.why),
        *(_row("Covers", covers, page) if covers else []),
        *(line for text in found.also for line in _row("Also" if text == found.also[0] else "", text, page)),
    ]


def _verdict(found: Explanation, judged: Judged, page: Page) -> list[str]:
    target, verdict, styles = found.target, judged.verdict, judged.styles
    heading = f"ON {found.title.upper()}, PYTORCH {target.torch}, CARD {target.hardware.upper()}"
    since = f" (PyTorch {styles.since} and newer)" if styles.since else ""
    rows: list[tuple[str, str]] = [
        ("Agnostic", f"{styles.agnostic}{since}" if styles.agnostic else ""),
        ("Older", f"{styles.before} (before PyTorch {styles.since})" if styles.before else ""),
        ("Direct", f"{styles.direct}{_missing(found, styles)}"),
        ("Mind", verdict.message),
        ("Shim", judged.shim),
        ("Fix", judged.trust),
    ]
    work = page.paint(verdict.work.value, WORK_STYLE[verdict.work])
    return [
        "",
        page.paint(heading, "bold"),
        f"  {'Work':{_LABEL}}{work}: {WORK[verdict.work]}",
        *(line for label, text in rows if text for line in _row(label, text, page)),
    ]


def _missing(found: Explanation, styles: Styles) -> str:
    """That the adapter has no such name, where it has none."""
    return "" if styles.offered else f" (no public name of it with PyTorch {found.target.torch})"


def _row(label: str, text: str, page: Page) -> list[str]:
    first, *rest = page.paragraph(text, indent=2 + _LABEL)
    return [f"  {label:{_LABEL}}{first.lstrip()}", *rest]


def _example(found: Judged, page: Page) -> list[str]:
    example = found.example
    if example is None:
        return []
    parts = [
        (f"BEFORE, IN AN EXAMPLE OF {found.rule.id}", example.bad),
        ("AFTER, AGNOSTIC", example.agnostic),
        ("AFTER, DIRECT", example.npu),
    ]
    out: list[str] = []
    for title, code in parts:
        if code.strip():
            shown = [f"    {escape(line.split(f'  # {found.rule.id}')[0])}" for line in code.strip("\n").split("\n")]
            out.extend(["", page.paint(title, "bold"), *(line.rstrip() for line in shown)])
    return out


def _sources(found: Judged, page: Page) -> list[str]:
    listed = [*found.verdict.evidence, *found.rule.links]
    return ["", page.paint("READ IN", "bold"), *(line for source in listed for line in page.paragraph(source, 2, 2))]
