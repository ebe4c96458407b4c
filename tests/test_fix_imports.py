"""What fixed files import: the helper and the library of the target, where a person would put them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fixing import after, repair, tree


def test_an_import_goes_where_the_file_sorts_it(tmp_path: Path) -> None:
    text = "import torch\nfrom pkg.a import x\nfrom pkg.b import y\n\nx.cuda()\n"
    repair(tree(tmp_path, {"train.py": text, "pkg/__init__.py": "", "pkg/a.py": "", "pkg/b.py": ""}))
    wanted = "from pkg.a import x\nfrom pkg.accelerator import DEVICE_TYPE\nfrom pkg.b import y\n"
    assert wanted in (tmp_path / "train.py").read_text(encoding="utf-8")


def test_one_helper_serves_a_package_its_scripts_and_its_tests(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/a.py": "import torch\nx.cuda()\n",
        "pkg/deep/__init__.py": "",
        "pkg/deep/b.py": "import torch\nfrom pkg import a\nx.cuda()\n",
        "tests/test_a.py": "import torch\nfrom pkg.a import x\nx.cuda()\n",
        "train.py": "import torch\nimport pkg.a\nx.cuda()\n",
    }
    found = repair(tree(tmp_path, files))
    assert [each.path for each in found.made] == ["pkg/accelerator.py"]
    for name in ("pkg/a.py", "pkg/deep/b.py", "tests/test_a.py", "train.py"):
        assert "from pkg.accelerator import DEVICE_TYPE" in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "path", "module"),
    [
        ({"main.py": "from ldm.a.b import x\n", "ldm/a/__init__.py": "", "ldm/a/b.py": ""}, "ldm/a/b.py", "ldm."),
        ({"main.py": "import sdf.utils\n", "sdf/utils.py": ""}, "sdf/utils.py", "sdf."),
        ({"src/p/__init__.py": "", "src/p/q/r.py": "", "src/p/s.py": "import p.q.r\n"}, "src/p/q/r.py", "p."),
        ({"nerf/gui.py": ""}, "nerf/gui.py", ""),
    ],
    ids=["package inside a folder of modules", "folder of modules", "folder in a package", "script"],
)
def test_the_helper_is_imported_as_the_file_itself_is(
    tmp_path: Path, files: dict[str, str], path: str, module: str
) -> None:
    repair(tree(tmp_path, {**files, path: "import torch\n\nx.cuda()\n"}))
    assert f"from {module}accelerator import" in (tmp_path / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (
            "import os\nimport torch\nfrom torch import nn\n",
            "import os\nimport torch\nimport torch_npu\nfrom torch import nn\n",
        ),
        (
            "import torch\nimport torch.nn as nn\nfrom torch.cuda.amp import GradScaler\n",
            "import torch\nimport torch.nn as nn\nimport torch_npu\nfrom torch.npu.amp import GradScaler\n",
        ),
        (
            "import torch\n\nprint(1)\nimport torch.nn\n",
            "import torch\nimport torch_npu\n\nprint(1)\nimport torch.nn\n",
        ),
        (
            "import json\nimport os\n\nfrom lib import x\n",
            "import json\nimport os\n\nimport torch_npu\nfrom lib import x\n",
        ),
    ],
)
def test_the_library_of_the_target_comes_where_a_person_puts_it(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, f"{before}\nif __name__ == '__main__':\n    x.to('cuda')\n", "npu").startswith(expected)


def test_another_name_for_a_module_stays(tmp_path: Path) -> None:
    text = "import torch.distributed as dist\n\nok = dist.get_backend() == dist.Backend.NCCL\n"
    assert "== dist.Backend.HCCL" in after(tmp_path, text, "npu")
    lines = after(tmp_path / "t", "import torch as t\n\nt.cuda.empty_cache()\n", "npu").splitlines()
    assert lines == ["import torch as t", "import torch_npu", "", "t.npu.empty_cache()"]


def test_what_needs_pytorch_is_tried_with_it(tmp_path: Path) -> None:
    text = "try:\n    import torch\n    import other\nexcept ImportError:\n    torch = None\nif torch:\n    x.cuda()\n"
    made = "try:\n    import torch\n    from accelerator import DEVICE_TYPE\n    import other\nexcept ImportError:\n"
    assert after(tmp_path, text).startswith(made)


def test_an_import_comes_before_what_needs_it_as_soon_as_the_module_runs(tmp_path: Path) -> None:
    text = """\
