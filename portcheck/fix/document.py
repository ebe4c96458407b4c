"""A file as text, and back to bytes: encoding, byte order mark and line ends stay what they were."""

from __future__ import annotations

import codecs
import re
from collections import Counter

from portcheck.records import NamedTuple
from portcheck.sources.decode import decode

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Document(NamedTuple):
    """The text of a file without its mark, and what its bytes are made of."""

    text: str
    encoding: str
    mark: bytes
    newline: str

    def encode(self, text: str) -> bytes:
        """Return another text as the bytes of this file; raises UnicodeEncodeError for signs its encoding lacks."""
        return self.mark + text.encode(self.encoding)


def document(data: bytes) -> Document | None:
    """Return the document that the bytes hold; None for binary data and where the encoding is a guess."""
    found = decode(data)
    if found.text is None or found.note:
        return None
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    made = Document(found.text, "utf-8", mark, _newline(found.text))
    for encoding in ("utf-8", _declared(found.text)):
        made = made._replace(encoding=encoding)
        try:
            if made.encode(found.text) == data:
                return made
        except (UnicodeEncodeError, LookupError):
            continue
    return None


def _newline(text: str) -> str:
    """The line end that most lines have."""
    if "\r" not in text:
        return "\n"
    ends = Counter(_LINE_END.findall(text)).most_common(1)
    return ends[0][0] if ends else "\n"


def _declared(text: str) -> str:
    for line in text.split("\n", 2)[:2]:
        found = _COOKIE.match(line)
        if found:
            return found.group(1)
    return "utf-8"
