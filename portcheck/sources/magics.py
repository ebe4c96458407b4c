"""What stands in a notebook cell beside Python: magics and shell lines, made into Python that says the same.

Source of the syntax: the documentation of IPython, "Built-in magic commands" and "Differences between IPython and
Python". Lines are replaced one for one, so that line numbers stay.
"""

from __future__ import annotations

import re

from portcheck.records import NamedTuple
from portcheck.sources.python import parse

_TIMED = frozenset({"time", "timeit", "prun", "memit", "mprun", "lprun", "debug"})
"""Magics whose rest is a statement."""
_WRAPPERS = frozenset({*_TIMED, "capture"})
"""Cell magics below which Python stands."""
_SHELLS = frozenset({"bash", "sh", "script", "shell", "system", "sx", "!"})
_PROGRAM = "run"
"""The magic that runs a program in Python."""
_ENV = re.compile(r"(?:env|set_env)\s+([A-Za-z_]\w*)\s*[= ]\s*(.*)$")
_OPTIONS = re.compile(r"^(?:-\w+(?:\s+\d+)?\s+)+")
_MAGIC = re.compile(r"^(\s*)%(?!%)\s*([\w.]+)\s?(.*)$")
_ASSIGNED = re.compile(r"^(\s*)[\w., *]+=\s*(!|%)\s*(.*)$")
_SHELL = re.compile(r"^(\s*)!!?\s*(.*)$")
_BARE = re.compile(r"^(\s*)((?:pip3?|conda|mamba|uv|cat|cd|cp|ls|mkdir|mv|rm|rmdir)[ \t]+[^\s=].*)$")
"""Magics and commands that IPython also knows without a sign before them."""
_HELP = re.compile(r"^\s*\?|^[^#'\"]*\?\s*$")
_INSTALLERS = frozenset({"pip", "conda", "mamba", "uv"})


class Cell(NamedTuple):
    """A cell as Python, its shell commands by line, counted from 0, and what stood where lines were made anew."""

    lines: list[str]
    commands: dict[int, str]
    changed: dict[int, str]


def read_cell(source: str) -> Cell:
    """Return what a code cell says; a cell in another language is blank but for its shell commands."""
    lines = source.split("\n")
    cell = Cell(list(lines), {}, {})
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    start = 0
    if lines[first].lstrip().startswith("%%"):
        name, _, rest = lines[first].strip()[2:].partition(" ")
        if name in _SHELLS:
            _shell_cell(cell, first + 1)
            return cell
        start = first + 1
        cell.lines[first] = ""
        if name not in _WRAPPERS and not (name == "writefile" and rest.strip().endswith(".py")):
            cell.lines[:] = [""] * len(lines)
            return cell
    skip = -1
    for at in range(start, len(lines)):
        if at > skip:
            skip = _line(cell, at)
    _unindented(cell, lines[first][: len(lines[first]) - len(lines[first].lstrip())])
    return cell


def _unindented(cell: Cell, lead: str) -> None:
    """Take from the lines that were made anew the blanks that the cell begins with, as IPython does."""
    for at in cell.changed if lead else ():
        cell.lines[at] = cell.lines[at][len(lead) :] if cell.lines[at].startswith(lead) else cell.lines[at]


def _line(cell: Cell, at: int) -> int:
    """Replace the line at a position when it is no Python; returns the last line that went with it."""
    line = cell.lines[at]
    shell = _SHELL.match(line) or _bare(line)
    assigned = _ASSIGNED.match(line)
    if shell or (assigned and assigned.group(2) == "!"):
        found = shell or assigned
        assert found is not None
        last, command = _joined(cell, at, found.group(found.lastindex or 1))
        _run(cell, at, found.group(1), command)
        return last
    magic = _MAGIC.match(line)
    if magic:
        last, rest = _joined(cell, at, magic.group(3))
        _magic(cell, at, magic.group(1), magic.group(2), rest)
        return last
    if assigned or _HELP.match(line):
        cell.lines[at] = _nothing(line)
    return at


def _bare(line: str) -> re.Match[str] | None:
    """A command without a sign before it, which is one where it is no Python."""
    found = _BARE.match(line)
    try:
        return None if found is None or parse(found.group(2)) else found
    except SyntaxError:
        return found


def _nothing(line: str) -> str:
    """Python that does nothing in place of a line; one that is indented may be all that its block holds."""
    return f"{line[: len(line) - len(line.lstrip())]}pass" if line[:1].isspace() else ""


def _magic(cell: Cell, at: int, indent: str, name: str, rest: str) -> None:
    env = _ENV.match(f"{name} {rest}")
    whole = cell.lines[at]
    cell.lines[at] = _nothing(whole)
    if env:
        _made(cell, at, f"{indent}os.environ[{env.group(1)!r}] = {env.group(2).strip()!r}", whole)
    elif name in _TIMED:
        _made(cell, at, indent + _OPTIONS.sub("", rest), whole)
    elif name in _INSTALLERS:
        _run(cell, at, indent, f"{name} {rest}", whole)
    elif name in _SHELLS or name == _PROGRAM:
        _run(cell, at, indent, f"python {rest}" if name == _PROGRAM else rest, whole)


def _run(cell: Cell, at: int, indent: str, command: str, whole: str = "") -> None:
    """A shell command as a call that runs it, in place of a line or of what once was the whole of it."""
    cell.commands[at] = command
    _made(cell, at, f"{indent}os.system({command!r})", whole or cell.lines[at])


def _made(cell: Cell, at: int, text: str, whole: str) -> None:
    cell.lines[at] = text
    cell.changed[at] = whole


def _shell_cell(cell: Cell, start: int) -> None:
    """The lines of a cell that a shell runs."""
    cell.lines[:start] = [""] * start
    at = start
    while at < len(cell.lines):
        last, command = _continued(cell.lines, at, cell.lines[at].strip())
        cell.lines[at : last + 1] = [""] * (last - at + 1)
        if command and not command.startswith("#"):
            _run(cell, at, "", command)
        at = last + 1


def _joined(cell: Cell, at: int, text: str) -> tuple[int, str]:
    """What `_continued` returns, and blank lines in place of those that go with the first."""
    last, whole = _continued(cell.lines, at, text)
    cell.lines[at + 1 : last + 1] = [""] * (last - at)
    return last, whole


def _continued(lines: list[str], at: int, text: str) -> tuple[int, str]:
    """The last line of a command that goes on behind backslashes, and the whole of it."""
    parts: list[str] = [text]
    while parts[-1].rstrip().endswith("\\") and at + 1 < len(lines):
        parts[-1] = parts[-1].rstrip()[:-1]
        at += 1
        parts.append(lines[at].strip())
    return at, " ".join(part.strip() for part in parts)
