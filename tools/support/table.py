"""A version's table as lines of tab-separated text, sorted, so that a new release is a diff that can be read.

One line an API: name, kind, an answer a card, kernel, name on the NPU, dtypes, flags, limits, notes. Clauses are joined
by " | "; one that holds on some cards only begins with them in braces. Places (page and line) stand in a file of their
own, as they all move when a page gains a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tools.support.kernels import UNKNOWN, Kernels
from tools.support.limits import Dtypes, Limits, Words
from tools.support.page import Entry

CARDS = ("a2", "a3", "950")
COLUMNS = ("api", "kind", *CARDS, "kernel", "npu", "dtypes", "flags", "limits", "notes")
JOIN = " | "


class Row(NamedTuple):
    """An entry of a page, what its limits say, and whether it has a kernel of its own."""

    page: str
    entry: Entry
    limits: Limits
    kernel: str


def row(page: str, entry: Entry, limits: Limits, kernels: Kernels | None) -> Row:
    """Return the row of an entry; without `kernels` nothing is known of its kernel."""
    return Row(page, entry, limits, kernels.of(entry.name) if kernels else UNKNOWN)


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Return the rows by name; of two of one name, the one on the page that is named for its module comes first."""
    return sorted(rows, key=lambda item: (item.entry.name, not _is_home(item), item.page, item.entry.line))


def lines(rows: Sequence[Row]) -> str:
    """Return the text of a version's table."""
    return _text(COLUMNS, (_cells(item) for item in rows))


def places(rows: Sequence[Row]) -> str:
    """Return the text of a version's places, in the order of its table."""
    return _text(("api", "page", "line"), ((item.entry.name, item.page, str(item.entry.line)) for item in rows))


def _text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join("\t".join(cells).rstrip("\t") + "\n" for cells in (header, *rows))


def _cells(item: Row) -> tuple[str, ...]:
    entry, said = item.entry, item.limits
    answers = dict(entry.cards)
    return (
        entry.name,
        entry.kind,
        *(answers.get(card, "absent") for card in CARDS),
        item.kernel,
        entry.npu,
        JOIN.join(map(_dtypes, said.dtypes)),
        " ".join(said.flags),
        JOIN.join(map(_words, said.limits)),
        JOIN.join(map(_words, said.notes)),
    )


def _dtypes(clause: Dtypes) -> str:
    return f"{_scope(clause.cards)}{clause.of}{clause.how}{','.join(clause.types)}"


def _words(words: Words) -> str:
    return _scope(words.cards) + words.text


def _scope(cards: tuple[str, ...]) -> str:
    return f"{{{'/'.join(cards)}}} " if cards else ""


def _is_home(item: Row) -> bool:
    """Whether a page is named for a module that holds the API."""
    return f"{item.entry.name}.".startswith(item.page.rpartition("/")[2][: -len(".md")].replace("-", ".") + ".")
