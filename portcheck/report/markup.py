"""Text from scanned repositories made safe for Markdown as GitHub and GitLab render it.

What a repository wrote stands in code spans, where nothing is markup, a mention or a link. Prose around it has its
marks escaped; a space of no width keeps `@name`, `#1` and addresses from becoming mentions and links.
"""

from __future__ import annotations

import re

from portcheck.report.escape import escape

_MARKS = re.compile(r"([\\`*_{}\[\]<>~$])")
_ACTIVE = re.compile(r"@|#|://|\bwww\.")
_FIRST = re.compile(r"^(\s*\d*)([-+=.)])")
_TICKS = re.compile(r"`+")
_NO_WIDTH = "&#8203;"


def code(text: str) -> str:
    """Return one line of text as a code span, fit for a table too."""
    text = escape(text)
    if "|" in text:
        # A table would take the bar for its own, and a code span keeps the backslash that says otherwise.
        return f"<code>{plain(text)}</code>"
    if not text.strip():
        return "` `"
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def plain(text: str) -> str:
    """Return one line of prose in which no character is markup."""
    text = escape(text).replace("&", "&amp;")
    text = _MARKS.sub(r"\\\1", text)
    text = _ACTIVE.sub(lambda match: match.group() + _NO_WIDTH, text)
    return _FIRST.sub(r"\1\\\2", text).replace("|", "&#124;")


def row(cells: list[str]) -> str:
    """Return the line of a table; the cells are Markdown."""
    return f"| {' | '.join(cells)} |\n"


def head(titles: list[str]) -> str:
    """Return the first two lines of a table; a column whose title ends with a colon holds numbers."""
    aligned = ["---:" if title.endswith(":") else "---" for title in titles]
    return row([title.rstrip(":") for title in titles]) + row(aligned)