import os
import torch

os.environ["A"] = "1"
model = torch.ones(1).cuda()

# when all is set up
from pkg.core import run


def later(device="cuda"):
    return run(device)
"""
    folder = tree(tmp_path, {"pkg/__init__.py": "", "pkg/core.py": "def run(x):\n    return x\n", "a.py": text})
    repair(folder)
    new = (folder / "a.py").read_text(encoding="utf-8").splitlines()
    [place] = [at for at, line in enumerate(new) if line.startswith("from pkg.accelerator import DEVICE_TYPE")]
    assert new[:place] == ["import os", "import torch"] and "model = torch.ones(1).to(DEVICE_TYPE)" in new[place:]


def test_an_import_stays_behind_a_set_up_where_only_functions_need_it(tmp_path: Path) -> None:
    text = """\
import sys


def late():
    return torch.ones(1).cuda()


sys.path.insert(0, "lib")
import torch
from pkg.core import run

run(late, device="cuda")
"""
    folder = tree(tmp_path, {"pkg/__init__.py": "", "pkg/core.py": "def run(x):\n    return x\n", "a.py": text})
    repair(folder)
    new = (folder / "a.py").read_text(encoding="utf-8")
    assert "import torch\nfrom pkg.accelerator import DEVICE_TYPE\nfrom pkg.core import run\n" in new


def test_a_notebook_imports_before_the_first_cell_that_needs_it(tmp_path: Path) -> None:
    cells = ["import torch\\nmodel = torch.ones(1).cuda()", "from pkg.core import run\\nrun(model.cuda())"]
    book = "".join(f'{{"cell_type": "code", "source": "{cell}", "metadata": {{}}}}, ' for cell in cells)[:-2]
    files = {"pkg/__init__.py": "", "pkg/core.py": "def run(x):\n    return x\n", "a.ipynb": f'{{"cells": [{book}]}}'}
    folder = tree(tmp_path, files)
    repair(folder)
    first = json.loads((folder / "a.ipynb").read_text(encoding="utf-8"))["cells"][0]["source"]
    assert first == "import torch\nfrom pkg.accelerator import DEVICE_TYPE\nmodel = torch.ones(1).to(DEVICE_TYPE)"


MOVE = "import torch\nx = torch.ones(1).cuda()\n"


@pytest.mark.parametrize(
    ("files", "helpers"),
    [
        pytest.param(
            {"diffusion/__init__.py": "", "models.py": "", "a.py": "import diffusion, models\n" + MOVE}
            | {"b.py": "import models, diffusion\n" + MOVE},
            {"accelerator.py"},
            id="programs that import modules beside them and a package",
        ),
        pytest.param(
            {
                "lib/__init__.py": "",
                "lib/core.py": MOVE,
                "train/__init__.py": "",
                "train/run.py": "from lib import core",
            }
            | {"train/loop.py": MOVE, "main.py": "import train.run, train.loop\n" + MOVE},
            {"lib/accelerator.py"},
            id="a package that imports another elsewhere",
        ),
        pytest.param(
            {"lib/__init__.py": "", "lib/core.py": MOVE, "lib/run.py": "import train.loop\n", "train/__init__.py": ""}
            | {"train/loop.py": MOVE, "train/late.py": "def late():\n    import lib.core\n"},
            {"lib/accelerator.py", "train/accelerator.py"},
            id="packages that import each other",
        ),
        pytest.param(
            {"model/__init__.py": "", "model/net.py": MOVE, "tools/model.py": "", "tools/common.py": ""}
            | {"tools/a.py": "import common\n" + MOVE},
            {"model/accelerator.py", "tools/accelerator.py"},
            id="a folder with a module of the package's name",
        ),
    ],
)
def test_as_few_helpers_are_made_as_can_be_imported(tmp_path: Path, files: dict[str, str], helpers: set[str]) -> None:
    assert {made.path for made in repair(tree(tmp_path, files)).made} == helpers
