"""Small repositories that are fixed, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

from portcheck.config import Config
from portcheck.fix.run import Fixes, write
from portcheck.repair import fix

CACHELESS = Config(cache=False, jobs=1)


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def repair(folder: Path, strategy: str = "agnostic", unsafe: bool = True, select: tuple[str, ...] = ()) -> Fixes:
    found = fix([folder], CACHELESS._replace(strategy=strategy, select=select), unsafe)
    assert not write(found)
    return found


def after(folder: Path, text: str, strategy: str = "agnostic", unsafe: bool = True) -> str:
    repair(tree(folder, {"train.py": text}), strategy, unsafe)
    return (folder / "train.py").read_text(encoding="utf-8")
