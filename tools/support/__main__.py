"""The command line: makes the tables, or only counts them against the pages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.support import compatibility, count, kernels, table
from tools.support.errors import ShapeError
from tools.support.package import Package
from tools.support.source import Tree, read_tree
from tools.support.write import FOLDER, Sources, make, write


def main(arguments: Sequence[str] | None = None) -> int:
    """Make and count the tables; return 1 if a page is in an unknown shape or the counts differ."""
    options = _parser().parse_args(arguments)
    docs = read_tree(options.docs, FOLDER, compatibility.PAGE, kernels.TORCH_NPU)
    try:
        if not options.check:
            _make(options, docs)
    except ShapeError as error:
        print(f"tools.support: {error}", file=sys.stderr)
        return 1
    differences = compare(count.count(docs.files), counted(options.out))
    for line in differences:
        print(f"tools.support: {line}", file=sys.stderr)
    print(f"{options.out}: counts {'differ from' if differences else 'agree with'} the pages at {docs.commit[:8]}")
    return 1 if differences else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.support", description=__doc__)
    parser.add_argument("--docs", required=True, type=Path, help="git folder or checkout of Ascend/pytorch")
    parser.add_argument("--op-plugin", type=Path, help="git folder or checkout of Ascend/op-plugin, for kernels")
    parser.add_argument("--torch", type=Path, help="PyTorch wheel, or the folder it is installed in")
    parser.add_argument("--wheel", type=Path, nargs="+", default=[], help="torch_npu wheels")
    parser.add_argument("--out", required=True, type=Path, help="folder of the tables")
    parser.add_argument("--check", action="store_true", help="write nothing, only count")
    return parser


def _make(options: argparse.Namespace, docs: Tree) -> None:
    plugin = read_tree(options.op_plugin, kernels.OP_PLUGIN) if options.op_plugin else None
    torch = Package(options.torch) if options.torch else None
    made = make(Sources(docs, tuple(map(Package, options.wheel)), plugin, torch))
    write(made, options.out)
    for line in made.unknown:
        print(f"tools.support: not understood: {line}", file=sys.stderr)


def counted(out: Path) -> dict[str, dict[str, int]]:
    """Return how many rows, and how many yes and no a card, the tables in a folder hold, by version."""
    found: dict[str, dict[str, int]] = {}
    for path in sorted(out.glob("*.places.tsv")):
        version = path.name[: -len(".places.tsv")]
        found[version] = _counted((out / f"{version}.tsv").read_text(encoding="utf-8").splitlines())
    return found


def _counted(lines: list[str]) -> dict[str, int]:
    header, *rows = [line.split("\t") for line in lines]
    numbers = {"rows": len(rows)}
    for card in table.CARDS:
        column = [row[header.index(card)] for row in rows]
        numbers.update({f"{card} {answer}": column.count(answer) for answer in ("yes", "no") if answer in column})
    return numbers


def compare(pages: dict[str, dict[str, int]], tables: dict[str, dict[str, int]]) -> list[str]:
    """Return a line for each number that differs."""
    there, here = _flat(pages), _flat(tables)
    return [
        f"{version}: {what}: {there.get((version, what), 0)} on the pages, {here.get((version, what), 0)} in the tables"
        for version, what in sorted({*there, *here})
        if there.get((version, what)) != here.get((version, what))
    ]


def _flat(numbers: dict[str, dict[str, int]]) -> dict[tuple[str, str], int]:
    return {(version, what): number for version, found in numbers.items() for what, number in found.items()}


if __name__ == "__main__":
    sys.exit(main())
