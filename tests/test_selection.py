"""Findings are chosen by rule, beginning of a rule, category and kind of work; what needs no work is counted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from portcheck.errors import UsageError
from portcheck.model import Category, Work
from portcheck.packtypes import Rule
from portcheck.selection import keep, selection
from tests import factories as make

RULES = tuple(Rule(name, name.lower(), Category.DEVICE_API, "", "", (), ()) for name in ("PC101", "PC102", "PC210"))
FINDINGS = (
    make.finding("a", rule="PC101", category=Category.DEVICE_API, work=Work.RENAME),
    make.finding("b", rule="PC102", category=Category.DEVICE_QUERY, work=Work.NONE),
    make.finding("c", rule="PC102", category=Category.DEVICE_QUERY, work=Work.VERIFY),
    make.finding("d", rule="PC210", category=Category.AMP, work=Work.BLOCKER),
)


@pytest.mark.parametrize(
    ("select", "ignore", "kept", "hidden"),
    [
        ([], [], "acd", 1),
        (["PC101"], [], "a", 0),
        (["PC1"], [], "ac", 1),
        (["PC"], [], "acd", 1),
        (["PC", "none"], [], "abcd", 0),
        (["none"], [], "b", 0),
        (["amp", "verify"], [], "cd", 0),
        ([], ["PC1"], "d", 0),
        ([], ["none"], "acd", 0),
        (["PC1"], ["verify"], "a", 1),
        (["blocker"], ["amp"], "", 0),
    ],
)
def test_what_is_kept(select: Sequence[str], ignore: Sequence[str], kept: str, hidden: int) -> None:
    found = keep(FINDINGS, selection(RULES, select, ignore))
    assert "".join(finding.path for finding in found.findings) == kept
    assert found.hidden == hidden


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("PC999", "--select: 'PC999' is no rule id"),
        ("pc101", "did you mean"),
        ("device-apis", "did you mean 'device-api'"),
        ("P", "is no rule id"),
        ("blockers", "did you mean 'blocker'"),
    ],
)
def test_a_selector_that_means_nothing(selector: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        selection(RULES, [selector], [])
    with pytest.raises(UsageError, match=f"--ignore: '{selector}'"):
        selection(RULES, [], [selector])
