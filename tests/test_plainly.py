"""Plain arguments of a check mean without the command line's library what they mean with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from portcheck import cli, session
from portcheck.plainly import SWITCHES, VALUES, asked
from tests.commands import CUDA, portcheck
from tests.test_startup import modules

PLAIN = [
    ["check"],
    ["check", "a.py", "b/c.py"],
    ["check", "--force-exclude", "a.py"],
    *(["check", name, "a.py"] for name in SWITCHES),
    *(["check", "a.py", name, "rename"] for name in VALUES),
    *(["check", f"{name}=rename", "a.py"] for name in VALUES),
    ["check", "--fail-on", "rename", "--fail-on=blocker", "-q", "--strict", "a b.py"],
]
OTHER = [
    *(["check", "-"], ["check", "--", "a.py"], ["check", "--select", "PC1"], ["check", ""]),
    *(["check", "--fail-on"], ["check", "--fail-on="], ["check", "--fail-on", "--strict"], ["check", "--help"]),
    *(["check", "-qv"], ["check", "--strict=yes"], ["check", "--nonsense"], ["check", "--no-cache"]),
]


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
def test_what_is_asked_is_what_the_command_line_understands(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[session.Ask] = []

    def run(ask: session.Ask) -> int:
        seen.append(ask)
        return 0

    monkeypatch.setattr(session, "run", run)
    assert cli.run(arguments) == 0
    assert seen == [asked(arguments[1:])]


@pytest.mark.parametrize("arguments", OTHER, ids=" ".join)
def test_the_rest_is_left_to_the_command_line(arguments: list[str]) -> None:
    assert asked(arguments[1:]) is None


@pytest.mark.parametrize("config", [None, "[tool.portcheck]\nfail-on = 'blocker'\n", "[tool.portcheck]\nfoo = 1\n"])
def test_both_end_alike(tmp_path: Path, config: str | None) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_text(CUDA, encoding="utf-8")
    if config:
        (tmp_path / "pyproject.toml").write_text(config, encoding="utf-8")
    for rest in (["a.py"], ["gone.py"], ["--fail-on", "nonsense", "a.py"]):
        assert portcheck("check", *rest, cwd=tmp_path) == portcheck("check", "--cache", *rest, cwd=tmp_path)


def test_a_plain_check_imports_no_command_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CUDA, encoding="utf-8")
    assert "click" not in modules("check", "--force-exclude", "a.py", cwd=tmp_path)
    assert "click" in modules("check", "--cache", "a.py", cwd=tmp_path)
