"""What functions and classes do, and which device types are asked for: facts, and rules that speak of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portcheck.compiled import decode, encode
from portcheck.errors import PackError
from portcheck.interest import interest_of
from portcheck.match import Judge
from portcheck.model import Category, FactKind, FileFacts, Role, Target, Work
from portcheck.packfile import compile_pack
from portcheck.packtypes import Interest, Matcher, Pack, Rule, Ruled, Verdict
from portcheck.sources.prefilter import Prefilter
from portcheck.sources.python import may_hold_facts, read_python
from tests.packs import ABOUT, write_pack

MATCHERS = {
    "PC701": (Matcher("define", ("*RMSNorm*",), use="class", calls=("rsqrt",)),),
    "PC702": (Matcher("define", ("*",), use="function", calls=("softmax", "bmm|matmul|@")),),
    "PC703": (Matcher("define", ("apply_rotary*",)),),
    "PC704": (Matcher("branch", ("xpu", "mps")),),
    "PC705": (Matcher("method", ("masked_fill",), args=("float('-inf')", "-*.inf")),),
    "PC706": (Matcher("method", ("reshape",), receiver=("*.permute()",)),),
    "PC707": (Matcher("api", ("torch.full",), args=("-inf", "*.float64")),),
}


def judge() -> Judge:
    rules = tuple(
        Rule(identity, identity.lower(), Category.OP_SUPPORT, "Is slow", "Because.", (), matchers)
        for identity, matchers in MATCHERS.items()
    )
    verdicts = tuple(
        Verdict(rule.id, (), Work.VERIFY, "", "", "", "look", "unreached", None, "", ("somewhere",)) for rule in rules
    )
    interest = interest_of(rules, ("cuda", "npu", "xpu", "mps"), ("cuda",), Interest())
    pack = Pack(ABOUT, interest, "test", lambda: Ruled(rules, verdicts))
    return Judge(pack, Target("ascend", "2.7.1", "a2", "agnostic"))


JUDGE = judge()
INTEREST = JUDGE._pack.interest


def read(code: str) -> FileFacts:
    return read_python(code.encode(), INTEREST)


def found(code: str) -> list[tuple[str, int, int, str]]:
    findings = JUDGE.findings("a.py", Role.SOURCE, read(code))
    return [(f.rule, f.span.line, f.span.end_line, f.subject) for f in findings if f.work is not Work.NONE]


def test_a_definition_within_another_of_its_kind_is_the_same_place() -> None:
    nested = (
        "class apply_rotary_module:\n    def apply_rotary(self, x):\n        return x\n"
        "    def softmax_of(self, x):\n        return (x @ x).softmax(-1)\n"
        "def apply_rotary(x):\n    return x"
    )
    assert [(rule, line) for rule, line, _, _ in found(nested)] == [("PC703", 1), ("PC702", 4), ("PC703", 6)]


NORM = """
import torch
class LlamaRMSNorm(torch.nn.Module):
    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1))
"""
ATTENTION = """
import torch
def attend(q, k, v):
    def scores():
        return torch.bmm(q, k)
    return scores().softmax(-1)
