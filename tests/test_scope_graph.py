"""Entry points and what they reach: imports of every spelling, console scripts, named entries."""

from __future__ import annotations

from pathlib import Path

import pytest

from portcheck.errors import UsageError
from portcheck.model import FileFacts, Kind, Role, Source
from portcheck.pack import load
from portcheck.scope_graph import console_scripts, edges, launched, leading_to, scope_of, uses_torch
from portcheck.sources.light import read_light
from portcheck.sources.python import read_python
from portcheck.sources.shell import read_shell

FILES: dict[str, str] = {
    "train.py": "import pkg.core\nfrom pkg import util\nimport torch.nn as nn\nif __name__ == '__main__':\n    pass\n",
    "pkg/__init__.py": "",
    "pkg/core.py": "from . import deep\nfrom .deep import thing\n",
    "pkg/deep.py": "from ..pkg.leaf import *\n",
    "pkg/leaf.py": "import os\n",
    "pkg/util.py": "import numpy\n",
    "pkg/lonely.py": "from pkg import util\n",
    "tests/test_a.py": "import pkg.lonely\nif __name__ == '__main__':\n    pass\n",
}


def facts_of(files: dict[str, str]) -> dict[str, FileFacts]:
    return {path: read_light(text, text.count("\n")) for path, text in files.items()}


def sources_of(files: dict[str, str]) -> list[Source]:
    roles = {path: Role.TEST if path.startswith("tests/") else Role.SOURCE for path in files}
    return [Source(path, Kind.PYTHON, roles[path], len(text)) for path, text in files.items()]


def traits_of(facts: dict[str, FileFacts]) -> dict[str, tuple[str, ...]]:
    return {path: each.traits for path, each in facts.items()}


def test_imports_become_edges() -> None:
    found = edges(facts_of(FILES))
    assert found["train.py"] == ("pkg/core.py", "pkg/util.py")
    assert "pkg/deep.py" in found["pkg/core.py"]
    assert found["pkg/deep.py"] == ("pkg/leaf.py",)
    assert "pkg/leaf.py" not in found


def test_what_an_entry_point_reaches() -> None:
    facts = facts_of(FILES)
    scope = scope_of(sources_of(FILES), traits_of(facts), edges(facts), ())
    assert scope.entries == ("train.py",)
    assert scope.reached == {"train.py", "pkg/core.py", "pkg/util.py", "pkg/deep.py", "pkg/leaf.py"}
    assert scope.importers["pkg/util.py"] == 2


def test_what_leads_to_a_file() -> None:
    graph = edges(facts_of(FILES))
    assert leading_to(["pkg/leaf.py"], graph) == {"train.py", "pkg/core.py", "pkg/deep.py", "pkg/leaf.py"}
    assert leading_to([], graph) == frozenset()


def test_a_repository_without_entry_points_is_a_library() -> None:
    files = {path: text for path, text in FILES.items() if path != "train.py"}
    scope = scope_of(sources_of(files), traits_of(facts_of(files)), edges(facts_of(files)), ())
    assert scope.library
    assert scope.reached == set(files)


def test_notebooks_are_entry_points_but_do_not_make_a_program_of_a_library() -> None:
    files = {path: text for path, text in FILES.items() if path != "train.py"}
    facts = facts_of({**files, "show.ipynb": "import pkg.core\n"})
    facts["show.ipynb"] = facts["show.ipynb"]._replace(traits=("light", "main"))
    assert scope_of(sources_of({**files, "show.ipynb": ""}), traits_of(facts), edges(facts), ()).library
    alone = {"show.ipynb": facts["show.ipynb"]}
    assert scope_of(sources_of({"show.ipynb": ""}), traits_of(alone), {}, ()).entries == ("show.ipynb",)


def test_a_program_without_a_test_of_its_name_is_an_entry_point() -> None:
    files = {"sample.py": "import torch\nimport model\n", "model.py": "import torch\n", "data.py": "import os\n"}
    facts = {
        path: each._replace(traits=("torch",) if uses_torch(each) else ()) for path, each in facts_of(files).items()
    }
    scope = scope_of(sources_of(files), traits_of(facts), edges(facts), ())
    assert scope.entries == ("sample.py",)


