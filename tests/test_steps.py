"""Shell text in YAML: steps of CI, commands of containers, and what tells runners, nodes and templates apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck import pack
from portcheck.model import Certainty, FileFacts, Status
from portcheck.sources.settings import read_settings
from portcheck.sources.steps import CI, CLUSTER

INTEREST = pack.load().interest


def read(text: str) -> FileFacts:
    return read_settings(text.encode("utf-8", "surrogatepass"), INTEREST)


def seen(text: str) -> list[tuple[str, int, int]]:
    return [(fact.name, fact.span.line, fact.span.column) for fact in read(text).facts]


WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: [self-hosted, nvidia]
    container: nvidia/cuda:12.1.0-devel-ubuntu22.04
    services:
      triton: {image: "nvcr.io/nvidia/tritonserver:24.01-py3"}
    steps:
      - uses: docker://nvidia/cuda:12.1.0-base
      - run: pip install flash-attn==${{ matrix.version }} bitsandbytes
      - run: |
          # nvidia-smi
          nvidia-smi
          if [ -n "$X" ]; then
            python train.py --device cuda
          fi
      - run: "python -m pip install xformers"
"""


POWERSHELL = """\
jobs:
  build:
    runs-on: windows-latest
    steps:
      - run: |
          mkdir build
          $env:NCCL_DEBUG = "INFO"
          cmake .. `
            -DTENSORRT_DIR="$env:TENSORRT_DIR" `
            -A x64
          python train.py `
            --device cuda:0
          .ci\\tests\\run.ps1 -Device cuda
"""


@pytest.mark.parametrize(
    "text",
    [
        "version: 0.2\nphases:\n  install:\n    commands:\n      - nvidia-smi\n",
        "type: task\ncommands:\n  - nvidia-smi\n",
        '{"provisioners": [{"type": "shell", "inline": ["nvidia-smi"]}]}',
        "{ pkgs }:\npkgs.mkShell {\n  shellHook = ''\n    nvidia-smi\n  '';\n}\n",
        'resource "a" "b" {\n  user_data = <<-EOF\n    nvidia-smi\n  EOF\n}\n',
    ],
)
def test_commands_of_jobs_and_hosts_are_read(text: str) -> None:
    (place,) = seen(text)
    line = text[: text.index("nvidia-smi")].count("\n") + 1
    assert place == ("nvidia-smi", line, text.split("\n")[line - 1].index("nvidia-smi") + 1)


def test_what_a_step_says_is_told_once() -> None:
    assert [name for name, _, _ in seen("jobs:\n  a:\n    steps:\n      - run: ./build.sh --tag=cu121\n")] == ["cu121"]


def test_steps_in_powershell_go_on_behind_a_backtick() -> None:
    places = {(name, line) for name, line, _ in seen(POWERSHELL)}
    assert places >= {("NCCL_DEBUG", 7), ("TENSORRT_DIR", 9), ("cuda:0", 12), ("cuda", 13)}


def test_a_workflow_is_read_at_its_lines() -> None:
    assert seen(WORKFLOW) == [
        ("jobs.test.runs-on=nvidia", 4, 28),
        ("nvidia/cuda:12.1.0-devel-ubuntu22.04", 5, 16),
        ("nvcr.io/nvidia/tritonserver:24.01-py3", 7, 23),
        ("nvidia/cuda:12.1.0-base", 9, 15),
        ("flash-attn", 10, 26),
        ("bitsandbytes", 10, 60),
        ("nvidia-smi", 13, 11),
        ("cuda", 15, 38),
        ("xformers", 17, 37),
    ]
    assert read(WORKFLOW).traits == (CI,)


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("stages: [test]\ntest:\n  image: nvidia/cuda:12.1.0-base\n  script:\n    - nvidia-smi\n", "nvidia-smi", 5),
        ("test:\n  before_script:\n    - pip install flash-attn\n", "flash-attn", 3),
        ("test:\n  before_script: [a]\n  image:\n    name: nvidia/cuda:12.1.0-base\n", "nvidia/cuda:12.1.0-base", 4),
        ("jobs:\n  a:\n    steps:\n      - run: 'nvidia-smi -L'\r\n", "nvidia-smi", 4),
        ("runs:\n  using: composite\n  steps:\n    - run: nvidia-smi\n      shell: bash\n", "nvidia-smi", 4),
        ("services:\n  a:\n    command: python a.py --device cuda:0\n", "cuda:0", 3),
        ('services:\n  a:\n    entrypoint: ["python", "a.py", "--device", "cuda"]\n', "cuda", 3),
        ("spec:\n  containers:\n    - args:\n        - --device\n        - cuda\n", "cuda", 5),
        ("spec:\n  containers:\n    - args: ['--device=cuda']\n", "cuda", 3),
        ("spec:\n  containers:\n    - args:\n        - |\n          pip install flash-attn\n", "flash-attn", 5),
    ],
)
def test_other_services_and_containers(text: str, name: str, line: int) -> None:
    assert (name, line) in [(found, at) for found, at, _ in seen(text)]


