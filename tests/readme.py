"""The sample in the README: what `scan demo` and `check demo` print. `python -m tests.readme` writes it anew."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.commands import ROOT, portcheck

README = ROOT / "README.md"

_SAMPLE = re.compile(r"(?<=<!-- sample -->\n).*(?=<!-- end of sample -->)", re.DOTALL)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BETWEEN = 3
"""Where the prose between two blocks is when both are split off, each with its two groups."""
_SHOWN = 5
_PLACE = "Scanned"
_LAST = "\nBY TOPIC\n"


def text() -> str:
    """Return the README."""
    return README.read_text(encoding="utf-8")


def blocks(part: str, language: str) -> list[str]:
    """Return the code blocks of a language in a part of the README."""
    return [code for found, code in _BLOCK.findall(part) if found == language]


def commands() -> list[str]:
    """Return the commands of the first screen."""
    return [code.strip() for code in blocks(text(), "sh")[:2]]


def sample() -> str:
    """Return the part of the README that shows output."""
    found = _SAMPLE.search(text())
    assert found, "the README has lost the marks around its sample"
    return found.group()


def scan() -> str:
    """Return what the scan in the README's first command prints, without the folder, which is another for everybody."""
    program, *arguments = shlex.split(commands()[0].rpartition("&&")[2])
    assert Path(program).name == "portcheck"
    lines = portcheck(*arguments, "--no-cache").out.splitlines()
    assert lines[0].startswith(_PLACE)
    return "\n".join([f"{_PLACE}  .../demo", *lines[1:]]) + "\n"


def made() -> str:
    """Return what the sample should be: the head of the report, and the first lines of a check."""
    prose = _BLOCK.split(sample())[_BETWEEN]
    head = scan().partition(_LAST)[0].rstrip()
    lines = "\n".join(portcheck("check", "demo", "--no-cache").out.splitlines()[:_SHOWN])
    return f"```text\n{head}\n...\n```{prose}```text\n{lines}\n...\n```\n"


def main() -> None:
    """Write the sample anew."""
    new = made()
    README.write_bytes(_SAMPLE.sub(lambda _: new, text()).encode())


if __name__ == "__main__":
    main()
