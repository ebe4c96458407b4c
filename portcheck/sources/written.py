"""What commands print into a script, or into a file that shells read when they start: shell text of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from portcheck.sources.commandline import Word, is_script

PRINTS = frozenset({"echo", "printf"})
"""Programs that print their arguments."""

_FOLDERS = ("/etc/ld.so.conf", "/etc/apt/sources.list")
"""How the files begin that tell where libraries and packages are looked for."""
_TEE = re.compile(r"[ \t]*\|[ \t]*(?:sudo[ \t]+)?tee(?:[ \t]+-\S+)*[ \t]+(\S+)")
_LINE = re.compile(r"(?:\\n)*((?:(?!\\n).)+)", re.DOTALL)
_NEAR = 8
"""Characters before a file's name in which the sign stands that sends text into it."""


def written(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield where the lines stand that a command prints into a script; `words` are its arguments and files.

    Text in quotes is taken line by line, as the program prints it; other arguments make one line.
    """
    target = target_of(text, words)
    if target is None or not is_script(target.text):
        return
    spoken = [word for word in words if word is not target and not word.text.startswith("-")]
    quoted = [word for word in spoken if text[word.start] in "\"'"]
    for word in quoted:
        for line in _LINE.finditer(text, word.start + 1, word.end - 1):
            yield line.span(1)
    if spoken and not quoted:
        yield spoken[0].start, spoken[-1].end


def searched(text: str, words: Sequence[Word]) -> bool:
    """Return whether a command prints into a list of where libraries or packages are; `words` as in `written`."""
    target = target_of(text, words)
    return target is not None and target.text.startswith(_FOLDERS)


def target_of(text: str, words: Sequence[Word]) -> Word | None:
    """Return the file that a command's output goes to: by a redirection, or through `tee`; None for none."""
    for word in words:
        if text[max(0, word.start - _NEAR) : word.start].rstrip().endswith(">"):
            return word
    piped = _TEE.match(text, words[-1].end) if words else None
    return Word(piped.group(1).strip("\"'"), *piped.span(1)) if piped else None
