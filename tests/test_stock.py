"""The inventory: libraries, kernels and surroundings of a repository, as a lead hands them to a team."""

from __future__ import annotations

from pathlib import Path

import pytest

import portcheck
from portcheck import pack
from portcheck.config import Config
from portcheck.inventory import STATUSES, Inventory, KernelFile, Library, Place, Surrounding, together
from portcheck.model import Category

KERNEL = """
#include <cuda_runtime.h>
__global__ void roll_kernel(float* x, int n) {
  int i = threadIdx.x;
  x[i] = __shfl_xor_sync(0xffffffff, x[i], 1);
}
void run(float* x, int n) { roll_kernel<<<1, 32>>>(x, n); }
"""

REPOSITORY = {
    "setup.py": (
        "from setuptools import setup\n"
        "from torch.utils.cpp_extension import BuildExtension, CUDAExtension\n"
        "setup(name='roll', install_requires=['flash-attn>=2.5', 'xformers'], cmdclass={'build_ext': BuildExtension},\n"
        "      ext_modules=[CUDAExtension('roll_cuda', ['ops/src/roll.cpp', 'ops/src/roll_kernel.cu'])])\n"
    ),
    "requirements.txt": "torch==2.1.0\ndeepspeed\nfaiss-gpu==1.7.2\n",
    "ops/roll.py": (
        "try:\n    import roll_cuda\nexcept ImportError:\n    roll_cuda = None\n\n"
        "def roll_reference(x):\n    return x.roll(1)\n\n"
        "def roll(x):\n    return roll_cuda.run(x) if roll_cuda else roll_reference(x)\n"
    ),
    "ops/src/roll_kernel.cu": KERNEL,
    "ops/src/helper.h": "#pragma once\nbool on_gpu(at::Tensor x) { return x.is_cuda(); }\n",
    "train.py": (
        "import faiss\nimport flash_attn\nimport minkowski\nfrom flash_attn import flash_attn_func\n"
        "try:\n    import xformers\nexcept ImportError:\n    xformers = None\nindex = faiss.StandardGpuResources()\n"
    ),
    "kernels/add.py": (
        "import triton\nimport triton.language as tl\n\n@triton.jit\ndef add(x, y, n):\n"
        "    tl.atomic_add(x, tl.load(y))\n\ndef run(x, y):\n    add[(1,)](x, y, 1)\n"
    ),
    "use.py": "from kernels.add import run\n",
    "Dockerfile": "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN pip install flash-attn==2.6.3\n",
    "run.sh": "#!/bin/sh\nCUDA_VISIBLE_DEVICES=0 nvidia-smi\n",
    "clean.sh": "#!/bin/sh\nrm -r build\n",
    ".github/workflows/test.yml": "jobs:\n  test:\n    container:\n      image: nvidia/cuda:12.4.1-devel-ubuntu22.04\n",
}


