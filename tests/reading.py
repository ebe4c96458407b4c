"""Readers that stand in for the real ones, importable by worker processes, and the sources they are given."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from portcheck.model import Fact, FactKind, FileFacts, Import, Kind, Role, Source, Span
from portcheck.worker import Reader


def words(data: bytes, interest: object) -> FileFacts:
    """One fact a word that starts with `torch`, and whatever mischief the content asks for."""
    if b"<hang>" in data:
        time.sleep(60)
    if b"<die>" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"<fail>" in data:
        raise KeyError("a fault")
    if b"<eat>" in data:
        bytearray(1 << 40)
    text = data.decode("utf-8", "replace").split()
    facts = tuple(
        Fact(FactKind.STRING, word, Span(1, place + 1, 1, place + 2))
        for place, word in enumerate(text)
        if word.startswith("torch")
    )
    imports = (Import("torch", 0, "", "", 1),) if facts else ()
    return FileFacts(facts, data.count(b"\n"), imports=imports)


def reader_for(kind: Kind) -> Reader | None:
    """`words` for Python, nothing for any other kind."""
    return words if kind is Kind.PYTHON else None


def never(kind: Kind) -> Reader:
    """A reader that must not be asked."""
    return refuse


def closer(kind: Kind) -> Reader:
    """A reader that takes the plain for what it is worth."""
    return lambda data, interest: words(data.replace(b"plain", b"torch.plain"), interest)


def refuse(data: bytes, interest: object) -> FileFacts:
    """Fail, because a remembered file was read."""
    raise AssertionError("this file was read")


def write(root: Path, files: dict[str, str]) -> list[Source]:
    """Write `files` below `root` and describe them as the walk would: sorted by path."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [Source(name, Kind.PYTHON, Role.SOURCE, (root / name).stat().st_size) for name in sorted(files)]
