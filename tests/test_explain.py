"""`portcheck explain`: whatever a user names is found as the thing it most likely is, or the nearest names are told."""

from __future__ import annotations

import re

import pytest

from portcheck import api, pack
from portcheck.aim import target_of
from portcheck.config import Config
from portcheck.errors import PackError, UsageError
from portcheck.explain import explain
from portcheck.model import Work
from portcheck.packtypes import Pack
from portcheck.report.explained import lines
from tests.commands import portcheck


@pytest.mark.parametrize(
    ("subject", "rule", "title"),
    [
        ("PC104", "PC104", "PC104 is-available"),
        ("pc104", "PC104", "PC104 is-available"),
        ("is-available", "PC104", "PC104 is-available"),
        ("torch.cuda.is_available", "PC104", "torch.cuda.is_available"),
        ("torch.cuda.graph", "PC303", "torch.cuda.graph"),
        ("CUDA_VISIBLE_DEVICES", "PC420", "CUDA_VISIBLE_DEVICES"),
        ("flash_attn", "PC600", "flash_attn"),
        ("flash-attn", "PC600", None),
        ("flash_attn.flash_attn_func", "PC600", "flash_attn.flash_attn_func"),
        ("nvidia-smi", "PC460", None),
        (".cuda", "PC121", ".cuda"),
        (".cuda()", "PC121", ".cuda()"),
        ('"cuda:0"', "PC130", '"cuda:0"'),
    ],
)
def test_a_subject_is_found(subject: str, rule: str, title: str | None) -> None:
    found = api.explained(subject)
    assert found.judged is not None
    assert found.judged.rule.id == rule
    assert title is None or found.subject.startswith(title)


def test_what_it_becomes_follows_the_name() -> None:
    found = api.explained("torch.cuda.synchronize").judged
    assert found is not None
    assert found.verdict.work is Work.RENAME
    assert found.styles.direct == "torch.npu.synchronize"
    assert found.styles.agnostic == "torch.accelerator.synchronize"


@pytest.mark.parametrize(
    ("subject", "near"),
    [
        ("torch.cuda.sinchronize_", "torch.cuda."),
        ("CUDA_VISIBLE_DEVICE", "CUDA_VISIBLE_DEVICES"),
        ("flash_atn", "flash_attn"),
    ],
)
def test_a_misspelt_subject_is_told_its_nearest(subject: str, near: str) -> None:
    try:
        found = api.explained(subject)
    except UsageError as error:
        assert near in str(error)
    else:
        assert found.judged is not None
        assert found.judged.verdict.work is Work.VERIFY


def test_a_name_that_only_a_whole_module_covers_is_doubted() -> None:
    text = explained("torch.cuda.set_devce")
    assert "knows this very name; did you mean torch.cuda.set_device" in text
    assert "torch.npu.set_devce (no public name of it with PyTorch 2.7.1)" in text
    assert "did you mean" not in explained("flash_attn.flash_attn_func")


def test_a_last_component_finds_the_whole_names() -> None:
    with pytest.raises(UsageError, match=r"did you mean 'torch\.autocast' or"):
        api.explained("autocast")


def test_other_things_of_the_same_spelling_are_told() -> None:
    assert "Also nccl, a package" in explained("nccl")
    assert '"nccl", a string (PC400 nccl-backend)' in explained("nccl")


@pytest.mark.parametrize(
    ("subject", "there", "absent"),
    [
        pytest.param("deepspeed", "Work none: works as it is", "needs a change all the same", id="nothing to do"),
        pytest.param("PC740", "Shim leaves such places as they are", "nothing is known", id="an operator"),
        pytest.param("PC780", "What is not on it", "Covers", id="a rule without patterns"),
        pytest.param("torch.optim.Adam", "may fall back to the CPU", "cpu fallback", id="a flag in words"),
        pytest.param("torch.nn.LSTM", "Kernel none of its own", "Limit built of", id="a kernel is no limit"),
        pytest.param("torch.optim.SGD", "optim.SGD(params", "", id="an example with the subject in it"),
    ],
)
def test_every_line_says_what_it_can_answer_for(subject: str, there: str, absent: str) -> None:
    text = explained(subject)
    assert there in text
    assert not absent or absent not in text


def test_an_api_that_no_rule_speaks_of_is_looked_up_in_the_tables() -> None:
    found = api.explained("torch.nn.functional.conv2d")
    assert found.judged is None
    text = "".join(lines(found, 100, False))
    assert "ACCORDING TO THE VENDOR'S TABLES" in text
    assert "Ascend/pytorch@" in text


def test_the_tables_stand_beside_the_verdict() -> None:
    found = api.explained("torch.cuda.synchronize")
    assert found.listed is not None
    assert {"a2", "a3", "950"} == set(found.listed.cards)
    assert all(row.support.value == "supported" for line in found.listed.rows for row in line[:1])


