"""Ignore files against git itself, and what bounds them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portcheck import gitindex
from portcheck.discover import discover
from portcheck.gitignore import parse, verdict

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ.get("PATH", "")}


def git(top: Path, *words: str, data: bytes = b"") -> bytes:
    """Run git in a work tree, with no settings but its own, and return what it prints."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words]
    return subprocess.run(command, cwd=top, env=QUIET, input=data, stdout=subprocess.PIPE, check=False).stdout


def write(top: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(text.encode())


@pytest.mark.parametrize(
    "lines, path, is_folder, ignored",
    [
        ("*.py", "a/b.py", False, True),
        ("a/*.py", "a/b.py", False, True),
        ("a/*.py", "c/a/b.py", False, None),
        ("/b.py", "b.py", False, True),
        ("/b.py", "a/b.py", False, None),
        ("b/", "b", False, None),
        ("b/", "a/b", True, True),
        ("**/c/*.py", "a/c/b.py", False, True),
        ("a/**/b.py", "a/b.py", False, True),
        ("*.py\n!keep.py", "keep.py", False, False),
        ("!keep.py\n*.py", "keep.py", False, True),
        ("\\#x", "#x", False, True),
        ("#x", "#x", False, None),
        ("x  \r", "x", False, True),
        ("x\\ ", "x ", False, True),
        ("[ab].py", "a.py", False, True),
        ("[!ab].py", "a.py", False, None),
        ("*.py[co]", "a.pyc", False, True),
        ("*.py[co]", "a.py", False, None),
        ("x[!a]", "xb", False, True),
        ("x[a-c]", "xb", False, True),
        ("\\[a]", "[a]", False, True),
        ("[z-a\n!\n/\n\\\nx", "x", False, True),
        ("\ufeffx", "x", False, True),
        ("x", "x\n", False, None),
        ("*.py", "a\nb.py", False, True),
        ("x/", "x/y", False, None),
    ],
)
def test_verdict(lines: str, path: str, is_folder: bool, ignored: bool | None) -> None:
    assert verdict(parse(lines), path, path.rpartition("/")[2], is_folder) is ignored


def test_a_line_made_to_be_slow_is_not_applied() -> None:
    began = time.perf_counter()
    assert verdict(parse("*a*a*a*a*a*a*a*a[b]"), "a" * 255, "a" * 255, False) is None
    assert time.perf_counter() - began < 1


COMPONENTS = st.sampled_from(
    ["a", "b", "ab", "c.py", "d.py", "a.py", "*", "*.py", "?", "[ab]", "[!a].py", "*.p[xy]", "a*", "*b", "**"]
)
LINES = st.builds(
    lambda bang, lead, parts, tail: bang + lead + "/".join(parts) + tail,
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(COMPONENTS, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)
FOLDERS = st.sampled_from(["", "a/", "b/", "ab/", "a/a/", "a/b/", "b/a/", "a/b/ab/"])
FILES = st.builds(lambda folder, name: folder + name, FOLDERS, st.sampled_from(["a.py", "c.py", "d.py", "ab.py"]))
IGNORES = st.dictionaries(FOLDERS, st.lists(LINES, min_size=1, max_size=4), min_size=1, max_size=3)


@needs_git
@given(st.sets(FILES, min_size=1, max_size=8), IGNORES)
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_files_as_git(files: set[str], ignores: dict[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        write(top, dict.fromkeys(files, ""))
        write(top, {place + ".gitignore": "\n".join(lines) for place, lines in ignores.items()})
        git(top, "init", "-q")
        listed = "\0".join(sorted(files)).encode()
        ignored = git(top, "check-ignore", "--no-index", "-z", "--stdin", data=listed).decode().split("\0")
        assert {source.path for source in discover([top]).sources} == files - set(ignored)


@needs_git
@pytest.mark.parametrize("version", ["2", "4"])
def test_what_git_tracks_is_read_from_the_index(tmp_path: Path, version: str) -> None:
    names = ["a.py", "b/c.py", "b/" + "long" * 60 + ".py", "b/d/e é\n.py", "z"]
    write(tmp_path, dict.fromkeys(names, ""))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "update-index", "--index-version", version)
    assert gitindex.tracked(str(tmp_path)) == {*names, "b", "b/d"}


@needs_git
def test_intent_to_add_is_tracked(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "b.py": ""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-N", "a.py")
    git(tmp_path, "add", "b.py")
    assert gitindex.tracked(str(tmp_path)) == {"a.py", "b.py"}


@given(st.binary(max_size=200), st.sampled_from([2, 3, 4, 9]))
def test_a_broken_index_is_no_error(data: bytes, version: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".git").mkdir()
        head = b"DIRC" + version.to_bytes(4, "big") + (1000).to_bytes(4, "big")
        (Path(folder) / ".git" / "index").write_bytes(head + data)
        gitindex.tracked(folder)


@needs_git
def test_tracked_files_are_not_ignored(tmp_path: Path) -> None:
    write(tmp_path, {"build/a.py": "", "build/b.py": "", "build/lib/c.py": "", "x.cuh": "", "y.cuh": ""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "build/a.py", "x.cuh")
    write(tmp_path, {".gitignore": "build/\n*.cuh\n"})
    found = discover([tmp_path])
    assert [source.path for source in found.sources] == ["build/a.py", "x.cuh"]
    assert [item.path for item in found.skipped] == [".git", "build/b.py", "build/lib", "y.cuh"]
