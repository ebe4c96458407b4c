"""The population of the real packs: they load for every target, examples hold, ids and matchers do not collide."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from portcheck import pack, selftest
from portcheck.model import Work
from portcheck.needles import PUT, TAKEN, needles_of
from portcheck.pack import Pack
from portcheck.packtypes import Matcher
from portcheck.paths import rules_folder
from portcheck.patterns import literal_of
from portcheck.sources.prefilter import Prefilter


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTCHECK_CACHE_DIR", str(tmp_path))


@pytest.fixture(params=pack.targets())
def loaded(request: pytest.FixtureRequest) -> Pack:
    return pack.load(str(request.param))


def test_there_is_a_target() -> None:
    assert "ascend" in pack.targets()


def test_every_rule_is_answered_on_every_target(loaded: Pack) -> None:
    whole = [verdict.rule for verdict in loaded.verdicts if not verdict.names]
    assert sorted(whole) == sorted(rule.id for rule in loaded.rules)


def test_every_file_of_a_repository_that_is_cited_was_read_at_a_commit(loaded: Pack) -> None:
    cited = {text for verdict in loaded.verdicts for text in verdict.evidence}
    assert [text for text in sorted(cited) if re.match(r"[\w.-]+/[\w.-]+: ", text)] == []
    assert sum(re.match(r"[\w.-]+/[\w.-]+@[0-9a-f]{8,}: ", text) is not None for text in cited) > 300


def test_marks_that_rules_and_targets_name_are_looked_for(loaded: Pack) -> None:
    known = {row.split(" ", 2)[1] for row in loaded.interest.marks}
    named = {name for rule in loaded.rules for matcher in rule.matchers for name in matcher.patterns}
    asked = {name.partition(":")[2] for name in named if name.startswith("mark:")}
    difficult = {name for name in (*loaded.target.hard, *loaded.target.medium) if name.startswith("cuda.")}
    assert asked
    assert asked <= known
    assert {name.partition(".")[2] for name in difficult} <= known


def test_every_verdict_gives_evidence_or_says_that_there_is_none(loaded: Pack) -> None:
    bare = [v for v in loaded.verdicts if not v.evidence]
    assert {(v.work, v.message.startswith("unknown")) for v in bare} <= {(Work.VERIFY, True)}


def test_every_example_of_every_rule_holds(loaded: Pack) -> None:
    failures = selftest.run(target=loaded.target.name)
    assert not failures, "\n" + "\n".join(" | ".join(failure) for failure in failures)


@pytest.mark.parametrize("path", sorted((rules_folder() / "cuda").glob("*.toml")), ids=lambda path: path.stem)
def test_the_ids_of_a_topic_begin_alike(path: Path) -> None:
    assert len(set(re.findall(r'^id = "(PC\d)', path.read_text(encoding="utf-8"), re.MULTILINE))) == 1


def test_no_two_rules_match_the_same_thing(loaded: Pack) -> None:
    owners = Counter(
        (pattern, matcher._replace(patterns=()))
        for rule in loaded.rules
        for matcher in rule.matchers
        for pattern in matcher.patterns
    )
    assert not [key for key, count in owners.items() if count > 1]


def one_of_each_set(pattern: str) -> str:
    """A glob with the first character of each set in the place of the set."""
    return re.sub(r"\[(.)[^]]*\]", r"\1", pattern)


def least_texts(matcher: Matcher) -> list[str]:
    """For each pattern of a matcher, about the least that a Python file must hold to yield a fact it fits."""
    first = (*matcher.of[:1], *matcher.at[:1], *matcher.value[:1], *matcher.receiver[:1], *matcher.args[:1])
    asked = [one_of_each_set(pattern) for pattern in first]
    called = [names.split("|")[-1] for names in matcher.calls]
    beside = " ".join([*map(literal_of, asked), *(pattern for pattern in asked if "*" not in pattern), *called])
    chosen = [one_of_each_set(pattern) for pattern in matcher.patterns if pattern not in (PUT, TAKEN)]
    filled = [pattern.replace("?", "0").replace("*", "_x") for pattern in chosen]
    if matcher.kind == "api":
        return [pattern.replace(".*", "").replace(".", " ") + f" {beside}" for pattern in matcher.patterns]
    return [f'("{text}") {beside}' for text in filled] + [text.lower() for text in filled if matcher.kind == "env"]


@pytest.mark.parametrize("telling", [True, False], ids=["with telling words", "without"])
def test_the_prefilter_lets_through_whatever_may_hold_a_fact(loaded: Pack, telling: bool) -> None:
    prefilter = Prefilter(loaded.interest.needles if telling else needles_of(loaded.rules, ()))
    kinds = {"api", "method", "string", "keyword", "env", "command", "import_glob", "define", "branch"}
    matchers = [matcher for rule in loaded.rules for matcher in rule.matchers if matcher.kind in kinds]
    texts = [text for matcher in matchers for text in least_texts(matcher)]
    assert [text for text in texts if not prefilter.passes(text.encode())] == []
