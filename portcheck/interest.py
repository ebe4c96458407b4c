"""What readers should look for, derived from the rules: names, strings, variables, and the needles of the byte prefilter."""

from __future__ import annotations

import hashlib
import re
from typing import Iterable

from portcheck.pack import Interest, Rule
from portcheck.patterns import is_glob

COMMON = frozenset(
    """torch utils nn distributed backends functional modules ops core config models data optim init main common cpu gpu
    types testing internal _internal library parallel profiler device to compile amp load script call python src""".split()
)
"""Words too common in Python files to tell one that matters from one that does not."""


def interest_of(rules: tuple[Rule, ...], devices: tuple[str, ...]) -> Interest:
    """The union of what the matchers of all rules look for."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        for matcher in rule.matchers:
            found.setdefault(matcher.kind, []).extend(matcher.patterns)
    api = sorted(set(found.pop("api", [])))
    strings, string_globs = _split(found.pop("string", []))
    env, env_globs = _split(found.pop("env", []))
    interest = Interest(
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
    )
    needles = needles_of(interest)
    digest = hashlib.blake2b(repr((_ordered(interest), needles)).encode(), digest_size=16).hexdigest()
    return interest._replace(needles=needles, digest=digest)


def _split(patterns: Iterable[str]) -> tuple[list[str], list[str]]:
    every = sorted(set(patterns))
    return [pattern for pattern in every if not is_glob(pattern)], [pattern for pattern in every if is_glob(pattern)]


def _ordered(interest: Interest) -> list[object]:
    return [sorted(value) if isinstance(value, frozenset) else value for value in interest]


def needles_of(interest: Interest) -> tuple[bytes, ...]:
    """Bytes of which every Python file that yields a fact holds at least one.

    A dotted name cannot be used without its last component, unless an alias was bound where the component above stands; so
    either the last component or one above it serves. Of each name the component that is a needle already is taken, else the
    longest that is not a common word.
    """
    needles: set[str] = set()
    for name in sorted([*interest.prefixes, *interest.names], key=lambda name: (name.count("."), name)):
        parts = name.split(".")
        if not any(needle in part for part in parts for needle in needles):
            telling = [part for part in parts if part not in COMMON] or parts[-1:]
            needles.add(max(telling, key=lambda part: (len(part), part)))
    plain = [*interest.methods, *interest.keywords, *interest.strings, *interest.env, *interest.commands]
    plain.extend(_longest(glob) for glob in (*interest.string_globs, *interest.env_globs, *interest.import_globs))
    for word in sorted(plain, key=lambda word: (len(word), word)):
        if word and not any(needle in word for needle in needles):
            needles.add(word)
    return tuple(sorted(needle.encode() for needle in needles))


def _longest(glob: str) -> str:
    """The longest stretch of a glob that stands in every match, or an empty string."""
    return max(re.split(r"\[[^\]]*\]|[*?]|\{\}", glob), key=len)
