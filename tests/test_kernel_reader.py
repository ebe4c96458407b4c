"""What the readers of CUDA sources, of kernels in Python and of CMake files find."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck.model import Certainty, Fact, FactKind, FileFacts, Status
from portcheck.sources.cmake import read_cmake
from portcheck.sources.kernel import MAX_SIZE, read_kernel
from portcheck.sources.python import read_python
from tests.interest import INTEREST

KNOWN = INTEREST._replace(
    others=(
        ("include", ("cuda_*.h", "cub/*")),
        ("setting", ("cmake.*=CUDA*", "cmake.set=CMAKE_CUDA_*", "cmake.*=*.cu")),
    )
)


def read(text: str) -> FileFacts:
    return read_kernel(text.encode("utf-8", "surrogatepass"), KNOWN)


def seen(facts: FileFacts) -> list[str]:
    return [f"{fact.span.line}:{fact.span.column} {fact.name}" for fact in facts.facts if fact.name != "source"]


def args(facts: FileFacts, name: str) -> dict[str, str]:
    return dict(next(fact for fact in facts.facts if fact.name == name).args)


FOUND = {
    "headers": (
        '#include <cuda_runtime.h>\n#  include "cub/cub.cuh" // why\n// #include <cuda_fp16.h>\n#include <vector>\n',
        ["1:11 cuda_runtime.h", "2:13 cub/cub.cuh"],
    ),
    "heads of kernels": (
        "template <class T>\n__global__ void a(T* x)\n{\n}\n__global__ void __launch_bounds__(32, 2) b() {}\n"
        'extern "C" __global__\nvoid c(int n) { if (n) {} }\n'
        "template <> __global__ void d<float, (3 > 2)>(float* x) {}\n",
        ["2:17 __global__ a", "5:42 __global__ b", "7:6 __global__ c", "8:29 __global__ d"],
    ),
    "declarations and instantiations": (
        "__global__ void a(int*);\ntemplate __global__ void a<4>(int*);\n",
        ["1:1 mark:device-code"],
    ),
    "branches and names of CUDA where there is nothing else": (
        "#ifdef WITH_CUDA\nvoid a_cuda(int x);\n#endif\n// b_cuda(1)\n",
        ["1:2 mark:cuda-branch", "2:6 mark:cuda-name"],
    ),
    "headers of CUDA code, and names in camel case": (
        '#include "a.cuh"\n#include "ops/cuda_utils.h"\nvoid runCUDAWrapper(int x);\n',
        ["1:11 mark:cuda-name"],
    ),
    "a call of CUDA says enough": ("#ifdef WITH_CUDA\nvoid f() { cudaFree(p); }\n#endif\n", ["2:12 mark:cuda-runtime"]),
    "launches": (
        "void f() {\n  a<<<1, 2>>>(x);\n  ns::b<T, (A > 2), C<4>><<<g, b>>>(x);\n  c<int> \\\n    <<<1, 1>>>(x);\n}\n",
        ["2:3 launch a", "3:7 launch b", "4:3 launch c"],
    ),
    "comments and strings": (
        '// __global__ void a() {}\n/* b<<<1,1>>>();\n__shfl_sync */\nconst char* s = "c<<<1>>>()"; char q = \'"\';\n'
        'auto r = R"x(__global__ void d() {} )" )x"; // cudaMalloc(\n',
        [],
    ),
    "marks, once each, with device code": (
        "__device__ void f() {\n  __shared__ float x[2];\n  __syncthreads();\n  atomicAdd(x, 1);\n"
        '  asm volatile("mma.sync.aligned;" ::);\n}\n',
        ["2:3 mark:shared-memory", "4:3 mark:atomics", "5:3 mark:inline-ptx", "5:17 mark:tensor-cores"],
    ),
    "marks of the host": (
        'void f(cudaStream_t s) { cublasSgemm(h); thrust::sort(a, b); asm("nop"); }\n',
        ["1:8 mark:cuda-runtime", "1:26 mark:cublas", "1:42 mark:thrust"],
    ),
    "nothing of CUDA": ("#include <vector>\nint shift(int a) { return a << 3; }\n", []),
    "code for Ascend": (
        '#include "kernel_operator.h"\nextern "C" __global__ __aicore__ void k(GM_ADDR x) {}\n'
        "void f() { k<<<8, nullptr, s>>>(x); }\n",
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND)
def test_sources(text: str, expected: list[str]) -> None:
    facts = read(text)
    assert (seen(facts), facts.status) == (expected, Status.READ)


def test_a_kernel_has_a_size_launches_and_marks() -> None:
    facts = read(
        "__global__ void a(float* x) {\n  // one\n  x[0] = __shfl_xor_sync(-1, x[0], 1);\n}\n"
        "__global__ void b() {\n}\nvoid f() { a<<<1,1>>>(x); a<<<2,2>>>(x); b<<<1,1>>>(); }\n"
    )
    assert args(facts, "__global__ a") == {"lines": "4", "launches": "2", "marks": "warp-shuffle"}
    assert args(facts, "__global__ b") == {"lines": "2", "launches": "1", "marks": ""}
    assert args(facts, "mark:warp-shuffle") == {"count": "1", "words": "__shfl_xor_sync"}
    assert args(facts, "source") == {
        "code": "6",
        "kernels": "2",
        "launches": "3",
        "device": "0",
        "marks": "warp-shuffle",
    }


def test_only_the_beginning_of_a_huge_file_is_read() -> None:
    facts = read("__global__ void a() {}\n" + " " * MAX_SIZE + "__global__ void b() {}\n")
    assert (seen(facts), facts.status) == (["1:17 __global__ a"], Status.PARTLY)
    assert "characters" in facts.reason


HOSTILE = [
    "/*",
    "//\\\n",
    'R"a(',
    '"',
    "'",
    "<<<",
    "a<<<",
    "__global__ void a(){",
    "__global__ ",
    "(",
    "{",
    "#include <",
]


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_hostile_sources_are_survived(text: str) -> None:
    assert read("cuda " + text * 20_000).status is Status.READ


@settings(max_examples=150)
@given(st.one_of(st.text(), st.text("{}()<>;\"'/*\\\n R_ab#,0")))
def test_any_source_is_read(text: str) -> None:
    for prefix in ("__global__ void a(", "cudaStream_t ", "asm(", "#include <cuda_"):
        facts = read(prefix + text + " __device__ ")
        assert all(1 <= fact.span.line <= facts.lines for fact in facts.facts)


PYTHON = '''
import triton
from numba import cuda

@triton.autotune(configs=[], key=[])
@triton.jit
def add(x, BLOCK: tl.constexpr):
    """A docstring: __global__ void no() {}"""
    tl.atomic_add(x, tl.dot(x, x))

@cuda.jit("void()")
def mul(x):
    pass

SOURCE = """
extern "C" __global__
void scale(float* x) {}
"""
add[(1,)](x)
mod.add[grid](x, num_warps=4)
mul[1, 2](x)
'''


def kernels(facts: FileFacts) -> list[Fact]:
    return [fact for fact in facts.facts if fact.kind is FactKind.KERNEL and fact.name != "source"]


def test_kernels_in_python() -> None:
    found = kernels(read_python(PYTHON.encode(), KNOWN))
    assert [(fact.span.line, fact.name, dict(fact.args)) for fact in found] == [
        (7, "@triton.jit add", {"lines": "3", "launches": "2", "marks": "atomics,dot"}),
        (12, "@cuda.jit mul", {"lines": "2", "launches": "1", "marks": ""}),
        (17, "__global__ scale", {"lines": "2", "launches": "0", "marks": ""}),
    ]
    assert [(fact.span.line, fact.span.end_line) for fact in found[:2]] == [(7, 9), (12, 13)]
    assert found[2].certainty is Certainty.INFERRED


TILES = """
import cuda.tile as ct
import cutlass
from cutlass import cute

