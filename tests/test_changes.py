"""`check --staged` and `check --since`: what git says has changed, as it is staged or stands in the work tree."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck import changes, plumbing
from portcheck.discover import MAX_SIZE
from portcheck.errors import UsageError
from tests.commands import CUDA, Ended, portcheck
from tests.repositories import Repository

CLEAN = "import math\n"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r")


def staged(repository: Repository) -> list[str]:
    return list(changes.staged(str(repository.top)).paths)


def since(repository: Repository, revision: str) -> list[str]:
    return list(changes.since(str(repository.top), revision).paths)


def lines(ended: Ended) -> list[str]:
    """The places of the findings."""
    return [line.partition(": ")[0] for line in ended.out.splitlines()]


def test_only_what_is_staged_is_checked(repository: Repository) -> None:
    repository.commit({"old.py": CUDA, "other.py": CLEAN})
    repository.write("new.py", CUDA)
    repository.write("loose.py", CUDA)
    repository.git("add", "new.py")
    done = repository.check("--staged")
    assert (done.code, lines(done)) == (1, ["new.py:3:1"])


def test_nothing_staged_passes(repository: Repository) -> None:
    repository.commit({"old.py": CUDA})
    done = repository.check("--staged")
    assert (done.code, done.out) == (0, "")


def test_before_the_first_commit_all_that_is_staged_counts(repository: Repository) -> None:
    repository.write("a.py", CUDA)
    repository.write("b.py", CUDA)
    repository.git("add", "a.py")
    assert lines(repository.check("--staged")) == ["a.py:3:1"]


def test_the_staged_content_counts_and_not_the_one_in_the_work_tree(repository: Repository) -> None:
    repository.commit({"mended_later.py": CLEAN, "broken_later.py": CLEAN})
    repository.write("mended_later.py", CUDA)
    repository.write("broken_later.py", "import sys\n")
    repository.git("add", "-A")
    repository.write("mended_later.py", CLEAN)
    repository.write("broken_later.py", CUDA)
    assert lines(repository.check("--staged")) == ["mended_later.py:3:1"]
    assert lines(repository.check("--since", "HEAD")) == ["broken_later.py:3:1"]


def test_a_staged_file_that_is_gone_from_the_work_tree_is_checked_as_it_is_staged(repository: Repository) -> None:
    repository.commit({"keep.txt": ""})
    repository.write("deep/gone.py", CUDA)
    repository.write("deep/prose.md", "torch.cuda")
    repository.git("add", "-A")
    shutil.rmtree(repository.top / "deep")
    done = repository.check("--staged")
    assert (done.code, lines(done)) == (1, ["deep/gone.py:3:1"])


def test_a_staged_file_behind_a_link_is_not_read_through_it(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"keep.txt": ""})
    repository.write("a.py", CLEAN)
    repository.git("add", "a.py")
    (tmp_path / "secret.py").write_text(CUDA, encoding="utf-8")
    (repository.top / "a.py").unlink()
    (repository.top / "a.py").symlink_to(tmp_path / "secret.py")
    assert repository.check("--staged").code == 0
    assert repository.check("--since", "HEAD").code == 0


def test_deleted_and_renamed_files(repository: Repository) -> None:
    repository.commit({"gone.py": CUDA, "before.py": CUDA + "x = 1\n" * 20})
    repository.git("rm", "-q", "gone.py")
    repository.git("mv", "before.py", "after.py")
    assert staged(repository) == ["after.py"]
    assert since(repository, "HEAD") == ["after.py"]
    assert lines(repository.check("--staged")) == ["after.py:3:1"]


def test_since_sees_commits_changes_and_new_files_and_not_what_is_ignored(repository: Repository) -> None:
    base = repository.commit({"a.py": CLEAN, "b.py": CLEAN, "c.py": CLEAN, ".gitignore": "ignored.py\n"})
    repository.commit({"a.py": CUDA})
    repository.write("b.py", CUDA)
    repository.write("new.py", CUDA)
    repository.write("ignored.py", CUDA)
    assert since(repository, base) == ["a.py", "b.py", "new.py"]
    assert lines(repository.check("--since", base)) == ["a.py:3:1", "b.py:3:1", "new.py:3:1"]


def test_since_means_since_this_branch_left(repository: Repository) -> None:
    repository.commit({"a.py": CLEAN})
    repository.git("switch", "-q", "-c", "port")
    repository.commit({"mine.py": CUDA})
    repository.git("switch", "-q", "main")
    repository.commit({"theirs.py": CUDA})
    repository.git("switch", "-q", "port")
    assert since(repository, "main") == ["mine.py"]


def test_a_touched_file_has_not_changed(repository: Repository) -> None:
    repository.commit({"a.py": CUDA})
    os.utime(repository.top / "a.py", (1, 1))
    assert since(repository, "HEAD") == []


def test_a_detached_head(repository: Repository) -> None:
    base = repository.commit({"a.py": CLEAN})
    last = repository.commit({"b.py": CUDA})
    repository.git("checkout", "-q", last)
    repository.write("c.py", CUDA)
    repository.git("add", "c.py")
    assert lines(repository.check("--since", base)) == ["b.py:3:1", "c.py:3:1"]
    assert lines(repository.check("--staged")) == ["c.py:3:1"]


@pytest.mark.parametrize("revision", ["nowhere", "0" * 40, "--output=x", "", "main:a.py", "HEAD~99"])
def test_a_revision_that_is_none(repository: Repository, revision: str) -> None:
    repository.commit({"a.py": CUDA})
    done = repository.check("--since", revision)
    assert done.code == 2
    assert "--since: git knows no revision" in done.err
    assert sorted(path.name for path in repository.top.iterdir()) == [".git", "a.py"]


def test_a_shallow_clone_without_the_revision(repository: Repository, tmp_path: Path) -> None:
    first = repository.commit({"a.py": CLEAN})
    repository.commit({"b.py": CUDA})
    repository.git("clone", "-q", "--depth", "1", repository.top.as_uri(), str(tmp_path / "shallow"))
    done = portcheck("check", "--since", first, cwd=tmp_path / "shallow")
    assert done.code == 2
    assert "this clone is shallow: fetch more of its history first" in done.err


def test_a_shallow_clone_without_a_common_commit_compares_with_the_revision_and_says_so(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit({"a.py": CLEAN})
    repository.git("branch", "port")
    repository.commit({"theirs.py": CLEAN})
    repository.git("switch", "-q", "port")
    repository.commit({"mine.py": CUDA})
    repository.git(
        "clone", "-q", "--depth", "1", "--no-single-branch", repository.top.as_uri(), str(tmp_path / "shallow")
    )
    done = portcheck("check", "--since", "origin/main", cwd=tmp_path / "shallow")
    assert (done.code, lines(done)) == (1, ["mine.py:3:1"])
    assert "is not known, as this clone is shallow: compared with origin/main itself" in done.err


@pytest.mark.parametrize("how", [["--staged"], ["--since", "HEAD"]])
def test_without_git(tmp_path: Path, how: list[str]) -> None:
    done = portcheck("check", *how, cwd=tmp_path, PATH=str(tmp_path), GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert done.code == 2
    assert "there is no git here" in done.err


@pytest.mark.parametrize("how", [["--staged"], ["--since", "HEAD"]])
def test_outside_of_any_repository(tmp_path: Path, how: list[str]) -> None:
    done = portcheck("check", *how, cwd=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert done.code == 2
    assert "git: not a git repository" in done.err


def test_an_index_that_is_broken(repository: Repository) -> None:
    repository.commit({"a.py": CUDA})
    (repository.top / ".git" / "index").write_bytes(b"DIRC" + b"\xff" * 60)
    done = repository.check("--staged")
    assert done.code == 2
    assert done.err.startswith("portcheck: git: ")


NAMES = ["with space.py", "new\nline.py", "naïve-文件.py", '"quoted".py', "-q.py", "tab\there.py", "\x1b[31mred.py"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_git_would_quote(repository: Repository, name: str) -> None:
    repository.commit({"keep.txt": ""})
    repository.write(name, CUDA)
    repository.git("add", "-A")
    assert staged(repository) == [name]
    assert since(repository, "HEAD") == [name]
    repository.write(name, CLEAN)
    done = repository.check("--staged")
    assert done.code == 1
    assert len(done.out.splitlines()) == 1
    assert "\x1b" not in done.out + done.err


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
def test_a_name_that_is_not_unicode(repository: Repository) -> None:
    repository.commit({"keep.txt": ""})
    try:
        Path(os.fsdecode(os.fsencode(repository.top) + b"/\xff.py")).write_text(CUDA, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has no such names")
    repository.git("add", "-A")
    assert lines(repository.check("--staged")) == ["\\udcff.py:3:1"]


def test_from_a_folder_below_the_top_paths_open_from_there(repository: Repository) -> None:
    repository.commit({"keep.txt": ""})
    for path in ("sub/inside.py", "sub/deep/er.py", "outside.py"):
        repository.write(path, CUDA)
    repository.git("add", "-A")
    everything = ["../outside.py:3:1", "deep/er.py:3:1", "inside.py:3:1"]
    assert sorted(lines(repository.check("--staged", below="sub"))) == everything
    assert sorted(lines(repository.check("--since", "HEAD", below="sub"))) == everything
    assert lines(repository.check("--staged", "inside.py", below="sub")) == ["inside.py:3:1"]
    assert lines(repository.check("--staged", ".", below="sub/deep")) == ["er.py:3:1"]


def test_paths_narrow_what_is_checked(repository: Repository) -> None:
    repository.commit({"keep.py": CLEAN})
    repository.write("one/a.py", CUDA)
    repository.write("two/b.py", CUDA)
    repository.git("add", "-A")
    assert lines(repository.check("--staged", "one")) == ["one/a.py:3:1"]
    assert lines(repository.check("--staged", "two/b.py", "one")) == ["one/a.py:3:1", "two/b.py:3:1"]
    assert repository.check("--staged", "keep.py").code == 0


@pytest.mark.parametrize("path", ["missing.py", "missing/deep.py"])
def test_a_path_that_is_not_there(repository: Repository, path: str) -> None:
    repository.commit({"keep.py": CLEAN})
    done = repository.check("--staged", path)
    assert done.code == 2
    assert f"cannot check {path!r}: no such file or folder" in done.err


def test_a_path_of_another_repository(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"keep.py": CLEAN})
    done = repository.check("--staged", ".", str(tmp_path))
    assert done.code == 2
    assert "it is not in the repository at" in done.err


def test_what_a_scan_leaves_out_is_left_out(repository: Repository) -> None:
    repository.commit({"keep.py": CLEAN})
    for path in ("legacy/a.py", "node_modules/b.py", "c.py", "old_d.py"):
        repository.write(path, CUDA)
    repository.git("add", "-A", "-f")
    shutil.rmtree(repository.top / "legacy")
    excluding = ("--exclude", "legacy/", "--exclude", "old_*.py")
    assert lines(repository.check("--staged", *excluding)) == ["c.py:3:1"]


@pytest.mark.parametrize("name", ["naïve", "a b", "x*[y]"])
def test_configured_patterns_count_from_their_file(tmp_path: Path, name: str) -> None:
    repository = Repository(tmp_path / name)
    repository.commit({"portcheck.toml": 'exclude = ["legacy/a.py"]\n'})
    repository.write("legacy/a.py", CUDA)
    repository.write("legacy/b.py", CUDA)
    repository.git("add", "-A")
    assert lines(repository.check("--staged", below="legacy")) == ["b.py:3:1"]


def test_force_exclude_is_about_files_that_are_named(repository: Repository) -> None:
    repository.commit({"portcheck.toml": 'exclude = ["legacy/"]\n', "legacy/a.py": CUDA, "b.py": CUDA})
    assert lines(repository.check("b.py", "legacy/a.py")) == ["b.py:3:1", "legacy/a.py:3:1"]
    assert lines(repository.check("--force-exclude", "b.py", "legacy/a.py")) == ["b.py:3:1"]
    assert repository.check("--force-exclude", "legacy/a.py").code == 0


def test_a_staged_file_is_judged_in_the_knowledge_of_the_others(repository: Repository) -> None:
    repository.commit({"torch.py": "cuda = None\n"})
    repository.write("a.py", CUDA)
    repository.git("add", "-A")
    assert repository.check("--staged").code == repository.check("a.py").code


def test_a_submodule_a_link_and_a_conflict_are_no_files_to_check(repository: Repository, tmp_path: Path) -> None:
    inner = Repository(tmp_path / "inner")
    inner.commit({"x.py": CUDA})
    repository.commit({"a.py": CLEAN})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.top), "inner")
    (repository.top / "link.py").symlink_to("a.py")
    repository.git("add", "-A")
    assert [path for path in staged(repository) if path.endswith((".py", "inner"))] == []


@pytest.mark.parametrize("setting", ["core.fsmonitor", "diff.external", "core.hooksPath", "filter.evil.clean"])
def test_no_program_that_a_repository_names_is_run(repository: Repository, tmp_path: Path, setting: str) -> None:
    repository.commit({"a.py": CLEAN, ".gitattributes": "*.py filter=evil diff=evil\n"})
    trap, mark = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n", encoding="utf-8")
    trap.chmod(0o755)
    repository.write("a.py", CUDA)
    repository.git("add", "a.py")
    repository.write("a.py", CLEAN + CUDA)
    repository.git("config", "diff.evil.textconv", str(trap))
    repository.git("config", setting, str(trap))
    assert repository.check("--staged").code == 1
    assert repository.check("--since", "HEAD").code == 1
    assert not mark.exists()


def test_large_files_that_nobody_reads_are_no_trouble(repository: Repository) -> None:
    repository.commit({"keep.txt": ""})
    for name in ("weights.bin", "large.py"):
        (repository.top / name).write_bytes(b"#" * (MAX_SIZE + 1))
    repository.git("add", "-A")
    done = repository.check("--staged", "--strict")
    assert done.code == 4
    assert "large.py" in done.err
    assert "weights.bin" not in done.err


def test_an_index_that_leads_out_of_the_work_tree() -> None:
    assert not any(map(changes.stays, ["../x.py", "a/../../x.py", "/etc/passwd", ".."]))
    assert all(map(changes.stays, ["a..b/x.py", "...", "a/..b"]))


def test_git_that_takes_too_long(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit({"a.py": CLEAN})
    monkeypatch.setattr(plumbing, "TIMEOUT", 1e-9)
    with pytest.raises(UsageError, match="git took longer than"):
        changes.staged(str(repository.top))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--staged", "--since", "HEAD"], "choose one"),
        (["--staged", "--fix"], "choose one"),
        (["--since", "HEAD", "--base", "HEAD", "--format", "markdown"], "have a base of their own"),
        (["--staged", "-"], "standard input is scanned alone"),
        (["--fix", "--stdin-filename", "a.py"], "standard input is scanned alone"),
    ],
)
def test_what_does_not_go_together(repository: Repository, arguments: list[str], said: str) -> None:
    repository.commit({"a.py": CLEAN})
    done = repository.check(*arguments)
    assert done.code == 2
    assert said in done.err


ORDINARY = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='/\\:*?"<>|.')
NAME = st.text(ORDINARY, min_size=1, max_size=12)
STATE: st.SearchStrategy[str | None] = st.sampled_from([CUDA, CLEAN, "", None])


@settings(max_examples=15)
@given(st.dictionaries(NAME, st.tuples(STATE, STATE, STATE), min_size=1, max_size=6))
def test_staged_and_since_say_what_the_states_of_files_say(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, tuple[str | None, str | None, str | None]]
) -> None:
    repository = Repository(tmp_path_factory.mktemp("states"))
    repository.commit({})
    for step in range(3):
        for name, states in files.items():
            text, path = states[step], f"d/{name}.py"
            if text is not None:
                repository.write(path, text)
            elif (repository.top / path).exists():
                (repository.top / path).unlink()
        if step == 0:
            repository.commit({})
        elif step == 1:
            repository.git("add", "-A")
    found = changes.staged(str(repository.top))
    expected = {f"d/{name}.py": after for name, (before, after, _) in files.items() if after not in (None, before)}
    now = {f"d/{name}.py": states[2] for name, states in files.items()}
    assert set(found.paths) == set(expected)
    assert {path: data.decode() for path, data in found.contents.items()} == {
        path: text for path, text in expected.items() if now[path] != text
    }
    changed = {f"d/{name}.py" for name, (before, _, last) in files.items() if last not in (None, before)}
    assert set(since(repository, "HEAD")) == changed
