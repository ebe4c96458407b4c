"""Whether shell text can hold a fact at all: by words and parts of words that the packs say it would have to hold.

What a command names stands in its words; one search of these for all that any pattern fixes is far quicker than to
take each word through every pattern.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import Pattern

from portcheck.pack import Interest
from portcheck.patterns import literal_of, narrow, shared
from portcheck.sources.words import words_for

_ANY = ("install", "add", "create", "://", "git@")
"""What the commands hold that install packages, clone repositories or fetch files, whatever the packs say of these."""
_ESCAPES = ("\\u", "\\U", "\\x", "\\/")
"""Signs in quotes that stand for other ones."""
_QUOTES = str.maketrans("", "", "\"'")


def may_hold(text: str, interest: Interest) -> bool:
    """Whether a text, or the words of a command, one a line, may hold a fact of shell text."""
    words, others = words_for(interest), _others(interest)
    if words.hints(text) or others.search(text):
        return True
    plain = text.translate(_QUOTES) if '"' in text or "'" in text else ""
    if plain and (words.hints(plain) or others.search(plain)):
        return True
    return "\\" in text and any(escape in text for escape in _ESCAPES)


@lru_cache(maxsize=4)
def _others(interest: Interest) -> Pattern[str]:
    """Finds what `Words.hints` does not, made once a process: words as they are, and images."""
    images = map(literal_of, narrow(dict(interest.others).get("image", ())))
    known = words_for(interest).hints
    return re.compile(shared({word for word in (*_ANY, *interest.strings, *images) if not known(word)}))
