"""What a fix says of itself: the diff, coloured on a terminal, and a summary of what was made and what is left."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from shlex import quote

from portcheck.fix.run import Fixes, differences
from portcheck.model import Kind, Safety
from portcheck.report.escape import escape
from portcheck.report.words import count

_COLORS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}
_BOLD = "\x1b[1m"
_PLAIN = "\x1b[0m"
_SHOWN = 10
_NAMED = 3
"""Paths that are spelt out in a command."""
_FILES = {
    Kind.PYTHON: "Python files",
    Kind.NOTEBOOK: "notebooks",
    Kind.MANIFEST: "requirements",
    Kind.CONTAINER: "container files",
    Kind.SHELL: "shell scripts",
    Kind.SETTINGS: "settings",
}


def diff(found: Fixes, color: bool, jobs: int = 1) -> Iterator[str]:
    """Yield the diff of all changes; with `color` for a terminal, with what it would act on made visible."""
    for line in differences(found, jobs):
        yield _colored(line) if color else line


def summary(found: Fixes, lost: Sequence[tuple[str, str]], unsafe: bool, written: bool) -> Iterator[str]:
    """Yield lines on what was changed, by rule, what could not be written, and what is left with the reasons."""
    kept = {path for path, _ in lost}
    changed = [each for each in found.files if each.changed and each.path not in kept]
    made = [finding for each in changed for finding in each.made]
    done = "changed" if written else "to change"
    trust = Counter(finding.fixable for finding in made)
    places = f"{count(len(made), 'place')} in {count(len(changed), 'file')} {done}"
    nothing = "Nothing was changed.\n" if lost else "Nothing to change.\n"
    yield f"{places}: {trust[Safety.SAFE]} safe, {trust[Safety.UNSAFE]} unsafe\n" if changed else nothing
    for (rule, subject), number in Counter((each.rule, each.subject) for each in made).most_common(_SHOWN):
        yield f"  {number:5}  {rule}  {escape(subject)}\n"
    for each in found.made:
        if each.path not in kept:
            yield f"  {'made' if written else 'to make'}: {escape(each.path)}\n"
    for path, reason in lost[:_SHOWN]:
        yield f"not written: {escape(path)}: {escape(reason)}\n"
    if len(lost) > _SHOWN:
        yield f"not written: {count(len(lost) - _SHOWN, 'other file')}\n"
    yield from _left(found)
    yield from _direct(found)
    if written and changed:
        yield from _after(found)
    if not unsafe:
        yield "Changes that may mean something else than before are made with --unsafe-fixes.\n"


def _left(found: Fixes) -> Iterator[str]:
    reasons = Counter(each.reason for file in found.files for each in file.left)
    if reasons:
        number = sum(reasons.values())
        yield f"{count(number, 'place')} left as {'it is' if number == 1 else 'they are'}:\n"
    for reason, number in reasons.most_common(_SHOWN):
        yield f"  {number:5}  {escape(reason)}\n"
    broken: list[tuple[str, str]] = [(file.path, file.reason) for file in found.files if file.reason]
    for path, reason in broken[:_SHOWN]:
        yield f"  {escape(path)}: {escape(reason)}\n"


def _direct(found: Fixes) -> Iterator[str]:
    """What has no form for any device, in files of which kinds, and how to change it for the target alone."""
    kinds: Counter[Kind] = Counter()
    for _, kind, number in found.direct:
        kinds[kind] += number
    if not kinds:
        return
    said = ", ".join(f"{number} in {_FILES.get(kind, kind.value)}" for kind, number in kinds.most_common())
    paths = [quote(path) for path, _, _ in found.direct]
    here = os.path.realpath(found.root) == os.path.realpath(os.curdir)
    shown = " ".join(paths) if here and len(paths) <= _NAMED else "PATHS"
    yield f"{count(sum(kinds.values()), 'place')} can only be written for the target: {said}.\n"
    yield f"  where that is wanted: portcheck fix --style npu --unsafe-fixes {escape(shown)}\n"


def _after(found: Fixes) -> Iterator[str]:
    if found.dirty:
        yield (
            f"{count(len(found.dirty), 'file')} had changes of their own that git does not have: its diff shows both.\n"
        )
    yield "To undo: git checkout -- PATHS, where the files were committed.\n" if found.tracked else ""


def _colored(line: str) -> str:
    text = escape(line.rstrip("\n"))
    color = _BOLD if line.startswith(("+++", "---", "diff ")) else _COLORS.get(line[:1], "")
    return f"{color}{text}{_PLAIN}\n" if color else f"{text}\n"
