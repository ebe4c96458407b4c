"""The number of findings of each rule, the most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from portcheck.model import Report
from portcheck.report.escape import escape


def chunks(report: Report) -> Iterator[str]:
    """Yield one line for each rule: findings, id, and the three subjects seen most often."""
    counts = Counter(finding.rule for finding in report.findings)
    subjects = Counter((finding.rule, finding.subject) for finding in report.findings)
    width = len(str(max(counts.values(), default=0)))
    for rule, places in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        ranked = sorted((-number, subject) for (owner, subject), number in subjects.items() if owner == rule)
        names = ", ".join(subject for _, subject in ranked[:3]) + (", ..." if len(ranked) > 3 else "")
        yield escape(f"{places:{width}}  {rule}  {names}") + "\n"
