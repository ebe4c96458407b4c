"""One requirement as people write it, to a DEPENDENCY fact: `packaging` reads what the standard allows, words the rest.

A fact's name is the distribution's normalised name, or the address of a package index (`index`) or `channel:NAME` of a
conda channel (`channel`). `context` is direct, optional, build, constraint, conda, lock, index, channel. `args` hold
what is known of: spec, extra, marker, url, group; `torch` repeats the spec of a PyTorch requirement.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from portcheck.model import Certainty, Fact, FactKind, Span

MAX_TEXT = 300
"""Characters of a marker or address that a fact keeps."""

CHANNEL = "channel:"
"""How the name of the fact begins for a channel of conda's world."""

OPTIONAL = "optional"
"""The guard of what an installation can do without: extras, groups for development."""

TORCH = frozenset({"torch", "pytorch", "pytorch-gpu"})
"""The names of PyTorch on the package index and in conda."""

Pairs = tuple[tuple[str, str], ...]

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")
_LEGACY = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[(?P<extra>[^\]]*)\])?\s*(?P<spec>[~=!<>^][^;@#\s]*)?"
)
_EGG = re.compile(r"[#&]egg=([\w.-]+)")
_SCHEME = re.compile(r"(?:[a-z]+\+)?(?:https?|ssh|git|file)://|git\+|git@", re.IGNORECASE)
_RUN = re.compile(r"[-_.]+")


def normalised(name: str) -> str:
    """The one spelling of a distribution's name: lower case, runs of `-`, `_` and `.` as one hyphen."""
    return _RUN.sub("-", name).lower()


def requirement_fact(
    text: str, span: Span, context: str = "direct", guards: tuple[str, ...] = (), group: str = ""
) -> Fact | None:
    """The fact of a requirement such as `torch[x]==2.1; marker`, an address or a path; None when it names nothing."""
    text = text.strip()
    try:
        known = Requirement("" if text.endswith(".whl") and "@" not in text else text)
    except (InvalidRequirement, RecursionError):
        return _by_words(text, span, context, guards, group)
    spec = str(known.specifier) or version_in(known.url or "")
    extra = ",".join(sorted(known.extras))
    pairs = (("spec", spec), ("extra", extra), ("marker", str(known.marker or "")), ("url", known.url or ""))
    return dependency(known.name, span, context, (*pairs, ("group", group)), guards)


def dependency(
    name: str,
    span: Span,
    context: str,
    pairs: Pairs = (),
    guards: tuple[str, ...] = (),
    certainty: Certainty = Certainty.EXACT,
) -> Fact:
    """The fact of a distribution by any spelling of its name; pairs without a value are left out."""
    name = normalised(name)
    kept = tuple((key, value[:MAX_TEXT]) for key, value in pairs if value)
    if name in TORCH:
        kept += (("torch", dict(kept).get("spec", "")),)
    return Fact(FactKind.DEPENDENCY, name, span, certainty, context, kept, guards)


def index_fact(url: str, span: Span, guards: tuple[str, ...] = ()) -> Fact:
    """The fact of a package index, or a page of links, that packages are taken from."""
    return Fact(FactKind.DEPENDENCY, url.strip()[:MAX_TEXT], span, context="index", guards=guards)


def version_in(url: str) -> str:
    """The pin that the file name of a wheel or source distribution amounts to; empty when it tells no version."""
    name = _file_name(url)
    try:
        if name.endswith(".whl"):
            return f"=={parse_wheel_filename(name)[1]}"
        return f"=={parse_sdist_filename(name)[1]}" if name.endswith((".tar.gz", ".zip")) else ""
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""


def name_in(url: str) -> str:
    """The distribution that an address or a path stands for: by its egg, its file name, or the folder it ends in."""
    egg = _EGG.search(url)
    if egg:
        return egg.group(1)
    name = _file_name(url)
    try:
        if name.endswith(".whl"):
            return parse_wheel_filename(name)[0]
        if name.endswith((".tar.gz", ".zip")) and "/archive/" not in url:
            return parse_sdist_filename(name)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return _wheel_words(name)
    return _repository(url)


def _file_name(url: str) -> str:
    return unquote(re.split(r"[?#]", url, maxsplit=1)[0]).rstrip("/").rsplit("/", 1)[-1]


def _wheel_words(name: str) -> str:
    """The first part of a file name that is no proper wheel or source distribution."""
    found = _NAME.match(name.split("-", 1)[0])
    return found.group() if found else ""


def _repository(url: str) -> str:
    """The last folder of an address, or the repository where the address goes on into it (`/archive/`, `/tree/`)."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    path = re.split(r"/(?:archive|tree|releases|-)/", path, maxsplit=1)[0]
    last = path.rstrip("/").replace("\\", "/").rsplit("/", 1)[-1]
    last = last.split("@", 1)[0]
    last = last[:-4] if last.endswith(".git") else last
    found = _NAME.fullmatch(last)
    return found.group() if found else ""


def _by_words(text: str, span: Span, context: str, guards: tuple[str, ...], group: str) -> Fact | None:
    if _SCHEME.match(text) or text.startswith((".", "/")) or text.endswith(".whl"):
        url = text.split(";", 1)[0].split(" ", 1)[0]
        name, spec, extra, certainty = name_in(url), version_in(url), "", Certainty.INFERRED
    else:
        found = _LEGACY.match(text)
        if found is None:
            return None
        name, spec, extra, certainty = found["name"], found["spec"] or "", found["extra"] or "", Certainty.TEXTUAL
        url = text.partition("@")[2].split(";", 1)[0].strip()
    pairs = (("spec", spec), ("extra", extra), ("url", url), ("group", group))
    return dependency(name, span, context, pairs, guards, certainty) if name else None
