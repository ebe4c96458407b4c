"""What readers should look for, derived from the rules: names, strings, variables, and the needles of the prefilter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portcheck.digests import blake2b
from portcheck.needles import PUT, needles_of
from portcheck.packtypes import Interest, Rule
from portcheck.patterns import is_glob

_OPEN = re.compile(r"[*?\['\")]")


def interest_of(
    rules: tuple[Rule, ...],
    devices: tuple[str, ...],
    telling: tuple[str, ...],
    given: Interest,
) -> Interest:
    """The union of what the matchers of all rules look for; the rest is the packs' vocabulary, most of it `given`."""
    found = _patterns(rules)
    api = sorted(set(found.pop("api", [])))
    strings, string_globs = _split(found.pop("string", []))
    env, env_globs = _split(found.pop("env", []))
    defines = tuple(sorted(set(found.pop("define", []))))
    branches = frozenset(found.pop("branch", []))
    interest = given._replace(
        names=frozenset(name for name in api if not name.endswith(".*")),
        prefixes=tuple(name[:-2] for name in api if name.endswith(".*")),
        methods=frozenset(found.pop("method", [])),
        keywords=frozenset(found.pop("keyword", [])),
        strings=frozenset(strings),
        string_globs=tuple(string_globs),
        env=frozenset(env),
        env_globs=tuple(env_globs),
        commands=frozenset(found.pop("command", [])),
        indexes=frozenset(found.pop("index", [])),
        import_globs=tuple(sorted(set(found.pop("import_glob", [])))),
        others=tuple((kind, tuple(sorted(set(patterns)))) for kind, patterns in sorted(found.items())),
        devices=devices,
        defines=defines,
        inside=_inside(rules),
        branches=branches,
        puts=tuple(sorted(set(_puts(rules)))),
    )
    needles = needles_of(rules, telling)
    digest = blake2b(repr((_ordered(interest), needles)).encode(), digest_size=16).hexdigest()
    # Needed where packs are compiled, and readers import this module.
    from portcheck.anchors import anchors_of

    return interest._replace(needles=needles, digest=digest, anchors=anchors_of(interest))


def _patterns(rules: tuple[Rule, ...]) -> dict[str, list[str]]:
    """The patterns of all matchers, by kind."""
    found: dict[str, list[str]] = {}
    for matcher in (matcher for rule in rules for matcher in rule.matchers):
        found.setdefault(matcher.kind, []).extend(matcher.patterns)
    return found


def _puts(rules: tuple[Rule, ...]) -> Iterator[str]:
    """The beginnings, up to what may be spelt in several ways, of the values that are put into parts of tensors."""
    for matcher in (matcher for rule in rules for matcher in rule.matchers if matcher.kind == "method"):
        for glob in matcher.args if PUT in matcher.patterns else ():
            yield _OPEN.split(glob)[0]


def _inside(rules: tuple[Rule, ...]) -> frozenset[str]:
    """The names of calls that tell what a definition does."""
    bodies = [matcher for rule in rules for matcher in rule.matchers if matcher.calls]
    return frozenset(name for each in bodies for part in (*each.calls, *each.lacks) for name in part.split("|"))


def _split(patterns: Iterable[str]) -> tuple[list[str], list[str]]:
    every = sorted(set(patterns))
    return [pattern for pattern in every if not is_glob(pattern)], [pattern for pattern in every if is_glob(pattern)]


def _ordered(interest: Interest) -> list[object]:
    return [sorted(value) if isinstance(value, frozenset) else value for value in interest]
