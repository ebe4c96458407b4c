"""Reports made by hand, for the tests of whatever takes one: parts with defaults, a realistic sample, hostile ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from portcheck import inventory as stock
from portcheck.estimate import Driver, Effort, Package, Plan, Range, Reach, Root, Step
from portcheck.model import (
    Category,
    Certainty,
    Comparison,
    FileReport,
    Finding,
    Kind,
    Link,
    ListedApi,
    Outcome,
    Report,
    Role,
    Safety,
    Skipped,
    Span,
    Status,
    Support,
    Suppressed,
    Target,
    Work,
)
from portcheck.pragma import Remark

TARGET = Target("ascend", "2.7.1", "a2", "agnostic")


def finding(path: str = "train.py", line: int = 1, work: Work = Work.RENAME, **changes: Any) -> Finding:
    """Return a finding: a call of torch.cuda.set_device unless told otherwise."""
    subject = changes.get("subject", "torch.cuda.set_device")
    defaults: dict[str, Any] = {
        "rule": "PC101",
        "path": path,
        "span": Span(line, 1, line, 1 + len(subject)),
        "category": Category.DEVICE_API,
        "subject": subject,
        "work": work,
        "certainty": Certainty.EXACT,
        "support": Support.UNLISTED,
        "message": f"{subject}: read the manual",
        "replacement": "torch.accelerator.set_device_index" if work is Work.RENAME else "",
        "shim": True,
        "fixable": Safety.SAFE if work is Work.RENAME else None,
        "evidence": ("vendor's table",),
        "role": Role.SOURCE,
        "fingerprint": f"{path}:{line}",
    }
    return Finding(**{**defaults, **changes})


def file(path: str, findings: int = 0, lines: int = 100, **changes: Any) -> FileReport:
    """Return a Python source file that was read in full, unless told otherwise."""
    defaults: dict[str, Any] = {"kind": Kind.PYTHON, "role": Role.SOURCE, "status": Status.READ}
    return FileReport(path=path, lines=lines, findings=findings, **{**defaults, **changes})


def report(findings: tuple[Finding, ...] = (), files: tuple[FileReport, ...] = (), **changes: Any) -> Report:
    """Return a report on the findings; files that are not given are made up from their paths."""
    known = {item.path for item in files}
    roles = {item.path: item.role for item in findings if item.path not in known}
    made = tuple(file(path, sum(f.path == path for f in findings), role=role) for path, role in roles.items())
    defaults: dict[str, Any] = {"root": "/home/ada/repo", "target": TARGET, "pack_digest": "abc123"}
    listed = tuple(sorted((*files, *made), key=lambda item: item.path))
    return Report(files=listed, findings=findings, **{**defaults, **changes})


_KINDS = (
    ("PC101", Category.DEVICE_API, "torch.cuda.set_device", Work.RENAME, "torch.accelerator.set_device_index"),
    ("PC110", Category.DEVICE_MOVE, ".cuda()", Work.RENAME, ".to(device)"),
    ("PC110", Category.DEVICE_MOVE, ".cuda()", Work.RENAME, ".to(device)"),
    ("PC120", Category.DEVICE_LITERAL, '"cuda"', Work.RENAME, "npu"),
    ("PC120", Category.DEVICE_LITERAL, '"cuda:0"', Work.RENAME, "npu:0"),
    ("PC240", Category.MEMORY, "torch.cuda.empty_cache", Work.RENAME, "torch.accelerator.empty_cache"),
    ("PC401", Category.DISTRIBUTED, '"nccl"', Work.RENAME, "hccl"),
    ("PC430", Category.ENV, "CUDA_VISIBLE_DEVICES", Work.CONFIG, "ASCEND_RT_VISIBLE_DEVICES"),
    ("PC310", Category.STREAM_EVENT_GRAPH, "torch.cuda.CUDAGraph", Work.REWRITE, "torch.npu.NPUGraph"),
    ("PC221", Category.AMP, "torch.cuda.amp.GradScaler", Work.VERIFY, ""),
    ("PC130", Category.DEVICE_QUERY, "torch.cuda.is_available", Work.NONE, ""),
    ("PC601", Category.LIBRARY, "flash_attn.flash_attn_func", Work.BLOCKER, "torch_npu.npu_fusion_attention"),
    ("PC601", Category.LIBRARY, "flash_attn.bert_padding.pad_input", Work.BLOCKER, ""),
    ("PC501", Category.KERNEL, "triton.jit", Work.BLOCKER, ""),
)
_FOLDERS = (
    ("src/model", Role.SOURCE),
    ("src/model/layers/attention/implementations/experimental", Role.SOURCE),
    ("tests", Role.TEST),
    ("examples/pretrain", Role.EXAMPLE),
    ("third_party/apex", Role.VENDORED),
)


def sample(places: int = 400) -> Report:
    """Return a report as a real repository gives it, with `places` findings, always the same for the same number."""
    findings = tuple(sorted((_sample_finding(index) for index in range(places)), key=lambda f: (f.path, f.span)))
    clean = tuple(file(f"src/data/set_{index}.py", lines=80 + index) for index in range(places // 4))
    others = (
        file("setup.sh", kind=Kind.SHELL, role=Role.BUILD, lines=12),
        file("old/py2.py", status=Status.PARTLY, reason="does not parse: Missing parentheses (line 4)", lines=40),
        file("old/merge.py", status=Status.PARTLY, reason="does not parse: invalid syntax (line 90)", lines=90),
        file("secret.py", status=Status.UNREADABLE, reason="permission denied", lines=0),
    )
    skipped = (
        Skipped("data/huge.py", "larger than 5 MB"),
        *(Skipped(f".venv/lib/{name}", "virtual environment") for name in ("a", "b", "c", "d", "e")),
    )
    links = (
        ("src/model/part_0.py", Link("move_to_cuda", 143, 31)),
        ("src/model/part_3.py", Link("Trainer.get_device", 12, 4)),
        ("src/model/part_4.py", Link("rarely", 1, 1)),
    )
    made = report(findings, (*clean, *others), skipped=skipped, links=links, hidden=places // 10)
    return made


def _sample_finding(index: int) -> Finding:
    """Return one of the sample's findings."""
    folder, role = _FOLDERS[index * index % len(_FOLDERS)]
    rule, category, subject, work, replacement = _KINDS[(index * 7 + index // 11) % len(_KINDS)]
    if work is Work.BLOCKER and index % 3:
        rule, category, subject, work, replacement = _KINDS[1]
    helper = folder == "src/model" and index // 5 % 40 == 0
    return finding(
        f"{folder}/part_{index // 5 % 40}.py",
        index + 1,
        work,
        rule=rule,
        category=category,
        subject=subject,
        replacement=replacement,
        message=f"{subject} becomes {replacement}" if replacement else f"{subject}: no counterpart is known",
        fixable=Safety.SAFE if work is Work.RENAME else Safety.UNSAFE if work is Work.CONFIG else None,
        role=role,
        guards=("optional",) if index % 4 == 0 else (),
        callers=143 if helper else 0,
    )


_MARKS = "\x1b\n\r\t\x00\x7f\x9b\u202e\u2066\u200b\ud800|<&'\"\\"
_NASTY = st.text(st.one_of(st.characters(), st.sampled_from(_MARKS)), max_size=40)
_COUNT = st.integers(0, 10**6)
_POSITIVE = st.integers(1, 10**6)
_TEXTS = st.lists(_NASTY, max_size=3).map(tuple)

spans = st.builds(Span, _POSITIVE, _POSITIVE, _POSITIVE, _POSITIVE, st.none() | _COUNT)
findings = st.builds(
    Finding,
    rule=st.from_regex(r"\APC[0-9]{3}\Z"),
    path=_NASTY,
    span=spans,
    category=st.sampled_from(Category),
    subject=_NASTY,
    work=st.sampled_from(Work),
    certainty=st.sampled_from(Certainty),
    support=st.sampled_from(Support),
    message=_NASTY,
    replacement=_NASTY,
    shim=st.none() | st.booleans(),
    fixable=st.none() | st.sampled_from(Safety),
    evidence=_TEXTS,
    role=st.sampled_from(Role),
    guards=_TEXTS,
    callers=_COUNT,
    fingerprint=_NASTY,
    effect=st.sampled_from(["", "redirected", "rewritten", "disabled", "restored", "unreached"]),
    agnostic=st.booleans(),
    under_shim=st.sampled_from([None, Work.NONE, Work.VERIFY]),
)
_RANGES = st.lists(st.integers(0, 10**4), min_size=3, max_size=3).map(lambda numbers: Range(*sorted(numbers)))
_STEPS = st.builds(Step, _NASTY, _NASTY, _COUNT, _RANGES, _NASTY)
_ROOTS = st.builds(Root, _NASTY, _NASTY, _COUNT, _COUNT)
_PACKAGES = st.builds(
    Package,
    _NASTY,
    _NASTY,
    _RANGES,
    _RANGES,
    _COUNT,
    _COUNT,
    _COUNT,
    _COUNT,
    _TEXTS,
    st.lists(_STEPS, max_size=2).map(tuple),
    st.lists(_ROOTS, max_size=2).map(tuple),
    _TEXTS,
)
_DRIVERS = st.lists(st.builds(Driver, _NASTY, _COUNT, st.floats(0, 1), _NASTY), max_size=2).map(tuple)
efforts = st.builds(
    Effort,
    verdict=_NASTY,
    person_days=_RANGES,
    edits=_RANGES,
    by_work=st.lists(st.tuples(st.sampled_from([work.value for work in Work]), _RANGES), max_size=3).map(tuple),
    packages=st.lists(_PACKAGES, max_size=2).map(tuple),
    drivers=_DRIVERS,
    levers=_DRIVERS,
    assumptions=_TEXTS,
    reach=st.builds(Reach, _TEXTS, _COUNT, _COUNT, _COUNT, _COUNT, st.booleans(), st.booleans()),
    strategies=st.lists(st.builds(Plan, _NASTY, _RANGES, _RANGES), max_size=2).map(tuple),
    model=_NASTY,
)
_OUTCOMES = st.builds(
    Outcome,
    _NASTY,
    st.lists(st.tuples(st.sampled_from(Work), _COUNT), max_size=6, unique_by=lambda pair: pair[0]).map(tuple),
    _COUNT,
    _COUNT,
    _COUNT,
    _TEXTS,
    st.none() | _RANGES,
    st.none() | _RANGES,
)
comparisons = st.builds(
    Comparison, st.lists(_OUTCOMES, max_size=3).map(tuple), _NASTY, _NASTY, st.booleans(), st.integers(0)
)
_APIS = st.builds(
    ListedApi,
    _NASTY,
    st.sampled_from(Support),
    st.sampled_from(["yes", "no", "unknown"]),
    st.booleans(),
    _COUNT,
    _COUNT,
    _NASTY,
)
_PLACES = st.lists(st.builds(stock.Place, _NASTY, _POSITIVE, st.none() | _COUNT), max_size=3).map(tuple)
_WORKS = st.sampled_from([work.value for work in Work])
_ROLES = st.sampled_from([role.value for role in Role])
_LIBRARIES = st.builds(
    stock.Library,
    name=_NASTY,
    status=st.sampled_from(stock.STATUSES),
    work=_WORKS,
    advice=_NASTY,
    since=_NASTY,
    asked=_TEXTS,
    required=_PLACES.filter(bool),
    used=_PLACES,
    optional=st.booleans(),
    rules=_TEXTS,
    evidence=_TEXTS,
)
_KERNELS = st.builds(
    stock.KernelFile,
    place=_PLACES.filter(bool).map(lambda places: places[0]),
    language=st.sampled_from(["cuda", "host", "triton", "numba"]),
    role=_ROLES,
    lines=_COUNT,
    kernels=_COUNT,
    launches=_COUNT,
    difficulty=st.sampled_from(stock.DIFFICULTIES),
    marks=_TEXTS,
    built=_PLACES,
    loaded=_PLACES,
    fallback=_NASTY,
    fallback_at=st.none() | _PLACES.filter(bool).map(lambda places: places[0]),
    there=st.none() | _PLACES.filter(bool).map(lambda places: places[0]),
)
_SURROUNDINGS = st.builds(
    stock.Surrounding,
    sort=st.sampled_from(stock.SORTS),
    name=_NASTY,
    role=_ROLES,
    work=_WORKS,
    changes=_COUNT,
    looks=_COUNT,
    subjects=_TEXTS,
    advice=_NASTY,
    places=_PLACES,
)
inventories = st.builds(
    stock.Inventory,
    libraries=st.lists(_LIBRARIES, max_size=3).map(tuple),
    kernels=st.lists(_KERNELS, max_size=3).map(tuple),
    surroundings=st.lists(_SURROUNDINGS, max_size=3).map(tuple),
)
files = st.builds(
    FileReport,
    path=_NASTY,
    kind=st.sampled_from(Kind),
    role=st.sampled_from(Role),
    lines=_COUNT,
    findings=_COUNT,
    status=st.sampled_from(Status),
    reason=_NASTY,
    edits=st.none() | _RANGES,
    chance=st.floats(0, 1),
)
remarks = st.builds(Remark, _NASTY, _POSITIVE, _POSITIVE, _NASTY, st.none() | _COUNT)
_SUPPRESSED = st.builds(Suppressed, findings, st.sampled_from(["line", "file", "config", "baseline"]), _NASTY)
reports = st.builds(
    Report,
    root=_NASTY,
    target=st.builds(Target, _NASTY, _NASTY, _NASTY, _NASTY),
    pack_digest=_NASTY,
    files=st.lists(files, max_size=4).map(tuple),
    findings=st.lists(findings, max_size=8).map(tuple),
    skipped=st.lists(st.builds(Skipped, _NASTY, _NASTY), max_size=3).map(tuple),
    links=st.lists(st.tuples(_NASTY, st.builds(Link, _NASTY, _COUNT, _COUNT)), max_size=3).map(tuple),
    hidden=_COUNT,
    effort=st.none() | efforts,
    comparison=st.none() | comparisons,
    apis=st.lists(_APIS, max_size=3).map(tuple),
    suppressed=st.lists(_SUPPRESSED, max_size=2).map(tuple),
    remarks=st.lists(remarks, max_size=2).map(tuple),
    inventory=st.none() | inventories,
)
"""Any report whose strings are hostile; numbers and vocabulary are those that the model allows."""
