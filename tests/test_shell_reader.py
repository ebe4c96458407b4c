"""Scripts, makefiles and Dockerfiles: commands, variables, installs, images, and text that is none of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck import pack
from portcheck.model import Status
from portcheck.sources.commandline import commands
from portcheck.sources.container import read_container
from portcheck.sources.shell import read_shell
from portcheck.sources.windows import as_shell

INTEREST = pack.load().interest


def in_shell(text: str) -> list[tuple[str, int]]:
    return [(fact.name, fact.span.line) for fact in read_shell(text.encode(), INTEREST).facts]


def in_image(text: str) -> list[tuple[str, int]]:
    return [(fact.name, fact.span.line) for fact in read_container(text.encode(), INTEREST).facts]


SAID = [
    ("export CUDA_VISIBLE_DEVICES=0,1\n", "CUDA_VISIBLE_DEVICES", 1),
    ("A=1 CUDA_VISIBLE_DEVICES='0' python a.py", "CUDA_VISIBLE_DEVICES", 1),
    ("env NCCL_DEBUG=INFO ./run.sh", "NCCL_DEBUG", 1),
    ("python a.py --n $CUDA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", 1),
    ("n=$(nvidia-smi -L | wc -l)\n", "nvidia-smi", 1),
    ("cd x && /usr/bin/nvidia-smi", "nvidia-smi", 1),
    ("if command -v nvcc; then\n  srun \\\n    nvcc --version\nfi", "nvcc", 1),
    ("if true; then\n  srun \\\n    nvcc --version\nfi", "nvcc", 3),
    ("pip install -q \\\n  'flash-attn>=2' \\\n  numpy", "flash-attn", 2),
    ("conda install -y cudatoolkit=11.8 -c nvidia", "cudatoolkit", 1),
    (
        "python -m pip install torch -f https://download.pytorch.org/whl/cu121",
        "https://download.pytorch.org/whl/cu121",
        1,
    ),
    ("#!/bin/sh\n#SBATCH --gres=gpu:4   # four\n", "--gres=gpu:4", 2),
    ("docker run --gpus all image", "--gpus", 1),
    ('sudo docker run \\\n  --env "CUDA_VISIBLE_DEVICES=0" image', "CUDA_VISIBLE_DEVICES", 2),
    ("git clone --depth 1 https://github.com/NVIDIA/apex.git && cd apex", "apex", 1),
    ("git clone git@github.com:Dao-AILab/flash-attention.git", "flash-attention", 1),
    ("images=(\n  'pytorch/pytorch:2.1.0-cuda12.1'\n)\n", "pytorch/pytorch:2.1.0-cuda12.1", 2),
    ('TAGS+=("nvcr.io/nvidia/pytorch:${TAG}")', "nvcr.io/nvidia/pytorch:${TAG}", 1),
    (': "${SMI:=nvidia-smi}"', "nvidia-smi", 1),
    ("IMAGE=${IMAGE:-nvidia/cuda:12.4.1-devel}", "nvidia/cuda:12.4.1-devel", 1),
    ("rm /etc/apt/sources.list.d/cuda.list", "/etc/apt/sources.list.d/cuda.list", 1),
    ("module load gcc/12 cuda/12.1", "cuda/12.1", 1),
    ("pip install flash_attn-2.7.4-cp310-cp310-linux_x86_64.whl", "flash-attn", 1),
    ("DEVICE=cuda\n", "cuda", 1),
    ("export BACKEND='nccl'\n", "nccl", 1),
    ("pip install -v --global-option='--cuda_ext' ./\n", "--global-option=--cuda_ext", 1),
    ("python a.py --device cuda:0", "cuda:0", 1),
    ("sudo ./cuda_12.4.1_550.54.15_linux.run --silent\n", "cuda_12.4.1_550.54.15_linux.run", 1),
    ("echo /usr/local/cuda/lib64 > /etc/ld.so.conf.d/cuda.conf\n", "/usr/local/cuda/lib64", 1),
    ('param($a)\nif ($env:CUDA_PATH -ne "") {\n}\n', "CUDA_PATH", 2),
    ('param($a)\n$x = "$a,cuda=$env:CUDA_PATH"\n', "CUDA_PATH", 2),
    ("INC ?= $(CUDA_HOME)/include\n", "CUDA_HOME", 1),
    ("all:\n\tg++ -I$(CUDA_HOME)/include a.cc\n", "CUDA_HOME", 2),
    (
        'param($a)\nInvoke-Pip torch --index-url "https://download.pytorch.org/whl/cu128"\n',
        "https://download.pytorch.org/whl/cu128",
        2,
    ),
    ("CUDA_VERSION := 11.7.1\n", "CUDA_VERSION", 1),
    ("BASE = nvidia/cuda:$(V)-devel\n", "nvidia/cuda:$(V)-devel", 1),
    ("NVCC?=nvcc\nNVCC=nvcc ./configure\n", "nvcc", 1),
    ("train: export CUDA_VISIBLE_DEVICES=0\ntrain: a.py ; nvidia-smi\n", "nvidia-smi", 2),
    ("train: export CUDA_VISIBLE_DEVICES=0\n", "CUDA_VISIBLE_DEVICES", 1),
    ("train:\n\t@CUDA_VISIBLE_DEVICES=0 python a.py\n", "CUDA_VISIBLE_DEVICES", 2),
    ("screen -S w -X stuff 'CUDA_VISIBLE_DEVICES=1 python a.py'", "CUDA_VISIBLE_DEVICES", 1),
    ('bash -c "nvidia-smi -L; \npip install flash-attn"', "flash-attn", 2),
    ("cmake -DWITH_CUDA=ON ..", "WITH_CUDA", 1),
    ("cmake \\\n  -D USE_CUDA:BOOL=1 ..", "USE_CUDA", 2),
    ("apt-get -y install cuda-toolkit-12-4", "cuda-toolkit-12-4", 1),
    ("pip --no-cache-dir install flash-attn", "flash-attn", 1),
    ("export A=$HOME:/usr/local/cuda-12.1/bin\n", "/usr/local/cuda-12.1/bin", 1),
    ('BASE="nvcr.io/nvidia/pytorch:24.02-py3"', "nvcr.io/nvidia/pytorch:24.02-py3", 1),
    ("docker run -v /a:/b pytorch/pytorch:2.1.0-cuda12.1 ls", "pytorch/pytorch:2.1.0-cuda12.1", 1),
    ("INDEX=https://download.pytorch.org/whl/cu121", "https://download.pytorch.org/whl/cu121", 1),
    ("wget https://host/a/flash_attn-2.7.4+cu12-cp311-cp311-linux_x86_64.whl", "flash-attn", 1),
    ("APEX=git+https://github.com/NVIDIA/apex.git@25.04", "apex", 1),
    ("cat <<'END' > job.sh\necho a\nnvidia-smi\nEND\n", "nvidia-smi", 3),
    ("cat > job <<END\n#!/bin/bash\nexport NCCL_DEBUG=INFO\nEND\n", "NCCL_DEBUG", 3),
    ("ssh host bash -s <<-END\n\tnvidia-smi\n\tEND\n", "nvidia-smi", 2),
    (
        "kubectl apply -f - <<EOF\napiVersion: v1\nspec:\n  image: nvidia/cuda:12.4.1-base\nEOF\n",
        "nvidia/cuda:12.4.1-base",
        4,
    ),
    (
        "a=$(( 1<<B ))\nkubectl apply -f - <<EOF\napiVersion: v1\nspec:\n  image: nvidia/cuda:12.4.1-base\nEOF\n",
        "nvidia/cuda:12.4.1-base",
        5,
    ),
    ("python3 - <<'END'\nimport torch\ntorch.cuda.init()\nEND\n", "torch.cuda.init", 3),
    ("if x; then\n\tpython -u <<-END\n\timport torch\n\ttorch.cuda.init()\n\tEND\nfi\n", "torch.cuda.init", 4),
    ("cat <<END > run.py\nimport torch\n\ntorch.cuda.init()\nEND\n", "torch.cuda.init", 4),
    ('cat > /a/ds.json <<END\n{\n"use_cuda": true}\nEND\n', "use_cuda=true", 3),
    ("tee -a conf.yaml <<END\ndevice: cuda\nEND\n", "device=cuda", 2),
    ("sudo tee conf.yaml <<END >/dev/null\ndevice: cuda\nEND\n", "device=cuda", 2),
    ("ln -s /usr/local/cuda-12.1 /opt/cuda", "/usr/local/cuda-12.1", 1),
    ('echo "pip install flash-attn" > setup.sh\n', "flash-attn", 1),
    ("ls\necho 'export PATH=/usr/local/cuda/bin:$PATH' >> ~/.bashrc\n", "/usr/local/cuda/bin", 2),
    ("echo export CUDA_VISIBLE_DEVICES=0 >> /etc/profile.d/gpu.sh\n", "CUDA_VISIBLE_DEVICES", 1),
    ("printf '#!/bin/sh\\nnvidia-smi\\nexec \"$@\"' > /run.sh\n", "nvidia-smi", 1),
    ('echo "NCCL_DEBUG=INFO" | sudo tee -a /etc/environment\n', "NCCL_DEBUG", 1),
    ("cat >> ~/.bashrc <<END\nexport NCCL_DEBUG=INFO\nEND\n", "NCCL_DEBUG", 2),
    ('cmd="NCCL_DEBUG=INFO python a.py"\n', "NCCL_DEBUG", 1),
    ("mpirun -n 8 -x NCCL_DEBUG=INFO python a.py", "NCCL_DEBUG", 1),
    ("if docker build --build-arg CUDA_VERSION=12.4 .; then x; fi", "CUDA_VERSION", 1),
    ("port=$(( (RANDOM<<15)|RANDOM ))\nnvidia-smi\n", "nvidia-smi", 2),
    ("export URL=https://github.com/Dao-AILab/flash-attention@0c0b\n", "flash-attention", 1),
    ("for v in cpu cu113; do x; done", "cu113", 1),
    ('echo "NCCL_DEBUG=$(date)" >> $GITHUB_ENV', "NCCL_DEBUG", 1),
    ('n["${i}"]=$((${n["${i}"]} + 1))\nexport NCCL_DEBUG="$x"\n', "NCCL_DEBUG", 2),
    ("eval.py --policy.device=cuda", "cuda", 1),
    ('ARGS="-DX=1 -DUSE_CUDA_TOOLKIT=TRUE"\n', "USE_CUDA_TOOLKIT", 1),
    ("python -c 'import torch; torch.cuda.synchronize()'", "torch.cuda.synchronize", 1),
    ('n=$(python3 -uc "\n  import torch\n  torch.cuda.init()\n")\n', "torch.cuda.init", 3),
    ("bash -c \"python -c 'import torch; torch.cuda.init()'\"", "torch.cuda.init", 1),
    ("conda create -y -n gpu python=3.10 cudatoolkit=11.8 -c conda-forge", "cudatoolkit", 1),
    ("conda install -y ninja -c nvidia/label/cuda-12.6", "channel:nvidia/label/cuda-12.6", 1),
    ("docker pull ${ORG}/serve:${VERSION}-gpu", "${ORG}/serve:${VERSION}-gpu", 1),
    ('echo "deb https://a.org /" > /etc/apt/sources.list.d/cuda.list', "/etc/apt/sources.list.d/cuda.list", 1),
    ("python -c $'import torch\\nx=torch.zeros(1);\\nx.to(\"cuda:0\")' &", "cuda:0", 1),
    ("$PY -m pip -V; $PYTHON -c 'import torch; torch.cuda.init()'", "torch.cuda.init", 1),
    ("python train.py --bf16 True --tf32 True", "--tf32", 1),
    ('args="$args \\\n  --gpus-per-node=1 --mem=0"\nsbatch $args a.sh\n', "--gpus-per-node=1", 2),
]


@pytest.mark.parametrize(("text", "name", "line"), SAID)
def test_what_scripts_say(text: str, name: str, line: int) -> None:
    assert (name, line) in in_shell(text)


@pytest.mark.parametrize(
    "text",
    [
        "# export CUDA_VISIBLE_DEVICES=0\n",
        "echo nvidia-smi\n",
        "pip uninstall -y apex flash_attn && apt-get remove cuda-toolkit-12-4\n",
        "cmake -DWITH_CUDA=OFF -D USE_CUDA=0 ..\n",
        "python a.py --prompt 'CUDA_VISIBLE_DEVICES=0 nvidia-smi'\n",
        "wget https://host/models/bert.tar.gz https://host/a/numpy-2.0-cp311-cp311-linux_x86_64.whl\n",
        "cp -v build/my-cuda/a:b /usr/local/lib\n",
        "./build-cuda.sh /data/nvidia/cuda\n",
        'echo "run with CUDA_VISIBLE_DEVICES=0 and nvcc"\n',
        "cat <<EOF\nexport CUDA_VISIBLE_DEVICES=0\nnvidia-smi\nEOF\nls\n",
        'echo "nvidia-smi" > found.txt; echo nvidia-smi run.sh; printf "nvcc\\n" | tee log\n',
        "ls /usr/local/cuda\n",
        ".PHONY: all nsys nvcc\nbuild-flash-attention: flash-attention cuda\n",
        "python train.py --config a.yaml <<END\nimport torch; torch.cuda.init()\ndevice: cuda\nEND\n",
        "kubectl apply -f a.yaml <<END\ndevice: cuda\nEND\n",
        "cat > notes.md <<END\ntorch.cuda.init()\ndevice: cuda\nEND\n",
        "grep -r cuda .\n",
        "git clone https://github.com/example/numpy && git submodule update --init\n",
        'echo "${SMI:=nvidia-smi}"\n',
        ': "the package links libcudart.so, which is not there"\n',
        "python a.py -c 'import torch; torch.cuda.init()'\n",
        "python -c 'print(\"torch.cuda\")'\n",
    ],
)
def test_text_is_no_command(text: str) -> None:
    assert in_shell(text) == []


def test_what_a_word_names_is_found_once() -> None:
    text = "export A=/usr/local/cuda/bin:$A\ncurl https://developer.download.nvidia.com/compute/a.pub\nls /opt/cuda\n"
    assert in_shell(text + "g++ -I/usr/local/cuda/include a.cc\n") == [
        ("/usr/local/cuda/bin", 1),
        ("https://developer.download.nvidia.com/compute/a.pub", 2),
        ("/usr/local/cuda/include", 4),
    ]


def test_reads_of_a_script_s_own_variable_are_no_places_of_their_own() -> None:
    text = 'CUDA_PKG_VERSION="12-9"\nx --a $CUDA_PKG_VERSION\nCUDA_VISIBLE_DEVICES=0\nx --a $CUDA_VISIBLE_DEVICES\n'
    assert in_shell(text) == [("CUDA_PKG_VERSION", 1), ("CUDA_VISIBLE_DEVICES", 3), ("CUDA_VISIBLE_DEVICES", 4)]
    assert in_shell("x --a $CUDA_PKG_VERSION\n") == [("CUDA_PKG_VERSION", 1)]


def test_code_on_a_command_line_stands_where_it_is_written() -> None:
    text = 'python -c "import torch; print(torch.zeros(1, device=\\"cuda\\"))"\n'
    (found,) = (fact for fact in read_shell(text.encode(), INTEREST).facts if fact.name == "cuda")
    assert text[found.span.column - 1 : found.span.end_column - 1] == '"cuda\\"'


def test_the_name_of_an_environment_is_no_library() -> None:
    assert in_shell("conda create -n xformers python=3.11") == [("python", 1)]


def test_definitions_of_apptainer() -> None:
    text = (
        "# why\nBootStrap: docker\nFrom: nvcr.io/nvidia/pytorch:24.02-py3\n\n%labels\n    nvcc yes\n"
        "%post\n    pip install flash-attn\n%environment\n    export NCCL_DEBUG=INFO\n"
    )
    assert in_image(text) == [
        ("nvcr.io/nvidia/pytorch:24.02-py3", 3),
        ("flash-attn", 8),
        ("NCCL_DEBUG", 10),
    ]
    assert in_image("LIBRARY nvcc\nEXPORTS\n  nvidia-smi @1\n") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM nvidia/cuda:12.1.0-devel-ubuntu22.04 AS b\nFROM b\n", [("nvidia/cuda:12.1.0-devel-ubuntu22.04", 1)]),
        ("ARG V=12.1\nFROM nvidia/cuda:${V}-base\n", [("nvidia/cuda:12.1-base", 2)]),
        ("ARG B=nvidia/cuda:12\nFROM --platform=linux/amd64 $B\n", [("nvidia/cuda:12", 2)]),
        ("ARG T=12\nFROM ${B:-nvidia/cuda:${T}-base}\n", [("nvidia/cuda:12-base", 2)]),
        ("ARG T=12\nARG B=nvidia/cuda:$T\nFROM $B\n", [("nvidia/cuda:12", 3)]),
        ("ARG B=nvidia/cuda:${C}${C}\nARG C=${C}${C}\nFROM python:3\n", []),
        ("FROM python:3\nENV A=1 \\\n    NCCL_DEBUG=INFO\n", [("NCCL_DEBUG", 3)]),
        ("FROM python:3\nENV NCCL_DEBUG INFO\n", [("NCCL_DEBUG", 2)]),
        ("FROM python:3\nARG CUDA_VERSION\n", [("CUDA_VERSION", 2)]),
        (
            'FROM python:3\nENV A="/usr/local/cuda/bin:$PATH" \\\n    B=/usr/local/cuda/lib64\n',
            [("/usr/local/cuda/bin", 2), ("/usr/local/cuda/lib64", 3)],
        ),
        ("ARG I=https://download.pytorch.org/whl/cu121\n\nFROM a\n", [("https://download.pytorch.org/whl/cu121", 1)]),
        ("FROM python:3\nRUN python -m pip install gpustat\n", [("gpustat", 2)]),
        ("FROM python:3\nRUN apt-get update && \\\n    # why\n    nvcc --version\n", [("nvcc", 4)]),
        ("FROM python:3\nRUN pip install --no-cache-dir flash-attn\n", [("flash-attn", 2)]),
        ("FROM python:3\nRUN <<EOF\nnvidia-smi\nEOF\nRUN nvcc\n", [("nvidia-smi", 3), ("nvcc", 5)]),
        ('FROM a\nENV A=1 \\\n  PATH="$CUDA_HOME/bin:$PATH"\n', [("CUDA_HOME", 3)]),
        (
            "FROM a\nRUN --mount=type=cache,target=/c \\\n  --network=none \\\n  FORCE_CUDA=1 make\n",
            [("FORCE_CUDA", 4)],
        ),
        ("FROM python:3\nRUN ls && \\\n  echo 'nvidia-smi' >> ~/.bashrc\n", [("nvidia-smi", 3)]),
        ("# FROM nvidia/cuda\nFROM python:3\nRUN echo nvcc\n", []),
        ("FROM a AS b\nFROM c\nCOPY --from=b /x /y\nCOPY --from=nvidia/cuda:12 /x /y\n", [("nvidia/cuda:12", 4)]),
        ("FROM a\nCOPY --from=b /usr/local/cuda/lib64 \\\n    /lib\n", [("/usr/local/cuda/lib64", 2)]),
        ('FROM a\nCMD ["python", "a.py", "--device", "cuda"]\n', [("cuda", 2)]),
        ('FROM a\nENTRYPOINT ["bash", "-c", \\\n    "nvidia-smi && nvcc"]\n', [("nvidia-smi", 3), ("nvcc", 3)]),
    ],
)
def test_what_images_are_built_of(text: str, found: list[tuple[str, int]]) -> None:
    assert in_image(text) == found


def test_a_compose_file_is_read_as_settings() -> None:
    text = "services:\n  a:\n    image: nvidia/cuda:12.1.0-base\n    runtime: nvidia\n"
    assert [line for _, line in in_image(text)] == [3, 4]


def test_bytes_that_are_no_text() -> None:
    assert read_shell(b"\0\1\2" * 50, INTEREST).status is Status.UNREADABLE
    assert read_container(b"\0\1\2" * 50, INTEREST).status is Status.UNREADABLE
    assert read_shell(b"a" * (5 << 20), INTEREST).status is Status.SKIPPED


@given(text=st.text(st.sampled_from("ab $(){}\"'\\\n\r\t#;|&<>=-@CUDA_VISIBLE"), max_size=200))
def test_any_script_is_read_within_its_text(text: str) -> None:
    for words in commands(text):
        for word in words:
            assert 0 <= word.start < word.end <= len(text)
    for fact in read_shell(text.encode(), INTEREST).facts:
        assert 1 <= fact.span.line <= text.replace("\r", "\n").count("\n") + 1
    read_container(b"FROM a\nRUN " + text.encode(), INTEREST)


BATCH = """\
@echo off
REM nvidia-smi, see CUDA_HOME
SET NCCL_DEBUG=INFO
set "CUDA_VISIBLE_DEVICES=%GPU%"
if "%CUDA_HOME%"=="" (
    echo Don't forget CUDA_HOME
)
call pip install torch ^
  flash-attn
