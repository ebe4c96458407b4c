"""The baseline: what was accepted passes, what is new fails, and the file only ever shrinks unless asked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.baseline import NAME, Baseline, Entry, Split, read, shrunk, split, text
from portcheck.errors import Exit, UsageError
from tests.commands import Ended, portcheck

HEAD = '{"portcheck-baseline": 1, "start": 2}'


def code(*calls: str) -> str:
    """Return a Python file with these calls of torch.cuda, each in a function of its own."""
    return "import torch\n" + "".join(f"def {name}():\n    torch.cuda.{name}()\n" for name in calls)


def put(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder and return it."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def port(tmp_path: Path) -> Path:
    """A folder with three places, all of them accepted."""
    put(tmp_path, {"a.py": code("synchronize", "empty_cache"), "sub/b.py": code("synchronize")})
    ended = portcheck("baseline", cwd=tmp_path)
    assert (ended.code, ended.err) == (Exit.DONE, f"{NAME}: 3 places accepted\n")
    return tmp_path


def listed(folder: Path) -> list[tuple[str, str]]:
    """Return path and subject of each place in the baseline of a folder."""
    return [(entry.path, entry.subject) for entry in read(folder / NAME).entries]


def check(folder: Path, *arguments: str) -> Ended:
    """Check a folder from within."""
    return portcheck("check", *arguments, cwd=folder)


def test_what_was_accepted_passes_and_the_rest_fails(port: Path) -> None:
    ended = check(port)
    assert (ended.code, ended.out) == (Exit.DONE, "")
    assert ended.err.splitlines()[-1] == f"{NAME}: 0 of 3 places done (0%)"
    put(port, {"a.py": code("synchronize", "empty_cache", "current_device")})
    ended = check(port)
    assert ended.code == Exit.FINDINGS
    assert [line.split(":")[:2] for line in ended.out.splitlines()] == [["a.py", "7"]]
    assert "1 new finding in 1 of 2 files" in ended.err
    assert len(check(port, "--no-baseline").out.splitlines()) == 4
    assert portcheck("scan", "--fail-on", "verify", cwd=port).code == Exit.FINDINGS


def test_the_file_is_sorted_and_says_what_it_holds(port: Path) -> None:
    lines = (port / NAME).read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]) == {"portcheck-baseline": 1, "start": 3}
    assert [json.loads(line)["path"] for line in lines[1:]] == ["a.py", "a.py", "sub/b.py"]
    assert (port / NAME).stat().st_mode & 0o777 == (port / "a.py").stat().st_mode & 0o777


def test_lines_that_move_and_files_that_are_renamed_stay_known(port: Path) -> None:
    put(port, {"a.py": "# one\n\n\n" + code("empty_cache", "synchronize")})
    (port / "sub" / "b.py").rename(port / "c.py")
    assert check(port).code == Exit.DONE
    assert portcheck("baseline", cwd=port).code == Exit.DONE
    assert {path for path, _ in listed(port)} == {"a.py", "c.py"}


def test_a_place_in_another_file_is_new_while_the_first_is_still_there(port: Path) -> None:
    put(port, {"c.py": code("synchronize")})
    assert check(port).out.startswith("c.py:3:")


def test_a_second_place_of_the_same_kind_is_new(port: Path) -> None:
    put(port, {"sub/b.py": code("synchronize") + "    torch.cuda.synchronize()\n"})
    ended = check(port)
    assert (ended.code, len(ended.out.splitlines())) == (Exit.FINDINGS, 1)


def test_it_shrinks_and_grows_only_when_asked(port: Path) -> None:
    put(port, {"a.py": code("empty_cache", "current_device")})
    assert "1 of 3 places done (33%); 1 of them is still listed: run `portcheck baseline`" in check(port).err
    ended = portcheck("baseline", cwd=port)
    assert ended.code == Exit.FINDINGS
    assert ended.err == (
        f"{NAME}: 2 places left of 3; 1 done and dropped; "
        "1 new and not accepted: port them, or accept them with --grow\n"
    )
    assert listed(port) == [("a.py", "torch.cuda.empty_cache"), ("sub/b.py", "torch.cuda.synchronize")]
    grown = portcheck("baseline", "--grow", cwd=port)
    assert (grown.code, grown.err) == (Exit.DONE, f"{NAME}: 3 places left of 4; 1 new and accepted\n")
    before = (port / NAME).read_bytes()
    assert portcheck("baseline", cwd=port).code == Exit.DONE
    assert (port / NAME).read_bytes() == before


def test_a_part_of_the_tree_leaves_the_rest_as_it_is(port: Path) -> None:
    put(port, {"a.py": code("empty_cache"), "sub/b.py": ""})
    assert portcheck("baseline", "sub", cwd=port).code == Exit.DONE
    assert [path for path, _ in listed(port)] == ["a.py", "a.py"]
    assert portcheck("baseline", "a.py", cwd=port).code == Exit.DONE
    assert listed(port) == [("a.py", "torch.cuda.empty_cache")]
    assert check(port / "sub").code == Exit.DONE
    assert "2 of 3 places done" in check(port / "sub").err


def test_other_selections_do_not_count_as_done(port: Path) -> None:
    assert "0 of 3 places done (0%)\n" in check(port, "--select", "amp").err
    put(port, {"a.py": code("synchronize", "empty_cache", "current_device")})
    assert portcheck("baseline", "--select", "amp", "--grow", cwd=port).code == Exit.DONE
    assert len(listed(port)) == 3


def test_files_that_cannot_be_read_are_not_done(port: Path) -> None:
    (port / "a.py").write_bytes(b"x = 1\n" * 2_000_000)
    portcheck("baseline", cwd=port)
    assert [path for path, _ in listed(port)] == ["a.py", "a.py", "sub/b.py"]
    (port / "a.py").unlink()
    portcheck("baseline", cwd=port)
    assert [path for path, _ in listed(port)] == ["sub/b.py"]


def test_suppressed_places_are_not_accepted(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": "# portcheck: ignore-file\n" + code("synchronize")})
    assert "0 places accepted" in portcheck("baseline", cwd=tmp_path).err
    assert check(tmp_path).err.splitlines()[-1] == f"{NAME}: nothing was accepted"


def test_findings_that_are_known_stay_in_reports(port: Path) -> None:
    known = json.loads(check(port, "--format", "json").out)
    assert (len(known["findings"]), [row["how"] for row in known["suppressed"]]) == (0, ["baseline"] * 3)
    assert len(json.loads(portcheck("scan", "--format", "json", cwd=port).out)["findings"]) >= 3
    assert f"{NAME}: 0 of 3 places done (0%). Nothing is new since." in " ".join(
        portcheck("scan", cwd=port).out.split()
    )


def test_a_name_in_the_configuration(tmp_path: Path) -> None:
    put(tmp_path, {"a.py": code("synchronize"), "ci/x.py": "", "portcheck.toml": 'baseline = "ci/known.jsonl"\n'})
    assert portcheck("baseline", "ci", cwd=tmp_path).code == Exit.DONE
    assert check(tmp_path).code == Exit.USAGE
    assert portcheck("baseline", "--force", cwd=tmp_path).code == Exit.DONE
    assert json.loads((tmp_path / "ci" / "known.jsonl").read_text(encoding="utf-8").splitlines()[0])["root"] == ".."
    assert check(tmp_path).code == Exit.DONE
    assert check(tmp_path, "--baseline", "gone.jsonl").code == Exit.USAGE


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/../../x"])
def test_a_configuration_does_not_say_what_is_written_elsewhere(tmp_path: Path, name: str) -> None:
    put(tmp_path, {"portcheck.toml": f'baseline = "{name}"\n'})
    ended = portcheck("baseline", cwd=tmp_path)
    assert ended.code == Exit.USAGE
    assert "must lie below the folder of this file" in ended.err


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (f"{HEAD}\n<<<<<<< HEAD\n=======\n>>>>>>> other\n", ":2: a merge conflict: keep the lines of both sides"),
        ('{"portcheck-baseline": 2, "start": 2}\n', ":1: is of version 2, and this portcheck reads 1"),
        ("", ":1: is no JSON object"),
        ('{"start": 2}\n', ":1: is no baseline"),
        ('{"portcheck-baseline": 1, "start": -1}\n', ":1: 'start' must be"),
        ('{"portcheck-baseline": 1, "start": 1, "root": "/x"}\n', ":1: 'root' must lead upwards"),
        (f"{HEAD}\n[1]\n", ":2: is no JSON object"),
        (f'{HEAD}\n{{"path": "a.py"}}\n', ":2: is no place"),
        (f"{HEAD}\n{'[' * 100_000}\n", ":2: is no JSON object"),
        *(
            (f"{HEAD}\n{json.dumps(Entry(path, 'PC1', 'f', 's')._asdict())}\n", "a file outside the tree")
            for path in ("../a.py", "/etc/passwd", "a/../../b", "C:/x", "..\\x", "")
        ),
        ("\x00\xff", "not UTF-8"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(port: Path, content: str, hint: str) -> None:
    (port / NAME).write_bytes(content.encode("latin-1"))
    for command in ("check", "baseline"):
        ended = portcheck(command, cwd=port)
        assert ended.code == Exit.USAGE
        assert hint in ended.err
    assert portcheck("baseline", "--force", cwd=port).code == Exit.DONE
    assert len(listed(port)) == 3


def test_a_link_or_a_folder_in_its_place(port: Path) -> None:
    (port / NAME).rename(port / "real")
    (port / NAME).symlink_to("real")
    assert check(port).code == Exit.USAGE
    assert portcheck("baseline", "--force", cwd=port).code == Exit.USAGE
    (port / NAME).unlink()
    (port / NAME).mkdir()
    assert "not a regular file" in check(port).err


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as somebody."""
    who = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
    who.update({key.replace("AUTHOR", "COMMITTER"): value for key, value in who.items()})
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env={**os.environ, **who})


