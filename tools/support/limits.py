"""What the sentences about an API's limits say: dtypes by parameter, flags, limits and notes in words of our own.

A sentence is read as dtypes if it is nothing else, through the table of phrases if that holds it, and stands otherwise
as `UNKNOWN`, so that no sentence is passed on that nobody has understood.
"""
# ruff: noqa: RUF001  (the pages are in Chinese, with its punctuation)

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tools.support.page import CARDS

UNKNOWN = "further limits on the page"
PHRASES = Path(__file__).with_name("phrases.tsv")
FLAGS = ("cpu-fallback", "cpu-only", "inference-only")

_OTHER_CARDS = ("Atlas 推理系列产品",)
_SPELLINGS = {"double": "fp64"}
_TYPE = r"(?:bf16|fp16|fp32|fp64|u?int(?:8|16|32|64)|bool|complex(?:32|64|128)|double)"
_TYPES = rf"{_TYPE}(?:\s*[，、,和]\s*{_TYPE})*"
_QUOTED = "`[^`]+`"
_PARAMETERS = rf"{_QUOTED}(?:[、，,和/]{_QUOTED})*"
_SCOPE = re.compile(r"(?:针对)?(@[a-z0-9]+(?:[、/]@[a-z0-9]+)*)[：，、]?(.+)")
_ALLOWED = re.compile(
    rf"(?P<of>{_PARAMETERS})?仅支持(?P<out>输出)?(?P<types>{_TYPES})"
    rf"(?:[，,]?不支持(?P<refused>{_TYPES})数据类型)?。?(?:所有参数输入均符合以下约束)?(?P<rest>可能回退至CPU执行|取值范围.+)?"
)
_IN_WORDS = re.compile(rf"输入(?P<of>{_PARAMETERS})的数据类型为(?P<types>{_TYPES})")
_REFUSED = re.compile(rf"不支持(?P<types>{_TYPES})(?:数据类型)?")
_MORE = re.compile(rf"额外支持(?P<types>{_TYPES})")


class Dtypes(NamedTuple):
    """A clause: on `cards` (empty for all), `of` a parameter (empty for any), `how` (= ! +) and the dtypes."""

    cards: tuple[str, ...]
    of: str
    how: str
    types: tuple[str, ...]


class Words(NamedTuple):
    """A limit or a note in words, on `cards` (empty for all)."""

    cards: tuple[str, ...]
    text: str


class Limits(NamedTuple):
    """All that is said of one API; `unknown` are the sentences that were not understood."""

    dtypes: tuple[Dtypes, ...] = ()
    flags: tuple[str, ...] = ()
    limits: tuple[Words, ...] = ()
    notes: tuple[Words, ...] = ()
    unknown: tuple[str, ...] = ()


class Phrase(NamedTuple):
    """A line of the table of phrases."""

    kind: str
    pattern: re.Pattern[str]
    meaning: str


def read(sentences: Sequence[str]) -> Limits:
    """Return what the sentences under an API's limits say."""
    said = _Said()
    for sentence in sentences:
        said.take(sentence)
    return said.result()


def normal(sentence: str) -> str:
    """Return a sentence as the table of phrases spells it: cards by our names, no stray blanks, links as LINK."""
    for theirs, ours in CARDS.items():
        sentence = sentence.replace(f"<term>{theirs}</term>", f"@{ours or 'other'}")
    for theirs in _OTHER_CARDS:
        sentence = sentence.replace(f"<term>{theirs}</term>", "@other")
    sentence = re.sub(r"“?\[[^\]\[]+\]\(\S+?\)”?", "LINK", sentence)
    sentence = re.sub(rf"\s*({_QUOTED})\s*", r"\1", sentence)
    sentence = re.sub(r'`"(\w+)"`', r"`\1`", sentence).replace("PyTorch ", "PyTorch")
    return re.sub(r"(?:，例如)?[：；。，]*$", "", sentence.strip())


