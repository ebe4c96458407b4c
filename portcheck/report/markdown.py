"""A summary as Markdown, made to be a comment on a pull request: verdict, tables, blockers, dependencies, the plan.

A comment on GitHub holds 65,536 characters. Lists are cut to what matters most and say how many are left out; should
the whole be too long all the same, sections are left out whole, the last ones first, and named at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable

from portcheck import __version__
from portcheck.model import Category, Report, Work
from portcheck.records import NamedTuple
from portcheck.report import inventory_markdown, strategies, summary
from portcheck.report.markup import code, head, plain, row
from portcheck.report.sentences import verdict
from portcheck.report.words import CATEGORY, WORK, count, number, span

LIMIT = 65_536
"""Characters of a comment on GitHub; kept in bytes, which are at least as many."""

_ROWS = 10
_CLIP = 200
_WORKS = (Work.BLOCKER, Work.REWRITE, Work.CONFIG, Work.RENAME, Work.VERIFY)


class Section(NamedTuple):
    """A part of the summary that is shown whole or not at all; the text begins below its title."""

    title: str
    text: str


def chunks(report: Report, change: str = "", more: Sequence[Section] = ()) -> Iterator[str]:
    """Yield the summary section by section; `change` and `more` say what differs from a base."""
    totals = summary.counts(report)
    sections = [*more, *(section for write in _SECTIONS for section in write(report, totals))]
    yield from fitted(_head(report, totals, change), sections)


def fitted(first: str, sections: Sequence[Section], limit: int = LIMIT) -> Iterator[str]:
    """Yield the first text and as many whole sections as there is room for, then the names of those left out."""
    room = limit - _size(first) - _size(_omission([section.title for section in sections]))
    yield first
    omitted: list[str] = []
    for section in sections:
        text = f"\n### {section.title}\n\n{section.text}"
        room -= _size(text)
        if room < 0 or omitted:
            omitted.append(section.title)
        else:
            yield text
    if omitted:
        yield _omission(omitted)


def _omission(titles: Sequence[str]) -> str:
    return f"\nLeft out, as a comment on GitHub holds {number(LIMIT)} characters: {', '.join(titles)}.\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _head(report: Report, totals: summary.Counts, change: str) -> str:
    """The verdict, and what it was given for."""
    target = report.target
    about = f"{target.name.capitalize()}, PyTorch {target.torch}, card {target.hardware.upper()}"
    lines = [f"- {plain(_clipped(sentence))}" for sentence in verdict(report, totals)]
    lines += [f"- {plain(_clipped(change))}"] if change else []
    where = (
        f"Read for {plain(_clipped(about))}, strategy {plain(_clipped(target.strategy))}, by portcheck {__version__}."
    )
    return "\n".join([f"## portcheck: {_title(totals)}", "", *lines, "", where, ""])


def _title(totals: summary.Counts) -> str:
    if totals.to_change:
        return f"{count(totals.to_change, 'place')} to change"
    looks = totals.work(Work.VERIFY)
    return f"{count(looks, 'place')} to verify" if looks else "nothing to change"


def _works(report: Report, totals: summary.Counts) -> list[Section]:
    """The table of what each kind of work asks for."""
    rows = [
        row([work.value, WORK[work], *map(number, (tally.places, tally.files, tally.fixable))])
        for work, tally in summary.works(report)
    ]
    table = head(["work", "what it asks for", "places:", "files:", "fixable:"]) + "".join(rows)
    return [Section("By kind of work", table)] if rows else []


def _topics(report: Report, totals: summary.Counts) -> list[Section]:
    """The table of what the places are about, and what they ask for."""
    by_work: dict[tuple[Category, Work], int] = {}
    for finding in report.findings:
        key = finding.category, finding.work
        by_work[key] = by_work.get(key, 0) + 1
    rows = [
        row([CATEGORY[topic.category], *(_dash(by_work.get((topic.category, work), 0)) for work in _WORKS),
             code(_clipped(topic.common))])
        for topic in summary.topics(report)
    ]  # fmt: skip
    table = head(["topic", *(f"{work.value}:" for work in _WORKS), "most often"]) + "".join(rows)
    return [Section("By topic", table)] if rows else []


def _hard(report: Report, totals: summary.Counts) -> list[Section]:
    """The tables of blockers and rewrites by name."""
    found = []
    for work, title in ((Work.BLOCKER, "Blockers"), (Work.REWRITE, "Rewrites")):
        subjects = summary.subjects(report, work)
        if subjects:
            rows = "".join(map(_subject, subjects[:_ROWS]))
            table = head(["name", "rules", "places:", "files:", "first at", "what to do"]) + rows
            found.append(Section(title, table + _more(len(subjects), "name")))
    return found


def _subject(subject: summary.Subject) -> str:
    cell = "" if subject.first.cell is None else f"cell {subject.first.cell}:"
    others = f" and {number(subject.others)} more" if subject.others else ""
    advice = [plain(_clipped(subject.message))] if subject.message else []
    advice += [f"instead: {code(_clipped(subject.replacement))}"] if subject.replacement else []
    return row(
        [
            code(_clipped(subject.name)) + others,
            ", ".join(map(plain, subject.rules)),
            number(subject.tally.places),
            number(subject.tally.files),
            code(_clipped(f"{subject.paths[0]}:{cell}{subject.first.line}")),
            "; ".join(advice) or "-",
        ]
    )


def _inventory(report: Report, totals: summary.Counts) -> list[Section]:
    """The tables of libraries, kernels and surroundings."""
    found = inventory_markdown.tables(report.inventory, _ROWS, _clipped) if report.inventory else []
    return [Section(title, table + _more(every, "row")) for title, table, every in found]


def _files(report: Report, totals: summary.Counts) -> list[Section]:
    """The table of files with most to do."""
    files = summary.top_files(report)
    rows = "".join(
        row([code(_clipped(file.path)), file.role.value, number(file.to_change), _dash(file.blockers),
             _dash(file.rewrites)])
        for file in files[:_ROWS]
    )  # fmt: skip
    table = head(["file", "role", "to change:", "blocker:", "rewrite:"]) + rows
    return [Section("Files that matter most", table + _more(len(files), "file"))] if files else []


def _plan(report: Report, totals: summary.Counts) -> list[Section]:
    """The table of packages of work, and what the days go into."""
    effort = report.effort
    if effort is None or not effort.packages:
        return []
    rows = "".join(
        row([f"{order}. {plain(_clipped(package.title))}", span(package.person_days), span(package.edits),
             _dash(package.places), _dash(package.fixable)])
        for order, package in enumerate(effort.packages[:_ROWS], 1)
    )  # fmt: skip
    table = head(["package of work", "days:", "lines:", "places:", "fixable:"]) + rows
    return [
        Section("The plan", table + "\nPerson-days rest on prices that are assumptions: `portcheck explain effort`.\n")
    ]


def _strategies(report: Report, totals: summary.Counts) -> list[Section]:
    """The table of strategies, and the one that is advised."""
    found = report.comparison
    if found is None or not any(outcome.to_change for outcome in found.outcomes):
        return []
    rows = "".join(
        row([plain(_clipped(outcome.strategy)), number(outcome.to_change),
             *(_dash(dict(outcome.by_work).get(work, 0)) for work in _WORKS),
             span(outcome.person_days)])
        for outcome in found.outcomes
    )  # fmt: skip
    table = head(["strategy", "to change:", *(f"{work.value}:" for work in _WORKS), "days:"]) + rows
    said = [*strategies.sentences(found), f"Advised: {found.advised}, as {found.reason}."]
    return [Section("By strategy", table + "".join(f"\n{plain(_clipped(sentence))}\n" for sentence in said))]


_SECTIONS: Sequence[Callable[[Report, summary.Counts], list[Section]]] = (
    _works,
    _topics,
    _hard,
    _inventory,
    _files,
    _plan,
    _strategies,
)


def _more(every: int, noun: str) -> str:
    """The sentence below a table that was cut."""
    left = every - _ROWS
    return f"\n{count(left, 'more ' + noun)} in `portcheck scan --output-format json`.\n" if left > 0 else ""


def _clipped(text: str) -> str:
    return text if len(text) <= _CLIP else f"{text[: _CLIP - 3]}..."


def _dash(value: int) -> str:
    return number(value) if value else "-"
