"""Facts to text and back: nothing lost, nothing believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.codec import decode, encode
from portcheck.model import ApiUse, Certainty, Definition, Fact, FactKind, FileFacts, Import, Span, Status
from portcheck.pragma import Pragma

# Code points of surrogates stand alone in real string literals, but two that make a pair are one character to JSON.
TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.just("\udc80"), max_size=8)
NUMBER = st.integers(0, 2**63)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
SPAN = st.builds(Span, NUMBER, NUMBER, NUMBER, NUMBER, st.none() | NUMBER)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
FACT = st.builds(Fact, st.sampled_from(FactKind), TEXT, SPAN, st.sampled_from(Certainty), TEXT, PAIRS, TEXTS, TEXT)
USE = st.builds(
    lambda name, shown, places, line, start, end: ApiUse(name, shown, places, Span(line, start, line, end)),
    *(TEXT, TEXT, NUMBER, NUMBER, NUMBER, NUMBER),
)
FACTS = st.builds(
    FileFacts,
    facts=st.lists(FACT, max_size=3).map(tuple),
    lines=NUMBER,
    status=st.sampled_from(Status),
    reason=TEXT,
    imports=st.lists(st.builds(Import, TEXT, NUMBER, TEXT, TEXT, NUMBER), max_size=3).map(tuple),
    exports=PAIRS,
    definitions=st.lists(st.builds(Definition, TEXT, NUMBER, NUMBER, TEXTS), max_size=3).map(tuple),
    uses=st.lists(st.tuples(TEXT, NUMBER), max_size=3).map(tuple),
    pending=st.lists(FACT, max_size=2).map(tuple),
    traits=TEXTS,
    apis=st.lists(USE, max_size=2).map(tuple),
    pragmas=st.lists(st.builds(Pragma, TEXT, TEXTS, TEXT, *[NUMBER] * 4, st.none() | NUMBER), max_size=2).map(tuple),
)
FULL = FileFacts(
    (Fact(FactKind.STRING, "cuda", Span(1, 2, 1, 8, 0), Certainty.INFERRED, "argument", (("of", "f"),), ("g",), "s"),),
    7,
    Status.PARTLY,
    "why",
    (Import("torch", 0, "", "t", 1),),
    (("D", "'cuda'"),),
    (Definition("f", 1, 2, ("B",)),),
    (("torch.x", 3),),
    (Fact(FactKind.CALL, "m.f", Span(1, 1, 1, 2)),),
    ("launcher",),
    (ApiUse("torch.cat", "input:bool", 2, Span(3, 4, 3, 13)),),
    (Pragma("ignore", ("PC101",), "why", 3, 4, 3, 3, 1),),
)


@given(FACTS)
def test_what_goes_in_comes_out(facts: FileFacts) -> None:
    text = encode(facts)
    found = decode(text)
    assert found == facts
    assert text.isascii()
    assert "\n" not in text
    assert found is not None
    assert repr(found) == repr(facts)


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "{}", "[]", "[-1]", '["7"]', "[true]", "[1.5]", "[[1]]", '[1,"lost"]', '[1,"read",5]'),
        *('[1,"read","",[],[[]]]', "[1,2,3,4,5,6,7,8,9,10,11]", '[1,["read"]]', '[1,"read","",{"a":1}]'),
        "[" * 100_000,
    ],
)
def test_another_shape_is_refused(text: str) -> None:
    assert decode(text) is None


def places(value: object, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    inner = (
        [found for at, item in enumerate(value) for found in places(item, (*path, at))]
        if isinstance(value, list)
        else []
    )
    return [path, *inner]


@pytest.mark.parametrize("wrong", [True, -1, 1.5, {}, [], "unheard of", None, [[["x"]]]])
def test_one_wrong_value_anywhere_is_refused_or_fits(wrong: object) -> None:
    whole = json.loads(encode(FULL))
    for path in places(whole)[1:]:
        changed = json.loads(encode(FULL))
        *above, last = path
        inside = changed
        for step in above:
            inside = inside[step]
        inside[last] = wrong
        found = decode(json.dumps(changed))
        assert found is None or decode(encode(found)) == found
