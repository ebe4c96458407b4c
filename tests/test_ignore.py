"""Suppressions: what comments and paths take out of the findings, and what is said of those that miss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck import api
from portcheck.config import Config, resolve
from portcheck.errors import ConfigError, Exit, UsageError
from portcheck.model import Kind, Report
from portcheck.pragma import Pragma
from portcheck.sources.pragmas import MAX_PRAGMAS, pragmas
from tests.commands import portcheck

SET = "torch.cuda.set_device(0)"
"""A call that PC101 is about."""


def lines(text: str, kind: Kind = Kind.PYTHON) -> list[tuple[int, int, tuple[str, ...]]]:
    """Return the first and last line of each comment's concern, and the rules that it names."""
    return [(each.first, each.last, each.names) for each in pragmas(text.encode(), kind)]


def scan(folder: Path, files: dict[str, str], **options: Any) -> Report:
    """Return the report on a folder with these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return api.scan([folder], Config(cache=False, **options), tables=False)


def found(report: Report) -> list[tuple[str, int]]:
    """Return path and line of each finding."""
    return [(finding.path, finding.span.line) for finding in report.findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1  # portcheck: ignore[PC1]\n", (1, 1)),
        ("f(  # portcheck: ignore[PC1]\n    1,\n)\n", (1, 3)),
        ("f(\n    1,  # portcheck: ignore[PC1]\n)\n", (2, 2)),
        ("f(\n    1,\n)  # portcheck: ignore[PC1]\n", (1, 3)),
        ('x = """\na\n"""  # portcheck: ignore[PC1]\n', (1, 3)),
        ('f("""\na""", b)  # portcheck: ignore[PC1]\n', (2, 2)),
        ("# portcheck: ignore[PC1]\nf(\n    1,\n)\n", (2, 4)),
        ("# portcheck: ignore[PC1]\n\n# more\nx = 1\n", (4, 4)),
        ("f(\n    # portcheck: ignore[PC1]\n    1,\n    2,\n)\n", (3, 3)),
        ("# portcheck: ignore[PC1]\ndef f(\n    a,\n):\n    pass\n", (2, 4)),
        ("# portcheck: ignore-file[PC1]\nx = 1\n", (0, 0)),
        ("x = 1  # noqa: E501  # portcheck: ignore[PC1]\r\n", (1, 1)),
        ("x = (\n  # portcheck: ignore[PC1]\n  'no end\n", (3, 3)),
    ],
)
def test_which_lines_a_comment_in_python_is_about(text: str, expected: tuple[int, int]) -> None:
    assert lines(text) == [(*expected, ("PC1",))]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Kind.SHELL, "export A=1  # portcheck: ignore[PC1]\n", (1, 1)),
        (Kind.SHELL, "# portcheck: ignore[PC1]\nrun a \\\n  b \\\n  c\nd\n", (2, 4)),
        (Kind.SHELL, "d\nrun a \\\n  b \\\n  c  # portcheck: ignore[PC1]\nd\n", (2, 4)),
        (Kind.CONTAINER, "RUN a \\\n  # more\n  b  # portcheck: ignore[PC1]\n", (1, 3)),
        (Kind.CONTAINER, "# portcheck: ignore[PC1]\nFROM x\n", (2, 2)),
        (Kind.CONTAINER, "RUN a \\\n  # portcheck: ignore[PC1]\n  b\n", (3, 3)),
        (Kind.SETTINGS, "a: don't  # portcheck: ignore[PC1]\n", (1, 1)),
        (Kind.SETTINGS, "; portcheck: ignore[PC1]\n[a]\n", (2, 2)),
        (Kind.MANIFEST, 'a = "b" # portcheck: ignore[PC1]\n', (1, 1)),
        (Kind.BUILD, "find_package(CUDA) # portcheck: ignore[PC1]\n", (1, 1)),
        (Kind.KERNEL, "a(); // portcheck: ignore[PC1] why\n", (1, 1)),
        (Kind.KERNEL, "/* portcheck: ignore[PC1] */\n// more\nb();\n", (3, 3)),
    ],
)
def test_comments_of_other_languages(kind: Kind, text: str, expected: tuple[int, int]) -> None:
    assert lines(text, kind) == [(*expected, ("PC1",))]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.PYTHON, "x = '# portcheck: ignore[PC1]'\n"),
        (Kind.PYTHON, '"""\n# portcheck: ignore[PC1]\n"""\n'),
        (Kind.SHELL, 'echo "a # portcheck: ignore[PC1]"\n'),
        (Kind.SHELL, "echo a#portcheck: ignore[PC1]\n"),
        (Kind.MANIFEST, 'a = """\n# portcheck: ignore[PC1]\n"""\n'),
        (Kind.KERNEL, 'f("// portcheck: ignore[PC1]");\n'),
        (Kind.NOTEBOOK, '{"cells": 3, "x": "# portcheck: ignore"}'),
        (Kind.PYTHON, "# see portcheck: it says so\n"),
    ],
)
def test_what_only_looks_like_one(kind: Kind, text: str) -> None:
    assert lines(text, kind) == []


