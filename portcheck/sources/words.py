"""The packs' interest in a form that a reader can ask quickly: is this name, string, method, variable worth a fact?"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property, lru_cache
from re import Pattern

from portcheck.needles import spellings_of
from portcheck.pack import Interest
from portcheck.patterns import AnyOf, Globs, NameIndex, fits, globs_of, literal_of, narrow
from portcheck.sources.apis import ROOT
from portcheck.sources.guards import Vocabulary
from portcheck.sources.items import shapes
from portcheck.sources.prefilter import Prefilter
from portcheck.sources.walk import Wanted

MAX_STRING = 300
"""Longer strings are prose or data; only commands and variable settings are looked for in them, up to MAX_COMMAND."""
MAX_COMMAND = 4000
MAX_REMEMBERED = 40
MAX_ANSWERS = 50_000
"""How long and how many the strings are for which answers are remembered, a few megabytes in all."""

_BETWEEN = re.compile(r"[\[\], |]+")
"""What stands between the names of an annotation."""
_TENSORS = ROOT.encode()
_SETTING = re.compile(r"(?:^|[\s;&'\"]|--env[= ]|-e )(\w+)=")
_TOOLS = frozenset({"getattr", "importlib", "functools", "os", "subprocess", "ctypes"})


class Words:
    """Lookups over one `Interest`."""

    def __init__(self, interest: Interest) -> None:
        """Compile the patterns once; `interest` comes from the packs."""
        self.interest = interest
        self.names = NameIndex(interest.names, interest.prefixes)
        self._prefixes = frozenset(interest.prefixes)
        self.prefilter = Prefilter(interest.needles)
        self.methods = interest.methods | interest.indexes
        self.keywords = interest.keywords
        self.moves = interest.indexes.union(interest.devices)
        asked = {spelling: device for device in interest.branches for spelling in spellings_of(device)}
        self.vocabulary = Vocabulary(interest.devices, asked)
        self._defines = Globs(pattern for pattern in interest.defines if literal_of(pattern))
        every = [*interest.names, *interest.prefixes]
        self.roots = frozenset(name.split(".", 1)[0] for name in every) | _TOOLS
        self.tails = frozenset(name.rsplit(".", 1)[-1] for name in every)
        self._integers = [re.compile(_numbered(name).encode()) for name in sorted(interest.indexes)]
        self._items = tuple(shapes(interest))
        self._answers: dict[str, bool] = {}
        self._defined: dict[str, bool] = {}
        self._parts: dict[str, str] = {}
        self._exact = interest.strings
        called = frozenset(name.rpartition(".")[2] for name in interest.indexes)
        calls = called | interest.inside | {"import_module", "__import__"}
        numbered = frozenset(name[:-1] for name in interest.indexes if name.endswith("="))
        self.wanted = Wanted(self.methods, calls, interest.keywords, self.wants, numbered)
        self._spelling = AnyOf(map(literal_of, interest.import_globs))
        spelt = {literal_of(glob) for glob in (*interest.string_globs, *interest.env_globs)}
        self._hint = AnyOf(spelt | interest.env | interest.commands)

    @cached_property
    def _images(self) -> Globs:
        return globs_of(narrow(dict(self.interest.others).get("image", ())))

    @cached_property
    def _command(self) -> Pattern[str]:
        return _commands(self.interest.commands)

    def _is_variable(self, value: str) -> bool:
        return value in self.interest.env or (self.hints(value) and fits(self.interest.env_globs, value))

    def wants(self, value: str) -> bool:
        """Whether a string constant is worth a note; answers for short ones are remembered, as they come again."""
        if len(value) > MAX_REMEMBERED:
            return self._wants(value)
        known = self._answers.get(value)
        if known is None:
            known = self._wants(value)
            if len(self._answers) < MAX_ANSWERS:
                self._answers[value] = known
        return known

    def hints(self, text: str) -> bool:
        """Whether a text holds a part of a pattern of strings, a variable or a command, and may thus name one."""
        return self._hint.stands_in(text)

    def _wants(self, value: str) -> bool:
        if value in self._exact or self.named(value):
            return True
        if "[" in value and "." in value and self.annotated(value):
            return True
        if ":" in value and "/" in value and self._images.match(value):
            return True
        if not self.hints(value):
            return False
        size = len(value)
        if size <= MAX_STRING and (fits(self.interest.string_globs, value) or self._is_variable(value)):
            return True
        if size > MAX_COMMAND:
            return False
        return bool(self._command.search(value) or self.settings(value))

    def beyond(self, name: str) -> int | None:
        """How many of the last components of a name lie below a known one; None when no part of the name is known.

        `torch.version.cuda.split` is a use of `torch.version.cuda`. A name below a prefix is known as a whole, unless
        an exact name stands between.
        """
        if name in self.interest.names:
            return 0
        prefixes = self._prefixes
        parent, extra = name, 0
        while parent:
            if parent in prefixes:
                return _behind_own(name) if "__." in name else 0
            if parent in self.interest.names:
                return extra
            parent, extra = parent.rpartition(".")[0], extra + 1
        return None

    def defines(self, name: str, called: Collection[str]) -> bool:
        """Whether a function or class is worth a fact: by its name, or by two telling calls inside it."""
        if len(called) > 1:
            return True
        known = self._defined.get(name)
        if known is None:
            known = self._defines.match(name)
            if len(name) <= MAX_REMEMBERED and len(self._defined) < MAX_ANSWERS:
                self._defined[name] = known
        return known

    def unnamed(self, data: bytes) -> bool:
        """Whether a source file may hold what no word tells: a call or keyword with an integer device, a part of a
        tensor that is taken by a mask or put."""
        if any(pattern.search(data) for pattern in self._integers):
            return True
        return _TENSORS in data and any(pattern.search(data) for pattern in self._items)

    def is_string(self, value: str) -> bool:
        """Whether a matcher for strings may match the value."""
        if value in self._exact:
            return True
        # One search leaves out most words before each glob is tried.
        return len(value) <= MAX_STRING and self.hints(value) and fits(self.interest.string_globs, value)

    def is_env(self, value: str) -> bool:
        """Whether the value is the name of a variable that the packs know."""
        return len(value) <= MAX_STRING and value.isidentifier() and self._is_variable(value)

    def compiled_part(self, name: str) -> str:
        """The shortest leading part of a dotted name that looks like a compiled module by the globs, or nothing."""
        known = self._parts.get(name)
        if known is None:
            known = self._compiled_part(name)
            if len(name) <= MAX_REMEMBERED and len(self._parts) < MAX_ANSWERS:
                self._parts[name] = known
        return known

    def _compiled_part(self, name: str) -> str:
        if not self._spelling.stands_in(name):
            return ""
        parts = name.split(".")
        leads = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
        return next((lead for lead in leads if fits(self.interest.import_globs, lead)), "")

    def named(self, value: str) -> str:
        """The known name that a dotted text ends with (`package.module.torch.cuda.Stream`), or nothing.

        One that is known as a whole comes before what lies below a known one: a module may be called as a library is.
        """
        below = ""
        while "." in value:
            root, _, rest = value.partition(".")
            if root in self.roots and self.names.match(value):
                if value in self.interest.names:
                    return value
                below = below or value
            value = rest
        return below

    def annotated(self, value: str) -> list[str]:
        """The known names in a quoted annotation, such as `Optional[torch.cuda.Stream]`."""
        parts = _BETWEEN.split(value) if len(value) <= MAX_STRING else ()
        return [part for part in parts if "." in part and self.named(part) == part]

    def programs(self, value: str) -> list[str]:
        """The known programs that a command line starts, by base name."""
        found = (match.group("name") for match in self._command.finditer(value[:MAX_COMMAND]))
        return list(dict.fromkeys(found))

    def starts_program(self, value: str) -> bool:
        """Whether a text begins as a command line does that starts a known program with options."""
        found = self._command.match(value)
        return found is not None and value.startswith(" -", found.end())

    def starts_setting(self, value: str) -> bool:
        """Whether a text begins with a known variable that is set (`NAME=value program`)."""
        found = _SETTING.match(value)
        return found is not None and self.is_env(found.group(1))

    def settings(self, value: str) -> list[str]:
        """The known variables that a command line sets (`NAME=value program`)."""
        found = _SETTING.findall(value[:MAX_COMMAND]) if "=" in value else ()
        return list(filter(self.is_env, dict.fromkeys(found)))


def _behind_own(name: str) -> int:
    """How many components stand behind what each module has, such as `__version__`: a text has them, or a table."""
    parts = name.split(".")
    own = next((at for at, part in enumerate(parts) if part.startswith("__") and part.endswith("__")), len(parts) - 1)
    return len(parts) - 1 - own


def _numbered(name: str) -> str:
    """What a call of that name with a number looks like, or a keyword (`device=`) with one, alone or in brackets."""
    if not name.endswith("="):
        return rf"{re.escape(name.rpartition('.')[2])}\s*\(\s*[0-9]"
    # What stands before is asked last: a search for an expression that begins with letters is many times quicker.
    word = re.escape(name[:-1])
    return rf"{word}(?<!\w{word})\s*=\s*(?:[\[({{][^\])}}]{{0,200}}?)?\b[0-9]"


def _either(words: frozenset[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))


def _commands(commands: frozenset[str]) -> Pattern[str]:
    """A program at the start of a command: at the beginning, after a path, or after `;`, `|`, `&&`, `(` or `sudo`."""
    if not commands:
        return re.compile(r"(?!)")
    return re.compile(
        rf"(?:^|[/\\]|[;|&(`]\s*|\bsudo\s+|\w=\S*\s+)(?P<name>{_either(commands)})(?:\.exe)?(?=$|[\s;|&)`])"
    )


@lru_cache(maxsize=4)
def words_for(interest: Interest) -> Words:
    """The lookups for an interest, made once a process."""
    return Words(interest)
