"""A check of files that are not read: answered at once, and as if all of portcheck had looked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portcheck.baseline import NAME
from portcheck.kinds import kind_by_name
from portcheck.model import Kind
from portcheck.quick import is_nothing, is_unread
from tests.commands import CUDA, portcheck
from tests.test_startup import modules

PARTS = [
    *("readme", "LICENSE", "env", "docker", "file", "dockerfile", "Containerfile", "makefile", "gnu", "cmakelists"),
    *("requirements", "constraints", "conda", "md", "txt", "rst", "html", "py", "json", "yml", "in", "go", "svg", "x"),
    *(".", ".env", "-", "_"),
]
PLACE = '{"path": "%s", "rule": "PC101", "fingerprint": "%016d", "subject": "x"}\n'
NAMES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("".join)


@given(NAMES, st.sampled_from(["", "docs", "requirements", "docker"]))
@example("README.md", "docs")
@example("LICENSE", "")
@example("Makefile.html", "")
@example(".md", "")
def test_what_is_plainly_not_read_is_of_no_kind_that_is(name: str, folder: str) -> None:
    assert not is_unread(name, folder) or kind_by_name(name, folder) is Kind.OTHER


@pytest.mark.parametrize("name", ["README.md", "notes.txt", "LICENSE", "logo.svg", "index.HTML"])
def test_texts_and_pictures_are_plain(name: str) -> None:
    assert is_unread(name)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# torch.cuda\n", encoding="utf-8")
    (tmp_path / "docs" / "notes.txt").write_text("cuda\n", encoding="utf-8")
    return tmp_path


def test_it_says_what_a_whole_check_says(texts: Path) -> None:
    files = ["README.md", "docs/notes.txt"]
    quick = portcheck("check", "--force-exclude", *files, cwd=texts)
    whole = portcheck("check", "--force-exclude", "--jobs", "1", *files, cwd=texts)
    assert quick == whole
    assert quick.err


def test_it_imports_nothing_else(texts: Path) -> None:
    found = modules("check", "--force-exclude", "README.md", "docs/notes.txt", cwd=texts)
    assert {name for name in found if name.startswith("portcheck.")} <= {"portcheck.__main__", "portcheck.quick"}
    assert "click" not in found


@pytest.mark.parametrize(
    ("name", "content", "quick"),
    [
        ("a.py", CUDA, True),
        ("pyproject.toml", "[tool.ruff]\n", True),
        ("pyproject.toml", "[tool.portcheck]\nstrict = true\n", False),
        ("portcheck.toml", "strict = true\n", False),
        (NAME, "", False),
    ],
)
def test_what_is_configured_is_heeded(
    texts: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, quick: bool
) -> None:
    (texts / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(texts)
    assert is_nothing(["check", "--force-exclude", "README.md"]) is quick
    assert is_nothing(["check", "docs/notes.txt"]) is quick


def test_files_that_are_read_folders_and_options_are_left_to_the_command_line(
    texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (texts / "a.py").write_text(CUDA, encoding="utf-8")
    monkeypatch.chdir(texts)
    for rest in ([], ["a.py"], ["README.md", "a.py"], ["docs"], ["gone.md"], ["--strict", "README.md"], ["-"]):
        assert not is_nothing(["check", *rest])
    assert not is_nothing(["scan", "README.md"])


CONFIGURED = {
    "strict": {"pyproject.toml": "[tool.portcheck]\nstrict = true\n"},
    "quiet": {"portcheck.toml": "quiet = true\n"},
    "another format": {"portcheck.toml": 'output-format = "json"\n'},
    "statistics": {"portcheck.toml": "statistics = true\n"},
    "unknown key": {"portcheck.toml": "strikt = true\n"},
    "no TOML": {"portcheck.toml": "strict\n"},
    "a baseline": {NAME: '{"portcheck-baseline": 1, "start": 3}\n' + PLACE % ("a.py", 1) + PLACE % ("gone.py", 2)},
    "no baseline": {NAME: "nonsense\n", "portcheck.toml": "no-baseline = true\n"},
    "a broken baseline": {NAME: "<<<<<<< ours\n"},
    "a baseline that is gone": {"portcheck.toml": 'baseline = "known.jsonl"\n'},
}


@pytest.mark.parametrize("files", CONFIGURED.values(), ids=CONFIGURED)
def test_it_says_the_same_where_something_is_configured(texts: Path, files: dict[str, str]) -> None:
    (texts / "a.py").write_text(CUDA, encoding="utf-8")
    for name, content in files.items():
        (texts / name).write_text(content, encoding="utf-8")
    for paths in (["README.md"], ["docs/notes.txt"], ["docs/notes.txt", "README.md"]):
        quick = portcheck("check", "--force-exclude", *paths, cwd=texts)
        assert quick == portcheck("check", "--force-exclude", "--jobs", "1", *paths, cwd=texts)


@pytest.mark.parametrize("name", ["pyproject.toml", NAME])
def test_no_rule_is_read_where_something_is_configured(texts: Path, name: str) -> None:
    content = {"pyproject.toml": "[tool.portcheck]\nstrict = true\n", NAME: '{"portcheck-baseline": 1, "start": 0}\n'}
    (texts / name).write_text(content[name], encoding="utf-8")
    found = modules("check", "--force-exclude", "README.md", cwd=texts)
    assert "portcheck.nothing" in found
    assert not {"click", "portcheck.pack", "portcheck.match", "portcheck.discover"} & found
