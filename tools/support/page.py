"""Parses one page of the vendor's tables of native APIs into entries.

The shape, as the pages at Ascend/pytorch:docs/zh/api/native_api have it: a heading of level three names an API, a
quoted line in a font of its own names a member of the class above; below each a link to PyTorch's documentation,
perhaps the name on the NPU, a table of cards, perhaps limits as a sentence or a list. Anything else under a heading is
an error.
"""
# ruff: noqa: RUF001  (the pages are in Chinese, with its punctuation)

from __future__ import annotations

import re
from typing import NamedTuple

from tools.support.errors import ShapeError

CARDS: dict[str, str | None] = {
    "Atlas A2 训练系列产品": "a2",
    "Atlas A3 训练系列产品": "a3",
    "Ascend 950DT": "950",
    "Atlas 训练系列产品": None,
}
"""The pages' names of cards, and ours; None for a card that portcheck offers no verdict for."""

_MARKS = {"✔": "yes", "&#10004;": "yes", "✘": "no"}
_CLASS = "<code><i>class</i></code> "
_HEADING = re.compile(r"### (.+)")
_MEMBER = re.compile(r'> <font size="3">([^<]+)</font>')
_LINK = re.compile(r"\*\*原生文档\*\*：\[([^\]]+)\]\(([^)]+)\)\s*")
_NPU = re.compile(r"\*\*NPU 形式名称\*\*：([\w.]+)\s*")
_TITLE = re.compile(r"\*\*支持情况\*\*：\s*")
_LIMITS = re.compile(r"\*\*限制与说明\*\*：(.*)")
_ROW = re.compile(r"\| <term>([^<]+)</term> \| (\S+) \|\s*")
_HEADER = ("| 硬件 | 是否支持 |", "| ---- | :----: |")
_BULLET = re.compile(r"(?:- |\d+\. )")
_IGNORED = re.compile(r"|<div style=\"margin-left: 2em\">|</div>|>.*")


class Entry(NamedTuple):
    """One API of a page: where, what it is (class, method, function), its NPU name, cards and limits as they stand."""

    name: str
    kind: str
    line: int
    npu: str
    cards: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]


class _Draft:
    """An entry in the making."""

    def __init__(self, title: str, kind: str, line: int) -> None:
        self.title = title
        self.kind = kind
        self.line = line
        self.link = ""
        self.npu = ""
        self.cards: dict[str, str] = {}
        self.seen_table = False
        self.limits: list[str] | None = None

    def name(self) -> str:
        """The API's full name: the heading's, unless the link says more or names a method of Tensor."""
        if self.link.startswith("Tensor."):
            return f"torch.{self.link}"
        return self.title if self.title.startswith("torch.") else self.link

    def is_bare(self) -> bool:
        """Whether it is the heading of a class with nothing said of the class itself."""
        return self.kind == "class" and not (self.link or self.npu or self.cards or self.limits)


class _Reader:
    """Reads a page line by line."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.entries: list[Entry] = []
        self.draft: _Draft | None = None
        self.owner = ""
        self.line = 0
        self.in_code = False

    def fail(self, problem: str) -> ShapeError:
        heading = self.draft.title if self.draft else "(no heading)"
        return ShapeError(self.page, self.line, heading, problem)

    def feed(self, text: str) -> None:
        self.line += 1
        stripped = text.strip()
        if stripped.startswith("```"):
            self.in_code = not self.in_code
        elif not self.in_code and not self._starts(text) and self.draft is not None:
            self._continue(self.draft, stripped)

    def _starts(self, text: str) -> bool:
        """Take a line that begins an entry or a section."""
        heading, member = _HEADING.match(text), _MEMBER.match(text)
        if heading:
            self.close()
            title = heading.group(1).strip()
            self.owner = _plain(title[len(_CLASS) :] if title.startswith(_CLASS) else title)
            self.draft = _Draft(self.owner, "class" if title.startswith(_CLASS) else "function", self.line)
        elif member:
            if not self.owner:
                raise self.fail(f"a member without a class: {text!r}")
            self.close(by_member=True)
            name = re.sub(r"\(\)$", "", _plain(member.group(1).strip()))
            self.draft = _Draft(f"{self.owner}.{name}", "method", self.line)
        elif text.startswith(("# ", "## ")):
            self.close()
            self.owner = ""
        return bool(heading or member)

    def _continue(self, draft: _Draft, text: str) -> None:
        """Take a line below a heading."""
        link, npu, limits = _LINK.fullmatch(text), _NPU.fullmatch(text), _LIMITS.fullmatch(text)
        if link:
            draft.link = _plain(link.group(1)) if draft.title.startswith("torch.") else _anchor(link, draft.title)
        elif npu:
            draft.npu = npu.group(1)
        elif limits:
            draft.limits = [limits.group(1).strip()] if limits.group(1).strip() else []
        elif text.startswith("|"):
            self._table(draft, text)
        elif draft.limits is not None and not _IGNORED.fullmatch(text):
            draft.limits.append(_BULLET.sub("", text, count=1).strip())
        elif not (_TITLE.fullmatch(text) or _IGNORED.fullmatch(text)):
            raise self.fail(f"a line of an unknown shape: {text!r}")

    def _table(self, draft: _Draft, text: str) -> None:
        """Take a line of the table of cards."""
        if text in _HEADER:
            draft.seen_table = True
            return
        row = _ROW.fullmatch(text)
        if not row or not draft.seen_table:
            raise self.fail(f"a table of an unknown shape: {text!r}")
        card, mark = row.groups()
        if card not in CARDS:
            raise self.fail(f"an unknown card: {card!r}")
        if mark not in _MARKS:
            raise self.fail(f"an unknown mark: {mark!r}")
        if card in draft.cards:
            raise self.fail(f"a card twice: {card!r}")
        draft.cards[card] = _MARKS[mark]

    def close(self, by_member: bool = False) -> None:
        """End the entry that is open; a bare class heading is allowed when a member of it follows."""
        draft, self.draft = self.draft, None
        if draft is None or (by_member and draft.is_bare()):
            return
        if not draft.cards or not draft.link or not draft.name().startswith("torch"):
            raise ShapeError(self.page, draft.line, draft.title, "no table of cards, or no link that names the API")
        if draft.limits == []:
            raise ShapeError(self.page, draft.line, draft.title, "limits are announced and none follow")
        cards = [(ours, draft.cards[card]) for card, ours in CARDS.items() if ours and card in draft.cards]
        limits = tuple(draft.limits or ())
        self.entries.append(Entry(draft.name(), draft.kind, draft.line, draft.npu, tuple(cards), limits))


def parse(page: str, text: str) -> tuple[Entry, ...]:
    """Return the entries of a page in their order; `page` is its name in messages.

    Raises:
        ShapeError: the page holds something that is not in the shape above.
    """
    reader = _Reader(page)
    for line in text.splitlines():
        reader.feed(line)
    reader.close()
    if reader.in_code:
        raise reader.fail("a block of code that does not end")
    return tuple(reader.entries)


def _plain(text: str) -> str:
    """A name without the escapes of Markdown."""
    return text.replace("\\", "")


def _anchor(link: re.Match[str], title: str) -> str:
    """The full name that a link points to, when it ends in the short name of a heading."""
    target = re.sub(r"\.html$", "", re.split("[/#]", link.group(2))[-1])
    return target if target.endswith(f".{title}") else _plain(link.group(1))
