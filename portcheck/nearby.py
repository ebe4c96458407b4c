"""Names close to what a user asked for, among all that the rules, the vendor's tables and the shim's source know."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import chain

from portcheck import releases, support
from portcheck.errors import UsageError
from portcheck.model import Target
from portcheck.packtypes import Pack, Rule
from portcheck.patterns import is_glob

_SHOWN = 3
_CLOSE = 0.6
_VERY_CLOSE = 0.85
_UNNAMED = ("*", "__getitem__", "__setitem__")


def covers(rule: Rule) -> tuple[str, ...]:
    """Return the patterns of a rule that tell a reader something, each once."""
    named = (matcher.patterns for matcher in rule.matchers if matcher.kind != "table")
    return tuple(dict.fromkeys(pattern for pattern in chain(*named) if pattern not in _UNNAMED))


def nearest(subject: str, pack: Pack, target: Target) -> tuple[str, ...]:
    """Return the closest spellings; those that end in the very subject come first."""
    known = {rule.id for rule in pack.rules} | {rule.name for rule in pack.rules} | _patterns(pack)
    ends = _ending(subject, chain(known, _listed(target)))
    close = difflib.get_close_matches(subject, sorted(known), _SHOWN, _CLOSE)
    if subject.startswith("torch."):
        close = difflib.get_close_matches(subject, sorted({*known, *_listed(target)}), _SHOWN, _CLOSE)
    last = subject.rpartition(".")[2]
    return tuple(dict.fromkeys([*ends, *close]))[:_SHOWN] or tuple(_ending(last, known))


def misspelt(subject: str, pattern: str, pack: Pack, target: Target) -> tuple[str, ...]:
    """Return the very close names for one that only a pattern for all below `pattern` speaks of; nothing otherwise."""
    root = pattern[:-2]
    if not pattern.endswith(".*") or subject == root:
        return ()
    below = {name for name in {*_patterns(pack), *_listed(target)} if name.startswith(f"{root}.")}
    if subject in below:
        return ()
    below = {name for name in below if "._" not in name}
    return tuple(difflib.get_close_matches(subject, sorted(below), _SHOWN, _VERY_CLOSE))


def has_name(direct: str, module: str, target: Target) -> bool:
    """Return whether the adapter's module offers a name below it; true where its names are not known."""
    plain = direct.replace(".", "").replace("_", "").isalnum()
    if not (plain and direct.startswith(f"{module}.") and support.versions(target.name)):
        return True
    try:
        public = releases.public_names(target.torch, target.name)
    except UsageError:
        return True
    parts = direct.split(".")
    return any(".".join(parts[:length]) in public for length in range(module.count(".") + 2, len(parts) + 1))


def _patterns(pack: Pack) -> frozenset[str]:
    every = chain.from_iterable(covers(rule) for rule in pack.rules)
    plain = (pattern[:-2] if pattern.endswith(".*") else pattern for pattern in every)
    return frozenset(pattern for pattern in plain if not is_glob(pattern))


def _listed(target: Target) -> frozenset[str]:
    """The names in the tables of a version, and those that its shim is known to touch or to leave."""
    if not support.versions(target.name):
        return frozenset()
    shim = _shim(target)
    return frozenset(chain(support.names(target.torch, target.name), shim))


def _shim(target: Target) -> Iterable[str]:
    try:
        return chain.from_iterable(releases.shim_names(target.torch, target.name).values())
    except UsageError:
        return ()


def _ending(last: str | None, names: Iterable[str]) -> list[str]:
    """The shortest names whose last component is the given one."""
    found = {name for name in names if last and name.rpartition(".")[2].lower() == last.lower() and "." in name}
    return sorted(found, key=lambda name: (len(name), name))[:_SHOWN]
