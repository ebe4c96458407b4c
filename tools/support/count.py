"""Counts the marks on the pages a second time, by the raw cells of their tables, and shares no code with the parser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_CELLS = re.compile(r"^\|([^|\n]*)\|([^|\n]*)\|[ \t]*$", re.MULTILINE)
_FOLDER = re.compile(r"/pytorch_([0-9-]+)/[^/]+\.md$")
_COLUMNS = {"a2": "A2", "a3": "A3", "950": "950"}


def count(files: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return for each version of PyTorch how many tables there are, and how many yes and no each card has."""
    totals: dict[str, Counter[str]] = {}
    for path, text in files.items():
        folder = _FOLDER.search(path)
        if folder:
            totals.setdefault(folder.group(1).replace("-", "."), Counter()).update(_marks(text))
    return {version: dict(sorted(found.items())) for version, found in sorted(totals.items()) if found}


def _marks(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for left, right in _CELLS.findall(text):
        mark = {"✔": "yes", "&#10004;": "yes", "✘": "no", "&#10008;": "no"}.get(right.strip())
        if "硬件" in left:
            found["rows"] += 1
        elif mark:
            found.update(f"{card} {mark}" for card, word in _COLUMNS.items() if f" {word}" in left)
    return found
