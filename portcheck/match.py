"""What facts mean on a target: each fact falls under at most one rule, the most specific, and takes that rule's
verdict.

Pure: the same facts, pack and target give the same findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Callable

from portcheck.apart import device_of
from portcheck.arguments import COMPILED, INLINE, SPREAD
from portcheck.digests import blake2b
from portcheck.model import Fact, FactKind, FileFacts, Finding, Link, Role, Safety, Support, Target, Work
from portcheck.pack import Matcher, Pack, Rule, Verdict
from portcheck.packtypes import HANDLED, Answers
from portcheck.patterns import fits, is_glob, literal_of, version_tuple
from portcheck.records import NamedTuple
from portcheck.wording import filled, message_of, shown_as, subject_of

if TYPE_CHECKING:
    from portcheck.support import SupportRow

_KIND_OF_MATCHER = {
    FactKind.IMPORT: ("api", "import_glob"),
    FactKind.CALL: ("api", "import_glob"),
    FactKind.ATTRIBUTE: ("api",),
    FactKind.METHOD: ("method",),
    FactKind.STRING: ("string",),
    FactKind.KEYWORD: ("keyword",),
    FactKind.ENV: ("env",),
    FactKind.COMMAND: ("command",),
    FactKind.INDEX: ("index",),
    FactKind.DEPENDENCY: ("dependency",),
    FactKind.IMAGE: ("image",),
    FactKind.SETTING: ("setting",),
    FactKind.INCLUDE: ("include",),
    FactKind.KERNEL: ("kernel",),
    FactKind.DEFINITION: ("define",),
    FactKind.BRANCH: ("branch",),
}


_ALONE = "alone:"
"""How the guard begins that says for which single device code is."""
_MECHANICAL = (Work.RENAME, Work.CONFIG)
_ABOUT_RECEIVER = frozenset({"use", "receiver", "on"})


Lookup = Callable[[str], "SupportRow"]
Effects = Callable[[str], str]
"""What the runtime shim does to a name: the kind of its effect, or nothing."""
_NAMED = frozenset({FactKind.IMPORT, FactKind.CALL, FactKind.ATTRIBUTE})


class Candidate(NamedTuple):
    """One pattern of one rule: the more specific it is, the sooner it is tried."""

    pattern: str
    matcher: Matcher
    rule: Rule


_candidate = partial(tuple.__new__, Candidate)
"""Makes a `Candidate` of a tuple of all its fields, at half the price."""


class _Named(NamedTuple):
    """The candidates for facts of a kind and name, and whether any of them asks in which function they stand."""

    candidates: tuple[Candidate, ...]
    scoped: bool


class _Patterns:
    """The patterns of all matchers of one kind: exact ones, prefixes, and globs, each with a text it asks for."""

    def __init__(self, kind: str, found: Iterable[tuple[Matcher, Rule]]) -> None:
        self.exact: dict[str, list[Candidate]] = {}
        self.below: dict[str, list[Candidate]] = {}
        globs: list[Candidate] = []
        for matcher, rule in found:
            for pattern in matcher.patterns:
                candidate = _candidate((pattern, matcher, rule))
                if kind == "api" and pattern.endswith(".*"):
                    self.below.setdefault(pattern[:-2], []).append(candidate)
                elif is_glob(pattern):
                    globs.append(candidate)
                else:
                    self.exact.setdefault(pattern, []).append(candidate)
        globs.sort(key=lambda c: (-len(c.pattern), c.rule.id))
        self.globs = [(literal_of(candidate.pattern), candidate) for candidate in globs]


class RuleIndex:
    """The matchers of a pack, found by kind and pattern; which rule a fact falls under is the same for all targets."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        """Index every matcher of every rule; patterns are sorted once a fact of their kind comes up."""
        self._matchers: dict[str, list[tuple[Matcher, Rule]]] = {}
        self._patterns: dict[str, _Patterns] = {}
        self._known: dict[tuple[FactKind, str], _Named] = {}
        self._rules: dict[tuple[object, ...], Candidate | None] = {}
        for rule in rules:
            for matcher in rule.matchers:
                self._matchers.setdefault(matcher.kind, []).append((matcher, rule))

    def candidates(self, kind: str, name: str) -> list[Candidate]:
        """The candidates for a name, most specific pattern first."""
        known = self._patterns.get(kind)
        if known is None:
            known = self._patterns[kind] = _Patterns(kind, self._matchers.get(kind, ()))
        found = list(known.exact.get(name, ()))
        if known.below:
            parts = name.split(".")
            for cut in range(len(parts), 0, -1):
                found.extend(known.below.get(".".join(parts[:cut]), ()))
        found.extend(c for literal, c in known.globs if literal in name and fits((c.pattern,), name))
        return found

    def rule_of(self, fact: Fact) -> Candidate | None:
        """The most specific rule that a fact falls under: exact before glob, constrained before unconstrained."""
        named = self._known.get((fact.kind, fact.name)) or self._named(fact.kind, fact.name)
        if not named.candidates:
            return None
        # No matcher asks for the line or the guards of a place, and hardly one for the function around it.
        key = (fact.kind, fact.name, fact.context, fact.args, fact.scope if named.scoped else "")
        if key not in self._rules:
            self._rules[key] = _most_specific(named.candidates, fact)
        return self._rules[key]

    def _named(self, kind: FactKind, name: str) -> _Named:
        found = [each for matchers in _KIND_OF_MATCHER.get(kind, ()) for each in self.candidates(matchers, name)]
        named = self._known[kind, name] = _Named(tuple(found), any(each.matcher.within for each in found))
        return named


def holder_of(fact: Fact) -> str:
    """The definition that a fact stands in, or the constant whose value it is; other places may lean on either."""
    return fact.scope or dict(fact.args).get("of", "")


def _most_specific(candidates: Iterable[Candidate], fact: Fact) -> Candidate | None:
    fitting = [(position, each) for position, each in enumerate(candidates) if _fits(each.matcher, fact)]
    if not fitting:
        return None
    return min(fitting, key=lambda item: (-_constraints(item[1].matcher), item[0]))[1]


class Judge:
    """A pack and a target, ready to judge facts."""

    def __init__(
        self,
        pack: Pack,
        target: Target,
        lookup: Lookup | None = None,
        effects: Effects | None = None,
        index: RuleIndex | None = None,
    ) -> None:
        """`target` names version, card and strategy; the pack must be the one of that target.

        `lookup` tells what the vendor says of an API; without it every API counts as unlisted. `effects` tells what the
        shim of that version does; without it, and where it says nothing, the rules' word counts. `index` is that of the
        pack's rules, where it was made before.
        """
        self._pack = pack
        self._lookup = lookup
        self._effects = effects
        self._target = target
        self._index = index or RuleIndex(pack.rules)
        self._answers = Answers(pack.verdicts)

    def rule_of(self, fact: Fact) -> Candidate | None:
        """The most specific rule that a fact falls under."""
        return self._index.rule_of(fact)

    def findings(self, path: str, role: Role, facts: FileFacts, links: tuple[Link, ...] = ()) -> tuple[Finding, ...]:
        """The findings of one file, in the order of its text; those that need no work are among them (`Work.NONE`)."""
        callers = {link.name: link.calls for link in links}
        seen: dict[str, int] = {}
        findings: list[Finding] = []
        around: dict[tuple[str, int | None], int] = {}
        for fact in facts.facts:
            candidate = self.rule_of(fact)
            if candidate is not None and not _is_inside(fact, candidate.rule, around):
                device = device_of(path, fact.scope, self._pack.target)
                fact = fact._replace(guards=(f"{_ALONE}{device}", *fact.guards)) if device else fact
                verdict = self.verdict_of(candidate.rule, fact.name)
                finding = self._finding(path, role, fact, candidate, verdict)
                key = "|".join((finding.rule, finding.subject, fact.scope, fact.context))
                seen[key] = seen.get(key, 0) + 1
                leaning = callers.get(holder_of(fact), 0)
                findings.append(finding._replace(fingerprint=_digest(f"{key}|{seen[key]}"), callers=leaning))
        return tuple(findings)

    def _finding(self, path: str, role: Role, fact: Fact, candidate: Candidate, verdict: Verdict) -> Finding:
        rule = candidate.rule
        ported = self._ported(fact.guards)
        work = Work.NONE if ported else verdict.work
        general = self._applied(verdict)
        replacement = "" if ported else self.fill(general or verdict.npu, fact)
        subject = subject_of(fact)
        shown = shown_as(subject, replacement, bool(general and verdict.form))
        name = self._listed_name(fact) if self._lookup is not None else ""
        row = self._lookup(name) if self._lookup is not None and name else None
        effect = self._effect(fact, verdict)
        message = message_of(subject, rule, verdict, work, shown, ported)
        return Finding(
            rule=rule.id,
            path=path,
            span=fact.span,
            category=rule.category,
            subject=subject,
            work=work,
            certainty=fact.certainty,
            support=row.support if row is not None else Support.UNLISTED,
            message=message if verdict.refusal else message + self._refused(row, work),
            replacement=replacement,
            shim=effect in HANDLED if effect else None,
            fixable=_trust(verdict, fact, bool(general)) if work in _MECHANICAL and replacement else None,
            evidence=verdict.evidence,
            role=role,
            guards=fact.guards,
            effect=effect,
            agnostic=bool(self._general(verdict)),
            module=dict(fact.args).get(COMPILED, "").lstrip("."),
            under_shim=Work(verdict.under_shim) if verdict.under_shim and effect in HANDLED else None,
        )

    def _listed_name(self, fact: Fact) -> str:
        """The name to look up: a method's where its receiver is known, or where only tensors have it."""
        if fact.kind is not FactKind.METHOD:
            return fact.name if fact.kind in _NAMED else ""
        receiver = dict(fact.args).get("receiver", "")
        if receiver and not receiver.startswith("."):
            return f"{receiver}.{fact.name}"
        return f"torch.Tensor.{fact.name}" if fact.name in self._pack.interest.tensor_methods else ""

    def _effect(self, fact: Fact, verdict: Verdict) -> str:
        """What the shim does at a place: by the name where its source tells, else as the rule says."""
        named = self._effects(fact.name) if self._effects is not None and fact.kind in _NAMED else ""
        return named or verdict.shim

    def _refused(self, row: SupportRow | None, work: Work) -> str:
        """The vendor's no, said as the vendor's: a call may run all the same."""
        if row is None or row.support is not Support.UNSUPPORTED or work is Work.NONE:
            return ""
        card, torch = self._target.hardware.upper(), self._target.torch
        return f"; not supported for now on {card} with PyTorch {torch}, according to {row.evidence}"

    def _ported(self, guards: tuple[str, ...]) -> str:
        """Why the place is portable already: a branch for the target beside it, code or a branch for another device, or
        only types; empty when it is not."""
        device, backend = self._pack.target.device, self._pack.target.backend
        alone = next((token[len(_ALONE) :] for token in guards if token.startswith(_ALONE)), "")
        if alone:
            return f"is in code for {alone} alone"
        if f"beside:{device}" in guards or f"beside:{backend}" in guards:
            return f"stands beside a branch for {device}"
        if f"available:{device}" in guards or f"device:{device}" in guards:
            return f"stands in a branch for {device}"
        entered = {token.partition(":")[2] for token in guards if token.startswith(("available:", "device:"))}
        # A branch for yet another device is of no concern to a port.
        if entered and self._pack.interest.origin not in entered:
            return f"stands in a branch for {', '.join(sorted(entered))}"
        return "is only seen by type checkers" if "type-checking" in guards else ""

    def _applied(self, verdict: Verdict) -> str:
        """The device-agnostic form that a place takes, by the strategy and the chosen PyTorch; empty for none."""
        return self._general(verdict) if self._target.strategy != "npu" else ""

    def _general(self, verdict: Verdict) -> str:
        """The device-agnostic form that the chosen PyTorch has; empty for none."""
        since = version_tuple(verdict.agnostic_since)
        if since <= version_tuple(self._target.oldest or self._target.torch):
            return verdict.agnostic
        return verdict.agnostic_before or self._of_module(verdict)

    def _of_module(self, verdict: Verdict) -> str:
        """The name in the module of the device in use, for code that must run on an old PyTorch; empty for none."""
        module = f"{self._pack.target.module}."
        known = self._target.oldest and self._pack.target.general and verdict.npu.startswith(module)
        return f"{self._pack.target.general}.{verdict.npu[len(module) :]}" if known else ""

    def fill(self, template: str, fact: Fact) -> str:
        """Return a replacement with the parts of the fact's name and the target's words put in."""
        return filled(template, fact, self._pack.target, self._target.torch, self._target.hardware)

    def verdict_of(self, rule: Rule, name: str) -> Verdict:
        """The verdict on a name under a rule."""
        return self._answers.of(rule.id, name)


