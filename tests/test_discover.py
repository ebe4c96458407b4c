"""What a scan of a tree takes and leaves out, as a user would see it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from portcheck import folders, walk
from portcheck.discover import Discovery, discover
from portcheck.errors import UsageError
from portcheck.model import Kind, Role

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


def write(top: Path, *paths: str) -> Path:
    """Write empty files below a folder."""
    for path in paths:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text("", encoding="utf-8")
    return top


def put(top: Path, files: dict[str, str]) -> Path:
    """Write files with their text below a folder."""
    for path, text in files.items():
        write(top, path).joinpath(path).write_text(text, encoding="utf-8")
    return top


def paths(found: Discovery) -> list[str]:
    """Return the paths of the sources."""
    return [source.path for source in found.sources]


def skipped(found: Discovery) -> dict[str, str]:
    """Return the reasons by path."""
    return {item.path: item.reason for item in found.skipped}


def test_a_plain_tree(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/z.py", "a/gpu.yaml", "a/notes.txt", "LICENSE", "Dockerfile")
    put(tmp_path, {"bin/run": "#!/bin/bash\n", "bin/go": "#!/usr/bin/env python3\n", "bin/data": "x"})
    found = discover([tmp_path])
    assert found.root == Path(os.path.realpath(tmp_path))
    assert [(source.path, source.kind) for source in found.sources] == [
        ("Dockerfile", Kind.CONTAINER),
        ("a/gpu.yaml", Kind.SETTINGS),
        ("a/z.py", Kind.PYTHON),
        ("b.py", Kind.PYTHON),
        ("bin/go", Kind.PYTHON),
        ("bin/run", Kind.SHELL),
    ]
    assert found.skipped == ()


def test_size_and_time_come_along(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": "x = 1\n"})
    os.utime(tmp_path / "a.py", ns=(5, 7_000_000_000))
    (source,) = discover([tmp_path]).sources
    assert (source.size, source.mtime_ns, source.role) == (6, 7_000_000_000, Role.SOURCE)


def test_nested_ignore_files_and_negation(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            ".gitignore": "*.gen.py\nbuild/\n/top.py\n",
            "pkg/.gitignore": "!keep.gen.py\n/local.py\n",
            "pkg/deep/.gitignore": "keep.gen.py\n",
        },
    )
    write(tmp_path, "a.gen.py", "top.py", "build/x.py", "sub/top.py", "sub/build/x.py")
    write(tmp_path, "pkg/keep.gen.py", "pkg/local.py", "pkg/deep/keep.gen.py", "pkg/deep/local.py")
    found = discover([tmp_path])
    assert paths(found) == ["pkg/deep/local.py", "pkg/keep.gen.py", "sub/top.py"]
    assert skipped(found) == {
        "a.gen.py": "ignored by .gitignore",
        "build": "ignored by .gitignore",
        "pkg/deep/keep.gen.py": "ignored by pkg/deep/.gitignore",
        "pkg/local.py": "ignored by pkg/.gitignore",
        "sub/build": "ignored by .gitignore",
        "top.py": "ignored by .gitignore",
    }
    assert "build/x.py" in paths(discover([tmp_path], gitignore=False))


def repository(top: Path) -> Path:
    """Make a folder look like the top of a git repository."""
    return put(top, {".git/HEAD": "ref: refs/heads/main\n"})


def test_ignore_files_above_the_scanned_folder_count_inside_a_repository(tmp_path: Path) -> None:
    top = repository(tmp_path)
    put(top, {".gitignore": "*.tmp.py\n/pkg/local.py\n", ".git/info/exclude": "mine.py\n"})
    write(top, "pkg/local.py", "pkg/mine.py", "pkg/a.tmp.py", "pkg/b.py")
    found = discover([top / "pkg"])
    assert paths(found) == ["b.py"]
    assert skipped(found) == {
        "a.tmp.py": "ignored by ../.gitignore",
        "local.py": "ignored by ../.gitignore",
        "mine.py": "ignored by ../.git/info/exclude",
    }


def test_ignore_files_above_do_not_count_outside_a_repository(tmp_path: Path) -> None:
    put(tmp_path, {".gitignore": "*.py\n"})
    assert paths(discover([write(tmp_path, "pkg/a.py") / "pkg"])) == ["a.py"]


def test_a_named_file_is_taken_whatever_the_rules_say(tmp_path: Path) -> None:
    put(tmp_path, {".gitignore": "*.py\nbuild\n", "build/tool": "#!/bin/sh\n"})
    write(tmp_path, "a.py", "b.py", "build/x.py", "node_modules/m.py")
    named = [tmp_path / path for path in ("a.py", "build/x.py", "build/tool", "node_modules/m.py")]
    assert paths(discover([tmp_path, *named], exclude=["*.py"])) == [
        "a.py",
        "build/tool",
        "build/x.py",
        "node_modules/m.py",
    ]
    assert paths(discover(named)) == ["a.py", "build/tool", "build/x.py", "node_modules/m.py"]


def test_a_named_folder_is_looked_into_whatever_the_rules_say(tmp_path: Path) -> None:
    put(tmp_path, {".gitignore": "build\n"})
    write(tmp_path, "a.py", "build/x.py", "node_modules/m.py")
    found = discover([tmp_path, tmp_path / "build", tmp_path / "node_modules"])
    assert paths(found) == ["a.py", "build/x.py", "node_modules/m.py"]
    assert found.skipped == ()


def test_a_named_file_of_no_known_kind_is_said(tmp_path: Path) -> None:
    found = discover([put(tmp_path, {"notes.txt": "x"}) / "notes.txt"])
    assert skipped(found) == {"notes.txt": walk.UNKNOWN}


def test_several_paths_share_a_root(tmp_path: Path) -> None:
    write(tmp_path, "src/a.py", "tests/helper.py", "other/c.py")
    found = discover([tmp_path / "tests", tmp_path / "src" / "a.py", tmp_path / "src", tmp_path / "src"])
    assert found.root == Path(os.path.realpath(tmp_path))
    assert [(source.path, source.role) for source in found.sources] == [
        ("src/a.py", Role.SOURCE),
        ("tests/helper.py", Role.TEST),
    ]


def test_a_named_file_has_the_role_it_has_in_its_repository(tmp_path: Path) -> None:
    top = repository(tmp_path)
    write(top, "tests/helper.py", "vendored_copy/setup.py", "vendored_copy/m.py")
    put(top, {"LICENSE": "ours", "vendored_copy/LICENSE": "theirs, longer"})
    for path, role in (("tests/helper.py", Role.TEST), ("vendored_copy/m.py", Role.VENDORED)):
        assert [source.role for source in discover([top / path]).sources] == [role]


def test_a_copy_of_another_project_is_vendored(tmp_path: Path) -> None:
    write(tmp_path, "copy/setup.py", "copy/pkg/a.py", "part/setup.py", "part/a.py", "plain/a.py")
    put(tmp_path, {"LICENSE": "ours" * 9, "copy/LICENSE.txt": "of somebody else", "part/LICENSE": "ours" * 8 + "our"})
    roles = {source.path: source.role for source in discover([tmp_path]).sources}
    assert roles["copy/pkg/a.py"] is Role.VENDORED
    assert roles["part/a.py"] is roles["plain/a.py"] is Role.SOURCE


@pytest.mark.parametrize(
    "pattern, gone",
    [
        ("docs", {"docs"}),
        ("docs/", {"docs"}),
        ("./docs", {"docs"}),
        ("*.yaml", {"a.yaml"}),
        ("pkg/*.py", {"pkg/b.py"}),
        ("**/b.py", {"pkg/b.py"}),
    ],
)
def test_exclude(tmp_path: Path, pattern: str, gone: set[str]) -> None:
    write(tmp_path, "a.yaml", "pkg/b.py", "docs/c.py")
    found = discover([tmp_path], exclude=[pattern])
    assert skipped(found) == dict.fromkeys(gone, walk.EXCLUDED)


def test_exclude_is_understood_from_the_working_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "src/gen/a.py", "src/b.py")
    monkeypatch.chdir(tmp_path)
    for pattern in ("src/gen", str(Path(os.path.realpath(tmp_path)) / "src" / "gen"), "gen"):
        assert paths(discover(["src"], exclude=[pattern])) == ["b.py"]


@pytest.mark.parametrize("pattern", ["", "#x", "!", "[z-a]", "*a*a*a*a*a*a"])
def test_an_exclude_that_cannot_match_is_an_error(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(UsageError, match="exclude"):
        discover([tmp_path], exclude=[pattern])


@pytest.mark.parametrize("path", ["missing", "a\0b", ""])
def test_a_path_that_is_not_there_is_an_error(path: str) -> None:
    with pytest.raises(UsageError, match="cannot scan"):
        discover([path])


def test_no_path_is_an_error() -> None:
    with pytest.raises(UsageError):
        discover([])


@pytest.mark.parametrize(
    "folder, mark, reason",
    [
        ("env", "pyvenv.cfg", folders.VIRTUAL_ENVIRONMENT),
        ("env", "conda-meta/history", folders.VIRTUAL_ENVIRONMENT),
        (".venv", "x", folders.VIRTUAL_ENVIRONMENT),
        (".tox", "x", folders.VIRTUAL_ENVIRONMENT),
        ("lib/site-packages", "x", walk.INSTALLED),
        ("web/node_modules", "x", walk.INSTALLED),
        ("__pycache__", "x", walk.CACHE),
        (".git", "x", walk.VERSION_CONTROL),
        ("pkg.egg-info", "x", walk.METADATA),
        ("env", "x", None),
    ],
)
def test_environments_and_caches(tmp_path: Path, folder: str, mark: str, reason: Any) -> None:
    write(tmp_path, "a.py", f"{folder}/{mark}", f"{folder}/lib/b.py")
    found = discover([tmp_path])
    assert skipped(found) == ({folder: reason} if reason else {})
    assert paths(found) == ["a.py"] + ([] if reason else [f"{folder}/lib/b.py"])


def test_submodules(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "deps/one/x.py", "deps/two/y.py", "deps/three/z.py", "deps/own/w.py")
    put(
        tmp_path,
        {
            ".gitmodules": '[submodule "one"]\n\tpath = deps/one\n[submodule "three"]\n\tpath = "deps/three"\r\n',
            "deps/two/.git": "gitdir: ../../.git/modules/two\n",
        },
    )
    found = discover([tmp_path])
    assert paths(found) == [".gitmodules", "a.py", "deps/own/w.py"]
    assert skipped(found) == dict.fromkeys(["deps/one", "deps/three", "deps/two"], folders.SUBMODULE)
    assert paths(discover([tmp_path / "deps" / "two"])) == ["y.py"]


def test_submodules_listed_above_the_scanned_folder(tmp_path: Path) -> None:
    top = repository(tmp_path)
    put(top, {".gitmodules": "[submodule]\npath = deps/one\n", "deps/one/x.py": "", "deps/y.py": ""})
    assert paths(discover([top / "deps"])) == ["y.py"]


def test_a_clone_inside_a_repository_is_left_out_but_not_a_folder_of_clones(tmp_path: Path) -> None:
    for name in ("one", "two"):
        repository(write(tmp_path, f"{name}/a.py") / name)
    put(tmp_path, {"one/.git/info/exclude": "mine.py\n", "one/mine.py": ""})
    assert paths(discover([tmp_path])) == ["one/a.py", "two/a.py"]
    found = discover([repository(tmp_path)])
    assert paths(found) == []
    assert skipped(found) == {".git": walk.VERSION_CONTROL, "one": folders.NESTED, "two": folders.NESTED}


def test_too_large(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": "x" * 3_000_000, "b.py": "x" * 2_000_000, "c.txt": "x" * 3_000_000})
    reason = "too large: 2.9 MiB, the bound is 1.9 MiB"
    assert skipped(discover([tmp_path], max_size=2_000_000)) == {"a.py": reason}
    assert skipped(discover([tmp_path / "a.py"], max_size=2_000_000)) == {"a.py": reason}


@posix
def test_links(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write(tree, "pkg/a.py", "pkg/readme.md")
    write(tmp_path, "outside/b.py")
    links = {
        "up": ("..", walk.LINK_LOOP),
        "pkg/self": (".", walk.LINK_LOOP),
        "round": ("round", walk.LINK_LOOP),
        "again": ("pkg", walk.LINK_INSIDE),
        "b.py": ("pkg/a.py", walk.LINK_INSIDE),
        "out": ("../outside", walk.LINK_OUT),
        "c.py": ("../outside/b.py", walk.LINK_OUT),
        "d.py": ("nowhere", walk.LINK_BROKEN),
    }
    for name, (target, _) in links.items():
        (tree / name).symlink_to(target)
    (tree / "README").symlink_to("pkg/readme.md")
    found = discover([tree])
    assert paths(found) == ["pkg/a.py"]
    assert skipped(found) == {name: reason for name, (_, reason) in links.items()}


@posix
def test_named_links_are_followed(tmp_path: Path) -> None:
    write(tmp_path, "real/a.py", "tree/x.py")
    (tmp_path / "tree" / "b.py").symlink_to("../real/a.py")
    (tmp_path / "tree" / "d").symlink_to("../real")
    assert paths(discover([tmp_path / "tree" / "b.py"])) == ["b.py"]
    assert discover([tmp_path / "tree" / "d"]).root == Path(os.path.realpath(tmp_path / "real"))


@posix
def test_pipes_and_sockets_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.py")
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / ".gitignore")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.py")
        found = discover([tmp_path])
    assert paths(found) == ["a.py"]
    expected = dict.fromkeys([".gitignore", "pipe", "pipe.py", "s.py"], walk.IRREGULAR)
    assert skipped(found) == expected
    assert skipped(discover([tmp_path / "pipe.py"])) == {"pipe.py": walk.IRREGULAR}


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser reads everything")
def test_unreadable_folders_and_files(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "shut/b.py", "script")
    (tmp_path / "shut").chmod(0)
    (tmp_path / "script").chmod(0)
    try:
        found = discover([tmp_path])
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert paths(found) == ["a.py"]
    assert skipped(found) == dict.fromkeys(["script", "shut"], "unreadable: Permission denied")


@pytest.mark.parametrize(
    "error, reason", [(FileNotFoundError(2, "x"), walk.VANISHED), (OSError(5, "I/O"), "unreadable: I/O")]
)
def test_what_fails_while_walking_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    write(tmp_path, "a.py", "gone/b.py")
    scandir = os.scandir

    def failing(path: str) -> Any:
        if path.endswith("gone"):
            raise error
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    found = discover([tmp_path])
    assert (paths(found), skipped(found)) == (["a.py"], {"gone": reason})


HOSTILE: tuple[bytes, ...] = (
    b"new\nline.py",
    b"quote'\".py",
    b"\x1b[31mred.py",
    b"back\\slash.py",
    b"\xff\xfelatin.py",
    b" space .py",
    b"-rf.py",
    b"$(id).py",
    "\u202eyp.py".encode(),
)


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="the file system refuses names that are not UTF-8")
def test_hostile_names_survive(tmp_path: Path) -> None:
    put(tmp_path, {".gitignore": "nothing*\n*.log\n"})
    for name in HOSTILE:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb"):
            pass
    found = discover([tmp_path])
    assert {os.fsencode(path) for path in paths(found)} == set(HOSTILE)
    assert paths(found) == sorted(paths(found))


@posix
def test_an_ignore_line_matches_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"caf\xe9.py\n")
    for name in (b"caf\xe9.py", b"cafe.py"):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb"):
            pass
    assert paths(discover([tmp_path])) == ["cafe.py"]


def test_a_deep_tree(tmp_path: Path) -> None:
    here = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(300):
            os.mkdir("d")
            os.chdir("d")
        Path("a.py").write_text("", encoding="utf-8")
    finally:
        os.chdir(here)
    assert paths(discover([tmp_path])) == ["d/" * 300 + "a.py"]


def test_pathspec_is_not_loaded_without_ignore_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pathspec", None)
    assert paths(discover([write(tmp_path, "a.py")])) == ["a.py"]
