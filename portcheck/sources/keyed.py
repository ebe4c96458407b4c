"""Settings of any format to facts: those that the packs know, by the dotted path of their keys.

The format is told by the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from portcheck.anchors import Group, anchors_of, asked_of, words_of
from portcheck.kinds import kind_by_name
from portcheck.model import Certainty, Fact, FactKind, Kind, Span
from portcheck.pack import Interest
from portcheck.patterns import Globs
from portcheck.records import NamedTuple
from portcheck.sources.setting import Setting

MAX_VALUE = 300
"""Characters of a value that are looked at; longer ones are text or scripts."""

_JSON = re.compile(
    r"\s*(?:(?://[^\n]*|/\*(?:(?!\*/).)*\*/)\s*)*(?:\{\s*(?:[\"}]|//|/\*|\Z)|\[\s*(?:[\[{\"\d\]-]|true|false|null|\Z))",
    re.DOTALL,
)
_TABLES = re.compile(r"\s*\[\[[ \t]*[A-Za-z_][\w.-]*[ \t]*\]\]")
_FILLED = "{{"
_SECTION = re.compile(
    r"(?:[ \t]*(?:[#;][^\n]*)?\n)*[ \t]*(?:\[+[^\]\n]+\]+[ \t]*(?:[#;][^\n]*)?(?:\n|\Z)|[\w.\"'-]+[ \t]*=)"
)
_BRACED = re.compile(r"[^\n]\{[ \t]*$|;[ \t]*$", re.MULTILINE)
"""What lines end with in languages that have blocks."""
_TRUTH = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_WORD = re.compile(r"\w{2,}")
_ASSIGNED = re.compile(r"[A-Z][A-Z0-9_]+=")
_SHAPED = re.compile(r"(?:[\w-]+[.:][\w.:-]+/)?[\w-]+/[\w.-]+:[\w.-]+")
_TAGS = frozenset({"tag", "imageTag"})
_RENAMED = "newName"
"""The key by which Kustomize gives an image, whose `name` is then no more than what manifests call it."""
_PULLED = "docker://"
_EXPRESSION = re.compile(r"\$?\{\{[^{}`]*\}\}")
"""What a workflow or a chart puts in; Packer, which makes names of what it builds, quotes by backticks there."""
_DEFAULT = re.compile(r"\$\{\w+:?-([^{}$]+)\}")
_KEPT = (Kind.PYTHON, Kind.SHELL)
"""What a key is by its name whose value is a script, which is read as such."""
_NAMING = frozenset({"name", "environment", "env", "script_env"})
"""Keys whose value is, or begins with, the name of a variable."""


class Lookup(NamedTuple):
    """The packs' interest as a file is asked for it first, which most files end with.

    What fits a pattern holds all words of one of the groups. They are kept under anchors: a few words or parts of
    words, of which every group holds one.
    """

    groups: tuple[tuple[bytes, tuple[tuple[bytes, ...], ...]], ...]


class Patterns(NamedTuple):
    """The packs' interest as single settings are asked for it, and the groups of words that are in the file at all.

    `settings` are the patterns of settings by the group of words that they need, `tagged` the tables that hold a tag,
    whose repository is that of an image.
    """

    settings: dict[Group, Globs]
    env: Globs
    images: Globs
    indexes: Globs
    groups: tuple[Group, ...] = ()
    tagged: frozenset[tuple[str, ...]] = frozenset()


@lru_cache(maxsize=4)
def lookup_for(interest: Interest) -> Lookup:
    """The lookup of an interest, made once a process."""
    held = interest.anchors or anchors_of(interest)
    kept = tuple(
        (anchor.encode(), tuple(tuple(word.encode() for word in group) for group in found)) for anchor, found in held
    )
    return Lookup(kept)


@lru_cache(maxsize=4)
def patterns_for(interest: Interest) -> Patterns:
    """The patterns of an interest, made once a process, when a file is worth a parse."""
    globs = asked_of(interest)
    settings: dict[Group, list[str]] = {}
    for pattern in globs.settings:
        settings.setdefault(words_of(pattern), []).append(pattern)
    by_words = {group: Globs(patterns) for group, patterns in settings.items()}
    return Patterns(by_words, Globs(globs.env), Globs(globs.images), Globs(globs.indexes))


def groups_in(data: bytes, lookup: Lookup) -> Iterator[Group]:
    """Yield the groups of words that a file holds; without any it holds no setting, variable or image of interest."""
    there: dict[bytes, bool] = {}
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


def settings_of(text: str, lookup: Patterns, every: bool = False) -> tuple[Iterable[Setting], str]:
    """The settings of a text in whatever format it is, and what is wrong with it.

    There may be none where none is of interest, unless `every` one is asked for.
    """
    if _JSON.match(text) and not _TABLES.match(text):
        found = _json(text, lookup, every)
        # Braces with comments of YAML, or with names without quotes, are YAML.
        again = _yaml(text) if found[1] and _FILLED not in text else None
        return again if again and not again[1] else found
    if _BRACED.search(text):
        from portcheck.sources.settingsbraced import braced_settings, is_braced

        if is_braced(text):
            return braced_settings(text), ""
    if _SECTION.match(text):
        from portcheck.sources.settingslines import line_settings, toml_problem

        return line_settings(text), toml_problem(text)
    return _yaml(text)


def _json(text: str, lookup: Patterns, every: bool) -> tuple[Iterable[Setting], str]:
    from portcheck.sources.settingsjson import json_settings, json_value, settings_in

    value, problem = json_value(text)
    if isinstance(value, list) and not problem and not every:
        return (), ""  # a list is of records; settings have names
    holds = every or bool(problem) or any(True for setting in settings_in(value) for _ in _names(setting, lookup))
    return json_settings(text) if holds else (), problem


def _yaml(text: str) -> tuple[Iterable[Setting], str]:
    from portcheck.sources.settingsyaml import yaml_settings

    return yaml_settings(text)


def setting_facts(settings: Iterable[Setting], text: str, lookup: Patterns, certainty: Certainty) -> Iterator[Fact]:
    """The facts that the packs know among settings of a text."""
    settings = tuple(settings)
    tagged = frozenset(setting.path[:-1] for setting in settings if setting.path[-1] in _TAGS)
    lookup = lookup._replace(tagged=tagged)
    starts: list[int] = []
    numbers: set[tuple[tuple[str, ...], int]] = set()
    for at, setting in enumerate(settings):
        for kind, name in _names(setting, lookup):
            if kind is FactKind.IMAGE and _is_renamed(settings, at):
                continue
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


def _is_renamed(settings: Sequence[Setting], at: int) -> bool:
    """Whether another name for the image stands behind it in its table."""
    *table, key = settings[at].path
    for behind in settings[at + 1 : at + 4]:
        if behind.path[:-1] != tuple(table) or behind.path[-1] == key:
            return False
        if behind.path[-1] == _RENAMED:
            return True
    return False


def _names(setting: Setting, lookup: Patterns) -> Iterator[tuple[FactKind, str]]:
    key = setting.path[-1]
    value = setting.value if len(setting.value) <= MAX_VALUE else ""
    name = f"{'.'.join(setting.path)}={_TRUTH.get(value.lower(), value)}"
    # Far quicker than the patterns, and what fits one of them holds all words of a group.
    held = _held(name, lookup.groups)
    if not held:
        return
    for told in _lines_of(setting, name) if "\n" in value else (name,):
        if any(group in lookup.settings and lookup.settings[group].match(told) for group in held):
            yield FactKind.SETTING, told
            break
    named = key in _NAMING or _ASSIGNED.match(value)
    for variable in dict.fromkeys((key, value.partition("=")[0] if named else key)):
        if lookup.env.match(variable):
            yield FactKind.ENV, variable
    default = _DEFAULT.fullmatch(value)
    image = default.group(1) if default else value[len(_PULLED) :] if value.startswith(_PULLED) else value
    if (_is_image(setting.path, value) or _is_tagged(setting.path, lookup)) and lookup.images.match(image):
        yield FactKind.IMAGE, image
    if value.startswith("http") and lookup.indexes.match(value):
        yield FactKind.DEPENDENCY, value


def _lines_of(setting: Setting, name: str) -> Iterator[str]:
    """The lines of a text as settings of their own; a script that a table keeps says nothing about its key."""
    key, _, value = name.partition("=")
    lines = [line.strip() for line in value.split("\n") if line.strip()]
    last = setting.path[-1]
    if len(lines) == 1 or "." not in last or kind_by_name(last) not in _KEPT:
        yield from (f"{key}={line}" for line in lines)


def _held(name: str, groups: tuple[Group, ...]) -> list[Group]:
    """The groups whose words a text holds; asked of every setting, and thus without a call for each group."""
    found = []
    for group in groups:
        for word in group:
            if word not in name:
                break
        else:
            found.append(group)
    return found


def _is_tagged(path: tuple[str, ...], lookup: Patterns) -> bool:
    """Whether a value is the repository of an image, by the tag beside it; others are of models and of code."""
    return path[-1] == "repository" and path[:-1] in lookup.tagged


def _is_image(path: tuple[str, ...], value: str) -> bool:
    """Whether a value may name an image: by its key, that of the table it is in, its shape, or a workflow's `docker://`."""
    if " " in _EXPRESSION.sub("", value).strip():
        return False  # words about images, or the template of a name
    key = path[-1].lower()
    inside = len(path) > 1 and "image" in path[-2].lower() and key in ("name", "repository", "default")
    return (
        ("image" in key and "policy" not in key)
        or inside
        or key in ("container", "newname")
        or _SHAPED.fullmatch(value) is not None
        or value.startswith(_PULLED)
    )


def _span(setting: Setting, starts: list[int]) -> Span:
    first, last = bisect_right(starts, setting.begin), bisect_right(starts, max(setting.begin, setting.end))
    return Span(first, setting.begin - starts[first - 1] + 1, last, setting.end - starts[last - 1] + 1)
