"""Which findings are reported: those chosen by rule, category or kind of work, without those ignored.

Places that need no work are left out and counted, unless `none` is chosen by name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from portcheck.errors import UsageError
from portcheck.model import Category, Finding, Work
from portcheck.pack import Rule
from portcheck.records import NamedTuple

_CATEGORIES = frozenset(category.value for category in Category)
_WORKS = frozenset(work.value for work in Work)
_PREFIX = "PC"


class Selection(NamedTuple):
    """Selectors, known to mean something; nothing chosen means all."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()


class Kept(NamedTuple):
    """The findings to report, and how many more there were that need no work."""

    findings: tuple[Finding, ...]
    hidden: int


def selection(rules: Sequence[Rule], select: Sequence[str], ignore: Sequence[str]) -> Selection:
    """Return the selectors, each a rule id, the beginning of one, a category or a kind of work.

    Raises:
        UsageError: a selector is none of these; the message has the nearest that is.
    """
    ids = [rule.id for rule in rules]
    known = selectors(ids)
    for option, given in (("--select", select), ("--ignore", ignore)):
        for selector in given:
            check_selector(option, selector, known)
    return Selection(frozenset(select), frozenset(ignore))


def dropped(findings: Iterable[Finding], chosen: Selection) -> Iterator[Finding]:
    """Yield the findings that ask for work and are not chosen."""
    if chosen.select or chosen.ignore:
        yield from (each for each in findings if each.work is not Work.NONE and not is_chosen(each, chosen))


def keep(findings: Iterable[Finding], chosen: Selection) -> Kept:
    """Return what is to be reported of the findings, in their order."""
    kept: list[Finding] = []
    hidden = 0
    known: dict[tuple[str, Category, Work], bool] = {}
    show_portable = Work.NONE.value in chosen.select
    for finding in findings:
        key = (finding.rule, finding.category, finding.work)
        if key not in known:
            known[key] = is_chosen(finding, chosen)
        if not known[key]:
            continue
        if finding.work is Work.NONE and not show_portable:
            hidden += 1
        else:
            kept.append(finding)
    return Kept(tuple(kept), hidden)


def selectors(ids: Iterable[str]) -> frozenset[str]:
    """Return all selectors that mean something, given the ids of all rules."""
    return _selectors(tuple(ids))


@lru_cache(maxsize=2)
def _selectors(ids: tuple[str, ...]) -> frozenset[str]:
    beginnings = (rule[:length] for rule in ids for length in range(len(_PREFIX), len(rule) + 1))
    return frozenset((*beginnings, *_CATEGORIES, *_WORKS))


def names_of(finding: Finding) -> frozenset[str]:
    """Return all selectors that mean a finding."""
    return _names(finding.rule, finding.category, finding.work)


def check_selector(option: str, selector: str, known: Collection[str]) -> None:
    """Raise UsageError when a selector is none of the known ones; the message has the option and the nearest."""
    if selector in known:
        return
    from portcheck.tables import nearest

    hint = nearest(selector, sorted(known))
    raise UsageError(f"{option}: {selector!r} is no rule id, beginning of one, category or kind of work{hint}")


def is_chosen(finding: Finding, chosen: Selection) -> bool:
    """Return whether the selectors choose a finding, whatever work it means."""
    names = _names(finding.rule, finding.category, finding.work)
    return (not chosen.select or not names.isdisjoint(chosen.select)) and names.isdisjoint(chosen.ignore)


@lru_cache(maxsize=4096)
def _names(rule: str, category: Category, work: Work) -> frozenset[str]:
    """All selectors that mean a finding; places without work are meant by `none` among works."""
    beginnings = (rule[:length] for length in range(len(_PREFIX), len(rule) + 1))
    return frozenset((*beginnings, category.value, work.value))
