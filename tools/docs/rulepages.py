"""One page for each rule, and the index by category, from the rule packs, their tables and their examples."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Dict, Iterator, List, Sequence, Tuple

from portcheck import pack
from portcheck.explain import SHIM, TRUST
from portcheck.model import Category, Work
from portcheck.packtypes import Example, Matcher, Pack, Rule, Verdict
from portcheck.report.forms import forms
from portcheck.report.words import CATEGORY, WORK
from portcheck.support import SupportRow, support
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


def pages() -> Dict[str, str]:
    """Return the page of each rule by its path in the documentation."""
    known, examples = _known()
    return {f"rules/{rule.id}.md": _page(rule, known, examples[rule.id]) for rule in known.rules}


def index() -> str:
    """Return the tables of all rules, by category."""
    known, _ = _known()
    works = {verdict.rule: verdict.work for verdict in known.verdicts if not verdict.names}
    rules: Dict[Category, List[Rule]] = defaultdict(list)
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
def _known() -> Tuple[Pack, Dict[str, List[Example]]]:
    examples: Dict[str, List[Example]] = defaultdict(list)
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
            _verdict(whole),
            *_singles([verdict for verdict in verdicts if verdict.names], whole),
            *_tables(rule, known),
            "## What it matches",
            bullets(map(_matched, rule.matchers)),
            *_examples(rule, examples),
            "## Read in",
            bullets([*map(plain, _evidence(verdicts)), *(f"<{link}>" for link in rule.links)]),
            f"`portcheck explain {rule.id}` says the same for a version and card of your choice.",
        ]
    )


def _verdict(verdict: Verdict) -> str:
    """A rule's own verdict as a list."""
    rows = [f"Work: **{verdict.work.value}**, {WORK[verdict.work]}."]
    rows += [f"{label}: {code(text)}" for label, text in forms(verdict)]
    rows += [plain(verdict.message)] if verdict.message else []
    rows += [f"Under the shim: {SHIM[verdict.shim]}."] if verdict.shim else []
    return bullets([*rows, f"`portcheck fix`: {_trust(verdict)}."])


def _trust(verdict: Verdict) -> str:
    said = TRUST[verdict.safety] if verdict.safety else "no automatic change is known"
    return said + (f" ({plain(verdict.safety_why)})" if verdict.safety_why else "")


def _singles(verdicts: Sequence[Verdict], whole: Verdict) -> Iterator[str]:
    """The names that have a verdict of their own."""
    if not verdicts:
        return
    yield "### Names with a verdict of their own"
    yield table(["name", "work", "what it becomes"], (_single(verdict, whole) for verdict in verdicts))


def _single(verdict: Verdict, whole: Verdict) -> List[str]:
    becomes = [f"{label}: {code(text)}" for label, text in forms(verdict)] if verdict.work is not Work.NONE else []
    becomes += [plain(verdict.message)] if verdict.message else []
    becomes += [f"shim: {SHIM[verdict.shim]}"] if verdict.shim and verdict.shim != whole.shim else []
    return ["<br>".join(map(code, verdict.names)), verdict.work.value, "<br>".join(becomes)]


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


def _listed(name: str, known: Pack) -> List[str]:
    """A row of the table by version, empty when no version lists the name."""
    about = known.target
    found = [[support(name, version, card, about.name) for card in about.hardware] for version in about.versions]
    if not any(row.listed for rows in found for row in rows):
        return []
    return [code(name), *(_cell(rows, about.hardware) for rows in found)]


def _cell(rows: Sequence[SupportRow], cards: Sequence[str]) -> str:
    """What the tables say of one version: once when it is the same on all cards."""
    by_word: Dict[str, List[str]] = defaultdict(list)
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
        yield f"## Example: {plain(example.name)}"
        for title, text in parts:
            if text.strip():
                yield f"{title}:"
                yield block(text, language)


def _evidence(verdicts: Sequence[Verdict]) -> List[str]:
    return list(dict.fromkeys(text for verdict in verdicts for text in verdict.evidence))
