"""The PyTorch versions that a repository asks for itself, and which of the known versions of a plug-in fit them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from portcheck.model import FactKind, FileFacts, Span, Target
from portcheck.records import NamedTuple

_REQUIREMENT = "torch"
"""The argument of a dependency's fact that holds what it asks of PyTorch."""

_LOWER = frozenset({">=", ">", "==", "===", "~="})
_LOCAL = re.compile(r"\+[\w.]+")
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


class Pin(NamedTuple):
    """A requirement of PyTorch: where it stands, what it asks for, and the versions that fit, oldest first.

    `understood` is False when the text is no version that anybody can compare; then nothing fits.
    """

    path: str
    span: Span
    spec: str
    optional: bool
    locked: bool
    fits: tuple[str, ...]
    understood: bool = True


def pins(files: Mapping[str, FileFacts], versions: Sequence[str]) -> tuple[Pin, ...]:
    """Return the requirements of PyTorch in a repository, in the order of its files and their lines.

    `versions` are PyTorch versions that a plug-in exists for; `fits` of each pin are those among them that it allows. A
    build such as `+cu118` counts as its version. Without a version, all fit.
    """
    found = []
    for path, facts in files.items():
        for fact in facts.facts:
            args = dict(fact.args) if fact.kind is FactKind.DEPENDENCY else {}
            if _REQUIREMENT in args:
                fits, understood = fitting(args[_REQUIREMENT], versions)
                optional, locked = "optional" in fact.guards, "locked" in fact.guards
                found.append(Pin(path, fact.span, args[_REQUIREMENT], optional, locked, fits, understood))
    return tuple(found)


def agreed(found: Iterable[Pin], versions: Sequence[str]) -> tuple[str, ...]:
    """Return the versions that every requirement allows which is neither optional nor in a lock file."""
    kept = sorted(versions, key=Version)
    for pin in found:
        if pin.understood and not (pin.optional or pin.locked):
            kept = [version for version in kept if version in pin.fits]
    return tuple(kept)


def fitting(spec: str, versions: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Return which versions a text allows, oldest first, and whether it could be understood.

    The text is written for pip (`>=2.1,<3`), conda (`=1.9.1=py3.8_cuda11.1`, `2.0|2.1`) or poetry (`^2.1`, `~2.1`).
    """
    known = sorted(versions, key=Version)
    try:
        allowed = [_specifiers(part) for part in _LOCAL.sub("", spec).split("|")]
    except (InvalidSpecifier, InvalidVersion):
        return (), False
    return tuple(v for v in known if any(part.contains(v, prereleases=True) for part in allowed)), True


def back_to(target: Target, files: Mapping[str, FileFacts]) -> Target:
    """Return the target with the oldest PyTorch that the files' own requirements name as enough, if that is older."""
    bound = _oldest(files)
    return target._replace(oldest=bound) if bound and Version(bound) < Version(target.torch) else target


def _oldest(files: Mapping[str, FileFacts]) -> str:
    bounds = []
    for pin in pins(files, ()):
        if pin.understood and not (pin.optional or pin.locked):
            clauses = [each for part in _LOCAL.sub("", pin.spec).split("|") for each in _specifiers(part)]
            bounds += [Version(each.version.removesuffix(".*")) for each in clauses if each.operator in _LOWER]
    return str(min(bounds)) if bounds else ""


def _specifiers(text: str) -> SpecifierSet:
    return SpecifierSet(",".join(_clause(part.strip()) for part in text.split(",") if part.strip()))


def _clause(text: str) -> str:
    """One condition in pip's spelling.

    Raises:
        InvalidSpecifier: it is none.
    """
    if text.startswith(("=>", "=<")):
        return f"{text[1]}={text[2:].strip()}"
    if text.startswith("^") or re.match(r"~\s*\d", text):
        return _next(text)
    if re.match(r"=\s*\d", text):
        version = text[1:].split("=", 1)[0].strip()
        return f"=={version}" if version.endswith("*") else f"=={version}.*"
    if text[:1].isdigit():
        return f"=={text.split('=', 1)[0]}"
    # Older versions of pip took a wildcard behind any operator.
    return "" if text == "*" else re.sub(r"^([<>]=?[^*]*)\.\*$", r"\1", text)


def _next(text: str) -> str:
    """`^2.1` and `~2.1` of poetry: from that version to the next major, or the next minor, one."""
    found = _NUMBERS.search(text)
    if found is None:
        raise InvalidSpecifier(text)
    numbers = [int(part) for part in found.group().split(".")]
    kept = 1 if text.startswith("^") or len(numbers) == 1 else 2
    upper = ".".join(map(str, [*numbers[: kept - 1], numbers[kept - 1] + 1]))
    return f">={found.group()},<{upper}"


def pinned(target: Target, versions: Sequence[str], files: Mapping[str, FileFacts]) -> Target:
    """Return the target with a version that the files' own requirements of PyTorch allow, where they can be met.

    The default stays when it fits; otherwise the newest of those that fit is taken.
    """
    found = [pin for pin in pins(files, versions) if pin.understood and not (pin.optional or pin.locked)]
    fits = agreed(found, versions)
    if not found or not fits:
        return target
    source = f"{found[0].path}: torch {found[0].spec}".rstrip()
    return target._replace(torch=target.torch if target.torch in fits else fits[-1], source=source)
