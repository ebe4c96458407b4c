"""Settings in YAML, JSON, TOML and INI to facts: those that the packs know, by the dotted path of their keys.

A setting is a SETTING fact `path.to.key=value`, with true and false in lower case; a key, or a value under `name`, that
is a variable of interest is an ENV fact, an image an IMAGE fact. The format is told by the text. Files of more than
`MAX_SIZE` bytes are data rather than settings and are not parsed; one without a word of interest is not parsed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from portcheck.model import Certainty, Fact, FactKind, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.patterns import Globs, literal_of, literals_of
from portcheck.records import NamedTuple
from typing import Dict, Iterable, Iterator, List, Set, Tuple
from portcheck.sources.decode import decode
from portcheck.sources.setting import Setting
from portcheck.sources.steps import holds_steps, step_facts, traits_of

MAX_SIZE = 256 * 1024
"""Bytes of a file that is still taken for settings; what is longer holds data, records above all."""

MAX_VALUE = 300
"""Characters of a value that are looked at; longer ones are text or scripts."""

MIN_ANCHOR = 4
"""Characters of a part of a word that a file is searched for first; shorter parts stand everywhere."""

_JSON = re.compile(r"\s*(?:\{\s*(?:[\"}]|//|/\*|\Z)|\[\s*(?:[\[{\"\d\]-]|true|false|null|\Z))")
_SECTION = re.compile(
    r"(?:[ \t]*(?:[#;][^\n]*)?\n)*[ \t]*(?:\[+[^\]\n]+\]+[ \t]*(?:[#;][^\n]*)?(?:\n|\Z)|[\w.\"'-]+[ \t]*=)"
)
_TRUTH = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_WORD = re.compile(r"\w{2,}")
_PULLED = "docker://"
_NAMING = frozenset({"name", "environment", "env", "script_env"})
"""Keys whose value is, or begins with, the name of a variable."""


_Group = Tuple[str, ...]


class _Globs(NamedTuple):
    """The patterns of the packs that settings are matched with."""

    settings: Tuple[str, ...]
    env: Tuple[str, ...]
    images: Tuple[str, ...]
    indexes: Tuple[str, ...]


class Lookup(NamedTuple):
    """The packs' interest as a file is asked for it first, which most files end with.

    What fits a pattern holds all words of one of the groups. They are kept under anchors: a few words or parts of
    words, of which every group holds one.
    """

    groups: Tuple[Tuple[bytes, Tuple[Tuple[bytes, ...], ...]], ...]


class Patterns(NamedTuple):
    """The packs' interest as single settings are asked for it, and the groups of words that are in the file at all.

    `settings` are the patterns of settings by the group of words that they need.
    """

    settings: Dict[_Group, Globs]
    env: Globs
    images: Globs
    indexes: Globs
    groups: Tuple[_Group, ...] = ()


def read_settings(data: bytes, interest: Interest) -> FileFacts:
    """The facts of a settings file; never raises on its content."""
    lines = data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
    held = groups_in(data, lookup_for(interest))
    first = next(held, None)
    traits = traits_of(data)
    runs = holds_steps(data, traits)
    if b"\0" not in data[:4096] and first is None and not runs:
        return FileFacts(lines=lines)
    if len(data) > MAX_SIZE:
        reason = f"more than {MAX_SIZE // 1024} KiB, which is data rather than settings"
        return FileFacts(lines=lines, status=Status.SKIPPED, reason=reason)
    text, _ = decode(data)
    if text is None:
        return FileFacts(status=Status.UNREADABLE, reason="binary data")
    known = patterns_for(interest)._replace(groups=(*((first,) if first else ()), *held))
    settings, problem = settings_of(text, known)
    certainty = Certainty.TEXTUAL if problem else Certainty.EXACT
    facts = list(setting_facts(settings, text, known, certainty))
    if runs:
        facts += step_facts(settings, text, interest, certainty)
        facts.sort(key=lambda fact: (fact.span, fact.kind.value, fact.name))
    return FileFacts(tuple(facts), lines, Status.PARTLY if problem else Status.READ, problem, traits=traits)


def _globs(interest: Interest) -> _Globs:
    others = dict(interest.others)
    patterns = tuple(pattern for pattern in others.get("setting", ()) if not pattern.startswith("cmake."))
    indexes = tuple(pattern for pattern in others.get("dependency", ()) if pattern.startswith("http"))
    return _Globs(patterns, (*interest.env, *interest.env_globs), others.get("image", ()), indexes)


@lru_cache(maxsize=4)
def lookup_for(interest: Interest) -> Lookup:
    """The lookup of an interest, made once a process."""
    globs = _globs(interest)
    texts = (*globs.env, *globs.images, *globs.indexes)
    groups = {_words(pattern) for pattern in globs.settings} | {(literal_of(pattern),) for pattern in texts}
    held = _anchored(tuple(sorted(groups)))
    kept = tuple(
        (anchor.encode(), tuple(tuple(word.encode() for word in group) for group in found)) for anchor, found in held
    )
    return Lookup(kept)


@lru_cache(maxsize=4)
def patterns_for(interest: Interest) -> Patterns:
    """The patterns of an interest, made once a process, when a file is worth a parse."""
    globs = _globs(interest)
    settings: Dict[_Group, List[str]] = {}
    for pattern in globs.settings:
        settings.setdefault(_words(pattern), []).append(pattern)
    by_words = {group: Globs(patterns) for group, patterns in settings.items()}
    return Patterns(by_words, Globs(globs.env), Globs(globs.images), Globs(globs.indexes))


def _words(pattern: str) -> _Group:
    """What a match must hold: the words of the key, which may stand apart, and the value if it has one spelling."""
    key, _, value = pattern.rpartition("=")
    parts = [word for stretch in literals_of(key) for word in _WORD.findall(stretch)]
    return tuple(part for part in (*parts, "" if value in _TRUTH.values() else literal_of(value)) if len(part) > 1) or (
        "=",
    )


def _anchored(groups: Tuple[_Group, ...]) -> List[Tuple[str, List[_Group]]]:
    """The groups under words or parts of words that stand in them: those that stand in most are taken first."""
    words = sorted({word for group in groups for word in group})
    among = _places(words, groups)
    parts = {part for word in words for part in word.split("_") if len(part) >= MIN_ANCHOR}
    # A bit for each group; in one text a word is found far quicker than in each of them.
    text, starts = "\n".join(words), list(accumulate((len(word) + 1 for word in words), initial=0))
    held = {part: _union(text, part, starts, among) for part in sorted(parts | set(words))}
    left = (1 << len(groups)) - 1
    found: List[Tuple[str, List[_Group]]] = []
    while left:
        best = max(held, key=lambda part: bin(held[part] & left).count("1"))
        taken, left = held[best] & left, left & ~held[best]
        found.append((best, [group for at, group in enumerate(groups) if taken >> at & 1]))
        held = {part: bits for part, bits in held.items() if bits & left}
    return found


def _places(words: List[str], groups: Tuple[_Group, ...]) -> List[int]:
    """The groups that each word is in, as bits."""
    bits = dict.fromkeys(words, 0)
    for at, group in enumerate(groups):
        for word in group:
            bits[word] |= 1 << at
    return list(bits.values())


def _union(text: str, part: str, starts: List[int], among: List[int]) -> int:
    """The groups of all words, which stand in a text one a line, that hold a part."""
    bits, at = 0, text.find(part)
    while at >= 0:
        number = bisect_right(starts, at) - 1
        bits |= among[number]
        at = text.find(part, starts[number + 1])
    return bits


def groups_in(data: bytes, lookup: Lookup) -> Iterator[_Group]:
    """Yield the groups of words that a file holds; without any it holds no setting, variable or image of interest."""
    there: Dict[bytes, bool] = {}
    for anchor, groups in lookup.groups:
        if anchor in data:
            for group in groups:
                for word in group:
                    if word not in there:
                        there[word] = word in data
                    if not there[word]:
                        break
                else:
                    yield tuple(word.decode() for word in group)


def settings_of(text: str, lookup: Patterns) -> Tuple[Iterable[Setting], str]:
    """The settings of a text in whatever format it is, none if none is of interest, and what is wrong with it."""
    if _JSON.match(text):
        from portcheck.sources.settingsjson import json_settings, json_value, settings_in

        value, problem = json_value(text)
        if isinstance(value, list) and not problem:
            return (), ""  # a list is of records; settings have names
        holds = bool(problem) or any(True for setting in settings_in(value) for _ in _names(setting, lookup))
        return json_settings(text) if holds else (), problem
    if _SECTION.match(text):
        from portcheck.sources.settingslines import line_settings

        return line_settings(text), ""
    from portcheck.sources.settingsyaml import yaml_settings

    return yaml_settings(text)


def setting_facts(settings: Iterable[Setting], text: str, lookup: Patterns, certainty: Certainty) -> Iterator[Fact]:
    """The facts that the packs know among settings of a text."""
    starts: List[int] = []
    numbers: Set[Tuple[Tuple[str, ...], int]] = set()
    for setting in settings:
        for kind, name in _names(setting, lookup):
            starts = starts or [0, *(found.end() for found in re.finditer("\n", text))]
            key = setting.path[-1]
            if setting.value[:1].isdigit():
                # A list of numbers or versions on a line is one place to change.
                place = (setting.path, bisect_right(starts, setting.begin))
                if place in numbers:
                    continue
                numbers.add(place)
            context = "index" if kind is FactKind.DEPENDENCY else "value"
            yield Fact(kind, name, _span(setting, starts), certainty, context, (("of", key), ("value", setting.value)))


def _names(setting: Setting, lookup: Patterns) -> Iterator[Tuple[FactKind, str]]:
    key = setting.path[-1]
    value = setting.value if len(setting.value) <= MAX_VALUE else ""
    name = f"{'.'.join(setting.path)}={_TRUTH.get(value.lower(), value)}"
    # Far quicker than the patterns, and what fits one of them holds all words of a group.
    held = _held(name, lookup.groups)
    if not held:
        return
    if any(group in lookup.settings and lookup.settings[group].match(name) for group in held):
        yield FactKind.SETTING, name
    for variable in dict.fromkeys((key, value.partition("=")[0] if key in _NAMING else key)):
        if lookup.env.match(variable):
            yield FactKind.ENV, variable
    image = value[len(_PULLED) :] if value.startswith(_PULLED) else value
    if _is_image(setting.path, value) and lookup.images.match(image):
        yield FactKind.IMAGE, image
    if value.startswith("http") and lookup.indexes.match(value):
        yield FactKind.DEPENDENCY, value


def _held(name: str, groups: Tuple[_Group, ...]) -> List[_Group]:
    """The groups whose words a text holds; asked of every setting, and thus without a call for each group."""
    found = []
    for group in groups:
        for word in group:
            if word not in name:
                break
        else:
            found.append(group)
    return found


def _is_image(path: Tuple[str, ...], value: str) -> bool:
    """Whether a value names an image: by its key, that of the table it is in, or a workflow's `docker://`."""
    key = path[-1].lower()
    inside = len(path) > 1 and "image" in path[-2].lower() and key in ("name", "repository", "default")
    return "image" in key or inside or key == "container" or value.startswith(_PULLED)


def _span(setting: Setting, starts: List[int]) -> Span:
    first, last = bisect_right(starts, setting.begin), bisect_right(starts, max(setting.begin, setting.end))
    return Span(first, setting.begin - starts[first - 1] + 1, last, setting.end - starts[last - 1] + 1)
