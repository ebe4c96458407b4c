"""Fixes of Python files: what the code becomes in either style, what is left and why, and that nothing else changes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from portcheck.errors import UsageError
from portcheck.repair import fix
from tests.fixing import CACHELESS, after, repair, tree

AGNOSTIC = [
    ("import torch\ntorch.cuda.synchronize()\n", "import torch\ntorch.accelerator.synchronize()\n"),
    (
        "import torch as t\nn = t.cuda.device_count()\n",
        "import torch as t\nn = t.accelerator.device_count()\n",
    ),
    (
        "import torch\nx = torch.zeros(1).cuda()\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\nx = torch.zeros(1).to(DEVICE_TYPE)\n",
    ),
    (
        "import torch\nx = x.cuda(0, non_blocking=True)\n",
        'import torch\nfrom accelerator import DEVICE_TYPE\nx = x.to(f"{DEVICE_TYPE}:0", non_blocking=True)\n',
    ),
    (
        "import torch\nw = torch.load(path, map_location=lambda storage, _: storage.cuda(0))\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\n"
        'w = torch.load(path, map_location=lambda storage, _: storage.to(device=f"{DEVICE_TYPE}:0"))\n',
    ),
    (
        "import torch\nw = torch.load(path, lambda storage, _: storage.cuda())\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\n"
        "w = torch.load(path, lambda storage, _: storage.to(device=DEVICE_TYPE))\n",
    ),
    (
        "import torch\nx = x.cuda(args.gpu)\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\nx = x.to(torch.device(DEVICE_TYPE, args.gpu))\n",
    ),
    (
        "import torch\nd = torch.device(f'cuda:{rank}')  # ours\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\nd = torch.device(f'{DEVICE_TYPE}:{rank}')  # ours\n",
    ),
    (
        "import torch\nd = torch.device('cuda:%d' % rank)\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\nd = torch.device(f'{DEVICE_TYPE}:{rank}')\n",
    ),
    (
        "import torch\nif x.device.type == 'cuda':\n    pass\n",
        "import torch\nif x.device.type in ('cuda', 'npu'):\n    pass\n",
    ),
    (
        "import torch\nif 'cuda' in device:\n    pass\n",
        "import torch\nif 'cuda' in device or 'npu' in device:\n    pass\n",
    ),
    (
        "import torch\nok = not 'cuda' not in device and y\n",
        "import torch\nok = not (not ('cuda' in device or 'npu' in device)) and y\n",
    ),
    (
        "from torch.cuda.amp import autocast, GradScaler\nscaler = GradScaler()\nwith autocast(True):\n    pass\n",
        "from torch.amp import autocast, GradScaler\nfrom accelerator import DEVICE_TYPE\n"
        "scaler = GradScaler(DEVICE_TYPE)\nwith autocast(DEVICE_TYPE, enabled=True):\n    pass\n",
    ),
    (
        "import torch\nwith torch.cuda.amp.autocast(\n    enabled=on,  # as asked\n):\n    pass\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\n"
        "with torch.amp.autocast(\n    DEVICE_TYPE,\n    enabled=on,  # as asked\n):\n    pass\n",
    ),
    (
        "import torch\n\nclass F(torch.autograd.Function):\n    @staticmethod\n    @torch.cuda.amp.custom_fwd\n"
        "    def forward(ctx, x):\n        return x\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\n\nclass F(torch.autograd.Function):\n    @staticmethod\n"
        "    @torch.amp.custom_fwd(device_type=DEVICE_TYPE)\n    def forward(ctx, x):\n        return x\n",
    ),
    (
        "import torch.distributed as dist\ndist.init_process_group(backend='nccl')\n",
        "import torch.distributed as dist\nfrom accelerator import BACKEND\ndist.init_process_group(backend=BACKEND)\n",
    ),
    (
        "from torch import cuda\n\ncuda.synchronize()\n",
        "import torch\n\ntorch.accelerator.synchronize()\n",
    ),
]

HELPED = "import torch\nfrom accelerator import DEVICE_MODULE\n"
AGNOSTIC += [
    ("import torch\ntorch.cuda.empty_cache()\n", HELPED + "DEVICE_MODULE.empty_cache()\n"),
    (
        "import torch\ns = torch.cuda.Stream()\nwith torch.cuda.stream(s):\n    pass\n",
        HELPED + "s = DEVICE_MODULE.Stream()\nwith DEVICE_MODULE.stream(s):\n    pass\n",
    ),
    (
        "import torch\ntorch.manual_seed(s)\ntorch.cuda.manual_seed(s)\ntorch.cuda.manual_seed_all(s)\nx = 1\n",
        "import torch\ntorch.manual_seed(s)\nx = 1\n",
    ),
    (
        "import torch\n\n\nclass A:\n    s: torch.cuda.Stream\n    e = torch.cuda.Event()\n",
        HELPED + "\n\nclass A:\n    s: torch.cuda.Stream\n    e = DEVICE_MODULE.Event()\n",
    ),
    (
        "import torch\nfrom . import a\n\nx.cuda()\n",
        "import torch\nfrom . import a\nfrom .accelerator import DEVICE_TYPE\n\nx.to(DEVICE_TYPE)\n",
    ),
    (
        "import torch; x = x.cuda()\n",
        "from accelerator import DEVICE_TYPE\nimport torch; x = x.to(DEVICE_TYPE)\n",
    ),
    (
        "\ufeffimport torch\nx.cuda()\n",
        "\ufeffimport torch\nfrom accelerator import DEVICE_TYPE\nx.to(DEVICE_TYPE)\n",
    ),
    ("import torch\ntorch.cuda.manual_seed(seed)\n", HELPED + "DEVICE_MODULE.manual_seed(seed)\n"),
    ("import torch\nx = x.cuda(self.device)\n", "import torch\nx = x.to(self.device)\n"),
    (
        "import torch\nd = torch.device('cuda:{}'.format(args.gpu))\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\nd = torch.device(f'{DEVICE_TYPE}:{args.gpu}')\n",
    ),
    (
        "import torch\nd = 'cuda:{}'.format(names['a'])\n",
        "import torch\nfrom accelerator import DEVICE_TYPE\nd = f'{DEVICE_TYPE}:{{}}'.format(names['a'])\n",
    ),
    (
        "import torch.distributed as dist\nb = 'nccl' if dist.is_nccl_available() else 'gloo'\n",
        "import torch\nimport torch.distributed as dist\nfrom accelerator import BACKEND\n"
        "b = BACKEND if torch.distributed.is_backend_available(BACKEND) else 'gloo'\n",
    ),
]

NPU = [
    ("import torch\ntorch.cuda.synchronize()\n", "import torch\nimport torch_npu\ntorch.npu.synchronize()\n"),
    ("import torch\nx = x.cuda(non_blocking=True)\n", "import torch\nx = x.npu(non_blocking=True)\n"),
    ("import torch\nd = torch.device('cuda:0')\n", "import torch\nd = torch.device('npu:0')\n"),
    ('import torch\nd = torch.device(f"cuda:{rank}")\n', 'import torch\nd = torch.device(f"npu:{rank}")\n'),
    ("import torch.distributed as dist\ndist.init_process_group('nccl')\n",) * 1
    + ("import torch.distributed as dist\nimport torch_npu\ndist.init_process_group('hccl')\n",),
    (
        "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '0'\n",
        "import os\nos.environ['ASCEND_RT_VISIBLE_DEVICES'] = '0'\n",
    ),
    (
        "import os\nos.system('cd a && CUDA_VISIBLE_DEVICES=0 MY_CUDA_VISIBLE_DEVICES=1 run')\n",
        "import os\nos.system('cd a && ASCEND_RT_VISIBLE_DEVICES=0 MY_CUDA_VISIBLE_DEVICES=1 run')\n",
    ),
    (
        "from torch.cuda.amp import autocast\nwith autocast():\n    pass\n",
        "import torch_npu\nfrom torch.npu.amp import autocast\nwith autocast():\n    pass\n",
    ),
]


@pytest.mark.parametrize(("before", "wanted"), AGNOSTIC)
def test_for_any_accelerator(tmp_path: Path, before: str, wanted: str) -> None:
    assert after(tmp_path, before) == wanted
    assert not any(each.changed for each in repair(tmp_path).files)


@pytest.mark.parametrize(("before", "wanted"), NPU)
def test_for_the_target_alone(tmp_path: Path, before: str, wanted: str) -> None:
    assert after(tmp_path, before, "npu") == wanted
    assert not any(each.changed for each in repair(tmp_path, "npu").files)


def test_what_only_the_target_has_is_left_to_the_style_that_names_it(tmp_path: Path) -> None:
    text = "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '0'\n"
    assert after(tmp_path, text) == text


def test_unsafe_changes_are_made_when_asked_for_alone(tmp_path: Path) -> None:
    text = "import torch\nd = torch.device('cuda')\n"
    assert after(tmp_path, text, "npu", unsafe=False) == text
    assert "npu" in after(tmp_path, text, "npu", unsafe=True)


def test_the_helper_says_what_the_machine_has(tmp_path: Path) -> None:
    repair(tree(tmp_path, {"train.py": "import torch\nx.cuda()\n"}))
    text = (tmp_path / "accelerator.py").read_text(encoding="utf-8")
    ast.parse(text)
    assert 'DEVICE_TYPE = "npu" if' in text and "import torch_npu" in text


def test_an_old_pytorch_gets_what_it_has(tmp_path: Path) -> None:
    text = (
        "import torch\ntorch.cuda.set_device(0)\nif torch.cuda.is_available():\n    s = torch.cuda.amp.GradScaler()\n"
    )
    tree(tmp_path, {"train.py": text, "requirements.txt": "torch>=1.13\n"})
    repair(tmp_path)
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == (
        "import torch\nfrom accelerator import DEVICE_MODULE\nDEVICE_MODULE.set_device(0)\n"
        "if DEVICE_MODULE.is_available():\n    s = DEVICE_MODULE.amp.GradScaler()\n"
    )
    assert "torch.accelerator" not in (tmp_path / "accelerator.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("oldest", "asked"),
    [
        ("2.1", "torch.distributed.is_backend_available(BACKEND)"),
        ("2.0", 'getattr(torch.distributed, f"is_{BACKEND}_available")()'),
    ],
)
def test_an_old_pytorch_is_asked_for_the_backend_that_is_there(tmp_path: Path, oldest: str, asked: str) -> None:
    text = (
        "import torch.distributed as dist\nb = 'nccl' if dist.is_nccl_available() else 'gloo'\n"
        "if not dist.is_nccl_available():\n    raise SystemExit('no NCCL')\ndist.init_process_group('nccl')\n"
    )
    tree(tmp_path, {"train.py": text, "requirements.txt": f"torch>={oldest}\n"})
    found = repair(tmp_path)
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == (
        "import torch\nimport torch.distributed as dist\nfrom accelerator import BACKEND\n"
        f"b = BACKEND if {asked} else 'gloo'\n"
        f"if not {asked}:\n    raise SystemExit('no NCCL')\ndist.init_process_group(BACKEND)\n"
    )
    assert [each for file in found.files for each in file.left] == []


@pytest.mark.parametrize(
    ("oldest", "asked"),
    [("2.4", "torch.is_autocast_enabled(DEVICE_TYPE)"), ("2.3", "torch.is_autocast_enabled()")],
)
def test_the_autocast_state_is_left_where_an_old_pytorch_has_no_word_for_both(
    tmp_path: Path, oldest: str, asked: str
) -> None:
    files = {
        "train.py": "import torch\nif torch.is_autocast_enabled():\n    pass\n",
        "requirements.txt": f"torch>={oldest}\n",
    }
    repair(tree(tmp_path, files), unsafe=True)
    assert f"if {asked}:\n" in (tmp_path / "train.py").read_text(encoding="utf-8")


def test_a_helper_that_was_changed_by_hand_is_taken(tmp_path: Path) -> None:
    names = 'DEVICE_TYPE: str = "xpu"\nDEVICE_MODULE = None\nBACKEND = ""\n'
    found = repair(tree(tmp_path, {"train.py": "import torch\nx.cuda()\n", "accelerator.py": names}))
    assert not found.made
    assert "from accelerator import DEVICE_TYPE" in (tmp_path / "train.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "import torch\n\n\n@wraps(\n    x.cuda()\n)\n@other\ndef f():\n    return 1\n",
        "import torch\n\n\nclass A:\n    @staticmethod\n    def f(d=x.cuda()):\n        return 1\n",
        "import torch\n\nif a:\n    pass\nelif b:\n    for i in c:\n        while d:\n            x.cuda()\n",
        "import torch\n\ntry:\n    pass\nexcept (\n    x.cuda()\n):\n    pass\nelse:\n    pass\n",
        'import torch\n\ny = (\n    """two\n    lines""",\n    x\n    .cuda(),\n)\n',
    ],
    ids=["decorator over lines", "default of a method", "branch in loops", "handler", "amid an expression"],
)
def test_places_are_found_wherever_they_stand(tmp_path: Path, text: str) -> None:
    found = after(tmp_path, text)
    assert "x.cuda()" not in found and ".to(DEVICE_TYPE)" in found


@pytest.mark.parametrize(
    ("before", "npu", "agnostic"),
    [
        (
            'getattr(torch.cuda, "empty_cache", None)',
            'getattr(torch.npu, "empty_cache"',
            'getattr(DEVICE_MODULE, "empty_',
        ),
        ("getattr(torch.cuda.amp, 'autocast')", "getattr(torch.npu.amp, 'autocast')", "getattr(torch.cuda.amp, 'auto"),
        ('d in {f"cuda:{i}" for i in y}', 'd in {f"npu:{i}" for', 'd in {f"{DEVICE_TYPE}:{i}" for'),
        ('d == f"cuda:{i}"', 'd == f"npu:{i}"', 'd == f"{DEVICE_TYPE}:{i}"'),
        ('["cuda"] if y else ["cpu"]', '["npu"] if y', "[DEVICE_TYPE] if y"),
        ('["cuda", "cpu"] if y else []', '["npu", "cpu"] if y', '["cuda", "npu", "cpu"] if y'),
    ],
)
def test_spellings(tmp_path: Path, before: str, npu: str, agnostic: str) -> None:
    text = f"import torch\nx = {before}\n"
    assert f"x = {npu}" in after(tmp_path / "npu", text, "npu")
    assert f"x = {agnostic}" in after(tmp_path / "agnostic", text)


def test_a_package_that_is_a_library_to_others_is_its_own_here(tmp_path: Path) -> None:
    text = "import torch\nfrom openrlhf import x\n\ntorch.distributed.init_process_group('nccl')\n"
    repair(tree(tmp_path, {"openrlhf/__init__.py": "", "openrlhf/a.py": text}))
    assert "init_process_group(BACKEND)" in (tmp_path / "openrlhf/a.py").read_text(encoding="utf-8")


def test_many_files_in_several_processes_are_fixed_as_one_by_one(tmp_path: Path) -> None:
    tree(tmp_path, {f"m{number}.py": f"import torch\nx{number} = x.cuda()\n" for number in range(20)})
    alone, together = (fix([tmp_path], CACHELESS._replace(jobs=jobs)) for jobs in (1, 3))
    assert alone == together
    assert len(alone.files) == 20


HELD = """\
import torch

