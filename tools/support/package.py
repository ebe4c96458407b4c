"""Python packages as files, out of a wheel or an installed folder; nothing in them is ever imported or run."""

from __future__ import annotations

import ast
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

from tools.support.errors import ShapeError


class Package:
    """The files of a wheel, or of a folder that holds installed packages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._wheel = zipfile.ZipFile(path) if path.is_file() else None

    def paths(self, folder: str, suffix: str = ".py") -> tuple[str, ...]:
        """Return the sorted paths below a folder that end in `suffix`."""
        if self._wheel is not None:
            found = [name for name in self._wheel.namelist() if name.startswith(f"{folder}/")]
        else:
            found = [str(path.relative_to(self.path)) for path in (self.path / folder).rglob(f"*{suffix}")]
        return tuple(sorted(name for name in found if name.endswith(suffix)))

    def read(self, path: str) -> str | None:
        """Return the text of a file, or None if there is no such file."""
        try:
            if self._wheel is not None:
                return self._wheel.read(path).decode("utf-8")
            return (self.path / path).read_text(encoding="utf-8")
        except (KeyError, FileNotFoundError):
            return None

    def module(self, name: str) -> Module | None:
        """Return the module of a dotted name, or None if it is not one of Python source."""
        stem = name.replace(".", "/")
        for path in (f"{stem}/__init__.py", f"{stem}.py"):
            text = self.read(path)
            if text is not None:
                return Module(name, path, parse(path, text))
        return None

    def metadata(self, field: str) -> tuple[str, ...]:
        """Return the values of a field of a wheel's metadata, in order."""
        pages = [path for path in self._wheel.namelist() if path.endswith(".dist-info/METADATA")] if self._wheel else []
        head = (self.read(pages[0]) or "").partition("\n\n")[0] if pages else ""
        return tuple(re.findall(rf"^{field}: (.+)$", head, re.MULTILINE))


class Module(NamedTuple):
    """A module's name, path in its package, and syntax tree."""

    name: str
    path: str
    tree: ast.Module

    def listed(self) -> tuple[str, ...] | None:
        """Return the names in `__all__`, or None if the module has none."""
        names: list[str] | None = None
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and _is_all(node.targets[0]):
                names = list(texts(node.value))
            elif isinstance(node, ast.AugAssign) and _is_all(node.target):
                names = [*(names or ()), *texts(node.value)]
        return None if names is None else tuple(names)


def parse(path: str, text: str) -> ast.Module:
    """Return the syntax tree of a file.

    Raises:
        ShapeError: it is not Python that this interpreter reads.
    """
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise ShapeError(path, error.lineno or 1, path, f"{error.msg}: a newer Python is needed to read it") from error


def texts(node: ast.expr) -> tuple[str, ...]:
    """Return the strings of a list, tuple or sum of those; an element that is no literal is left out."""
    if isinstance(node, ast.BinOp):
        return (*texts(node.left), *texts(node.right))
    if isinstance(node, (ast.List, ast.Tuple)):
        return tuple(item.value for item in node.elts if isinstance(item, ast.Constant) and isinstance(item.value, str))
    return ()


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__all__"
