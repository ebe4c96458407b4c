"""Paragraphs, tables and shortened texts keep to the page; colour changes no text."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.report.escape import cells
from portcheck.report.layout import Cell, Column, Page, first, left_out, shorten, wants_color

PLAIN = Page(40, color=False)
COLORED = Page(40, color=True)
COLUMNS = (Column("path", cut="head"), Column("places", right=True), Column("why", cut="tail"))


@pytest.mark.parametrize(
    ("text", "width", "cut", "short"),
    [
        ("short", 10, "tail", "short"),
        ("a long sentence", 9, "tail", "a long..."),
        ("src/deep/folder/file.py", 12, "head", "...r/file.py"),
        ("模型模型模型", 9, "tail", "模型模..."),
    ],
)
def test_shorten_keeps_the_end_that_matters(text: str, width: int, cut: str, short: str) -> None:
    assert shorten(text, width, cut) == short


@given(st.text(max_size=200), st.integers(0, 8))
def test_paragraphs_keep_to_the_page_and_lose_nothing(text: str, hang: int) -> None:
    lines = PLAIN.paragraph(text, indent=2, hang=hang)
    assert all(cells(line) <= 40 for line in lines)
    assert all(line.startswith("  ") and line.isprintable() for line in lines)


def test_paragraph_wraps_with_a_hanging_indent() -> None:
    assert Page(16, color=False).paragraph("one two three four", 1, 2) == [" one two three", "   four"]


@given(st.lists(st.tuples(st.text(max_size=80), st.integers(0, 10**9), st.text(max_size=80)), max_size=5))
def test_tables_keep_to_the_page(rows: list[tuple[str, int, str]]) -> None:
    cellular = [[Cell(path), Cell(str(number)), Cell(why)] for path, number, why in rows]
    assert all(cells(line) <= 40 and line.isprintable() for line in PLAIN.table(COLUMNS, cellular))


def test_table_aligns_numbers_right_and_cuts_paths_at_the_head() -> None:
    rows = [
        [Cell("a/very/long/path/to/some/file.py"), Cell("7"), Cell("rename")],
        [Cell("b.py"), Cell("1,204"), Cell("config")],
    ]
    assert PLAIN.table(COLUMNS, rows) == [
        "  path                    places  why",
        "  ...ath/to/some/file.py       7  rename",
        "  b.py                     1,204  config",
    ]


def test_colour_adds_codes_around_the_same_text() -> None:
    rows = [[Cell("a.py", "red"), Cell("1", "bold"), Cell("", "red")]]
    colored = "\n".join(COLORED.table(COLUMNS, rows))
    assert "\x1b[31ma.py\x1b[0m" in colored
    assert re.sub("\x1b\\[\\d+m", "", colored) == "\n".join(PLAIN.table(COLUMNS, rows))


def test_long_lists_say_how_much_is_left_out() -> None:
    rows = ("a", "b", "c")
    assert first(rows, 2, verbose=False) == ("a", "b")
    assert left_out(PLAIN, rows, 2, verbose=False, noun="file") == ["  ... and 1 more file (all with", "  --verbose)"]
    assert first(rows, 2, verbose=True) == rows
    assert left_out(PLAIN, rows, 2, verbose=True, noun="file") == []


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_colour_is_for_terminals_whose_user_did_not_refuse(
    stream: io.StringIO, environ: dict[str, str], wanted: bool
) -> None:
    assert wants_color(stream, environ) is wanted
