"""Finds the files of a repository behind dotted module names.

Modules are found by path: the dotted name of an import is matched with the end of a file's path, the nearest file
winning when several fit.
"""

from __future__ import annotations

SOURCE_FOLDERS = frozenset({"src", "python", "lib", "source"})
"""Folders that hold importable packages without being one."""


class Modules:
    """Finds the file behind a dotted module name."""

    def __init__(self, paths: list[str]) -> None:
        """`paths` are POSIX paths relative to the root."""
        self._by_tail: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = {}
        self._found: dict[tuple[tuple[str, ...], str], str | None] = {}
        self._packages = frozenset(path.rpartition("/")[0] for path in paths if path.endswith("__init__.py"))
        self._modules = frozenset(path.rpartition(".")[0] for path in paths if path.endswith((".py", ".pyi")))
        self._entries = frozenset(self._with_folders())
        self._homes: dict[str, set[str]] = {}
        for entry in self._entries:
            folder, _, root = entry.rpartition("/")
            self._homes.setdefault(root, set()).add(folder)
        self._local: dict[tuple[str, str, str, bool], bool] = {}
        for path in paths:
            if path.endswith((".py", ".pyi")):
                parts = tuple(path[: path.rindex(".")].split("/"))
                if parts[-1] == "__init__":
                    parts = parts[:-1]
                for cut in range(len(parts)):
                    self._by_tail.setdefault(parts[cut:], []).append((path, parts))

    def _with_folders(self) -> set[str]:
        """The modules, and every folder above one."""
        entries: set[str] = set()
        for module in self._modules:
            while module and module not in entries:
                entries.add(module)
                module = module.rpartition("/")[0]
        return entries

    def find(self, parts: tuple[str, ...], near: str) -> str | None:
        """The file of the module with these name parts as imported from the file `near`; None when there is none."""
        key = (parts, near.rpartition("/")[0])
        if key not in self._found:
            self._found[key] = self._nearest(parts, near) if parts else None
        return self._found[key]

    def _nearest(self, parts: tuple[str, ...], near: str) -> str | None:
        fits = self._by_tail.get(parts, ())
        if len(fits) < 2:
            return fits[0][0] if fits else None
        home = near.split("/")[:-1]
        return min(fits, key=lambda fit: (-_common(fit[0].split("/"), home), len(fit[1]), fit[0]))[0]

    def is_local(self, name: str, near: str) -> bool:
        """Whether an absolute import of `name` in the file `near` means a package of the repository.

        It does when a module or package of its first part lies in a folder above the importing file or in a source
        folder, if that is no package itself; a folder without `__init__.py` counts when it also holds the second part,
        because an installed package of that name would come first. A module does not mean itself.
        """
        root, _, rest = name.partition(".")
        home, _, file = near.rpartition("/")
        itself = file.rpartition(".")[0] == root
        key = (root, rest.partition(".")[0], home, itself)
        if key not in self._local:
            folders = self._homes.get(root, set()) - ({home} if itself else set())
            self._local[key] = any(self._reaches(folder, *key[:3]) for folder in folders)
        return self._local[key]

    def _reaches(self, folder: str, root: str, second: str, home: str) -> bool:
        above = not folder or f"{home}/".startswith(f"{folder}/") or folder.rpartition("/")[2] in SOURCE_FOLDERS
        if not above or folder in self._packages:
            return False
        path = f"{folder}/{root}" if folder else root
        return path in self._modules or path in self._packages or f"{path}/{second}" in self._entries

    def distributes(self, name: str) -> bool:
        """Whether a distribution of this normalised name is, by the package it holds, that of the repository itself."""
        package = name.replace("-", "_")
        return any(f"{folder}{package}" in self._packages for folder in ("", *(f"{each}/" for each in SOURCE_FOLDERS)))

    def absolute(self, name: str, near: str) -> tuple[str, ...]:
        """The parts of a dotted name; leading dots are taken relative to the file `near`."""
        level = len(name) - len(name.lstrip("."))
        rest = tuple(part for part in name[level:].split(".") if part)
        if not level:
            return rest
        home = tuple(near.split("/")[:-1])
        return home[: len(home) - (level - 1)] + rest

    def split(self, name: str, near: str) -> tuple[str, tuple[str, ...]] | None:
        """The file that holds a dotted name, and what remains of the name inside it; None for a name of elsewhere."""
        parts = self.absolute(name, near)
        for cut in range(len(parts), 0, -1):
            path = self.find(parts[:cut], near)
            if path is not None:
                return path, parts[cut:]
        return None


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other):
        if left != right:
            break
        count += 1
    return count
