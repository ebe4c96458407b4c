"""Explains one thing: a rule by id or name, an API, a method, an environment variable, a program, a library, a string.

What it is, what it becomes on the target in each style, what to mind, what the runtime shim does, how far a fix can be
trusted, code before and after, and where all of that was read.
"""

from __future__ import annotations

import difflib
from typing import Iterator, NamedTuple, Optional, Tuple

from portcheck import releases, support
from portcheck.errors import UsageError
from portcheck.match import Judge, subject_of
from portcheck.model import Fact, FactKind, Safety, Span, Target
from portcheck.packtypes import Example, Pack, Rule, Verdict
from portcheck.releases import Effect
from portcheck.support import SupportRow

_NOWHERE = Span(1, 1, 1, 1)
SHIM = {
    "redirected": "handled: the name is redirected to its NPU form",
    "rewritten": "handled: the argument is rewritten on the way",
    "disabled": "made to do nothing",
    "restored": "not reached: it is given PyTorch's own answer to whether CUDA is there",
    "unreached": "not reached: the place needs a change all the same",
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
_CONTEXTS = ("", "call", "load", "store", "argument", "compare", "member", "assign", "element", "key", "value")


class Styles(NamedTuple):
    """What a place becomes: in the target's own words, and in device-agnostic ones with the PyTorch that has them.

    `before` is the device-agnostic form for a PyTorch older than `since`.
    """

    direct: str
    agnostic: str
    since: str
    before: str = ""


class Listed(NamedTuple):
    """What the vendor's tables say of an API, by version and then by card, in the order of `versions` and `cards`."""

    versions: Tuple[str, ...]
    cards: Tuple[str, ...]
    rows: Tuple[Tuple[SupportRow, ...], ...]

    @property
    def known(self) -> bool:
        """Whether any table lists the API."""
        return any(row.listed for line in self.rows for row in line)


class Patched(NamedTuple):
    """What the shim does to a name, by version of PyTorch, or in all to names of PyTorch when it is the subject."""

    versions: Tuple[Tuple[str, Tuple[Effect, ...]], ...]
    totals: Tuple[Tuple[str, Tuple[Tuple[str, Tuple[str, ...]], ...]], ...] = ()


class Judged(NamedTuple):
    """What a rule and its verdict say of a subject; `effect` is what the shim of the chosen version does there."""

    rule: Rule
    verdict: Verdict
    styles: Styles
    covers: Tuple[str, ...]
    example: Optional[Example]
    effect: str = ""

    @property
    def shim(self) -> str:
        """What the runtime shim does with the place, in words."""
        return SHIM.get(self.effect or self.verdict.shim, "nothing is known of it")

    @property
    def trust(self) -> str:
        """How far an automatic change can be trusted, and why."""
        trust = TRUST[self.verdict.safety] if self.verdict.safety else "none is known"
        return f"{trust} ({self.verdict.safety_why})" if self.verdict.safety_why else trust


class Explanation(NamedTuple):
    """Everything that is known of a subject on a target: by the rules, the vendor's tables, the source of its shim."""

    subject: str
    target: Target
    title: str
    judged: Optional[Judged]
    listed: Optional[Listed]
    patched: Optional[Patched] = None


def explain(subject: str, pack: Pack, target: Target, examples: Tuple[Example, ...]) -> Explanation:
    """Return what is known of `subject` on `target`; `examples` are those of the pack.

    Raises:
        UsageError: no rule speaks of the subject; the nearest names are in the message.
    """
    judge = Judge(pack, target)
    wanted = subject.strip()
    if pack.target.shim and wanted in ("shim", pack.target.shim, pack.target.shim.rpartition(" ")[2]):
        return Explanation(pack.target.shim, target, pack.target.title, None, None, _whole_shim(pack, target))
    rule = next((rule for rule in pack.rules if wanted.upper() == rule.id or wanted.lower() == rule.name), None)
    fact: Optional[Fact] = None
    if rule is None:
        rule, fact = _found(judge, wanted)
    if rule is None:
        listed, patched = _listed(wanted, target), _patched((wanted,), pack, target)
        if listed is None and patched is None:
            raise UsageError(f"no rule speaks of {wanted!r}, and no table lists it{_nearest(wanted, pack)}")
        return Explanation(wanted, target, pack.target.title, None, listed, patched)
    verdict = judge.verdict_of(rule, fact.name if fact else "")
    covers = tuple(pattern for matcher in rule.matchers for pattern in matcher.patterns)
    shown = next((each for each in examples if each.rule == rule.id and each.bad), None)
    names = _names_of(fact)
    patched = _patched(names, pack, target)
    judged = Judged(rule, verdict, _styles(judge, verdict, fact), covers, shown, _effect(patched, target))
    listed = _listed(names[0], target) if names else None
    about = subject_of(fact) if fact else f"{rule.id} {rule.name}"
    return Explanation(about, target, pack.target.title, judged, listed, patched)


def _names_of(fact: Optional[Fact]) -> Tuple[str, ...]:
    """The names of PyTorch that a subject may be: an API is itself, a method that of a tensor or of a module."""
    if fact is None:
        return ()
    if fact.kind is FactKind.METHOD:
        return tuple(f"{owner}.{fact.name}" for owner in ("torch.Tensor", "torch.nn.Module"))
    return (fact.name,) if fact.kind in _NAMED else ()


def _patched(names: Tuple[str, ...], pack: Pack, target: Target) -> Optional[Patched]:
    """What the shims of all versions do to the names; None when they do nothing."""
    rows = tuple(
        (version, tuple(effect for name in names for effect in releases.effects(name, version, target.name)))
        for version in (pack.target.versions if pack.target.shim else ())
    )
    return Patched(rows) if any(effects for _, effects in rows) else None


def _effect(patched: Optional[Patched], target: Target) -> str:
    """The kind of effect on the chosen version."""
    found = dict(patched.versions).get(target.torch, ()) if patched else ()
    return found[0].kind if found else ""


def _whole_shim(pack: Pack, target: Target) -> Patched:
    """The names that the shims of all versions touch, and those they do not reach, by kind of effect."""
    names = ((version, releases.shim_names(version, target.name)) for version in pack.target.versions)
    return Patched((), tuple((version, tuple(found.items())) for version, found in names))


def _listed(name: str, target: Target) -> Optional[Listed]:
    """What the tables of all versions say of an API; None when none lists it."""
    versions, cards = support.versions(target.name), support.cards(target.name)
    rows = tuple(tuple(support.support(name, version, card, target.name) for card in cards) for version in versions)
    listed = Listed(versions, cards, rows)
    return listed if listed.known else None


def _found(judge: Judge, subject: str) -> Tuple[Optional[Rule], Optional[Fact]]:
    """The rule that a thing of this spelling falls under, as the likeliest kind of thing it can be."""
    for fact in _readings(subject):
        candidate = judge.rule_of(fact)
        if candidate is not None:
            return candidate.rule, fact
    return None, None


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


def _styles(judge: Judge, verdict: Verdict, fact: Optional[Fact]) -> Styles:
    if fact is None:
        return Styles(verdict.npu, verdict.agnostic, verdict.agnostic_since, verdict.agnostic_before)
    forms = [judge.fill(text, fact) for text in (verdict.npu, verdict.agnostic, verdict.agnostic_before)]
    return Styles(forms[0], forms[1], verdict.agnostic_since, forms[2])


def _nearest(subject: str, pack: Pack) -> str:
    """The closest spellings among all that the rules know."""
    known = {rule.id for rule in pack.rules} | {rule.name for rule in pack.rules}
    known.update(p[:-2] if p.endswith(".*") else p for rule in pack.rules for m in rule.matchers for p in m.patterns)
    close = difflib.get_close_matches(subject, sorted(known), 3, 0.6)
    if not close:
        last = subject.rpartition(".")[2]
        close = sorted(name for name in known if last and name.rpartition(".")[2] == last)[:3]
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
