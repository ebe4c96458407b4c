"""`portcheck config`: the options in force and where each came from, and a JSON Schema of the configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
import tomli
from jsonschema import Draft7Validator

from portcheck import api, gate, inforce, pack
from portcheck.cli import portcheck as commands
from portcheck.config import Config, resolve
from portcheck.errors import ConfigError, UsageError
from portcheck.model import Role
from tests.commands import CUDA, ROOT, portcheck
from tests.pages import PAGES, blocks

SCHEMA = inforce.schema(commands)
VALIDATOR = Draft7Validator(SCHEMA)

FULL = """
target = "ascend"
torch = "2.11.0"
hardware = "a3"
strategy = "npu"
select = ["PC1", "amp", "verify"]
ignore = ["PC106"]
exclude = ["third_party/x", "*_legacy.py", "/top", "**/deep/*.py"]
include-role = ["source", "tests"]
output-format = "json"
fail-on = "rename"
jobs = 3
cache = false
strict = true
fail-on-unused = true
statistics = false
quiet = true
verbose = true
entry = ["train.py"]
force-exclude = true
baseline = "ci/known.jsonl"
no-baseline = false

[per-file-ignores]
"tests/" = ["PC1", "verify"]
"a/b [x].py" = ["amp"]

[per-file-roles]
"tools/" = "tests"

[per-file-fail-on]
"legacy/" = "blocker"
"legacy/core.py" = "rename"

[effort]
known = ["platform"]
skip = ["performance"]
edits-per-day = 80

