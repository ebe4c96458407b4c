"""Explains one thing: a rule by id or name, an API, a method, an environment variable, a program, a library, a string.

What it is, what it becomes on the target in each style, what to mind, what the runtime shim does, how far a fix can be
trusted, code before and after, and where all of that was read.
"""

from __future__ import annotations

from collections.abc import Iterator

from portcheck import nearby, releases, support
from portcheck.errors import UsageError
from portcheck.match import Candidate, Judge
from portcheck.model import TO_DO, Fact, FactKind, Safety, Span, Target, Work
from portcheck.packtypes import Example, Pack, Rule, TargetPack, Verdict
from portcheck.records import NamedTuple
from portcheck.releases import Effect
from portcheck.support import SupportRow
from portcheck.supportfile import check, read_index
from portcheck.wording import sketched, subject_of

_NOWHERE = Span(1, 1, 1, 1)
SHIM = {
    "redirected": "handled: the name is redirected to its NPU form",
    "rewritten": "handled: the argument is rewritten on the way",
    "disabled": "made to do nothing",
    "restored": "not reached: it is given PyTorch's own answer to whether CUDA is there",
    "unreached": "not reached: the place needs a change all the same",
    "": "leaves such places as they are",
}
"""What the runtime shim does with a place, in words."""

TRUST = {
    Safety.SAFE: "safe: the meaning on CUDA machines is unchanged",
    Safety.UNSAFE: "unsafe: the meaning may change",
    Safety.DISPLAY: "shown only, never applied",
}
"""How far an automatic change can be trusted, in words."""

_NAMED = (FactKind.CALL, FactKind.ATTRIBUTE, FactKind.IMPORT)
_STRONG = (FactKind.CALL, FactKind.ATTRIBUTE, FactKind.IMPORT, FactKind.ENV, FactKind.COMMAND, FactKind.DEPENDENCY)
_WEAK = (FactKind.METHOD, FactKind.STRING, FactKind.KEYWORD, FactKind.INDEX, FactKind.IMAGE, FactKind.INCLUDE)
_KINDS = {
    FactKind.CALL: "a name",
    FactKind.ATTRIBUTE: "a name",
    FactKind.IMPORT: "a module",
    FactKind.ENV: "a variable",
    FactKind.COMMAND: "a program",
    FactKind.DEPENDENCY: "a package",
    FactKind.METHOD: "a method",
    FactKind.STRING: "a string",
    FactKind.KEYWORD: "a keyword",
    FactKind.INDEX: "an argument",
    FactKind.IMAGE: "an image",
    FactKind.INCLUDE: "a header",
}
_WITH_METHODS = ("torch.Tensor", "torch.nn.Module")
"""Classes whose methods are usually met on objects of an unknown class."""

_CONTEXTS = ("", "call", "load", "store", "argument", "compare", "member", "assign", "element", "key", "value")


class Styles(NamedTuple):
    """What a place becomes: in the target's own words, and in device-agnostic ones with the PyTorch that has them.

    `before` is the device-agnostic form for a PyTorch older than `since`. `offered` is false where the adapter of the
    chosen version has no name like `direct`.
    """

    direct: str
    agnostic: str
    since: str
    before: str = ""
    offered: bool = True


class Listed(NamedTuple):
    """What the vendor's tables say of an API, by version and then by card, in the order of `versions` and `cards`."""

    versions: tuple[str, ...]
    cards: tuple[str, ...]
    rows: tuple[tuple[SupportRow, ...], ...]

    @property
    def known(self) -> bool:
        """Whether any table lists the API."""
        return any(row.listed for line in self.rows for row in line)


class Patched(NamedTuple):
    """What the shim does to a name, by version of PyTorch, or in all to names of PyTorch when it is the subject."""

    versions: tuple[tuple[str, tuple[Effect, ...]], ...]
    totals: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = ()


