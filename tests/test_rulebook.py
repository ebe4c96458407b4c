"""The table of rules, and what a new rule starts from."""

from __future__ import annotations

from pathlib import Path

import pytest

from portcheck import pack, rulebook, selftest
from portcheck.errors import UsageError
from portcheck.model import Category, Work
from portcheck.pack import Pack
from tests.packs import write_pack


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pack:
    monkeypatch.setenv("PORTCHECK_CACHE_DIR", str(tmp_path / "cache"))
    return pack.load("ascend", write_pack(tmp_path / "rules"))


def test_rows_say_what_a_rule_is_and_what_it_means_on_the_target(loaded: Pack) -> None:
    first, second = rulebook.rows(loaded)
    assert first == ("PC101", "set-device", Category.DEVICE_API, "Chooses the CUDA device", Work.RENAME)
    assert (second.id, second.work) == ("PC430", Work.VERIFY)


@pytest.mark.parametrize("name", ["new-one", "3d-things", "class"])
def test_a_new_rule_loads_and_its_examples_hold(loaded: Pack, tmp_path: Path, name: str) -> None:
    rule, verdict = rulebook.new_rule(loaded, "PC199", name, "topic").split("# rules/ascend/topic.toml\n")
    for half, block in (("cuda", rule), ("ascend", verdict)):
        with (tmp_path / "rules" / half / "topic.toml").open("a", encoding="utf-8") as file:
            file.write(block)
    found = pack.load("ascend", tmp_path / "rules")
    assert [row.name for row in rulebook.rows(found) if row.id == "PC199"] == [name]
    assert selftest.run(tmp_path / "rules") == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("PC101", "new-one", "topic"), "id 'PC101' is taken"),
        (("PC199", "set-device", "topic"), "name 'set-device' is taken"),
        (("199", "new-one", "topic"), "id '199' is misspelt"),
        (("PC199", "New One", "topic"), "name 'New One' is misspelt"),
        (("PC199", "new-one", "../topic"), "topic '../topic' is misspelt"),
    ],
)
def test_a_new_rule_needs_words_of_its_own(loaded: Pack, arguments: tuple[str, str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        rulebook.new_rule(loaded, *arguments)
