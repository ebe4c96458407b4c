"""What a settings file must hold to be worth a parse, drawn up from the patterns of settings, variables and images.

What fits a pattern holds all words of a group. Groups are kept under anchors: a few words or parts of words, of which
every group holds one, so that most files are done with a few searches.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from portcheck.packtypes import Interest
from portcheck.patterns import literal_of, literals_of
from portcheck.records import NamedTuple

MIN_ANCHOR = 4
"""Characters of a part of a word that a file is searched for first; shorter parts stand everywhere."""

Group = tuple[str, ...]
Anchors = tuple[tuple[str, tuple[Group, ...]], ...]

TRUTH = ("true", "false")
"""What yes and on, no and off are read as."""

_WORD = re.compile(r"\w{2,}")


class Asked(NamedTuple):
    """The patterns of the packs that settings are matched with."""

    settings: tuple[str, ...]
    env: tuple[str, ...]
    images: tuple[str, ...]
    indexes: tuple[str, ...]


def asked_of(interest: Interest) -> Asked:
    """What the packs look for in settings."""
    others = dict(interest.others)
    patterns = tuple(pattern for pattern in others.get("setting", ()) if not pattern.startswith("cmake."))
    indexes = tuple(pattern for pattern in others.get("dependency", ()) if pattern.startswith("http"))
    return Asked(patterns, (*interest.env, *interest.env_globs), others.get("image", ()), indexes)


def anchors_of(interest: Interest) -> Anchors:
    """The groups of words that settings of interest hold, under their anchors."""
    asked = asked_of(interest)
    texts = (*asked.env, *asked.images, *asked.indexes)
    groups = {words_of(pattern) for pattern in asked.settings} | {(literal_of(pattern),) for pattern in texts}
    return tuple((anchor, tuple(found)) for anchor, found in _anchored(tuple(sorted(groups))))


def words_of(pattern: str) -> Group:
    """What a match must hold: the words of the key, which may stand apart, and the value if it has one spelling."""
    key, _, value = pattern.rpartition("=")
    parts = [word for stretch in literals_of(key) for word in _WORD.findall(stretch)]
    return tuple(part for part in (*parts, "" if value in TRUTH else literal_of(value)) if len(part) > 1) or ("=",)


def _anchored(groups: tuple[Group, ...]) -> list[tuple[str, list[Group]]]:
    """The groups under words or parts of words that stand in them: those that stand in most are taken first."""
    words = sorted({word for group in groups for word in group})
    among = _places(words, groups)
    parts = {part for word in words for part in word.split("_") if len(part) >= MIN_ANCHOR}
    # A bit for each group; in one text a word is found far quicker than in each of them.
    text, starts = "\n".join(words), list(accumulate((len(word) + 1 for word in words), initial=0))
    held = {part: _union(text, part, starts, among) for part in sorted(parts | set(words))}
    left = (1 << len(groups)) - 1
    found: list[tuple[str, list[Group]]] = []
    while left:
        best = max(held, key=lambda part: bin(held[part] & left).count("1"))
        taken, left = held[best] & left, left & ~held[best]
        found.append((best, [group for at, group in enumerate(groups) if taken >> at & 1]))
        held = {part: bits for part, bits in held.items() if bits & left}
    return found


def _places(words: list[str], groups: tuple[Group, ...]) -> list[int]:
    """The groups that each word is in, as bits."""
    bits = dict.fromkeys(words, 0)
    for at, group in enumerate(groups):
        for word in group:
            bits[word] |= 1 << at
    return list(bits.values())


def _union(text: str, part: str, starts: list[int], among: list[int]) -> int:
    """The groups of all words, which stand in a text one a line, that hold a part."""
    bits, at = 0, text.find(part)
    while at >= 0:
        number = bisect_right(starts, at) - 1
        bits |= among[number]
        at = text.find(part, starts[number + 1])
    return bits
