"""The needles of the prefilter: what a Python file must hold to yield a fact, derived from the rules."""

from __future__ import annotations

import re
from itertools import product

from portcheck.packtypes import Matcher, Rule
from portcheck.patterns import expanded, is_glob, literal_of, literals_of

_IN_PYTHON = frozenset({"api", "method", "string", "keyword", "env", "command", "import_glob", "define", "branch"})
"""The kinds of matchers that Python files are read for."""

MAX_SPELT = 128
"""How many texts a pattern of a string is written out to, so that each can be looked for as a word."""

PUT, TAKEN = "__setitem__", "__getitem__"
"""The methods that rules name for what is put into a part of a tensor, and for what a mask takes from one."""

_WHOLE = re.compile(r"(?<![\w?])[A-Za-z_]\w+(?![\w?])", re.ASCII)


def needles_of(rules: tuple[Rule, ...], telling: tuple[str, ...]) -> tuple[tuple[bytes, ...], ...]:
    """Groups of bytes: a Python file that yields a fact on its own holds all of at least one group.

    A part that begins with `=` stands in the file as a word of its own, any other anywhere. A dotted name cannot be
    used without its components standing in the file (aliases are bound where they do). A telling word that is part of
    it makes a group alone; a name or string without one needs all of its components, and what its matcher asks for
    beside it. Names put together at run time, and names that another module of the repository hands on, are not
    covered. Integer devices are not either: their methods have common names, so readers look for the calls; nor are
    parts of tensors, which have no name at all.
    """
    groups: set[frozenset[str]] = set()
    spoken: set[str] = set()
    for matcher in (matcher for rule in rules for matcher in rule.matchers if matcher.kind in _IN_PYTHON):
        for parts in _spellings(matcher):
            words = [word for word in telling if any(word in part for part in parts)]
            spoken.update(words[:1])
            if not words:
                groups.update(frozenset((*parts, *more)) for more in _beside(matcher))
    single = [word for word in telling if word in spoken]
    groups = {group for group in groups if not any(word in part for part in group for word in single)}
    shortest = _shortest(groups)
    ordered = [sorted(group, key=lambda part: (not part.startswith("="), -len(part), part)) for group in shortest]
    named = [*([word] for word in single), *sorted(ordered)]
    return tuple(tuple(part.encode() for part in group) for group in named)


def _spellings(matcher: Matcher) -> list[list[str]]:
    """The parts that a file must hold for each pattern: all of one of these lists.

    Variables may be read by helpers that take lower case.
    """
    if matcher.kind == "string":
        return [parts for pattern in matcher.patterns for parts in _in_strings(pattern)]
    if matcher.kind == "import_glob":
        return [list(filter(None, literals_of(pattern))) for pattern in matcher.patterns]
    if matcher.kind == "api":
        names = [pattern[:-2] if pattern.endswith(".*") else pattern for pattern in matcher.patterns]
        return [[_word(part) for part in name.split(".")] for name in names]
    if matcher.kind == "define":
        return [[literal_of(pattern)] if literal_of(pattern) else [] for pattern in matcher.patterns]
    if matcher.kind == "branch":
        return [[_word(spelling)] for device in matcher.patterns for spelling in spellings_of(device)]
    named = [pattern for pattern in matcher.patterns if pattern not in (PUT, TAKEN)]
    both = (*named, *(pattern.lower() for pattern in matcher.patterns if matcher.kind == "env"))
    return [list(filter(None, literals_of(text))) if is_glob(text) else [_word(text)] for text in both]


def _word(text: str) -> str:
    """The part for a text that stands between other signs than letters: marked when it is a word."""
    return f"={text}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]+", text) else text


def spellings_of(device: str) -> tuple[str, ...]:
    """The words by which code asks for a device type: its own, and the usual names of functions and flags."""
    small = (f"is_{device}", f"is_{device}_available", f"is_torch_{device}_available", f"has_{device}", f"use_{device}")
    return (device, *small, *(name.upper() for name in small))


def _words_in(glob: str) -> list[str]:
    """The words that a glob fixes from end to end, marked as such; the signs around them may be spelt otherwise."""
    text = re.sub(r"\w*\?\w*", "?", '"' + "?".join(literals_of(glob)) + '"')
    return [f"={word}" for word in _WHOLE.findall(text)]


def _in_strings(pattern: str) -> list[list[str]]:
    """The parts for each text that a pattern stands for, as far as these can be counted."""
    return [_in_string(text) for text in expanded(pattern, MAX_SPELT)]


def _in_string(pattern: str) -> list[str]:
    """The known stretches of a string, and the longest of the words in it that are known from end to end."""
    stretches = literals_of(pattern)
    words = sorted(_words_in(pattern), key=len)
    return [*words[-1:], *(part for part in stretches if part)]


def _beside(matcher: Matcher) -> list[list[str]]:
    """What a file must hold beside the word, by what else the matcher asks for: one of these lists of words."""
    if matcher.calls:
        return [list(map(_word, names)) for names in product(*(part.split("|") for part in matcher.calls))]
    for globs in (matcher.args, matcher.receiver):
        spelt = [text for glob in globs for text in expanded(glob, MAX_SPELT)]
        if globs and all(map(_words_in, spelt)):
            return [_words_in(text) for text in spelt]
    if matcher.kind not in ("string", "keyword"):
        return [[]]
    for asked in (matcher.value, tuple(of.rpartition(".")[2] for of in matcher.of), matcher.at):
        words = [literal_of(pattern).strip("\"'") for pattern in asked]
        if words and all(len(word) > 1 for word in words):
            return [[word] for word in words]
    return [[]]


def _shortest(groups: set[frozenset[str]]) -> list[frozenset[str]]:
    """The groups that no other one makes superfluous."""
    # Nearly all groups are of whole words, and those are compared as sets, in one call for all.
    words: list[frozenset[str]] = []
    mixed: list[tuple[str, frozenset[str]]] = []
    for group in sorted(groups, key=lambda group: (len(group), sorted(group))):
        text = "\n".join(group)
        if any(map(group.issuperset, words)) or any(_implies(group, other) for part, other in mixed if part in text):
            continue
        if all(part.startswith("=") for part in group):
            words.append(group)
        else:
            mixed.append((max(group, key=len), group))
    return [*words, *(group for _, group in mixed)]


def _implies(group: frozenset[str], other: frozenset[str]) -> bool:
    """True when a file that holds one group of parts must hold the other."""
    return all(any(part == wanted if wanted.startswith("=") else wanted in part for part in group) for wanted in other)
