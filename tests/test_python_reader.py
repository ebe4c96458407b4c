"""What the Python reader resolves, what it leaves alone, and how it survives hostile text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck.model import Certainty, FileFacts, Status
from portcheck.sources.python import read_python
from tests.interest import INTEREST


def read(source: str) -> FileFacts:
    return read_python(source.encode(), INTEREST)


def seen(source: str) -> list[str]:
    return [f"{fact.span.line} {fact.kind.value} {fact.name}" for fact in read(source).facts]


FOUND = {
    "import under another name": ("import torch as t\nt.cuda.synchronize()", ["2 call torch.cuda.synchronize"]),
    "submodule import": (
        "from torch import cuda\ncuda.synchronize()",
        ["1 import torch.cuda", "2 call torch.cuda.synchronize"],
    ),
    "deep alias": (
        "import torch.cuda.amp as amp\nwith amp.autocast(): pass",
        ["1 import torch.cuda.amp", "2 call torch.cuda.amp.autocast"],
    ),
    "plain submodule import binds the root": (
        "import torch.cuda\ntorch.cuda.synchronize()",
        ["1 import torch.cuda", "2 call torch.cuda.synchronize"],
    ),
    "star import": (
        "from torch.cuda import *\nsynchronize()",
        ["1 import torch.cuda", "2 call torch.cuda.synchronize"],
    ),
    "import in a function": (
        "def f():\n    import torch\n    torch.cuda.synchronize()",
        ["3 call torch.cuda.synchronize"],
    ),
    "import in a condition": (
        "if x:\n    import torch\nelse:\n    torch = None\ndef f():\n    torch.cuda.synchronize()",
        ["6 call torch.cuda.synchronize"],
    ),
    "alias in a variable": (
        "import torch\ntc = torch.cuda\ntc.synchronize()",
        ["2 attribute torch.cuda", "3 call torch.cuda.synchronize"],
    ),
    "alias on self": (
        "import torch\nclass A:\n    def f(self):\n        self.t = torch.cuda\n    def g(self):\n"
        "        self.t.synchronize()",
        ["4 attribute torch.cuda", "6 call torch.cuda.synchronize"],
    ),
    "class attribute": (
        "import torch\nclass A:\n    S = torch.cuda.Stream\n    def f(self):\n        self.S()",
        ["3 attribute torch.cuda.Stream", "5 call torch.cuda.Stream"],
    ),
    "getattr": ('import torch\ngetattr(torch, "cuda").synchronize()', ["2 call torch.cuda.synchronize"]),
    "getattr in a variable": (
        'import torch\nc = getattr(torch, "cuda")\nc.synchronize()',
        ["2 attribute torch.cuda", "3 call torch.cuda.synchronize"],
    ),
    "getattr of a member": (
        'import torch\nsync = getattr(torch.cuda, "synchronize")\ngetattr(torch.cuda, "synchronize")()',
        ["2 attribute torch.cuda.synchronize", "3 call torch.cuda.synchronize"],
    ),
    "getattr of a name known at run time alone": (
        "import torch\ngetattr(torch.cuda, name)()",
        ["2 attribute torch.cuda"],
    ),
    "import_module": (
        'import importlib\nm = importlib.import_module("torch.cuda")\nm.synchronize()',
        ["2 import torch.cuda", "3 call torch.cuda.synchronize"],
    ),
    "compiled module": (
        "from pkg import ops_cuda\nops_cuda.forward(x)",
        ["1 import pkg.ops_cuda", "2 call pkg.ops_cuda"],
    ),
    "decorator": ("import torch\n@torch.cuda.amp.custom_fwd\ndef f(): pass", ["2 attribute torch.cuda.amp.custom_fwd"]),
    "annotation": ("import torch\ndef f(s: torch.cuda.Stream): pass", ["2 attribute torch.cuda.Stream"]),
    "a function of a library that is all imported": (
        "from flash_attn import *\nattend(x)\nprint(y)",
        ["1 import flash_attn", "2 call flash_attn.attend"],
    ),
    "types in quotes": (
        "import torch\ndef f(s: 'Optional[torch.cuda.Stream]',\n  t: Optional['torch.cuda.Stream']):\n"
        "  u: Tuple['torch.cuda.Stream', int]\n  log('a[torch.cuda.Stream]'); d['torch.cuda.Stream']",
        ["2 attribute torch.cuda.Stream", "3 attribute torch.cuda.Stream", "4 attribute torch.cuda.Stream"],
    ),
    "walrus": (
        "import torch\nif (c := torch.cuda):\n    c.synchronize()",
        ["2 attribute torch.cuda", "3 call torch.cuda.synchronize"],
    ),
    "global": (
        "import torch\ntc = None\ndef f():\n    global tc\n    tc = torch.cuda\ndef g():\n    tc.synchronize()",
        ["5 attribute torch.cuda", "7 call torch.cuda.synchronize"],
    ),
    "inside an f-string": (
        'import torch\nx = f"{torch.cuda.memory_allocated()} bytes"',
        ["2 call torch.cuda.memory_allocated"],
    ),
    "inside a log call": ("import torch\nprint(torch.cuda.memory_allocated())", ["2 call torch.cuda.memory_allocated"]),
    "move of a tensor": ("import torch\nx.cuda().half()", ["2 method cuda"]),
    "move over several lines": ("import torch\n(model\n .eval()\n .cuda())", ["4 method cuda"]),
    "f-string device": ('d = torch.device(f"cuda:{rank}")', ["1 string cuda:{}"]),
    "concatenated device": ('d = "cuda:" + str(i)', ["1 string cuda:"]),
    "formatted device": ('d = "cuda:%d" % i\ne = "cuda:{}".format(i)', ["1 string cuda:%d", "2 string cuda:{}"]),
    "membership": ('if "cuda" in device: pass', ["1 string cuda"]),
    "default argument": ('def f(device="cuda"): pass', ["1 string cuda"]),
    "argparse": (
        'p.add_argument("--device", default="cuda", choices=["cuda", "cpu"])',
        ["1 string cuda", "1 string cuda"],
    ),
    "integer device": ("import torch\nx.to(0)", ["2 index to"]),
    "integer devices by keyword": (
        'import torch\nf(device_ids=[0, 1])\nf(device_map={"": 0})\nf(device_ids=(\n    0,\n))',
        ["2 index device_ids=", "3 index device_map=", "4 index device_ids="],
    ),
    "a number or another device, by a condition": (
        'import torch\nf(device_ids=0 if x else -1)\nx.to(0 if y else "cpu")',
        ["2 index device_ids=", "3 index to"],
    ),
    "a device before a colon": (
        "d = f\"{'cuda' if x else 'cpu'}:{i}\"\ne = f\"{'cuda'}\"",
        ["1 string cuda", "2 string cuda"],
    ),
    "numbers beside other devices": ('import torch\nf(device_map={"a": 0, "b": "cpu"})', ["2 index device_map="]),
    "a module by its whole name": (
        'm = __import__("torch.cuda", fromlist=["x"])\nm.synchronize()',
        ["1 import torch.cuda", "2 call torch.cuda.synchronize"],
    ),
    "a device that may be a number": (
        "import torch\nisinstance(device, int)\nisinstance(self.device_id, (int, str))\nisinstance(device_or_id, int)",
        ["2 index isinstance", "3 index isinstance", "4 index isinstance"],
    ),
    "a library that may be missing": (
        "try:\n    import flash_attn\nexcept ImportError:\n    flash_attn = None\n"
        "if flash_attn is not None:\n    flash_attn.f(flash_attn)",
        ["2 import flash_attn", "6 call flash_attn.f", "6 attribute flash_attn"],
    ),
    "a version that is kept, and asked later": (
        'import flash_attn\nv = flash_attn.__version__\nv.startswith("2.")\nflash_attn.__version__.split(".")',
        ["1 import flash_attn", "2 attribute flash_attn.__version__", "4 attribute flash_attn.__version__"],
    ),
    "a variable in small letters": (
        'import os\nos.environ["cuda_visible_devices"] = "0"',
        ["2 env cuda_visible_devices"],
    ),
    "a command in a command": (
        "import os\nos.system(\"tmux new -d 'CUDA_VISIBLE_DEVICES=0 python train.py'\")",
        ["2 env CUDA_VISIBLE_DEVICES"],
    ),
    "a parameter of a class without the method": (
        "import torch\nclass A: pass\ndef f(a: A, *b: B):\n    a.cuda()\n    b.cuda()",
        ["4 method cuda", "5 method cuda"],
    ),
    "variable read": ('import os\nos.getenv("CUDA_VISIBLE_DEVICES")', ["2 env CUDA_VISIBLE_DEVICES"]),
    "variable set": ('import os\nos.environ["NCCL_DEBUG"] = "INFO"', ["2 env NCCL_DEBUG"]),
    "variable in env=": (
        'import subprocess\nsubprocess.run(x, env={"CUDA_VISIBLE_DEVICES": "0"})',
        ["2 env CUDA_VISIBLE_DEVICES"],
    ),
    "variable as keyword": ('e = dict(os.environ, CUDA_VISIBLE_DEVICES="0")', ["1 env CUDA_VISIBLE_DEVICES"]),
    "command list": ('import subprocess\nsubprocess.run(["nvidia-smi", "-L"])', ["2 command nvidia-smi"]),
    "command line": ('import os\nos.system("cd x && nvidia-smi")', ["2 command nvidia-smi"]),
    "name that a test patches": (
        'from unittest.mock import patch\nwith patch("torch.cuda.synchronize"): pass',
        ["2 attribute torch.cuda.synchronize"],
    ),
    "name that a test patches in a module that is called as a library": (
        "from unittest import mock\nmock.patch('package.flash_attn.torch.cuda.synchronize')",
        ["2 attribute torch.cuda.synchronize"],
    ),
    "name that a test patches in a module": (
        'from unittest import mock\nmock.patch("package.module.torch.cuda.synchronize")',
        ["2 attribute torch.cuda.synchronize"],
    ),
    "command that is run later": ('line = "nvidia-smi --query-gpu=name"', ["1 command nvidia-smi"]),
    "command of which a part is known": ('line = f"CUDA_VISIBLE_DEVICES={gpu} run"', ["1 env CUDA_VISIBLE_DEVICES"]),
    "command behind a variable": (
        'import os\nos.system("CUDA_VISIBLE_DEVICES=0 nvidia-smi")',
        ["2 command nvidia-smi", "2 env CUDA_VISIBLE_DEVICES"],
    ),
    "library": (
        "from flash_attn import flash_attn_func\nflash_attn_func(q)",
        ["1 import flash_attn.flash_attn_func", "2 call flash_attn.flash_attn_func"],
    ),
    "keyword": ("import ray\nray.remote(num_gpus=1)", ["2 keyword num_gpus"]),
    "comprehension": ('d = [f"cuda:{i}" for i in range(n)]', ["1 string cuda:{}"]),
    "lambda": ("import torch\nf = lambda: torch.cuda.synchronize()", ["2 call torch.cuda.synchronize"]),
    "code under a condition that never imports": (
        "import torch\nif False:\n    torch.cuda.synchronize()",
        ["3 call torch.cuda.synchronize"],
    ),
}

LEFT_ALONE = {
    "text that speaks of a program": 'why = "nvidia-smi is not installed"\nhow = "see CUDA_VISIBLE_DEVICES="',
    "name in a string that nothing is patched by": 'import torch\nseen = ["torch.cuda.synchronize"]',
    "docstring": '"""torch.cuda.synchronize() and "cuda" """',
    "comment": "x = 1  # torch.cuda.synchronize()",
    "log text": 'import torch\nlogger.info("cuda")\nprint("cuda")',
    "help text": 'import torch\np.add_argument("--x", help="cuda")',
    "error text": 'import torch\nraise ValueError("cuda")',
    "assertion message": 'import torch\nassert x, "cuda"',
    "prose": 'import torch\nx = "torch.cuda is cuda"',
    "parameter called torch": "def f(torch):\n    torch.cuda.synchronize()",
    "rebound name": "from x import y\nimport torch\ndef f():\n    torch = y()\n    torch.cuda.synchronize()",
    "a class's own method": "import torch\nclass A:\n    def cuda(self): 1\n    def f(self): self.cuda()\nA().cuda()",
    "a parameter of a class with its own method": (
        "import torch\nclass A:\n    def cuda(self): 1\ndef f(a: A):\n    a.cuda()"
    ),
    "a class's own method called on the class": "import torch\nclass A:\n    def cuda(self): 1\nA.cuda(A())",
    "a name that was deleted": "import torch\nt = torch\ndel t\nt = y()\nt.cuda.synchronize()\nx = 1",
    "a device inside a text": "import torch\nf = f\"model-{'cuda' if x else 'cpu'}\"\ng = f\"{'cuda'}/x\"",
    "numbers of no device": "import torch\nf(device_ids=[], device_map={'': 'cpu'})\nf(device_ids=[rank])",
    "a size of what goes to a device": (
        "import torch\nisinstance(device_batch_size, int)\nisinstance(devices_per_node, int)"
    ),
    "neither of two numbers": "import torch\nf(device_ids=a if x else b)\nx.to(y if z else -1)",
    "a key in small letters": 'import torch\nrow = {"cuda_visible_devices": "0"}',
    "an enum member": "import torch\nx = Kind.CUDA",
    "a local module called cuda": "import torch\nimport cuda\ncuda.synchronize()",
    "a key in a url": 'import torch\nu = "https://example.org/cuda:0/x"',
    "a loop variable": "import torch\nfor cuda in x:\n    cuda.synchronize",
}


@pytest.mark.parametrize(("source", "expected"), FOUND.values(), ids=FOUND)
def test_found(source: str, expected: list[str]) -> None:
    assert seen(source) == expected


@pytest.mark.parametrize("source", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_left_alone(source: str) -> None:
    assert seen(source) == []


def test_a_global_is_known_by_what_its_function_imported() -> None:
    source = (
        "def load():\n    global fused\n    import importlib\n    fused = importlib.import_module('torch.cuda')\n"
        "def step():\n    fused.synchronize()"
    )
    assert seen(source)[-1] == "6 call torch.cuda.synchronize"


def test_columns_count_characters() -> None:
    fact = read("import torch\nx = 'é'; torch.cuda.synchronize()").facts[0]
    assert (fact.span.column, fact.span.end_column) == (10, 32)


BROKEN = {
    "python 2": (
        "import torch\nprint 'x'\n\ndef f():\n    torch.cuda.synchronize()\n",
        "5 call torch.cuda.synchronize",
    ),
    "broken function": ("import torch\ndef f(:\n    torch.cuda.synchronize()\n", "3 call torch.cuda.synchronize"),
    "merge conflict": (
        "import torch\n<<<<<<< HEAD\nx = torch.cuda.synchronize()\n=======\n>>>>>>> b\n",
        "3 call torch.cuda.synchronize",
    ),
    "template": ("import torch\n{% if x %}\ntorch.cuda.synchronize()\n{% endif %}\n", "3 call torch.cuda.synchronize"),
    "string in the broken part": ('import torch\ndef f(:\n    x.to("cuda")\n', "3 string cuda"),
}


@pytest.mark.parametrize(("source", "expected"), BROKEN.values(), ids=BROKEN)
def test_what_does_not_parse_is_read_by_its_words(source: str, expected: str) -> None:
    facts = read(source)
    assert facts.status is Status.PARTLY
    assert "line" in facts.reason
    assert expected in seen(source)


def test_the_sound_part_of_a_broken_file_stays_exact() -> None:
    facts = read("import torch\ntorch.cuda.synchronize()\n\ndef f(:\n    torch.cuda.synchronize()\n")
    assert [fact.certainty for fact in facts.facts] == [Certainty.EXACT, Certainty.TEXTUAL]


def test_comments_in_a_broken_file_are_no_findings() -> None:
    assert seen("import torch\ndef f(:\n    # torch.cuda.synchronize()\n    pass\n") == []


ENCODINGS = {
    "utf-8 with a mark": ("\ufeffimport torch\ntorch.cuda.synchronize()", "utf-8", Status.READ),
    "declared latin-1": ("# coding: latin-1\nimport torch\nx = 'é'; torch.cuda.synchronize()", "latin-1", Status.READ),
    "undeclared latin-1": ("import torch\nx = 'é'; torch.cuda.synchronize()", "latin-1", Status.PARTLY),
    "utf-16 with a mark": ("import torch\ntorch.cuda.synchronize()", "utf-16", Status.PARTLY),
    "utf-16 without": ("import torch\ntorch.cuda.synchronize()", "utf-16-le", Status.PARTLY),
    "an encoding that does not exist": (
        "# coding: nonsense\nimport torch\ntorch.cuda.synchronize()",
        "utf-8",
        Status.PARTLY,
    ),
}


@pytest.mark.parametrize(("source", "encoding", "status"), ENCODINGS.values(), ids=ENCODINGS)
def test_encodings(source: str, encoding: str, status: Status) -> None:
    facts = read_python(source.encode(encoding), INTEREST)
    assert facts.status is status
    assert [fact.name for fact in facts.facts] == ["torch.cuda.synchronize"]


def test_binary_data_is_said_to_be_binary() -> None:
    facts = read_python(b"\x7fELF\0\0\0cuda torch" * 50, INTEREST)
    assert (facts.status, facts.reason) == (Status.UNREADABLE, "binary data")


def test_line_ends_do_not_matter() -> None:
    facts = read_python(b"import torch\r\ntorch.cuda.synchronize()\r\n", INTEREST)
    assert [fact.span.line for fact in facts.facts] == [2]


HOSTILE = {
    "deep parentheses": "x = " + "(" * 10000 + ")" * 10000,
    "deep attributes": "import torch\nx = torch.cuda" + ".a" * 10000,
    "deep operators": "import torch\nx = " + "-" * 10000 + "1",
    "deep calls": "import torch\nx = torch.cuda.f" + "()" * 10000,
    "deep conditionals": "import torch\nx = " + "1 if torch else " * 5000 + "2",
    "deep blocks": "import torch\n"
    + "".join(" " * i + "if x:\n" for i in range(90))
    + " " * 90
    + "torch.cuda.synchronize()",
    "long elif chain": "import torch\nif x: pass\n" + "elif torch.cuda.is_available(): pass\n" * 2000,
    "long string sum": "x = " + " + ".join(['"cuda:0"'] * 3000),
    "huge line": "import torch; x = [" + "torch.cuda, " * 100000 + "]",
    "alias cycle": "import torch\na = b\nb = a\na.cuda.synchronize()\nb = torch if x else b",
    "empty": "",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_ends_in_a_report(source: str) -> None:
    facts = read(source)
    assert facts.status in (Status.READ, Status.PARTLY)
    assert facts.lines == source.count("\n") + bool(source and not source.endswith("\n"))


FRAGMENTS = st.sampled_from(
    [
        "import torch\n",
        "torch.cuda",
        ".synchronize()",
        '"cuda"',
        "f'cuda:{",
        "}'",
        "(",
        ")",
        "\n",
        "    ",
        "def f(x",
        "):",
        "if ",
        "else:",
        "try:",
        "except ImportError:",
        "=",
        "self.",
        "class A:",
        "lambda:",
        "'''",
        "#",
        "\\",
        "\0",
        "é",
        "match x:",
        "case ",
        "@",
        "*",
        "**",
        ",",
    ]
)


@settings(max_examples=300)
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_any_text_is_read_without_error(source: str) -> None:
    facts = read_python(source.encode("utf-8", "surrogatepass"), INTEREST)
    lines = source.count("\n") + 1
    assert all(1 <= fact.span.line <= fact.span.end_line <= lines for fact in facts.facts)


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_error(data: bytes) -> None:
    read_python(b"import torch\n" + data, INTEREST)


@settings(max_examples=100)
@given(st.integers(0, 400), st.integers(0, 400), st.text(max_size=4))
def test_mutated_programs_are_read_without_error(start: int, length: int, patch: str) -> None:
    sound = "".join(source + "\n" for source, _ in list(FOUND.values())[:12])
    read(sound[:start] + patch.encode("utf-8", "replace").decode() + sound[start + length :])
