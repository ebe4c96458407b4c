"""Results reach a file whole or not at all, and standard output may go away."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from portcheck.errors import UsageError
from portcheck.output import write


def broken() -> Iterator[str]:
    """Yield a piece, then fail."""
    yield "half"
    raise RuntimeError("no more")


def test_a_file_is_written_in_utf_8_with_plain_newlines(tmp_path: Path) -> None:
    write(["ä\n", "b\n"], str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes() == "ä\nb\n".encode()


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError):
        write(broken(), str(path))
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    path, name = tmp_path / "out", tmp_path / "link"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    name.symlink_to(path)
    write(["new"], str(name))
    assert name.is_symlink()
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write(["x"], str(tmp_path / "out"))
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_lone_surrogate_is_written_as_an_escape(tmp_path: Path) -> None:
    write(["\udc80"], str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes() == b"\\udc80"


@pytest.mark.parametrize("name", ["gone/out", "."])
def test_what_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    with pytest.raises(UsageError, match="cannot write"):
        write(["x"], path)
    assert os.listdir(tmp_path) == []
