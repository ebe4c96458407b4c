"""Markdown: what a Markdown parser makes of it, whatever a repository wrote, and that it fits into a comment."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from portcheck.inventory import Inventory, KernelFile, Library, Place, Surrounding
from portcheck.model import Category, Report, Span, Work
from portcheck.report import render, summary
from portcheck.report.escape import escape
from portcheck.report.markdown import LIMIT, Section, fitted
from portcheck.report.markup import code, plain
from tests import factories as make

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from("`|\\<>[]()*_~@#!&$:/.\n\r\t\x1b\u202e")), max_size=30)


def tokens(text: str) -> list[Token]:
    """Return everything a parser sees, blocks and what is in them."""
    return [inner for token in PARSER.parse(text) for inner in (token, *(token.children or ()))]


def titles(text: str) -> list[str]:
    """Return the headings."""
    found = PARSER.parse(text)
    return [found[at + 1].content for at, token in enumerate(found) if token.type == "heading_open"]


def widths(text: str) -> list[list[int]]:
    """Return for each table the number of cells in each of its rows."""
    tables: list[list[int]] = []
    for token in PARSER.parse(text):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append(0)
        elif token.type in ("td_open", "th_open"):
            tables[-1][-1] += 1
    return tables


def shown(text: str) -> str:
    """Return the text that a reader sees of one line of Markdown."""
    (inline,) = [token for token in PARSER.parse(f"x{text}x") if token.type == "inline"]
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))[1:-1]


@given(make.reports)
@settings(max_examples=60)
def test_no_text_of_a_repository_is_markup(report: Report) -> None:
    text = render(report, "markdown")
    seen = tokens(text)
    assert not [token for token in seen if token.type in ("link_open", "image", "html_block", "fence", "code_block")]
    assert {token.content for token in seen if token.type == "html_inline"} <= {"<code>", "</code>"}
    assert [title for title in titles(text)[1:] if not title.replace(" ", "").isalpha()] == []
    assert all(len(set(table)) == 1 for table in widths(text))
    assert len(text) <= len(text.encode()) <= LIMIT


@given(HOSTILE)
def test_prose_reads_as_it_was_written(text: str) -> None:
    assert shown(plain(text)).replace("\u200b", "") == escape(text)


@given(HOSTILE.filter(str.strip))
def test_code_reads_as_it_was_written(text: str) -> None:
    assert shown(code(text)).replace("\u200b", "") == escape(text)


@given(HOSTILE, HOSTILE)
def test_a_table_keeps_its_columns(first: str, second: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {code(first)} | {plain(second) or '-'} |\n"
    assert widths(table) == [[2, 2]]


@pytest.mark.parametrize("text", ["@ada", "#12", "https://example.org", "www.example.org", "a@example.org"])
def test_prose_mentions_and_links_nobody(text: str) -> None:
    assert text not in plain(text)


def test_the_summary_says_verdict_work_topics_and_blockers() -> None:
    text = render(make.sample(), "markdown")
    changes = summary.counts(make.sample()).to_change
    assert titles(text)[:4] == [f"portcheck: {changes} places to change", "By kind of work", "By topic", "Blockers"]
    assert "| blocker | nothing on the target does it |" in text
    assert "`flash_attn`" in text


def test_lists_are_cut_to_their_head_and_say_so() -> None:
    findings = tuple(
        make.finding("a.py", line, Work.BLOCKER, rule=f"PC{line:03}", category=Category.KERNEL, subject=f"k{line}")
        for line in range(1, 15)
    )
    text = render(make.report(findings), "markdown")
    blockers = text.partition("### Blockers")[2].partition("###")[0]
    assert blockers.count("`k") == 10
    assert "4 more names in" in blockers


def test_libraries_kernels_and_surroundings_are_tables() -> None:
    place = Place("r.txt", 7)
    fine = Library("fine", "native", "none", "", "", (), (), (place,), False, (), ())
    found = Inventory(
        (Library("apex", "partial", "config", "a|b", "24.1", (), (place,), (), True, (), ()), fine),
        (KernelFile(Place("a.cu", 1), "cuda", "source", 1500, 3, 2, "hard", ("inline-ptx",), (place,)),) * 11,
        (Surrounding("image", "nvidia/cuda:12", "build", "config", 2, 0, ("x",), "", (place,)),),
    )
    text = render(make.report((), inventory=found), "markdown")
    assert "| `apex` | in part | yes | 1 | - | `r.txt:7` | a&#124;b; since 24.1 |" in text
    assert "`fine`" not in text
    assert "| `a.cu` | cuda | hard | 1,500 | 3 | 2 | inline ptx; built by r.txt:7; no fall-back seen |" in text
    assert "1 more row in `portcheck scan" in text
    assert "| image | `nvidia/cuda:12` | 2 | - | `r.txt:7` |" in text
    assert "### Kernels" not in render(make.report(), "markdown")


def test_nothing_to_change_is_said_first() -> None:
    assert render(make.report(), "markdown").startswith("## portcheck: nothing to change\n")
    looks = make.report((make.finding(work=Work.VERIFY, span=Span(1, 1, 1, 2)),))
    assert titles(render(looks, "markdown"))[0] == "portcheck: 1 place to verify"


@given(st.integers(300, 2000))
def test_what_does_not_fit_is_left_out_whole_and_named(limit: int) -> None:
    sections = [Section(f"Part {name}", f"| {name} |\n| --- |\n" + f"| {name * 40} |\n" * 5) for name in "abcd"]
    pieces = list(fitted("## head\n", sections, limit))
    text = "".join(pieces)
    assert len(text.encode()) <= limit
    kept = [section for section in sections if section.text in text]
    left = [section.title for section in sections[len(kept) :]]
    assert kept == sections[: len(kept)]
    assert text.endswith(f"characters: {', '.join(left)}.\n") if left else "Left out" not in text
    assert all(len(set(table)) == 1 for table in widths(text))