def test_the_reason_is_kept() -> None:
    text = b"x  # portcheck: ignore[PC1, PC22] - only on the GPU box  # more\n"
    assert pragmas(text, Kind.PYTHON) == (Pragma("ignore", ("PC1", "PC22"), "only on the GPU box", 1, 4, 1, 1),)


def test_cells_of_a_notebook() -> None:
    cells = [
        {"cell_type": "markdown", "source": "# portcheck: ignore"},
        {"cell_type": "code", "source": "a = 1"},
        {"cell_type": "code", "source": ["!pip install x  # portcheck: ignore[PC2]\n", "b  # portcheck: ignore[PC1]"]},
    ]
    found = pragmas(json.dumps({"cells": cells}).encode(), Kind.NOTEBOOK)
    assert [(each.cell, each.first, each.names) for each in found] == [(2, 2, ("PC1",)), (2, 1, ("PC2",))]


def test_a_place_in_a_notebook(tmp_path: Path) -> None:
    source = f"import torch\n{SET}  # portcheck: ignore[PC101]\n{SET}"
    cells = {"cells": [{"cell_type": "code", "source": source}], "metadata": {}}
    report = scan(tmp_path, {"a.ipynb": json.dumps(cells)})
    assert found(report) == [("a.ipynb", 3)]
    assert not report.remarks


@given(st.text(alphabet="# portcheck:ignore[]PC1\n\"'\\();", max_size=60), st.sampled_from(Kind))
def test_no_content_is_too_much(text: str, kind: Kind) -> None:
    for pragma in pragmas(f"{text}\nx = (1,\n# portcheck: ignore[PC1]\n{text})".encode(), kind):
        assert 0 <= pragma.first <= pragma.last


def test_very_many_comments_take_little_time() -> None:
    assert len(pragmas(b"# portcheck: ignore[PC1]\n" * 50_000, Kind.SHELL)) == MAX_PRAGMAS


def test_a_comment_suppresses_what_it_names_and_the_report_still_has_it(tmp_path: Path) -> None:
    text = f"import torch\n{SET}  # portcheck: ignore[PC1] reason\n{SET}\n{SET}  # portcheck: ignore[PC2]\n"
    report = scan(tmp_path, {"a.py": text})
    assert found(report) == [("a.py", 3), ("a.py", 4)]
    (gone,) = report.suppressed
    assert (gone.finding.span.line, gone.how, gone.reason) == (2, "line", "reason")
    assert report.files[0].findings == 2
    assert [remark.text for remark in report.remarks] == ["unused suppression: PC2 is not found here"]


def test_a_whole_file_and_all_rules(tmp_path: Path) -> None:
    files = {
        "a.py": f"import torch\n{SET}\n# portcheck: ignore-file\n",
        "b.py": f"# portcheck: ignore-file[PC9]\nimport torch\n{SET}\n",
        "c.py": f"import torch\n{SET}  # portcheck: ignore\n",
    }
    report = scan(tmp_path, files)
    assert found(report) == [("b.py", 3)]
    assert [gone.how for gone in report.suppressed] == ["file", "line"]
    assert [remark.path for remark in report.remarks] == ["b.py"]


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("ignore", "unused suppression: nothing is found here"),
        ("ignore[PC101]", "unused suppression: PC101 is not found here"),
        ("ignore[PC9999]", "unknown rule in suppression: 'PC9999'"),
        ("ignore[pc101]", "unknown rule in suppression: 'pc101'"),
        ("ignore[]", "brackets that are empty or not closed"),
        ("ignore[PC101", "brackets that are empty or not closed"),
        ("ignor[PC101]", "neither ignore nor ignore-file; did you mean 'ignore'"),
    ],
)
def test_what_is_wrong_with_a_comment(tmp_path: Path, comment: str, text: str) -> None:
    report = scan(tmp_path, {"a.py": f"import torch\nx = 1  # portcheck: {comment}\n"})
    (remark,) = report.remarks
    assert (remark.line, remark.column) == (2, 8)
    assert text in remark.text


def test_a_comment_about_portable_code_or_a_rule_that_is_not_asked_for_is_in_use(tmp_path: Path) -> None:
    text = f"import torch\nif torch.npu.is_available():\n    {SET}\nelse:\n    {SET}  # portcheck: ignore[PC101]\n"
    assert not scan(tmp_path, {"a.py": text}, select=("amp",)).remarks


