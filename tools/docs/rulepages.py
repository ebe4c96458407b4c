"""One page for each rule, and the index by category, from the rule packs, their tables and their examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from portcheck import pack
from portcheck.explain import SHIM, TRUST
from portcheck.match import Judge
from portcheck.model import Category, Fact, FactKind, Span, Target, Work
from portcheck.packtypes import Example, Matcher, Pack, Rule, TargetPack, Verdict
from portcheck.report.forms import forms
from portcheck.report.words import CATEGORY, WORK
from portcheck.strategy import AGNOSTIC
from portcheck.support import SupportRow, support
from portcheck.wording import sketched
from tools.docs.markdown import block, bullets, code, page, plain, table

_LANGUAGE = {
    "python": "python",
    "notebook": "json",
    "shell": "bash",
    "container": "docker",
    "kernel": "cuda",
    "settings": "yaml",
    "build": "cmake",
}
_MATCHED = {
    "api": "The name",
    "method": "The method",
    "string": "The text",
    "keyword": "The argument",
    "env": "The environment variable",
    "command": "The program",
    "index": "The index",
    "import_glob": "The module",
    "dependency": "The package",
    "image": "The image",
    "setting": "The setting",
    "include": "The include",
    "kernel": "In C++ and CUDA",
    "define": "The definition",
    "branch": "The branch",
    "table": "In the vendor's tables",
}
_MAX_NAMES = 40
_NAME_TITLES = ("name", "work", "for any accelerator", "for the target alone", "mind")


def pages() -> dict[str, str]:
    """Return the page of each rule by its path in the documentation."""
    known, examples = _known()
    return {f"rules/{rule.id}.md": _page(rule, known, examples[rule.id]) for rule in known.rules}


def index() -> str:
    """Return the tables of all rules, by category."""
    known, _ = _known()
    works = {verdict.rule: verdict.work for verdict in known.verdicts if not verdict.names}
    rules: dict[Category, list[Rule]] = defaultdict(list)
    for rule in sorted(known.rules, key=lambda rule: rule.id):
        rules[rule.category].append(rule)
    parts = [f"{len(known.rules)} rules. The work is that on {plain(known.target.title)}; single names may differ."]
    for category in filter(rules.__contains__, Category):
        rows = [
            [f"[{rule.id}]({rule.id}.md)", plain(rule.name), plain(rule.summary), works[rule.id].value]
            for rule in rules[category]
        ]
        title = CATEGORY[category]
        parts += [
            f"## {title[0].upper()}{title[1:]}: `{category.value}`",
            table(["rule", "name", "what", "work"], rows),
        ]
    return page(parts)


@cache
def _known() -> tuple[Pack, dict[str, list[Example]]]:
    examples: dict[str, list[Example]] = defaultdict(list)
    for example in pack.examples():
        examples[example.rule].append(example)
    return pack.load(), examples


def _page(rule: Rule, known: Pack, examples: Sequence[Example]) -> str:
    verdicts = [verdict for verdict in known.verdicts if verdict.rule == rule.id]
    whole = next(verdict for verdict in verdicts if not verdict.names)
    return page(
        [
            f"# {rule.id} {plain(rule.name)}",
            f"**{plain(rule.summary)}.** {plain(rule.why)}",
            f"Category `{rule.category.value}` ({CATEGORY[rule.category]}).",
            f"## On {plain(known.target.title.partition(' (')[0])}",
            _verdict(whole, known.target),
            *_names(rule, verdicts, known),
            *_tables(rule, known),
            "## What it matches",
            bullets(map(_matched, rule.matchers)),
            "## Examples",
            *_examples(rule, examples),
            "## Read in",
            bullets([*map(plain, _evidence(verdicts)), *(f"<{link}>" for link in rule.links)]),
            f"`portcheck explain {rule.id}` says the same for a version and card of your choice.",
        ]
    )


def _target(known: Pack) -> Target:
    about = known.target
    return Target(about.name, about.default_torch, about.default_hardware, AGNOSTIC)


def _verdict(verdict: Verdict, about: TargetPack) -> str:
    """A rule's own verdict as a list."""
    rows = [f"Work: **{verdict.work.value}**, {WORK[verdict.work]}."]
    rows += [f"{label}: {code(text)}" for label, text in forms(verdict, about)]
    rows += [plain(verdict.message)] if verdict.message else []
    rows += [f"Under the shim: {SHIM[verdict.shim]}."] if verdict.shim else []
    return bullets([*rows, f"`portcheck fix`: {_trust(verdict)}."])


def _trust(verdict: Verdict) -> str:
    said = TRUST[verdict.safety] if verdict.safety else "no automatic change is known"
    return said + (f" ({plain(verdict.safety_why)})" if verdict.safety_why else "")


