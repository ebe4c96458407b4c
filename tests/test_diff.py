"""`portcheck diff`: work added and removed between two reports, two revisions, or one of them and the work tree."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from portcheck import delta, reportfile
from portcheck.model import Report, Status, Suppressed, Work
from portcheck.report import delta as writer
from portcheck.report import render, schema
from portcheck.report.layout import Page
from portcheck.report.markdown import LIMIT
from tests import factories as make
from tests.commands import CUDA, Ended, portcheck
from tests.repositories import Repository

CLEAN = "import math\n"
GRAPH = "import torch\n\ngraph = torch.cuda.CUDAGraph()\n"
VALIDATOR = Draft202012Validator(writer.schema())

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


def compared(old: Report, new: Report) -> delta.Delta:
    return delta.compare(delta.side("old", old), delta.side("new", new))


def shown(found: delta.Delta, fmt: str = "text", verbose: bool = False) -> str:
    return "".join(writer.chunks(found, fmt, Page(100, False), verbose))


def parsed(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    VALIDATOR.validate(document)
    return document


def places(rows: list[dict[str, Any]]) -> list[str]:
    return [f"{row['path']}:{row['line']}" for row in rows]


def saved(path: Path, report: Report) -> str:
    path.write_text(render(report, "json"), encoding="utf-8")
    return os.fspath(path)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r")


def diff(repository: Repository, *arguments: str, below: str = "") -> Ended:
    return portcheck("diff", *arguments, cwd=repository.top / below)


@needs_git
def test_two_revisions_with_nothing_checked_out(repository: Repository) -> None:
    old = repository.commit({"a.py": CUDA, "b.py": CUDA})
    new = repository.commit({"a.py": CLEAN, "c.py": CUDA + GRAPH})
    repository.write("a.py", "torn(\n")
    repository.write("loose.py", CUDA)
    done = diff(repository, old, new, "--format", "json")
    assert done.code == 0
    document = parsed(done.out)
    assert places(document["added"]) == ["c.py:3", "c.py:6"]
    assert places(document["removed"]) == ["a.py:3"]
    assert document["summary"]["kept"] == 1
    assert (repository.top / "a.py").read_text(encoding="utf-8") == "torn(\n"
    assert repository.git("status", "--porcelain").split() == ["M", "a.py", "??", "loose.py"]


@needs_git
def test_without_a_second_side_the_work_tree_counts(repository: Repository) -> None:
    repository.commit({"a.py": CUDA})
    repository.write("a.py", CLEAN)
    repository.write("new.py", GRAPH)
    done = diff(repository, "HEAD")
    assert done.code == 0
    assert "Places: 1 added, 1 removed, 0 as before." in done.out
    assert "new.py:3:9: PC" in done.out.partition("ADDED")[2]
    assert "a.py:3:1: PC101" in done.out.partition("REMOVED")[2]


@needs_git
def test_a_revision_beside_its_own_checkout_has_no_difference(repository: Repository) -> None:
    files = {
        "pkg/a.py": CUDA,
        "third_party/x/LICENSE": "another licence " * 50,
        "third_party/x/b.py": GRAPH,
        "LICENSE": "mine",
        "ignored.py": CUDA,
        ".gitignore": "ignored.py\n",
        "run": "#!/bin/sh\nnvidia-smi\n",
        "train.sh": "export CUDA_VISIBLE_DEVICES=0\n",
        "bad \U0001f525 name.py": GRAPH,
        "nb.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["torch.cuda.synchronize()"]}]}),
    }
    for path, text in files.items():
        repository.write(path, text)
    repository.git("add", "-A", "-f")
    repository.git("commit", "-q", "-m", "all")
    document = parsed(diff(repository, "HEAD", "--format", "json").out)
    assert (document["added"], document["removed"], document["changed"], document["notes"]) == ([], [], [], [])
    assert document["old"]["files"] == document["new"]["files"] == 7
    assert document["summary"]["kept"] >= 6


@needs_git
def test_moved_lines_and_renamed_files_are_no_difference(repository: Repository) -> None:
    old = repository.commit({"a.py": CUDA})
    repository.git("mv", "a.py", "b.py")
    repository.commit({"b.py": "# a line\n" * 9 + CUDA})
    document = parsed(diff(repository, old, "HEAD", "--format", "json").out)
    assert (document["added"], document["removed"], document["summary"]["kept"]) == ([], [], 1)


@needs_git
def test_configuration_comments_and_excludes_hold_for_both_sides(repository: Repository) -> None:
    first = repository.commit({"a.py": CLEAN})
    quiet = CUDA.replace("\n\n", "\n\n# portcheck: ignore[PC101] on the GPU machine\n")
    settings = 'exclude = ["/old/"]\n[per-file-ignores]\n"legacy/" = ["PC101"]\n'
    files = {"old/a.py": CUDA, "legacy/b.py": CUDA, "quiet.py": quiet, "sub/loud.py": CUDA}
    last = repository.commit({**files, "portcheck.toml": settings})
    for below in ("", "sub"):
        document = parsed(diff(repository, first, last, "--format", "json", below=below).out)
        assert places(document["added"]) == ["sub/loud.py:3"]
    assert (
        parsed(diff(repository, first, last, "--format", "json", "--exclude", "sub/", "--exclude", "old/").out)["added"]
        == []
    )


@needs_git
def test_a_place_that_was_suppressed_is_not_done(repository: Repository) -> None:
    old = repository.commit({"a.py": CUDA})
    repository.commit({"a.py": CUDA.rstrip() + "  # portcheck: ignore[PC101] later\n"})
    document = parsed(diff(repository, old, "HEAD", "--format", "json").out)
    assert document["removed"] == []
    assert places(document["suppressed"]) == ["a.py:3"]
    assert "SUPPRESSED NOW (1)" in diff(repository, old, "HEAD").out


@needs_git
def test_work_that_was_added_fails_a_gate(repository: Repository) -> None:
    old = repository.commit({"a.py": GRAPH})
    new = repository.commit({"b.py": CUDA})
    assert diff(repository, old, new).code == 0
    assert diff(repository, old, new, "--fail-on", "rename").code == 1
    assert diff(repository, old, new, "--fail-on", "rewrite").code == 0
    assert diff(repository, new, old, "--fail-on", "verify").code == 0
    assert diff(repository, old, new, "--fail-on", "rename", "--select", "PC3").code == 0


@needs_git
def test_a_report_beside_a_revision_is_judged_alike(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a.py": CUDA})
    base = tmp_path / "base.json"
    target = ("--torch", "2.11.0", "--strategy", "npu")
    assert portcheck("scan", "--format", "json", "--output", base, *target, cwd=repository.top).code == 0
    repository.commit({"b.py": CUDA})
    document = parsed(diff(repository, str(base), "HEAD", "--format", "json").out)
    assert places(document["added"]) == ["b.py:3"]
    assert document["new"]["target"] == {**document["old"]["target"], "source": "option"}
    assert document["notes"] == []
    assert document["old"]["person_days"] and document["new"]["person_days"]
    text = diff(repository, str(base)).out
    assert "Effort: " in text and "person-days before" in text


@needs_git
@pytest.mark.parametrize("revision", ["nowhere", "0" * 40, "HEAD~99", "main:a.py"])
def test_a_side_that_is_nothing(repository: Repository, revision: str) -> None:
    repository.commit({"a.py": CUDA})
    done = diff(repository, "HEAD", revision)
    assert done.code == 2
    assert f"'{revision}' is no file, and no git revision either" in done.err
    assert done.out == ""


@needs_git
def test_a_shallow_clone_says_what_it_lacks(repository: Repository, tmp_path: Path) -> None:
    old = repository.commit({"a.py": CUDA})
    repository.commit({"b.py": CUDA})
    clone = Repository(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth", "1", repository.top.as_uri(), "main")
    clone.git("checkout", "-q", "FETCH_HEAD")
    done = diff(clone, old)
    assert done.code == 2
    assert "this clone is shallow: fetch more of its history first" in done.err
    assert diff(clone, "HEAD").code == 0


@needs_git
def test_contents_that_a_clone_lacks_are_named(repository: Repository) -> None:
    repository.commit({"a.py": CUDA, "b.py": GRAPH})
    digest = repository.git("rev-parse", "HEAD:a.py").strip()
    (repository.top / ".git" / "objects" / digest[:2] / digest[2:]).unlink()
    document = parsed(diff(repository, "HEAD", "--format", "json").out)
    assert places(document["added"]) == ["a.py:3"]
    assert document["notes"] == ["could not be read in full in HEAD alone: a.py"] or "a.py" in document["notes"][0]


def test_no_git_and_no_repository(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CUDA, encoding="utf-8")
    done = portcheck("diff", "main", cwd=tmp_path, PATH="")
    assert done.code == 2
    assert "there is no git here" in done.err
    if shutil.which("git"):
        done = portcheck("diff", "main", cwd=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
        assert done.code == 2
        assert "not a git repository" in done.err


def test_two_reports_need_no_git(tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", make.report((make.finding("a.py"), make.finding("b.py"))))
    new = saved(tmp_path / "new.json", make.report((make.finding("a.py"), make.finding("c.py", work=Work.BLOCKER))))
    done = portcheck("diff", old, new, cwd=tmp_path, PATH="")
    assert done.code == 0
    assert "Places: 1 added, 1 removed, 1 as before." in done.out
    assert portcheck("diff", old, new, "--fail-on", "blocker", cwd=tmp_path).code == 1
    piped = portcheck("diff", old, "-", cwd=tmp_path, stdin=Path(new).read_bytes())
    assert piped.out.partition("Target")[2] == done.out.partition("Target")[2] != ""


def test_what_a_baseline_accepted_is_still_there() -> None:
    place = make.finding("a.py")
    old = make.report((place,))
    new = make.report((), (make.file("a.py"),), suppressed=(Suppressed(place, "baseline"),))
    found = compared(old, new)
    assert (found.added, found.removed, found.kept) == ((), (), 1)


def test_other_work_at_the_same_place_is_said_once() -> None:
    old = make.report((make.finding("a.py", work=Work.VERIFY, fingerprint="f"),))
    new = make.report((make.finding("a.py", work=Work.REWRITE, fingerprint="f"),))
    found = compared(old, new)
    assert [(pair.old.work, pair.new.work) for pair in found.changed] == [(Work.VERIFY, Work.REWRITE)]
    assert (found.added, found.removed, found.kept) == ((), (), 0)
    assert delta.worse(found, "rewrite") and not delta.worse(found, "blocker")
    assert not delta.worse(compared(new, old), "verify")
    assert "  verify -> rewrite: a.py:1:1: PC101" in shown(found)


def test_files_that_the_new_side_cannot_read_are_not_done() -> None:
    old = make.report((make.finding("a.py"), make.finding("b.py")))
    lost = make.file("a.py", status=Status.UNREADABLE, reason="permission denied")
    found = compared(old, make.report((), (lost,)))
    assert [each.path for each in found.unseen] == ["a.py"]
    assert [each.path for each in found.removed] == ["b.py"]
    assert "could not be read in full in new alone: a.py" in found.notes


def test_another_target_and_other_rules_are_noted() -> None:
    old = make.report((), target=make.TARGET._replace(hardware="a3"))
    found = compared(old, make.report((), pack_digest="other"))
    assert [note.partition(":")[0] for note in found.notes] == [
        "judged for different targets",
        "judged by different rules, as another portcheck made the report",
    ]


def test_what_only_the_tables_say_counts_where_both_sides_asked_them(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\n\ntorch.matmul(a, b)\n", encoding="utf-8")
    portcheck("scan", "--hardware", "950", "--format", "json", "--output", "scan.json", cwd=tmp_path)
    portcheck("check", "--hardware", "950", "--format", "json", "--output", "check.json", cwd=tmp_path)
    scan = reportfile.read(str(tmp_path / "scan.json"))
    check = reportfile.read(str(tmp_path / "check.json"))
    assert len(scan.findings) > len(check.findings)
    found = compared(check, scan)
    assert (found.added, found.removed) == ((), ())


def test_options_without_a_say_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.json", make.report())
    done = portcheck("diff", path, path, "--torch", "2.6.0", cwd=tmp_path)
    assert done.code == 2
    assert "--torch says how revisions are judged, and both sides are reports" in done.err
    done = portcheck("diff", "-", "-", cwd=tmp_path)
    assert done.code == 2
    assert "standard input holds one report, not two" in done.err
    done = portcheck("diff", path, path, "--format", "sarif", cwd=tmp_path)
    assert done.code == 2
    assert "a comparison has no format 'sarif': there are text, json, markdown" in done.err


def test_a_huge_pair_is_compared_and_cut_for_people() -> None:
    old, new = make.sample(20_000), make.sample(24_000)
    found = compared(old, new)
    assert len(found.old.findings) - len(found.removed) - len(found.changed) == found.kept
    assert "more places (all with --verbose)" in shown(found)
    assert len(shown(found, "markdown").encode()) <= LIMIT
    assert len(parsed(shown(found, "json"))["added"]) == len(found.added)


def test_hostile_names_are_shown() -> None:
    hostile = "\x1b]0;x\x07<img src=x onerror=alert(1)>\n::error::@someone"
    old = make.report((make.finding(f"old{hostile}"),))
    found = compared(old, make.report((make.finding(f"new{hostile}", message=hostile),)))
    written = shown(found, "markdown")
    assert "\x1b" not in shown(found) + shown(found, "json") + written
    outside = re.sub(r"(`+).+?\1", "", written)
    assert "\\<img" in outside and "<img" not in outside.replace("\\<", "")
    assert "@someone" not in outside


@given(make.reports)
def test_no_text_breaks_out_and_the_schema_accepts_anything(report: Report) -> None:
    found = compared(report, report._replace(findings=report.findings[::2], suppressed=()))
    text = shown(found, verbose=True)
    assert all(char.isprintable() or char == "\n" for char in text)
    parsed(shown(found, "json"))
    assert len(shown(found, "markdown").encode("utf-8", "surrogatepass")) <= LIMIT


def test_the_schema_is_one_and_shares_its_words_with_that_of_reports() -> None:
    Draft202012Validator.check_schema(writer.schema())
    shared = schema()["$defs"]
    own = {name: each for name, each in writer.schema()["$defs"].items() if name in shared}
    assert "finding" in own
    assert own == {name: shared[name] for name in own}


@needs_git
def test_a_comment_on_a_pull_request_says_what_changed(repository: Repository) -> None:
    base = repository.commit({"src/a.py": CUDA, "other/b.py": CUDA})
    repository.commit({"src/a.py": GRAPH, "other/b.py": CLEAN})
    asked = ("--base", base, "--format", "markdown")
    done = portcheck("scan", *asked, cwd=repository.top)
    assert done.code == 0
    said = done.out.partition("### By kind of work")[0]
    assert f"- Since {base}: 1 added, 2 removed, 0 as before." in said
    assert "| `src/a.py:3` |" in said.partition("### Added: 1 place")[2]
    assert said.index("## portcheck: ") < said.index("### Change by kind of work")
    part = portcheck("check", "src", *asked, cwd=repository.top)
    assert part.code == 1
    assert f"- Since {base}: 1 added, 1 removed, 0 as before." in part.out
    inside = portcheck("scan", *asked, cwd=repository.top / "src").out
    assert f"- Since {base}: 1 added, 1 removed, 0 as before." in inside
    assert "| `a.py:3` |" in inside


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--format", "json"), "--base goes with the format markdown; `portcheck diff` compares in others"),
        (("--format", "markdown", "-"), "without --staged, --since, --base or --fix"),
        (("--format", "markdown"), "'nowhere' is no file, and no git revision either"),
    ],
)
def test_a_base_that_cannot_be_had(tmp_path: Path, options: tuple[str, ...], hint: str) -> None:
    (tmp_path / "a.py").write_text(CUDA, encoding="utf-8")
    done = portcheck("scan", "--base", "nowhere", *options, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err