def _is_inside(fact: Fact, rule: Rule, around: dict[tuple[str, int | None], int]) -> bool:
    """Whether a definition lies within another one under the same rule: a class and its method are one place.

    `around` remembers where the last definition of each rule ends; facts come in the order of the text.
    """
    if fact.kind is not FactKind.DEFINITION:
        return False
    key, end = (rule.id, fact.span.cell), fact.span.end_line
    inside = end <= around.get(key, 0)
    around[key] = max(end, around.get(key, 0))
    return inside


def _fits(matcher: Matcher, fact: Fact) -> bool:
    if matcher.kinds and fact.kind.value not in matcher.kinds:
        return False
    if matcher.context and fact.context not in matcher.context and fact.context != "textual":
        return False
    if (
        matcher.use
        and fact.context not in (matcher.use, "textual")
        and not (matcher.use == "attribute" and fact.context != "call")
    ):
        return False
    if matcher.within and not fits(matcher.within, fact.scope):
        return False
    args = dict(fact.args)
    of, at = args.get("of", ""), args.get("at", "")
    for wanted, value in (
        (matcher.of, of),
        (matcher.at, at),
        (matcher.value, args.get("value") or args.get("spec", "")),
    ):
        unknown = fact.kind is FactKind.ENV and not value and wanted is matcher.value
        if wanted and not unknown and not fits(wanted, value):
            return False
    if not (_fits_call(matcher, args) and _fits_body(matcher, args.get("calls", ""), args.get("leans", ""))):
        return False
    return not any(
        unwanted and value and fits(unwanted, value) for unwanted, value in ((matcher.not_of, of), (matcher.not_at, at))
    )