[effort.days]
accuracy = [1, 2.5, 3]
"""
"""Every key there is."""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_is_in_the_schema_and_in_the_example() -> None:
    Draft7Validator.check_schema(SCHEMA)
    names = {name.replace("_", "-") for name in Config._fields} - {"output"}
    assert set(SCHEMA["properties"]) == set(tomli.loads(FULL)) == names
    assert all(each["description"] for each in SCHEMA["properties"].values())


OF_ONE_RUN = {
    "scan": {"config_file", "stdin_filename", "base"},
    "check": {"config_file", "stdin_filename", "base", "staged", "since", "fixes"},
    "fix": {"config_file", "diff", "check", "unsafe_fixes"},
    "baseline": {"config_file", "grow", "force"},
    "matrix": {"config_file"},
    "diff": {"config_file"},
}
"""The options of each command that no configuration holds, because they are about one run alone."""


@pytest.mark.parametrize("command", OF_ONE_RUN)
def test_every_option_has_a_key_or_is_about_one_run(command: str) -> None:
    options = {each.name for each in commands.commands[command].params if isinstance(each, click.Option)}
    assert options - set(Config._fields) == OF_ONE_RUN[command]


def test_the_readme_names_the_options_without_a_key() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    said = text[text.index("Only what is said of one run") :].partition("\n\n")[0]
    spelt = {"config_file": "config", "fixes": "fix"}
    for names in OF_ONE_RUN.values():
        assert all(f"`--{spelt.get(name, name).replace('_', '-')}`" in said for name in names)


@pytest.mark.parametrize("folder", ["plain", "odd [name] *"])
def test_what_is_shown_means_the_same(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    write(place / "portcheck.toml", FULL)
    before = resolve([str(place)], {})
    shown = "".join(inforce.lines(before))
    VALIDATOR.validate(tomli.loads(shown))
    write(place / "portcheck.toml", shown)
    assert resolve([str(place)], {}).config == before.config
    again = json.loads(inforce.document(before))
    assert {name: each["value"] for name, each in again["options"].items() if name not in TABLES} == {
        name: value for name, value in tomli.loads(shown).items() if name not in TABLES
    }


TABLES = ("effort", "per-file-ignores", "per-file-roles", "per-file-fail-on")


def test_the_defaults_can_be_written_down_too(tmp_path: Path) -> None:
    shown = "".join(inforce.lines(resolve([str(tmp_path)], {})))
    write(tmp_path / "portcheck.toml", shown.replace("# baseline", "#"))
    assert resolve([str(tmp_path)], {}).config == Config()


def test_each_option_says_where_it_came_from(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.portcheck]\ntorch = "2.11.0"\nexclude = ["a/b"]\n')
    (tmp_path / "src").mkdir()
    done = portcheck("config", "--select", "PC1", cwd=tmp_path / "src")
    assert done.code == 0
    rows = {line.partition(" ")[0]: line for line in done.out.splitlines() if not line.startswith("#")}
    assert rows["torch"].startswith('torch = "2.11.0" ')
    assert rows["torch"].endswith("  # ../pyproject.toml: tool.portcheck.torch")
    assert rows["exclude"].startswith('exclude = ["/a/b"] ')
    assert rows["select"].endswith("# command line")
    assert rows["jobs"].endswith("# default")
    assert "# configuration file: " in done.out and "pyproject.toml" in done.out.splitlines()[0]


def test_as_json(tmp_path: Path) -> None:
    write(tmp_path / "portcheck.toml", "jobs = 2\n")
    options = json.loads(portcheck("config", "--json", cwd=tmp_path).out)["options"]
    assert options["jobs"] == {"value": 2, "origin": "portcheck.toml: jobs"}
    assert options["torch"] == {"value": "", "origin": "default"}


def test_what_is_wrong_is_an_error_here_too(tmp_path: Path) -> None:
    write(tmp_path / "portcheck.toml", "jbos = 2\n")
    done = portcheck("config", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "unknown key 'jbos'; did you mean 'jobs'?" in done.err


def test_the_command_prints_the_schema(tmp_path: Path) -> None:
    done = portcheck("config", "--schema", cwd=tmp_path)
    assert json.loads(done.out) == SCHEMA


EXAMPLES = [
    (f"{page.name}:{block.line}", block.code)
    for page in (*PAGES, ROOT / "README.md")
    for block in blocks(page)
    if block.language == "toml" and ("tool.portcheck" in block.code or "portcheck.toml" in block.marks.get("file", ""))
]


@pytest.mark.parametrize("text", [text for _, text in EXAMPLES], ids=[name for name, _ in EXAMPLES])
def test_the_schema_agrees_with_portcheck_on_the_examples_of_the_documentation(tmp_path: Path, text: str) -> None:
    table: dict[str, Any] = tomli.loads(text)
    table = table.get("tool", {}).get("portcheck", table)
    name = "pyproject.toml" if "tool.portcheck" in text else "portcheck.toml"
    write(tmp_path / name, text)
    try:
        resolve([str(tmp_path)], {})
    except ConfigError:
        assert not VALIDATOR.is_valid(table)
    else:
        VALIDATOR.validate(table)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize(
    "text",
    [
        "jbos = 3",
        "include_role = []",
        'jobs = "3"',
        "jobs = true",
        "jobs = 100000",
        "torch = 2.7",
        'select = "PC1"',
        "exclude = [1]",
        'exclude = [" "]',
        'strict = "yes"',
        'strategy = "npus"',
        'fail-on = "bloker"',
        'include-role = ["sources", "tets"]',
        'output = "x"',
        'per-file-ignores = ["PC1"]',
        'per-file-ignores = {"a" = "PC1"}',
        'per-file-roles = {"a" = "toy"}',
        'per-file-fail-on = {"a" = "none"}',
        'effort = {known = ["nothing"]}',
        "effort = {day = 3}",
        'effort = {days = {accuracy = "long"}}',
        "effort = {edits-per-day = [1, 2]}",
    ],
)
def test_the_schema_refuses_what_portcheck_refuses(tmp_path: Path, text: str) -> None:
    write(tmp_path / "portcheck.toml", text)
    with pytest.raises(ConfigError):
        resolve([str(tmp_path)], {})
    assert not VALIDATOR.is_valid(tomli.loads(text))


def test_roles_by_path(tmp_path: Path) -> None:
    for path in ("tools/gen.py", "tests/real.py", "src/a.py"):
        write(tmp_path / path, CUDA)
    write(tmp_path / "portcheck.toml", '[per-file-roles]\n"tools/" = "tests"\n"tests/real.py" = "source"\n')
    options = resolve([str(tmp_path)], {}).config._replace(cache=False, jobs=1)
    report = api.scan([tmp_path], options, tables=False)
    assert {file.path: file.role for file in report.files if file.path.endswith(".py")} == {
        "src/a.py": Role.SOURCE,
        "tests/real.py": Role.SOURCE,
        "tools/gen.py": Role.TEST,
    }
    assert {each.path for each in report.findings if each.role is Role.TEST} == {"tools/gen.py"}


def test_a_gate_by_path(tmp_path: Path) -> None:
    write(tmp_path / "legacy" / "a.py", CUDA)
    write(tmp_path / "portcheck.toml", '[per-file-fail-on]\n"legacy/" = "blocker"\n"legacy/core/" = "verify"\n')
    assert portcheck("check", cwd=tmp_path).code == 0
    assert portcheck("scan", "--fail-on", "verify", cwd=tmp_path).code == 0
    write(tmp_path / "legacy" / "core" / "b.py", CUDA)
    assert portcheck("check", cwd=tmp_path).code == 1
    (tmp_path / "legacy" / "core" / "b.py").unlink()
    write(tmp_path / "new.py", CUDA)
    done = portcheck("check", cwd=tmp_path)
    assert done.code == 1
    assert "legacy/a.py:3:1" in done.out


def test_a_pattern_that_cannot_match(tmp_path: Path) -> None:
    write(tmp_path / "a.py", CUDA)
    bad = (("a/**/b/**/c/**", "blocker"),)
    report = api.scan([tmp_path], Config(cache=False), tables=False)
    with pytest.raises(UsageError, match=r"per-file-fail-on: .* is not a valid pattern"):
        gate.fails(report, "verify", bad)
    with pytest.raises(UsageError, match=r"per-file-roles: .* is not a valid pattern"):
        api.scan([tmp_path], Config(cache=False, per_file_roles=(("a/**/b/**/c/**", "test"),)), tables=False)


def test_what_help_says_of_versions_and_cards_is_what_the_pack_says() -> None:
    about, known = pack.load().target, inforce.said(commands)
    assert about.default_torch in known["torch"][1]
    assert known["hardware"][1] == about.default_hardware
    assert all(card in known["hardware"][0] for card in about.hardware)
