"""One file from findings to a new text: passes until nothing is left to do, then the proof that it may be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Callable

from portcheck.fix.cells import in_cells
from portcheck.fix.document import Document, document
from portcheck.fix.plan import Left, Pass, Style
from portcheck.fix.python import one_pass
from portcheck.fix.stretches import FOLLOWS, replaced
from portcheck.model import TO_DO, FileFacts, Finding, Kind, Role, Safety, Source, Span, Status
from portcheck.records import NamedTuple

MAX_PASSES = 8
"""Passes over one file; changes that touch each other take one more each."""

Editor = Callable[[Document, str, Sequence[Finding], Style], Pass]
"""Makes one pass over a text of a kind; raises SyntaxError when it does not parse."""

EDITORS: dict[Kind, Editor] = {
    Kind.PYTHON: one_pass,
    Kind.NOTEBOOK: in_cells,
    Kind.SETTINGS: replaced,
    Kind.MANIFEST: replaced,
    Kind.CONTAINER: replaced,
    Kind.SHELL: replaced,
}
"""The editors by kind of file."""


class Rescan(NamedTuple):
    """How a text is read and judged again: its facts, and the findings that they are."""

    read: Callable[[bytes, Kind], FileFacts]
    judge: Callable[[Source, FileFacts], Sequence[Finding]]


Counts = Counter[tuple[str, str]]
"""Places to change, by rule and subject."""


class Wish(NamedTuple):
    """Which findings are to be changed: those chosen, how far a change must be trusted, and whether it must be general.

    `agnostic` leaves out what can only be written for the target, as the code would no longer run elsewhere. `origin`
    is the device type that the code is written for.
    """

    chosen: Callable[[Finding], bool]
    unsafe: bool = False
    agnostic: bool = False
    origin: str = ""

    def asks_for(self, finding: Finding) -> bool:
        """Return whether a finding is to be changed."""
        if self.agnostic and not finding.agnostic:
            return False
        return finding.fixable in ((Safety.SAFE, Safety.UNSAFE) if self.unsafe else (Safety.SAFE,))


class FileFix(NamedTuple):
    """What became of a file: its bytes before and after (the same when nothing changes), what was made, what is left.

    `reason` says why a file with something to change is left as it was.
    """

    path: str
    old: bytes
    new: bytes
    made: tuple[Finding, ...] = ()
    left: tuple[Left, ...] = ()
    reason: str = ""

    @property
    def changed(self) -> bool:
        """Whether the file is to be written."""
        return self.new != self.old


def fixed(
    source: Source,
    data: bytes,
    facts: FileFacts,
    findings: Sequence[Finding],
    style: Style,
    wish: Wish,
    scan: Rescan,
) -> FileFix:
    """Return the fix of a file with these facts and findings; it never raises on what the file holds."""
    asked = _asked(findings, wish)
    reason = refused(source)
    found = document(data) if not reason else None
    if not reason and found is None:
        reason = "its encoding is not certain"
    editor = EDITORS.get(source.kind)
    if reason or found is None or editor is None:
        reason = reason or f"{source.kind.value} files are not edited"
        return FileFix(source.path, data, data, (), tuple(Left(each, reason) for each in asked), reason)
    try:
        return _passes(source, data, found, facts, findings, editor, style, wish, scan)
    except (SyntaxError, UnicodeEncodeError, _NotProved) as error:
        why = error.msg if isinstance(error, SyntaxError) else str(error)
        reason = f"does not parse ({why})" if isinstance(error, SyntaxError) else f"left as it was: {why}"
        return FileFix(source.path, data, data, (), tuple(Left(each, reason) for each in asked), reason)


class _NotProved(Exception):
    """The new text does not stand up to a check; the message says which."""


def refused(source: Source) -> str:
    """Return why a file is not for us to change; empty where it is."""
    if source.role is Role.GENERATED and source.kind is Kind.MANIFEST:
        return FOLLOWS
    if source.role in (Role.VENDORED, Role.GENERATED):
        return f"{source.role.value} code: change it where it comes from"
    if source.path.startswith(".github/"):
        return "it is about the machines that tests run on"
    builds = source.role is Role.BUILD and source.kind is Kind.PYTHON
    return "it decides what is built, and not what runs" if builds else ""


def _passes(
    source: Source,
    data: bytes,
    found: Document,
    facts: FileFacts,
    findings: Sequence[Finding],
    editor: Editor,
    style: Style,
    wish: Wish,
    scan: Rescan,
) -> FileFix:
    text, now, old = found.text, findings, facts
    made: list[Finding] = []
    left: tuple[Left, ...] = ()
    for _ in range(MAX_PASSES):
        asked = _asked(now, wish)
        if text != found.text and not asked:
            left = ()
            break
        known = facts.definitions if source.kind is Kind.PYTHON and facts.status is Status.READ else ()
        done = editor(found, text, asked, style._replace(held=_held(now, wish), definitions=known))
        left = done.left
        if done.text == text:
            break
        made += done.made
        text = done.text
        facts = scan.read(found.encode(text), source.kind)
        if facts.status is not Status.READ and facts.status is not old.status:
            raise _NotProved(facts.reason or "it would be read in another way")
        now = [each for each in scan.judge(source, facts) if not _is_own(each, style)]
    else:
        raise _NotProved("changes go on for ever")
    if text == found.text:
        return FileFix(source.path, data, data, (), left)
    _prove(lambda: scan.judge(source, old), findings, now, made)
    return FileFix(source.path, data, found.encode(text), tuple(made), left)


def _is_own(finding: Finding, style: Style) -> bool:
    """Whether a name is one of the helper's, which is another library's to whoever reads the file alone."""
    return bool(style.helper) and finding.subject.startswith(f"{style.helper}.")


def _asked(findings: Sequence[Finding], wish: Wish) -> list[Finding]:
    return [each for each in findings if wish.chosen(each) and wish.asks_for(each)]


def _held(findings: Sequence[Finding], wish: Wish) -> tuple[Span, ...]:
    """The places behind a test for the origin that stay as they are; whoever asks for more looks at them anyway."""
    if wish.unsafe:
        return ()
    guards = {f"available:{wish.origin}", f"device:{wish.origin}"}
    stay = (each for each in findings if each.work in TO_DO and not wish.asks_for(each))
    return tuple(each.span for each in stay if not guards.isdisjoint(each.guards))


def _prove(
    alone: Callable[[], Sequence[Finding]], known: Sequence[Finding], now: Sequence[Finding], made: Sequence[Finding]
) -> None:
    """Check that what was changed is gone and nothing else has come.

    The file is judged alone after the change: `alone` does so with what it was, and is only asked when in doubt.

    Raises:
        _NotProved: it is not so.
    """
    after, gone = _count(now), Counter(map(_key, made))
    before = _count(known)
    if any(after[key] > before[key] - gone[key] for key in after):
        before |= _count(alone())
    for key in after:
        if after[key] > before[key]:
            raise _NotProved(f"a finding would be new: {key[1]}")
        if after[key] > before[key] - gone[key]:
            raise _NotProved(f"a finding would still be there: {key[1]}")


def _count(findings: Sequence[Finding]) -> Counts:
    return Counter(_key(each) for each in findings if each.work in TO_DO)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.subject
