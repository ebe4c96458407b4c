"""A target's half of a pack: TOML files of verdicts, and the target's own words and versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from portcheck.inventory import STATUSES
from portcheck.model import Safety, Work
from portcheck.packtypes import HANDLED, Matcher, Rule, TargetPack, Verdict
from portcheck.patterns import NameIndex, glob_pattern
from portcheck.tables import Problems, Table, nearest, read_table

ABOUT = "target.toml"
"""The file of the target's own words."""

SHIM = ("redirected", "rewritten", "disabled", "unreached")
"""What the target's one-line shim may do to a place."""

LEFT = (Work.NONE.value, Work.VERIFY.value)
"""The work that may be left where the shim handles a place that takes other code without it."""

SAID = "said"
"""Marks a verdict whose message says what the vendor's tables refuse, so that it is not said again."""

FORMS = ("type", "backend", "choice", "move", "typed", "module", "once", "asked")
"""Shapes of device-agnostic changes: a string becomes the accelerator's type, or its backend; a test admits the target
too; a move takes the device type, and so does a call; a name is taken from the module of the device even where a newer
form exists, as that needs a device; a call goes where the same stands beside it; a call takes the backend."""

IMAGES = ("toolkit", "torch")
"""Kinds of container images: with the target's toolkit alone, and with PyTorch for it."""

PLACEHOLDERS = (
    "name", "tail", "rest", "suffix", "swapped", "device", "backend", "module", "accelerator", "toolkit_image",
    "torch_image",
)  # fmt: skip
"""What may stand in braces in a replacement; one with an image that is not published for a version or card is none."""

UNKNOWN = "unknown"
"""The message of a verdict nobody has evidence for."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_VERSION = re.compile(r"\d+(?:\.\d+)+")


def read_verdicts(folder: Path, rules: tuple[Rule, ...], problems: Problems) -> tuple[Verdict, ...]:
    """Return all verdicts in the order of files and lines, each rule's own before those on single names."""
    known = {rule.id: rule for rule in rules}
    verdicts: list[Verdict] = []
    answered: set[str] = set()
    for path in sorted(folder.glob("*.toml")):
        if path.name != ABOUT:
            top = read_table(path, problems)
            for table in top.tables("verdict"):
                verdicts.extend(_answers(table, known, answered))
            top.close()
    for rule in rules:
        if rule.id and rule.id not in answered:
            problems.add(f"{folder.name}: {rule.id}", f"no verdict for the rule {rule.name}")
    return tuple(verdicts)


def read_target(folder: Path, problems: Problems) -> TargetPack:
    """Return the target's own words and versions."""
    top = read_table(folder / ABOUT, problems)
    table = top.table("target")
    hard, medium = _difficulty(top)
    rows = top.tables("image") if top.has("image") else ()
    top.close()
    words = {key: table.text(key) for key in ("name", "title", "device", "backend", "module")}
    versions, hardware = table.texts("versions", needed=True), table.texts("hardware", needed=True)
    torch = table.choice("default_torch", versions)
    card = table.choice("default_hardware", hardware)
    shim, package, general = (table.text(key, needed=False) for key in ("shim", "package", "general"))
    table.texts("evidence", needed=True)
    table.close()
    if words["name"] != folder.name:
        table.wrong("name", f"must be that of the folder, {folder.name!r}")
    for version in versions:
        _check_version(table, "versions", version)
    return TargetPack(
        versions=versions,
        hardware=hardware,
        default_torch=torch,
        default_hardware=card,
        shim=shim,
        package=package,
        hard=hard,
        medium=medium,
        general=general,
        images=tuple(_image(row, versions, hardware) for row in rows),
        homes=(),
        apart=(),
        together=(),
        **words,
    )


def _image(table: Table, versions: tuple[str, ...], hardware: tuple[str, ...]) -> str:
    """A published image as a row of `TargetPack.images`."""
    of = (table.choice("kind", IMAGES), table.choice("torch", versions), table.choice("hardware", hardware))
    row = (*of, table.text("name"))
    table.texts("evidence", needed=True)
    table.close()
    return " ".join(row)


