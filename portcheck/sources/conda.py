"""Conda environments to facts: packages, the list for pip among them, and channels.

A package keeps its name in conda's world, its pin as written after the name (version and build string). A channel is
the fact `channel:NAME`, also where a package names its own (`nvidia::cuda`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from portcheck.model import Certainty, Fact, FactKind, FileFacts, Span, Status
from portcheck.sources.requirement import CHANNEL, dependency, index_fact, requirement_fact
from portcheck.sources.setting import Setting
from portcheck.sources.settingsyaml import yaml_settings

_PACKAGE = re.compile(
    r"(?:(?P<channel>[\w./-]+)::)?(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[(?P<detail>[^\]]*)\])?(?P<spec>.*)$"
)
_OPTION = re.compile(r"(?:--extra-index-url|--index-url|-i|--find-links|-f)[ =]+(\S+)")


def read_environment(text: str) -> FileFacts:
    """The facts of an `environment.yml`."""
    settings, problem = yaml_settings(text)
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    facts: list[Fact] = []
    for setting in settings:
        facts.extend(_facts(setting, _span(setting, starts), problem))
    status = Status.PARTLY if problem else Status.READ
    return FileFacts(tuple(facts), status=status, reason=problem)


def _facts(setting: Setting, span: Span, problem: str) -> Iterator[Fact]:
    value = setting.value.lstrip("- ").strip() if problem else setting.value.strip()
    if setting.path == ("channels",):
        yield Fact(FactKind.DEPENDENCY, CHANNEL + value, span, context="channel")
    elif setting.path == ("dependencies",):
        fact = _package(value, span)
        if fact is not None:
            yield fact
    elif setting.path == ("dependencies", "pip"):
        option = _OPTION.match(value)
        fact = (
            index_fact(option.group(1), span) if option else None if value[:1] == "-" else requirement_fact(value, span)
        )
        if fact is not None:
            yield fact


def _package(value: str, span: Span) -> Fact | None:
    found = _PACKAGE.match(value)
    if found is None:
        return None
    pairs: tuple[tuple[str, str], ...] = (("spec", found["spec"].strip() or found["detail"] or ""),)
    if found["channel"]:
        pairs += (("channel", found["channel"]),)
    return dependency(found["name"], span, "conda", pairs, certainty=Certainty.EXACT)


def _span(setting: Setting, starts: list[int]) -> Span:
    line = bisect_right(starts, setting.begin)
    column = setting.begin - starts[line - 1] + 1
    return Span(line, column, line, column + len(setting.value))
