"""Text around the Python without a word of interest is passed over quickly: that must not change what is found."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portcheck import pack
from portcheck.model import FileFacts
from portcheck.patterns import Globs, glob_pattern
from portcheck.sources import cuda
from portcheck.sources import settings as settings_reader
from portcheck.sources import shell as shell_reader
from portcheck.sources.container import read_container
from portcheck.sources.marks import marks_for
from portcheck.sources.settings import read_settings
from portcheck.sources.shell import read_shell

INTEREST = pack.load().interest
READERS = {"shell": read_shell, "container": read_container, "settings": read_settings}
EXAMPLES = [
    (each.kind, text) for each in pack.examples() for text in (each.bad, each.good) if text and each.kind in READERS
]
WORDED = st.sampled_from(
    """
    nvidia-smi nvcc CUDA_VISIBLE_DEVICES=0 NCCL_IB_DISABLE=1 export env echo git clone pip install add flash-attn torch
    https://github.com/NVIDIA/apex.git git@github.com:NVIDIA/apex --gpus all --gpus=2 device=cuda cuda:0 nccl
    --gres=gpu:4 nvidia/cuda:12.4.1-base docker run bash -c '"n=$(nvidia-smi -L)"' nv"cc" 'cu'124 $(nvcc) ${A:-nvcc}
    -e A=1 # \\ && ; | \n \n\t << EOF <<EOF EOF numpy a.py --backend gloo make cmake -DUSE_CUDA=ON /usr/local/cuda/bin
    libcudart.so cudnn ngpus=4 cuda_12.1.0_linux.run ${{matrix.cuda}} kubectl apply nvidia/cuda
    """.split(" ")  # noqa: SIM905 - as in a script, line ends among them
)
COMMANDS = st.lists(WORDED, max_size=25).map(" ".join)
STEPS = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n"
STEP = COMMANDS.map(lambda text: STEPS + "\n".join("          " + line for line in text.split("\n")))
TOKENS = st.sampled_from(
    """
    __global__ __device__ void f( ) { } <<<1,1>>> my_cuda( run_gpu (x) cuda_run( cudaMalloc( cudaStream_t #if #elif
    WITH_CUDA __CUDA_ARCH__ __NVCC__ USE_X_CUDA aCuda( myCUDAFunc at::cuda::x thrust::sort // /* */ "cuda" atomicAdd
    __shfl_sync wmma::x x__device__ gpu \n \n\n int x_cuda_y half2 __forceinline__ cu cuMemAlloc( nccl ncclReduce
    """.split(" ")  # noqa: SIM905 - as in a script, line ends among them
)
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def plainly(kind: str, text: str, patch: pytest.MonkeyPatch) -> FileFacts:
    """What is found when nothing is passed over."""
    with patch.context() as all_read:
        all_read.setattr(shell_reader, "may_hold", lambda text, interest: True)
        all_read.setattr(settings_reader, "_speaks", lambda text, interest: True)
        return READERS[kind](text.encode("utf-8", "surrogatepass"), INTEREST)


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_examples_of_rules_are_read_alike(kind: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert READERS[kind](text.encode(), INTEREST) == plainly(kind, text, monkeypatch)


@QUIET
@given(COMMANDS)
def test_commands_are_read_alike(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert read_shell(text.encode(), INTEREST) == plainly("shell", text, patch)
        built = f"FROM x\nRUN {text}"
        assert read_container(built.encode(), INTEREST) == plainly("container", built, patch)


@QUIET
@given(STEP)
def test_steps_are_read_alike(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        quick, full = read_settings(text.encode(), INTEREST), plainly("settings", text, patch)
        assert quick.facts == full.facts
        assert quick.traits == full.traits
        assert quick.lines == full.lines


@given(st.lists(TOKENS, max_size=40).map(" ".join))
def test_marks_of_cuda_are_found_alike(text: str) -> None:
    code, marks = cuda.scrub(text), marks_for(INTEREST)
    assert [found.span() for found in marks.words.finditer(code.text)] == [
        found.span() for found in marks.any_word.finditer(code.text)
    ]
    weak = [(found.group().strip(), found.start()) for found in marks.weak.finditer(code.text)]
    assert [(use.word, use.at) for use in cuda.belongings(code, marks) if not use.word.endswith(".h")] == weak


GLOBS = tuple(INTEREST.env_globs + INTEREST.string_globs + tuple(INTEREST.env))
PARTS = sorted({part for glob in GLOBS for part in re.split(r"[*?\[\]]", glob) if part})


@given(st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=3)), max_size=4).map("".join))
def test_globs_fit_one_by_one_what_they_fit_together(text: str) -> None:
    assert Globs(GLOBS).match(text) == (glob_pattern(GLOBS).match(text) is not None)