def test_nonsense_is_refused() -> None:
    with pytest.raises(UsageError, match="no rule speaks of 'zzz'"):
        api.explained("zzz")


def test_a_pack_out_of_step_with_its_tables_is_refused() -> None:
    known = pack.load("ascend")
    about = known.target._replace(versions=(*known.target.versions, "9.9.0"))
    newer = Pack(about, known.interest, known.digest, lambda: known.ruled)
    with pytest.raises(PackError, match=r"versions: 9\.9\.0 not in .*index\.json: out of step"):
        explain("torch.add", newer, target_of(known.target, Config()), ())


def test_an_unknown_card_is_refused() -> None:
    with pytest.raises(UsageError, match="a3"):
        api.explained("PC104", Config(hardware="a9"))


def test_the_text_holds_what_matters_and_fits() -> None:
    text = "".join(lines(api.explained("torch.cuda.is_available"), 80, False))
    for part in (
        "Work      rename",
        "torch.accelerator.is_available",
        "torch.npu.is_available",
        "BEFORE",
        "AFTER",
        "READ IN",
    ):
        assert part in text
    prose = text.split("BEFORE")[0]
    assert max(map(len, prose.splitlines())) <= 80


def test_hostile_subjects_are_escaped() -> None:
    result = portcheck("explain", "\x1b[31mtorch")
    assert result.code == 2
    assert "\x1b" not in result.err


def test_the_command_prints_it() -> None:
    result = portcheck("explain", "PC106")
    assert result.code == 0
    assert "torch.cuda.synchronize" in result.out


def explained(subject: str, torch: str = "") -> str:
    return " ".join("".join(lines(api.explained(subject, Config(torch=torch)), 100, False)).split())


def test_what_the_shim_does_stands_by_version() -> None:
    text = explained("torch.cuda.MemPoolContext")
    assert "2.7.1 to 2.12.0: torch.cuda.MemPoolContext is replaced: torch_npu.npu.MemPoolContext" in text
    assert "2.13.0: nothing is done to it" in text
    assert "torch_npu/contrib/transfer_to_npu.py:" in text


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("torch.jit.script", "torch.jit.script is disabled: returns what it is given, not compiled"),
        ("torch.cuda.nvtx", "torch.cuda.nvtx is not reached: still CUDA's"),
        (".cuda()", "torch.nn.Module.cuda is replaced: torch.nn.Module.npu"),
        ("torch.distributed.device_mesh.init_device_mesh", "has its arguments rewritten"),
    ],
)
def test_what_it_handles_cannot_reach_and_disables(subject: str, said: str) -> None:
    assert said in explained(subject)


def test_the_shim_of_the_chosen_version_decides() -> None:
    found = api.explained("torch.get_autocast_gpu_dtype", Config(torch="2.13.0")).judged
    assert found is not None
    assert found.shim == "handled: the name is redirected to its NPU form"


@pytest.mark.parametrize("subject", ["shim", "transfer_to_npu"])
def test_the_shim_as_a_whole(subject: str) -> None:
    text = explained(subject, torch="2.13.0")
    assert text.startswith("from torch_npu.contrib import transfer_to_npu 2.7.1 ")
    assert "DISABLED WITH PYTORCH 2.13.0" in text
    assert "torch.jit.script" in text.split("DISABLED")[1].split("UNREACHED")[0]
    assert "torch.device" in text.split("UNREACHED")[1]


def test_the_form_for_an_older_pytorch() -> None:
    text = explained("torch.cuda.memory_allocated")
    assert "Agnostic torch.accelerator.memory_allocated (PyTorch 2.9 and newer)" in text
    assert "Older torch.get_device_module().memory_allocated (before PyTorch 2.9)" in text


@pytest.mark.parametrize(
    ("rule", "direct", "agnostic"),
    [
        ("PC231", "torch.npu.<name>", "torch.get_device_module().<name>"),
        ("PC130", "npu[:index]", "DEVICE_TYPE[:index]"),
        ("PC131", "npu[:index]", '"cuda[:index]" or "npu[:index]"'),
    ],
)
def test_a_rule_as_a_whole_says_what_is_kept_of_a_place(rule: str, direct: str, agnostic: str) -> None:
    found = api.explained(rule).judged
    assert found is not None
    assert (found.styles.direct, found.styles.agnostic) == (direct, agnostic)


def test_no_rule_shows_a_template() -> None:
    known = pack.load("ascend")
    target = target_of(known.target, Config())
    for rule in known.rules:
        found = explain(rule.id, known, target, ()).judged
        assert found is not None
        assert not re.search(r"\{[a-z_]+\}", f"{found.styles.direct} {found.styles.agnostic} {found.styles.before}")
