"""Diffs of changes: whatever was changed, they lead from the old text to the new one, and show no more."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from portcheck.fix.diff import unified

LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", "  x = 1\n", "}\n"]), max_size=60)


def applied(old: list[str], diff: list[str]) -> list[str]:
    """The lines after a diff, which must fit the old ones at the very places that it names."""
    new: list[str] = []
    at = 0
    for line in diff:
        head = re.match(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$", line)
        if head:
            first = int(head[1]) - (head[2] != "0")
            new += old[at:first]
            at = first
            assert len(new) == int(head[3]) - (head[4] != "0")
        elif line[0] in " -":
            assert old[at] == line[1:]
            new += [line[1:]] if line[0] == " " else []
            at += 1
        elif line[0] == "+":
            new.append(line[1:])
    return new + old[at:]


@given(LINES, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 4), LINES), max_size=4))
def test_a_diff_leads_to_the_new_text(old: list[str], changes: list[tuple[int, int, list[str]]]) -> None:
    new = old[:]
    for at, gone, come in changes:
        new[at : at + gone] = come
    assert applied(old, [*unified("a.py", "".join(old), "".join(new))][3 if old else 4 :]) == new


def test_far_changes_have_hunks_of_their_own_and_near_ones_share_theirs() -> None:
    old = [f"{number}\n" for number in range(400)]
    new = ["import x\n", *old[:50], "fifty\n", *old[51:54], "fifty-four\n", *old[55:300], *old[301:]]
    diff = [*unified("a.py", "".join(old), "".join(new))]
    assert [line for line in diff if line[0] in "@+-"] == [
        "--- a/a.py\n", "+++ b/a.py\n",
        "@@ -1,3 +1,4 @@\n", "+import x\n",
        "@@ -48,11 +49,11 @@\n", "-50\n", "+fifty\n", "-54\n", "+fifty-four\n",
        "@@ -298,7 +299,6 @@\n", "-300\n",
    ]  # fmt: skip


def test_a_text_that_is_all_new_is_shown_as_a_whole() -> None:
    old, new = ([f"{word} {number}\n" for number in range(300)] for word in ("old", "new"))
    diff = [*unified("a.py", "".join(old), "".join(new))]
    assert applied(old, diff[3:]) == new
