"""C and C++ files to facts: CUDA headers, kernels, launches and what makes their port hard.

A kernel is a KERNEL fact `__global__ NAME` with its lines, its launches in this file and its marks. A launch is `launch
NAME`. A mark (`mark:warp-shuffle`) is noted once a file, where it is first seen, with how often and as which words. A
file with none of these may still belong to CUDA code, which is a mark, too. A file with any of these begins with the
fact `source`: what is in it, for a summary; no rule needs to know it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from portcheck.model import Fact, FactKind, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.patterns import globs_of
from portcheck.sources.cuda import Code, Kernel, Use, belongings, kernels, launches, scrub, uses
from portcheck.sources.decode import decode
from portcheck.sources.marks import marks_for

MAX_SIZE = 4 * 1024 * 1024
"""Characters of a file that are read; what is longer is generated, and partly read."""

GLOBAL = "__global__ "
LAUNCH = "launch "
MARK = "mark:"
SOURCE = "source"
"""How the names of KERNEL facts begin, and the name of the one that sums up a file."""

MAX_WORDS = 8
"""Words that a mark's fact names."""


def read_kernel(data: bytes, interest: Interest) -> FileFacts:
    """The facts of a C, C++ or CUDA file; never raises on its content.

    A file without a word of CUDA yields none. Of one with more than `MAX_SIZE` characters the first are read.
    """
    # One search for each is quicker than an expression for all.
    if not any(word in data for word in _telling(interest)):
        return FileFacts(lines=_count(data))
    text, _ = decode(data)
    if text is None:
        return FileFacts(status=Status.UNREADABLE, reason="binary data")
    found = FileFacts(cuda_facts(text[:MAX_SIZE], interest), lines=_count(data))
    if len(text) <= MAX_SIZE:
        return found
    return found._replace(status=Status.PARTLY, reason=f"only the first {MAX_SIZE:,} characters were read")


@lru_cache(maxsize=4)
def _telling(interest: Interest) -> tuple[bytes, ...]:
    """The words of which a file of any interest holds one, as they stand in it."""
    return tuple(word.encode() for word in interest.kernel)


def cuda_facts(text: str, interest: Interest) -> tuple[Fact, ...]:
    """The facts of CUDA C++ text, a file's or a string's, in order; none for code written for another device."""
    text = text.replace("\r", " ")
    code = scrub(text)
    if any(name.startswith(interest.elsewhere) for _, name in code.headers):
        return ()
    if any(word in code.text for word in interest.elsewhere):
        return ()
    headers, marks = list(_headers(code, interest)), marks_for(interest)
    defined, launched, seen = kernels(code), launches(code), list(uses(code, marks))
    facts = [*_kernels(code, defined, launched, seen), *_launches(code, launched), *_marks(code, seen)]
    facts = facts if headers or facts else list(_marks(code, list(belongings(code, marks))))
    if not (headers or facts):
        return ()
    order = sorted([*headers, *facts], key=lambda fact: (fact.span, fact.name))
    return (_summary(code, defined, launched, seen), *order)


def _count(data: bytes) -> int:
    return data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))


def _headers(code: Code, interest: Interest) -> Iterator[Fact]:
    known = globs_of(dict(interest.others).get("include", ()))
    for offset, name in code.headers:
        if known.match(name):
            yield Fact(FactKind.INCLUDE, name, code.span(offset, offset + len(name)))


def _kernels(
    code: Code, defined: tuple[Kernel, ...], launched: tuple[tuple[str, int], ...], seen: list[Use]
) -> Iterator[Fact]:
    times = Counter(name for name, _ in launched)
    marks = sorted((use.at, use.mark) for use in seen)
    at = 0
    for kernel in defined:
        while at < len(marks) and marks[at][0] < kernel.begin:
            at += 1
        own: dict[str, None] = {}
        while at < len(marks) and marks[at][0] < kernel.end:
            own[marks[at][1]] = None
            at += 1
        lines = code.line(kernel.end) - code.line(kernel.begin) + 1
        args = (("lines", str(lines)), ("launches", str(times[kernel.name])), ("marks", ",".join(own)))
        span = code.span(kernel.at, kernel.at + len(kernel.name))
        yield Fact(FactKind.KERNEL, GLOBAL + kernel.name, span, context="definition", args=args)


def _launches(code: Code, launched: tuple[tuple[str, int], ...]) -> Iterator[Fact]:
    for name, at in launched:
        span = code.span(at, code.text.find("<<<", at) + 3)
        yield Fact(FactKind.KERNEL, LAUNCH + name, span, context="launch")


def _marks(code: Code, seen: list[Use]) -> Iterator[Fact]:
    first: dict[str, Use] = {}
    words: dict[str, Counter[str]] = {}
    for use in sorted(seen, key=lambda use: use.at):
        first.setdefault(use.mark, use)
        words.setdefault(use.mark, Counter())[use.word] += 1
    for mark, use in first.items():
        shown = ",".join(word for word, _ in words[mark].most_common(MAX_WORDS))
        args = (("count", str(sum(words[mark].values()))), ("words", shown))
        span = code.span(use.at, use.at + len(use.word))
        yield Fact(FactKind.KERNEL, MARK + mark, span, context="mark", args=args)


def _summary(code: Code, defined: tuple[Kernel, ...], launched: tuple[tuple[str, int], ...], seen: list[Use]) -> Fact:
    lines = sum(1 for line in code.text.split("\n") if line.strip())
    marks = ",".join(sorted({use.mark for use in seen}))
    args = (
        ("code", str(lines)),
        ("kernels", str(len(defined))),
        ("launches", str(len(launched))),
        ("device", str(code.text.count("__device__"))),
        ("marks", marks),
    )
    return Fact(FactKind.KERNEL, SOURCE, Span(1, 1, 1, 1), context="summary", args=args)
