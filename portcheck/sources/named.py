"""What the value of a variable, or a word of a command, names by itself: a folder, an image, an address, a definition.

Sources of the forms: Docker's reference for names of images (a registry's host, or a name with a tag), pip's for
addresses (`git+https://`, wheels), CMake's for `-D NAME:TYPE=VALUE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from portcheck.model import Certainty, Fact, FactKind, Span
from portcheck.pack import Interest
from portcheck.patterns import Globs, globs_of, narrow
from portcheck.records import NamedTuple
from portcheck.sources.words import words_for

MAX_VALUE = 1000
"""Characters of a value that is looked at; a longer one is data."""

_ADDRESS = re.compile(r"https?://[^\s\"'<>|]+|git\+[^\s\"'<>|]+")
_REPOSITORY = re.compile(r"https?://(?:github|gitlab)\.com/[\w.-]+/[\w.-]+?(?:\.git)?(?:@[\w./-]+)?")
_PATH = re.compile(r"(?:(?<![\w.])|(?<=-[IL]))/[\w./${}-]+")
_IMAGE = re.compile(
    r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/[\w./-]+(?::[\w.${}()-]+)?|(?:[\w-]+|\$\{?\w+\}?)/[\w.-]+:[\w.${}()-]+"
)
_DEFINED = re.compile(r"(?:-D)?([A-Za-z_]\w*)(?::[A-Z]+)?=(.*)", re.DOTALL)
_OFF = frozenset({"off", "0", "false", "no", "n"})


class Named(NamedTuple):
    """A fact in a value, and where in the value it begins and ends."""

    fact: Fact
    start: int
    end: int


def named_in(value: str, interest: Interest, context: str) -> Iterator[Named]:
    """Yield what the packs know among the folders, images and addresses of a value; their spans are still empty."""
    if "/" not in value or len(value) > MAX_VALUE:
        return
    if "://" in value:
        for found in _ADDRESS.finditer(value):
            fact = _address(found.group(), interest, context)
            if fact is not None:
                yield Named(fact, found.start(), found.end())
        return
    image = _IMAGE.fullmatch(value)
    if image and _pattern(interest, "image").match(value):
        yield Named(Fact(FactKind.IMAGE, value, _NOWHERE, Certainty.EXACT, context), 0, len(value))
        return
    for path in _PATH.finditer(value):
        if words_for(interest).is_string(path.group()):
            yield Named(
                Fact(FactKind.STRING, path.group(), _NOWHERE, Certainty.EXACT, context), path.start(), path.end()
            )
            return


def defined(word: str, behind: str) -> str:
    """The name that a word defines for CMake, `-DNAME=ON` or what stands behind `-D`; none when it is switched off."""
    found = _DEFINED.fullmatch(word) if word.startswith("-D") or behind == "-D" else None
    return found.group(1) if found and found.group(2).strip("\"'").lower() not in _OFF else ""


def _address(url: str, interest: Interest, context: str) -> Fact | None:
    """The fact of a package index, of a wheel or of a repository, if the packs know it."""
    indexed = _pattern(interest, "dependency", "http").match(url)
    if context == "assign" and not indexed and _REPOSITORY.fullmatch(url):
        url = f"git+{url}"  # a variable that keeps where to clone a library from
    if not indexed and not url.startswith("git+") and not re.split(r"[?#]", url, maxsplit=1)[0].endswith(".whl"):
        return None
    # What reads requirements takes long to import, and few scripts name such an address.
    from portcheck.sources.requirement import index_fact, requirement_fact

    fact = index_fact(url, _NOWHERE) if indexed else requirement_fact(url, _NOWHERE)
    return fact if fact is not None and _pattern(interest, "dependency").match(fact.name) else None


_NOWHERE = Span(1, 1, 1, 1)


@lru_cache(maxsize=8)
def _pattern(interest: Interest, kind: str, begin: str = "") -> Globs:
    """What the packs look for by name with a kind of matcher, as far as it begins so."""
    globs = dict(interest.others).get(kind, ())
    return globs_of(narrow(glob for glob in globs if glob.startswith(begin)))
