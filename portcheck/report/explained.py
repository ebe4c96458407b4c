"""An explanation as text for a terminal."""

from __future__ import annotations

from typing import Iterator, List, Tuple

from portcheck.explain import Explanation
from portcheck.report.escape import escape
from portcheck.report.layout import Page
from portcheck.report.words import CATEGORY, WORK, WORK_STYLE

_LABEL = 10


def lines(found: Explanation, width: int, color: bool) -> Iterator[str]:
    """Yield the lines of an explanation, each with its line feed."""
    page = Page(width, color)
    for line in (*_head(found, page), *_verdict(found, page), *_example(found, page), *_sources(found, page)):
        yield line + "\n"


def _head(found: Explanation, page: Page) -> List[str]:
    rule = found.rule
    about = f"{rule.id} {rule.name}, {CATEGORY[rule.category]}"
    covers = ", ".join(found.covers[:8]) + (f" and {len(found.covers) - 8} more" if len(found.covers) > 8 else "")
    return [
        page.paint(escape(found.subject), "bold"),
        *page.paragraph(f"{rule.summary} ({about})."),
        *page.paragraph(rule.why),
        *_row("Covers", covers, page),
    ]


def _verdict(found: Explanation, page: Page) -> List[str]:
    target, verdict, styles = found.target, found.verdict, found.styles
    heading = f"ON {found.title.upper()}, PYTORCH {target.torch}, CARD {target.hardware.upper()}"
    since = f" (PyTorch {styles.since} and newer)" if styles.since else ""
    rows: List[Tuple[str, str]] = [
        ("Agnostic", f"{styles.agnostic}{since}" if styles.agnostic else ""),
        ("Direct", styles.direct),
        ("Mind", verdict.message),
        ("Shim", found.shim),
        ("Fix", found.trust),
    ]
    work = page.paint(verdict.work.value, WORK_STYLE[verdict.work])
    return [
        "",
        page.paint(heading, "bold"),
        f"  {'Work':{_LABEL}}{work}: {WORK[verdict.work]}",
        *(line for label, text in rows if text for line in _row(label, text, page)),
    ]


def _row(label: str, text: str, page: Page) -> List[str]:
    first, *rest = page.paragraph(text, indent=2 + _LABEL)
    return [f"  {label:{_LABEL}}{first.lstrip()}", *rest]


def _example(found: Explanation, page: Page) -> List[str]:
    example = found.example
    if example is None:
        return []
    parts = [("BEFORE", example.bad), ("AFTER, AGNOSTIC", example.agnostic), ("AFTER, DIRECT", example.npu)]
    out: List[str] = []
    for title, code in parts:
        if code.strip():
            shown = [f"    {escape(line.split(f'  # {found.rule.id}')[0])}" for line in code.strip("\n").split("\n")]
            out.extend(["", page.paint(title, "bold"), *(line.rstrip() for line in shown)])
    return out


def _sources(found: Explanation, page: Page) -> List[str]:
    listed = [*found.verdict.evidence, *found.rule.links]
    return ["", page.paint("READ IN", "bold"), *(line for source in listed for line in page.paragraph(source, 2, 2))]