def inventory(root: Path, files: dict[str, str], **options: object) -> Inventory:
    """Return the inventory of a repository made of these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = portcheck.scan([root], Config(cache=False, **options)).inventory  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    return inventory(tmp_path_factory.mktemp("repository"), REPOSITORY)


def library(found: Inventory, name: str) -> Library:
    (row,) = [row for row in found.libraries if row.name == name]
    return row


def test_a_library_is_one_row_however_it_is_asked_for(found: Inventory) -> None:
    row = library(found, "flash_attn")
    assert row.status == "replaced" and row.work == "rewrite"
    assert "npu_fusion_attention" in row.advice
    assert row.asked == ("==2.6.3", ">=2.5")
    assert row.required == (Place("Dockerfile", 2), Place("setup.py", 3))
    assert Place("train.py", 2) in row.used and Place("train.py", 4) in row.used
    assert not row.optional
    assert row.rules == ("PC600",) and row.evidence


def test_a_distribution_brings_the_module_that_its_name_begins_with(found: Inventory) -> None:
    row = library(found, "faiss")
    assert row.required == (Place("requirements.txt", 3),) and row.used
    assert not any(row.name == "faiss-gpu" for row in found.libraries)


def test_what_may_fail_to_import_is_optional_unless_an_installation_needs_it(tmp_path: Path, found: Inventory) -> None:
    assert not library(found, "xformers").optional
    alone = inventory(tmp_path, {"train.py": REPOSITORY["train.py"]})
    assert library(alone, "xformers").optional and not library(alone, "flash_attn").optional


def test_pytorch_itself_and_compiled_modules_are_no_libraries(found: Inventory) -> None:
    assert {row.name for row in found.libraries}.isdisjoint({"torch", "roll_cuda", "roll-cuda"})


def test_what_runs_as_it_is_comes_last(found: Inventory) -> None:
    assert found.libraries[-1].name == "deepspeed"
    assert found.libraries[-1].status == "native"


def test_a_library_in_parts_has_the_advice_for_the_part(tmp_path: Path) -> None:
    found = inventory(tmp_path, {"model.py": "import dropout_layer_norm\ndropout_layer_norm.dropout_add_ln_fwd(x)\n"})
    assert "npu_rms_norm" in library(found, "dropout_layer_norm").advice


def test_of_a_library_for_every_device_the_part_is_named_that_is_not(tmp_path: Path) -> None:
    code = "import transformers\nmodel = transformers.BitsAndBytesConfig(load_in_4bit=True)\n"
    (row,) = inventory(tmp_path, {"model.py": code}).libraries
    assert (row.name, len(row.used)) == ("transformers.BitsAndBytesConfig", 1)


def test_a_version_that_is_filled_in_when_it_runs_is_not_shown(tmp_path: Path) -> None:
    step = "jobs:\n  a:\n    steps:\n      - run: pip install xformers==${{ inputs.version }}\n"
    (row,) = inventory(tmp_path, {".github/workflows/a.yml": step}).libraries
    assert (row.name, row.asked) == ("xformers", ())


def test_a_library_has_the_advice_for_itself_before_that_for_its_wheels(tmp_path: Path) -> None:
    wheel = "https://example.org/flash_attn-2.7.4+cu12torch2.6cxx11abiTRUE-cp312-cp312-linux_x86_64.whl"
    files = {"requirements.txt": f"{wheel}\n", "Dockerfile": "FROM x\nRUN pip install flash-attn\n"}
    found = inventory(tmp_path, files)
    assert library(found, "flash-attn").advice == "leave it out on an NPU: it does not build there"


def test_the_project_is_no_library_of_its_own(tmp_path: Path) -> None:
    files = {"detectron2/__init__.py": "", "projects/requirements.txt": "detectron2\n"}
    assert inventory(tmp_path, files).libraries == ()


def test_every_library_that_can_be_required_says_how_it_stands() -> None:
    known = pack.load()
    asked = {
        rule.id
        for rule in known.rules
        if rule.category in (Category.LIBRARY, Category.OTHER_FRAMEWORK)
        and any(matcher.kind == "dependency" for matcher in rule.matchers)
    }
    silent = [verdict.rule for verdict in known.verdicts if verdict.rule in asked and verdict.status not in STATUSES]
    assert len(asked) > 60 and silent == []


def test_a_library_says_from_which_version_on_it_runs(tmp_path: Path) -> None:
    row = library(inventory(tmp_path, {"requirements.txt": "gptqmodel>=5\n"}), "gptqmodel")
    assert (row.status, row.since, row.asked) == ("native", "7.0.0", (">=5",))


def kernel(found: Inventory, path: str) -> KernelFile:
    (row,) = [row for row in found.kernels if row.place.path == path]
    return row


def test_a_kernel_file_says_its_size_and_what_makes_it_hard(found: Inventory) -> None:
    row = kernel(found, "ops/src/roll_kernel.cu")
    assert (row.language, row.kernels, row.launches, row.lines) == ("cuda", 1, 1, 5)
    assert row.difficulty == "hard" and row.marks[0] == "warp-shuffle"


def test_a_kernel_is_tied_to_who_builds_and_loads_it_and_to_what_does_without(found: Inventory) -> None:
    row = kernel(found, "ops/src/roll_kernel.cu")
    assert row.built == (Place("setup.py", 4),)
    assert row.loaded == (Place("ops/roll.py", 2),)
    assert (row.fallback, row.fallback_at) == ("roll_reference", Place("ops/roll.py", 6))


def test_triton_kernels_are_of_the_file_and_loaded_by_those_who_import_it(found: Inventory) -> None:
    row = kernel(found, "kernels/add.py")
    assert (row.language, row.kernels, row.launches, row.lines) == ("triton", 1, 1, 2)
    assert row.difficulty == "medium" and row.marks == ("atomics",)
    assert row.loaded == (Place("use.py", 1),)
    assert row.fallback == "" and row.fallback_at is None


def test_a_module_whose_name_is_of_something_else_loads_no_kernel(tmp_path: Path) -> None:
    files = {
        "setup.py": 'CUDAExtension("pkg.roll_cuda", ["pkg/src/roll.cu"])\nCUDAExtension("pkg.sort_cuda", SOURCES)\n',
        "pkg/ops.py": "from . import roll_cuda\n\nfrom . import sort_cuda\n",
        "pkg/src/roll.cu": KERNEL,
        "pkg/src/sort.cu": KERNEL,
        "pkg/src/scan.cu": KERNEL,
    }
    files["setup.py"] = f"from torch.utils.cpp_extension import CUDAExtension\n{files['setup.py']}"
    rows = {row.place.path: row.loaded for row in inventory(tmp_path, files).kernels}
    assert rows["pkg/src/roll.cu"] == (Place("pkg/ops.py", 1),)
    assert rows["pkg/src/sort.cu"] == (Place("pkg/ops.py", 3),)
    assert rows["pkg/src/scan.cu"] == ()


def test_kernels_in_cute_are_counted_without_their_helpers_and_lines_once(tmp_path: Path) -> None:
    code = (
        "import cutlass.cute as cute\n\n@cute.jit\ndef run(x):\n    @cute.kernel\n    def double(y):\n"
        "        y[0] = cute.arch.warp_reduction_sum(y[0])\n    double(x).launch()\n"
    )
    (row,) = inventory(tmp_path, {"double.py": code}).kernels
    assert (row.language, row.kernels, row.lines, row.difficulty) == ("cute", 1, 5, "hard")


def test_kernels_for_another_device_are_nobodys_work(tmp_path: Path) -> None:
    rows = inventory(tmp_path, {"csrc/rocm/roll.cu": KERNEL, "csrc/rocm_and_cuda/roll.cu": KERNEL}).kernels
    assert [row.place.path for row in rows] == ["csrc/rocm_and_cuda/roll.cu"]


def test_a_header_that_only_asks_for_the_device_holds_no_kernel(found: Inventory) -> None:
    assert [row.place.path for row in found.kernels] == ["ops/src/roll_kernel.cu", "kernels/add.py"]


def test_sources_by_pattern_belong_to_the_nearest_build_file_above(tmp_path: Path) -> None:
    setup = "import glob\nfrom torch.utils.cpp_extension import CUDAExtension\n"
    setup += "E = CUDAExtension('a', glob.glob('*/*.cu'))\n"
    plain = "__global__ void f(float* x) { x[0] = 1; }\n"
    files = {"setup.py": setup, "a/csrc/f.cu": plain, "b/setup.py": setup, "b/csrc/f.cu": plain, "b/csrc/f_cpu.cpp": ""}
    found = inventory(tmp_path, files)
    assert kernel(found, "a/csrc/f.cu").built == (Place("setup.py", 3),)
    row = kernel(found, "b/csrc/f.cu")
    assert row.built == (Place("b/setup.py", 3),)
    assert row.difficulty == "easy" and row.marks == ()
    assert (row.fallback, row.fallback_at) == ("C++ for the CPU", Place("b/csrc/f_cpu.cpp", 1))


def test_a_source_without_device_code_is_code_for_the_host_however_long_it_is(tmp_path: Path) -> None:
    text = "int f(int x, cudaStream_t s) {\n" + "  x += 1;\n" * 900 + "  return x;\n}\n"
    row = kernel(inventory(tmp_path, {"csrc/op.cu": text}), "csrc/op.cu")
    assert (row.language, row.kernels, row.difficulty, row.lines) == ("host", 0, "easy", 903)


def test_a_source_that_is_built_where_it_lies_is_not_loaded_from_afar(tmp_path: Path) -> None:
    files = {
        "model/wkv/wkv.cu": "__global__ void f(float* x) { x[0] = 1; }\n",
        "model/wkv/wkv.py": "from torch.utils.cpp_extension import load\nop = load('wkv', sources=['wkv.cu'])\n",
        "model/rope.py": "import fused_rope_cuda\n",
    }
    row = kernel(inventory(tmp_path, files), "model/wkv/wkv.cu")
    assert (row.built, row.loaded) == ((Place("model/wkv/wkv.py", 2),), ())


def test_a_version_that_a_variable_holds_is_not_shown(tmp_path: Path) -> None:
    files = {"run.sh": "pip install flash-attn==$V\npip install flash-attn==2.5.6\n"}
    (library,) = inventory(tmp_path, files).libraries
    assert (library.name, library.asked) == ("flash-attn", ("==2.5.6",))


def test_a_kernel_that_is_on_the_target_already_says_where(tmp_path: Path) -> None:
    plain = "__global__ void f(float* x) { x[0] = 1; }\n"
    ported = "#include <torch_npu/csrc/framework/utils/OpAdapter.h>\n"
    kernels = (
        "csrc/cuda/nms_rotated_cuda.cu",
        "csrc/cuda/roll_kernel.cuh",
        "csrc/cuda/nms_cuda.cu",
        "csrc/cuda/utils.cuh",
    )
    there = ("csrc/npu/nms_rotated_npu.cpp", "ops/roll_npu.py", "csrc/npu/utils.cpp", "csrc/cpu/nms.cpp")
    found = inventory(tmp_path, {**dict.fromkeys(kernels, plain), **dict.fromkeys(there, ported)})
    assert kernel(found, "csrc/cuda/nms_rotated_cuda.cu").there == Place("csrc/npu/nms_rotated_npu.cpp", 1)
    assert kernel(found, "csrc/cuda/roll_kernel.cuh").there == Place("ops/roll_npu.py", 1)
    assert kernel(found, "csrc/cuda/nms_cuda.cu").there is None
    assert kernel(found, "csrc/cuda/utils.cuh").there is None


def test_size_alone_makes_a_kernel_hard(tmp_path: Path) -> None:
    body = "".join(f"  x[{number}] = {number};\n" for number in range(500))
    files = {
        "large.cu": f"__global__ void f(float* x) {{\n{body}}}\n",
        "middling.cu": f"__global__ void f(float* x) {{\n{body[:2000]}}}\n",
    }
    found = inventory(tmp_path, files)
    assert [(row.place.path, row.difficulty) for row in found.kernels] == [
        ("large.cu", "hard"),
        ("middling.cu", "medium"),
    ]


def test_code_for_the_host_is_as_hard_as_what_it_calls(tmp_path: Path) -> None:
    body = "".join(f"  x[{number}] = {number};\n" for number in range(500))
    text = f"void f(cublasHandle_t handle, float* x) {{\n{body}  cublasSgemm(handle, x);\n}}\n"
    (row,) = inventory(tmp_path, {"host.cc": text}).kernels
    assert (row.language, row.difficulty, row.kernels) == ("host", "medium", 0)


def test_cuda_in_a_string_is_a_kernel_at_its_line(tmp_path: Path) -> None:
    text = "import cupy\n\nSOURCE = '''\n__global__ void f(float* x) {\n  x[0] = 1;\n}\n'''\n"
    text += "f = cupy.RawKernel(SOURCE, 'f')\n"
    (row,) = inventory(tmp_path, {"inline.py": text}).kernels
    assert (row.place.path, row.language, row.kernels) == ("inline.py", "cuda", 1)


def surrounding(found: Inventory, name: str) -> Surrounding:
    (row,) = [row for row in found.surroundings if row.name == name]
    return row


def test_an_image_is_one_row_wherever_it_is_named(found: Inventory) -> None:
    row = surrounding(found, "nvidia/cuda:12.4.1-devel-ubuntu22.04")
    assert row.sort == "image" and row.changes == 2
    assert row.places == (Place(".github/workflows/test.yml", 4), Place("Dockerfile", 1))
    assert "quay.io/ascend" in row.advice


def test_files_around_the_programs_are_told_by_what_they_are_for(found: Inventory) -> None:
    sorts = {row.name: row.sort for row in found.surroundings if row.sort != "image"}
    assert sorts == {"Dockerfile": "container", ".github/workflows/test.yml": "ci", "run.sh": "script"}
    row = surrounding(found, "run.sh")
    assert row.changes == 2 and set(row.subjects) == {"CUDA_VISIBLE_DEVICES", "nvidia-smi"}


def test_what_is_remembered_gives_the_same_inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTCHECK_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "repository"
    cold = inventory(root, REPOSITORY)
    remembered = [portcheck.scan([root]).inventory for _ in range(3)]
    assert remembered == [cold] * 3


def test_the_wheels_of_a_toolkit_are_shown_as_one(tmp_path: Path) -> None:
    wheels = [f"nvidia-{part}-cu12==12.{number}" for number, part in enumerate(("cublas", "cudnn", "nccl", "nvtx"))]
    (tmp_path / "requirements.txt").write_text("\n".join([*wheels, "xformers"]), encoding="utf-8")
    (tmp_path / "a.py").write_text("import xformers.ops\n", encoding="utf-8")
    report = portcheck.scan([tmp_path])
    assert report.inventory is not None
    every, shown = report.inventory.libraries, together(report.inventory.libraries)
    assert len(every) == len(wheels) + 1
    assert [(row.name, len(row.required)) for row in shown] == [
        ("xformers", 1),
        ("nvidia-cublas-cu12 and 3 like it", 4),
    ]
