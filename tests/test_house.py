"""The house stands: imports go down only and in no circle, libraries stay in their room, nothing grows too large."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Union

import pytest

from tests.commands import ROOT

FLOORS = (
    "arguments digests errors estimate inventory model pragma ratchet records",
    "aliases anchors apart compiled config edit_model interest markfile needles pack packfile packtypes paths patterns "
    "prices releases rulefile scope support supportfile tables targetfile",
    "changes discover folders fresh gitignore gitindex included kinds perfile places plumbing revision roles "
    "sources walk",
    "aim baseline blank cache codec delta effort explain extensions gate held hold ignore link listed match matrix "
    "memo modules nearby origins pins plan reportfile scope_graph selection stock strategy tally vendor verdict "
    "wording worker",
    "assess fix gather pool report run",
    "api",
    "repair",
    "options",
    "output",
    "ending",
    "__init__ __main__ accept cli inforce nothing plainly quick rulebook selftest session sides",
)
"""The rooms of the package, lowest floor first. A room is a module, or a folder with all that is in it."""

ROOMS_OF = {
    "click": {"cli", "inforce", "options"},
    "libcst": {"fix"},
    "multiprocessing": {"pool"},
    "concurrent": {"pool"},
    "asyncio": set(),
    "rich": {"report"},
    "pathspec": {"gitignore"},
    "tomli": {"config", "prices", "sources", "tables"},
    "tomllib": set(),
    "pickle": set(),
    "marshal": set(),
    "packaging": {"pins", "sources"},
    "yaml": {"sources"},
}
"""Libraries that only some rooms may import, at the top or in a function."""

MAX_FILE = 400
MAX_FUNCTION = 50

PACKAGE = ROOT / "portcheck"
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms.split()}

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def module_of(path: Path) -> str:
    """Return the name of a module below the package, `__init__` for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts if len(parts) == 1 or parts[-1] != "__init__" else parts[:-1])


MODULES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(module: str) -> str:
    """Return the room that a module is in."""
    return module.partition(".")[0]


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and full name of all that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def own_module(name: str) -> str:
    """Return the module of the package that an imported name is, or is in; empty for anything else."""
    if name == "portcheck.__version__" or not (name + ".").startswith("portcheck."):
        return ""
    inside = name.split(".")[1:]
    for length in (len(inside), len(inside) - 1):
        module = ".".join(inside[:length])
        if module in MODULES:
            return module
    return "__init__"


GRAPH: dict[str, dict[str, int]] = {
    module: {own_module(name): line for line, name in imported(path) if own_module(name)}
    for module, path in MODULES.items()
}


def test_every_room_is_on_a_floor() -> None:
    assert {room_of(module) for module in MODULES} <= set(FLOOR_OF)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    upward = [
        f"{MODULES[module].name}:{line} imports {other}"
        for other, line in GRAPH[module].items()
        if FLOOR_OF[room_of(other)] > FLOOR_OF[room_of(module)]
    ]
    assert not upward


SPELT = re.compile(r"torch\.cuda|torch_npu|\b(?:nccl|hccl)|cudnn|cublas|\bcuda\b|\bcuda[A-Z]|\bnpu-smi|\bnvidia-smi")
SPELLS = {
    "aliases": "the two names of one object of PyTorch",
    "fix.helper": "the module that is written into a repository",
    "listed": "the modules of PyTorch that hold no operators",
    "pack": "the folder of rules",
    "releases": "the adapter that the generated tables are about",
    "rulebook": "a rule to begin with, which people change",
    "rulefile": "the folder of rules",
    "sources.beside": "how Numba spells a kernel",
    "sources.pixi": "how pixi spells the CUDA that a machine must have",
    "sources.pykernels": "how Numba spells a kernel",
    "stock.kernels": "words of the report's table of kernels",
}
"""The modules that spell names of CUDA or of a target, and why the packs do not."""


@pytest.mark.parametrize("module", MODULES)
def test_names_of_cuda_and_of_targets_are_in_the_packs(module: str) -> None:
    found = [f"line {line}: {text}" for line, text in texts(MODULES[module]) if SPELT.search(text)]
    assert module in SPELLS if found else module not in SPELLS, found


def texts(path: Path) -> list[tuple[int, str]]:
    """Return the texts in the code of a module, without its docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    documents = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    found = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in documents)
    return [(node.lineno, node.value) for node in found if isinstance(node.value, str)]


def test_no_circle() -> None:
    done: set[str] = set()

    def visit(module: str, above: list[str]) -> None:
        assert module not in above, " -> ".join([*above, module])
        if module not in done:
            for other in GRAPH[module]:
                visit(other, [*above, module])
            done.add(module)

    for module in GRAPH:
        visit(module, [])


@pytest.mark.parametrize("library", ROOMS_OF)
def test_libraries_stay_in_their_rooms(library: str) -> None:
    strays = [
        f"{path.name}:{line}"
        for module, path in MODULES.items()
        for line, name in imported(path)
        if name.partition(".")[0] == library and room_of(module) not in ROOMS_OF[library]
    ]
    assert not strays


def test_an_upward_import_and_a_stray_library_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("def late():\n    from portcheck.report import text\n    import click.core\n", encoding="utf-8")
    assert [(line, own_module(name), name.partition(".")[0]) for line, name in imported(path)] == [
        (2, "report.text", "portcheck"),
        (3, "", "click"),
    ]


FILES = [
    path for folder in ("portcheck", "tests", "benchmarks", "tools") for path in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_grows_too_large(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    long = [f"{node.name}: {length(node)} lines" for node in functions if length(node) > MAX_FUNCTION]
    assert not long
    assert text.count("\n") <= MAX_FILE


def length(node: Function) -> int:
    """Return the lines of a function, with its decorators."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return (node.end_lineno or first) - first + 1