class Judged(NamedTuple):
    """What a rule and its verdict say of a subject; `effect` is what the shim of the chosen version does there.

    `also` are what else goes by that spelling, and the rules that speak of it.
    """

    rule: Rule
    verdict: Verdict
    styles: Styles
    covers: tuple[str, ...]
    example: Example | None
    effect: str = ""
    also: tuple[str, ...] = ()

    @property
    def shim(self) -> str:
        """What the runtime shim does with the place, in words; nothing where nothing has to be done."""
        effect = self.effect or self.verdict.shim
        if effect == "unreached" and self.verdict.work not in TO_DO:
            return "" if self.verdict.work is Work.NONE else "not reached"
        return SHIM[effect]

    @property
    def trust(self) -> str:
        """How far an automatic change can be trusted, and why; nothing where nothing has to be done."""
        if self.verdict.work is Work.NONE:
            return ""
        safety = self.verdict.safety
        if safety is None or (safety is Safety.DISPLAY and not any((self.styles.direct, self.styles.agnostic))):
            return "none is known"
        why = self.verdict.safety_why
        return f"{TRUST[safety]} ({why})" if why else TRUST[safety]


class Explanation(NamedTuple):
    """Everything that is known of a subject on a target: by the rules, the vendor's tables, the source of its shim.

    `near` are the names that were likely meant, where only a rule for all names of a library speaks of the subject.
    """

    subject: str
    target: Target
    title: str
    judged: Judged | None
    listed: Listed | None
    patched: Patched | None = None
    near: tuple[str, ...] = ()


def explain(subject: str, pack: Pack, target: Target, examples: tuple[Example, ...]) -> Explanation:
    """Return what is known of `subject` on `target`; `examples` are those of the pack.

    Raises:
        UsageError: no rule speaks of the subject; the nearest names are in the message.
        PackError: pack and tables are out of step, or a table is damaged.
    """
    check(pack.target, read_index(target.name))
    judge = Judge(pack, target)
    wanted = subject.strip()
    if pack.target.shim and wanted in ("shim", pack.target.shim, pack.target.shim.rpartition(" ")[2]):
        return Explanation(pack.target.shim, target, pack.target.title, None, None, _whole_shim(pack, target))
    rule = next((rule for rule in pack.rules if wanted.upper() == rule.id or wanted.lower() == rule.name), None)
    found = () if rule else _found(judge, wanted)
    fact = found[0][1] if found else None
    rule = rule or (found[0][0].rule if found else _with_pattern(pack, wanted))
    if rule is None:
        listed, patched = _listed(wanted, target), _patched((wanted,), pack, target)
        if listed is None and patched is None:
            close = " or ".join(map(repr, nearby.nearest(wanted, pack, target)))
            hint = f"; did you mean {close}?" if close else ""
            raise UsageError(f"no rule speaks of {wanted!r}, and no table lists it{hint}")
        return Explanation(wanted, target, pack.target.title, None, listed, patched)
    verdict = judge.verdict_of(rule, fact.name if fact else "")
    names = _names_of(fact)
    listed, patched = _listed(names[0], target) if names else None, _patched(names, pack, target)
    shown, also = _example(rule, fact, examples), tuple(_other(rule, candidate, other) for candidate, other in found)
    styles = _styles(judge, verdict, fact, pack.target, target)
    styles = styles._replace(offered=nearby.has_name(styles.direct, pack.target.module, target))
    judged = Judged(
        rule, verdict, styles, nearby.covers(rule), shown, _effect(patched, target), tuple(filter(None, also))
    )
    about = subject_of(fact) if fact else f"{rule.id} {rule.name}"
    near: tuple[str, ...] = ()
    if names and listed is None and patched is None:
        near = nearby.misspelt(names[0], found[0][0].pattern, pack, target)
    return Explanation(about, target, pack.target.title, judged, listed, patched, near)


def _other(rule: Rule, candidate: Candidate, fact: Fact) -> str:
    """Another thing of that spelling, with the rule that speaks of it; nothing for the rule that is shown."""
    other = candidate.rule
    return "" if other.id == rule.id else f"{subject_of(fact)}, {_KINDS[fact.kind]} ({other.id} {other.name})"


