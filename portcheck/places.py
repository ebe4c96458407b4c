"""Patterns that name places in a tree, as in a `.gitignore`, to be asked about one path after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from portcheck import gitignore


class Places:
    """The files that patterns match, or that lie in folders which they match; `!` before a pattern takes some out."""

    def __init__(self, patterns: Sequence[str], prefix: str = "") -> None:
        """`patterns` as in an ignore file in a folder; `prefix` is the path from there to what is asked about."""
        self._rules = gitignore.parse("\n".join(patterns))
        self.can_hold = bool(self._rules.lines) and not any(map(gitignore.invalid, patterns))
        self._prefix = prefix
        self._folder = lru_cache(maxsize=4096)(self._holds_folder)

    def hold(self, path: str) -> bool:
        """Return whether a file is matched, or lies in a folder that is."""
        full = (self._prefix + path).lstrip("/")
        folder, _, name = full.rpartition("/")
        said = gitignore.verdict(self._rules, full, name, False)
        return self._folder(folder) if said is None else said

    def _holds_folder(self, path: str) -> bool:
        if not path:
            return False
        above, _, name = path.rpartition("/")
        said = gitignore.verdict(self._rules, path, name, True)
        return self._folder(above) if said is None else said
