"""Where the names of a repository's modules come from: what they import, also all that another module has."""

from __future__ import annotations

from collections.abc import Mapping

from portcheck.model import FileFacts
from portcheck.modules import Modules


class Origins:
    """Answers for the modules of one repository; what was worked out once is remembered."""

    def __init__(self, files: Mapping[str, FileFacts], modules: Modules) -> None:
        """`files` are the facts by path, `modules` finds the paths behind dotted names."""
        self.files = files
        self.modules = modules
        self._exports: dict[str, dict[str, str]] = {}
        self._defined: dict[str, frozenset[str]] = {}
        self._stars: dict[str, tuple[tuple[str, str], ...]] = {}
        self._reached: dict[str, tuple[str, ...]] = {}

    def of(self, name: str, path: str) -> str:
        """Where a module has a name from, by an import of it or of all that another module has; empty if from nowhere.

        What another module hands on is named as that module's.
        """
        origin = self._imported(path).get(name, "")
        if origin or self.defines(path, name):
            return origin
        for module, target in self._starred(path):
            if any(self._has(each, name) for each in self._reachable(target)):
                return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"
        return ""

    def defines(self, path: str, name: str) -> bool:
        """Whether a module defines a function or class of a (dotted) name."""
        if path not in self._defined:
            self._defined[path] = frozenset(definition.name for definition in self.files[path].definitions)
        return name in self._defined[path]

    def _has(self, path: str, name: str) -> bool:
        return self.defines(path, name) or bool(self._imported(path).get(name))

    def _imported(self, path: str) -> dict[str, str]:
        if path not in self._exports:
            self._exports[path] = dict(self.files[path].exports)
        return self._exports[path]

    def _starred(self, path: str) -> tuple[tuple[str, str], ...]:
        """The modules of the repository of which a module imports everything, as written and by path."""
        if path not in self._stars:
            found: dict[str, str] = {}
            for asked in self.files[path].imports:
                module = "." * asked.level + asked.module
                place = self.modules.split(module, path) if asked.name == "*" else None
                if place is not None and not place[1] and place[0] != path:
                    found.setdefault(module, place[0])
            self._stars[path] = tuple(found.items())
        return self._stars[path]

    def _reachable(self, path: str) -> tuple[str, ...]:
        """A module and all that it imports everything of, directly or through others, the nearest first."""
        if path not in self._reached:
            seen = {path: None}
            waiting = [path]
            for each in waiting:
                fresh = [target for _, target in self._starred(each) if target not in seen]
                seen.update(dict.fromkeys(fresh))
                waiting.extend(fresh)
            self._reached[path] = tuple(seen)
        return self._reached[path]