def test_settings_in_python_are_no_program() -> None:
    settings = """'''Settings.'''
from torch.optim import AdamW
with read_base():
    from .base import *
optimizer = dict(
    type=AdamW, lr=1e-3)
device: str = "cuda"
if (device == "cuda"):
    train["steps"] = 10
"""
    texts = {"configs/adamw.py": settings, "eval.py": settings + "run(optimizer)\n", "quiet.py": "import torch\n"}
    files = {path: read_python(text.encode(), load().interest) for path, text in texts.items()}
    traits = {path: (*facts.traits, "torch") for path, facts in files.items()}
    assert scope_of(sources_of(texts), traits, {"eval.py": ("configs/adamw.py",)}, ()).entries == ("eval.py",)


def test_a_tool_that_imports_nothing_does_not_make_a_program_of_a_library() -> None:
    files = {
        "lib/__init__.py": "",
        "lib/a.py": "import torch\n",
        "lib/tool.py": "if __name__ == '__main__':\n    pass\n",
    }
    scope = scope_of(sources_of(files), traits_of(facts_of(files)), edges(facts_of(files)), ())
    assert scope.library


def test_named_entries_narrow() -> None:
    facts = facts_of(FILES)
    scope = scope_of(sources_of(FILES), traits_of(facts), edges(facts), ("./pkg/core.py", "lonely.py"))
    assert scope.entries == ("pkg/core.py", "pkg/lonely.py")
    assert scope.narrowed
    assert "train.py" not in scope.reached


@pytest.mark.parametrize(
    ("entry", "message"),
    [("trian.py", "did you mean 'train.py'"), ("README.md", "no Python file"), ("__init__.py", "fits")],
)
def test_an_entry_that_is_none(entry: str, message: str) -> None:
    files = {**FILES, "tests/__init__.py": ""}
    facts = facts_of(files)
    with pytest.raises(UsageError, match=message):
        scope_of(sources_of(files), traits_of(facts), edges(facts), (entry,))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[project.scripts]\nrun-it = "pkg.core:main"\n'),
        ("setup.cfg", "[options.entry_points]\nconsole_scripts =\n    run-it = pkg.core:main\n"),
        ("setup.py", "setup(entry_points={'console_scripts': ['run-it=pkg.core:main']})\n"),
    ],
)
def test_console_scripts_are_entry_points(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert console_scripts(tmp_path, FILES) == ("pkg/core.py",)


def test_no_manifest_and_a_broken_one(tmp_path: Path) -> None:
    assert console_scripts(tmp_path, FILES) == ()
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe = \x00: [[[")
    assert console_scripts(tmp_path, FILES) == ()


def test_who_uses_torch() -> None:
    facts = facts_of(FILES)
    assert [path for path in FILES if uses_torch(facts[path])] == ["train.py"]


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("python pkg/lonely.py --config train.py", "pkg/lonely.py"),
        ("CUDA_VISIBLE_DEVICES=0 python3 -u ./pkg/lonely.py", "pkg/lonely.py"),
        ("python -m pkg.lonely", "pkg/lonely.py"),
        (
            'python -m torch.distributed.launch --nproc_per_node=8 \\\n    $(dirname "$0")/../pkg/lonely.py',
            "pkg/lonely.py",
        ),
        ("torchrun --standalone ${ROOT}/pkg/lonely.py", "pkg/lonely.py"),
        ("srun --gpus=8 python pkg/lonely.py", "pkg/lonely.py"),
        ("accelerate launch -m pkg.lonely", "pkg/lonely.py"),
        ("deepspeed pkg/lonely.py", "pkg/lonely.py"),
        ("echo python pkg/lonely.py", ""),
        ("# python pkg/lonely.py", ""),
        ("sed -i s/a/b/ pkg/lonely.py", ""),
        ("python elsewhere.py", ""),
        ("pip install -r requirements.txt", ""),
    ],
)
def test_what_launch_scripts_start(command: str, program: str) -> None:
    facts = facts_of(FILES)
    facts["scripts/run.sh"] = read_shell(f"#!/bin/bash\n{command}\n".encode(), load().interest)
    assert launched(traits_of(facts)) == ((program,) if program else ())


def test_a_script_that_starts_nothing_known_says_so_of_odd_paths() -> None:
    for odd in ("python .py", "python ../.py", "python $X.py", "python -m .", "python -m", 'python "a b.py"'):
        facts = {"run.sh": read_shell(odd.encode(), load().interest), "x.py": FileFacts()}
        assert launched(traits_of(facts)) == ()
