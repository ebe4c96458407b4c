"""Rule packs as people write them: TOML to a checked pack, and the examples that go with the rules.

Every error names file, rule and key. A broken pack never loads in part.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from pathlib import Path
from typing import Any, Iterable, Iterator, NamedTuple, Optional

from portcheck.errors import PackError
from portcheck.interest import interest_of
from portcheck.model import Category, Safety, Work
from portcheck.pack import Matcher, Pack, Rule, TargetPack, Verdict

HOME = "cuda"
"""The folder of the target-free half."""

MATCHERS = ("api", "method", "string", "keyword", "env", "command", "index", "import_glob",
            "dependency", "image", "setting", "include", "kernel")
"""The keys of a match, one of which says what is matched."""

_MATCH_KEYS = {*MATCHERS, "kinds", "use", "context", "of", "at", "not_of", "not_at", "value"}
_RULE_KEYS = {"id", "name", "category", "summary", "why", "links", "match", "example"}
_EXAMPLE_KEYS = {"name", "bad", "good", "npu", "agnostic", "kind"}
_VERDICT_KEYS = {"work", "npu", "agnostic", "agnostic_since", "message", "shim", "safety", "safety_why", "evidence"}
_SHIM = ("redirected", "rewritten", "disabled", "unreached", "")
_TARGET_KEYS = {"name", "title", "device", "backend", "module", "versions", "hardware", "default_torch", "default_hardware",
                "evidence"}


class Example(NamedTuple):
    """Code that belongs to a rule: `bad` must be found on its marked lines, `good` must not be found at all."""

    rule: str
    name: str
    kind: str
    bad: str
    good: str
    npu: str
    agnostic: str


class Place(NamedTuple):
    """Where a value stands, for errors."""

    file: str
    rule: str = ""

    def error(self, key: str, problem: str) -> PackError:
        """The error for a key of this rule."""
        where = f"{self.file}: {self.rule}: " if self.rule else f"{self.file}: "
        return PackError(f"{where}{key}: {problem}")


def compile_pack(root: Path, target: str) -> Pack:
    """Read, check and join both halves of the packs below `root`.

    Raises:
        PackError: a file that cannot be read or parsed, an unknown or missing key, a value of the wrong type, two rules of
            one id or name, a rule without a verdict, a verdict without a rule.
    """
    digest = hashlib.blake2b(digest_size=16)
    rules = tuple(_rules(root / HOME, digest))
    about = _target(root / target / "target.toml")
    verdicts = tuple(_verdicts(root / target, {rule.id: rule for rule in rules}, digest))
    answered = {verdict.rule for verdict in verdicts if not verdict.names}
    for rule in rules:
        if rule.id not in answered:
            raise PackError(f"{root / target}: {rule.id}: no verdict for this rule")
    devices, telling = _vocabulary(root)
    interest = interest_of(rules, tuple(dict.fromkeys((*devices, about.device))), telling)
    return Pack(rules, verdicts, about, interest, digest.hexdigest())


def examples(root: Path) -> tuple[Example, ...]:
    """The examples of every rule, in the order of the files.

    Raises:
        PackError: as `compile_pack`.
    """
    found = []
    for path in _files(root / HOME):
        for row in _tables(_parse(path), "rule", Place(path.name)):
            for example in row.get("example", ()):
                values = {key: str(example.get(key, "")) for key in ("bad", "good", "npu", "agnostic")}
                found.append(Example(row["id"], example.get("name", ""), example.get("kind", "python"), **values))
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        known = sorted(part.name for part in folder.parent.iterdir() if part.is_dir()) if folder.parent.is_dir() else []
        raise PackError(f"{folder}: no such rule pack" + _nearest(folder.name, known))
    return sorted(folder.glob("*.toml"))


def _parse(path: Path, digest: Optional[Any] = None) -> dict[str, Any]:
    import tomli

    try:
        data = path.read_bytes()
        if digest is not None:
            digest.update(path.name.encode() + b"\0" + data + b"\0")
        return tomli.loads(data.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise PackError(f"{path}: {error}") from error


def _tables(data: dict[str, Any], key: str, place: Place) -> list[dict[str, Any]]:
    rows = data.get(key, [])
    for extra in data:
        if extra != key:
            raise place.error(extra, f"unknown table; expected [[{key}]]")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise place.error(key, f"must be written as [[{key}]]")
    return rows


def _known(row: dict[str, Any], allowed: Iterable[str], place: Place) -> None:
    names = sorted(allowed)
    for key in row:
        if key not in names:
            raise place.error(key, "unknown key" + _nearest(key, names))


def _nearest(word: str, words: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(words), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _text(row: dict[str, Any], key: str, place: Place, needed: bool = True) -> str:
    value = row.get(key, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise place.error(key, "must be a text that is not empty" if needed else "must be a text")
    return value


def _list(row: dict[str, Any], key: str, place: Place, needed: bool = False) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or not all(isinstance(part, str) and part for part in value) or (needed and not value):
        raise place.error(key, "must be a list of texts" + (" that is not empty" if needed else ""))
    return tuple(value)


def _choice(value: str, key: str, choices: Iterable[str], place: Place) -> str:
    allowed = list(choices)
    if value not in allowed:
        raise place.error(key, f"{value!r} is none of {', '.join(filter(None, allowed))}" + _nearest(value, allowed))
    return value


def _rules(folder: Path, digest: Any) -> Iterator[Rule]:
    ids: dict[str, str] = {}
    names: dict[str, str] = {}
    for path in _files(folder):
        for row in _tables(_parse(path, digest), "rule", Place(path.name)):
            rule = _rule(row, path.name)
            for known, value, what in ((ids, rule.id, "id"), (names, rule.name, "name")):
                if value in known:
                    raise Place(path.name, rule.id).error(what, f"{value!r} is taken in {known[value]}")
                known[value] = path.name
            yield rule


def _rule(row: dict[str, Any], file: str) -> Rule:
    identity = row.get("id", "")
    place = Place(file, str(identity) or "a rule without an id")
    _known(row, _RULE_KEYS, place)
    if not isinstance(identity, str) or not re.fullmatch(r"PC\d{3}", identity):
        raise place.error("id", "must be PC and three digits")
    name = _text(row, "name", place)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise place.error("name", "must be words in lower case joined by hyphens")
    category = _choice(_text(row, "category", place), "category", (c.value for c in Category), place)
    _examples(row, place)
    matchers = tuple(_matcher(match, place) for match in row.get("match", ()))
    if not matchers:
        raise place.error("match", "a rule needs at least one [[rule.match]]")
    summary, why = _text(row, "summary", place), _text(row, "why", place)
    return Rule(identity, name, Category(category), summary, why, _list(row, "links", place, needed=True), matchers)


def _examples(row: dict[str, Any], place: Place) -> None:
    found = row.get("example", [])
    for example in found:
        _known(example, _EXAMPLE_KEYS, place)
        _text(example, "name", place)
    if not any(example.get("bad") for example in found):
        raise place.error("example", "a rule needs an example with `bad`")
    if not any(example.get("good") and not example.get("bad") for example in found):
        raise place.error("example", "a rule needs an example with `good` alone")


def _matcher(row: dict[str, Any], place: Place) -> Matcher:
    _known(row, _MATCH_KEYS, place)
    kinds = [key for key in MATCHERS if key in row]
    if len(kinds) != 1:
        raise place.error("match", f"needs exactly one of {', '.join(MATCHERS)}")
    patterns = _list(row, kinds[0], place, needed=True)
    use = _choice(_text(row, "use", place, needed=False), "use", ("", "call", "attribute"), place)
    rest = {key: _list(row, key, place) for key in ("kinds", "context", "of", "at", "not_of", "not_at", "value")}
    return Matcher(kinds[0], patterns, use=use, **rest)


def _verdicts(folder: Path, rules: dict[str, Rule], digest: Any) -> Iterator[Verdict]:
    seen: set[str] = set()
    for path in _files(folder):
        if path.name == "target.toml":
            continue
        for row in _tables(_parse(path, digest), "verdict", Place(path.name)):
            identity = str(row.get("rule", ""))
            place = Place(path.name, identity or "a verdict without a rule")
            if identity not in rules:
                raise place.error("rule", "no such rule" + _nearest(identity, rules))
            if identity in seen:
                raise place.error("rule", "has a verdict already")
            seen.add(identity)
            _known(row, {*_VERDICT_KEYS, "rule", "symbol"}, place)
            whole = _verdict(row, identity, (), None, place)
            yield whole
            for symbol in row.get("symbol", ()):
                _known(symbol, {*_VERDICT_KEYS, "names"}, place)
                names = _list(symbol, "names", place, needed=True)
                _covered(names, rules[identity], place)
                yield _verdict(symbol, identity, names, whole, place)


def _covered(names: tuple[str, ...], rule: Rule, place: Place) -> None:
    """A row for a name that the rule never meets would be dead."""
    patterns = [pattern for matcher in rule.matchers for pattern in matcher.patterns]
    for name in names:
        if not any(name == p or _below(name, p) or any(sign in p for sign in "?[") or p.startswith("*") for p in patterns):
            raise place.error("names", f"{name!r} is matched by no pattern of the rule" + _nearest(name, patterns))


def _below(name: str, pattern: str) -> bool:
    stem = pattern[:-2] if pattern.endswith(".*") else pattern.rstrip("*")
    return pattern.endswith("*") and name.startswith(stem)


def _verdict(row: dict[str, Any], rule: str, names: tuple[str, ...], whole: Optional[Verdict], place: Place) -> Verdict:
    """A verdict row; a row for single names takes what it leaves out from the rule's own."""

    def text(key: str) -> str:
        return _text(row, key, place, needed=False) if key in row or whole is None else str(getattr(whole, key))

    work = _choice(str(row["work"]) if "work" in row else (whole.work.value if whole else ""), "work", (w.value for w in Work), place)
    shim = _choice(text("shim"), "shim", _SHIM, place)
    trust = str(row.get("safety", (whole.safety.value if whole and whole.safety else "")))
    safety = Safety(_choice(trust, "safety", [*(s.value for s in Safety), ""], place)) if trust else None
    evidence = _list(row, "evidence", place, needed=whole is None) or (whole.evidence if whole else ())
    return Verdict(rule, names, Work(work), text("npu"), text("agnostic"), text("agnostic_since"), text("message"), shim, safety,
                   text("safety_why"), evidence)


def _target(path: Path) -> TargetPack:
    row = _parse(path).get("target")
    place = Place(path.name)
    if not isinstance(row, dict):
        raise place.error("target", "missing table [target]")
    _known(row, _TARGET_KEYS, place)
    texts = {key: _text(row, key, place) for key in ("name", "title", "device", "backend", "module", "default_torch",
                                                      "default_hardware")}
    return TargetPack(versions=_list(row, "versions", place, needed=True), hardware=_list(row, "hardware", place, needed=True), **texts)


def _vocabulary(root: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The device words that code may branch on, and the telling words of the prefilter."""
    row = _parse(root / "vocabulary.toml")
    place = Place("vocabulary.toml")
    _known(row, {"devices", "telling"}, place)
    return _list(row, "devices", place, needed=True), _list(row, "telling", place, needed=True)
