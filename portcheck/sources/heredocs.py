"""What here-documents of scripts hold, at its places in the script: Python, manifests, and files of settings.

`python - <<EOF` hands Python on, `kubectl apply -f - <<EOF` a manifest, `cat > config.yaml <<EOF` writes a file. What a
file is its name says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable

from portcheck.kinds import kind_by_name
from portcheck.model import Certainty, Fact, Kind, Span
from portcheck.pack import Interest
from portcheck.sources.commandline import Document, Word, documents
from portcheck.sources.written import target_of

_SERVED = re.compile(r"^[ \t]*apiVersion:", re.MULTILINE)
_PYTHON = re.compile(r"(?:.*/)?(?:python|pypy)[\d.]*")
_TEE = "tee"
_ALONE = frozenset({"-", "-u", "-B", "-I", "-s", "-E"})
"""Arguments of a Python that takes its code from the document."""


def served_facts(text: str, interest: Interest, begin: int, end: int, span: Callable[[Word], Span]) -> Iterator[Fact]:
    """Yield the facts of here-documents between two offsets of a script; `span` tells where a word of it stands."""
    if text.find("<<", begin, end) < 0:
        return
    for document in documents(text, begin, end):
        kind = _kind(document, text)
        if kind is Kind.PYTHON:
            # What reads Python takes a while to import, and few scripts hold any.
            from portcheck.sources.inline import python_facts

            yield from python_facts(text, (document.begin, document.end), interest, span)
        elif kind is Kind.SETTINGS or _SERVED.search(text, document.begin, document.end):
            yield from _settings(text, document, interest)


def _kind(document: Document, text: str) -> Kind | None:
    """What a document is, by the program that takes it or the file that it goes to; None for what nothing tells."""
    words = [word.text for word in document.line]
    at = next((place for place, word in enumerate(words) if _PYTHON.fullmatch(word)), -1)
    if at >= 0 and _ALONE.issuperset(words[at + 1 : at + 2]):
        return Kind.PYTHON
    behind = words[words.index(_TEE) + 1 :] if _TEE in words else []
    target = target_of(text, document.line)
    path = next((word for word in behind if not word.startswith("-")), target.text if target else "")
    folder, _, name = path.rpartition("/")
    return kind_by_name(name, folder.rpartition("/")[2]) if name else None


def _settings(text: str, document: Document, interest: Interest) -> Iterator[Fact]:
    # What reads settings takes a while to import, and few scripts hold any.
    from portcheck.sources.keyed import groups_in, lookup_for, patterns_for, setting_facts, settings_of

    body = text[document.begin : document.end]
    groups = tuple(groups_in(body.encode("utf-8", "surrogatepass"), lookup_for(interest)))
    if groups:
        known = patterns_for(interest)._replace(groups=groups)
        settings, problem = settings_of(body, known)
        moved = [each._replace(begin=each.begin + document.begin, end=each.end + document.begin) for each in settings]
        yield from setting_facts(moved, text, known, Certainty.TEXTUAL if problem else Certainty.EXACT)
