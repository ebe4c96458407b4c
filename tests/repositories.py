"""Git repositories for tests, that no setting of the machine reaches."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.commands import Ended, portcheck


class Repository:
    """A git repository of a test, that no setting of the machine reaches."""

    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", ".")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", *arguments],
            cwd=self.top,
            capture_output=True,
            check=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        )
        return os.fsdecode(done.stdout)

    def write(self, path: str, text: str) -> None:
        full = self.top / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text.encode("utf-8"))

    def commit(self, files: dict[str, str]) -> str:
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a step")
        return self.git("rev-parse", "HEAD").strip()

    def check(self, *arguments: str, below: str = "") -> Ended:
        return portcheck("check", *arguments, cwd=self.top / below)
