"""The target-free half of a pack: TOML files of rules with their examples, checked key by key."""

from __future__ import annotations

import re
from pathlib import Path

from portcheck.model import Category, Kind
from portcheck.packtypes import MATCHERS, Example, Matcher, Rule
from portcheck.patterns import literal_of
from portcheck.tables import Problems, Table, read_table

HOME = "cuda"
"""The folder of this half."""

CONTEXTS = ("argument", "default", "assign", "compare", "member", "return", "element", "key", "value", "case", "other")
"""Where a string may stand, as readers say it."""

MIN_LITERAL = 2
"""Characters that a pattern must fix: readers skip files that do not hold them."""

MIN_CALLS = 2
"""Calls that a definition of any name must be known by."""

_KINDS = ("import", "call", "attribute")
_USES = {"method": ("call", "attribute", "load"), "define": ("class", "function")}
_NAME_CONTEXTS = ("call", "load", "store", "import", "module", "from", "star")
_LISTS = ("of", "at", "not_of", "not_at", "value", "receiver", "args", "calls", "lacks", "within")
_ABOUT_PLACE = ("context", "of", "at", "not_of", "not_at")
_OPTIONS = {
    "api": ("kinds", "context", "args", "lacks"),
    "method": ("use", "receiver", "args", "lacks", "within"),
    "string": (*_ABOUT_PLACE, "value"),
    "keyword": ("of", "not_of", "value"),
    "env": (*_ABOUT_PLACE, "value"),
    "command": _ABOUT_PLACE,
    "image": ("context",),
    "index": ("value",),
    "dependency": ("value", "args"),
    "define": ("use", "calls", "lacks"),
}
_ID = re.compile(r"PC\d{3}")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FALLBACK = Category.DEVICE_API
_MARK = re.compile(r"(?:#|//|--|;|/\*|<!--)[ \t]*((?:PC\d{3}[, \t]*)+)(?:\*/|-->)?[ \t]*$")


def read_rules(root: Path, problems: Problems) -> tuple[tuple[Rule, ...], tuple[Example, ...]]:
    """Return all rules and their examples in the order of files and lines; what is wrong goes to `problems`."""
    rules: list[Rule] = []
    examples: list[Example] = []
    taken: dict[str, str] = {}
    for path in sorted((root / HOME).glob("*.toml")):
        top = read_table(path, problems)
        for table in top.tables("rule"):
            rule, found = _rule(table)
            for value in (rule.id, rule.name):
                if value and value in taken:
                    problems.add(f"{path.parent.name}/{path.name}: {rule.id}", f"{value!r} is taken in {taken[value]}")
                taken[value] = path.name
            rules.append(rule)
            examples.extend(found)
        top.close()
    if not rules:
        problems.add(f"{root / HOME}", "holds no rules")
    return tuple(rules), tuple(examples)


def marked_lines(code: str, rule: str) -> tuple[int, ...]:
    """Return the lines, from 1, that end in a comment of rule ids among which is this one."""
    marks = ((number, _MARK.search(line)) for number, line in enumerate(code.split("\n"), 1))
    return tuple(number for number, mark in marks if mark and rule in mark.group(1))


def _rule(table: Table) -> tuple[Rule, tuple[Example, ...]]:
    identity = table.text("id")
    if identity:
        table = table.called(identity)
    if identity and not _ID.fullmatch(identity):
        table.wrong("id", "must be PC and three digits")
    name = table.text("name")
    if name and not _NAME.fullmatch(name):
        table.wrong("name", "must be words in lower case joined by hyphens")
    summary = table.text("summary")
    if summary.endswith("."):
        table.wrong("summary", "must not end in a full stop")
    links = table.texts("links", needed=True)
    if not all(link.startswith("https://") for link in links):
        table.wrong("links", "must start with https://")
    category = table.choice("category", [category.value for category in Category])
    matchers = tuple(_matcher(match) for match in table.tables("match"))
    if not matchers:
        table.wrong("match", "a rule needs at least one [[rule.match]]")
    rule = Rule(identity, name, Category(category or _FALLBACK), summary, table.text("why"), links, matchers)
    examples = _examples(table, identity)
    table.has("id")
    table.close()
    return rule, examples


def _matcher(table: Table) -> Matcher:
    kinds = [kind for kind in MATCHERS if table.has(kind)]
    kind = kinds[0] if kinds else ""
    if len(kinds) != 1:
        table.wrong(" ".join(kinds) or "match", f"needs exactly one of {', '.join(MATCHERS)}")
    options = _OPTIONS.get(kind, ())
    lists = {key: table.texts(key) for key in _LISTS if key in options}
    contexts = _NAME_CONTEXTS if kind == "api" else CONTEXTS
    matcher = Matcher(
        kind,
        table.texts(kind, needed=True) if kind else (),
        kinds=table.choices("kinds", _KINDS) if "kinds" in options else (),
        use=table.choice("use", _USES[kind], needed=False) if "use" in options else "",
        context=table.choices("context", contexts) if "context" in options else (),
        **lists,
    )
    if kind == "api":
        _check_names(table, matcher.patterns)
    if kind == "dependency" and matcher.value:
        _check_width(table, "value", matcher.value)
    elif len(matcher.calls) < MIN_CALLS:
        _check_width(table, kind, matcher.patterns)
    table.close()
    return matcher


def _check_width(table: Table, key: str, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        if len(literal_of(pattern)) < MIN_LITERAL:
            table.wrong(key, f"{pattern!r} is too wide: it must fix {MIN_LITERAL} characters in a row")


def _check_names(table: Table, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        stem = pattern[:-2] if pattern.endswith(".*") else pattern
        if not all(part.isidentifier() for part in stem.split(".")):
            table.wrong("api", f"{pattern!r} is neither a dotted name nor one with .* behind it")


def _examples(table: Table, identity: str) -> tuple[Example, ...]:
    examples = tuple(_example(example, identity) for example in table.tables("example"))
    if not any(example.bad for example in examples):
        table.wrong("example", "a rule needs an example with `bad`")
    if not any(example.good and not example.bad for example in examples):
        table.wrong("example", "a rule needs an example with `good` alone")
    return examples


def _example(table: Table, identity: str) -> Example:
    bad, good = table.code("bad"), table.code("good")
    if not bad and not good:
        table.wrong("bad", "an example needs `bad` or `good`")
    if bad and identity and not marked_lines(bad, identity):
        table.wrong("bad", f"no line ends in the comment `# {identity}`")
    kind = table.choice("kind", [kind.value for kind in Kind], needed=False) or Kind.PYTHON.value
    example = Example(identity, table.text("name"), kind, bad, good, table.code("npu"), table.code("agnostic"))
    table.close()
    return example
