"""`check --since` and `check --staged` in Markdown: what the branch or commit adds and removes, for a comment on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.commands import CUDA, Ended
from tests.repositories import Repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r")


def changed_places(ended: Ended) -> list[str]:
    """The rows of places in the sections on the change of a Markdown report."""
    sections = ended.out.split("\n### ")
    rows = [line for part in sections if part.startswith(("Added", "Removed")) for line in part.splitlines()]
    return [line.split("`")[1] for line in rows if "`" in line]


def test_markdown_says_what_the_branch_adds_and_removes(repository: Repository) -> None:
    repository.commit(
        {
            "a.py": CUDA,
            "gone.py": "import torch\ntorch.cuda.Event()\n",
            "moved.py": "import torch\ntorch.cuda.Stream()\n",
        }
    )
    repository.git("switch", "-q", "-c", "mine")
    repository.git("rm", "-q", "gone.py")
    repository.git("mv", "moved.py", "new_name.py")
    repository.commit({"a.py": CUDA + "torch.cuda.empty_cache()\n", "b.py": CUDA})
    done = repository.check("--since", "main", "--output-format", "markdown")
    assert done.code == 1
    assert "- Since main (" in done.out
    assert changed_places(done) == ["a.py:4", "b.py:3", "gone.py:2"]
    assert "): 2 added, 1 removed, 2 as before." in done.out
    below = repository.check("--since", "main", "--output-format", "markdown", "b.py")
    assert changed_places(below) == ["b.py:3"]


def test_markdown_says_what_a_commit_adds_and_removes(repository: Repository) -> None:
    repository.write("a.py", CUDA)
    repository.git("add", "a.py")
    assert changed_places(repository.check("--staged", "--output-format", "markdown")) == ["a.py:3"]
    repository.commit({"a.py": CUDA})
    repository.write("a.py", CUDA + "torch.cuda.empty_cache()\n")
    repository.git("add", "a.py")
    repository.write("a.py", "import math\n")
    done = repository.check("--staged", "--output-format", "markdown")
    assert "- Since HEAD: 1 added, 0 removed, 1 as before." in done.out
    assert changed_places(done) == ["a.py:4"]


def test_what_is_judged_alike_on_both_sides_is_no_change(repository: Repository) -> None:
    own = "class Mine:\n    def cuda(self):\n        return self\n"
    use = "from own import Mine\n\nMine().cuda()\n"
    repository.commit({"own.py": own, "use.py": use})
    repository.write("use.py", use + "print(1)\n")
    done = repository.check("--since", "HEAD", "--output-format", "markdown")
    assert changed_places(done) == []
