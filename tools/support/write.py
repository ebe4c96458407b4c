"""Writes the support tables: sorted text and JSON of one fact a line, and an index with digests of it all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.support import compatibility, kernels, limits, names, page, shim, table
from tools.support.package import Package
from tools.support.source import Tree

SCHEMA = 1
FOLDER = "docs/zh/api/native_api"
INDEX = "index.json"
CARD_TITLES = {"a2": "Atlas A2 training series", "a3": "Atlas A3 training series", "950": "Ascend 950DT"}

_PAGE = re.compile(rf"{FOLDER}/pytorch_(\d+-\d+-\d+)/[^/]+\.md")


class Sources(NamedTuple):
    """All that the tables are made of; op-plugin and PyTorch are needed for kernels alone."""

    docs: Tree
    wheels: tuple[Package, ...]
    op_plugin: Tree | None = None
    torch: Package | None = None


class Made(NamedTuple):
    """Files by name, and the sentences that nobody has understood, as `page:line: sentence`."""

    files: dict[str, str]
    unknown: tuple[str, ...]


def make(sources: Sources) -> Made:
    """Return the files of the support tables.

    Raises:
        ShapeError: a page or the shim is in a shape that is not known.
    """
    by_age = sorted(sources.wheels, key=lambda wheel: compatibility.order(_version(wheel)))
    sources = sources._replace(wheels=tuple(by_age))
    files: dict[str, str] = {}
    unknown: list[str] = []
    versions: dict[str, object] = {}
    for version, pages in _versions(sources.docs).items():
        rows = table.ordered(_rows(pages, _kernels(sources, version)))
        unknown.extend(f"{row.page}:{row.entry.line}: {text}" for row in rows for text in row.limits.unknown)
        files[f"{version}.tsv"] = table.lines(rows)
        files[f"{version}.places.tsv"] = table.places(rows)
        versions[version] = {"rows": len(rows), **{card: _answers(rows, card) for card in table.CARDS}}
    files["compatibility.json"] = _json(_compatibility(sources), 1)
    files["names.tsv"] = _names(sources.wheels)
    files["shim.json"] = _json(_shims(sources), 3)
    files[INDEX] = _json(_index(sources, versions, files), 2)
    return Made(files, tuple(unknown))


def write(made: Made, out: Path) -> None:
    """Put the files into a folder, and take away tables of versions that are no longer there."""
    out.mkdir(parents=True, exist_ok=True)
    for stale in (path for path in out.glob("*.tsv") if path.name not in made.files):
        stale.unlink()
    for name, text in made.files.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")


def _versions(docs: Tree) -> dict[str, dict[str, str]]:
    """The pages of each version, by path below the folder of native APIs."""
    found: dict[str, dict[str, str]] = {}
    for path, text in docs.files.items():
        match = _PAGE.fullmatch(path)
        if match:
            found.setdefault(match.group(1).replace("-", "."), {})[path[len(FOLDER) + 1 :]] = text
    return dict(sorted(found.items(), key=lambda item: [int(number) for number in item[0].split(".")]))


def _rows(pages: Mapping[str, str], known: kernels.Kernels | None) -> Iterator[table.Row]:
    for path, text in pages.items():
        for entry in page.parse(f"{FOLDER}/{path}", text):
            yield table.row(path, entry, limits.read(entry.limits), known)


def _kernels(sources: Sources, version: str) -> kernels.Kernels | None:
    if sources.op_plugin is None or sources.torch is None:
        return None
    plugin, adapter = sources.op_plugin.files[kernels.OP_PLUGIN], sources.docs.files[kernels.TORCH_NPU]
    return kernels.read(plugin, adapter, sources.torch, version)


def _answers(rows: Sequence[table.Row], card: str) -> dict[str, int]:
    answers = [dict(row.entry.cards).get(card, "absent") for row in rows]
    return {answer: answers.count(answer) for answer in ("yes", "no", "absent")}


def _compatibility(sources: Sources) -> dict[str, object]:
    page_text = sources.docs.files[compatibility.PAGE]
    listed, pythons = compatibility.read_page(page_text), compatibility.pythons(page_text)
    packages = [_package(wheel, pythons) for wheel in sources.wheels]
    return {release.torch_npu: release._asdict() for release in compatibility.merge(listed, packages)}


def _package(wheel: Package, pythons: Mapping[str, tuple[str, ...]]) -> compatibility.Release:
    """A release known by its package alone: for which PyTorch, and the Pythons listed for that."""
    requires = " ".join(wheel.metadata("Requires-Dist"))
    torch = re.search(r"torch ?==(\d+\.\d+\.\d+)", requires)
    version = torch.group(1) if torch else ""
    source = f"{wheel.path.name}: METADATA"
    return compatibility.Release(_version(wheel), version, "", "", pythons.get(version, ()), "package", source)


def _names(wheels: Sequence[Package]) -> str:
    found = {_version(wheel): names.read(wheel) for wheel in wheels}
    every = sorted({name for known in found.values() for name in known})
    rows = [[name, *(known.get(name, "absent") for known in found.values())] for name in every]
    return "".join("\t".join(row) + "\n" for row in [["name", *found], *rows])


def _shims(sources: Sources) -> dict[str, object]:
    cuda = sources.torch.module("torch.cuda") if sources.torch else None
    listed = (cuda.listed() or ()) if cuda else ()
    return {_version(wheel): _effects(shim.read(wheel, listed)) for wheel in sources.wheels}


def _effects(effects: Sequence[shim.Effect]) -> dict[str, dict[str, tuple[str, str]]]:
    return {
        kind: {effect.name: (effect.detail, effect.place) for effect in effects if effect.kind == kind}
        for kind in shim.EFFECTS
    }


def _index(sources: Sources, versions: dict[str, object], files: Mapping[str, str]) -> dict[str, object]:
    plugin = sources.op_plugin.commit if sources.op_plugin else ""
    return {
        "schema": SCHEMA,
        "repository": "Ascend/pytorch",
        "commit": sources.docs.commit,
        "folder": FOLDER,
        "kernels": {"Ascend/op-plugin": plugin, "PyTorch": _torch_version(sources.torch)},
        "cards": CARD_TITLES,
        "versions": versions,
        "wheels": {_version(wheel): wheel.path.name for wheel in sources.wheels},
        "files": {name: digest(text) for name, text in sorted(files.items())},
    }


def digest(text: str) -> str:
    """Return the digest by which a table is known to be what the index says."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _version(wheel: Package) -> str:
    return wheel.metadata("Version")[0]


def _torch_version(torch: Package | None) -> str:
    text = (torch.read("torch/version.py") if torch else "") or ""
    match = re.search(r"__version__ = '([\d.]+)", text)
    return match.group(1) if match else ""


def _json(data: object, depth: int, indent: int = 0) -> str:
    """JSON with one member a line down to a depth, and what is deeper on one line."""
    if not isinstance(data, dict) or depth == 0:
        return json.dumps(data, ensure_ascii=False)
    pad = " " * (indent + 1)
    members = [f"{pad}{json.dumps(key)}: {_json(value, depth - 1, indent + 1)}" for key, value in data.items()]
    text = "{\n" + ",\n".join(members) + "\n" + " " * indent + "}" if members else "{}"
    return text if indent else f"{text}\n"
