"""What Python files install by commands and export in scripts, and the images that they name."""

from __future__ import annotations

import pytest

from tests.test_python_reader import seen

FOUND = {
    "variables that a script in a text exports": (
        'import os\ns = """\n  export NCCL_DEBUG=INFO\n  export OTHER=1\n"""\nrun("NCCL_DEBUG=INFO a")',
        ["3 env NCCL_DEBUG", "6 env NCCL_DEBUG"],
    ),
    "an image, and one of which a part is known": (
        'import torch\nuse("nvidia/cuda:12.4.1-devel")\ndef f(v):\n    return f"nvidia/cuda:{v}-devel"',
        ["2 image nvidia/cuda:12.4.1-devel", "4 image nvidia/cuda:{}-devel"],
    ),
    "what a command installs, in one text": (
        'import os, sys\nos.system("cd x && pip install -q flash-attn==2.5")\n'
        'os.popen(f"{sys.executable} -m pip install apex")',
        ["2 dependency flash-attn", "3 dependency apex"],
    ),
    "what a command installs, word by word": (
        'import subprocess, sys\nsubprocess.run([sys.executable, "-m", "pip", "install", "--no-deps", "apex"])\n'
        'session.run("pip", "install", "flash-attn")',
        ["2 dependency apex", "3 dependency flash-attn"],
    ),
    "what a command installs that is kept for later": (
        'import os\ntorch_command = os.environ.get("COMMAND", f"pip install torch=={version} -q")\n'
        'os.system("echo install ")',
        ["2 dependency torch"],
    ),
}

LEFT_ALONE = {
    "what people are told to export": 'print("""\nexport NCCL_DEBUG=INFO\n""")',
    "what people are told to install": (
        'import os\nprint("pip install flash-attn ")\nraise ImportError("os.system: pip install flash-attn ")'
    ),
    "what is taken away": 'import os\nos.system("pip uninstall -y flash-attn # or install it")',
    "a model that is called as images are": 'import torch\nload("nvidia/some-model")\nsee("https://x.org/nvidia/cuda:1")',
}


@pytest.mark.parametrize(("source", "expected"), FOUND.values(), ids=FOUND)
def test_found(source: str, expected: list[str]) -> None:
    assert seen(source) == expected


@pytest.mark.parametrize("source", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_left_alone(source: str) -> None:
    assert seen(source) == []
