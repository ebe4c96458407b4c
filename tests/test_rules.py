"""The population of the real packs: they load for every target, examples hold, ids and matchers do not collide."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from portcheck import pack, selftest
from portcheck.interest import needles_of
from portcheck.model import Work
from portcheck.pack import Pack
from portcheck.packtypes import Interest
from portcheck.paths import rules_folder
from portcheck.patterns import literal_of


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


def words_of(interest: Interest) -> list[str]:
    """A text for each thing that readers look for: the least a file must hold to yield that fact."""
    names = [" ".join(name.split(".")) for name in (*interest.names, *interest.prefixes)]
    words = [*interest.methods, *interest.keywords, *interest.commands, *interest.strings]
    globs = [*interest.string_globs, *interest.env, *interest.env_globs, *interest.import_globs]
    return [*names, *words, *map(literal_of, globs), *(literal_of(glob).lower() for glob in interest.env)]


def test_the_prefilter_lets_through_whatever_may_hold_a_fact(loaded: Pack) -> None:
    needles = loaded.interest.needles
    missed = [
        text
        for text in words_of(loaded.interest)
        if not any(all(part in literal_of(text).encode() for part in group) for group in needles)
    ]
    assert not missed


def test_telling_words_decide_about_speed_alone(loaded: Pack) -> None:
    needles = needles_of(loaded.interest, ())
    for text in words_of(loaded.interest):
        assert any(all(part in literal_of(text).encode() for part in group) for group in needles), text
