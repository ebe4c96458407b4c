"""Makes text from scanned repositories safe to print: what a terminal would act on is shown instead.

A file name or a piece of code may hold escape sequences, newlines or marks that reverse the reading order. Everything
that Unicode does not call printable (controls, format and bidirectional marks, separators, lone surrogates,
unassigned code points) becomes a visible backslash escape.
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    """Return `text` on one line, with every character that is not printable written as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _visible(char) for char in text)


def cells(text: str) -> int:
    """Return how many terminal columns escaped `text` takes: wide characters count two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_cell(char) for char in text)


def _visible(char: str) -> str:
    """Return the shortest Python escape of one character."""
    short = _SHORT.get(char)
    if short:
        return short
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _cell(char: str) -> int:
    """Return the columns one printable character takes."""
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