def test_rules_that_ask_the_tables_are_not_missed_where_the_tables_are_not_asked(tmp_path: Path) -> None:
    text = "import torch\nx = torch.stft(y)  # portcheck: ignore[PC780]\n"
    assert not [remark for remark in scan(tmp_path, {"a.py": text}).remarks if "unused" in remark.text]
    assert not scan(tmp_path, {"a.py": "import torch\nz = torch.stft(y)  # portcheck: ignore\n"}).remarks


def test_a_comment_in_another_file_of_the_same_content_is_seen(tmp_path: Path) -> None:
    text = f"import torch\n{SET}  # portcheck: ignore[PC101]\n"
    cached = Config()
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert not api.scan([tmp_path], cached, tables=False).findings
        assert not api.scan([tmp_path], cached, tables=False).findings


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("tests", {"a.py", "src/tests.py"}),
        ("tests/**", {"a.py", "src/tests.py"}),
        ("*.py", set()),
        ("/a.py", {"tests/a.py", "src/tests.py"}),
        ("src/*.py", {"a.py", "tests/a.py"}),
    ],
)
def test_paths_in_the_configuration(tmp_path: Path, pattern: str, left: set[str]) -> None:
    files = dict.fromkeys(("a.py", "tests/a.py", "src/tests.py"), f"import torch\n{SET}\n")
    config = f'[per-file-ignores]\n"{pattern}" = ["PC1"]\n'
    scan(tmp_path, {**files, "portcheck.toml": config})
    report = api.scan([tmp_path], resolve([str(tmp_path)], {}).config, tables=False)
    assert {finding.path for finding in report.findings} == left
    assert {gone.how for gone in report.suppressed} == {"config"}
    below = api.scan([tmp_path / "src"], resolve([str(tmp_path / "src")], {}).config, tables=False)
    assert bool(below.findings) == ("src/tests.py" in left)


@pytest.mark.parametrize(
    ("text", "error", "hint"),
    [
        ('per-file-ignores = ["PC1"]', ConfigError, "must be a table of patterns"),
        ('per-file-ignores = {"a" = "PC1"}', ConfigError, "per-file-ignores: a: must be a list of texts"),
        ('per-file-ignores = {"a" = ["PC9999"]}', UsageError, "'PC9999' is no rule id"),
        ('per-file-ignores = {"a/**/b/**/c/**" = ["PC1"]}', UsageError, "is not a valid pattern"),
    ],
)
def test_what_is_wrong_in_the_configuration(tmp_path: Path, text: str, error: type, hint: str) -> None:
    (tmp_path / "portcheck.toml").write_text(text, encoding="utf-8")
    with pytest.raises(error, match=hint):
        api.scan([tmp_path], resolve([str(tmp_path)], {}).config, tables=False)


def test_check_says_what_is_wrong_and_fails_on_it_when_asked(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        f"import torch\n{SET}  # portcheck: ignore[PC101]\nx = 1  # portcheck: ignore\n", encoding="utf-8"
    )
    ended = portcheck("check", cwd=tmp_path)
    assert (ended.code, ended.out) == (Exit.DONE, "")
    assert ended.err.splitlines() == [
        "a.py:3:8: warning: unused suppression: nothing is found here",
        "0 findings in 0 of 1 file, 1 suppressed",
    ]
    strict = portcheck("check", "--quiet", "--fail-on-unused", cwd=tmp_path)
    assert (strict.code, strict.err) == (Exit.FINDINGS, ended.err.splitlines()[0] + "\n")
    shown = portcheck("scan", cwd=tmp_path).out
    assert "Not counted above: 1 finding, 1 by a comment at the line." in shown
    data = json.loads(portcheck("scan", "--format", "json", cwd=tmp_path).out)
    assert [row["finding"]["line"] for row in data["suppressed"]] == [2]
    assert data["summary"]["suppressed"] == 1


def test_fix_leaves_suppressed_places_alone(tmp_path: Path) -> None:
    kept = f"{SET}  # portcheck: ignore[PC101]"
    (tmp_path / "a.py").write_text(f"import torch\n{kept}\n{SET}\n", encoding="utf-8")
    assert portcheck("fix", cwd=tmp_path).code == Exit.DONE
    text = (tmp_path / "a.py").read_text(encoding="utf-8")
    assert kept in text
    assert text.count(SET) == 1


def test_standard_input(tmp_path: Path) -> None:
    ended = portcheck("check", "-", cwd=tmp_path, stdin=f"import torch\n{SET}  # portcheck: ignore\n".encode())
    assert ended.code == Exit.DONE
