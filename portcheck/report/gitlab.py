"""Code quality for GitLab: the issues of the code climate format that a merge request shows.

What GitLab requires of an issue is in its `codeclimate.json`: description, fingerprint, severity, and a path with the
first line. A fingerprint is that of one issue in the whole report, and tells which ones a merge request adds.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from portcheck.model import Finding, Report, Work
from portcheck.report.escape import escape

_SEVERITY = {
    Work.BLOCKER: "blocker",
    Work.REWRITE: "critical",
    Work.CONFIG: "major",
    Work.RENAME: "minor",
    Work.VERIFY: "info",
    Work.NONE: "info",
}


def chunks(report: Report) -> Iterator[str]:
    """Yield a JSON array with one issue a line, in the report's order."""
    seen: Counter[str] = Counter()
    separator = "["
    for finding in report.findings:
        key = f"{finding.path}|{finding.fingerprint}"
        seen[key] += 1
        yield f"{separator}\n  {json.dumps(_issue(finding, f'{key}|{seen[key]}'))}"
        separator = ","
    yield "]\n" if report.findings else "[]\n"


def _issue(finding: Finding, key: str) -> dict[str, Any]:
    lines = {"begin": finding.span.line, "end": max(finding.span.line, finding.span.end_line)}
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": escape(finding.message),
        "categories": ["Compatibility"],
        "severity": _SEVERITY[finding.work],
        "fingerprint": hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
        "location": {"path": escape(finding.path), "lines": lines},
    }
