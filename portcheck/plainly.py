"""A check that is asked for plainly, as hooks do, understood without the library of the command line.

That takes several times longer to import than Python to start.
"""

from __future__ import annotations

from collections.abc import Sequence

from portcheck.session import Ask

SWITCHES = {
    "--force-exclude": "force_exclude",
    "--strict": "strict",
    "--quiet": "quiet",
    "-q": "quiet",
    "--no-baseline": "no_baseline",
    "--fail-on-unused": "fail_on_unused",
}
"""Options without a value, and the fields that they set."""

VALUES = {
    "--target": "target",
    "--torch": "torch",
    "--hardware": "hardware",
    "--strategy": "strategy",
    "--fail-on": "fail_on",
    "--baseline": "baseline",
}
"""Options with a value, and the fields that it goes to."""

CHECK = ("concise", "verify")
"""The format of a check, and the least work that it fails for."""


def asked(arguments: Sequence[str]) -> Ask | None:
    """Return what is asked of a check; None where it takes the command line to tell, if only what is wrong."""
    paths: list[str] = []
    given: dict[str, object] = {}
    rest = list(reversed(arguments))
    while rest:
        word = rest.pop()
        name, joined, value = word.partition("=")
        if word in SWITCHES:
            given[SWITCHES[word]] = True
        elif name in VALUES:
            value = value if joined else rest.pop() if rest else ""
            if not value or value.startswith("-"):
                return None
            given[VALUES[name]] = value
        elif word.startswith("-") or not word:
            return None
        else:
            paths.append(word)
    return Ask(tuple(paths), "", "", given, *CHECK)