@pytest.mark.parametrize(
    "text",
    [
        "run: nvidia-smi\nmodel:\n  script: nvidia-smi\n",
        "jobs:\n  a:\n    runs-on: ubuntu-latest\n    name: nvidia-smi\n    steps:\n      - run: echo --device cuda\n",
        "jobs:\n  a:\n    steps:\n      - run: |\n          cat <<EOF\n          nvidia-smi\n          EOF\n",
    ],
)
def test_what_is_no_step_or_only_said(text: str) -> None:
    assert seen(text) == []


TEMPLATE = """\
apiVersion: v1
spec:
  containers:
    - image: {{ .Values.image | quote }}
      args: ["--device", "cuda"]
      resources:
        limits:
          nvidia.com/gpu: {{ .Values.gpus }}
{{- if .Values.tolerate }}
  tolerations:
    - key: nvidia.com/gpu
{{- end }}
"""


def test_a_template_is_read_by_its_lines_and_said_to_be_read_in_part() -> None:
    facts = read(TEMPLATE)
    assert [(fact.name.partition("nvidia.")[2] or fact.name, fact.span.line) for fact in facts.facts] == [
        ("com/gpu={{ .Values.gpus }}", 8),
        ("com/gpu", 11),
    ]
    assert {fact.certainty for fact in facts.facts} == {Certainty.TEXTUAL}
    assert facts.status is Status.PARTLY and facts.traits == (CLUSTER,)


def test_scripts_that_a_cluster_keeps_are_read_as_what_their_names_say() -> None:
    text = """\
apiVersion: v1
kind: ConfigMap
data:
  train.py: |
    import torch

    def main():
        torch.cuda.synchronize()
  start.sh: |
    nvidia-smi
  launch.slurm: |
    nvidia-smi
  notes.txt: |
    nvidia-smi
"""
    assert seen(text) == [("torch.cuda.synchronize", 8, 9), ("nvidia-smi", 10, 5), ("nvidia-smi", 12, 5)]


def test_a_setting_of_several_lines_is_shown_by_the_line_that_counts() -> None:
    text = """\
apiVersion: v1
data:
  actor.py: |
    import ray
    @ray.remote(num_gpus=1)
    class Actor: pass
  rule: |
    device.driver == 'x'
    gpu.nvidia.com/model
"""
    assert [name for name, *_ in seen(text)] == ["num_gpus", "data.rule=gpu.nvidia.com/model"]


def test_the_script_of_a_whole_file_is_read() -> None:
    assert [fact.name for fact in read("image: x\nrun: |\n  nvidia-smi\n").facts] == ["nvidia-smi"]
    assert read("run:\n  nvidia-smi: 1\n").traits == ()


def test_an_expression_in_a_name_is_shown_as_it_is_written() -> None:
    url = "https://download.pytorch.org/whl/${{ matrix.cuda }}"
    facts = read(
        f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: pip install torch --index-url {url}\n"
    )
    assert [(fact.name, fact.span.column) for fact in facts.facts] == [("torch", 26), (url, 44)]


def test_a_template_with_a_step() -> None:
    facts = read("jobs:\n  {% for v in versions %}\n  a:\n    steps:\n      - run: pip install flash-attn=={{ v }}\n")
    assert [(fact.name, fact.span.line, fact.certainty) for fact in facts.facts] == [
        ("flash-attn", 5, Certainty.TEXTUAL)
    ]


@settings(max_examples=100)
@given(st.one_of(st.text(), st.text("|>&*{}[]$\"'\n -:runpicudaargs#\\")))
def test_any_text_in_a_step_is_read(text: str) -> None:
    for prefix in ("jobs:\n  a:\n    steps:\n      - run: ", "jobs:\n run: |\n  ", "apiVersion: v1\nargs: "):
        facts = read(prefix + text)
        assert all(1 <= fact.span.line <= max(1, facts.lines) for fact in facts.facts)


DEVELOPED = """\
// For the format see https://containers.dev
{
  "build": {"args": {"BASE": "nvidia/cuda:12.4.1-devel-ubuntu22.04"}},
  "hostRequirements": {"gpu": "optional"},
  "runArgs": ["--gpus", "all",],
  "features": {
    "ghcr.io/devcontainers/features/git:1": {},
    "ghcr.io/devcontainers/features/nvidia-cuda:1": {"installCudnn": true}
  },
  "remoteEnv": {"NCCL_DEBUG": "INFO"},
  "onCreateCommand": {"kernels": "pip install flash-attn", "look": ["nvidia-smi", "-L"]},
  "postCreateCommand": "pip install -e . && pip install xformers",
  "postStartCommand": ["bash", "-c", "nvcc --version"]
}
"""


def test_a_container_for_development_is_read_with_all_that_it_runs() -> None:
    found = read(DEVELOPED)
    assert (found.status, found.reason) == (Status.READ, "")
    assert seen(DEVELOPED) == [
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", 3, 30),
        ("hostRequirements.gpu=optional", 4, 31),
        ("runArgs=--gpus", 5, 15),
        ("features=ghcr.io/devcontainers/features/nvidia-cuda:1", 8, 5),
        ("NCCL_DEBUG", 10, 31),
        ("flash-attn", 11, 47),
        ("nvidia-smi", 11, 70),
        ("xformers", 12, 57),
        ("nvcc", 13, 39),
    ]


def test_commands_of_a_container_are_read_where_nothing_else_is_of_interest() -> None:
    assert seen('{"name": "x", "postCreateCommand": "pip install flash-attn"}') == [("flash-attn", 1, 49)]
