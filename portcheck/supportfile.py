"""Reads a target's generated support tables: one index, and of the rest only what is asked for.

The index holds the digest of every other file, so that a table that was edited by hand, cut off or left over from
another release is an error and never an answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portcheck.digests import blake2b
from portcheck.errors import PackError, UsageError
from portcheck.packtypes import TargetPack
from portcheck.paths import rules_folder
from portcheck.records import NamedTuple

SCHEMA = 1
"""The form of tables that this version of portcheck reads."""

_FOLDER = "support"
_INDEX = "index.json"


class Index(NamedTuple):
    """What tables there are: where, from which commit of which pages, for which versions and cards."""

    folder: Path
    repository: str
    commit: str
    pages: str
    versions: tuple[str, ...]
    cards: tuple[str, ...]
    digests: dict[str, str]


class Table(NamedTuple):
    """One version's table: a line for each API, and the page and line where it stands."""

    columns: tuple[str, ...]
    lines: dict[str, str]
    places: dict[str, str]


@cache
def read_index(target: str = "ascend", folder: Path | None = None) -> Index:
    """Return the index of a target's tables, from `folder` or from where the packs of this installation are.

    A target without a folder for them has none: its index names no versions.

    Raises:
        PackError: the index is missing in that folder, or of another form than this version reads.
    """
    home = (folder or rules_folder()) / target
    tables = home / _FOLDER
    return Index(tables, "", "", "", (), (), {}) if home.is_dir() and not tables.is_dir() else _index(tables)


def check(pack: TargetPack, index: Index) -> None:
    """Compare a target's pack with its tables, if it has any.

    Raises:
        PackError: the pack offers a version or card that the tables do not have.
    """
    if not index.versions:
        return
    for what, offered, known in (("versions", pack.versions, index.versions), ("hardware", pack.hardware, index.cards)):
        missing = [name for name in offered if name not in known]
        if missing:
            tables = index.folder / _INDEX
            raise PackError(f"{pack.name}/target.toml: {what}: {', '.join(missing)} not in {tables}: out of step")


def version_of(index: Index, torch: str) -> str:
    """Return the version of the tables that a PyTorch version means: itself, without a local or post part, or cut off.

    Raises:
        UsageError: there is no such version; the nearest ones are named.
    """
    found = meant(torch, index.versions)
    if len(found) == 1:
        return found[0]
    close = neighbours(torch, index.versions)
    verb = "is" if len(close) == 1 else "are"
    raise UsageError(f"no support table for PyTorch {torch}: the nearest {verb} {' and '.join(close)}")


def meant(torch: str, versions: Sequence[str]) -> tuple[str, ...]:
    """Return the versions that one may stand for: itself, without a local or post part, or all that begin with it."""
    wanted = _plain(torch)
    if wanted in versions:
        return (wanted,)
    return tuple(version for version in versions if version.startswith(f"{wanted}."))


def neighbours(torch: str, versions: Sequence[str]) -> tuple[str, ...]:
    """Return the newest version below one, and the oldest above it; nothing for a text that is no version."""
    wanted = _numbers(_plain(torch))
    if not wanted:
        return ()
    ordered = sorted(versions, key=_numbers)
    below = [version for version in ordered if _numbers(version) < wanted]
    above = [version for version in ordered if _numbers(version) > wanted]
    return (*below[-1:], *above[:1])


def card_of(index: Index, hardware: str) -> str:
    """Return a card of the tables.

    Raises:
        UsageError: there is no such card; the nearest one is named, and all there are.
    """
    if hardware in index.cards:
        return hardware
    # Only needed when something is wrong.
    from portcheck.tables import nearest

    hint = nearest(hardware.lower(), index.cards)
    raise UsageError(f"no support table for the card {hardware!r}: there are {', '.join(index.cards)}{hint}")


@cache
def read_table(folder: Path, version: str) -> Table:
    """Return the table of a version in the folder of an index.

    Raises:
        PackError: it is missing, or not what the index says.
    """
    index = _index(folder)
    header, *rows = read_text(index, f"{version}.tsv").splitlines()
    places = read_text(index, f"{version}.places.tsv").splitlines()[1:]
    # Of two lines of one name the first counts.
    lines = {row.partition("\t")[0]: row for row in reversed(rows)}
    where = {place.partition("\t")[0]: place for place in reversed(places)}
    if lines.keys() != where.keys():
        raise PackError(f"{index.folder / version}.tsv: other names than in its places")
    return Table(tuple(header.split("\t")), lines, where)


def read_json(index: Index, name: str) -> Any:
    """Return the content of a JSON file of the tables.

    Raises:
        PackError: it is missing, or not what the index says.
    """
    return _json(index.folder, name)


def read_text(index: Index, name: str) -> str:
    """Return the text of a file of the tables.

    Raises:
        PackError: it is missing, or not what the index says.
    """
    path = index.folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PackError(f"{path}: {error.strerror}; install portcheck again") from error
    if blake2b(data, digest_size=16).hexdigest() != index.digests.get(name):
        raise PackError(f"{path}: out of step with {_INDEX} beside it; install portcheck again")
    return data.decode("utf-8")


@cache
def _index(folder: Path) -> Index:
    path = folder / _INDEX
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PackError(f"{path}: no index of support tables: {error}") from error
    try:
        if data["schema"] != SCHEMA:
            raise PackError(f"{path}: schema: {data['schema']}, and this version of portcheck reads {SCHEMA}")
        versions, cards = tuple(data["versions"]), tuple(data["cards"])
        return Index(folder, data["repository"], data["commit"], data["folder"], versions, cards, data["files"])
    except (KeyError, TypeError) as error:
        raise PackError(f"{path}: not an index of support tables: {error}") from error


@cache
def _json(folder: Path, name: str) -> Any:
    return json.loads(read_text(_index(folder), name))


def _plain(version: str) -> str:
    return version.partition("+")[0].partition(".post")[0]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
