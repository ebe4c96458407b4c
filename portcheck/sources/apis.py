"""Which of PyTorch's names a Python file calls, how often, and where first: for what a vendor's tables say of them.

A look at the text beside its imports, not at a tree: it serves files that are otherwise only glanced at, and costs
little. Names are resolved through the imports, wherever these stand; a method counts where its name is a tensor's alone
(`Interest.tensor_methods`). Strings and comments are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from re import Match, Pattern

from portcheck.model import ApiUse, Import, Span
from portcheck.records import NamedTuple

ROOT = "torch"
TENSOR = "torch.Tensor"
MAX_NAMES = 2000
"""Names that are noted in one file; generated code may hold any number."""

_ASIDE = re.compile(
    r"\"\"\"[^\\\"]*(?:(?:\\.|\"(?!\"\"))[^\\\"]*)*\"\"\"|'''[^\\']*(?:(?:\\.|'(?!''))[^\\']*)*'''"
    r"|\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|#[^\n]*",
    re.DOTALL,
)
"""Strings and comments."""

_WINDOW = 300
"""Characters after an opening parenthesis in which a data type is looked for."""

_TYPES = (
    "float64|double|complex64|complex128|cfloat|cdouble|int64|long|int32|int|int16|int8|uint8|bool|float16|half"
    "|bfloat16|float32|float"
)
_PLAIN = {
    "double": "float64",
    "cfloat": "complex64",
    "cdouble": "complex128",
    "long": "int64",
    "int": "int32",
    "half": "float16",
    "float": "float32",
}
_CASTS = "double|long|bool|int|half|float|bfloat16|cfloat|cdouble"
_FIRST = re.compile(
    rf"\(\s*[\w.\[\]]+?(?:\.(?P<cast>{_CASTS})\(\)"
    rf"|\.(?:to|type)\(\s*torch\.(?P<to>{_TYPES})\s*\))\s*[,)]"
)
_KEYWORD = re.compile(rf"(?:[^()]|\([^()]*\))*?\bdtype\s*=\s*torch\.(?P<type>{_TYPES})\b")
_BEFORE = re.compile(rf"\.(?:(?P<cast>{_CASTS})\(\)|to\(torch\.(?P<to>{_TYPES})\))\Z")
_CALLED = re.compile(r"\.([a-z]\w*)\(")
_HEAD_SIZE = 60


class _Seen(NamedTuple):
    """How often a name was seen with a data type, and where first."""

    places: int
    start: int
    end: int


def apis_in(text: str, imports: Iterable[Import], methods: frozenset[str]) -> tuple[ApiUse, ...]:
    """Return the uses of PyTorch's names in a file, in the order of the first ones; `methods` are tensors' own."""
    listed = tuple(imports)
    origins = _origins(listed)
    if not origins:
        return ()
    code = _ASIDE.sub(_blank, text)
    seen: dict[tuple[str, str], _Seen] = {}
    for name, shown, start, end in chain(_names(code, origins), _methods(code, listed, origins, methods)):
        before = seen.get((name, shown))
        if before:
            first = (start, end) if start < before.start else (before.start, before.end)
            seen[name, shown] = _Seen(before.places + 1, *first)
        elif len(seen) < MAX_NAMES:
            seen[name, shown] = _Seen(1, start, end)
    return _placed(seen, code)


def _blank(match: Match[str]) -> str:
    """Blanks in the place of a string or comment, with its line feeds."""
    text = match.group()
    return "\n".join(" " * len(line) for line in text.split("\n")) if "\n" in text else " " * len(text)


def _names(code: str, origins: Mapping[str, str]) -> Iterator[tuple[str, str, int, int]]:
    """Names that begin with one that was imported: dotted, or called as they are."""
    for first, origin in origins.items():
        for match in _named(first).finditer(code):
            start, end = match.span()
            before = code[start - 1 : start]
            if before == "." or before == "_" or before.isalnum():
                continue
            if _is_bound(code, start, end - start == len(first)):
                continue
            name = origin + match.group()[len(first) :]
            # As an annotation, or to ask for an instance: nothing is done with it.
            if name != TENSOR or code[end : end + 1] == "(":
                yield name, _shown(code, end), start, end


def _is_bound(code: str, start: int, bare: bool) -> bool:
    """Whether a name stands there to be bound: in an import, or in a definition of another thing of that name."""
    line = code[code.rfind("\n", 0, start) + 1 : start].lstrip()
    return line.startswith(("import ", "from ")) or (bare and line.endswith(("def ", "class ")))


@lru_cache(maxsize=1024)
def _named(first: str) -> Pattern[str]:
    # The known name stands first, as that lets the search skip all else.
    return re.compile(rf"{re.escape(first)}(?:(?:\.[A-Za-z_]\w*)+|(?=\())")


def _methods(
    code: str, imports: Iterable[Import], origins: Mapping[str, str], methods: frozenset[str]
) -> Iterator[tuple[str, str, int, int]]:
    """Calls of a tensor's own methods on anything but what was imported."""
    present = methods.intersection(_CALLED.findall(code))
    if not present:
        return
    imported = {found.alias or found.name or found.module.partition(".")[0] for found in imports}
    for match in re.finditer(rf"\.({'|'.join(sorted(present, key=lambda name: (-len(name), name)))})(?=\()", code):
        start, end = match.span(1)
        head = code[max(0, start - 1 - _HEAD_SIZE) : start - 1]
        if _root(head) not in imported:
            yield f"{TENSOR}.{match.group(1)}", _shown_before(head), start, end


def _root(head: str) -> str:
    """The name that a chain of names and dots starts with; nothing where calls or indexes are in between."""
    at = len(head)
    while at and (head[at - 1].isalnum() or head[at - 1] in "_."):
        at -= 1
    return head[at:].partition(".")[0]


def _origins(imports: Iterable[Import]) -> dict[str, str]:
    """What each name that was imported from PyTorch stands for."""
    found: dict[str, str] = {}
    for module, level, name, alias, _ in imports:
        if level or (module != ROOT and not module.startswith(f"{ROOT}.")) or name == "*":
            continue
        if name:
            found[alias or name] = f"{module}.{name}"
        else:
            found[alias or ROOT] = module if alias else ROOT
    return {name: origin for name, origin in found.items() if name.isidentifier()}


def _shown(text: str, at: int) -> str:
    """The data type of the first argument or the result, as far as a call shows it: `input:float64`, `dtype:int64`."""
    if text[at : at + 1] != "(":
        return ""
    window = text[at : at + _WINDOW]
    first = _FIRST.match(window)
    if first:
        return f"input:{_plain(first.group('cast') or first.group('to'))}"
    if "dtype" not in window:
        return ""
    keyword = _KEYWORD.match(window, 1)
    return f"dtype:{_plain(keyword.group('type'))}" if keyword else ""


def _shown_before(head: str) -> str:
    cast = _BEFORE.search(head) if head.endswith(")") else None
    return f"self:{_plain(cast.group('cast') or cast.group('to'))}" if cast else ""


def _plain(name: str) -> str:
    return _PLAIN.get(name, name)


def _placed(seen: dict[tuple[str, str], _Seen], text: str) -> tuple[ApiUse, ...]:
    """Uses with lines and columns; first places come in the order of the text."""
    found: list[ApiUse] = []
    line, last = 1, 0
    for (name, shown), (places, start, end) in sorted(seen.items(), key=lambda item: item[1].start):
        line += text.count("\n", last, start)
        last = start
        column = start - text.rfind("\n", 0, start)
        found.append(ApiUse(name, shown, places, Span(line, column, line, column + end - start)))
    return tuple(found)
