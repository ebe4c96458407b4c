"""The report as one HTML page for people: everything it needs is in it, and it asks no network for anything.

The page in `page/` draws itself from the data in a script element, in which no character can end the element. Its
Content-Security-Policy lets nothing be loaded and nothing run but this style and this script, named by their digests,
and no text be taken for markup; what is said without the script is escaped here.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape as markup
from pathlib import Path

from portcheck.matrix import Matrix
from portcheck.model import Report
from portcheck.report import page_data, sentences, summary
from portcheck.report.escape import escape

SCRIPTS = ("dom", "data", "charts", "treemap", "overview", "findings", "main")
"""The parts of the page's script, in the order in which they are joined."""

_FOLDER = Path(__file__).with_name("page")
_SLOT = re.compile(r"\{\{(\w+)\}\}")
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def chunks(report: Report, matrix: Matrix | None = None, code: bool = True) -> Iterator[str]:
    """Yield the page in pieces; `matrix` is the same repository on all versions and cards.

    With `code` the files below the root of the report are read again for the lines around findings.
    """
    style, script = _part("page.css"), _script()
    name = escape(page_data.name(report))
    said = sentences.verdict(report, summary.counts(report))
    slots = {
        "policy": _policy(style, script),
        "title": markup(f"{name}: portcheck report"),
        "name": markup(name),
        "verdict": "".join(f"<p>{markup(escape(sentence))}</p>" for sentence in said),
        "style": style,
        "script": script,
    }
    for place, piece in enumerate(_SLOT.split(_part("page.html"))):
        if place % 2 == 0 or piece != "data":
            yield slots[piece] if place % 2 else piece
        else:
            yield from _data(report, matrix, code)


def _data(report: Report, matrix: Matrix | None, code: bool) -> Iterator[str]:
    """JSON that may stand in a script element: of pure ASCII, without a character that HTML knows."""
    separator = "{"
    for key, value in page_data.document(report, matrix, code).items():
        text = json.dumps(value, separators=(",", ":"))
        yield f'{separator}"{key}":{text.translate(_IN_SCRIPT)}'
        separator = ",\n"
    yield "}"


def _part(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _script() -> str:
    """The parts of the script as one function, so that nothing is left in the page's global names."""
    parts = "\n".join(_part(f"{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


def _policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_digest(style)}",
            f"script-src {_digest(script)}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
