"""Packs as compact JSON, and back; the reading side trusts nothing.

What every run needs stands on a line before the rules, which are read when they are asked for. Each kind of record is a
table of columns of texts, with lists as the lines of one text, so that types are checked by the column and records are
made without a loop over fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Callable

from portcheck.digests import blake2b
from portcheck.model import Category, Safety, Work
from portcheck.packtypes import Interest, Matcher, Pack, Rule, Ruled, TargetPack, Verdict

_CATEGORIES = {category.value: category for category in Category}
_WORKS = {work.value: work for work in Work}
_SAFETIES: Mapping[str, Safety | None] = {"": None, **{safety.value: safety for safety in Safety}}

Column = list[str]
_MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


def encode(pack: Pack, key: str) -> bytes:
    """Return the compiled form of a pack; `key` says what it was made of."""
    interest = pack.interest._replace(others=(), needles=(), anchors=())
    about = {
        "digest": [pack.digest],
        "target": _columns([pack.target]),
        "interest": _columns([[sorted(part) if isinstance(part, frozenset) else part for part in interest]]),
        "others": _columns(pack.interest.others),
        "anchors": [_text([anchor, *map("\t".join, groups)]) for anchor, groups in pack.interest.anchors],
        "needles": [_text([part.decode() for part in group]) for group in pack.interest.needles],
    }
    ruled = {
        "rules": _columns(rule._replace(matchers=()) for rule in pack.rules),
        "matchers": _columns((str(at), *matcher) for at, rule in enumerate(pack.rules) for matcher in rule.matchers),
        "verdicts": _columns(pack.verdicts),
    }
    body = b"\n".join(json.dumps(part, separators=(",", ":")).encode() for part in (about, ruled))
    return _head(key, body) + body


def decode(data: bytes, key: str, instead: Callable[[], Ruled]) -> Pack:
    """Return the pack of a compiled form; `instead` makes its rules if those there are not what `encode` makes.

    Raises:
        ValueError: the rest of it is not what `encode` makes, or it is of another key.
    """
    start = data.find(b"\n") + 1
    if data[:start] != _head(key, data[start:]):
        raise ValueError("damaged, or a pack of other files")
    about, _, ruled = data[start:].partition(b"\n")
    try:
        found = json.loads(about)
        (digest,) = _strings(found["digest"])
        return Pack(_target(found["target"]), _interest(found), digest, lambda: _ruled(ruled) or instead())
    except _MISSHAPEN as error:
        raise ValueError("not a compiled pack") from error


def _head(key: str, body: bytes) -> bytes:
    """The first line: what the pack was made of, and a digest that tells damage."""
    return f"{key} {blake2b(body, digest_size=16).hexdigest()}\n".encode()


def _columns(records: Iterable[Iterable[object]]) -> list[Column]:
    return [list(column) for column in zip(*([_text(field) for field in record] for record in records))]


def _text(field: object) -> str:
    if isinstance(field, str):
        return field
    return "\n".join(field) if isinstance(field, (tuple, list)) else ""


def _ruled(data: bytes) -> Ruled | None:
    """The rules and verdicts of a compiled form, or None when it is anything else."""
    try:
        found = json.loads(data)
        rules, verdicts = _rules(found), _verdicts(found)
    except _MISSHAPEN:
        return None
    known = {rule.id for rule in rules}
    whole = [verdict.rule for verdict in verdicts if not verdict.names]
    fit = known.issuperset(verdict.rule for verdict in verdicts) and sorted(known) == sorted(whole)
    return Ruled(rules, verdicts) if fit else None


def _target(found: object) -> TargetPack:
    said = dict(zip(TargetPack._fields, _record(found, TargetPack._fields)))
    lists = ("versions", "hardware", "hard", "medium", "images", "homes", "apart", "together")
    parts = {name: _parts(text) if name in lists else text for name, text in said.items()}
    return TargetPack._make(parts.values())


def _rules(found: Mapping[str, object]) -> tuple[Rule, ...]:
    ids, names, categories, summaries, whys, links, _ = _table(found["rules"], Rule._fields)
    owners, kinds, patterns, only, uses, *rest = _table(found["matchers"], ("rule", *Matcher._fields))
    matchers = list(map(Matcher, kinds, _lists(patterns), _lists(only), uses, *map(_lists, rest)))
    groups: list[list[Matcher]] = [[] for _ in ids]
    for owner, matcher in zip(owners, matchers):
        groups[int(owner)].append(matcher)
    found_categories = [_CATEGORIES[category] for category in categories]
    if not all(groups):
        raise ValueError("a rule without matchers")
    return tuple(map(Rule, ids, names, found_categories, summaries, whys, _lists(links), map(tuple, groups)))


def _verdicts(found: Mapping[str, object]) -> tuple[Verdict, ...]:
    columns = _table(found["verdicts"], Verdict._fields)
    rules, names, works, npu, agnostic, since, messages, shims, safeties, whys, evidence, *change = columns
    before, forms, positional, keywords, general, statuses, runs, left, refusals = change
    found_works = [_WORKS[work] for work in works]
    trust = [_SAFETIES[safety] for safety in safeties]
    general_trust = [_SAFETIES[safety] for safety in general]
    said = (npu, agnostic, since, messages, shims, trust, whys, _lists(evidence))
    changed = (before, forms, _lists(positional), keywords, general_trust, statuses, runs, left, refusals)
    return tuple(map(Verdict, rules, _lists(names), found_works, *said, *changed))


def _interest(found: Mapping[str, object]) -> Interest:
    texts = dict(zip(Interest._fields, _record(found["interest"], Interest._fields)))
    lists = {name: _parts(text) for name, text in texts.items() if name != "digest"}
    kinds, patterns = _table(found["others"], ("kind", "patterns"))
    return Interest(
        names=frozenset(lists["names"]),
        prefixes=lists["prefixes"],
        methods=frozenset(lists["methods"]),
        keywords=frozenset(lists["keywords"]),
        strings=frozenset(lists["strings"]),
        string_globs=lists["string_globs"],
        env=frozenset(lists["env"]),
        env_globs=lists["env_globs"],
        commands=frozenset(lists["commands"]),
        indexes=frozenset(lists["indexes"]),
        import_globs=lists["import_globs"],
        others=tuple(zip(kinds, _lists(patterns))),
        devices=lists["devices"],
        defines=lists["defines"],
        inside=frozenset(lists["inside"]),
        branches=frozenset(lists["branches"]),
        needles=tuple(tuple(group.encode().split(b"\n")) for group in _strings(found["needles"])),
        anchors=tuple(_anchor(*_parts(text)) for text in _strings(found["anchors"])),
        digest=texts["digest"],
        tensor_methods=frozenset(lists["tensor_methods"]),
        kernel=lists["kernel"],
        elsewhere=lists["elsewhere"],
        variables=lists["variables"],
        puts=lists["puts"],
        host=lists["host"],
        marks=lists["marks"],
    )


def _anchor(anchor: str, *groups: str) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """An anchor, and its groups of words, none of which holds a tab."""
    return anchor, tuple(tuple(group.split("\t")) for group in groups)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def _lists(texts: Column) -> list[tuple[str, ...]]:
    # Many fields of a pack hold the same few lists, of which most are empty.
    known = {text: _parts(text) for text in set(texts)}
    return [known[text] for text in texts]


def _record(value: object, fields: Sequence[str]) -> Column:
    return [text for (text,) in _table(value, fields)]


def _table(value: object, fields: Sequence[str]) -> list[Column]:
    if type(value) is not list:
        raise ValueError("not a table")
    columns = [_strings(column) for column in value] or [[] for _ in fields]
    if len(columns) != len(fields) or len(set(map(len, columns))) != 1:
        raise ValueError("a table of another shape")
    return columns


def _strings(value: object) -> Column:
    if type(value) is not list or not set(map(type, value)) <= {str}:
        raise ValueError("not a list of texts")
    return value
