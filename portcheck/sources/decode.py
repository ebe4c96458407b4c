"""Bytes to text, whatever the encoding: never raises, and says when it had to guess."""

from __future__ import annotations

import codecs
import re

from portcheck.records import NamedTuple

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 4096
_RARE = 30
"""One byte in so many may be NUL in what is still text."""
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class Text(NamedTuple):
    """Decoded text, and a note when the encoding was not what Python itself would accept; `text` is None for binary
    data.
    """

    text: str | None
    note: str = ""


def decode(data: bytes) -> Text:
    """The text of a source file: by byte order mark, declared encoding, UTF-8, bare UTF-16, then Latin-1."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            note = "" if encoding == "utf-8-sig" else f"{encoding.upper()} text, which Python does not run"
            return Text(data.decode(encoding, "replace"), note)
    if b"\0" in data[:_SAMPLE]:
        return _wide(data)
    declared = _declared(data)
    if declared:
        try:
            return Text(data.decode(declared))
        except (LookupError, UnicodeDecodeError):
            return Text(data.decode("latin-1"), f"declared encoding {declared!r} does not fit: read as Latin-1")
    try:
        return Text(data.decode("utf-8"))
    except UnicodeDecodeError:
        return Text(data.decode("latin-1"), "not UTF-8 and no encoding declared: read as Latin-1")


def _declared(data: bytes) -> str:
    for line in data[:_SAMPLE].split(b"\n")[:2]:
        found = _COOKIE.match(line)
        if found:
            name = found.group(1).decode("ascii")
            try:
                return "" if codecs.lookup(name).name == "utf-8" else name
            except LookupError:
                return name
    return ""


def _wide(data: bytes) -> Text:
    """UTF-16 without a mark has its NUL bytes on one side of nearly every pair; other text has few, or is binary."""
    head = data[:_SAMPLE]
    odd, even = head[1::2], head[::2]
    for zeros, letters, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros.count(0) > 0.7 * len(zeros) and letters.count(0) < 0.1 * max(1, len(letters)):
            return Text(data.decode(encoding, "replace"), f"{encoding.upper()} text, which Python does not run")
    if head.count(0) * _RARE <= len(head) and not _CONTROL.search(head):
        try:
            return Text(data.replace(b"\0", b" ").decode("utf-8"), "NUL bytes, which Python does not run")
        except UnicodeDecodeError:
            pass
    return Text(None, "binary data")
