"""Manifests in here-documents of scripts, `kubectl apply -f - <<EOF`, read as the settings that they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portcheck.model import Certainty, Fact
from portcheck.pack import Interest
from portcheck.sources.commandline import documents

_SERVED = re.compile(r"^[ \t]*apiVersion:", re.MULTILINE)


def served_facts(text: str, interest: Interest, begin: int, end: int) -> Iterator[Fact]:
    """Yield the facts of the manifests between two offsets of a script, at their places in the script."""
    if _SERVED.search(text, begin, end) is None:
        return
    # What reads settings takes a while to import, and few scripts hold any.
    from portcheck.sources.keyed import groups_in, lookup_for, patterns_for, setting_facts, settings_of

    for _, at, behind in documents(text, begin, end):
        body = text[at:behind]
        groups = tuple(groups_in(body.encode("utf-8", "surrogatepass"), lookup_for(interest)))
        if groups and _SERVED.search(body):
            known = patterns_for(interest)._replace(groups=groups)
            settings, problem = settings_of(body, known)
            moved = [each._replace(begin=each.begin + at, end=each.end + at) for each in settings]
            certainty = Certainty.TEXTUAL if problem else Certainty.EXACT
            yield from setting_facts(moved, text, known, certainty)
