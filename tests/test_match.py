"""What a fact becomes: the most specific rule, its verdict on the target, and the words a user reads."""

from __future__ import annotations

from typing import Any

import pytest

from portcheck.match import Judge
from portcheck.model import (
    Category,
    Fact,
    FactKind,
    FileFacts,
    Finding,
    Link,
    Role,
    Safety,
    Span,
    Support,
    Target,
    Work,
)
from portcheck.pack import Interest, Matcher, Pack, Rule, Ruled, Verdict
from portcheck.support import SupportRow
from portcheck.wording import subject_of
from tests.packs import ABOUT

AGNOSTIC = Target("ascend", "2.7.1", "a2", "agnostic")
DIRECT = AGNOSTIC._replace(strategy="npu")
SPAN = Span(3, 5, 3, 9)


def rule(identity: str, *matchers: Matcher) -> Rule:
    return Rule(
        identity, f"name-{identity.lower()}", Category.DEVICE_API, "Is about a device", "Because.", (), matchers
    )


def verdict(identity: str, names: tuple[str, ...] = (), **fields: Any) -> Verdict:
    given: dict[str, Any] = {
        "work": Work.RENAME,
        "npu": "",
        "agnostic": "",
        "agnostic_since": "",
        "message": "",
        "shim": "redirected",
        "safety": Safety.SAFE,
        "safety_why": "",
        "evidence": ("somewhere",),
        **fields,
    }
    return Verdict(identity, names, **given)


RULES = (
    rule("PC101", Matcher("api", ("torch.cuda.set_device",))),
    rule("PC102", Matcher("api", ("torch.cuda.*",))),
    rule("PC103", Matcher("api", ("torch.cuda.amp.*",), kinds=("import",))),
    rule("PC104", Matcher("method", ("cuda",), use="call")),
    rule("PC105", Matcher("string", ("cuda", "cuda:*"), context=("argument", "compare"), not_at=("help",))),
    rule("PC106", Matcher("string", ("cuda",), context=("argument",), of=("torch.device",))),
    rule("PC107", Matcher("env", ("NCCL_*",))),
    rule("PC108", Matcher("keyword", ("num_gpus",), of=("ray.*",))),
    rule("PC109", Matcher("api", ("torch.amp.GradScaler",), lacks=("device", "0"))),
)
VERDICTS = (
    verdict("PC101", npu="torch.npu.{tail}", agnostic="torch.accelerator.set_device_index", agnostic_since="2.6"),
    verdict(
        "PC102", npu="torch.npu.{rest}", agnostic="torch.accelerator.{rest}", agnostic_since="2.9", message="look at it"
    ),
    verdict("PC102", ("torch.cuda.jiterator",), work=Work.BLOCKER, npu="", message="nothing does this"),
    verdict("PC102", ("torch.cuda.gds.*",), work=Work.REWRITE, npu="", message="use files"),
    verdict("PC103"),
    verdict("PC104"),
    verdict("PC105", npu="npu{suffix}", agnostic="npu{suffix}"),
    verdict("PC106"),
    verdict("PC107", work=Work.CONFIG),
    verdict("PC108"),
    verdict("PC109"),
)


def packed(rules: tuple[Rule, ...], verdicts: tuple[Verdict, ...]) -> Pack:
    return Pack(ABOUT, Interest(devices=("cuda", "npu")), "digest", lambda: Ruled(rules, verdicts))


PACK = packed(RULES, VERDICTS)


def judge(
    *facts: Fact, target: Target = AGNOSTIC, links: tuple[Link, ...] = (), path: str = "a.py"
) -> tuple[Finding, ...]:
    return Judge(PACK, target).findings(path, Role.SOURCE, FileFacts(facts=facts), links)


