"""The hooks for pre-commit, run by pre-commit itself: installed from the tree under test, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.commands import CUDA, ROOT
from tests.repositories import Repository

HOOKS = ROOT / ".pre-commit-hooks.yaml"
NEEDED = ("portcheck", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
"""What a build takes from the repository."""

PORTABLE = "import torch\n\nprint(torch.accelerator.is_available())\n"
BLOCKED = "import torch\n\ngraph = torch.cuda.CUDAGraph()\n"


class Ended(NamedTuple):
    """How a command of a team's day ended, and all that it said."""

    code: int
    said: str


def can_install(folder: Path) -> bool:
    """Return whether pip reaches an index that has the build backend."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), "hatchling"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def hooks() -> list[dict[str, object]]:
    found: list[dict[str, object]] = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    return found


def test_there_is_a_hook_to_check_and_one_to_fix() -> None:
    entries = {str(hook["id"]): str(hook["entry"]) for hook in hooks()}
    assert entries == {"portcheck": "portcheck check --force-exclude", "portcheck-fix": "portcheck fix --force-exclude"}


def project(tmp_path: Path) -> Repository:
    """Return the project under test as a repository of its own, as it stands and not as it was committed."""
    copy = Repository(tmp_path / "project")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy.top / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy.top / name)
    copy.commit({})
    return copy


class Team:
    """A repository whose commits go through the hooks."""

    def __init__(self, tmp_path: Path, ids: list[str]) -> None:
        source = project(tmp_path)
        self.repository = Repository(tmp_path / "team")
        self.home = tmp_path / "pre-commit"
        hooks = "".join(f"      - id: {name}\n" for name in ids)
        revision = source.git("rev-parse", "HEAD").strip()
        config = f"repos:\n  - repo: {source.top.as_uri()}\n    rev: {revision}\n    hooks:\n{hooks}"
        self.repository.commit({".pre-commit-config.yaml": config})
        installed = self.run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
        assert installed.code == 0, installed.said

    def run(self, *command: str, **environment: str) -> Ended:
        here = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PRE_COMMIT_HOME": str(self.home)}
        mine = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            command,
            cwd=self.repository.top,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=600,
            env={**mine, **here, **environment},
        )
        return Ended(done.returncode, done.stdout.decode("utf-8", "replace"))

    def commit(self, files: dict[str, str], **environment: str) -> Ended:
        """Commit these files, as a person does: through the hooks."""
        for path, text in files.items():
            self.repository.write(path, text)
        self.repository.git("add", "-A")
        identity = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false")
        return self.run("git", *identity, "commit", "-m", "a step", **environment)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_pre_commit_installs_passes_fails_fixes_and_skips(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit")
    if not os.environ.get("CI") and not can_install(tmp_path / "pip"):
        pytest.skip("pip reaches no package index, and pre-commit installs hooks with it")
    team = Team(tmp_path, ["portcheck-fix", "portcheck"])

    passed = team.commit({"a.py": PORTABLE, "notes.md": "torch.cuda is prose here\n"})
    assert passed.code == 0, passed.said
    assert "portcheck...." in passed.said and "Passed" in passed.said

    failed = team.commit({"odd name.py": BLOCKED, "old.py": PORTABLE})
    assert failed.code == 1
    assert "odd name.py:3:9: PC" in failed.said
    assert "exit code: 1" in failed.said

    skipped = team.commit({}, SKIP="portcheck")
    assert skipped.code == 0, skipped.said
    assert "Skipped" in skipped.said

    fixed = team.commit({"b.py": CUDA})
    assert fixed.code == 1
    assert "files were modified by this hook" in fixed.said
    assert "torch.accelerator.set_device_index(0)" in (team.repository.top / "b.py").read_text(encoding="utf-8")
    again = team.commit({})
    assert again.code == 0, again.said

    excluded = team.commit({"portcheck.toml": 'exclude = ["legacy/"]\n', "legacy/c.py": BLOCKED})
    assert excluded.code == 0, excluded.said
