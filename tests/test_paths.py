"""Where caches go on each platform, and files that are written whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from portcheck import paths
from portcheck.errors import PackError


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORTCHECK_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path.replace("~", os.path.abspath("/home/someone")))


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, "/home/someone/.cache/portcheck"),
        ("linux", {"XDG_CACHE_HOME": "/caches"}, "/caches/portcheck"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/someone/.cache/portcheck"),
        ("darwin", {"XDG_CACHE_HOME": "/caches"}, "/home/someone/Library/Caches/portcheck"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/portcheck"),
        ("win32", {}, "/home/someone/AppData/Local/portcheck"),
        ("linux", {"PORTCHECK_CACHE_DIR": "/mine", "XDG_CACHE_HOME": "/caches"}, "/mine"),
    ],
)
def test_the_cache_folder_follows_the_platform(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert paths.cache_folder().as_posix().endswith(expected)


def test_without_a_home_nothing_is_written_into_the_working_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(OSError):
        paths.write_atomic(paths.cache_folder() / "file", b"data")
    assert not list(tmp_path.iterdir())


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "file"
    for data in (b"one", b"two\r\n\x00"):
        paths.write_atomic(path, data)
        assert path.read_bytes() == data
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    paths.write_atomic(path, b"old")

    def fail(source: object, target: object) -> None:
        raise PermissionError("held open by another program")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(PermissionError):
        paths.write_atomic(path, b"new")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("file", b"old")]


def test_the_packs_of_an_installed_package_win_over_a_folder_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "portcheck" / "paths.py"
    monkeypatch.setattr(paths, "__file__", str(module))
    with pytest.raises(PackError, match="missing"):
        paths.rules_folder()
    (tmp_path / "rules").mkdir()
    assert paths.rules_folder().name == "rules"
    (tmp_path / "portcheck" / "_rules").mkdir(parents=True)
    assert paths.rules_folder().name == "_rules"
