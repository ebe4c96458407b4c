"""The README is true: its commands are the ones that run, and its samples are what they print."""

from __future__ import annotations

import json
import re

import pytest

from portcheck.cli import portcheck as group
from portcheck.config import Config, resolve
from portcheck.errors import Exit
from portcheck.model import Role, Work
from tests import readme
from tests.commands import ROOT, portcheck

SCREEN = 24
"""Lines of a terminal."""


def test_the_first_screen_holds_two_commands() -> None:
    screen = "\n".join(readme.text().splitlines()[:SCREEN])
    assert readme.blocks(screen, "sh") == [command + "\n" for command in readme.commands()]
    assert all(command.count("\n") == 0 for command in readme.commands())
    assert not re.search(r"`[^`\n]*\b(?:pip|python3?|pytest|mkdocs) [^`\n]*`", screen.replace("```", "")), "a third"


def test_continuous_integration_runs_the_test_command() -> None:
    assert readme.commands()[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_commands_print_what_is_shown() -> None:
    # Python 3.9 does not know the columns of imported names.
    shown, printed = (re.sub(r"(:\d+):\d+: ", r"\1: ", text) for text in (readme.sample(), readme.made()))
    assert shown == printed, "renew it: python -m tests.readme"


def test_every_option_is_explained() -> None:
    text = readme.text()
    for command in (group.commands["scan"], group.commands["check"], group.commands["fix"]):
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        unknown = [option for option in options - {"--cache"} if f"`{option}" not in text]
        assert not unknown
    shown = set(re.findall(r"`(--[a-z-]+)", text)) - {"--format", "--no-cache"}
    known = [option for command in group.commands.values() for option in command.params]
    assert shown <= {option for parameter in known for option in parameter.opts}


def test_every_command_work_role_and_exit_code_is_explained() -> None:
    text = readme.text()
    names = [*(f"`{work.value}`" for work in Work), *(f"`{role.value}`" for role in Role)]
    names += [f"| {int(code)} |" for code in Exit]
    names += [f"`portcheck {name}" for name in group.commands if name != "rules"]
    assert [name for name in names if name not in text] == []


def test_the_configuration_shown_is_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").write_text(readme.blocks(readme.text(), "toml")[0], encoding="utf-8")
    assert resolve([str(folder)], {}).config != Config()


def test_the_python_shown_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(readme.blocks(readme.text(), "python")[0], "README.md", "exec"), {})
    found = json.loads(portcheck("scan", "demo", "--format", "json").out)["findings"]
    assert len(capsys.readouterr().out.splitlines()) == len(found) > 10