class _Said:
    """Gathers what is said, in order and once."""

    def __init__(self) -> None:
        self.dtypes: dict[Dtypes, None] = {}
        self.flags: dict[str, None] = {}
        self.limits: dict[Words, None] = {}
        self.notes: dict[Words, None] = {}
        self.unknown: list[str] = []

    def result(self) -> Limits:
        flags = tuple(flag for flag in FLAGS if flag in self.flags)
        return Limits(tuple(self.dtypes), flags, tuple(self.limits), tuple(self.notes), tuple(self.unknown))

    def take(self, sentence: str) -> None:
        text = normal(sentence)
        cards: tuple[str, ...] = ()
        scope = _SCOPE.fullmatch(text)
        if scope:
            cards = tuple(card for card in re.findall(r"@([a-z0-9]+)", scope.group(1)) if card != "other")
            text = scope.group(2)
            if not cards:
                return
        if not self._take_dtypes(cards, text) and not self._take_phrase(cards, text):
            self.limits[Words(cards, UNKNOWN)] = None
            self.unknown.append(sentence)

    def _take_dtypes(self, cards: tuple[str, ...], text: str) -> bool:
        """Take a sentence that names dtypes and return whether it is one."""
        allowed = _ALLOWED.fullmatch(text) or _IN_WORDS.fullmatch(text)
        if allowed:
            groups = allowed.groupdict()
            for parameter in _parameters(groups):
                self.dtypes[Dtypes(cards, parameter, "=", _types(groups["types"]))] = None
            self._refuse(cards, groups.get("refused"))
            rest = groups.get("rest")
            return not rest or self._take_phrase(cards, rest)
        more, refused = _MORE.fullmatch(text), _REFUSED.fullmatch(text)
        if more:
            self.dtypes[Dtypes(cards, "", "+", _types(more.group("types")))] = None
        elif refused:
            self._refuse(cards, refused.group("types"))
        return bool(more or refused)

    def _refuse(self, cards: tuple[str, ...], types: str | None) -> None:
        if types:
            self.dtypes[Dtypes(cards, "", "!", _types(types))] = None

    def _take_phrase(self, cards: tuple[str, ...], text: str) -> bool:
        """Take a sentence of the table of phrases and return whether it is one."""
        for phrase in phrases():
            match = phrase.pattern.fullmatch(text)
            if match:
                self._say(phrase, Words(cards, phrase.meaning.format(*match.groups())))
                return True
        return False

    def _say(self, phrase: Phrase, words: Words) -> None:
        if phrase.kind in FLAGS:
            self.flags[phrase.kind] = None
        elif phrase.kind == "limit":
            self.limits[words] = None
        elif phrase.kind == "note":
            self.notes[words] = None


@cache
def phrases() -> tuple[Phrase, ...]:
    """Return the table of phrases.

    Raises:
        ValueError: a line of the table is broken.
    """
    lines = PHRASES.read_text(encoding="utf-8").splitlines()
    return tuple(_phrase(line) for line in lines if not line.startswith("#"))


def _phrase(line: str) -> Phrase:
    kind, sentence, meaning = line.split("\t")
    if kind not in (*FLAGS, "limit", "note", "skip") or (kind == "skip") != (not meaning):
        raise ValueError(f"{PHRASES.name}: {line}")
    parts = [re.escape(part.strip()) for part in sentence.split("{}")]
    return Phrase(kind, re.compile("`([^`]+)`".join(parts)), meaning)


def _parameters(groups: dict[str, str | None]) -> tuple[str, ...]:
    if groups.get("out"):
        return ("output",)
    return tuple(re.findall("`([^`]+)`", groups.get("of") or "")) or ("",)


def _types(text: str | None) -> tuple[str, ...]:
    found = re.findall(_TYPE, text or "")
    return tuple(dict.fromkeys(_SPELLINGS.get(name, name) for name in found))
