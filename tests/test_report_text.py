"""The text report says what a lead needs, keeps to the terminal's width, and obeys no hostile name."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.inventory import Inventory, KernelFile, Library, Place, Surrounding
from portcheck.model import Category, Kind, Report, Role, Skipped, Status, Work
from portcheck.report import render
from portcheck.report.escape import cells
from tests import factories as make


def text(report: Report, width: int = 100, **options: bool) -> str:
    """Return the report on one line a paragraph, so that wrapping does not matter."""
    return re.sub(r"\s+", " ", render(report, "text", width, **options))


def test_head_says_what_was_scanned_for_what() -> None:
    report = make.report((), (make.file("a.py", lines=1200), make.file("b.sh", kind=Kind.SHELL, lines=34)))
    assert "Scanned /home/ada/repo Read 2 files, 1,234 lines: 1 Python, 1 shell" in text(report)
    assert "Target Ascend, PyTorch 2.7.1, card A2, strategy agnostic" in text(report)


def test_kernels_without_a_reader_are_not_passed_over() -> None:
    skipped: dict[str, Any] = {"kind": Kind.KERNEL, "status": Status.SKIPPED, "reason": "no reader for kernel files"}
    report = make.report((make.finding(),), (make.file("a.cu", **skipped), make.file("b.cu", **skipped)))
    assert "Read 1 file" in text(report)
    assert "(2 files not read)" in text(report)
    assert "2 C++ or CUDA files not judged: what is CUDA-bound there comes on top." in verdict(report)
    assert "2 left out, no reader for kernel files: a.cu, ..." in text(report)


def verdict(report: Report) -> str:
    """Return the verdict's sentences."""
    return text(report).split("VERDICT ")[1].split(" BY KIND")[0].split(" NOT READ")[0].split(" TO VERIFY")[0].strip()


@pytest.mark.parametrize(
    ("report", "sentences"),
    [
        (make.report((), (make.file("a.py"),)), "Nothing CUDA-bound found in 1 file (100 lines)."),
        (
            make.report((make.finding(work=Work.NONE),), hidden=3),
            "Nothing has to change: 4 CUDA-related places found, portable as written.",
        ),
        (
            make.report((make.finding(work=Work.VERIFY),)),
            "Nothing has to change. 1 place should run as written but is worth a look.",
        ),
        (
            make.report((make.finding("a.py"), make.finding("a.py", 2)), (make.file("b.py"),)),
            (
                "1 of 2 Python files is CUDA-bound: 2 places to change. Most of it is mechanical: 100% of the changes"
                " are drop-in renames. No blockers found."
            ),
        ),
        (
            make.report(
                (
                    make.finding("a.py", 1, Work.BLOCKER, subject="flash_attn.f", category=Category.LIBRARY),
                    make.finding("a.py", 2, Work.BLOCKER, subject="flash_attn.g", category=Category.LIBRARY),
                    make.finding("a.py", 3, Work.REWRITE),
                    make.finding("b.py", 4, Work.VERIFY),
                )
            ),
            (
                "2 of 2 Python files are CUDA-bound: 3 places to change, 1 more to verify. No change is a drop-in"
                " rename. 1 blocker (2 places): flash_attn. 1 place needs a rewrite."
            ),
        ),
    ],
)
def test_verdict(report: Report, sentences: str) -> None:
    assert verdict(report) == sentences


def test_verdict_doubts_itself_when_files_could_not_be_read() -> None:
    report = make.report((make.finding(),), (make.file("old.py", status=Status.PARTLY, reason="Python 2"),))
    assert "1 file could not be read in full, so these numbers are lower bounds." in verdict(report)


def test_table_by_kind_of_work_counts_places_files_tests_and_fixable() -> None:
    report = make.report(
        (
            make.finding("a.py", 1),
            make.finding("a.py", 2),
            make.finding("a.py", 3, Work.CONFIG),
            make.finding("test_a.py", 1, role=Role.TEST),
        )
    )
    lines = render(report, "text", 100).splitlines()
    wanted = [line.split() for line in lines if line.startswith(("  rename", "  config", "  to change"))]
    rows = {words[0]: words[-4:] for words in wanted}
    assert rows == {"config": ["1", "1", "-", "-"], "rename": ["3", "2", "1", "3"], "to": ["4", "2", "1", "3"]}
    assert "Of the places to change: 3 in source, 1 in tests." in text(report)