class Product:
    @cutlass.cute.jit
    def __call__(self, a, stream):
        self.kernel(a).launch(grid=(1, 1, 1), block=(128, 1, 1), stream=stream)

    @cute.kernel
    def kernel(self, a):
        total = cute.arch.shuffle_sync_bfly(a[0], offset=1)
        cute.gemm(self.mma, total, a, a, total)

@ct.kernel
def add(a, b):
    ct.atomic_add(a, 0, ct.load(b, 0, 16))
"""


def test_kernels_in_the_tile_languages() -> None:
    found = kernels(read_python(TILES.encode(), KNOWN))
    assert [(fact.span.line, fact.name, dict(fact.args)["marks"]) for fact in found] == [
        (8, "@cute.jit __call__", ""),
        (12, "@cute.kernel kernel", "tensor-cores,warp-shuffle"),
        (17, "@ct.kernel add", "atomics"),
    ]
    elsewhere = TILES.replace("import cuda.tile as ct", "import cattle as ct")
    assert len(kernels(read_python(elsewhere.encode(), KNOWN))) == 2


CMAKE = {
    "arguments in any spelling": (
        'project(x LANGUAGES CXX CUDA)\nFIND_PACKAGE( CUDAToolkit\n  REQUIRED)\nset(CMAKE_CUDA_FLAGS "-O3 (a)")',
        ["1:25 cmake.project=CUDA", "2:15 cmake.find_package=CUDAToolkit", "4:5 cmake.set=CMAKE_CUDA_FLAGS"],
    ),
    "one place a line": (
        "add_library(a x.cu y.cu\n  z.cu)",
        ["1:15 cmake.add_library=x.cu", "2:3 cmake.add_library=z.cu"],
    ),
    "comments": (
        "# project(CUDA)\n#[[ project(CUDA)\n ]]\n#[=[ ]] project(CUDA) ]=]\nset(A #[[x]] CUDA # CUDA\n)",
        ["5:14 cmake.set=CUDA"],
    ),
    "conditions and nesting": ("if(A AND (B OR CUDA))\nendif()", ["1:16 cmake.if=CUDA"]),
}


@pytest.mark.parametrize(("text", "expected"), CMAKE.values(), ids=CMAKE)
def test_cmake(text: str, expected: list[str]) -> None:
    assert seen(read_cmake(text.encode(), KNOWN)) == expected


@settings(max_examples=100)
@given(st.text('()"\\#[]=\n aCUDA'))
def test_any_cmake_file_is_read(text: str) -> None:
    assert read_cmake(text.encode(), KNOWN).status is Status.READ
