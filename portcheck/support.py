"""What the vendor says of an API on a version and card, from the target's generated tables.

The words are the vendor's: "unsupported" is what its page says, and no proof that the call fails. `kernel` tells an
operator that has a kernel of its own from one that is built of others, and may run all the same.
"""

from __future__ import annotations

import re
from pathlib import Path

from portcheck import aliases
from portcheck.model import Support
from portcheck.records import NamedTuple
from portcheck.supportfile import Index, Table, card_of, read_index, read_table, version_of

_DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32", "fp64": "float64"}
_ALL = frozenset((*_DTYPES, "uint8", "int8", "int16", "int32", "int64", "bool", "complex64", "complex128"))
_SHORT = re.compile(rf"\b(?:{'|'.join(_DTYPES)})\b")
_JOIN = " | "


class DtypeLimit(NamedTuple):
    """The dtypes of one parameter (`""` for any): only `allowed`, if that is not empty, and none of `refused`."""

    parameter: str
    allowed: tuple[str, ...]
    refused: tuple[str, ...]


class SupportRow(NamedTuple):
    """What is said of one API.

    `listed` is the name it is listed under, empty if it is not. `kind` is class, method or function. `kernel` is yes,
    no (built of other operators) or unknown. `npu` is the name the vendor gives it. `flags` are cpu-fallback, cpu-only
    and inference-only; `limits` restrict in words, `notes` inform. `evidence` is repository, commit, page and line.
    """

    api: str
    listed: str
    support: Support
    kind: str = ""
    kernel: str = "unknown"
    npu: str = ""
    dtypes: tuple[DtypeLimit, ...] = ()
    flags: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: str = ""


class Clause(NamedTuple):
    """One clause of a cell: the cards it holds on (empty for all) and its text."""

    cards: tuple[str, ...]
    text: str


def versions(target: str = "ascend", folder: Path | None = None) -> tuple[str, ...]:
    """Return the versions of PyTorch there are tables for, oldest first."""
    return read_index(target, folder).versions


def cards(target: str = "ascend", folder: Path | None = None) -> tuple[str, ...]:
    """Return the cards there are tables for."""
    return read_index(target, folder).cards


def support(api: str, torch: str, hardware: str, target: str = "ascend", folder: Path | None = None) -> SupportRow:
    """Return what the vendor says of an API by its qualified name; nothing for a target without tables.

    Raises:
        UsageError: there is no such version or card in the tables; the nearest are named.
        PackError: the tables are missing or damaged.
    """
    index = read_index(target, folder)
    if not index.versions:
        return SupportRow(api, "", Support.UNLISTED)
    card = card_of(index, hardware)
    version = version_of(index, torch)
    table = read_table(index.folder, version)
    listed = aliases.find(api, table.lines)
    if not listed:
        return SupportRow(api, "", Support.UNLISTED)
    return _row(api, listed, card, table, index)


def names(torch: str, target: str = "ascend", folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all APIs in the table of a version, sorted."""
    index = read_index(target, folder)
    return tuple(sorted(read_table(index.folder, version_of(index, torch)).lines))


def _row(api: str, listed: str, card: str, table: Table, index: Index) -> SupportRow:
    cells = dict(zip(table.columns, table.lines[listed].split("\t")))
    dtypes = _dtypes(_clauses(cells.get("dtypes", ""), card))
    limits = _prose(cells.get("limits", ""), card)
    flags = tuple(cells.get("flags", "").split())
    _, page, line = table.places[listed].split("\t")
    return SupportRow(
        api,
        listed,
        _support(cells[card], bool(dtypes or limits or flags)),
        cells["kind"],
        cells["kernel"],
        cells.get("npu", ""),
        dtypes,
        flags,
        limits,
        _prose(cells.get("notes", ""), card),
        f"{index.repository}@{index.commit[:8]}: {index.pages}/{page}:{line}",
    )


def _support(answer: str, restricted: bool) -> Support:
    if answer == "yes":
        return Support.RESTRICTED if restricted else Support.SUPPORTED
    return Support.UNSUPPORTED if answer == "no" else Support.UNLISTED


def _prose(cell: str, card: str) -> tuple[str, ...]:
    """The sentences of a cell that hold on a card, with the names of types spelt as PyTorch does."""
    return tuple(_SHORT.sub(lambda found: _DTYPES[found.group()], text) for text in _clauses(cell, card))


def _clauses(cell: str, card: str) -> list[str]:
    """The clauses of a cell that hold on a card."""
    found = [_clause(text) for text in cell.split(_JOIN)] if cell else []
    return [clause.text for clause in found if not clause.cards or card in clause.cards]


def _clause(text: str) -> Clause:
    if not text.startswith("{"):
        return Clause((), text)
    scope, _, rest = text[1:].partition("} ")
    return Clause(tuple(scope.split("/")), rest)


def _dtypes(clauses: list[str]) -> tuple[DtypeLimit, ...]:
    """Join clauses: what is allowed of a parameter in any case, with what is added to all, without what is refused."""
    allowed: dict[str, list[str]] = {}
    added: list[str] = []
    refused: list[str] = []
    for clause in clauses:
        at = next(at for at, sign in enumerate(clause) if sign in "=+!")
        if clause[at] == "=":
            allowed.setdefault(clause[:at], []).extend(clause[at + 1 :].split(","))
        else:
            (added if clause[at] == "+" else refused).extend(clause[at + 1 :].split(","))
    limits = [_limit(parameter, [*types, *added], refused) for parameter, types in allowed.items()]
    if refused and not allowed:
        limits.append(_limit("", [], refused))
    return tuple(limit for limit in limits if limit.allowed or limit.refused)


def _limit(parameter: str, allowed: list[str], refused: list[str]) -> DtypeLimit:
    rest = [name for name in dict.fromkeys(allowed) if name not in refused]
    only = () if set(rest) >= _ALL else tuple(_DTYPES.get(name, name) for name in rest)
    return DtypeLimit(parameter, only, tuple(_DTYPES.get(name, name) for name in dict.fromkeys(refused)))