def _fits_call(matcher: Matcher, args: dict[str, str]) -> bool:
    """Whether receiver and arguments are as the matcher asks."""
    if matcher.receiver:
        receiver = args.get("receiver") or args.get("on", "")
        if not fits(matcher.receiver, receiver):
            return False
    if matcher.lacks and not args.keys().isdisjoint((*matcher.lacks, SPREAD)):
        return False
    if not matcher.args:
        return True
    given = (text for key, text in args.items() if key not in _ABOUT_RECEIVER)
    return any(fits(matcher.args, text) for text in given)


def _fits_body(matcher: Matcher, called: str, leans: str) -> bool:
    """Whether a definition calls one name of each group, and none of those that it must lack.

    Nor may the methods of its class that it calls; `leans` are the names that those call.
    """
    if not matcher.calls:
        return True
    names = set(called.split())
    return names.union(leans.split()).isdisjoint(matcher.lacks) and all(
        not names.isdisjoint(group.split("|")) for group in matcher.calls
    )


def _trust(verdict: Verdict, fact: Fact, general: bool) -> Safety | None:
    """How far a change can be trusted; that of a name which a test patches hangs on the code that is tested.

    Code on a command line is for people to change.
    """
    if INLINE in fact.guards:
        return Safety.DISPLAY
    safety = (verdict.agnostic_safety if general else None) or verdict.safety
    return Safety.UNSAFE if safety is Safety.SAFE and fact.context == "patch" else safety


def _constraints(matcher: Matcher) -> int:
    """How much a matcher asks for beside the name."""
    asked = (
        matcher.of,
        matcher.at,
        matcher.value,
        matcher.context,
        matcher.receiver,
        matcher.args,
        matcher.calls,
        matcher.lacks,
        matcher.within,
    )
    return sum(map(bool, asked))


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
