"""The types of a rule pack: rules, what they match, verdicts on one target, and what readers should look for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Callable

from portcheck.model import Category, Safety, Work
from portcheck.records import NamedTuple

MATCHERS = (
    "api",
    "method",
    "string",
    "keyword",
    "env",
    "command",
    "index",
    "import_glob",
    "dependency",
    "image",
    "setting",
    "include",
    "kernel",
    "define",
    "branch",
    "table",
)
"""The kinds of matchers, as they are written in a rule."""

HANDLED = frozenset({"redirected", "rewritten"})
"""The effects of a target's runtime shim that do the work of a place."""


class Matcher(NamedTuple):
    """One way to fall under a rule: patterns for facts of a kind, and what else must hold.

    `receiver` is the class or the text of what a method is called on, `args` the texts of which one argument must be,
    `lacks` the arguments none of which may be given, by keyword or position (`device`, `0`), or calls in a definition;
    `:host` among them leaves out what is about the memory of the machine itself alone;
    `within` are names of the function, with those around it, that the place must stand in.
    A definition must call one of the names between the bars of each of `calls`: `bmm|matmul`; `@` is the sign itself.
    """

    kind: str
    patterns: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    use: str = ""
    context: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    not_of: tuple[str, ...] = ()
    not_at: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    receiver: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


class Rule(NamedTuple):
    """What is CUDA-bound, whatever the target."""

    id: str
    name: str
    category: Category
    summary: str
    why: str
    links: tuple[str, ...]
    matchers: tuple[Matcher, ...]

    @property
    def asks_tables(self) -> bool:
        """Whether it speaks of what the vendor's tables say, which not every run asks."""
        return any(matcher.kind == "table" for matcher in self.matchers)


class Verdict(NamedTuple):
    """What a rule's places become on a target; with `names`, only those of these names.

    `agnostic` is the device-agnostic form from PyTorch `agnostic_since` on, `agnostic_before` that for older ones.
    `form` is the shape of the device-agnostic change where it is more than another name or text; `positional` are the
    names of what was given by position, `keyword` that of the argument that takes the device type, for calls.
    `agnostic_safety` is how far that change can be trusted, where it is not as the one for the target alone. For
    libraries `status` is how they stand on the target, and `runs_since` the version from which on they do. `under_shim`
    is the work that is left where the shim handles the place, for those of which that is not plain by their work;
    `refusal` tells whether the message says itself that the vendor's tables refuse the name.
    """

    rule: str
    names: tuple[str, ...]
    work: Work
    npu: str
    agnostic: str
    agnostic_since: str
    message: str
    shim: str
    safety: Safety | None
    safety_why: str
    evidence: tuple[str, ...]
    agnostic_before: str = ""
    form: str = ""
    positional: tuple[str, ...] = ()
    keyword: str = ""
    agnostic_safety: Safety | None = None
    status: str = ""
    runs_since: str = ""
    under_shim: str = ""
    refusal: str = ""


class Answers:
    """The verdicts of one target, found by rule and name."""

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        """Index verdicts, each rule's own and those on single names and modules (`package.module.*`)."""
        self._whole: dict[str, Verdict] = {}
        self._single: dict[tuple[str, str], Verdict] = {}
        for verdict in verdicts:
            if not verdict.names:
                self._whole[verdict.rule] = verdict
            self._single.update(((verdict.rule, name), verdict) for name in verdict.names)
        self._wide = frozenset(rule for rule, name in self._single if name.endswith(".*"))

    def of(self, rule: str, name: str) -> Verdict:
        """The verdict on a name under a rule: its own row, that of the nearest module above it, or the rule's."""
        found = self._single.get((rule, name))
        above = name if rule in self._wide else ""
        while found is None and above:
            found = self._single.get((rule, f"{above}.*"))
            above = above.rpartition(".")[0]
        return found or self._whole[rule]