"""
ROTARY = "def apply_rotary_pos_emb(q, k):\n    return q\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (NORM, [("PC701", 3, 5, "class LlamaRMSNorm")]),
        (NORM.replace("rsqrt", "sqrt"), []),
        (NORM.replace("LlamaRMSNorm", "Other"), []),
        (ATTENTION, [("PC702", 3, 6, "def attend")]),
        (ATTENTION.replace("bmm", "add"), []),
        (ATTENTION.replace("torch.bmm(q, k)", "q @ k"), [("PC702", 3, 6, "def attend")]),
        (ROTARY, [("PC703", 1, 2, "def apply_rotary_pos_emb")]),
        ("class apply_rotary_pos:\n    pass\n", [("PC703", 1, 2, "class apply_rotary_pos")]),
    ],
)
def test_a_definition_is_known_by_its_name_and_the_calls_inside(code: str, expected: list[Any]) -> None:
    assert found(code) == expected


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("if is_xpu_available():\n    a()\nelse:\n    b()\n", [1]),
        ("if not is_xpu_available():\n    a()\n", [1]),
        ("if flag and torch.xpu.is_available():\n    a()\n", [1]),
        ("size = 4096 if infer() == 'xpu' else 1\n", [1]),
        ("if torch.backends.mps.is_available():\n    a()\nelif torch.cuda.is_available():\n    b()\n", [1]),
        ("if is_npu_available():\n    a()\nelif is_xpu_available():\n    b()\n", []),
        ("if is_xpu_available() or is_npu_available():\n    a()\n", []),
        ("if is_xpu_available():\n    a()\nif is_npu_available():\n    b()\n", []),
        ("if is_cuda_available():\n    a()\n", []),
        ("print(is_xpu_available())\n", []),
        ("if text == 'the mps':\n    a()\n", []),
    ],
)
def test_a_test_for_a_device_counts_where_no_branch_for_the_target_is_beside_it(code: str, lines: list[int]) -> None:
    assert [line for rule, line, _, _ in found(code) if rule == "PC704"] == lines


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        ("x.masked_fill(m, float('-inf'))\n", ["PC705"]),
        ("x.masked_fill(m, value=-math.inf)\n", ["PC705"]),
        ("x.masked_fill(m, -1e4)\n", []),
        ("x.permute(0, 2, 1).reshape(2, 3)\n", ["PC706"]),
        ("x.reshape(2, 3)\n", []),
        ("import torch\ntorch.full((2,), 1.0, dtype=torch.float64)\n", ["PC707"]),
        ("import torch\ntorch.full((2,), 1.0)\n", []),
    ],
)
def test_receivers_and_arguments_narrow_a_rule(code: str, rules: list[str]) -> None:
    assert [rule for rule, _, _, _ in found(code)] == rules


@pytest.mark.parametrize(
    "code",
    [
        NORM,
        ATTENTION,
        ATTENTION.replace("torch.bmm(q, k)", "q @ k"),
        ROTARY,
        "if HAS_XPU:\n    a()\n",
        "y = x.masked_fill(m, -math.inf)\n",
        "x.permute(0).reshape(1)",
    ],
)
def test_the_prefilter_lets_such_files_through(code: str) -> None:
    assert may_hold_facts(code.encode(), INTEREST)


def test_a_word_of_a_group_is_not_found_inside_another() -> None:
    prefilter = Prefilter(((b"=layers", b"=fla"), (b"=xs", b"[0")))
    assert [prefilter.passes(data) for data in (b"flat layers", b"fla.layers", b"xs[0]", b"xs 0")] == [
        False,
        True,
        True,
        False,
    ]


def test_definitions_of_no_interest_yield_nothing() -> None:
    facts = read("import torch\ndef plain(x):\n    return x.masked_fill(m, 0)\n").facts
    assert [fact.kind for fact in facts if fact.kind is FactKind.DEFINITION] == []


@pytest.mark.parametrize(
    ("matcher", "complaint"),
    [
        ('define = ["*"]\ncalls = ["softmax"]', "too wide"),
        ('define = ["*Norm"]\nuse = "call"', "use"),
        ('api = ["torch.full"]\nreceiver = ["x"]', "receiver"),
    ],
)
def test_a_rule_that_asks_for_what_its_kind_does_not_know_is_refused(
    tmp_path: Path, matcher: str, complaint: str
) -> None:
    folder = write_pack(tmp_path, "cuda/topic.toml", 'env = ["CUDA_VISIBLE_DEVICES", "NCCL_*"]', matcher)
    with pytest.raises(PackError, match=complaint):
        compile_pack(folder, "ascend")


def test_a_compiled_pack_keeps_what_definitions_and_branches_are_known_by() -> None:
    packed = JUDGE._pack
    read = decode(encode(packed, "key"), "key", lambda: Ruled((), ()))
    assert (read.ruled, read.interest) == (packed.ruled, packed.interest)
