"""What the reader of YAML, JSON, TOML and INI finds, under which path, and what it refuses to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck import pack
from portcheck.model import Certainty, FactKind, FileFacts, Status
from portcheck.patterns import glob_pattern
from portcheck.sources.settings import MAX_SIZE, read_settings
from tests.interest import INTEREST

PATTERNS = ("*device=cuda*", "*backend=nccl", "*use_cuda=true", "*gpus=[1-9]*")
KNOWN = INTEREST._replace(others=(("image", ("nvidia/cuda:*",)), ("setting", PATTERNS)))


def read(text: str) -> FileFacts:
    return read_settings(text.encode("utf-8", "surrogatepass"), KNOWN)


def seen(facts: FileFacts) -> list[str]:
    return [f"{fact.span.line}:{fact.span.column} {fact.name}" for fact in facts.facts]


FOUND = {
    "YAML": (
        "# device: cuda\nmodel:\n  device: cuda  # here\n  layers: [1, 2]\ntrain: {use_cuda: yes, gpus: 8}\n",
        ["3:11 model.device=cuda", "5:19 train.use_cuda=true", "5:30 train.gpus=8"],
    ),
    "lists and documents of YAML": (
        "a:\n  - device: cpu\n  - device: 'cuda:1'\n---\ndevice:\n  - cuda\n",
        ["3:13 a.device=cuda:1", "6:5 device=cuda"],
    ),
    "anchors and aliases of YAML": (
        "base: &d cuda\nx:\n  device: *d\ny:\n  <<: *z\n".replace("  <<: *z\n", "  k: 1\n"),
        ["3:11 x.device=cuda"],
    ),
    "text of several lines": ("help: |\n  device: cuda\ndevice: cpu\n", []),
    "JSON": (
        '{"a": {"device": "cuda", "list": [{"device": "cpu"}, {"device": "cuda:0"}]},\n "backend": "nccl"}',
        ["1:18 a.device=cuda", "1:65 a.list.device=cuda:0", "2:13 backend=nccl"],
    ),
    "TOML": (
        'backend = "nccl"\n[a.b]\ndevice = ["cpu",\n  "cuda"]\ninline = { use_cuda = true }\n',
        ["1:11 backend=nccl", "4:3 a.b.device=cuda", "5:23 a.b.inline.use_cuda=true"],
    ),
    "TOML that begins with a table of a list": ('[[run]]\ndevice = "cuda"\n', ["2:10 run.device=cuda"]),
    "YAML in braces, with comments": (
        '{\n  "device": "cuda",\n  # more\n  backend: nccl,\n}\n',
        ["2:13 device=cuda", "4:12 backend=nccl"],
    ),
    "INI": (
        "[train]\nuse_cuda: True ; yes\ndevice = cuda:0\n",
        ["2:11 train.use_cuda=true", "3:10 train.device=cuda:0"],
    ),
    "records of JSON, which are data": ('[{"device": "cuda", "backend": "nccl"}]', []),
    "Terraform": (
        'terraform {\n}\nresource "a" "p" {\n  device = "cuda" # why\n  b { backend = "nccl" }\n}\n'
        'variable "v" {\n  gpus = optional(number, 8)\n  x = [{ use_cuda = true, "device" : "cuda:1" }]\n}\n',
        [
            "4:13 resource.a.p.device=cuda",
            "5:18 resource.a.p.b.backend=nccl",
            "8:27 variable.v.gpus=8",
            "9:21 variable.v.x.use_cuda=true",
            "9:39 variable.v.x.device=cuda:1",
        ],
    ),
    "values for Terraform": (
        'name = "a"\npools = [\n  {\n    device = "cuda"\n  },\n]\n',
        ["4:15 pools.device=cuda"],
    ),
    "Nix": (
        "{ pkgs }:\nlet a = 1; in {\n  use_cuda = true;\n  gpus = with pkgs; [\n    8\n  ];\n"
        "  help = ''\n  device: cuda\n'';\n}\n",
        ["3:14 in.use_cuda=true", "5:5 in.gpus=8"],
    ),
    "lists of requirements": (
        "build:\n  python_packages:\n    - 'torch==2.0.1'\n    - flash-attn>=2 # why\nenv: {pip: 3}\n",
        ["3:7 torch", "4:7 flash-attn"],
    ),
    "a requirement that a setting fits, told once": ("packages:\n  - device=cuda\n", ["2:5 device"]),
    "nothing of interest": ("device: cpu\nbackend: gloo\n", []),
}


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND)
def test_settings(text: str, expected: list[str]) -> None:
    facts = read(text)
    assert (seen(facts), facts.status) == (expected, Status.READ)


def test_numbers_of_one_list_on_one_line_are_one_place() -> None:
    assert seen(read("gpus: [1, 2]\nx:\n  gpus:\n    - 3\n    - 4\n")) == [
        "1:8 gpus=1",
        "4:7 x.gpus=3",
        "5:7 x.gpus=4",
    ]


def test_addresses_of_package_indexes() -> None:
    known = KNOWN._replace(others=(*KNOWN.others, ("dependency", ("torch", "http*/whl/cu[0-9]*"))))
    text = "matrix:\n  index: https://host/whl/cu121\n  other: https://host/whl/cpu\n  name: torch\n"
    facts = read_settings(text.encode(), known).facts
    assert [(fact.kind, fact.name, fact.context, fact.span.line) for fact in facts] == [
        (FactKind.DEPENDENCY, "https://host/whl/cu121", "index", 2)
    ]


def test_variables_and_images() -> None:
    facts = read(
        "env:\n  CUDA_VISIBLE_DEVICES: '0'\n  more:\n    - name: NCCL_DEBUG\n      value: INFO\n"
        "    - HOME\nimage: nvidia/cuda:12.1\nenvironment:\n  - NCCL_P2P_DISABLE=1\n"
    )
    assert [(fact.kind, fact.name) for fact in facts.facts] == [
        (FactKind.ENV, "CUDA_VISIBLE_DEVICES"),
        (FactKind.ENV, "NCCL_DEBUG"),
        (FactKind.IMAGE, "nvidia/cuda:12.1"),
        (FactKind.ENV, "NCCL_P2P_DISABLE"),
    ]


def test_submodules_and_lists_of_records_name_what_they_take() -> None:
    known = KNOWN._replace(others=(*KNOWN.others, ("dependency", ("apex",))), digest="known")
    modules = '[submodule "x"]\n\tpath = x\n\turl = https://github.com/NVIDIA/apex.git\n[submodule "y"]\n\turl = ../y\n'
    assert seen(read_settings(modules.encode(), known)) == ["3:8 apex"]
    assert seen(read('[{\n"packages": ["apex==1", "numpy"]}]')) == ["2:14 apex", "2:25 numpy"]


def test_words_about_images_are_none() -> None:
    text = "image_help: such as nvidia/cuda:12.1\nimage: nvidia/cuda:${{ matrix.version }}\n"
    named = 'image_name: "nvidia/cuda:{{user `version`}}"\nimagePullPolicy: nvidia/cuda:\n'
    assert seen(read(text + named)) == ["2:8 nvidia/cuda:${{ matrix.version }}"]


def test_variables_and_images_are_told_by_their_shape_under_any_key() -> None:
    facts = read("matrix:\n  base:\n    - nvidia/cuda:12.1\n    - nvidia/cuda\nlist:\n  - NCCL_DEBUG=INFO\n")
    assert [(fact.name, fact.span.line) for fact in facts.facts] == [("nvidia/cuda:12.1", 3), ("NCCL_DEBUG", 6)]


def test_a_repository_is_that_of_an_image_where_a_tag_stands_beside_it() -> None:
    known = KNOWN._replace(others=(("image", ("nvidia/*",)),))
    text = b"a:\n  repository: nvidia/cuda\n  tag: '12'\nb:\n  repository: nvidia/cuda\n"
    assert [(fact.kind, fact.span.line) for fact in read_settings(text, known).facts] == [(FactKind.IMAGE, 2)]


def test_the_name_of_a_variable_counts_however_long_its_value_is() -> None:
    assert seen(read(f"env:\n  CUDA_VISIBLE_DEVICES: {'x' * 500}\n")) == ["2:25 CUDA_VISIBLE_DEVICES"]


def test_lines_of_a_template_are_no_values() -> None:
    facts = read_settings(
        b"{{/*\nnvidia.com/gpu: 1\n*/}}\nlimits:\n  nvidia.com/gpu: {{ .n }}\n  {{- end }}\n"
        b'  {{- $type := default "nvidia.com/gpu" .type }}\n',
        pack.load().interest,
    )
    assert [fact.span.line for fact in facts.facts] == [5, 7]


BROKEN = {
    "a template": (
        "a:\n  {{ if gpu }}\n  device: cuda\n  {{ end }}\n",
        "3:11 a.device=cuda",
        "is a template, read line by line",
    ),
    "a template of Terraform": (
        "a:\n  %{ for x in y ~}\n  - %{ if x }\n  device: cuda\n  %{ endfor }\n",
        "4:11 a.device=cuda",
        "is a template, read line by line",
    ),
    "YAML that breaks off": ("device: cuda\nb: [1,\n", "1:9 device=cuda", "is no valid YAML"),
    "TOML with an open quote": ('[a]\ndevice = "cuda\nb = [1]\n', "2:10 a.device=cuda", "is no valid TOML (line 2)"),
    "TOML that breaks off": ('device = "cuda"\nb = [1,\n', "1:10 device=cuda", "is no valid TOML"),
    "JSON that breaks off": ('{"device": "cuda", "x": [', "1:12 device=cuda", "is no valid JSON"),
}


@pytest.mark.parametrize(("text", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_broken_files_are_read_as_far_as_they_go(text: str, place: str, reason: str) -> None:
    facts = read(text)
    assert (seen(facts), facts.status) == ([place], Status.PARTLY)
    assert facts.reason.startswith(reason)
    assert facts.facts[0].certainty is Certainty.TEXTUAL


@pytest.mark.parametrize(
    "text",
    [
        '{"device": "cuda" // why\n}',
        '{"device": "cuda", /* why\n" */ "b": "//", }',
        '{"device": "cuda", "b": [1, "/*", 2,], // why\n}',
    ],
)
def test_comments_and_a_last_comma_are_no_fault_of_json(text: str) -> None:
    facts = read(text)
    assert (seen(facts), facts.status) == (["1:12 device=cuda"], Status.READ)


def test_a_bomb_stays_small() -> None:
    levels = "".join(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}' if i else 'cuda'] * 9)}]\n" for i in range(40))
    assert len(read(levels + "device: *b39\n").facts) == 0


def test_objects_are_never_made() -> None:
    assert seen(read("device: !!python/object/apply:os.system [exit 1]\nbackend: nccl\n")) == ["2:10 backend=nccl"]


def test_large_files_are_data_unless_they_hold_nothing() -> None:
    filler = '"' + "x" * MAX_SIZE + '"'
    large, harmless = read('{"device": "cuda", "a": ' + filler + "}"), read('{"a": ' + filler + "}")
    assert (large.status, large.reason) == (Status.SKIPPED, "more than 256 KiB, which is data rather than settings")
    assert (harmless.status, harmless.lines) == (Status.READ, 1)


@pytest.mark.parametrize(
    "sign", ["[", "{", '{"device": ', "- ", "a: [", "&a ", "? ", "!!x ", '"', "[a]\n", "device: cuda: "]
)
def test_depth_costs_nothing(sign: str) -> None:
    assert len(read("device: cuda\n" + sign * 20_000).facts) <= 20_001


@settings(max_examples=150)
@given(st.one_of(st.text(), st.text("[]{}()=\"'\n -#\\:.,;&*!|>?device cuda019\t")))
def test_any_text_is_read(text: str) -> None:
    for prefix in ("device: cuda\n", '{"device": "cuda", ', "[device]\ndevice=cuda\n"):
        facts = read(prefix + text)
        assert all(1 <= fact.span.line <= max(1, facts.lines) for fact in facts.facts)


def test_no_file_is_passed_over_that_holds_a_setting_the_packs_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTCHECK_CACHE_DIR", str(tmp_path))
    interest = pack.load("ascend").interest
    others = dict(interest.others)
    asked = [pattern for pattern in others["setting"] if not pattern.startswith("cmake.")]
    for pattern in asked:
        written = re.sub(r"\[[^\]]*\]", "1", pattern).replace("?", "z").replace("*", "a1")
        keys, _, value = written.rpartition("=")
        text = json.dumps({"top": {keys: value}})
        fits = glob_pattern((pattern,)).match(f"top.{keys}={value}")
        assert bool(read_settings(text.encode(), interest).facts) or not fits, pattern
    for pattern in (*interest.env, *interest.env_globs):
        variable = re.sub(r"\[[^\]]*\]|\*|\?", "A", pattern)
        fits = glob_pattern((pattern,)).match(variable)
        assert bool(read_settings(f"env:\n  {variable}: 1\n".encode(), interest).facts) or not fits, pattern
