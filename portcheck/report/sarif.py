"""SARIF 2.1.0 (OASIS), as code scanning services and editors read it.

Paths are relative to the base `%SRCROOT%` and percent-encoded, columns count code points. Every rule that a result
names is described, with help as text and as Markdown. Pure ASCII, in the report's order, one result a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from portcheck import __version__
from portcheck.gate import unread
from portcheck.model import Finding, Report, Safety, Span, Suppressed, Work
from portcheck.report import sarif_fixes, sarif_rules
from portcheck.report.escape import escape
from portcheck.report.sarif_fixes import Hunk

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
BASE = "%SRCROOT%"

_PLACEHOLDER = re.compile(r"\{\d")
_LINK = re.compile(r"\]\s*\(")
_IN_SOURCE = frozenset({"line", "file"})


def chunks(report: Report, fixes: Mapping[int, Sequence[Hunk]] | None = None) -> Iterator[str]:
    """Yield one log with one run; `fixes` are the changes known of findings, by their place among them."""
    rules = sarif_rules.rules(report)
    order = {rule["id"]: place for place, rule in enumerate(rules)}
    yield f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{{\n'
    yield f'"tool": {json.dumps(_tool(rules))},\n'
    yield f'"invocations": [{json.dumps(_invocation(report))}],\n'
    yield f'"originalUriBaseIds": {json.dumps({BASE: {"description": {"text": "Where portcheck was run."}}})},\n'
    yield '"columnKind": "unicodeCodePoints",\n"results": ['
    separator = "\n"
    for place, (finding, suppressed) in enumerate(_all(report)):
        result = {**_result(finding, order[finding.rule]), **_state(report, finding, suppressed)}
        if fixes and place in fixes:
            result["fixes"] = sarif_fixes.document_of(fixes[place], location(finding.path))
        yield separator + json.dumps(result)
        separator = ",\n"
    yield "]}]}\n"


def _all(report: Report) -> Iterator[tuple[Finding, Suppressed | None]]:
    """Every finding, those that are suppressed last."""
    yield from ((finding, None) for finding in report.findings)
    yield from ((each.finding, each) for each in report.suppressed)


def _tool(rules: list[dict[str, Any]]) -> dict[str, Any]:
    driver = {"name": "portcheck", "version": __version__, "semanticVersion": __version__, "rules": rules}
    return {"driver": driver}


def _invocation(report: Report) -> dict[str, Any]:
    """How the run went: what could not be read in full is a warning of the tool, not a result."""
    lost = [
        {
            "level": "warning",
            "message": {"text": message(reason)},
            "locations": [{"physicalLocation": {"artifactLocation": location(path)}}],
        }
        for path, reason in unread(report)
    ]
    about = {"target": report.target._asdict(), "pack": report.pack_digest}
    return {"executionSuccessful": True, "toolExecutionNotifications": lost, "properties": about}


def _result(finding: Finding, place: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": place,
        "level": sarif_rules.LEVELS[finding.work],
        "message": {"text": message(finding.message)},
        "locations": [
            {"physicalLocation": {"artifactLocation": location(finding.path), "region": region(finding.span)}}
        ],
        "partialFingerprints": {"portcheck/v1": finding.fingerprint, "primaryLocationLineHash": finding.fingerprint},
        "properties": _properties(finding),
    }
    if finding.work is Work.NONE:
        result["kind"] = "informational"
    return result


def _state(report: Report, finding: Finding, suppressed: Suppressed | None) -> dict[str, Any]:
    """Whether a result is suppressed, said of all where it is so of any, and whether it is new since the baseline."""
    state: dict[str, Any] = {}
    if report.suppressed:
        state["suppressions"] = [_suppression(suppressed)] if suppressed else []
    if report.ratchet is not None:
        is_new = (finding.path, finding.fingerprint) in report.ratchet.new
        state["baselineState"] = "new" if is_new else "unchanged"
    return state


def _properties(finding: Finding) -> dict[str, Any]:
    about: dict[str, Any] = {
        "work": finding.work.value,
        "category": finding.category.value,
        "subject": finding.subject,
        "certainty": finding.certainty.value,
        "support": finding.support.value,
        "role": finding.role.value,
    }
    if finding.replacement:
        about["replacement"] = finding.replacement
    if finding.fixable in (Safety.SAFE, Safety.UNSAFE):
        about["fixable"] = finding.fixable.value
    return about


def _suppression(suppressed: Suppressed) -> dict[str, Any]:
    kind = "inSource" if suppressed.how in _IN_SOURCE else "external"
    found = {"kind": kind, "status": "accepted"}
    return {**found, "justification": escape(suppressed.reason)} if suppressed.reason else found


def message(text: str) -> str:
    """Return a plain text message in which no viewer finds a placeholder or a link."""
    text = escape(text)
    if _PLACEHOLDER.search(text):
        text = text.replace("{", "{{").replace("}", "}}")
    return re.sub(r"([\\\[\]])", r"\\\1", text) if _LINK.search(text) else text


def location(path: str) -> dict[str, str]:
    """Return where a file is: below the base, or as an absolute address when it is not below the working folder."""
    if path.startswith("/"):
        return {"uri": f"file://{_quoted(path)}"}
    return {"uri": _quoted(path), "uriBaseId": BASE}


def region(span: Span) -> dict[str, int]:
    """Return a stretch of text; the end column is that behind its last character, as in a span."""
    found = {"startLine": span.line, "startColumn": span.column}
    if (span.end_line, span.end_column) > (span.line, span.column):
        found.update(endLine=span.end_line, endColumn=span.end_column)
    return found


def _quoted(path: str) -> str:
    """A path percent-encoded, with the bytes that stand in the file system where they are no text."""
    try:
        return quote(path, safe="/", errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(path, safe="/", errors="surrogatepass")
