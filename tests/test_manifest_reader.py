"""What the readers of requirements, project files, environments and lock files find, and where."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck.model import FactKind, FileFacts, Status
from portcheck.sources.manifest import MAX_SIZE, read_manifest
from portcheck.sources.python import read_python
from tests.interest import INTEREST

KNOWN = INTEREST._replace(others=(("dependency", ("flash-attn", "nvidia-*", "triton", "torch")),))


def read(text: str) -> FileFacts:
    return read_manifest(text.encode(), KNOWN)


def seen(facts: FileFacts) -> list[str]:
    """Line, context, name and what is asked for, of each dependency."""
    found = [fact for fact in facts.facts if fact.kind is FactKind.DEPENDENCY]
    return [f"{f.span.line} {f.context} {f.name} {dict(f.args).get('spec', '')}".strip() for f in found]


REQUIREMENTS = {
    "pins, ranges, extras, markers": (
        'torch==2.1.0+cu118 ; python_version > "3.8"  # why\nFoo_Bar[a,b]~=1.0\n\n# none\nnumpy',
        ["1 direct torch ==2.1.0+cu118", "2 direct foo-bar ~=1.0", "5 direct numpy"],
    ),
    "hashes over several lines": (
        "flash-attn==2.5.6 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nnumpy",
        ["1 direct flash-attn ==2.5.6", "4 direct numpy"],
    ),
    "index behind a requirement": (
        "torch==2.1 --extra-index-url https://b/whl/cu121  # for CUDA",
        ["1 index https://b/whl/cu121", "1 direct torch ==2.1"],
    ),
    "indexes": (
        "-i https://a/simple\n--extra-index-url=https://b/whl/cu121\n-f https://c/links.html",
        ["1 index https://a/simple", "2 index https://b/whl/cu121", "3 index https://c/links.html"],
    ),
    "an index behind another option": ("--pre --extra-index-url https://b/whl/cu121", ["1 index https://b/whl/cu121"]),
    "repositories and addresses": (
        "git+https://github.com/NVIDIA/apex.git@main#egg=apex\n-e git+https://github.com/NVlabs/nvdiffrast\n"
        "https://x/torch-2.0.0%2Bcu118-cp310-cp310-linux_x86_64.whl\ntorch @ https://x/torch-2.0.1-cp310-cp310-linux_x86_64.whl\n"
        "./submodules/simple-knn\ngit+https://github.com/o/r/#subdirectory=python",
        [
            "1 direct apex",
            "2 direct nvdiffrast",
            "3 direct torch ==2.0.0+cu118",
            "4 direct torch ==2.0.1",
            "5 direct simple-knn",
            "6 direct r",
        ],
    ),
    "a version that only older tools took": ("torch>=1.7.*", ["1 direct torch >=1.7.*"]),
    "the project itself": ("-e .\n.\n.[dev]", []),
}


@pytest.mark.parametrize(("text", "expected"), REQUIREMENTS.values(), ids=REQUIREMENTS)
def test_requirements(text: str, expected: list[str]) -> None:
    facts = read(text)
    assert (seen(facts), facts.status) == (expected, Status.READ)


def test_includes_are_noted_and_not_followed() -> None:
    facts = read("-r ../../base.txt\n--constraint=c.txt\n-cd.txt\ntorch")
    assert [found.module for found in facts.imports] == ["../../base.txt", "c.txt", "d.txt"]
    assert seen(facts) == ["4 direct torch"]


def test_lines_that_are_no_requirement_are_counted() -> None:
    facts = read("torch\n<<<<<<< HEAD\n{{ package }}\n")
    assert (facts.status, facts.reason) == (Status.PARTLY, "lines that are no requirement: 2")


PIXI = """\
[workspace]
channels = ["nvidia"]
platforms = [{ platform = "linux-64", cuda = "12" }]
[activation.env]
CUDA_VISIBLE_DEVICES = "0"
[system-requirements]
cuda = "12.4"
[pypi-dependencies]
torch = { version = "==2.6.0", index = "https://t/whl/cu124" }
[tasks]
look = "nvidia-smi -L"
build = { cmd = \"\"\"
    pip install ninja &&
    pip install flash-attn
\"\"\" }
[feature.gpu.tasks.list]
cmd = ["nvidia-smi", "-L"]
[feature.gpu.target.linux-64.dependencies]
cuda-nvcc = "12.*"
"""


def test_pixi_says_what_it_asks_of_the_machine_and_what_its_tasks_run() -> None:
    found = [f"{fact.span.line}:{fact.span.column} {fact.kind.value} {fact.name}" for fact in read(PIXI).facts]
    assert found == [
        "2:14 dependency channel:nvidia",
        "3:39 setting platforms.cuda=12",
        "5:1 env CUDA_VISIBLE_DEVICES",
        "7:1 setting system-requirements.cuda=12.4",
        "9:1 dependency torch",
        "9:41 dependency https://t/whl/cu124",
        "11:9 command nvidia-smi",
        "13:17 dependency ninja",
        "14:17 dependency flash-attn",
        "17:9 command nvidia-smi",
        "19:1 dependency cuda-nvcc",
    ]


PROJECTS = {
    "pixi": (
        '[project]\nchannels = ["nvidia/label/cuda-11.8.0", "flash-attn"]\n[dependencies]\npython = "3.10.*"\n'
        'pytorch-cuda = {version = "11.8.*", channel = "pytorch"}\n[feature.gpu.pypi-dependencies]\nflash-attn = "*"',
        [
            "2 channel channel:nvidia/label/cuda-11.8.0",
            "2 channel channel:flash-attn",
            "5 direct pytorch-cuda 11.8.*",
            "7 optional flash-attn",
        ],
    ),
    "standard": (
        '[build-system]\nrequires = ["torch"]\n[project]\nname = "x"\ndependencies = [\n  "numpy",\n  "torch>=2",\n]\n'
        '[project.optional-dependencies]\ngpu = ["flash-attn"]\nall = ["x[gpu]"]\n[dependency-groups]\ndev = ["torch"]',
        ["2 build torch", "6 direct numpy", "7 direct torch >=2", "10 optional flash-attn", "13 optional torch"],
    ),
    "poetry": (
        '[tool.poetry.dependencies]\npython = "^3.9"\ntorch = "2.1"\nfoo = {version = "^1", optional = true}\n'
        'bar = {git = "https://g/bar"}\n[tool.poetry.group.dev.dependencies]\nblack = "*"\n'
        '[[tool.poetry.source]]\nname = "t"\nurl = "https://t/whl/cu121"',
        [
            "3 direct torch ^2.1",
            "4 optional foo ^1",
            "5 direct bar",
            "7 optional black",
            "10 index https://t/whl/cu121",
        ],
    ),
    "uv": (
        '[project]\ndependencies = ["torch"]\n[tool.uv]\nextra-index-url = ["https://u/whl/cu124"]\n'
        'override-dependencies = ["triton==3"]\n[[tool.uv.index]]\nurl = "https://v/whl/cu124"\n'
        '[tool.uv.sources]\nflash-attn = { git = "https://github.com/d/f" }',
        [
            "2 direct torch",
            "4 index https://u/whl/cu124",
            "5 constraint triton ==3",
            "7 index https://v/whl/cu124",
            "9 constraint flash-attn",
        ],
    ),
    "a build backend of one's own": (
        '[tool.own.optional-dependencies]\ngpu = ["torch==2.1"]',
        ["2 optional torch ==2.1"],
    ),
    "pdm": ('[tool.pdm.dev-dependencies]\ntest = ["torch==2.1"]', ["2 optional torch ==2.1"]),
    "pipenv": (
        '[[source]]\nurl = "https://p/simple"\n[packages]\ntorch = "==2.1"\nnumpy = "*"\n[dev-packages]\nblack = "*"',
        ["2 index https://p/simple", "4 direct torch ==2.1", "5 direct numpy", "7 optional black"],
    ),
    "setup.cfg": (
        "[metadata]\nname = x\n[options]\ninstall_requires =\n    torch>=1.9\n    numpy  # none\n"
        "[options.extras_require]\ngpu = flash-attn\n",
        ["5 direct torch >=1.9", "6 direct numpy", "8 optional flash-attn"],
    ),
    "settings of tools alone": ("[flake8]\nmax-line-length = 120\nignore = E501, W503\n", []),
    "settings of a test runner alone": ("[tool:pytest]\n", []),
    "conda": (
        "name: x\nchannels:\n  - nvidia\ndependencies:\n  - python=3.10\n  - pytorch::pytorch=2.1=py3.10_cuda12.1\n"
        "  - pip:\n    - --extra-index-url https://b/whl/cu121\n    - flash-attn==2.5\n",
        [
            "3 channel channel:nvidia",
            "5 conda python =3.10",
            "6 conda pytorch =2.1=py3.10_cuda12.1",
            "8 index https://b/whl/cu121",
            "9 direct flash-attn ==2.5",
        ],
    ),
    "a lock file, what is known of it, once": (
        'version = 1\n\n[[package]]\nname = "absl"\nversion = "1"\n\n[[package]]\nname = "torch"\nversion = "2.7.0"\n'
        'dependencies = [{ name = "triton" }]\n\n[[package]]\nname = "torch"\nversion = "2.7.0+cu126"\n\n'
        '[[package]]\nname = "nvidia-nccl-cu12"\nversion = "2.2"\n',
        ["8 lock torch ==2.7.0", "17 lock nvidia-nccl-cu12 ==2.2"],
    ),
    "the lock file of pipenv": (
        json.dumps({"default": {"torch": {"version": "==2.1"}, "numpy": {}}, "develop": {}}, indent=1),
        ["3 lock torch ==2.1"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), PROJECTS.values(), ids=PROJECTS)
def test_projects(text: str, expected: list[str]) -> None:
    facts = read(text)
    assert (seen(facts), facts.status) == (expected, Status.READ)


def test_tables_of_other_tools_are_settings() -> None:
    known = KNOWN._replace(others=(*KNOWN.others, ("setting", ("*device=cuda",))))
    text = '[project]\nname = "a"\n[tool.serve.args]\ndevice = "cuda"\n[tool.pytest]\ndevice = "cuda"\n'
    (fact,) = read_manifest(text.encode(), known).facts
    assert (fact.name, fact.span.line, fact.span.column) == ("tool.serve.args.device=cuda", 4, 10)


def test_a_lock_file_keeps_what_the_packs_know_by_name_and_what_was_built_for_cuda() -> None:
    wide = INTEREST._replace(others=(("dependency", ("torch", "?*")),))
    lock = '[[package]]\nname = "numpy"\nversion = "2"\n[[package]]\nname = "binaries"\nversion = "1+cu124"\n'
    assert [fact.name for fact in read_manifest(lock.encode(), wide).facts] == ["binaries"]
    pipenv = '{"default": {"numpy": {"version": "==2"}, "torch": {"version": "==2"}}}'
    assert [fact.name for fact in read_manifest(pipenv.encode(), wide).facts] == ["torch"]


def test_what_is_optional_or_locked_is_marked() -> None:
    optional = read('[project.optional-dependencies]\ngpu = ["torch"]').facts[0]
    locked = read('[[package]]\nname = "torch"\nversion = "2"').facts[0]
    assert (optional.guards, dict(optional.args)["group"], locked.guards) == (("optional",), "gpu", ("locked",))


SCRIPT = """
from setuptools import setup
base = ["numpy"] + ["torch>=1.9"]
extras = {}
extras["gpu"] = ["flash-attn"]
extras["all"] = extras["gpu"] + ["tqdm"]
extras["gpu"].append("triton")
def more():
    if here:
        return ["decord"]
    return []
base += more()
settings = dict(name="x")
setup(install_requires=base, extras_require=extras, setup_requires="wheel", **settings)
"""


def test_set_up_scripts_are_read_without_running_them() -> None:
    assert seen(read_python(SCRIPT.encode(), INTEREST)) == [
        "3 direct numpy",
        "3 direct torch >=1.9",
        "5 optional flash-attn",
        "6 optional tqdm",
        "7 optional triton",
        "10 direct decord",
        "14 build wheel",
    ]


def test_lists_that_lead_to_each_other_end() -> None:
    source = "a = b\nb = a\nc = {'x': c}\nsetup(install_requires=a + a, extras_require=c)"
    assert seen(read_python(source.encode(), INTEREST)) == []


BROKEN = {
    "TOML": ('[project]\ndependencies = ["torch"\n[tool.x]\n', "is no valid TOML"),
    "YAML": ("dependencies:\n  - torch\n - : [", "is no valid YAML"),
    "JSON": ('{"default": {"torch": ', "is no valid JSON"),
    "INI": ("[options]\ninstall_requires\n[options\n= x\n", "is no valid INI"),
}


@pytest.mark.parametrize(("text", "reason"), BROKEN.values(), ids=BROKEN)
def test_broken_files_are_said_to_be(text: str, reason: str) -> None:
    facts = read(text)
    assert facts.status is Status.PARTLY
    assert reason in facts.reason


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "x" + "[" * 5000,
        'torch; python_version > "' + "(" * 3000,
        "x\\\n" * 20_000,
        "-r " * 5000,
        "[project]\ndependencies = " + "[" * 3000,
        "dependencies:\n - " + "[" * 3000,
        "dependencies: &a [*a, *a]",
        '{"default": ' + "[" * 5000,
        "[[package]]\n" * 5000,
        "a" * (MAX_SIZE + 1),
        "\0\1\2" * 50,
        "",
        "-a\n-r\n--index-url --extra-index-url\n-",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_files_are_survived(text: str) -> None:
    assert not [fact for fact in read(text).facts if fact.name == "torch-npu"]


@settings(max_examples=150)
@given(
    st.one_of(
        st.text(), st.text("[]{}()=\"'\n -#\\:.,;@+~<>*torch0123 "), st.binary().map(lambda b: b.decode("latin-1"))
    )
)
def test_any_text_is_read(text: str) -> None:
    for prefix in ("", "[project]\n", "dependencies:\n  - ", "[options]\ninstall_requires =\n", "{", "[[package]]\n"):
        facts = read(prefix + text)
        lines = facts.lines or 1
        assert all(1 <= fact.span.line <= lines for fact in facts.facts)
