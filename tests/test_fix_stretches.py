"""Fixes of files that are not Python: the words that a finding is about change, and every other byte stays."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck.config import Config
from portcheck.fix.document import Document
from portcheck.fix.plan import Style
from portcheck.fix.run import Fixes, write
from portcheck.fix.stretches import replaced
from portcheck.model import Category, Span
from portcheck.repair import fix
from portcheck.report.fixed import summary
from tests import factories as make

CONFIG = Config(cache=False, jobs=1, strategy="npu")


def fixed(folder: Path, name: str, data: bytes, strategy: str = "npu", unsafe: bool = True) -> tuple[bytes, Fixes]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    found = fix([folder], CONFIG._replace(strategy=strategy), unsafe)
    assert not write(found)
    return path.read_bytes(), found


def after(folder: Path, name: str, text: str) -> str:
    data, _ = fixed(folder, name, text.encode())
    again = fix([folder], CONFIG, unsafe=True)
    assert not [each.path for each in again.files if each.changed]
    return data.decode()


CASES = [
    ("a.yaml", "device: cuda   # here\n", "device: npu   # here\n"),
    ("a.yaml", "model:\n    device: \"cuda:1\"\n    x: {device: 'cuda'}\n", None),
    ("a.yaml", "dist_params:\n  backend: nccl\n", "dist_params:\n  backend: hccl\n"),
    ("a.yaml", 'env:\n  CUDA_VISIBLE_DEVICES: "0,1"\n', 'env:\n  ASCEND_RT_VISIBLE_DEVICES: "0,1"\n'),
    ("a.yaml", "env:\n  - name: CUDA_VISIBLE_DEVICES\n    value: '0'\n", None),
    ("a.yaml", "distributed_type: MULTI_GPU\n", "distributed_type: MULTI_NPU\n"),
    ("a.yaml", "device: &d cuda\nother:\n  device: *d\n", "device: &d npu\nother:\n  device: *d\n"),
    ("a.yaml", "device: !!str 'cuda'\n", "device: !!str 'npu'\n"),
    ("a.json", '{\t"device":"cuda:0",\n "note": "\\u00e9 cuda"}', '{\t"device":"npu:0",\n "note": "\\u00e9 cuda"}'),
    ("a.json", '{"env" : {"CUDA_LAUNCH_BLOCKING" : "1"}}\n', '{"env" : {"ASCEND_LAUNCH_BLOCKING" : "1"}}\n'),
    ("a.toml", "[t]\nt = { device = 'cuda' } # cuda\n", "[t]\nt = { device = 'npu' } # cuda\n"),
    ("a.ini", "[t]\nbackend=nccl\ndevice = cuda:0 ; one\n", "[t]\nbackend=hccl\ndevice = npu:0 ; one\n"),
    ("requirements.txt", "Faiss_GPU>=1.7 # fast\ntorch\n", "faiss-cpu>=1.7 # fast\ntorch\n"),
    ("requirements.txt", "onnxruntime-gpu[x]==1.17 ; python_version>'3.8'\n", None),
    ("pyproject.toml", "[project]\nname = 'x'\ndependencies = [ 'onnxruntime-gpu>=1' ,\n]\n", None),
    ("environment.yml", "name: x\ndependencies:\n  - pip:\n    - onnxruntime-gpu==1.17\n", None),
    ("setup.cfg", "[options]\ninstall_requires =\n    onnxruntime-gpu\n    six\n", None),
    ("Pipfile", '[packages]\nonnxruntime-gpu = "*"\n', '[packages]\nonnxruntime-cann = "*"\n'),
]


def by_words(text: str) -> str:
    for old, new in (
        ("cuda", "npu"),
        ("CUDA_VISIBLE", "ASCEND_RT_VISIBLE"),
        ("onnxruntime-gpu", "onnxruntime-cann"),
    ):
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(("name", "before", "expected"), CASES)
def test_the_words_change_and_nothing_else(tmp_path: Path, name: str, before: str, expected: str) -> None:
    assert after(tmp_path, name, before) == (expected or by_words(before))


@pytest.mark.parametrize(
    "text",
    [
        "ddp:\n  dist_backend: cpu:gloo,cuda:nccl\n",
        "device: >-\n  cuda\n",
        "env: {CUDA_VISIBLE_DEVICES:\n    '0'}\n",
    ],
)
def test_what_is_written_in_another_way_is_left_and_said(tmp_path: Path, text: str) -> None:
    data, found = fixed(tmp_path, "a.yaml", text.encode())
    (file,) = found.files
    assert [each.reason for each in file.left]
    assert data.decode() == text


DOCUMENT = Document("", "utf-8", b"", "\n")
STYLE = Style(False, "npu", "torch_npu", lambda _: pytest.fail("no verdict is asked for"))


@pytest.mark.parametrize(
    ("text", "subject", "new", "category", "expected"),
    [
        (
            "FROM nvidia/cuda:12.1 AS a\n",
            "nvidia/cuda:12.1",
            "quay.io/x:8.0",
            Category.IMAGE,
            "FROM quay.io/x:8.0 AS a\n",
        ),
        ("ENV CUDA_HOME=/x A=1", "CUDA_HOME", "ASCEND_HOME_PATH", Category.ENV, "ENV ASCEND_HOME_PATH=/x A=1"),
        ("a=${CUDA_HOME:-/x}", "CUDA_HOME", "ASCEND_HOME_PATH", Category.ENV, "a=${ASCEND_HOME_PATH:-/x}"),
        ("srun --gres=gpu:8 x", "--gres=gpu", "--gres=npu", Category.SHELL, "srun --gres=npu:8 x"),
        ("  nvidia-smi  # x", "nvidia-smi", "npu-smi info", Category.SHELL, "  npu-smi info  # x"),
    ],
)
def test_words_of_scripts_and_images(text: str, subject: str, new: str, category: Category, expected: str) -> None:
    span = Span(1, 1, 1, len(text) + 1)
    found = make.finding(subject=subject, replacement=new, category=category, span=span)
    assert replaced(DOCUMENT, text, [found], STYLE).text == expected


@pytest.mark.parametrize(
    ("text", "new"),
    [("CUDA_HOME CUDA_HOME", "X"), ("CUDA_HOMES", "X"), ("CUDA_HOME", "a: b"), ("CUDA_HOME", "'x'"), ("", "X")],
)
def test_what_cannot_be_placed_stays(text: str, new: str) -> None:
    found = make.finding(subject="CUDA_HOME", replacement=new, category=Category.ENV, span=Span(1, 1, 1, 40))
    done = replaced(DOCUMENT, text, [found], STYLE)
    assert (done.text, done.made, len(done.left)) == (text, (), 1)


IMAGES = """\
ARG TAG=12.1.0-devel-ubuntu22.04
FROM --platform=$BUILDPLATFORM nvidia/cuda:12.1.0-devel-ubuntu22.04 AS build
FROM nvidia/cuda:${TAG} AS other
FROM nvidia/cuda:12.1.0-base-ubi8
FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime
"""


@pytest.mark.parametrize(
    ("torch", "hardware", "toolkit", "framework"),
    [
        ("2.7.1", "a2", "cann:9.1.0-910b-", "torch-npu:2.7.1.post8-cann9.1.0-910b-"),
        ("2.12.0", "a3", "cann:9.1.0-a3-", "torch-npu:2.12.0-cann9.1.0-a3-"),
        ("2.11.0", "950", "cann:9.1.0-950-", "torch-npu:2.11.0-cann9.1.0-950-"),
    ],
)
def test_images_are_those_of_version_and_card(
    tmp_path: Path, torch: str, hardware: str, toolkit: str, framework: str
) -> None:
    (tmp_path / "Dockerfile").write_text(IMAGES)
    found = fix([tmp_path], CONFIG._replace(torch=torch, hardware=hardware), unsafe=True)
    lines = found.files[0].new.decode().splitlines()
    assert lines[1] == f"FROM --platform=$BUILDPLATFORM quay.io/ascend/{toolkit}ubuntu22.04-py3.12 AS build"
    assert lines[4] == f"FROM quay.io/ascend/{framework}ubuntu22.04-py3.12"
    assert [*lines[:1], *lines[2:4]] == [*IMAGES.splitlines()[:1], *IMAGES.splitlines()[2:4]]


def test_no_image_is_made_up(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(IMAGES)
    assert not fix([tmp_path], CONFIG._replace(torch="2.13.0"), unsafe=True).files
    assert not fix([tmp_path], CONFIG).files


def test_what_has_no_general_form_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Dockerfile").write_text(IMAGES)
    (tmp_path / "a b.sh").write_text("CUDA_VISIBLE_DEVICES=0 python train.py --device cuda\n")
    (tmp_path / "third_party").mkdir()
    (tmp_path / "third_party/Dockerfile").write_text(IMAGES)
    monkeypatch.chdir(tmp_path)
    found = fix([tmp_path], CONFIG._replace(strategy="agnostic"))
    said = "".join(summary(found, (), unsafe=False, written=True))
    assert "5 places can only be written for the target: 3 in container files, 2 in shell scripts." in said
    assert "portcheck fix --style npu --unsafe-fixes Dockerfile 'a b.sh'\n" in said


def test_lock_files_follow_from_others(tmp_path: Path) -> None:
    text = '[[package]]\nname = "onnxruntime-gpu"\nversion = "1.17"\n'
    data, found = fixed(tmp_path, "uv.lock", text.encode())
    assert data.decode() == text
    assert "another file" in found.files[0].left[0].reason


def test_the_machines_of_the_tests_stay(tmp_path: Path) -> None:
    text = "jobs:\n  test:\n    env:\n      CUDA_VISIBLE_DEVICES: 0\n"
    data, found = fixed(tmp_path, ".github/workflows/gpu.yml", text.encode())
    assert data.decode() == text
    assert "machines" in found.files[0].reason


def test_code_for_any_accelerator_keeps_settings_that_name_one(tmp_path: Path) -> None:
    text = "device: cuda\nenv:\n  CUDA_VISIBLE_DEVICES: 0\n"
    data, found = fixed(tmp_path, "a.yaml", text.encode(), "agnostic")
    assert data.decode() == text
    assert not found.files


def test_nothing_here_is_safe(tmp_path: Path) -> None:
    text = "device: cuda\n"
    data, _ = fixed(tmp_path, "a.yaml", text.encode(), unsafe=False)
    assert data.decode() == text


def test_mark_line_ends_mode_and_link_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "real" / "a.yaml"
    path.parent.mkdir()
    path.write_bytes(b"\xef\xbb\xbf# \xc3\xa9\r\ndevice: cuda\r\nx: 1")
    path.chmod(0o640)
    (tmp_path / "link.yaml").symlink_to(path)
    found = fix([tmp_path], CONFIG, unsafe=True)
    assert not write(found)
    assert path.read_bytes() == b"\xef\xbb\xbf# \xc3\xa9\r\ndevice: npu\r\nx: 1"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    assert (tmp_path / "link.yaml").is_symlink()


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
spaces = st.text(" ", min_size=1, max_size=4)
yaml_lines = st.one_of(
    st.builds("{}# {} cuda".format, st.sampled_from(["", "  "]), words),
    st.builds("key{}:{}'{}'".format, st.integers(0, 9), st.text(" ", min_size=1), st.text("abc é")),
    st.builds("a{}_device:{}{{}}{}# {}".format, st.integers(0, 99), st.text(" ", min_size=1), spaces, words),
    st.builds("b{}_device: {}{{}}:{}{}".format, st.integers(0, 99), st.just('"'), st.integers(0, 7), st.just('"')),
    st.just(""),
)


@settings(max_examples=25)
@given(lines=st.lists(yaml_lines, max_size=12), end=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_random_yaml_keeps_its_format(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, last: bool
) -> None:
    def written(device: str) -> bytes:
        kept = [line.replace("{}", device) for line in lines]
        return (end.join(kept) + (end if last else "")).encode()

    data, _ = fixed(tmp_path_factory.mktemp("y"), "a.yaml", written("cuda"))
    assert data == written("npu")
    assert list(yaml.safe_load_all(data.decode())) == list(yaml.safe_load_all(written("npu").decode()))


@settings(max_examples=25)
@given(
    gap=st.text(" \t\n", max_size=3),
    values=st.lists(st.sampled_from(["cuda", "cuda:3", "cpu", "a cuda b", "é\n", "cudax"]), min_size=1, max_size=6),
    ascii_only=st.booleans(),
)
def test_random_json_keeps_its_format(
    tmp_path_factory: pytest.TempPathFactory, gap: str, values: list[str], ascii_only: bool
) -> None:
    def written(device: str) -> str:
        rows = [value.replace("cuda", device) if value in ("cuda", "cuda:3") else value for value in values]
        pairs = [
            f'"k{at}":{gap}{{"device"{gap}:{gap}{json.dumps(row, ensure_ascii=ascii_only)}}}'
            for at, row in enumerate(rows)
        ]
        return f"{{{gap}{(f'{gap},{gap}').join(pairs)}{gap}}}"

    data, _ = fixed(tmp_path_factory.mktemp("j"), "a.json", written("cuda").encode())
    assert data.decode() == written("npu")