def call(name: str, **fields: Any) -> Fact:
    return Fact(FactKind.CALL, name, SPAN, context="call", **fields)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (call("torch.cuda.set_device"), "PC101"),
        (call("torch.cuda.synchronize"), "PC102"),
        (call("torch.cuda.amp.autocast"), "PC102"),
        (Fact(FactKind.IMPORT, "torch.cuda.amp.autocast", SPAN), "PC103"),
        (Fact(FactKind.METHOD, "cuda", SPAN, context="call"), "PC104"),
        (Fact(FactKind.STRING, "cuda", SPAN, context="compare"), "PC105"),
        (Fact(FactKind.STRING, "cuda:0", SPAN, context="argument"), "PC105"),
        (Fact(FactKind.STRING, "cuda", SPAN, context="argument", args=(("of", "torch.device"),)), "PC106"),
        (Fact(FactKind.ENV, "NCCL_DEBUG", SPAN), "PC107"),
        (Fact(FactKind.KEYWORD, "num_gpus", SPAN, args=(("of", "ray.remote"),)), "PC108"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_the_most_specific_rule_is_taken(fact: Fact, expected: str) -> None:
    assert [finding.rule for finding in judge(fact)] == [expected]


@pytest.mark.parametrize(
    "fact",
    [
        call("torch.nn.Linear"),
        Fact(FactKind.METHOD, "cuda", SPAN, context="load"),
        Fact(FactKind.STRING, "cuda", SPAN, context="return"),
        Fact(FactKind.STRING, "cuda", SPAN, context="argument", args=(("at", "help"),)),
        Fact(FactKind.KEYWORD, "num_gpus", SPAN, args=(("of", "other.remote"),)),
    ],
    ids=["another name", "a method not called", "a context not asked for", "a place left out", "another callee"],
)
def test_what_no_matcher_fits_is_no_finding(fact: Fact) -> None:
    assert judge(fact) == ()


def test_a_single_name_has_its_own_verdict() -> None:
    (finding,) = judge(call("torch.cuda.jiterator"))
    assert (finding.work, finding.message) == (Work.BLOCKER, "torch.cuda.jiterator: nothing does this")


@pytest.mark.parametrize(("scope", "found"), [("CrossAttention.forward", 1), ("Head.loss", 0), ("", 0)])
def test_a_matcher_can_ask_for_the_function_around(scope: str, found: int) -> None:
    rules = (rule("PC104", Matcher("method", ("reshape",), use="call", within=("*[Aa]ttention*",))),)
    pack = packed(rules, (verdict("PC104"),))
    fact = Fact(FactKind.METHOD, "reshape", SPAN, context="call", scope=scope)
    assert len(Judge(pack, AGNOSTIC).findings("a.py", Role.SOURCE, FileFacts((fact,)))) == found


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("torch.cuda.gds", Work.REWRITE),
        ("torch.cuda.gds.GdsFile.open", Work.REWRITE),
        ("torch.cuda.gdsx", Work.RENAME),
        ("torch.cuda.synchronize", Work.RENAME),
    ],
)
def test_a_verdict_on_a_module_holds_for_all_below_it(name: str, work: Work) -> None:
    assert judge(call(name))[0].work is work


def test_the_replacement_follows_strategy_and_version() -> None:
    fact = call("torch.cuda.synchronize")
    assert judge(fact)[0].replacement == "torch.npu.synchronize"
    assert judge(fact, target=AGNOSTIC._replace(torch="2.9.0"))[0].replacement == "torch.accelerator.synchronize"
    assert judge(call("torch.cuda.set_device"), target=DIRECT)[0].replacement == "torch.npu.set_device"


@pytest.mark.parametrize(("torch", "becomes"), [("2.8.0", "torch.old.empty"), ("2.9.0", "torch.new.empty")])
def test_an_older_pytorch_gets_the_form_that_it_has(torch: str, becomes: str) -> None:
    forms = verdict(
        "PC101",
        npu="torch.npu.empty",
        agnostic="torch.new.empty",
        agnostic_since="2.9",
        agnostic_before="torch.old.empty",
    )
    pack = packed(RULES[:1], (forms,))
    facts = FileFacts((Fact(FactKind.CALL, "torch.cuda.set_device", SPAN),))
    for strategy, replacement in (("agnostic", becomes), ("shim", becomes), ("npu", "torch.npu.empty")):
        target = AGNOSTIC._replace(torch=torch, strategy=strategy)
        (finding,) = Judge(pack, target).findings("a.py", Role.SOURCE, facts)
        assert (finding.replacement, finding.agnostic) == (replacement, True)


def test_the_message_names_what_it_becomes_and_what_to_mind() -> None:
    assert (
        judge(call("torch.cuda.synchronize"))[0].message
        == "torch.cuda.synchronize becomes torch.npu.synchronize; look at it"
    )
    (finding,) = judge(Fact(FactKind.STRING, "cuda:0", SPAN, context="argument"))
    assert finding.message == '"cuda:0" becomes "npu:0"'


@pytest.mark.parametrize(
    ("args", "found"),
    [((), 1), ((("enabled", "..."),), 1), ((("device", "x"),), 0), ((("0", "..."),), 0), ((("*", "options"),), 0)],
    ids=["nothing", "another", "by keyword", "by position", "unpacked"],
)
def test_a_matcher_asks_for_calls_that_lack_an_argument(args: tuple[tuple[str, str], ...], found: int) -> None:
    assert len(judge(call("torch.amp.GradScaler", args=args))) == found


def test_a_name_that_a_test_patches_hangs_on_the_code_under_test() -> None:
    used, patched = judge(
        call("torch.cuda.synchronize"),
        Fact(FactKind.ATTRIBUTE, "torch.cuda.synchronize", SPAN, context="patch"),
    )
    assert (used.fixable, patched.fixable) == (Safety.SAFE, Safety.UNSAFE)


@pytest.mark.parametrize("guard", ["beside:npu", "device:npu", "available:npu", "type-checking"])
def test_a_place_with_a_branch_for_the_target_needs_no_work(guard: str) -> None:
    (finding,) = judge(call("torch.cuda.synchronize", guards=(guard,)))
    assert (finding.work, finding.replacement, finding.fixable) == (Work.NONE, "", None)


