"""Python source to facts: parse with `ast`, walk once, then resolve what the walk noted.

What does not parse is not dropped: the part that fails is read lexically (`sources.lexical`), the rest as usual.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator

from portcheck.model import Fact, FileFacts, Status
from portcheck.pack import Interest
from portcheck.sources.apis import ROOT, apis_in
from portcheck.sources.beside import may_hold_more, more_facts
from portcheck.sources.collect import Collector
from portcheck.sources.decode import decode
from portcheck.sources.light import SETTINGS, imports_in, only_assigns, read_light
from portcheck.sources.walk import Walk
from portcheck.sources.words import words_for


def read_python(data: bytes, interest: Interest, full: bool = False) -> FileFacts:
    """The facts of a Python file; never raises on its content.

    A file that holds no word of interest is only glanced at, unless `full` is asked for. One that does not parse is
    `partly` read, with the reason; binary data is `unreadable`.
    """
    text, note = decode(data)
    if text is None:
        return FileFacts(status=Status.UNREADABLE, reason=note)
    glance = not (full or note or may_hold_facts(data, interest))
    facts = read_light(text, count_lines(text)) if glance else read_text(text, interest)
    if ROOT in text and only_assigns(text):
        facts = facts._replace(traits=(*facts.traits, SETTINGS))
    facts = with_apis(facts, text, interest)
    if note and facts.status is Status.READ:
        return facts._replace(status=Status.PARTLY, reason=note)
    return facts


def with_apis(facts: FileFacts, text: str, interest: Interest) -> FileFacts:
    """`facts` with the names of PyTorch in the text that they were read from, if the packs ask for those."""
    if not interest.tensor_methods or ROOT not in text:
        return facts
    found = apis_in(text, facts.imports or imports_in(text), interest.tensor_methods)
    return facts._replace(apis=found) if found else facts


def read_fully(data: bytes, interest: Interest) -> FileFacts:
    """`read_python` without the glance: for files that lean on others' facts."""
    return read_python(data, interest, full=True)


def may_hold_facts(data: bytes, interest: Interest) -> bool:
    """Whether a file can yield a fact on its own: by the packs' needles, integer devices, parts of tensors,
    requirements or kernels."""
    words = words_for(interest)
    return words.prefilter.passes(data) or words.unnamed(data) or may_hold_more(data, interest)


def count_lines(text: str) -> int:
    """Lines of a text; an unfinished last line counts."""
    return text.count("\n") + (not text.endswith("\n") and bool(text))


MAX_TOIL = 300_000_000_000
"""Characters times words of a line that are left to the parser, which looks at the line anew for each; some seconds."""
_WORD = re.compile(r"\w\W")


def _toilsome(text: str) -> bool:
    """Whether a line is so long, and holds so many words, that the parser would not come to an end in time."""
    return any(
        len(line) * sum(1 for _ in _WORD.finditer(line)) > MAX_TOIL
        for line in (text.split("\n") if len(text) ** 2 > MAX_TOIL else ())
        if len(line) ** 2 > MAX_TOIL
    )


def parse(text: str) -> ast.Module:
    """The syntax tree.

    Raises:
        SyntaxError: the text is no Python of the running interpreter, is nested too deeply for it, or has a line that
            is too long.
    """
    if _toilsome(text):
        raise SyntaxError("a line too long for the parser")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (RecursionError, MemoryError) as error:
        raise SyntaxError("too large, or nested too deeply, for the parser") from error
    except ValueError as error:
        raise SyntaxError(str(error)) from error
    if sys.version_info < (3, 10):
        from portcheck.sources.aliased import place_aliases

        place_aliases(tree, text)
    return tree


def read_text(text: str, interest: Interest) -> FileFacts:
    """The facts of Python text, such as a file's or the joined code cells of a notebook."""
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    try:
        tree = parse(text)
    except SyntaxError as error:
        return _read_broken(text, interest, _reason(error))
    return _read_tree(tree, text, interest)


def _read_tree(tree: ast.Module, text: str, interest: Interest) -> FileFacts:
    words = words_for(interest)
    walk = Walk(words.vocabulary, text, words.wanted)
    more = (*more_facts(tree, text, interest), *_handed(tree, text, interest))
    walk.run(tree)
    found = Collector(walk, words, text).facts()._replace(lines=count_lines(text))
    walk.forget()
    return found._replace(facts=_in_order(found.facts, more)) if more else found


def _handed(tree: ast.Module, text: str, interest: Interest) -> Iterator[Fact]:
    """The facts of the code that a module hands to other Pythons, in strings."""
    if not (('"-c"' in text or "'-c'" in text) and ("executable" in text or "python" in text)):
        return
    # Few files need this.
    from portcheck.sources.handed import Text, handed_codes
    from portcheck.sources.within import placed

    home = Text(text)
    for code in handed_codes(tree, home):
        if words_for(interest).prefilter.passes(code.text.encode("utf-8", "surrogatepass")):
            yield from placed(read_text(code.text, interest).facts, code, home.span)


def _read_broken(text: str, interest: Interest, reason: str) -> FileFacts:
    """The facts of text that does not parse: by its words where it fails, the rest as usual."""
    # Few files need this, and it is slow to import.
    from portcheck.sources.lexical import blank_broken, read_lexically

    words = words_for(interest)
    repaired, broken = blank_broken(text, parse)
    if repaired is None:
        found = read_lexically(text, words)._replace(lines=count_lines(text))
    else:
        found = _read_tree(parse(repaired), text, interest)
        found = found._replace(facts=_in_order(found.facts, read_lexically(text, words, broken).facts))
    return found._replace(status=Status.PARTLY, reason=reason)


def _in_order(facts: tuple[Fact, ...], more: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return tuple(sorted({*facts, *more}, key=lambda fact: (fact.span, fact.kind.value, fact.name, fact.context)))


def _reason(error: SyntaxError) -> str:
    where = f"line {error.lineno}: " if error.lineno else ""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return f"does not parse as Python {version} ({where}{error.msg}); the rest was read, this part by its words"
