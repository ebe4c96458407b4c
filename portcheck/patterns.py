"""Matching of names against many patterns at once: sets, walks over dotted parts, one regular expression for globs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import translate
from functools import lru_cache
from itertools import product
from math import prod
from re import Pattern
from typing import Callable

_WILD = re.compile(r"\*|\?|\[!?\]?[^\]]*\]|\{\}")
_SET = re.compile(r"\[((?:\w(?:-\w)?)+)\]")
_RANGE = re.compile(r"(\w)(?:-(\w))?")
_FIRST = 3
_WORTH_COMPILING = 200_000
"""Characters from which on an expression for many words is worth its making."""
_DIGITS = re.compile(r"\d+(?:\.\d+)*")


class NameIndex:
    """Dotted names of interest: some exactly, some with everything below them."""

    def __init__(self, names: Iterable[str], prefixes: Iterable[str]) -> None:
        """`prefixes` stand for themselves and for every name below them."""
        self._below = frozenset(prefixes)
        self._names = frozenset(names) | self._below

    def match(self, name: str) -> bool:
        """Return whether a dotted name is one of the names, or a prefix or below one."""
        if name in self._names:
            return True
        below = self._below
        cut = name.rfind(".")
        while cut > 0:
            if name[:cut] in below:
                return True
            cut = name.rfind(".", 0, cut)
        return False


class Globs:
    """Many globs to be asked about one text after the other; an expression is made when a text may fit a glob."""

    def __init__(self, globs: Iterable[str]) -> None:
        """Without globs nothing fits."""
        every = sorted(set(globs))
        self._exact = frozenset(glob for glob in every if not is_glob(glob))
        self._wild = tuple((literal_of(glob), glob) for glob in every if glob not in self._exact)

    def match(self, text: str) -> bool:
        """Return whether a whole text fits any of the globs."""
        return text in self._exact or any(
            literal in text and glob_pattern((glob,)).match(text) is not None for literal, glob in self._wild
        )


@lru_cache(maxsize=64)
def globs_of(globs: tuple[str, ...]) -> Globs:
    """Return what says whether a text fits any of the globs, made once a process."""
    return Globs(globs)


class AnyOf:
    """Words of which any may stand in a text: by their first letters at the start, by an expression in a long run.

    Making the expression takes longer than to look into the texts of a few files.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """A word that is empty stands in every text."""
        self._words = tuple(words)
        self._size = min(_FIRST, min(map(len, self._words), default=_FIRST))
        self._by_first: dict[tuple[str, ...], list[str]] = {}
        for word in self._words:
            self._by_first.setdefault(tuple(word[: self._size]), []).append(word)
        self._left = _WORTH_COMPILING
        self._search: Callable[[str], object] | None = None

    def stands_in(self, text: str) -> bool:
        """Return whether any of the words stands in a text."""
        if self._search is not None:
            return self._search(text) is not None
        self._left -= len(text)
        if self._left < 0:
            self._search = re.compile(shared(self._words)).search
        if not self._size:
            return True
        begun = self._by_first.keys() & zip(*(text[place:] for place in range(self._size)))
        return any(word in text for first in begun for word in self._by_first[first])


@lru_cache(maxsize=4096)
def glob_pattern(globs: tuple[str, ...]) -> Pattern[str]:
    """Return one expression whose `match` says whether a whole text fits any of the globs; without globs, none does."""
    return re.compile("|".join(map(translate, globs)) or r"(?!)")


@lru_cache(maxsize=16384)
def fits(globs: tuple[str, ...], text: str) -> bool:
    """Return whether a whole text fits any of the globs, without an expression for those that it clearly does not.

    For few texts and many globs; `glob_pattern` is for many texts.
    """
    return any(_fits(glob, text) for glob in globs)


def _fits(glob: str, text: str) -> bool:
    if not is_glob(glob):
        return glob == text
    return literal_of(glob) in text and glob_pattern((glob,)).match(text) is not None


def narrow(globs: Iterable[str]) -> tuple[str, ...]:
    """Return the globs that fix a part of a text: all but those that fit anything, and ask for more than a name."""
    return tuple(filter(literal_of, globs))


def is_glob(pattern: str) -> bool:
    """Return whether a pattern holds a wildcard."""
    return "*" in pattern or "?" in pattern or "[" in pattern


@lru_cache(maxsize=4096)
def literal_of(glob: str) -> str:
    """Return the longest stretch of text that every match of a glob holds; `{}` stands for a part that is not known."""
    return max(_WILD.split(glob), key=len)


def literals_of(glob: str) -> tuple[str, ...]:
    """Return the stretches of text that every match of a glob holds, in order; the outer ones may be empty."""
    return tuple(_WILD.split(glob))


def shared(words: Collection[str]) -> str:
    """Return an expression that a search finds where any of the words stands; their beginnings are tried but once."""
    if "" in words:
        return ""
    rests: dict[str, set[str]] = {}
    for word in words:
        rests.setdefault(word[0], set()).add(word[1:])
    parts = [re.escape(first) + shared(rests[first]) for first in sorted(rests)]
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts) or '(?!)'})"


def expanded(glob: str, most: int) -> tuple[str, ...]:
    """Return the texts that a glob stands for, if its only wildcards are plain sets and these make at most so many.

    Otherwise that is the glob itself.
    """
    parts = _SET.split(glob)
    if any(is_glob(part) for part in parts[::2]):
        return (glob,)
    choices = [_members(part) if index % 2 else [part] for index, part in enumerate(parts)]
    if prod(map(len, choices)) > most:
        return (glob,)
    return tuple(map("".join, product(*choices)))


def _members(within: str) -> list[str]:
    """Return the characters of a set, given what stands within its brackets."""
    ranges = _RANGE.findall(within)
    return [chr(code) for first, last in ranges for code in range(ord(first), ord(last or first) + 1)]


@lru_cache(maxsize=1024)
def version_tuple(text: str) -> tuple[int, ...]:
    """Return the numbers of a version for comparison: `2.7.1.post8` and `2.7.1+cpu` are (2, 7, 1); ends in no zero."""
    found = _DIGITS.match(text)
    numbers = [int(part) for part in found.group().split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
