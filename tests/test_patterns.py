"""Names and globs: what matches, and what a match must hold."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck import patterns
from portcheck.patterns import (
    AnyOf,
    NameIndex,
    expanded,
    fits,
    glob_pattern,
    is_glob,
    literal_of,
    shared,
    version_tuple,
)

INDEX = NameIndex({"torch.compile", "torch.cuda.amp.autocast"}, {"torch.cuda", "flash_attn"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("torch.compile", True),
        ("torch.compile.more", False),
        ("torch", False),
        ("torch.cuda", True),
        ("torch.cuda.memory.snapshot", True),
        ("torch.cudaless", False),
        ("my.torch.cuda", False),
        ("flash_attn", True),
        ("flash_attn.bert", True),
        ("flash_attn_2", False),
        ("", False),
        (".", False),
        (".torch.cuda", False),
    ],
)
def test_names_and_everything_below_prefixes(name: str, expected: bool) -> None:
    assert INDEX.match(name) is expected


GLOBS = st.lists(st.text("ab:.*?[]!{}", max_size=8), max_size=4).map(tuple)
TEXTS = st.text("ab:.*[]{}\n", max_size=10)


@given(globs=GLOBS, text=TEXTS)
def test_many_globs_match_as_each_of_them(globs: tuple[str, ...], text: str) -> None:
    assert bool(glob_pattern(globs).match(text)) is any(fnmatchcase(text, glob) for glob in globs)


@given(glob=st.text("ab:*?[]!", max_size=8), text=TEXTS)
def test_a_match_holds_the_literal(glob: str, text: str) -> None:
    if fnmatchcase(text, glob):
        assert literal_of(glob) in text


@pytest.mark.parametrize(
    ("glob", "literal", "wild"),
    [
        ("cuda:*", "cuda:", True),
        ("cuda:[0-9]*", "cuda:", True),
        ("*CUDA error*", "CUDA error", True),
        ("cuda:{}", "cuda:", False),
        ("nccl", "nccl", False),
        ("*", "", True),
    ],
)
def test_literals(glob: str, literal: str, wild: bool) -> None:
    assert literal_of(glob) == literal
    assert is_glob(glob) is wild


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("2.7.1", (2, 7, 1)), ("2.7.1.post8", (2, 7, 1)), ("2.11.0+cpu", (2, 11)), ("2.6", (2, 6)), ("", ()), ("x", ())],
)
def test_versions(text: str, numbers: tuple[int, ...]) -> None:
    assert version_tuple(text) == numbers


def test_versions_compare_by_number() -> None:
    assert version_tuple("2.6") == version_tuple("2.6.0") < version_tuple("2.10") < version_tuple("2.10.1")


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("cu[89][01]", ("cu80", "cu81", "cu90", "cu91")),
        ("a[c-e]", ("ac", "ad", "ae")),
        ("plain", ("plain",)),
        ("*a[bc]", ("*a[bc]",)),
        ("a[!b]", ("a[!b]",)),
        ("a[b", ("a[b",)),
        ("[0-9][0-9]", ("[0-9][0-9]",)),
    ],
)
def test_sets_are_written_out_where_nothing_else_is_open(glob: str, expected: tuple[str, ...]) -> None:
    assert expanded(glob, 16) == expected


@given(st.text("ab[]-!", max_size=8), TEXTS)
def test_what_is_written_out_matches_the_same_texts(glob: str, text: str) -> None:
    written = expanded(glob, 64)
    assert any(fnmatchcase(text, each) for each in written) == fnmatchcase(text, glob)
    assert all(fnmatchcase(each, glob) for each in written if written != (glob,))


@given(st.sets(st.text("ab.*", max_size=4), max_size=6), TEXTS)
def test_a_text_holds_one_of_the_words_or_none(words: set[str], text: str) -> None:
    assert bool(re.search(shared(words), text)) == any(word in text for word in words)


@given(GLOBS, TEXTS)
def test_both_ways_to_match_globs_agree(globs: tuple[str, ...], text: str) -> None:
    assert fits(globs, text) == (glob_pattern(globs).match(text) is not None)


@given(st.lists(st.text("abc", max_size=5), max_size=6), st.lists(st.text("abc", max_size=8), max_size=4))
def test_any_word_is_found_with_and_without_an_expression(words: list[str], texts: list[str]) -> None:
    found = AnyOf(words)
    expected = [any(word in text for word in words) for text in texts]
    assert [found.stands_in(text) for text in texts] == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "_WORTH_COMPILING", 0)
        compiled = AnyOf(words)
    assert [compiled.stands_in(text) for text in texts] == expected
