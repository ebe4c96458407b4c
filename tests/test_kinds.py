"""Kinds by name and by first line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.kinds import _PATTERNS, kind_by_head, kind_by_name
from portcheck.model import Kind

NAMES = {
    Kind.PYTHON: ["a.py", "a.pyi", "A.PY", "dockerfile_utils.py", "setup.py", "requirements.py"],
    Kind.NOTEBOOK: ["a.ipynb"],
    Kind.MANIFEST: [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements_cuda.in",
        "dev-requirements.txt",
        "constraints.txt",
        "deps-gpu.txt",
        "dev-reqs.txt",
        "pyproject.toml",
        "pyproject-flash-attention.toml",
        "setup.cfg",
        "environment.yml",
        "environment-gpu.yaml",
        "conda.yaml",
        "Pipfile",
        "pixi.toml",
        "Pipfile.lock",
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "pylock.toml",
        "pylock.dev.toml",
    ],
    Kind.CONTAINER: [
        "Dockerfile",
        "Dockerfile.gpu",
        "InternVL_Dockerfile",
        "gpu.Dockerfile.nightly",
        "dockerfile-cuda",
        "gpu.dockerfile",
        "gpt.def",
        "Dockerfile.tmpl",
        "Containerfile",
        "docker-compose.yml",
        "docker-compose.gpu.yaml",
        "compose.yaml",
    ],
    Kind.SHELL: [
        "a.sh",
        "a.sh.tftpl",
        "a.bash",
        "Makefile",
        "GNUmakefile",
        "Makefile-cuda",
        "Makefile.gpu",
        "docker.Makefile",
        "job.slurm",
        "one_gpu.slurm_template",
        "launch.sh.j2",
        "run.bat",
        "setup.CMD",
        "train.ps1",
        "job.sbatch",
        "rules.mk",
        ".env",
        ".env.example",
        "gpu.env",
    ],
    Kind.SETTINGS: [
        "main.tf",
        "a.tfvars",
        "flake.nix",
        "pod.tftpl",
        "pod.yaml.tftpl",
        "a.yaml.in",
        ".gitmodules",
        "config.pbtxt",
        "a.yaml",
        "a.yml",
        "a.json",
        "a.toml",
        "a.ini",
        "a.cfg",
        ".pre-commit-config.yaml",
    ],
    Kind.KERNEL: ["a.cu", "a.cuh", "a.cpp", "a.cc", "a.h", "a.hpp", "CMakeLists.cpp", "a.inl", "a.impl", "k.cu.in"],
    Kind.BUILD: ["CMakeLists.txt", "FindCUDA.cmake", "Config.cmake.in"],
    Kind.OTHER: [
        "a.txt",
        "version.py.in",
        "MANIFEST.in",
        "a.md",
        "LICENSE",
        "README",
        ".gitignore",
        ".py",
        "a.png",
        "uv.lock.bak",
        "Dockerfile.md",
        "about_Dockerfile.md",
        "Makefile.md",
        "_helpers.tpl",
        "Dockerfile.dockerignore",
        "a.py\n",
    ],
}


@pytest.mark.parametrize("name, kind", [(name, kind) for kind, names in NAMES.items() for name in names])
def test_kind_by_name(name: str, kind: Kind) -> None:
    assert kind_by_name(name) is kind


def test_text_files_in_a_requirements_folder_are_manifests() -> None:
    assert kind_by_name("gpu.txt", "requirements") is Kind.MANIFEST
    assert kind_by_name("gpu.txt", "data") is Kind.OTHER


@pytest.mark.parametrize("name", ["release-conda.yml", "docker-compose.yml", "environment.yaml"])
def test_workflows_are_settings_whatever_they_are_about(name: str) -> None:
    assert kind_by_name(name, "workflows") is Kind.SETTINGS
    assert kind_by_name(name) is not Kind.SETTINGS


@pytest.mark.parametrize("name", ["train", "run-all", "", "Dockerized"])
def test_names_that_do_not_decide(name: str) -> None:
    assert kind_by_name(name) is None


@pytest.mark.parametrize(
    "head, kind",
    [
        (b"#!/usr/bin/env python\n", Kind.PYTHON),
        (b"#!/usr/bin/python3.11 -u\nimport os\n", Kind.PYTHON),
        (b"#! /usr/bin/env -S uv run --script\n", Kind.PYTHON),
        (b"\xef\xbb\xbf#!/usr/bin/env python3\r\n", Kind.PYTHON),
        (b"#!python\n", Kind.PYTHON),
        (b"#!/usr/bin/env pypy3", Kind.PYTHON),
        (b"# -*- coding: utf-8 -*-\nimport torch\n", Kind.PYTHON),
        (b"#!/bin/bash\n", Kind.SHELL),
        (b"#!/bin/sh -e\n", Kind.SHELL),
        (b"#!/usr/bin/env zsh\n", Kind.SHELL),
        (b"\n#SBATCH --gres=gpu:8\n", Kind.SHELL),
        (b"# why\nBootstrap: docker\nFrom: a/b\n", Kind.CONTAINER),
        (b"#!/usr/bin/perl\n", Kind.OTHER),
        (b"#!/opt/python/bin/ruby\n", Kind.OTHER),
        (b"#!/usr/bin/env fish\n", Kind.OTHER),
        (b"# notes on python\n", Kind.OTHER),
        (b"#\0coding: x", Kind.OTHER),
        (b"", Kind.OTHER),
    ],
)
def test_kind_by_head(head: bytes, kind: Kind) -> None:
    assert kind_by_head(head) is kind


def _names(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(
        re.compile(pattern, re.ASCII), fullmatch=True, alphabet="abcdefghijklmnopqrstuvwxyz0123456789_.-"
    )


@given(st.sampled_from([pattern for pattern, _ in _PATTERNS]).flatmap(_names))
def test_every_name_that_a_pattern_fits_is_told(name: str) -> None:
    assert kind_by_name(name.lower()) not in (None, Kind.OTHER, Kind.SETTINGS)


@pytest.mark.parametrize("name", ["train.sub", "train.job", "train.pbs"])
def test_what_a_scheduler_is_handed_is_told_by_its_first_line(name: str) -> None:
    assert kind_by_name(name) is None
    assert kind_by_head(b"#!/bin/bash\n#SBATCH --gres=gpu:1\n") is Kind.SHELL
    assert kind_by_head(b"executable = train\nqueue\n") is Kind.OTHER
