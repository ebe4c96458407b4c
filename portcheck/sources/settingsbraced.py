"""Terraform's language, Nix and texts of protocol buffers to settings: blocks, keys, values, and the words of lists.

Nothing is worked out: the words of an expression are values of the key that they are given to. Sources: HashiCorp's
specification of HCL's native syntax, the manual of Nix on its language, the text format of protocol buffers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portcheck.sources.setting import Setting

MAX_DEPTH = 40
"""Keys of a path that are told apart; what lies deeper counts as lying there."""

_TOKEN = re.compile(
    r"""(?P<gap>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))
    |<<[-~]?(?P<fence>[A-Za-z_]\w*)\r?\n(?P<here>.*?)(?:^[ \t]*(?P=fence)\b|\Z)
    |''(?P<text>(?:''['$\\]|(?!'').)*)(?:''|\Z)
    |"(?P<string>(?:\\.|\$\{(?:[^{}"]|"[^"\n]*")*\}|[^"\\\n])*)"
    |(?P<word>[A-Za-z_0-9.+-](?:[\w.+-]|/(?=\w))*)
    |(?P<sign>==|!=|>=|<=|=>|[={}\[\]();:,?\n])
    |.""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_PAIRS = {"{": "}", "[": "]", "(": ")"}
_SCOPE = "with"
"""The word of Nix whose semicolon ends no value: `packages = with pkgs; [ ... ]`."""
_VALUES = ("here", "text", "string", "word")
_TERRAFORM = re.compile(
    r"^(?:resource|variable|module|provider|terraform|locals|output|data|source|build|job)\b"
    r"(?:[ \t]+\"[^\"\n]+\")*[ \t]*\{"
    r"|^[\w.\"-]+[ \t]*=[ \t]*(?:\[\s*)?\{[ \t]*$"
    r"|^\w+[ \t]*(?:\[\s*)?\{[ \t]*$",
    re.MULTILINE,
)
_NIX = re.compile(r"(?:\s|#[^\n]*\n)*(?:\{(?![ \t\r\n]*\"[^\"\n]*\"[ \t]*:)|let\b|with\b|rec\b)")
_ENDED = re.compile(r";[ \t]*$", re.MULTILINE)


def is_braced(text: str) -> bool:
    """Whether a text is written in one of these languages."""
    if _TERRAFORM.search(text):
        return True
    return _NIX.match(text) is not None and _ENDED.search(text) is not None


def braced_settings(text: str) -> Iterator[Setting]:
    """The settings of a text, in order."""
    place = _Place()
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup or ""
        if kind in _VALUES:
            path = place.path()
            if path:
                yield Setting(path, token.group(kind), *token.span(kind))
            place.take(token.group(kind))
        elif kind == "sign":
            place.turn(token.group("sign"))


class _Place:
    """Where in blocks and lists a token stands, and the key that is waiting for its value."""

    def __init__(self) -> None:
        self._above: list[tuple[str, ...]] = [()]
        self._opened: list[str] = []
        self._words: list[str] = []
        self._key = ""
        self._scoped = False

    def path(self) -> tuple[str, ...]:
        """The keys that lead to a value here; none where a word is itself a key."""
        if self._key:
            return (*self._above[-1], self._key)
        return self._above[-1] if self._opened[-1:] == ["["] else ()

    def take(self, word: str) -> None:
        """Go on behind a word."""
        self._scoped = self._scoped or word == _SCOPE
        if not self._key:
            self._words.append(word)

    def turn(self, sign: str) -> None:
        """Go on behind a sign."""
        if sign in ("=", ":"):
            if self._words and not self._key:
                self._key = self._words[-1]
                self._words = []
        elif sign in _PAIRS:
            self._open(sign)
        elif sign in _PAIRS.values():
            if self._opened:
                self._above.pop()
                if self._opened.pop() != "(":
                    self._end()
        elif sign == ";" and self._scoped:
            self._scoped = False
        elif sign in (";", ",", "\n") and self._opened[-1:] != ["("]:
            self._end()

    def _open(self, sign: str) -> None:
        inner: tuple[str, ...] = ()
        if sign != "(":
            inner = (self._key,) if self._key else tuple(self._words)
            self._end()
        self._above.append((*self._above[-1], *inner)[:MAX_DEPTH])
        self._opened.append(sign)

    def _end(self) -> None:
        self._key = ""
        self._words = []
