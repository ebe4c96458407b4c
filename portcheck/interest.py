"""What readers should look for, derived from the rules: names, strings, variables, and the needles of the byte prefilter."""

from __future__ import annotations

import hashlib
from typing import Iterable

from portcheck.pack import Interest, Rule
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

    A dotted name cannot be used without its components standing in the file (aliases are bound where they do). A telling
    word that is part of it makes a group alone; a name or string without one needs all of its components.
    """
    texts = {name: name.split(".") for name in (*interest.prefixes, *interest.names)}
    plain = [*interest.methods, *interest.keywords, *interest.strings, *interest.env, *interest.commands]
    plain.extend(literal_of(glob) for glob in (*interest.string_globs, *interest.env_globs, *interest.import_globs))
    texts.update({word: [word] for word in plain if word})
    single = [word for word in telling if any(word in text for text in texts)]
    groups = {tuple(parts) for text, parts in texts.items() if not any(word in text for word in single)}
    shortest = [group for group in groups if not any(other < set(group) for other in map(set, groups))]
    rarest_first = sorted(tuple(sorted(group, key=lambda part: (-len(part), part))) for group in shortest)
    return tuple(tuple(part.encode() for part in group) for group in [(word,) for word in single] + rarest_first)