def _names(rule: Rule, verdicts: Sequence[Verdict], known: Pack) -> Iterator[str]:
    """What single names become: those with a verdict of their own, and those that the replacement repeats a part of."""
    own = {name for verdict in verdicts for name in verdict.names}
    spelt = [name for matcher in rule.matchers for name in matcher.patterns if "*" not in name and name not in own]
    judge = Judge(known, _target(known))
    rows = [
        _single(names, verdict, judge, known.target)
        for verdict in verdicts
        for names in _together(verdict, verdict.names if verdict.names else tuple(dict.fromkeys(spelt)))
    ]
    whole = next(verdict for verdict in verdicts if not verdict.names)
    same = {1: whole.work.value, 4: plain(whole.message)}
    # What is as for the rule as a whole is said there.
    shown = [["" if cell == same.get(at) else cell for at, cell in enumerate(row)] for row in rows]
    kept = [at for at in range(len(_NAME_TITLES)) if any(row[at] for row in shown)]
    if rows:
        yield "### Name by name"
        yield table([_NAME_TITLES[at] for at in kept], [[row[at] for at in kept] for row in shown])


def _together(verdict: Verdict, names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The names of each row: one alone where the replacement depends on it, and none where nothing is to be said."""
    if any("{" in text for text in (verdict.npu, verdict.agnostic, verdict.agnostic_before)):
        return [(name,) for name in names]
    return [names] if verdict.names else []


def _single(names: tuple[str, ...], verdict: Verdict, judge: Judge, about: TargetPack) -> list[str]:
    fact = Fact(FactKind.CALL, names[0], Span(1, 1, 1, 1))
    known = "*" not in names[0]
    texts = (verdict.agnostic, verdict.agnostic_before, verdict.npu)
    general, before, direct = (
        code(judge.fill(text, fact) if known else sketched(text, about)) if text else "" for text in texts
    )
    if general and verdict.agnostic_since:
        general += f" ({verdict.agnostic_since} on)"
    older = f"<br>{before} (older)" if before else ""
    shown = (general + older, direct) if verdict.work is not Work.NONE else ("", "")
    reach = {"unreached": "not reached by the shim", "disabled": "disabled by the shim"}.get(verdict.shim, "")
    mind = "; ".join(filter(None, [plain(verdict.message), reach]))
    return ["<br>".join(map(code, names)), verdict.work.value, *shown, mind]


def _tables(rule: Rule, known: Pack) -> Iterator[str]:
    """What the vendor's tables say of the names that a rule spells out, by version and card."""
    names = [name for matcher in rule.matchers if matcher.kind == "api" for name in matcher.patterns]
    rows = [row for row in (_listed(name, known) for name in names if not name.endswith("*")) if row]
    if not rows:
        return
    yield "### According to the vendor's tables"
    yield table(["name", *(f"PyTorch {version}" for version in known.target.versions)], rows[:_MAX_NAMES])
    if len(rows) > _MAX_NAMES:
        yield f"And {len(rows) - _MAX_NAMES} more: `portcheck explain NAME`."


def _listed(name: str, known: Pack) -> list[str]:
    """A row of the table by version, empty when no version lists the name."""
    about = known.target
    found = [[support(name, version, card, about.name) for card in about.hardware] for version in about.versions]
    if not any(row.listed for rows in found for row in rows):
        return []
    return [code(name), *(_cell(rows, about.hardware) for rows in found)]


def _cell(rows: Sequence[SupportRow], cards: Sequence[str]) -> str:
    """What the tables say of one version: once when it is the same on all cards."""
    by_word: dict[str, list[str]] = defaultdict(list)
    for row, card in zip(rows, cards):
        by_word[row.support.value].append(card.upper())
    if len(by_word) == 1:
        return next(iter(by_word))
    return "<br>".join(f"{', '.join(named)}: {word}" for word, named in by_word.items())


def _matched(matcher: Matcher) -> str:
    shown = [code(pattern) for pattern in matcher.patterns[:_MAX_NAMES]]
    more = f" and {len(matcher.patterns) - _MAX_NAMES} more" if len(matcher.patterns) > _MAX_NAMES else ""
    return f"{_MATCHED[matcher.kind]} {', '.join(shown)}{more}"


def _examples(rule: Rule, examples: Sequence[Example]) -> Iterator[str]:
    for example in examples:
        language = _LANGUAGE.get(example.kind, "text")
        parts = (
            ("Found", example.bad),
            ("Left alone", example.good),
            ("After, for any accelerator", example.agnostic),
            ("After, for the NPU", example.npu),
        )
        yield f"### {plain(example.name[:1].upper() + example.name[1:])}"
        for title, text in parts:
            if text.strip():
                yield f"{title}:"
                yield block(text, language)


def _evidence(verdicts: Sequence[Verdict]) -> list[str]:
    return list(dict.fromkeys(text for verdict in verdicts for text in verdict.evidence))
