"""The libraries that a repository asks for or uses, each with how it stands on the target.

What is required by a distribution's name and what is imported by a module's are one library where they fall under one
rule and the names are the same, or that of the distribution goes on behind a hyphen (`faiss-gpu` brings `faiss`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from portcheck.arguments import COMPILED
from portcheck.inventory import STATUSES, Library, Place
from portcheck.model import Category, Fact, FactKind, FileFacts, Finding, Span, Work
from portcheck.packtypes import Answers, Pack, Verdict
from portcheck.records import NamedTuple
from portcheck.sources.requirement import TORCH, normalised
from portcheck.targetfile import UNKNOWN

_LIBRARIES = frozenset({Category.LIBRARY, Category.DEPENDENCY, Category.OTHER_FRAMEWORK})
_MODULES = frozenset({FactKind.IMPORT, FactKind.CALL, FactKind.ATTRIBUTE})
_FRAMEWORK = frozenset({"torch"})
_DEEP = 3
"""Folders above a package, with its own, in which it is the project's own rather than a part of it."""

_LIKELY = {
    Work.BLOCKER: "none",
    Work.REWRITE: "replaced",
    Work.CONFIG: "replaced",
    Work.RENAME: "replaced",
    Work.VERIFY: "partial",
    Work.NONE: "native",
}
_HARDEST = {work: place for place, work in enumerate(reversed(Work))}


class _Use(NamedTuple):
    """A place where a library is asked for or used, and what was said of it there."""

    finding: Finding
    fact: Fact
    verdict: Verdict
    name: str


def libraries(
    pack: Pack, facts: Mapping[str, FileFacts], findings: Mapping[str, Sequence[Finding]]
) -> tuple[Library, ...]:
    """Return the libraries, the worst first, then those at most places."""
    said, whole = Answers(pack.verdicts), _whole(pack)
    groups: dict[tuple[str, str], list[_Use]] = defaultdict(list)
    for path, found in facts.items():
        for use in _uses(found, findings.get(path, ()), said, whole):
            groups[use.verdict.rule, use.name].append(use)
    own = {path.rpartition("/__init__.py")[0].rpartition("/")[2] for path in facts if path.count("/") < _DEEP}
    joined = {name: uses for name, uses in _joined(groups).items() if name.replace("-", "_") not in own}
    rows = [_library(name, uses, whole) for name, uses in joined.items()]
    return tuple(sorted(rows, key=_order))


def _whole(pack: Pack) -> frozenset[str]:
    """The packages that rules speak of as such; of others they name a part, which is what stands in the table."""
    found: set[str] = set()
    for rule in pack.rules:
        required = any(matcher.kind == "dependency" for matcher in rule.matchers)
        for pattern in (each for matcher in rule.matchers if matcher.kind == "api" for each in matcher.patterns):
            top, _, rest = pattern.partition(".")
            found.update((top,) if required or rest in ("", "*") else ())
    return frozenset(found)


def _module(name: str, whole: frozenset[str]) -> str:
    """The package that a name is of, or the part of one that rules speak of."""
    top, _, rest = name.lstrip(".").partition(".")
    return top if top in whole or not rest else f"{top}.{rest.partition('.')[0]}"


def _uses(facts: FileFacts, findings: Sequence[Finding], said: Answers, whole: frozenset[str]) -> Iterable[_Use]:
    if not findings:
        return
    by_place: dict[Span, list[Fact]] = defaultdict(list)
    for fact in facts.facts:
        if fact.kind in _MODULES or fact.kind is FactKind.DEPENDENCY:
            by_place[fact.span].append(fact)
    for finding in findings:
        for fact in by_place.get(finding.span, ()):
            name = _name(fact, finding, whole)
            if fact.name == finding.subject and name:
                yield _Use(finding, fact, said.of(finding.rule, fact.name), name)
                break


def _name(fact: Fact, finding: Finding, whole: frozenset[str]) -> str:
    """The library that a place is about; empty when it is about none, such as PyTorch itself."""
    if fact.kind is FactKind.DEPENDENCY:
        return "" if ":" in fact.name or fact.name in TORCH else fact.name
    if COMPILED in dict(fact.args):
        return ""
    top = fact.name.lstrip(".").partition(".")[0]
    bound = finding.category in _LIBRARIES and top not in _FRAMEWORK
    return normalised(_module(fact.name, whole)) if bound else ""


def _joined(groups: Mapping[tuple[str, str], list[_Use]]) -> dict[str, list[_Use]]:
    """The uses by library, those of distributions with the modules that they bring."""
    used = {key for key, uses in groups.items() if any(use.fact.kind in _MODULES for use in uses)}
    joined: dict[str, list[_Use]] = defaultdict(list)
    for (rule, name), uses in groups.items():
        homes = [module for home, module in used if home == rule and name.startswith(f"{module}-")]
        joined[max(homes, key=len) if homes and (rule, name) not in used else name] += uses
    return joined


def _library(name: str, uses: Sequence[_Use], whole: frozenset[str]) -> Library:
    # What is said of the library itself tells more than what is said of how it is required.
    hardest = min(uses, key=lambda use: (easiness(use.finding), use.finding.category is Category.DEPENDENCY))
    asked = [dict(use.fact.args).get("spec", "") for use in uses]
    modules = (_module(use.fact.name, whole) for use in uses if use.fact.kind in _MODULES)
    return Library(
        name=next(modules, name),
        status=min((status_of(use.verdict) for use in uses), key=STATUSES.index),
        work=hardest.finding.work.value,
        advice=hardest.finding.replacement or hardest.verdict.message,
        since=next((use.verdict.runs_since for use in uses if use.verdict.runs_since), ""),
        # What a variable stands for is not known.
        asked=tuple(dict.fromkeys(spec for spec in asked if spec and "$" not in spec)),
        required=_places(use for use in uses if use.fact.kind is FactKind.DEPENDENCY),
        used=_places(use for use in uses if use.fact.kind in _MODULES),
        optional=_is_optional(uses),
        rules=tuple(sorted({use.finding.rule for use in uses})),
        evidence=hardest.verdict.evidence,
    )


def _is_optional(uses: Sequence[_Use]) -> bool:
    """Whether the code can do without a library: where no import has to succeed, nothing that it brings is needed."""
    asking = [use for use in uses if use.fact.kind in (FactKind.IMPORT, FactKind.DEPENDENCY)]
    return all("optional" in use.finding.guards for use in asking or uses)


def easiness(finding: Finding) -> int:
    """Return how far the work at a place is from the hardest kind."""
    return _HARDEST[finding.work]


def status_of(verdict: Verdict) -> str:
    """Return how a library stands on the target: as its verdict says, or as the work amounts to that it asks for."""
    if verdict.status:
        return verdict.status
    return "unknown" if verdict.message.startswith(UNKNOWN) else _LIKELY[verdict.work]


def _places(uses: Iterable[_Use]) -> tuple[Place, ...]:
    spans = ((use.finding.path, use.finding.span) for use in uses)
    return tuple(dict.fromkeys(Place(path, span.line, span.cell) for path, span in spans))


def _order(library: Library) -> tuple[int, bool, int, str]:
    places = len(library.required) + len(library.used)
    return STATUSES.index(library.status), library.optional, -places, library.name