def _difficulty(top: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The marks that make a kernel hard to bring to the target, and those that make it less so."""
    if not top.has("difficulty"):
        return (), ()
    table = top.table("difficulty")
    hard, medium = table.texts("hard", needed=True), table.texts("medium", needed=True)
    table.texts("evidence", needed=True)
    table.close()
    return hard, medium


def _answers(table: Table, rules: Mapping[str, Rule], answered: set[str]) -> list[Verdict]:
    """A rule's verdict and those on single names under it."""
    identity = table.text("rule")
    rule = rules.get(identity)
    table = table.called(identity) if identity else table
    if identity and rule is None:
        table.wrong("rule", "there is no such rule" + nearest(identity, rules))
    if identity in answered:
        table.wrong("rule", "has a verdict already")
    answered.add(identity)
    whole = _verdict(table, Verdict(identity, (), Work.VERIFY, "", "", "", "", "", None, "", ()), whole=None)
    found = [whole]
    seen: set[str] = set()
    for symbol in table.tables("symbol"):
        found.append(_symbol(symbol, rule, whole, seen))
    table.has("rule")
    table.close()
    return found


def _symbol(table: Table, rule: Rule | None, whole: Verdict, seen: set[str]) -> Verdict:
    """A verdict on single names; what it leaves out is as in the rule's own."""
    names = table.texts("names", needed=True)
    for name in names:
        if rule is not None and not covers(rule, name):
            known = [pattern for matcher in rule.matchers for pattern in matcher.patterns]
            table.wrong("names", f"{name!r} is matched by no pattern of the rule" + nearest(name, known))
        if name in seen:
            table.wrong("names", f"{name!r} has a row already")
    seen.update(names)
    found = _verdict(table, whole._replace(names=names), whole)
    table.close()
    return found


def _verdict(table: Table, base: Verdict, whole: Verdict | None) -> Verdict:
    """A row over `base`, whose values stand where the row says nothing; `whole` is None for a rule's own row."""
    work = table.choice("work", [work.value for work in Work], needed=whole is None)
    shim = table.choice("shim", SHIM, needed=False)
    safety = table.choice("safety", [safety.value for safety in Safety], needed=False)

    trust = table.choice("agnostic_safety", [safety.value for safety in Safety], needed=False)

    def text(key: str, before: str) -> str:
        return table.text(key, needed=False) if table.has(key) else before

    found = base._replace(
        work=Work(work) if work else base.work,
        npu=text("npu", base.npu),
        agnostic=text("agnostic", base.agnostic),
        agnostic_since=text("agnostic_since", base.agnostic_since),
        agnostic_before=text("agnostic_before", "" if table.has("agnostic") else base.agnostic_before),
        message=text("message", base.message),
        shim=shim or base.shim,
        safety=Safety(safety) if safety else base.safety,
        safety_why=text("safety_why", base.safety_why),
        evidence=table.texts("evidence") or base.evidence,
        form=table.choice("form", FORMS, needed=False) if table.has("form") else base.form,
        positional=table.texts("positional") or base.positional,
        keyword=text("keyword", base.keyword),
        agnostic_safety=Safety(trust) if trust else base.agnostic_safety,
        status=table.choice("status", STATUSES, needed=False) or base.status,
        runs_since=text("runs_since", base.runs_since),
        under_shim=table.choice("under_shim", LEFT, needed=False) or base.under_shim,
        refusal=table.choice("refusal", (SAID,), needed=False) or ("" if table.has("message") else base.refusal),
    )
    _check(table, found)
    return found


def _check(table: Table, verdict: Verdict) -> None:
    if not verdict.evidence and not (verdict.work is Work.VERIFY and verdict.message.startswith(UNKNOWN)):
        table.wrong("evidence", f'is missing; without any, write work = "verify" and message = "{UNKNOWN}"')
    if verdict.work is Work.RENAME and not (verdict.npu or verdict.agnostic):
        table.wrong("npu", "a rename needs a replacement: npu or agnostic")
    if verdict.safety is Safety.UNSAFE and not verdict.safety_why:
        table.wrong("safety_why", "is missing: what may go wrong")
    if verdict.agnostic_since:
        _check_version(table, "agnostic_since", verdict.agnostic_since)
    if verdict.agnostic_before and not (verdict.agnostic and verdict.agnostic_since):
        table.wrong("agnostic_before", "needs agnostic and agnostic_since")
    if table.has("under_shim") and verdict.shim not in HANDLED:
        table.wrong("under_shim", f"needs shim = one of {', '.join(sorted(HANDLED))}")
    replacements = (("npu", verdict.npu), ("agnostic", verdict.agnostic), ("agnostic_before", verdict.agnostic_before))
    for key, template in replacements:
        for word in _PLACEHOLDER.findall(template):
            if word not in PLACEHOLDERS:
                table.wrong(key, f"unknown placeholder {{{word}}}" + nearest(word, PLACEHOLDERS))


def _check_version(table: Table, key: str, version: str) -> None:
    if not _VERSION.fullmatch(version):
        table.wrong(key, f"{version!r} is not a version such as 2.6")


def covers(rule: Rule, name: str) -> bool:
    """Return whether a matcher of the rule may match a name; a row for any other name would be dead."""
    return any(_matches(matcher, name) for matcher in rule.matchers)


def _matches(matcher: Matcher, name: str) -> bool:
    """Whether a matcher may match a name, or all that stands below it (`package.module.*`)."""
    name = name[:-2] if name.endswith(".*") else name
    if matcher.kind != "api":
        return bool(glob_pattern(matcher.patterns).match(name))
    names = [pattern for pattern in matcher.patterns if not pattern.endswith(".*")]
    return NameIndex(names, [pattern[:-2] for pattern in matcher.patterns if pattern.endswith(".*")]).match(name)
