"""String literals with another value: quotes, prefix and all that the values share stay as they are."""

from __future__ import annotations

import ast
import re

_HEAD = re.compile(r"^[A-Za-z]*(\"\"\"|'''|\"|')")
_SIMPLE = re.compile(r"^[A-Za-z0-9_:.%{}\[\]/-]*$")


def with_value(source: str, old: str, new: str) -> str | None:
    """Return the source of a literal with the value `new` for `old`; None when it cannot be done in place."""
    head = _HEAD.match(source)
    if head is None:
        return None
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    at = source.find(old[:start] + before, head.end())
    if at != head.end() or (not before and not after):
        return None
    at += start
    changed = source[:at] + after + source[at + len(before) :]
    return changed if _says(changed, new) else None


def with_word(source: str, old: str, new: str) -> str | None:
    """Return the source of a plain literal with the word `new` wherever `old` stands in it as one; None if nowhere."""
    changed, count = re.subn(rf"\b{re.escape(old)}\b", new, source)
    value = _value(source)
    if value is None or not count:
        return None
    return changed if _says(changed, re.sub(rf"\b{re.escape(old)}\b", new, value)) else None


def as_expression(name: str, suffix: str, quote: str = '"') -> str | None:
    """Return an expression for the value of the variable `name` with `suffix` behind it; None for odd suffixes."""
    if not suffix:
        return name
    if not _SIMPLE.match(suffix):
        return None
    doubled = suffix.replace("{", "{{").replace("}", "}}")
    return f"f{quote}{{{name}}}{doubled}{quote}"


def quote_of(source: str) -> str:
    """Return the quotes of a literal, a double one when they are not plain."""
    head = _HEAD.match(source)
    return head.group(1) if head and len(head.group(1)) == 1 else '"'


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    pairs = zip(one, other)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _value(source: str) -> str | None:
    found = _expression(source)
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else None


def _says(source: str, value: str) -> bool:
    # The value of an f-string is only known when the code runs; what it is made of was checked in place.
    return isinstance(_expression(source), ast.JoinedStr) or _value(source) == value


def _expression(source: str) -> ast.expr | None:
    try:
        return ast.parse(f"({source})", mode="eval").body
    except SyntaxError:
        return None
