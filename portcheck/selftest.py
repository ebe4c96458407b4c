"""The examples of the rule packs as tests: what must be found is found, on its line, and nothing else is.

An example's `bad` code is found by its rule on exactly the lines that end in a comment with the rule's id, its `good`
code on none, and in the code after the change (`npu`, `agnostic`) the rule finds nothing that is left to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from portcheck import listed, pack, vendor
from portcheck.link import link
from portcheck.listed import Tables
from portcheck.match import Judge
from portcheck.model import TO_DO, FileFacts, Finding, Kind, Role, Status, Target
from portcheck.packtypes import Example, Pack
from portcheck.records import NamedTuple
from portcheck.rulefile import marked_lines
from portcheck.sources import reader_for
from portcheck.support import versions

_PATH = "example.py"


class Failure(NamedTuple):
    """An example that does not hold: its rule, its name, the key of the code, and what is wrong with it."""

    rule: str
    example: str
    key: str
    problem: str


class _Tested(NamedTuple):
    """What examples are held against."""

    pack: Pack
    judge: Judge
    tables: Tables | None


def run(folder: Path | None = None, target: str = "") -> tuple[Failure, ...]:
    """Return the examples that do not hold, in the order of the files; none when all do.

    Verdicts are those of `target`, or else of the first one there is. Rules that speak of the vendor's tables are not
    tested on a target without any.

    Raises:
        PackError: a rule file is broken.
        UsageError: there is no such target.
    """
    known = pack.load(target or next(iter(pack.targets(folder)), ""), folder)
    about = known.target
    on = Target(about.name, about.default_torch, about.default_hardware, "agnostic")
    asking = {rule.id for rule in known.rules if rule.asks_tables}
    tested = _Tested(
        known, Judge(known, on), vendor.tables(known, on) if asking and versions(about.name, folder) else None
    )
    examples = (example for example in pack.examples(folder) if tested.tables or example.rule not in asking)
    return tuple(failure for example in examples for failure in _failures(example, tested))


def _failures(example: Example, tested: _Tested) -> Iterator[Failure]:
    codes = {"bad": example.bad, "good": example.good, "npu": example.npu, "agnostic": example.agnostic}
    for key, code in codes.items():
        for problem in _problems(example, key, code, tested) if code else ():
            yield Failure(example.rule, example.name, key, problem)


def _problems(example: Example, key: str, code: str, tested: _Tested) -> Iterator[str]:
    facts = _read(example.kind, code, tested.pack)
    if facts is None:
        yield f"no reader for {example.kind} files"
        return
    if facts.status is not Status.READ:
        yield facts.reason
    every = tested.judge.findings(_PATH, Role.SOURCE, facts)
    if tested.tables and facts.apis:
        every = (
            *every,
            *listed.findings(_PATH, Role.SOURCE, facts.apis, tested.tables, [found.subject for found in every]),
        )
    findings = [finding for finding in every if finding.rule == example.rule]
    if key in ("npu", "agnostic"):
        findings = [finding for finding in findings if finding.work in TO_DO]
    yield from _differences(findings, marked_lines(code, example.rule) if key == "bad" else ())


def _read(kind: str, code: str, known: Pack) -> FileFacts | None:
    """The facts of an example as a repository of one file; None when files of its kind are not read."""
    reader = reader_for(Kind(kind))
    if reader is None:
        return None
    # A lone surrogate is no valid UTF-8, and a reader's business.
    facts = reader(code.encode("utf-8", "surrogatepass"), known.interest)
    return link({_PATH: facts}).files[_PATH]


def _differences(findings: list[Finding], lines: Iterable[int]) -> Iterator[str]:
    expected = set(lines)
    found: set[int] = {finding.span.line for finding in findings}
    for line in sorted(expected - found):
        yield f"line {line}: not found"
    for finding in findings:
        if finding.span.line not in expected:
            yield f"line {finding.span.line}: found, and should not be: {finding.subject}"
