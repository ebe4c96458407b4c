"""The replacements that a verdict knows, each with what it is for."""

from __future__ import annotations

from portcheck.packtypes import TargetPack, Verdict
from portcheck.wording import sketched


def forms(verdict: Verdict, target: TargetPack) -> list[tuple[str, str]]:
    """Return the device-agnostic form, that for an older PyTorch, and the target's own, those that are known."""
    since = f", PyTorch {verdict.agnostic_since} and newer" if verdict.agnostic_since else ""
    rows = [
        (f"For any accelerator{since}", verdict.agnostic),
        (f"Before PyTorch {verdict.agnostic_since}", verdict.agnostic_before),
        ("For this target alone", verdict.npu),
    ]
    return [(label, sketched(text, target)) for label, text in rows if text]
