"""JUnit XML, as build servers read it: a test suite for each file, a failed test case for each finding in it.

The elements and attributes are those of the schema of Jenkins' xUnit plug-in. A file with nothing to do is one test
case that passed, a file that could not be read in full one with an error, a suppressed finding a skipped one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import quoteattr

from portcheck.model import FileReport, Finding, Report, Status, Suppressed, Work
from portcheck.records import NamedTuple
from portcheck.report.escape import escape

_LOST = (Status.PARTLY, Status.UNREADABLE)


def chunks(report: Report) -> Iterator[str]:
    """Yield the document suite by suite, in the order of paths."""
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        findings[finding.path].append(finding)
    suppressed: dict[str, list[Suppressed]] = defaultdict(list)
    for each in report.suppressed:
        suppressed[each.finding.path].append(each)
    files = {file.path: file for file in report.files if file.status is not Status.SKIPPED}
    paths = sorted({*files, *findings, *suppressed})
    suites = [_Suite(path, files.get(path), findings[path], suppressed[path]) for path in paths]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    totals = {"tests": 0, "failures": 0, "errors": 0}
    for suite in suites:
        for name in totals:
            totals[name] += suite.numbers[name]
    yield f"<testsuites{_attributes(name='portcheck', **totals)}>\n"
    for suite in suites:
        yield _text_of(suite)
    yield "</testsuites>\n"


class _Suite(NamedTuple):
    """A file, what was found in it, and what is suppressed there."""

    path: str
    file: FileReport | None
    findings: Sequence[Finding]
    suppressed: Sequence[Suppressed]

    @property
    def lost(self) -> bool:
        """Whether the file could not be read in full."""
        return self.file is not None and self.file.status in _LOST

    @property
    def numbers(self) -> dict[str, int]:
        """How many test cases there are, and how many of them went wrong."""
        return {
            "tests": len(self.findings) + len(self.suppressed) + self.lost or 1,
            "failures": sum(finding.work is not Work.NONE for finding in self.findings),
            "errors": int(self.lost),
            "skipped": len(self.suppressed),
        }


def _text_of(suite: _Suite) -> str:
    path, file = suite.path, suite.file
    cases = [_case(path, finding) for finding in suite.findings]
    cases += [_skipped(path, each) for each in suite.suppressed]
    if file is not None and suite.lost:
        inner = f"<error{_attributes(type=file.status.value, message=file.reason)}/>"
        cases.append(_element(path, "read in full", inner))
    head = _attributes(name=path, **suite.numbers)
    body = "".join(cases) or _element(path, "portcheck", "")
    return f"  <testsuite{head}>\n{body}  </testsuite>\n"


def _case(path: str, finding: Finding) -> str:
    if finding.work is Work.NONE:
        return _element(path, _name(finding), "")
    attributes = _attributes(type=finding.work.value, message=finding.message)
    span = finding.span
    cell = "" if span.cell is None else f"cell {span.cell}:"
    text = escape(f"{path}:{cell}{span.line}:{span.column}: {finding.rule} {finding.message}")
    return _element(path, _name(finding), f"<failure{attributes}>{_text(text)}</failure>")


def _skipped(path: str, each: Suppressed) -> str:
    reason = f"suppressed ({each.how})" + (f": {each.reason}" if each.reason else "")
    return _element(path, _name(each.finding), f"<skipped{_attributes(message=reason)}/>")


def _name(finding: Finding) -> str:
    cell = "" if finding.span.cell is None else f"cell {finding.span.cell}:"
    return f"{finding.rule} {finding.subject} at {cell}{finding.span.line}:{finding.span.column}"


def _element(path: str, name: str, inner: str) -> str:
    head = f"    <testcase{_attributes(name=name, classname=path)}"
    return f"{head}>{inner}</testcase>\n" if inner else f"{head}/>\n"


def _attributes(**values: object) -> str:
    return "".join(f" {name}={quoteattr(escape(str(value)))}" for name, value in values.items())


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
