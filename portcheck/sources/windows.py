"""Batch and PowerShell scripts, written as a shell would have them: sign for sign, so that places stay what they are.

What tells these scripts from those of a shell is how they begin and what they call variables. Of PowerShell only the
commands are kept that start programs, and the variables of the environment that are set or read: the rest is a language
of its own. No library in good care says where the words stand. Sources: Microsoft's reference of Windows commands, and
of PowerShell's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portcheck.sources.commandline import MAX_LINE

_HEAD = 4096
"""Characters of a file that tell what language it is in."""

_BATCH = re.compile(r"\s*(?:@?(?:echo[ \t]+off|rem\b|setlocal\b|chcp\b)|::|@(?:if|set|call)\b)", re.IGNORECASE)
_POWERSHELL = re.compile(
    r"\$env:\w|^(?:<#|\$\w+[ \t]*=[ \t]|[ \t]*(?:Write-(?:Host|Output)\b|\[CmdletBinding|param[ \t]*\())",
    re.IGNORECASE | re.MULTILINE,
)
_REMARK = re.compile(r"^[ \t]*(?:@?rem\b|::)[^\n]*", re.IGNORECASE | re.MULTILINE)
_BLOCK = re.compile(r"<#.*?(?:#>|\Z)", re.DOTALL)
_CALLED = re.compile(r"(?<![\w.-])@?(?:set|setx|echo|if|not|call|start)(?![\w.-])", re.IGNORECASE)
_PASSED = {"call": "    ", "start": "     ", "setx": "set "}
_SET = re.compile(r"(?<=set )([ \t]*)\"([A-Za-z_]\w*=[^\"\n]*)\"")
_SETX = re.compile(r"(?<=set )([ \t]*[A-Za-z_]\w*)[ \t](?=[^\s=])")
_READ = re.compile(r"%([A-Za-z_]\w*)%|!([A-Za-z_]\w*)!")
_PROGRAM = re.compile(r"\.exe\b", re.IGNORECASE)
_ENV = re.compile(r"\$\{?env:(\w+)\}?", re.IGNORECASE)
_GIVEN = re.compile(r"\$env:([A-Za-z_]\w*)[ \t]*=[ \t]*(\"[^\"\n]*\"|'[^'\n]*'|[^\s;]*)", re.IGNORECASE)
_STATEMENTS = (
    "param|function|filter|class|enum|using|return|throw|exit|break|continue|trap|data|if|else|elseif|for|foreach|while|do"
    "|until|switch|try|catch|finally|begin|process|end"
)
_VERBS = (
    "Add|Clear|Compress|ConvertFrom|ConvertTo|Copy|Disable|Enable|Expand|Export|ForEach|Format|Get|Import|Install|Join"
    "|Measure|Move|New|Out|Pop|Push|Read|Remove|Rename|Resolve|Select|Set|Sort|Split|Start|Stop|Test|Update|Wait|Where|Write"
)
_STARTED = re.compile(
    rf"[ \t]*(?:\$env:\w+[ \t]*=|&|(?!(?:{_STATEMENTS}|(?:{_VERBS})-\w+)\b)\.{{0,2}}[/\\]?\.?[a-z][\w./\\:-]*(?:\s|$))",
    re.IGNORECASE,
)
"""How a line of PowerShell begins that starts a program or sets a variable, and is neither a statement nor a cmdlet."""


def as_shell(text: str) -> str:
    """Return a script of Windows' as a shell script of the same length; any other text as it is."""
    head = text[:_HEAD]
    if head.startswith("#!"):
        return text
    if _BATCH.match(head):
        return _batch(text)
    return _powershell(text) if _POWERSHELL.search(head) else text


def _batch(text: str) -> str:
    text = _REMARK.sub(_blank, text).replace("\\", "/").replace("^\n", "\\\n").replace("'", " ")
    text = _CALLED.sub(_lower, text)
    text = _SETX.sub(r"\1=", _SET.sub(r"\1 \2 ", text))
    return _PROGRAM.sub(_blank, _READ.sub(lambda found: f"${found.group(1) or found.group(2)}.", text))


def _powershell(text: str) -> str:
    text = "\n".join(_started(_BLOCK.sub(_blank, text).split("\n")))
    text = text.replace("\\", "/").replace("`\n", "\\\n").replace("`", " ")
    text = _ENV.sub(lambda found: f"${found.group(1)}".ljust(len(found.group()), "."), _GIVEN.sub(_given, text))
    return _PROGRAM.sub(_blank, text)


def _started(lines: list[str]) -> Iterator[str]:
    """The lines that start programs or set variables, or go on behind a backtick; of others what they read."""
    goes_on = False
    for line in lines:
        kept = len(line) <= MAX_LINE and (goes_on or _STARTED.match(line))
        goes_on = bool(kept) and line.endswith("`")
        yield line if kept else _only_read(line)


def _only_read(line: str) -> str:
    """A line with nothing but the variables of the environment that it reads."""
    kept, at = "", 0
    for found in _ENV.finditer(line) if len(line) <= MAX_LINE else ():
        kept += " " * (found.start() - at) + found.group()
        at = found.end()
    return kept.ljust(len(line))


def _given(found: re.Match[str]) -> str:
    """A variable that is set, at its place, with the value right behind it."""
    return f"     {found.group(1)}={found.group(2)}".ljust(len(found.group()))


def _lower(found: re.Match[str]) -> str:
    word = found.group().lstrip("@").lower()
    return _PASSED.get(word, word).rjust(len(found.group()))


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found.group())