if torch.cuda.is_available():
    major = torch.cuda.get_device_capability()[0]
    x = x.cuda()
y = kernel(x) if x.device.type == "cuda" and torch.cuda.get_device_capability() > (7, 0) else x
if torch.cuda.is_available():
    torch.cuda.empty_cache()
"""


def test_a_test_that_keeps_others_from_what_is_for_cuda_alone_stays(tmp_path: Path) -> None:
    lines = after(tmp_path / "safe", HELD, unsafe=False).splitlines()
    assert "if torch.cuda.is_available():" in lines and "    x = x.to(DEVICE_TYPE)" in lines
    assert "if torch.accelerator.is_available():" in lines
    lines = after(tmp_path / "unsafe", HELD).splitlines()
    assert "if torch.cuda.is_available():" not in lines


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    files = {"train.py": "import torch\nx.cuda()\n", "accelerator.py": "SPEED = 1\n"}
    found = repair(tree(tmp_path, files))
    assert [each.path for each in found.made] == ["accelerator_type.py"]
    assert (tmp_path / "accelerator.py").read_text(encoding="utf-8") == "SPEED = 1\n"


def test_a_variable_of_the_name_that_is_needed(tmp_path: Path) -> None:
    text = "import torch\nfrom settings import DEVICE_TYPE\nx.cuda()\n"
    found = repair(tree(tmp_path, {"train.py": text}))
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == text
    assert "DEVICE_TYPE is taken" in found.files[0].left[0].reason


@pytest.mark.parametrize(
    "text",
    [
        "import torch\nDEVICE_TYPE = 'gpu'\nx.cuda()\n",
        "import torch\n\n\ndef f(DEVICE_TYPE):\n    x.cuda()\n",
        "import torch\n\n\ndef DEVICE_TYPE():\n    x.cuda()\n",
    ],
)
def test_a_name_of_the_file_is_not_overwritten(tmp_path: Path, text: str) -> None:
    assert after(tmp_path, text) == text


def test_a_program_imports_what_brings_the_target(tmp_path: Path) -> None:
    program = "import torch\nfrom model import move\n\nif __name__ == '__main__':\n    move(torch.zeros(1))\n"
    files = {"main.py": program, "model.py": "def move(x):\n    return x.cuda()\n", "other.py": program[:13]}
    repair(tree(tmp_path, files), "npu")
    assert (tmp_path / "main.py").read_text(encoding="utf-8") == program.replace("\n", "\nimport torch_npu\n", 1)
    assert (tmp_path / "model.py").read_text(encoding="utf-8") == "def move(x):\n    return x.npu()\n"
    assert (tmp_path / "other.py").read_text(encoding="utf-8") == "import torch\n"
    assert not any(each.changed for each in repair(tmp_path, "npu").files)


def test_the_shim_is_imported_by_programs_and_the_rest_is_changed(tmp_path: Path) -> None:
    files = {
        "train.py": "import torch\nimport model\nif __name__ == '__main__':\n    x.cuda()\n",
        "model.py": "import torch\n\n\ndef f(x):\n    return x.device.type == 'cuda'\n",
    }
    repair(tree(tmp_path, files), "shim")
    program = (tmp_path / "train.py").read_text(encoding="utf-8")
    assert "import torch_npu\n" in program
    assert "from torch_npu.contrib import transfer_to_npu\n" in program
    assert "x.cuda()" in program
    assert "in ('cuda', 'npu')" in (tmp_path / "model.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("third_party/a.py", "import torch\nx.cuda()\n", "vendored"),
        ("model_pb2.py", "import torch\nx.cuda()\n", "generated"),
        ("setup.py", "import torch\nif torch.cuda.is_available():\n    pass\n", "what is built"),
        ("a.py", "import torch\nx.cuda()\nprint 'two'\n", "does not parse"),
        ("a.py", "import torch\nx.cuda(*args)\n", "arguments"),
        ("a.py", "from torch.cuda import *\nsynchronize()\n", ""),
    ],
)
def test_what_is_left_is_said(tmp_path: Path, name: str, text: str, reason: str) -> None:
    found = repair(tree(tmp_path, {name: text}))
    new = (tmp_path / name).read_text(encoding="utf-8")
    if reason:
        assert new == text
        assert reason in " ".join(each.reason for file in found.files for each in file.left)
    else:
        ast.parse(new)


def test_selected_rules_alone(tmp_path: Path) -> None:
    folder = tree(tmp_path, {"a.py": "import torch\ntorch.cuda.synchronize()\ntorch.cuda.device_count()\n"})
    repair(folder, select=("PC106",))
    assert (folder / "a.py").read_text(encoding="utf-8").count("torch.cuda") == 1


def test_auto_is_for_reports(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="auto"):
        fix([tmp_path], CACHELESS._replace(strategy="auto"))
