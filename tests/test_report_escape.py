"""What a terminal would act on is shown; what it would print stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.report.escape import cells, escape


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("src/train.py", "src/train.py"),
        ("naïve/模型.py", "naïve/模型.py"),
        ("a\nb", "a\\nb"),
        ("a\r\tb", "a\\r\\tb"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b2J", "\\x9b2J"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("evil\u202egnp.py", "evil\\u202egnp.py"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\udcff.py", "\\udcff.py"),
        ("\U000e0041", "\\U000e0041"),
        ("line\u2028two", "line\\u2028two"),
    ],
)
def test_escape_shows_what_a_terminal_would_obey(raw: str, shown: str) -> None:
    assert escape(raw) == shown


@given(st.text())
def test_escaped_text_is_printable_and_stays_so(text: str) -> None:
    assert escape(text).isprintable()
    assert escape(escape(text)) == escape(text)


@pytest.mark.parametrize(("text", "columns"), [("", 0), ("abc", 3), ("模型", 4), ("e\u0301", 1), ("é", 1)])
def test_cells_counts_terminal_columns(text: str, columns: int) -> None:
    assert cells(text) == columns
