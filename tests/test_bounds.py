"""What a scan may be led to by the files it reads: nothing outside the folder, and never in circles."""

from __future__ import annotations

import time
from pathlib import Path

import portcheck
from portcheck.config import Config
from portcheck.model import Report, Status

UNCACHED = Config(cache=False)


def scanned(root: Path, files: dict[str, str]) -> Report:
    """Return the report on a folder with these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return portcheck.scan([root], UNCACHED)


def test_what_files_include_from_outside_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("bitsandbytes\n", encoding="utf-8")
    (tmp_path / "outside.yaml").write_text("device: cuda\n", encoding="utf-8")
    files = {
        "requirements.txt": f"-r ../outside.txt\n-c {tmp_path}/outside.txt\nflash-attn\n",
        "docker-compose.yml": "include: [../outside.yaml]\nservices:\n  a:\n    env_file: ../outside.txt\n",
        ".gitlab-ci.yml": "include: ../outside.yaml\ntest:\n  script: [make]\n",
        "CMakeLists.txt": "include(../outside.cmake)\n",
    }
    report = scanned(tmp_path / "repository", files)
    assert {finding.subject for finding in report.findings} == {"flash-attn"}
    assert {file.path for file in report.files} == set(files)


def test_files_that_include_each_other_are_each_read_once(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "-r requirements-b.txt\napex\n",
        "requirements-b.txt": "-r requirements.txt\nxformers\n",
    }
    report = scanned(tmp_path, files)
    assert [(finding.path, finding.subject) for finding in report.findings] == [
        ("requirements-b.txt", "xformers"),
        ("requirements.txt", "apex"),
    ]


def test_broken_files_are_named_and_stop_nothing(tmp_path: Path) -> None:
    files = {
        "a.yaml": "{% for g in gpus %}\ndevice: cuda\n{% endfor %}\n",
        "b.ipynb": '{"cells": [',
        "c/pyproject.toml": '[project\ndependencies = ["torch"',
        "d.json": '{"device": "cuda", ',
        "e/requirements.txt": "{% if gpu %}\nbitsandbytes\n{% endif %}\n",
        "good.sh": "nvidia-smi\n",
    }
    report = scanned(tmp_path, files)
    states = {file.path: file.status for file in report.files}
    assert states.pop("good.sh") is Status.READ
    assert Status.READ not in states.values()
    assert all(file.reason for file in report.files if file.path != "good.sh")
    assert {"a.yaml", "d.json", "e/requirements.txt", "good.sh"} <= {finding.path for finding in report.findings}


def test_bombs_are_quick(tmp_path: Path) -> None:
    names = [f"b{number}" for number in range(60)]
    levels = ["b0: &b0 cuda"] + [f"{two}: &{two} [{', '.join([f'*{one}'] * 9)}]" for one, two in zip(names, names[1:])]
    jobs = "\n".join(
        ["jobs:", *(f"  {level}" for level in levels), "  steps:", "    - run: nvidia-smi", "device: cuda"]
    )
    started = time.process_time()
    report = scanned(tmp_path, {"bomb.yaml": jobs, "deep.yaml": "jobs:\n a: " + "[" * 50_000})
    assert time.process_time() - started < 10
    assert {finding.path for finding in report.findings} == {"bomb.yaml"}