def _example(rule: Rule, fact: Fact | None, examples: tuple[Example, ...]) -> Example | None:
    """The first example of a rule that shows the subject, or else its first one."""
    bad = [each for each in examples if each.rule == rule.id and each.bad]
    name = fact.name.rpartition(".")[2] if fact else ""
    return next((each for each in bad if name and name in each.bad), bad[0] if bad else None)


def _names_of(fact: Fact | None) -> tuple[str, ...]:
    """The names of PyTorch that a subject may be: an API is itself, a method that of a tensor or of a module."""
    if fact is None:
        return ()
    if fact.kind is FactKind.METHOD:
        return tuple(f"{owner}.{fact.name}" for owner in _WITH_METHODS)
    return (fact.name,) if fact.kind in _NAMED else ()


def _patched(names: tuple[str, ...], pack: Pack, target: Target) -> Patched | None:
    """What the shims of all versions do to the names; None when they do nothing."""
    rows = tuple(
        (version, tuple(effect for name in names for effect in releases.effects(name, version, target.name)))
        for version in (pack.target.versions if pack.target.shim else ())
    )
    return Patched(rows) if any(effects for _, effects in rows) else None


def _effect(patched: Patched | None, target: Target) -> str:
    """The kind of effect on the chosen version."""
    found = dict(patched.versions).get(target.torch, ()) if patched else ()
    return found[0].kind if found else ""


def _whole_shim(pack: Pack, target: Target) -> Patched:
    """The names that the shims of all versions touch, and those they do not reach, by kind of effect."""
    names = ((version, releases.shim_names(version, target.name)) for version in pack.target.versions)
    return Patched((), tuple((version, tuple(found.items())) for version, found in names))


def _listed(name: str, target: Target) -> Listed | None:
    """What the tables of all versions say of an API; None when none lists it."""
    versions, cards = support.versions(target.name), support.cards(target.name)
    rows = tuple(tuple(support.support(name, version, card, target.name) for card in cards) for version in versions)
    listed = Listed(versions, cards, rows)
    return listed if listed.known else None


def _with_pattern(pack: Pack, subject: str) -> Rule | None:
    """The rule with a pattern of that very spelling, for things that a name alone does not make."""
    return next((rule for rule in pack.rules if subject in nearby.covers(rule)), None)


def _found(judge: Judge, subject: str) -> tuple[tuple[Candidate, Fact], ...]:
    """The rules that a thing of this spelling falls under, as the likeliest kind of thing it can be first."""
    found: dict[str, tuple[Candidate, Fact]] = {}
    for fact in _readings(subject):
        candidate = judge.rule_of(fact)
        if candidate is not None:
            found.setdefault(candidate.rule.id, (candidate, fact))
    return tuple(found.values())


def _readings(subject: str) -> Iterator[Fact]:
    plain = subject.strip("\"'")
    plain = plain[1:] if plain.startswith(".") else plain
    plain = plain[:-2] if plain.endswith("()") else plain
    quoted, dotted = subject[:1] in "\"'", subject.startswith(".") or subject.endswith("()")
    kinds = (FactKind.STRING,) if quoted else (FactKind.METHOD, *_STRONG, *_WEAK) if dotted else (*_STRONG, *_WEAK)
    for kind in kinds:
        names = [plain.lower().replace("_", "-"), plain] if kind is FactKind.DEPENDENCY else [plain]
        for name in names:
            for context in _CONTEXTS:
                yield Fact(kind, name, _NOWHERE, context=context)
    owner, _, member = plain.rpartition(".")
    if owner == _WITH_METHODS[0]:
        yield from (Fact(FactKind.METHOD, member, _NOWHERE, context=context) for context in _CONTEXTS)


def _styles(judge: Judge, verdict: Verdict, fact: Fact | None, about: TargetPack, target: Target) -> Styles:
    texts = (verdict.npu, verdict.agnostic, verdict.agnostic_before)
    direct, agnostic, before = (
        judge.fill(text, fact) if fact else sketched(text, about, target.torch, target.hardware) for text in texts
    )
    return Styles(direct, agnostic, verdict.agnostic_since, before)
