"""What commands install: packages and the indexes they come from, for pip, uv, mim, conda, mamba, apt and yum."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from portcheck.model import Fact, FactKind, Span
from portcheck.pack import Interest
from portcheck.patterns import globs_of, narrow

_INDEXES = frozenset({"--index-url", "-i", "--extra-index-url", "--find-links", "-f"})
_VALUED = frozenset(
    {
        "-r",
        "-c",
        "--requirement",
        "--constraint",
        "-t",
        "--target",
        "-n",
        "--name",
        "-p",
        "--root",
        "--prefix",
        "--channel",
    }
)
_INSTALLERS = frozenset(
    {"pip", "pip3", "conda", "mamba", "micromamba", "uv", "mim", "apt", "apt-get", "aptitude", "yum", "dnf", "microdnf"}
)

_ENVIRONMENTS = frozenset({"conda", "mamba", "micromamba"})
"""Installers that install where they make an environment, too."""
_CHANNELS = frozenset({"-c", "--channel"})
"""Options of these that name where packages come from; for pip the first is a file."""

_REPOSITORY = re.compile(r"(?:https?|ssh|git)://|git@")


def installed(words: Sequence[str]) -> int:
    """Return the position of the first argument of an install command; 0 for any other command."""
    for at, word in enumerate(words[:-1]):
        if word.rpartition("/")[2] in _INSTALLERS:
            rest = words[at + 1 : at + 4]
            for verb in ("install", "add", *(("create",) if word.rpartition("/")[2] in _ENVIRONMENTS else ())):
                if verb in rest and all(
                    each.startswith("-") or each in ("pip", "tool") for each in rest[: rest.index(verb)]
                ):
                    return at + 2 + rest.index(verb)
    return 0


def removes(words: Sequence[str]) -> bool:
    """Return whether a command takes packages away."""
    return any(
        word.rpartition("/")[2] in _INSTALLERS and behind in ("uninstall", "remove", "purge", "autoremove")
        for word, behind in zip(words, words[1:])
    )


def cloned(words: Sequence[tuple[str, Span]], interest: Interest) -> Iterator[Fact]:
    """Yield the facts of the repositories that `git` is told to clone, or to add, and that hold a known library."""
    if not any(word in ("clone", "submodule") for word, _ in words):
        return
    for word, span in words:
        if _REPOSITORY.match(word):
            fact = source_fact(word, span, interest)
            if fact is not None:
                yield fact


def source_fact(url: str, span: Span, interest: Interest) -> Fact | None:
    """Return the fact of a library whose repository stands at an address; None when the packs know no such library."""
    # What reads requirements takes long to import, and few files name a repository.
    from portcheck.sources.requirement import requirement_fact

    fact = requirement_fact(f"git+{url}", span)
    known = globs_of(narrow(dict(interest.others).get("dependency", ())))
    return fact if fact is not None and known.match(fact.name) else None


def install_facts(arguments: Sequence[tuple[str, Span]]) -> Iterator[Fact]:
    """Yield the facts of the arguments of an install command, each with the span that it stands at."""
    # What reads requirements takes long to import, and most scripts install nothing.
    from portcheck.sources.requirement import CHANNEL, index_fact, requirement_fact

    option = ""
    for word, span in arguments:
        name, _, value = word.partition("=")
        if option in _INDEXES or (name in _INDEXES and value):
            yield index_fact(word if option in _INDEXES else value, span)
        elif option in _CHANNELS:
            yield Fact(FactKind.DEPENDENCY, CHANNEL + word, span, context="channel")
        elif not option and not word.startswith(("-", "$")):
            fact = requirement_fact(word, span)
            if fact is not None:
                yield fact
        option = word if not option and word in _INDEXES | _VALUED else ""
