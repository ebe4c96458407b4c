"""The rule packs: rules, verdicts on one target, and what readers should look for.

A run never parses TOML: the packs are compiled once into JSON in the user's cache folder, together with a key over the
files they were made of and the modules that made them. A compiled pack that cannot be read, is of another key or is not
what this module writes counts as none.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable

from portcheck.compiled import decode, encode
from portcheck.digests import blake2b
from portcheck.errors import PackError, UsageError
from portcheck.packtypes import MATCHERS, Example, Interest, Matcher, Pack, Rule, Ruled, TargetPack, Verdict
from portcheck.paths import cache_folder, rules_folder, write_atomic

__all__ = [
    "MATCHERS",
    "Example",
    "Interest",
    "Matcher",
    "Pack",
    "Rule",
    "Ruled",
    "TargetPack",
    "Verdict",
    "examples",
    "load",
    "targets",
]

_MAX_COMPILED = 32 * 1024 * 1024
_MAKERS = (
    "anchors",
    "compiled",
    "interest",
    "markfile",
    "needles",
    "packfile",
    "packtypes",
    "patterns",
    "rulefile",
    "tables",
    "targetfile",
)
_HOME = "cuda"
_ABOUT = "target.toml"


def load(target: str = "ascend", folder: Path | None = None) -> Pack:
    """Return the pack for a target, from `folder` or from where the packs of this installation are.

    Raises:
        PackError: a rule file is broken; every problem is named with file, rule and key.
        UsageError: there is no such target.
    """
    root = Path(os.path.abspath(folder)) if folder else rules_folder()
    _check_target(target, root)
    key = _key(root, target)
    stored = cache_folder() / "packs" / f"{target}-{_hash(str(root))[:16]}.json"
    known = _stored(stored, key, lambda: _compiled(root, target, stored, key).ruled)
    return known or _compiled(root, target, stored, key)


def examples(folder: Path | None = None) -> tuple[Example, ...]:
    """Return the examples of every rule, read from the TOML files.

    Raises:
        PackError: a rule file is broken.
    """
    from portcheck.packfile import read_examples

    return read_examples(folder or rules_folder())


def targets(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the targets there are packs for."""
    try:
        with os.scandir(folder or rules_folder()) as entries:
            names = [entry.name for entry in entries if os.path.isfile(os.path.join(entry.path, _ABOUT))]
    except OSError:
        names = []
    return tuple(sorted(names))


def _check_target(target: str, root: Path) -> None:
    known = targets(root)
    if not known:
        raise PackError(f"{root}: holds no rule packs")
    if target not in known:
        from portcheck.tables import nearest

        raise UsageError(f"no rule pack for the target {target!r}: there is {', '.join(known)}{nearest(target, known)}")


def _key(root: Path, target: str) -> str:
    """A digest of names, sizes and times of a pack's files and of the modules that compile them."""
    here = os.path.dirname(os.path.abspath(__file__))
    seen = [str(root), target, *(_stamp(os.path.join(here, f"{name}.py")) for name in _MAKERS)]
    for part in ("", _HOME, target):
        seen.extend(sorted(_stamps(os.path.join(root, part))))
    return _hash("\n".join(seen))


def _stamps(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [_stamp(entry.path) for entry in entries if entry.name.endswith(".toml")]
    except OSError as error:
        raise PackError(f"{folder}: {error.strerror}") from error


def _stamp(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return path
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def _compiled(root: Path, target: str, stored: Path, key: str) -> Pack:
    """The pack of the files below `root`, kept for later runs where that is possible."""
    # Only needed when the rules have changed, and slow to import.
    from portcheck.packfile import compile_pack

    pack = compile_pack(root, target)
    try:
        write_atomic(stored, encode(pack, key))
    except OSError:
        # A folder that cannot be written costs time on the next run, and nothing else.
        return pack
    return pack


def _stored(path: Path, key: str, instead: Callable[[], Ruled]) -> Pack | None:
    """The pack in a compiled file, or None when there is none that can be used."""
    try:
        if path.stat().st_size > _MAX_COMPILED:
            return None
        return decode(path.read_bytes(), key, instead)
    except (OSError, ValueError):
        return None


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
