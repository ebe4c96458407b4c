"""Every number of a report counts what its name says."""

from __future__ import annotations

import pytest
from hypothesis import given

from portcheck.model import Category, Kind, Link, Report, Role, Safety, Skipped, Status, Work
from portcheck.report import summary
from portcheck.wording import clipped
from tests import factories as make


def test_totals() -> None:
    report = make.report(
        (
            make.finding("a.py", 1),
            make.finding("a.py", 2, Work.CONFIG, fixable=Safety.UNSAFE),
            make.finding("a.py", 3, Work.REWRITE, fixable=Safety.DISPLAY),
            make.finding("b.py", 1, Work.VERIFY, category=Category.AMP, role=Role.TEST),
            make.finding("b.py", 2, Work.NONE),
        ),
        (make.file("c.py", lines=7),),
        hidden=5,
    )
    totals = summary.counts(report)
    assert (totals.files, totals.lines, totals.places) == (3, 207, 5)
    assert dict(totals.by_work) == {
        Work.NONE: 1,
        Work.VERIFY: 1,
        Work.RENAME: 1,
        Work.CONFIG: 1,
        Work.REWRITE: 1,
        Work.BLOCKER: 0,
    }
    assert dict(totals.by_category) == {Category.DEVICE_API: 4, Category.AMP: 1}
    assert dict(totals.by_role) == {Role.SOURCE: 4, Role.TEST: 1}
    assert (totals.fixable, totals.to_change, totals.portable, totals.portable_share) == (2, 3, 6, 0.6)


def test_a_report_without_places_is_all_portable() -> None:
    assert summary.counts(make.report()).portable_share == 1.0


def test_files_count_once_however_many_places_they_hold() -> None:
    places = (make.finding("a.py", 1), make.finding("a.py", 2), make.finding("t.py", 1, role=Role.TEST, fixable=None))
    assert summary.tally(places) == summary.Tally(places=3, files=2, aside=1, fixable=2)


def test_works_go_from_hard_to_easy() -> None:
    works = [work for work, _ in summary.works(make.sample())]
    assert works == [Work.BLOCKER, Work.REWRITE, Work.CONFIG, Work.RENAME, Work.VERIFY, Work.NONE]


def test_topics_leave_out_what_needs_nothing() -> None:
    report = make.report(
        (
            make.finding(line=1, work=Work.NONE, category=Category.DEVICE_QUERY),
            make.finding(line=2, work=Work.VERIFY, category=Category.AMP, subject="b"),
            make.finding(line=3, work=Work.VERIFY, category=Category.AMP, subject="a"),
            make.finding(line=4, category=Category.RNG, subject="c"),
        )
    )
    rows = [(row.category, row.tally.places, row.to_change, row.common) for row in summary.topics(report)]
    assert rows == [(Category.RNG, 1, 1, "c"), (Category.AMP, 2, 0, "a")]


@pytest.mark.parametrize(
    ("category", "subject", "key"),
    [
        (Category.LIBRARY, "flash_attn.bert_padding.pad_input", "flash_attn"),
        (Category.DEPENDENCY, "xformers", "xformers"),
        (Category.DEVICE_API, "torch.cuda.set_device", "PC101"),
        (Category.LIBRARY, ".odd", "PC101"),
        (Category.DEPENDENCY, "https://example.com/wheels", "https://example.com/wheels"),
    ],
)
def test_libraries_are_grouped_by_package_and_apis_by_rule(category: Category, subject: str, key: str) -> None:
    assert summary.subject_key(make.finding(category=category, subject=subject)) == key


def test_a_rule_goes_by_the_name_it_meets_most_often() -> None:
    report = make.report(
        (
            make.finding("a.py", 1, Work.REWRITE, subject="nvtx.push", replacement="mstx.push"),
            make.finding("a.py", 2, Work.REWRITE, subject="nvtx.pop", replacement="mstx.pop"),
            make.finding("b.py", 1, Work.REWRITE, subject="nvtx.pop", replacement="mstx.pop"),
        )
    )
    (row,) = summary.subjects(report, Work.REWRITE)
    assert (row.name, row.others, row.replacement, row.tally.places) == ("nvtx.pop", 1, "mstx.pop", 3)


def test_blockers_are_named_with_their_places() -> None:
    library = {"rule": "PC601", "category": Category.LIBRARY}
    report = make.report(
        (
            make.finding("a.py", 3, Work.BLOCKER, subject="apex.amp", message="apex.amp: use torch.amp", **library),
            make.finding("b.py", 1, Work.BLOCKER, subject="flash_attn", guards=("optional",), **library),
            make.finding("c.py", 2, Work.BLOCKER, subject="flash_attn.f", replacement="npu_f", **library),
        )
    )
    flash, apex = summary.subjects(report, Work.BLOCKER)
    assert (flash.name, flash.paths, flash.optional, flash.tally.files) == ("flash_attn", ("b.py", "c.py"), 1, 2)
    assert (flash.first.line, flash.replacement, flash.rules) == (1, "npu_f", ("PC601",))
    assert (apex.name, apex.message) == ("apex", "use torch.amp")


