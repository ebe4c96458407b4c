"""Packs as compact JSON, and back; the reading side trusts nothing.

Every record is a row of texts, with lists as lines of one text, so that checking a row is quick.
"""

from __future__ import annotations

import json
from typing import FrozenSet, Iterable, List, Mapping, Optional, Tuple

from portcheck.model import Category, Safety, Work
from portcheck.packtypes import Interest, Matcher, Pack, Rule, TargetPack, Verdict

_CATEGORIES = {category.value: category for category in Category}
_WORKS = {work.value: work for work in Work}
_SAFETIES = {"": None, **{safety.value: safety for safety in Safety}}

Row = List[str]


def encode(pack: Pack, key: str) -> bytes:
    """Return the compiled form of a pack; `key` says what it was made of."""
    interest = pack.interest
    data = {
        "key": key,
        "digest": pack.digest,
        "rules": [_rule_row(rule) for rule in pack.rules],
        "matchers": [[_matcher_row(matcher) for matcher in rule.matchers] for rule in pack.rules],
        "verdicts": [_verdict_row(verdict) for verdict in pack.verdicts],
        "target": [_lines(part) if isinstance(part, tuple) else part for part in pack.target],
        "interest": _interest_row(interest),
        "others": [[kind, _lines(patterns)] for kind, patterns in interest.others],
        "needles": [_lines([part.decode() for part in group]) for group in interest.needles],
    }
    return json.dumps(data, separators=(",", ":"), sort_keys=True).encode()


def decode(data: bytes, key: str) -> Pack:
    """Return the pack of a compiled form.

    Raises:
        ValueError: it is not what `encode` makes, or of another key.
    """
    try:
        found = json.loads(data)
        if found["key"] != key:
            raise ValueError("a pack of other files")
        return _pack(found)
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError("not a compiled pack") from error


def _pack(found: Mapping[str, object]) -> Pack:
    matchers = _items(found["matchers"])
    rules = tuple(_rule(row, group) for row, group in zip(_rows(found["rules"], 6), matchers))
    verdicts = tuple(_verdict(row) for row in _rows(found["verdicts"], len(Verdict._fields)))
    known = {rule.id for rule in rules}
    whole = [verdict.rule for verdict in verdicts if not verdict.names]
    if len(matchers) != len(rules) or known != {verdict.rule for verdict in verdicts} or sorted(known) != sorted(whole):
        raise ValueError("rules and verdicts do not belong together")
    (target,) = _rows([found["target"]], len(TargetPack._fields))
    (digest,) = _row([found["digest"]], 1)
    name, title, device, backend, module, versions, hardware, torch, card = target
    about = TargetPack(name, title, device, backend, module, _parts(versions), _parts(hardware), torch, card)
    return Pack(rules, verdicts, about, _interest(found), digest)


def _interest_row(interest: Interest) -> Row:
    return [
        _lines(sorted(interest.names)),
        _lines(interest.prefixes),
        _lines(sorted(interest.methods)),
        _lines(sorted(interest.keywords)),
        _lines(sorted(interest.strings)),
        _lines(interest.string_globs),
        _lines(sorted(interest.env)),
        _lines(interest.env_globs),
        _lines(sorted(interest.commands)),
        _lines(sorted(interest.indexes)),
        _lines(interest.import_globs),
        _lines(interest.devices),
        interest.digest,
    ]


def _interest(found: Mapping[str, object]) -> Interest:
    row = _row(found["interest"], 13)
    (
        names,
        prefixes,
        methods,
        keywords,
        strings,
        string_globs,
        env,
        env_globs,
        commands,
        indexes,
        imports,
        devices,
        digest,
    ) = row
    return Interest(
        names=_set(names),
        prefixes=_parts(prefixes),
        methods=_set(methods),
        keywords=_set(keywords),
        strings=_set(strings),
        string_globs=_parts(string_globs),
        env=_set(env),
        env_globs=_parts(env_globs),
        commands=_set(commands),
        indexes=_set(indexes),
        import_globs=_parts(imports),
        others=tuple((kind, _parts(patterns)) for kind, patterns in _rows(found["others"], 2)),
        devices=_parts(devices),
        needles=tuple(tuple(part.encode() for part in _parts(group)) for group in _row(found["needles"], None)),
        digest=digest,
    )


def _rule_row(rule: Rule) -> Row:
    return [rule.id, rule.name, rule.category.value, rule.summary, rule.why, _lines(rule.links)]


def _rule(row: Row, matchers: object) -> Rule:
    identity, name, category, summary, why, links = row
    found = tuple(_matcher(matcher) for matcher in _rows(matchers, len(Matcher._fields)))
    return Rule(identity, name, _CATEGORIES[category], summary, why, _parts(links), found)


def _matcher_row(matcher: Matcher) -> Row:
    return [part if isinstance(part, str) else _lines(part) for part in matcher]


def _matcher(row: Row) -> Matcher:
    kind, patterns, kinds, use, *rest = row
    return Matcher(kind, _parts(patterns), _parts(kinds), use, *map(_parts, rest))


def _verdict_row(verdict: Verdict) -> Row:
    safety = verdict.safety.value if verdict.safety else ""
    head = [
        verdict.rule,
        _lines(verdict.names),
        verdict.work.value,
        verdict.npu,
        verdict.agnostic,
        verdict.agnostic_since,
    ]
    return [*head, verdict.message, verdict.shim, safety, verdict.safety_why, _lines(verdict.evidence)]


def _verdict(row: Row) -> Verdict:
    rule, names, work, npu, agnostic, since, message, shim, safety, why, evidence = row
    trust = _SAFETIES[safety]
    return Verdict(rule, _parts(names), _WORKS[work], npu, agnostic, since, message, shim, trust, why, _parts(evidence))


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _set(text: str) -> FrozenSet[str]:
    return frozenset(_parts(text))


def _parts(text: str) -> Tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def _items(value: object) -> List[object]:
    if type(value) is not list:
        raise ValueError("not a list")
    return value


def _rows(value: object, width: int) -> List[Row]:
    return [_row(row, width) for row in _items(value)]


def _row(value: object, width: Optional[int]) -> Row:
    row = [part for part in _items(value) if isinstance(part, str)]
    if (width is not None and len(row) != width) or row != value:
        raise ValueError("not a row of texts")
    return row
