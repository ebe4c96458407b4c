"""Suppressions: what comments in a file and its path in the configuration take out of the findings, and what they miss.

A suppression that suppresses nothing, or names a rule that there is none of, is worth a remark: it hides the next
finding there, or nothing of what its author thinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from portcheck.model import FileFacts, Finding, Suppressed, Work
from portcheck.pack import Rule
from portcheck.perfile import places_of
from portcheck.places import Places
from portcheck.pragma import Pragma, Remark
from portcheck.records import NamedTuple
from portcheck.selection import check_selector, names_of, selectors

LINE = "line"
FILE = "file"
CONFIG = "config"
BASELINE = "baseline"
"""How a finding came to be suppressed: by a comment about its line or its file, by its path, or as known before."""

_WORDS = {"ignore": LINE, "ignore-file": FILE}

_Used = dict[Pragma, set[str]]


def quiet(root: Path, rules: Sequence[Rule], per_file: Sequence[tuple[str, tuple[str, ...]]], tables: bool) -> Silencer:
    """Return the suppressions of a run below `root`; `tables` says whether the vendor's tables are asked.

    Raises:
        UsageError: a pattern that cannot match, or a selector that means nothing.
    """
    known = selectors(rule.id for rule in rules)
    silent = []
    for pattern, names in per_file:
        places = places_of(root, "per-file-ignores", pattern)
        for name in names:
            check_selector(f"per-file-ignores: {pattern}", name, known)
        silent.append((places, names))
    return Silencer(rules, silent, tables)


class Sorted(NamedTuple):
    """The findings of a file that are reported, those that are not, and what is wrong with its suppressions."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    remarks: tuple[Remark, ...]


class Silencer:
    """The suppressions of a run, ready to be tried on the findings of one file after the other."""

    def __init__(
        self, rules: Sequence[Rule], per_file: Sequence[tuple[Places, tuple[str, ...]]] = (), tables: bool = True
    ) -> None:
        """`rules` are all there are; `tables` says whether those that ask the vendor's tables were judged by."""
        self._per_file = per_file
        self._known = selectors([rule.id for rule in rules])
        self._open = frozenset() if tables else selectors(rule.id for rule in rules if rule.asks_tables)

    def has_to_say(self, path: str, facts: FileFacts) -> bool:
        """Return whether a file has suppressions at all."""
        return bool(facts.pragmas) or any(places.hold(path) for places, _ in self._per_file)

    def sort(self, path: str, facts: FileFacts, findings: Iterable[Finding]) -> Sorted:
        """Return the findings of a file sorted by what its comments and its path say.

        Places that need no work stay, as they are not reported anyway; a comment that is about one is in use.
        """
        asked = [pragma for pragma in facts.pragmas if pragma.word in _WORDS]
        silent = tuple(name for places, names in self._per_file if places.hold(path) for name in names)
        used: _Used = {pragma: set() for pragma in asked}
        kept: list[Finding] = []
        suppressed: list[Suppressed] = []
        for finding in findings:
            said = self._said(finding, asked, used, silent)
            if said is None or finding.work is Work.NONE:
                kept.append(finding)
            else:
                suppressed.append(said)
        remarks = [remark for pragma in facts.pragmas for remark in self._remarks(path, pragma, facts, used)]
        return Sorted(tuple(kept), tuple(suppressed), tuple(remarks))

    @staticmethod
    def _said(finding: Finding, asked: Sequence[Pragma], used: _Used, silent: Sequence[str]) -> Suppressed | None:
        """How and why a finding is suppressed; notes with every comment what it is used for."""
        own = names_of(finding)
        found: Suppressed | None = None
        for pragma in asked:
            named = own.intersection(pragma.names)
            if _is_about(pragma, finding) and (named or not pragma.names):
                used[pragma].update(named or own)
                found = found or Suppressed(finding, _WORDS[pragma.word], pragma.reason)
        return found or (Suppressed(finding, CONFIG) if own.intersection(silent) else None)

    def _remarks(self, path: str, pragma: Pragma, facts: FileFacts, used: _Used) -> Iterator[Remark]:
        """What is wrong with a comment."""
        for text in self._problems(pragma, facts, used.get(pragma, set())):
            yield Remark(path, pragma.line, pragma.column, text, pragma.cell)

    def _problems(self, pragma: Pragma, facts: FileFacts, used: set[str]) -> Iterator[str]:
        """The same in words; `used` is what the comment suppressed."""
        if pragma.word.endswith("["):
            yield "suppression with brackets that are empty or not closed: write ignore[PC101], or ignore for all rules"
        elif pragma.word not in _WORDS:
            yield f"'portcheck: {pragma.word}' is neither ignore nor ignore-file" + _nearest(pragma.word, _WORDS)
        elif not pragma.names and not used and not (self._open and _meets_api(pragma, facts)):
            yield "unused suppression: nothing is found here"
        for name in pragma.names if pragma.word in _WORDS else ():
            if name not in self._known:
                yield f"unknown rule in suppression: {name!r}" + _nearest(name, self._known)
            elif name not in used and name not in self._open:
                yield f"unused suppression: {name} is not found here"


def _is_about(pragma: Pragma, finding: Finding) -> bool:
    """Whether a comment is about the lines on which a finding begins or ends."""
    if not pragma.first:
        return True
    span = finding.span
    if span.cell != pragma.cell:
        return False
    return pragma.first <= span.line <= pragma.last or pragma.first <= span.end_line <= pragma.last


def _meets_api(pragma: Pragma, facts: FileFacts) -> bool:
    """Whether a comment is about a line on which the vendor's tables may have something to say."""
    return any(not pragma.first or pragma.first <= use.span.line <= pragma.last for use in facts.apis)


def _nearest(word: str, words: Iterable[str]) -> str:
    from portcheck.tables import nearest

    return nearest(word, words)