def test_two_branches_that_port_other_files_merge(tmp_path: Path) -> None:
    put(tmp_path, {f"{name}.py": code("synchronize", "empty_cache") for name in "abc"})
    portcheck("baseline", cwd=tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "start")
    for branch, name in (("one", "a"), ("two", "c")):
        git(tmp_path, "checkout", "-q", "-b", branch, "main")
        put(tmp_path, {f"{name}.py": ""})
        portcheck("baseline", cwd=tmp_path)
        git(tmp_path, "commit", "-qam", branch)
    git(tmp_path, "checkout", "-q", "main")
    git(tmp_path, "merge", "-q", "--no-edit", "one")
    git(tmp_path, "merge", "-q", "--no-edit", "two")
    assert {path for path, _ in listed(tmp_path)} == {"b.py"}
    assert check(tmp_path).err.endswith("4 of 6 places done (67%)\n")


PLACES = st.lists(
    st.builds(Entry, st.sampled_from("abc"), st.just("PC1"), st.sampled_from("xyz"), st.just("s")), max_size=12
)


@given(PLACES, PLACES, st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_nothing_is_lost_and_nothing_counted_twice(
    known: list[Entry], places: list[Entry], seen: set[str], there: set[str]
) -> None:
    found = split(Baseline(9, tuple(known)), places, seen.__contains__, there.__contains__)
    assert len(found.left) + len(found.unseen) + len(found.done) == len(known)
    assert len(found.left) + len(found.new) == len(places)
    assert len(shrunk(Baseline(9, tuple(known)), found, False).entries) <= len(known)
    assert shrunk(Baseline(0, ()), Split(tuple(places), (), (), ()), True).start == len(places)


@given(st.lists(st.builds(Entry, st.just("a"), st.text(), st.text(), st.text()), max_size=5), st.integers(0, 99))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, rows: list[Entry], start: int) -> None:
    file = tmp_path_factory.mktemp("b") / NAME
    file.write_text(text(Baseline(start, tuple(rows), "..")), encoding="utf-8")
    assert read(file) == Baseline(start, tuple(sorted(rows)), "..")


def test_what_another_folder_says(tmp_path: Path, port: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "gone")
    elsewhere = put(tmp_path.parent / f"{tmp_path.name}-other", {"a.py": code("synchronize")})
    ended = portcheck("check", elsewhere, "--baseline", port / NAME, cwd=tmp_path)
    assert ended.code == Exit.USAGE
    assert "its paths count from" in ended.err
