"""The facts cache: what it may believe, what several runs leave behind, and how large it may grow."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portcheck import cache
from portcheck.cache import EMPTY, FactsCache, Shelf, recall, remember
from portcheck.model import Kind
from portcheck.worker import Outcome, digest_of, stamp_of

OLD = (10, 1_000, 1_000, 5)
LATER = 10**18
DIGEST = digest_of(b"a.py", Kind.PYTHON)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a.py", "b.py"):
        (tmp_path / "repo").mkdir(exist_ok=True)
        (tmp_path / "repo" / name).write_text(name)
    return tmp_path / "repo"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FactsCache:
    monkeypatch.setattr(cache, "_readers", lambda: "this code")
    return FactsCache(tmp_path / "cache", "interest")


def shelf(*names: str, derived: cache.Derived = ("", ())) -> Shelf:
    outcomes = [Outcome(name, f'["{name}"]', OLD, digest_of(name.encode(), Kind.PYTHON)) for name in names]
    return remember(EMPTY, outcomes, LATER)._replace(derived=derived)


def the_file(store: FactsCache) -> Path:
    (path,) = store.folder.iterdir()
    return path


def test_what_was_saved_is_loaded(root: Path, store: FactsCache) -> None:
    saved = shelf("a.py", "b.py", derived=("key", ("line one", "line two")))
    store.save(root, saved)
    assert store.load(root) == saved
    assert recall(store.load(root), "a.py", OLD) == DIGEST


def test_an_empty_shelf_can_be_saved(root: Path, store: FactsCache) -> None:
    store.save(root, EMPTY)
    assert store.load(root) == EMPTY


@pytest.mark.parametrize("place", range(4))
def test_another_stamp_is_another_file(place: int) -> None:
    stamp = list(OLD)
    stamp[place] = 77
    assert recall(shelf("a.py"), "a.py", (stamp[0], stamp[1], stamp[2], stamp[3])) is None


def test_a_file_as_young_as_the_run_is_not_known_by_its_stamp(root: Path) -> None:
    stamp = stamp_of((root / "a.py").stat())
    outcome = Outcome("a.py", "[1]", stamp, "digest")
    young = remember(EMPTY, [outcome], max(stamp[1:3]) + 1_000)
    assert recall(young, "a.py", stamp) is None
    assert young.facts == {"digest": "[1]"}
    grown_up = remember(EMPTY, [outcome], max(stamp[1:3]) + 3_000_000_000)
    assert recall(grown_up, "a.py", stamp) == "digest"


def test_an_outcome_without_a_stamp_is_not_remembered() -> None:
    assert remember(EMPTY, [Outcome("a.py", "[1]")], LATER) == EMPTY


def test_readers_of_other_kinds_do_not_meet(root: Path, store: FactsCache, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(root, shelf("a.py"))
    assert store._replace(interest_digest="other").load(root) == EMPTY
    assert store.load(root.parent) == EMPTY
    monkeypatch.setattr(cache, "_readers", lambda: "other code")
    assert store.load(root) == EMPTY


def test_concurrent_runs_keep_what_the_other_wrote(root: Path, store: FactsCache) -> None:
    store.save(root, shelf("a.py", derived=("key", ("line",))))
    store.save(root, shelf("b.py"))
    assert store.load(root) == shelf("a.py", "b.py", derived=("key", ("line",)))


def test_vanished_files_are_forgotten(root: Path, store: FactsCache) -> None:
    store.save(root, shelf("a.py", "b.py"))
    (root / "a.py").unlink()
    store.save(root, shelf("b.py"))
    assert store.load(root) == shelf("b.py")


def test_the_folder_keeps_to_its_size(root: Path, store: FactsCache, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = [root.parent / name for name in ("one", "two", "three")]
    for age, other in enumerate(roots):
        other.mkdir()
        (other / "a.py").write_text("")
        store.save(other, shelf("a.py"))
        os.utime(store._path(other), (age, age))
    size = store._path(roots[0]).stat().st_size
    monkeypatch.setattr(cache, "_MAX_FOLDER", 2 * size + size // 2)
    store.save(root, shelf("a.py"))
    assert [store.load(other) == EMPTY for other in (*roots, root)] == [True, True, False, False]


def test_a_huge_cache_file_is_not_read(root: Path, store: FactsCache, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(root, shelf("a.py"))
    monkeypatch.setattr(cache, "_MAX_FILE", 10)
    assert store.load(root) == EMPTY


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n\n",
        b"\xff\xfe",
        b"[]\n[]\n[]\n[]",
        b"null\nnull\nnull\nnull",
        b"[" * 200_000,
        b"{}\n" * 9,
        b"\x00" * 99,
    ],
)
def test_hostile_content_is_empty(root: Path, store: FactsCache, content: bytes) -> None:
    store.save(root, shelf("a.py"))
    the_file(store).write_bytes(content)
    assert store.load(root) == EMPTY
    store.save(root, shelf("b.py"))
    assert store.load(root) == shelf("b.py")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 3), st.recursive(st.none() | st.integers() | st.text(max_size=3), st.lists))
def test_a_hostile_line_is_empty(root: Path, store: FactsCache, line: int, value: object) -> None:
    store.save(root, shelf("a.py"))
    path = the_file(store)
    lines = path.read_bytes().split(b"\n")
    lines[line] = json.dumps(value).encode()
    path.write_bytes(b"\n".join(lines))
    found = store.load(root)
    assert all(type(text) is str for text in found.facts.values())
    assert recall(found, "a.py", OLD) in (None, DIGEST)


def test_a_truncated_file_is_empty_or_a_part(root: Path, store: FactsCache) -> None:
    saved = shelf("a.py", "b.py", derived=("key", ("line",)))
    store.save(root, saved)
    content = the_file(store).read_bytes()
    for cut in range(len(content)):
        the_file(store).write_bytes(content[:cut])
        found = store.load(root)
        assert found == EMPTY or found.entries == saved.entries
