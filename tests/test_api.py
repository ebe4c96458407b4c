"""A scan joins the floors: files, facts, links, verdicts and the choice of the user end up in one report."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, Dict

import pytest

import portcheck
from portcheck import api, gate
from portcheck.config import Config
from portcheck.discover import MAX_SIZE
from portcheck.errors import UsageError
from portcheck.model import Role, Status, Work
from tests.commands import CUDA

PROJECT = {
    "src/devices.py": "import torch\n\ndef sync():\n    torch.cuda.synchronize()\n",
    "src/main.py": "from devices import sync\n\nsync()\nsync()\n",
    "tests/test_main.py": CUDA,
    "third_party/x.py": CUDA,
    "Dockerfile": "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\n",
    "broken.py": "import torch\ntorch.cuda.synchronize(\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_every_file_is_in_the_report_with_how_far_it_was_read(project: Path) -> None:
    report = portcheck.scan([project])
    assert {file.path: (file.role, file.status) for file in report.files} == {
        "Dockerfile": (Role.BUILD, Status.READ),
        "broken.py": (Role.SOURCE, Status.PARTLY),
        "src/devices.py": (Role.SOURCE, Status.READ),
        "src/main.py": (Role.SOURCE, Status.READ),
        "tests/test_main.py": (Role.TEST, Status.READ),
        "third_party/x.py": (Role.VENDORED, Status.READ),
    }
    assert [file.path for file in report.files] == sorted(file.path for file in report.files)
    counts = {file.path: file.findings for file in report.files if file.findings}
    assert sum(counts.values()) == len(report.findings)
    assert report.root == os.path.realpath(project)
    assert [path for path, _ in gate.unread(report)] == ["broken.py"]


def test_a_helper_is_linked_to_those_who_lean_on_it(project: Path) -> None:
    report = portcheck.scan([project])
    assert [(path, link.name, link.calls, link.files) for path, link in report.links] == [
        ("src/devices.py", "sync", 2, 1)
    ]
    assert [finding.callers for finding in report.findings if finding.path == "src/devices.py"] == [2]


def test_roles_choose_files_after_they_were_linked(project: Path) -> None:
    report = portcheck.scan([project], Config(include_role=("test",)))
    assert [file.path for file in report.files] == ["tests/test_main.py"]
    assert {finding.path for finding in report.findings} == {"tests/test_main.py"}
    assert report.links == ()


@pytest.mark.parametrize(
    ("options", "replacement"),
    [
        ({}, "torch.accelerator.set_device_index"),
        ({"strategy": "npu"}, "torch.npu.set_device"),
        ({"strategy": "npu", "hardware": "950", "torch": "2.11"}, "torch.npu.set_device"),
    ],
)
def test_the_target_is_judged_as_asked(project: Path, options: Dict[str, Any], replacement: str) -> None:
    report = portcheck.scan([project / "tests"], Config(**options))
    assert [finding.replacement for finding in report.findings] == [replacement]
    assert report.target.hardware == options.get("hardware", "a2")
    assert report.target.torch == {"2.11": "2.11.0"}.get(options.get("torch", ""), "2.7.1")


def test_places_that_need_no_work_are_counted_and_shown_on_request(tmp_path: Path) -> None:
    code = (
        "import torch\nif torch.npu.is_available():\n    d = 'npu'\nelif torch.cuda.is_available():\n    d = 'cuda'\n"
    )
    (tmp_path / "a.py").write_text(code, encoding="utf-8")
    plain, chosen = portcheck.scan([tmp_path]), portcheck.scan([tmp_path], Config(select=("none",)))
    assert plain.hidden == len(chosen.findings) > 0
    assert {finding.work for finding in chosen.findings} == {Work.NONE}
    assert chosen.hidden == 0


@pytest.mark.parametrize(
    ("least", "expected"), [("none", True), ("rename", True), ("config", False), ("blocker", False)]
)
def test_a_gate_is_a_least_work(project: Path, least: str, expected: bool) -> None:
    assert gate.fails(portcheck.scan([project / "tests"]), least) is expected


@pytest.mark.parametrize("reason", ["permission", "size", "link"])
def test_what_was_left_out_against_the_users_wish_counts_as_unread(tmp_path: Path, reason: str) -> None:
    path = tmp_path / "a.py"
    if reason == "permission":
        folder = tmp_path / "closed"
        folder.mkdir(mode=0)
        if os.access(folder, os.R_OK):
            pytest.skip("permissions do not bind this user")
    elif reason == "size":
        with path.open("wb") as file:
            file.truncate(MAX_SIZE + 1)
    else:
        path.symlink_to(tmp_path / "gone")
    assert len(list(gate.unread(portcheck.scan([tmp_path])))) == (reason != "link")


def test_text_is_scanned_under_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = portcheck.scan_text(CUDA.encode(), "tests/x.py")
    assert [(finding.path, finding.role) for finding in report.findings] == [("tests/x.py", Role.TEST)]
    assert [file.path for file in report.files] == ["tests/x.py"]


@pytest.mark.parametrize(
    ("data", "name", "hint"),
    [(b"", "a.txt", "other files are not read"), (b"#" * (MAX_SIZE + 1), "a.py", "larger than 10 MiB")],
)
def test_text_that_is_not_scanned(data: bytes, name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        portcheck.scan_text(data, name)


def test_nothing_is_written_into_what_is_scanned(project: Path) -> None:
    before = sorted(path.relative_to(project) for path in project.rglob("*"))
    portcheck.scan([project])
    assert sorted(path.relative_to(project) for path in project.rglob("*")) == before


def test_the_public_names_are_there_and_no_others() -> None:
    assert all(getattr(portcheck, name) for name in portcheck.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'port'"):
        _ = portcheck.port


@pytest.mark.parametrize(
    ("requirement", "torch", "source"),
    [
        ("torch==2.11.0", "2.11.0", "requirements.txt: torch ==2.11.0"),
        ("torch>=2.1", "2.7.1", "requirements.txt: torch >=2.1"),
        ("torch==1.13.1+cu117", "2.7.1", "default"),
        ("numpy", "2.7.1", "default"),
    ],
)
def test_the_version_is_one_that_the_repository_asks_for(
    tmp_path: Path, requirement: str, torch: str, source: str
) -> None:
    (tmp_path / "requirements.txt").write_text(f"{requirement}\n")
    (tmp_path / "train.py").write_text(CUDA)
    target = api.scan([tmp_path], Config(cache=False)).target
    assert (target.torch, target.source) == (torch, source)
    assert api.scan([tmp_path], Config(cache=False, torch="2.12.0")).target.source == "option"


@pytest.mark.parametrize("part", ["vllm/a.py", "vllm", "vllm/deep"])
def test_a_part_of_a_repository_is_judged_as_the_whole_is(tmp_path: Path, part: str) -> None:
    text = "from vllm.b import launch\nimport torch\ntorch.cuda.synchronize()\n"
    for name, content in {
        "__init__.py": "",
        "a.py": text,
        "b.py": "",
        "deep/__init__.py": "",
        "deep/c.py": text,
    }.items():
        (tmp_path / "vllm" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "vllm" / name).write_text(content, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    for _ in range(2):
        assert {each.rule for each in api.scan([tmp_path / part], tables=False).findings} == {"PC106"}


BLANK = {
    "plain.py": "import os\n\n\ndef f():\n    return os.getcwd()\n",
    "torn.yaml": "device: [cpu\n",
    "tests/test_a.sh": "echo nothing\n",
    "large.json": '{"cuda": ' + '"x",' * 70_000 + "}",
}


@pytest.mark.parametrize("roles", [(), ("test",)])
def test_where_nothing_is_found_the_rules_would_have_said_the_same(tmp_path: Path, roles: tuple[str, ...]) -> None:
    for name, text in BLANK.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = Config(include_role=roles)
    blank = api.scan([tmp_path], options, tables=False)
    assert blank == api.scan([tmp_path], options._replace(ignore=("PC101",)), tables=False)
    assert len(blank.files) == (1 if roles else len(BLANK))
    assert blank.findings == ()


def test_options_are_checked_even_where_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(BLANK["plain.py"])
    for wrong in (
        Config(torch="9.9"),
        Config(hardware="z"),
        Config(select=("PC000",)),
        Config(per_file_ignores=(("*.py", ("PC000",)),)),
        Config(per_file_roles=(("a/**/b/**/c/**", "test"),)),
    ):
        with pytest.raises(UsageError):
            api.scan([tmp_path], wrong, tables=False)
    (tmp_path / "plain.py").write_text(f"{BLANK['plain.py']}x = 1  # portcheck: ignore[PC106]\n")
    (remark,) = api.scan([tmp_path], tables=False).remarks
    assert "unused" in remark.text
