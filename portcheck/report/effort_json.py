"""The estimate as plain values, as the JSON report holds it (`effort` in `schema.json`)."""

from __future__ import annotations

from typing import Any

from portcheck.estimate import Effort, Package


def document(effort: Effort) -> dict[str, Any]:
    """Return the estimate as dictionaries, lists, texts and numbers."""
    return {
        "verdict": effort.verdict,
        "person_days": effort.person_days._asdict(),
        "edits": effort.edits._asdict(),
        "by_work": {work: edits._asdict() for work, edits in effort.by_work},
        "packages": [_package(package) for package in effort.packages],
        "drivers": [driver._asdict() for driver in effort.drivers],
        "levers": [lever._asdict() for lever in effort.levers],
        "assumptions": list(effort.assumptions),
        "reach": effort.reach._asdict(),
        "strategies": [
            {"strategy": plan.strategy, "edits": plan.edits._asdict(), "person_days": plan.person_days._asdict()}
            for plan in effort.strategies
        ],
        "model": effort.model,
    }


def _package(package: Package) -> dict[str, Any]:
    steps = [{**step._asdict(), "person_days": step.person_days._asdict()} for step in package.steps]
    return {
        **package._asdict(),
        "person_days": package.person_days._asdict(),
        "edits": package.edits._asdict(),
        "steps": steps,
        "roots": [root._asdict() for root in package.roots],
    }