C:\\tools\\nvidia-smi.exe -L
for /f %%i in ('nvidia-smi -L') do echo %%i
"""

POWERSHELL = """\
<# nvidia-smi #>
param([string]$Backend = "cuda")
$env:CUDA_VISIBLE_DEVICES = "0"
$src = "cuda"
Write-Host "nvidia-smi"
if ($x) { "nvcc" }
pip install torch `
  flash-attn
nvidia-smi -L
& "$env:CUDA_HOME\\bin\\nvcc.exe" --version
"""


def test_batch_scripts_of_windows() -> None:
    assert in_shell(BATCH) == [
        ("NCCL_DEBUG", 3),
        ("CUDA_VISIBLE_DEVICES", 4),
        ("CUDA_HOME", 5),
        ("torch", 8),
        ("flash-attn", 9),
        ("nvidia-smi", 10),
        ("nvidia-smi", 11),
    ]


def test_of_powershell_what_it_starts_and_sets() -> None:
    assert in_shell(POWERSHELL) == [
        ("CUDA_VISIBLE_DEVICES", 3),
        ("torch", 7),
        ("flash-attn", 8),
        ("nvidia-smi", 9),
        ("CUDA_HOME", 10),
    ]


@given(st.text(alphabet="%!\"'^`$\\\\/=<>#@ \n\tsetnvRMWrite-Host.exe:"))
def test_scripts_of_windows_keep_every_place(text: str) -> None:
    for head in ("@echo off\n", "$env:A = 1\n"):
        plain = as_shell(head + text)
        assert [len(line) for line in plain.split("\n")] == [len(line) for line in (head + text).split("\n")]
