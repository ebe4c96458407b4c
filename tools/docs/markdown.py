"""Texts of rules and of the program as Markdown in which none of their characters is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MARK = re.compile(r"^\d*\W|[^\w\s.,;:/'\"()=?%-]|(?<![^\W_])_+|_+(?![^\W_])")
_LINES = re.compile(r"\s+")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})", re.MULTILINE)


def plain(text: str) -> str:
    """Return prose on one line, signs as character references where they could mean anything but themselves."""
    return _MARK.sub(_references, _LINES.sub(" ", text).strip())


def code(text: str) -> str:
    """Return one line of code, fit for a table."""
    return f"<code>{plain(text)}</code>"


def block(text: str, language: str) -> str:
    """Return lines of code, between fences that are longer than any in them."""
    longest = max((len(match.group(1)) for match in _FENCE.finditer(text)), default=2)
    fence = "`" * (longest + 1)
    inside = text.strip("\n").replace("\r", "\n").replace("\t", "    ")
    return f"{fence}{language}\n{inside}\n{fence}\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; titles and cells are Markdown."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def bullets(items: Iterable[str]) -> str:
    """Return a list; the items are Markdown of one line."""
    return "".join(f"- {item}\n" for item in items)


def page(parts: Iterable[str]) -> str:
    """Return the parts that there are, one below the other."""
    kept: list[str] = [part.strip("\n") for part in parts if part.strip()]
    return "\n\n".join(kept) + "\n"


def _references(match: re.Match[str]) -> str:
    return "".join(char if char.isdigit() else f"&#{ord(char)};" for char in match.group())
