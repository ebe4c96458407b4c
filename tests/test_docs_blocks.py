"""Every code block of the documentation is run, or at the least parsed, in the order of its page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tomli
import yaml

from portcheck.config import resolve
from tests.commands import ROOT
from tests.pages import DOCS, PAGES, Block, Walk, agrees, blocks, start, steps

LANGUAGES = {"sh", "console", "python", "toml", "yaml", "json", "text", "diff", "groovy"}

SCHEMAS = {".github/workflows": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}
"""The published schema of a file or of those in a folder, as check-jsonschema carries it."""

EVERY = [block for page in PAGES for block in blocks(page)]


def schema_of(block: Block) -> str:
    """Return the published schema of the file that a block is, empty for none."""
    name = Path(block.marks.get("file", ""))
    return SCHEMAS.get(name.as_posix()) or SCHEMAS.get(name.parent.as_posix(), "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_a_reader_can_do_what_a_page_says(page: Path, tmp_path: Path) -> None:
    found = blocks(page)
    if not found:
        return
    walk = Walk(tmp_path, start(page))
    for block in found:
        walk.run(block)


@pytest.mark.parametrize("block", EVERY, ids=lambda block: block.place)
def test_blocks_are_what_they_say(block: Block, tmp_path: Path) -> None:
    assert block.language in LANGUAGES, f"{block.place}: no or unknown language"
    if block.language == "sh":
        done = subprocess.run(["bash", "-n"], input=block.code, text=True, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr
    elif block.language == "console":
        assert steps(block.code)
    elif block.language == "text":
        assert not block.code.startswith("$ "), f"{block.place}: commands stand in sh or console blocks"
    elif block.language == "python":
        compile(block.code, block.place, "exec")
    elif block.language == "toml":
        _check_toml(block, tmp_path)
    elif block.language == "yaml":
        assert yaml.safe_load(block.code), block.place
    elif block.language == "json":
        assert json.loads(block.code), block.place


def _check_toml(block: Block, folder: Path) -> None:
    """A block for portcheck is a configuration it takes; any other is TOML."""
    tables = tomli.loads(block.code)
    if "portcheck" in tables.get("tool", {}):
        (folder / "pyproject.toml").write_text(block.code, encoding="utf-8")
        assert resolve([str(folder)], {}).file


@pytest.mark.parametrize("block", [block for block in EVERY if schema_of(block)], ids=lambda block: block.place)
def test_files_for_services_are_valid_by_their_published_schemas(block: Block, tmp_path: Path) -> None:
    pytest.importorskip("check_jsonschema")
    path = tmp_path / "file.yml"
    path.write_text(block.code, encoding="utf-8")
    check_schema(path, schema_of(block))


def check_schema(path: Path, schema: str) -> None:
    """Hold a file against a schema that check-jsonschema carries."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, text=True, check=False, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_not_run_says_why() -> None:
    left = [block for block in EVERY if "run" in block.marks]
    assert all(block.marks["run"].startswith("no, ") for block in left)


def test_pages_name_nothing_of_another_machine() -> None:
    texts = {page: page.read_text(encoding="utf-8") for page in (*PAGES, ROOT / "mkdocs.yml")}
    words = ("localhost", "example.com", "/home/", "/tmp/")
    assert [(page.name, word) for page, text in texts.items() for word in words if word in text] == []


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (["a", "...", "d"], ["a", "b", "c", "d"], True),
        (["a", "...", "d"], ["a", "d"], True),
        (["a", "...", "d"], ["a", "b", "c"], False),
        (["..."], [], True),
        (["a"], ["a", "b"], False),
        (["a+"], ["aa"], False),
        (["a ... c"], ["a b c"], True),
        (["a ... c"], ["a", "c"], False),
        (["f.py:1:2: PC101 x"], ["f.py:1:9: PC101 x"], True),
    ],
)
def test_dots_stand_for_any_lines(shown: list[str], printed: list[str], same: bool) -> None:
    assert agrees(shown, printed) is same


def test_a_walk_notices_what_is_wrong(tmp_path: Path) -> None:
    walk = Walk(tmp_path, "empty")

    def block(language: str, code: str, **marks: str) -> Block:
        return Block(DOCS / "index.md", 1, language, code, marks)

    walk.run(block("sh", "cd / && cd - > /dev/null\n"))
    walk.run(block("console", "$ echo a b\na b\n$ false\n$ echo $?\n1\n"))
    walk.run(block("console", "$ for each in 1 2; do\n> echo $each\n> done\n1\n2\n"))
    for wrong in (
        block("sh", "false\ntrue\n"),
        block("sh", "true\n", exit="1"),
        block("console", "$ echo a\nb\n"),
        block("console", "$ false\n"),
        block("console", "$ false\n$ echo b\nb\n"),
        block("python", "raise SystemExit(1)\n"),
    ):
        with pytest.raises(AssertionError):
            walk.run(wrong)