def test_what_is_required_and_imported_by_two_spellings_is_one_library() -> None:
    library = {"rule": "PC669", "category": Category.LIBRARY}
    names = ("torch-scatter", "torch_scatter.scatter", "torch_scatter")
    findings = [make.finding(f"{name}.py", 1, Work.REWRITE, subject=name, **library) for name in names]
    (row,) = summary.subjects(make.report(tuple(findings)), Work.REWRITE)
    assert (row.name, row.tally.places) == ("torch_scatter", 3)


def test_a_topic_names_an_image_without_its_digest() -> None:
    pinned = make.finding(category=Category.IMAGE, subject="nvidia/cuda:11.6.2-devel@sha256:0a1b")
    (row,) = summary.topics(make.report((pinned,)))
    assert row.common == "nvidia/cuda:11.6.2-devel"


def test_a_compiled_module_stands_under_its_own_name() -> None:
    library = {"rule": "PC521", "category": Category.LIBRARY}
    rows = (("project.ops_cuda", "project.ops_cuda"), (".roll_cuda", "roll_cuda"), ("project.data", ""))
    findings = [make.finding(f"{name}.py", 1, Work.BLOCKER, subject=name, module=of, **library) for name, of in rows]
    assert [row.name for row in summary.subjects(make.report(tuple(findings)), Work.BLOCKER)] == [
        "project",
        "project.ops_cuda",
        "roll_cuda",
    ]


def test_a_message_that_cuts_its_subject_short_says_it_once() -> None:
    subject = f'"{"nvcc " * 40}"'
    message = f"{clipped(subject)}: build it for the target"
    report = make.report((make.finding(subject=subject, message=message, work=Work.CONFIG),))
    assert summary.subjects(report, Work.CONFIG)[0].message == "build it for the target"


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("torch.cuda.x becomes torch.npu.x", ""),
        ("torch.cuda.x becomes torch.npu.x; mind the stream", "mind the stream"),
        ("torch.cuda.x: no counterpart", "no counterpart"),
        ("something else", "something else"),
    ],
)
def test_advice_is_not_the_subject_and_replacement_again(message: str, advice: str) -> None:
    report = make.report((make.finding(subject="torch.cuda.x", message=message, replacement="torch.npu.x"),))
    assert summary.subjects(report, Work.RENAME)[0].message == advice


def test_hard_files_come_first_and_tests_last() -> None:
    report = make.report(
        (
            make.finding("easy.py", 1),
            make.finding("easy.py", 2),
            make.finding("hard.py", 1, Work.REWRITE),
            make.finding("look.py", 1, Work.VERIFY),
            make.finding("test_hard.py", 1, Work.BLOCKER, role=Role.TEST),
        )
    )
    assert [row.path for row in summary.top_files(report)] == ["hard.py", "easy.py", "test_hard.py"]


def test_helpers_have_a_change_in_them_and_a_line_where_it_is_certain() -> None:
    report = make.report(
        (
            make.finding("u.py", 40, callers=143),
            make.finding("v.py", 5, callers=9),
            make.finding("w.py", 5, Work.VERIFY, callers=2),
        ),
        links=(
            ("v.py", Link("one", 9, 2)),
            ("v.py", Link("two", 9, 3)),
            ("u.py", Link("move_to_cuda", 143, 31)),
            ("w.py", Link("nothing_to_change", 2, 1)),
        ),
    )
    rows = [(row.name, row.line, row.calls) for row in summary.helpers(report)]
    assert rows == [("move_to_cuda", 40, 143), ("two", None, 9), ("one", None, 9)]


def test_what_was_not_read_is_grouped_by_reason_without_its_details() -> None:
    report = make.report(
        (),
        (
            make.file("a.py", status=Status.PARTLY, reason="invalid syntax (line 3)"),
            make.file("b.py", status=Status.PARTLY, reason="invalid syntax (line 9)"),
            make.file("c.py", status=Status.UNREADABLE, reason="permission denied"),
            make.file("d.py"),
        ),
        skipped=(Skipped("big.py", "larger than 5 MB"),),
    )
    rows = [(row.status, row.reason, row.paths) for row in summary.unread(report)]
    assert rows == [
        (Status.PARTLY, "invalid syntax", ("a.py", "b.py")),
        (Status.UNREADABLE, "permission denied", ("c.py",)),
        (Status.SKIPPED, "larger than 5 MB", ("big.py",)),
    ]


def test_reach_counts_files_that_need_a_change_or_a_look() -> None:
    report = make.report(
        (make.finding("a.py"), make.finding("b.py", work=Work.NONE)),
        (make.file("run.sh", kind=Kind.SHELL),),
    )
    assert summary.reach(report) == (summary.Reach(Kind.PYTHON, 2, 1), summary.Reach(Kind.SHELL, 1, 0))


@given(make.reports)
def test_groups_add_up(report: Report) -> None:
    totals = summary.counts(report)
    places = len(report.findings)
    assert sum(number for _, number in totals.by_work) == places
    assert sum(number for _, number in totals.by_role) == places
    assert sum(tally.places for _, tally in summary.works(report)) == places
    assert sum(row.tally.places for row in summary.topics(report)) == places - totals.work(Work.NONE)
    assert sum(row.tally.places for row in summary.subjects(report, Work.BLOCKER)) == totals.work(Work.BLOCKER)
    assert 0 <= totals.portable_share <= 1