def test_blockers_say_where_what_and_instead() -> None:
    report = make.report(
        (
            make.finding(
                "attn.py",
                12,
                Work.BLOCKER,
                rule="PC601",
                subject="flash_attn.f",
                category=Category.LIBRARY,
                message="flash_attn.f: built for CUDA alone",
                replacement="torch_npu.npu_fusion_attention",
                guards=("optional",),
            ),
        )
    )
    shown = text(report)
    assert "flash_attn (library, PC601) 1 place in 1 file, 1 behind an optional import; first at attn.py:12" in shown
    assert "built for CUDA alone Instead: torch_npu.npu_fusion_attention" in shown
    assert "portcheck explain PC601" in shown


def test_helpers_that_carry_much() -> None:
    assert "move_to_cuda in src/model/part_0.py:1: 143 calls in 31 files follow" in text(make.sample())
    assert "rarely" not in text(make.sample())


def test_what_was_not_read_is_named_with_its_reason() -> None:
    shown = text(make.sample())
    assert "5 left out, virtual environment: .venv/lib/a, ..." in shown
    assert "2 read in part, does not parse: old/merge.py, old/py2.py" in shown
    assert ".venv/lib/e" in text(make.sample(), verbose=True)


def test_long_lists_are_cut_and_say_so() -> None:
    findings = tuple(make.finding(f"f{index}.py") for index in range(30))
    assert "... and 18 more files (all with --verbose)" in text(make.report(findings))
    assert "more files" not in text(make.report(findings), verbose=True)


def test_commands_quote_the_path() -> None:
    assert "portcheck check 'my repo'" in text(make.report((make.finding(),), root="my repo"))


@pytest.mark.parametrize("width", [64, 80, 100, 120, 500])
def test_sample_keeps_to_the_width(width: int) -> None:
    assert all(cells(line) <= min(width, 100) for line in render(make.sample(), "text", width).splitlines())


def test_colour_changes_nothing_but_colour() -> None:
    colored = render(make.sample(), "text", 90, color=True)
    assert "\x1b[31m" in colored
    assert re.sub("\x1b\\[\\d+m", "", colored) == render(make.sample(), "text", 90)


@given(make.reports, st.integers(1, 200), st.booleans())
def test_hostile_strings_neither_break_out_nor_overflow(report: Report, width: int, verbose: bool) -> None:
    lines = render(report, "text", width, verbose=verbose).split("\n")
    assert all(line.isprintable() for line in lines)
    assert all(cells(line) <= max(64, min(width, 100)) for line in lines)


def test_hostile_names_are_shown() -> None:
    report = make.report(
        (make.finding("a\x1b[2Jb.py", subject='"cuda\n\u202e"', work=Work.BLOCKER),), skipped=(Skipped("x\ny", "odd"),)
    )
    shown = render(report, "text", 100)
    assert "a\\x1b[2Jb.py:1" in shown
    assert '"cuda\\n\\u202e"' in shown
    assert "x\\ny" in shown


def test_libraries_kernels_and_surroundings_are_tables_that_are_cut() -> None:
    place = Place("setup.py", 7)
    library = Library(
        "apex", "partial", "config", "build Ascend/apex", "24.1", ("==0.1",), (place,), (), True, ("PC1",), ()
    )
    kernel = KernelFile(Place("a.cu", 1), "cuda", "source", 500, 3, 2, "hard", ("inline-ptx",), (place,))
    around = Surrounding("ci", ".github/workflows/a.yml", "build", "config", 2, 1, ("nvidia-smi",), "npu-smi", (place,))
    libraries = tuple(library._replace(rules=(f"PC1{number:02}",)) for number in range(14))
    found = Inventory(libraries, (kernel,) * 13, (around,))
    shown = text(make.report((), inventory=found))
    assert "14 libraries: 14 in part. library there optional required used first at" in shown
    assert "apex in part yes 1 - setup.py:7 build Ascend/apex; since 24.1; asked for: ==0.1" in shown
    assert "... and 2 more rows (all with --verbose)" in shown
    assert "39 kernels in 13 files, 6,500 lines of code: 13 hard. 13 files with kernels and no fall-back seen." in shown
    assert "hard cuda 500 3 2 a.cu inline ptx; built by setup.py:7; no fall-back seen" in shown
    assert "... and 1 more file (all with --verbose)" in shown
    assert "CI .github/workflows/a.yml 2 1 nvidia-smi" in shown


def test_libraries_that_run_are_only_named() -> None:
    rows = tuple(
        Library(f"l{n}", "native", "none", "", "", (), (), (Place("a.py", 1),), False, (), ()) for n in range(9)
    )
    shown = text(make.report((), inventory=Inventory(rows)))
    assert "Run there as they are: l0, l1, l2, l3, l4, l5, l6, l7 and 1 more." in shown
    assert "KERNELS" not in shown and "ENVIRONMENT" not in shown
