"""The replacements that a verdict knows, each with what it is for; what stands for a part of a name is three dots."""

from __future__ import annotations

import re

from portcheck.packtypes import Verdict

_PART = re.compile(r"\{[a-z_]+\}")


def forms(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the device-agnostic form, that for an older PyTorch, and the target's own, those that are known."""
    since = f", PyTorch {verdict.agnostic_since} and newer" if verdict.agnostic_since else ""
    rows = [
        (f"For any accelerator{since}", verdict.agnostic),
        (f"Before PyTorch {verdict.agnostic_since}", verdict.agnostic_before),
        ("For this target alone", verdict.npu),
    ]
    return [(label, _PART.sub("...", text)) for label, text in rows if text]
