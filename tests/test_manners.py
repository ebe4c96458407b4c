"""What is committed names no machine: no home folder, no temporary folder, no address of a private host."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.commands import ROOT

MACHINE = re.compile(
    rb"(?<![\w.~/-])/(?:root|work|workspace|scratch|Users)/[\w.-]"
    rb"|/home/(?!(?:ada|someone|user|me|you)\b)[a-z]"
    rb"|\b[A-Z]:\\\\?Users\b"
    rb"|https?://(?:localhost|127\.|10\.|192\.168\.|[\w.-]+\.(?:internal|local|lan|corp)\b)",
)
"""Paths and addresses of some machine; a few names of home folders stand for anybody's."""

HERE = (str(ROOT).encode(), str(Path(tempfile.gettempdir(), "pytest-of-")).encode())
"""Paths of this machine."""


def committed() -> list[Path]:
    """Return the files that git tracks, or skip where this is no clone."""
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a clone")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_path_of_a_machine() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip().decode(errors='replace')[:100]}"
        for file in committed()
        if file != Path(__file__).resolve()
        for number, line in enumerate(file.read_bytes().splitlines(), 1)
        if MACHINE.search(line) or any(path in line for path in HERE)
    ]
    assert not found


@pytest.mark.parametrize(
    "text", [b"/root/x", b"open('/scratch/main')", b"/home/bob", b"C:\\Users\\x", b"http://localhost"]
)
def test_the_pattern_finds_them(text: bytes) -> None:
    assert MACHINE.search(text)


@pytest.mark.parametrize("text", [b"tests/root/x", b"/home/ada/repo", b"https://docs.pytorch.org/work/x", b"a/tmp/b"])
def test_the_pattern_passes_others(text: bytes) -> None:
    assert not MACHINE.search(text)
