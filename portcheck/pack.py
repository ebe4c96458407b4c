"""The compiled rule packs: rules, verdicts on one target, and what readers should look for.

A run never parses TOML: the packs are compiled once into JSON in the user's cache folder, keyed by the files they were made
of; a compiled pack that cannot be read, or was made of other files, is made anew.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, FrozenSet, NamedTuple, Optional, Tuple

from portcheck.errors import PackError
from portcheck.model import Category, Safety, Work
from portcheck.paths import cache_folder, rules_folder, write_atomic

FORMAT = 1
"""Version of the compiled form."""


class Matcher(NamedTuple):
    """One way to fall under a rule: patterns for facts of a kind, and what else must hold."""

    kind: str
    patterns: Tuple[str, ...]
    kinds: Tuple[str, ...] = ()
    use: str = ""
    context: Tuple[str, ...] = ()
    of: Tuple[str, ...] = ()
    at: Tuple[str, ...] = ()
    not_of: Tuple[str, ...] = ()
    not_at: Tuple[str, ...] = ()
    value: Tuple[str, ...] = ()


class Rule(NamedTuple):
    """What is CUDA-bound, whatever the target."""

    id: str
    name: str
    category: Category
    summary: str
    why: str
    links: Tuple[str, ...]
    matchers: Tuple[Matcher, ...]


class Verdict(NamedTuple):
    """What a rule's places become on a target; with `names`, only those of these names."""

    rule: str
    names: Tuple[str, ...]
    work: Work
    npu: str
    agnostic: str
    agnostic_since: str
    message: str
    shim: str
    safety: Optional[Safety]
    safety_why: str
    evidence: Tuple[str, ...]


class TargetPack(NamedTuple):
    """The target's own words and versions."""

    name: str
    title: str
    device: str
    backend: str
    module: str
    versions: Tuple[str, ...]
    hardware: Tuple[str, ...]
    default_torch: str
    default_hardware: str


class Interest(NamedTuple):
    """What readers look for, derived from the rules; a file with a fact holds all bytes of one of `needles`."""

    names: FrozenSet[str] = frozenset()
    prefixes: Tuple[str, ...] = ()
    methods: FrozenSet[str] = frozenset()
    keywords: FrozenSet[str] = frozenset()
    strings: FrozenSet[str] = frozenset()
    string_globs: Tuple[str, ...] = ()
    env: FrozenSet[str] = frozenset()
    env_globs: Tuple[str, ...] = ()
    commands: FrozenSet[str] = frozenset()
    indexes: FrozenSet[str] = frozenset()
    import_globs: Tuple[str, ...] = ()
    others: Tuple[Tuple[str, Tuple[str, ...]], ...] = ()
    devices: Tuple[str, ...] = ()
    needles: Tuple[Tuple[bytes, ...], ...] = ()
    digest: str = ""


class Pack(NamedTuple):
    """Everything a run needs of the rules, for one target."""

    rules: Tuple[Rule, ...]
    verdicts: Tuple[Verdict, ...]
    target: TargetPack
    interest: Interest
    digest: str


def load(target: str = "ascend", folder: Optional[Path] = None) -> Pack:
    """The pack for a target, compiled if it was not, or not of these files.

    Raises:
        PackError: a rule file is broken, or there is no pack for the target.
    """
    root = folder or rules_folder()
    stamp = _stamp(root, target)
    stored = cache_folder() / "packs" / f"{stamp}.json"
    known = _stored(stored)
    if known is not None:
        return known
    from portcheck.packfile import compile_pack

    pack = compile_pack(root, target)
    try:
        write_atomic(stored, json.dumps(_plain(pack)).encode())
    except OSError:
        pass
    return pack


def _stamp(root: Path, target: str) -> str:
    """A digest of the names, sizes and times of the files of a pack."""
    seen = [f"{FORMAT}|{target}|{root}"]
    for part in ("", "cuda", target):
        try:
            entries = sorted((root / part).glob("*.toml"))
        except OSError as error:
            raise PackError(f"{root / part}: {error.strerror}") from error
        for entry in entries:
            stat = entry.stat()
            seen.append(f"{part}/{entry.name}|{stat.st_size}|{stat.st_mtime_ns}")
    return hashlib.blake2b("\n".join(seen).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _plain(pack: Pack) -> dict[str, Any]:
    interest = pack.interest._asdict()
    interest["needles"] = [[part.decode("latin-1") for part in group] for group in pack.interest.needles]
    for key, value in interest.items():
        if isinstance(value, frozenset):
            interest[key] = sorted(value)
    return {"format": FORMAT, "rules": pack.rules, "verdicts": pack.verdicts, "target": pack.target, "interest": interest,
            "digest": pack.digest}


def _stored(path: Path) -> Optional[Pack]:
    """The pack in a compiled file; None when there is none or it is not what `load` writes."""
    try:
        data = json.loads(path.read_bytes())
        if data["format"] != FORMAT:
            return None
        rules = tuple(_rule(row) for row in data["rules"])
        verdicts = tuple(_verdict(row) for row in data["verdicts"])
        return Pack(rules, verdicts, TargetPack(*map(_frozen, data["target"])), _interest(data["interest"]), str(data["digest"]))
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError, AttributeError):
        return None


def _rule(row: list[Any]) -> Rule:
    identity, name, category, summary, why, links, matchers = row
    return Rule(identity, name, Category(category), summary, why, tuple(links), tuple(Matcher(*map(_frozen, m)) for m in matchers))


def _verdict(row: list[Any]) -> Verdict:
    rule, names, work, npu, agnostic, since, message, shim, safety, why, evidence = row
    trust = Safety(safety) if safety else None
    return Verdict(rule, tuple(names), Work(work), npu, agnostic, since, message, shim, trust, why, tuple(evidence))


def _interest(row: dict[str, Any]) -> Interest:
    sets = {name for name, default in Interest._field_defaults.items() if isinstance(default, frozenset)}
    values = {name: frozenset(value) if name in sets else _frozen(value) for name, value in row.items()}
    values["needles"] = tuple(tuple(part.encode("latin-1") for part in group) for group in row["needles"])
    return Interest(**values)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