def test_a_branch_for_another_device_changes_nothing() -> None:
    assert judge(call("torch.cuda.synchronize", guards=("beside:xpu",)))[0].work is Work.RENAME


@pytest.mark.parametrize("guards", [("device:rocm",), ("available:xpu", "beside:cuda")])
def test_a_place_in_the_branch_of_another_device_is_no_concern(guards: tuple[str, ...]) -> None:
    (finding,) = judge(call("torch.cuda.synchronize", guards=guards))
    assert finding.work is Work.NONE
    assert finding.message.startswith("torch.cuda.synchronize stands in a branch for ")


def test_a_branch_for_several_devices_with_cuda_among_them_is_one_of_its_own() -> None:
    guards = ("device:cuda", "device:rocm")
    assert judge(call("torch.cuda.synchronize", guards=guards))[0].work is Work.RENAME


@pytest.mark.parametrize(
    ("fact", "subject"),
    [
        (Fact(FactKind.INDEX, "to", SPAN, args=(("value", "0"),)), "to(0)"),
        (Fact(FactKind.INDEX, "device_ids=", SPAN, args=(("value", "[0, 1]"),)), "device_ids=[0, 1]"),
        (Fact(FactKind.KERNEL, "mark:shared-memory", SPAN), "shared memory"),
        (Fact(FactKind.DEPENDENCY, "channel:nvidia", SPAN), "channel nvidia"),
        (Fact(FactKind.METHOD, "cuda", SPAN, context="call"), ".cuda()"),
        (Fact(FactKind.STRING, "cuda:0", SPAN), '"cuda:0"'),
        (Fact(FactKind.KEYWORD, "num_gpus", SPAN), "num_gpus="),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind.value,
)
def test_subjects_read_as_a_person_would_write_them(fact: Fact, subject: str) -> None:
    assert subject_of(fact) == subject


@pytest.mark.parametrize(
    ("path", "scope", "device"),
    [
        ("csrc/rocm/attention.cu", "", "rocm"),
        ("docker/Dockerfile.rocm", "", "rocm"),
        ("pkg/NPU/worker.py", "", "npu"),
        ("pkg/rocm/npu_worker.py", "", "npu"),
        ("pkg/rocm/common.py", "", ""),
        ("pkg/rocm/cuda/ops.py", "", ""),
        ("pkg/rocm_cuda.py", "", ""),
        ("pkg/micronpu.py", "", ""),
        ("pkg/rocmfile.py", "", ""),
        ("a.py", "is_rocm_available", "rocm"),
        ("a.py", "NPUWorker.start", "npu"),
        ("a.py", "NPUWorker.from_cuda", ""),
        ("a.py", "input", ""),
    ],
)
def test_code_for_one_device_is_of_no_concern_to_a_port(path: str, scope: str, device: str) -> None:
    (finding,) = judge(call("torch.cuda.synchronize", scope=scope), path=path)
    assert (finding.work is Work.NONE) == bool(device)
    assert (f"is in code for {device} alone" in finding.message) == bool(device)


def test_callers_of_the_helper_around_a_place_are_counted() -> None:
    fact = call("torch.cuda.synchronize", scope="sync")
    assert judge(fact, links=(Link("sync", 7, 3),))[0].callers == 7


def test_fingerprints_survive_moves_and_tell_repetitions_apart() -> None:
    fact = call("torch.cuda.synchronize", scope="f")
    moved = fact._replace(span=Span(90, 1, 90, 9))
    first, second = judge(fact, moved)
    assert judge(moved)[0].fingerprint == first.fingerprint != second.fingerprint


def test_what_the_vendor_says_is_told_as_the_vendors_word() -> None:
    def look_up(name: str) -> SupportRow:
        answer = Support.UNSUPPORTED if name.endswith("synchronize") else Support.SUPPORTED
        return SupportRow(name, name, answer, evidence="Vendor/docs@1234:page.md:7")

    judge = Judge(PACK, AGNOSTIC, look_up)
    facts = FileFacts(facts=(call("torch.cuda.synchronize"), call("torch.cuda.set_device")))
    refused, allowed = judge.findings("a.py", Role.SOURCE, facts)
    assert refused.support is Support.UNSUPPORTED
    assert refused.message.endswith(
        "not supported for now on A2 with PyTorch 2.7.1, according to Vendor/docs@1234:page.md:7"
    )
    assert (allowed.support, "according to" in allowed.message) == (Support.SUPPORTED, False)


def test_what_the_vendor_says_is_told_once() -> None:
    said = verdict("PC101", work=Work.REWRITE, npu="", message="the vendor lists it as refused", refusal="said")
    pack = Pack(ABOUT, PACK.interest, "digest", lambda: Ruled(RULES[:1], (said,)))
    judge = Judge(pack, AGNOSTIC, lambda name: SupportRow(name, name, Support.UNSUPPORTED, evidence="Vendor/docs"))
    (found,) = judge.findings("a.py", Role.SOURCE, FileFacts(facts=(call("torch.cuda.set_device"),)))
    assert found.message == "torch.cuda.set_device: the vendor lists it as refused"
