"""What readers should look for, derived from the rules: names, strings, variables, and the needles of the prefilter."""

from __future__ import annotations

import hashlib
from typing import Iterable

from portcheck.packtypes import Interest, Rule
from portcheck.patterns import is_glob, literal_of


def interest_of(rules: tuple[Rule, ...], devices: tuple[str, ...], telling: tuple[str, ...]) -> Interest:
    """The union of what the matchers of all rules look for; `devices` and `telling` are the packs' vocabulary."""
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
    needles = needles_of(interest, telling)
    digest = hashlib.blake2b(repr((_ordered(interest), needles)).encode(), digest_size=16).hexdigest()
    return interest._replace(needles=needles, digest=digest)


def _split(patterns: Iterable[str]) -> tuple[list[str], list[str]]:
    every = sorted(set(patterns))
    return [pattern for pattern in every if not is_glob(pattern)], [pattern for pattern in every if is_glob(pattern)]


def _ordered(interest: Interest) -> list[object]:
    return [sorted(value) if isinstance(value, frozenset) else value for value in interest]


def needles_of(interest: Interest, telling: tuple[str, ...]) -> tuple[tuple[bytes, ...], ...]:
    """Groups of bytes: a Python file that yields a fact on its own holds all of at least one group.

    A dotted name cannot be used without its components standing in the file (aliases are bound where they do). A
    telling word that is part of it makes a group alone; a name or string without one needs all of its components. Names
    put together at run time, and names that another module of the repository hands on, are not covered. Integer devices
    are not either: their methods have common names, so readers look for the calls.
    """
    variables = [literal_of(glob) for glob in (*interest.env, *interest.env_globs)]
    plain = [*interest.methods, *interest.keywords, *interest.commands, *variables]
    # Helpers that read the environment may take the name in lower case.
    plain.extend(name.lower() for name in variables)
    plain.extend(literal_of(glob) for glob in (*interest.strings, *interest.string_globs, *interest.import_globs))
    texts = {name: name.split(".") for name in (*interest.prefixes, *interest.names)}
    texts.update({word: [word] for word in plain})
    single = [word for word in telling if any(word in text for text in texts)]
    groups = {_least(parts) for text, parts in texts.items() if not any(word in text for word in single)}
    shortest = [group for group in groups if not any(_implies(group, other) for other in groups - {group})]
    rarest_first = sorted(tuple(sorted(group, key=lambda part: (-len(part), part))) for group in shortest)
    return tuple(tuple(part.encode() for part in group) for group in [(word,) for word in single] + rarest_first)


def _least(parts: Iterable[str]) -> frozenset[str]:
    """The words without those that stand in others of them."""
    words = set(parts)
    return frozenset(word for word in words if not any(word in other for other in words - {word}))


def _implies(group: frozenset[str], other: frozenset[str]) -> bool:
    """True when a file that holds one group of words must hold the other."""
    return all(any(word in part for part in group) for word in other)
