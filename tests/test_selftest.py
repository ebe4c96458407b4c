"""The self-test of the packs tells examples that hold from those that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from portcheck import selftest
from portcheck.errors import PackError
from portcheck.rulefile import marked_lines
from tests.packs import write_pack

R = "cuda/topic.toml"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTCHECK_CACHE_DIR", str(tmp_path / "cache"))


def test_a_pack_whose_examples_hold(tmp_path: Path) -> None:
    assert selftest.run(write_pack(tmp_path / "rules")) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("import torch\n", "from my import torch  # PC101\n", ["line 1: not found", "line 2: not found"]),
        ("(0)  # PC101", "(0)\nx = 1  # PC101", ["line 3: not found", "line 2: found, and should not be"]),
        ("set_device(0)\n", "import torch as t\nt.cuda.set_device(0)\n", ["line 2: found, and should not be"]),
        ("import torch\n", "import torch  # PC101\nx = (\n", ["does not parse"]),
        (
            "set_device(0)\n",
            'set_device(0)\n"""\nagnostic = """\nimport torch\ntorch.cuda.set_device(1)\n',
            ["should not be"],
        ),
        ('good = """\nset', 'kind = "other"\ngood = """\nset', ["no reader for other files"]),
    ],
)
def test_an_example_that_does_not_hold_is_named(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    # The last occurrence of a call stands in the good example.
    root = write_pack(tmp_path / "rules")
    text = (root / R).read_text()
    at = text.index(old) if "PC101" in old or "import" in old else text.rindex(old)
    (root / R).write_text(text[:at] + new + text[at + len(old) :])
    failures = selftest.run(root)
    assert {failure.rule for failure in failures} == {"PC101"}
    assert len(failures) >= len(expected)
    for words, failure in zip(expected, failures):
        assert words in failure.problem


def test_a_broken_pack_is_not_tested(tmp_path: Path) -> None:
    with pytest.raises(PackError):
        selftest.run(write_pack(tmp_path / "rules", R, "why =", "wy ="))


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("x()  # PC101", True),
        ("x()  // PC101", True),
        ("x;  /* PC101 */", True),
        ("<a/>  <!-- PC101 -->", True),
        ("select 1  -- PC101", True),
        ("x()  # PC200, PC101", True),
        ("x()  # PC200 PC101  ", True),
        ("x()  # PC1010", False),
        ("x()  # see PC101", False),
        ("x()  # PC101 is found here", False),
        ('x("PC101")', False),
    ],
)
def test_marks_stand_in_a_comment_at_the_end_of_a_line(line: str, marked: bool) -> None:
    assert marked_lines(f"first\n{line}\nlast", "PC101") == ((2,) if marked else ())
