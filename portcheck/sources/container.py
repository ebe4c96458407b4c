"""Dockerfiles and Containerfiles: base images, variables, and commands; compose files are read as settings.

Definitions of Apptainer and Singularity have a header with the image, and sections of shell text.

Arguments with a default are put into `FROM`; a stage of the same file is no image.

Sources of the syntax: Docker's Dockerfile reference, Apptainer's user guide on definition files.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from portcheck.model import Certainty, Fact, FactKind, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.records import NamedTuple
from portcheck.sources.commandline import closing
from portcheck.sources.decode import decode
from portcheck.sources.keyed import patterns_for
from portcheck.sources.named import named_in
from portcheck.sources.python import count_lines
from portcheck.sources.settings import read_settings
from portcheck.sources.shell import shell_facts, word_facts
from portcheck.sources.words import words_for

MAX_SIZE = 1024 * 1024
"""Bytes of a file that is read; a larger one is data."""

_BOOTSTRAP = re.compile(r"\A(?:[ \t]*(?:#[^\n]*)?\r?\n)*Bootstrap:", re.IGNORECASE)
_IMAGE = re.compile(r"^From:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_SECTION = re.compile(r"^%(\w+)[^\n]*", re.MULTILINE)
_SHELL = frozenset({"post", "environment", "runscript", "startscript", "setup", "pre", "test"})
_FROM = re.compile(r"^[ \t]*FROM[ \t]", re.IGNORECASE | re.MULTILINE)
_PIECE = re.compile(
    r"^[ \t]*(?P<name>[A-Za-z]+)[ \t]+(?P<rest>(?:[^\n\\]|\\\r?\n(?:[ \t]*#[^\n]*\n)*|\\.)*)", re.MULTILINE
)
_STARTS = ("RUN", "CMD", "ENTRYPOINT")
_OPTIONS = re.compile(r"(?:(?:[ \t]|\\\n)*--(?:mount|network|security|device)=\S+(?=\s|\\))+(?:[ \t]|\\\n)*")
"""What stands behind `RUN` for the builder itself."""
_FROM_IMAGE = "--from="
_SPACELESS = re.compile(r"[^\s\\]+")
_ELEMENT = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"")
_HERE = re.compile(r"<<-?[ \t]*[\"']?(\w+)[\"']?")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?[-+]([^{}]*))?\}|(\w+))")
_DEEP, _LONG = 4, 500
"""How often arguments are put into arguments, and the characters of an image that is still filled."""
_SET = re.compile(r"([A-Za-z_]\w*)=")
_OLD = re.compile(r"[ \t]*([A-Za-z_]\w*)(?:[ \t]+\S|[ \t]*\Z)")


class _Piece(NamedTuple):
    """An instruction: its name, and the offsets of what follows it."""

    name: str
    start: int
    end: int


def read_container(data: bytes, interest: Interest) -> FileFacts:
    """The facts of a Dockerfile or compose file; never raises on its content."""
    if len(data) > MAX_SIZE:
        return FileFacts(status=Status.SKIPPED, reason=f"more than {MAX_SIZE >> 20} MiB, which is data")
    text, _ = decode(data)
    if text is None:
        return FileFacts(status=Status.UNREADABLE, reason="binary data")
    header = _BOOTSTRAP.search(text)
    if not header and not _FROM.search(text):
        return read_settings(data, interest)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _definition(text, interest) if header else _facts(text, interest)
    facts = sorted(dict.fromkeys(found), key=lambda fact: (fact.span, fact.kind.value, fact.name))
    return FileFacts(tuple(facts), count_lines(text))


def _facts(text: str, interest: Interest) -> Iterator[Fact]:
    images, words = patterns_for(interest).images, words_for(interest)
    defaults: dict[str, str] = {}
    stages: list[str] = []
    for piece in _pieces(text):
        rest = text[piece.start : piece.end]
        if piece.name == "FROM":
            image = next((word for word in rest.split() if not word.startswith("--")), "")
            name = _filled(image, defaults)
            at = piece.start + rest.find(image)
            if image and name.lower() not in stages and images.match(name):
                yield Fact(FactKind.IMAGE, name, _span(text, at, at + len(image)), Certainty.EXACT, "value")
            stages += [word.lower() for word in rest.split()[-1:] if " as " in rest.lower()]
        elif piece.name in ("ARG", "ENV"):
            for each, value in _assigned(rest):
                if piece.name == "ARG":
                    defaults[each.group(1)] = value.split(" ")[0].strip("\"'\n")
                at = piece.start + each.start(1)
                if words.is_env(each.group(1)):
                    span = _span(text, at, at + len(each.group(1)))
                    said = (("value", value.strip("\"'")[:200]),) if value else ()
                    yield Fact(FactKind.ENV, each.group(1), span, Certainty.EXACT, "assign", said)
                at = piece.start + rest.find(value, each.end(1)) + (value[:1] in "\"'")
                plain = value.strip("\"'")
                if "/" not in plain and words.is_string(plain):
                    place = (("of", "$ ="), ("at", each.group(1)))
                    yield Fact(FactKind.STRING, plain, _span(text, at, at + len(plain)), args=place, context="argument")
                if piece.name == "ENV" and not words.is_env(each.group(1)):
                    yield from _read(text, at, plain, interest)
                for named in named_in(value.strip(" \t\n\\\"'"), interest, "assign"):
                    if named.fact.kind is FactKind.IMAGE:
                        continue  # an argument's image counts where it is built on
                    place = (("of", "$ ="), ("at", each.group(1)))
                    told = place if named.fact.kind is FactKind.STRING else named.fact.args
                    yield named.fact._replace(span=_span(text, at + named.start, at + named.end), args=told)
        elif piece.name in ("COPY", "ADD"):
            yield from _copied(text, piece, interest, {*stages, *defaults})
        elif piece.name in _STARTS and rest.lstrip().startswith("["):
            yield from word_facts(text, interest, _listed(text, piece))
        elif piece.name in _STARTS:
            start = piece.start + max(rest.find("\n"), 0) if rest.lstrip().startswith("<<") else piece.start
            options = _OPTIONS.match(text, start, piece.end)
            yield from shell_facts(text, interest, options.end() if options else start, piece.end)


def _read(text: str, at: int, value: str, interest: Interest) -> Iterator[Fact]:
    """The variables that a value is made of."""
    words = words_for(interest)
    for found in _VARIABLE.finditer(value):
        name = found.group(1) or found.group(3)
        if words.is_env(name):
            yield Fact(FactKind.ENV, name, _span(text, at + found.start(), at + found.end()), Certainty.EXACT, "key")


def _copied(text: str, piece: _Piece, interest: Interest, stages: Container[str]) -> Iterator[Fact]:
    """The image that files are copied from, and the folders that they are copied from or to."""
    for word in _SPACELESS.finditer(text, piece.start, piece.end):
        given, begin = word.group(), word.start()
        if given.startswith(_FROM_IMAGE):
            image, begin = given[len(_FROM_IMAGE) :], begin + len(_FROM_IMAGE)
            if image.lower() not in stages and patterns_for(interest).images.match(image):
                yield Fact(FactKind.IMAGE, image, _span(text, begin, word.end()), Certainty.EXACT, "value")
            continue
        for named in named_in(given, interest, "argument"):
            yield named.fact._replace(span=_span(text, begin + named.start, begin + named.end))


def _listed(text: str, piece: _Piece) -> Iterator[tuple[str, int, int]]:
    """The words of a command that is written as a list, and where they stand."""
    for word in _ELEMENT.finditer(text, piece.start, piece.end):
        yield word.group(1), word.start(1), word.end(1)


def _definition(text: str, interest: Interest) -> Iterator[Fact]:
    """The facts of a definition of Apptainer or Singularity."""
    for image in _IMAGE.finditer(text):
        if patterns_for(interest).images.match(image.group(1)):
            yield Fact(FactKind.IMAGE, image.group(1), _span(text, *image.span(1)), Certainty.EXACT, "value")
    heads = list(_SECTION.finditer(text))
    for head, behind in zip(heads, [*(head.start() for head in heads[1:]), len(text)]):
        if head.group(1) in _SHELL:
            yield from shell_facts(text, interest, head.end(), behind)


def _assigned(rest: str) -> Iterator[tuple[re.Match[str], str]]:
    """The variables of an `ARG` or `ENV`, each with its value as it is written; empty for none."""
    found = list(_SET.finditer(rest)) or list(filter(None, [_OLD.match(rest)]))
    for at, each in enumerate(found):
        stop = found[at + 1].start() if at + 1 < len(found) else len(rest)
        begin = each.end() if each.group().endswith("=") else each.end(1)
        yield each, rest[begin:stop].strip() if each.group().endswith("=") or each.end() > each.end(1) else ""


def _pieces(text: str) -> Iterator[_Piece]:
    """The instructions of a file; a here-document belongs to the one that opens it."""
    at = 0
    while True:
        found = _PIECE.search(text, at)
        if found is None:
            return
        at = end = found.end()
        for here in _HERE.finditer(found["rest"]):
            close = closing(text, here.group(1), end)
            at = end = close.end() if close else len(text)
        yield _Piece(found["name"].upper(), found.start("rest"), end)


def _filled(image: str, defaults: dict[str, str]) -> str:
    """An image with its arguments put in, the innermost first, as far as they have a default."""
    for _ in range(_DEEP):
        before = image[:_LONG]
        image = _VARIABLE.sub(
            lambda found: defaults.get(found.group(1) or found.group(3)) or found.group(2) or found.group(), before
        )
        if image == before:
            break
    return image


def _span(text: str, start: int, end: int) -> Span:
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1)
    return Span(line, column + 1, line, column + 1 + end - start)