class TargetPack(NamedTuple):
    """The target's own words, the PyTorch versions and cards it is known for, and those that are taken unasked.

    `package` is the library that brings the target to PyTorch, `general` what PyTorch calls the module of any device in
    use. `shim` is the import that patches PyTorch at run time; empty when the target has none. `hard` and `medium`
    are the marks that make kernels difficult to bring to it, after their language: `cuda.inline-ptx`. `images` are the
    container images that are published for it, each as kind, PyTorch, card and name, with blanks between. `origin` is
    the device type that code is ported from, `homes` are PyTorch's modules for that. Words in `apart` say that a file
    is for one device, unless one of `together` does not.
    """

    name: str
    title: str
    device: str
    backend: str
    module: str
    versions: tuple[str, ...]
    hardware: tuple[str, ...]
    default_torch: str
    default_hardware: str
    shim: str = ""
    package: str = ""
    hard: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    general: str = ""
    images: tuple[str, ...] = ()
    origin: str = ""
    homes: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    together: tuple[str, ...] = ()

    def image(self, kind: str, torch: str, hardware: str) -> str:
        """Return the name of the image of a kind (`toolkit`, `torch`) for a PyTorch and a card; empty for none."""
        head = f"{kind} {torch} {hardware} "
        return next((row[len(head) :] for row in self.images if row.startswith(head)), "")


class Interest(NamedTuple):
    """What readers look for, derived from the rules.

    `prefixes` stand for a name and everything below it, `others` are the patterns of matchers for files that are not
    Python, by kind. A Python file that yields a fact on its own holds all of at least one group of `needles`
    (bytes; `=` before a part marks a word of its own).
    `defines` are globs for the names of functions and classes, `inside` the names of calls in them that tell what they
    do, `branches` the device types whose tests are worth a note, `tensor_methods` the methods that only tensors have.
    The first of `devices` is the one that code is ported from.
    A settings file that yields a fact holds all words of a group under one of the `anchors`, and the anchor.
    A file of C or C++ that is read holds a word of `kernel`, none of `elsewhere` and no header that begins so.
    `variables` are a variable for CUDA, a device type and what takes the variable's place there, with spaces between.
    `puts` is what values begin with that count when they are put into a part of a tensor.
    `host` is the device type of the machine itself, if any. `marks` are what makes a port of C++ hard: where its words
    are looked for, its name and an expression for them, with spaces between.
    `digest` changes with anything else in here.
    """

    names: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    methods: frozenset[str] = frozenset()
    keywords: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    string_globs: tuple[str, ...] = ()
    env: frozenset[str] = frozenset()
    env_globs: tuple[str, ...] = ()
    commands: frozenset[str] = frozenset()
    indexes: frozenset[str] = frozenset()
    import_globs: tuple[str, ...] = ()
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()
    devices: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    inside: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    needles: tuple[tuple[bytes, ...], ...] = ()
    digest: str = ""
    tensor_methods: frozenset[str] = frozenset()
    anchors: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    kernel: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    puts: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The device type that code is ported from; empty without any."""
        return self.devices[0] if self.devices else ""

    def __hash__(self) -> int:
        """Lookups are kept by interest and asked for often, and thousands of texts take long to hash."""
        return hash(self.digest)


class Ruled(NamedTuple):
    """The rules, and the verdicts on them on one target."""

    rules: tuple[Rule, ...]
    verdicts: tuple[Verdict, ...]


class Pack:
    """Everything a run needs of the rules, for one target.

    Rules and verdicts are many, and a run that finds nothing asks for none of them: they are made when they are.
    """

    def __init__(self, target: TargetPack, interest: Interest, digest: str, ruled: Callable[[], Ruled]) -> None:
        """`ruled` makes the rules and verdicts, and is called once at most."""
        self.target = target
        self.interest = interest
        self.digest = digest
        self._make = ruled

    @cached_property
    def ruled(self) -> Ruled:
        """The rules and verdicts together."""
        return self._make()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in the order of the files."""
        return self.ruled.rules

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts on the target in the order of the files."""
        return self.ruled.verdicts


class Example(NamedTuple):
    """Code that belongs to a rule: `bad` must be found on its marked lines, `good` must not be found at all.

    `kind` is that of the file it would stand in; `npu` and `agnostic` are the code after the change.
    """

    rule: str
    name: str
    kind: str
    bad: str
    good: str
    npu: str
    agnostic: str
