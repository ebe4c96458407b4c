"""The types that travel through portcheck, frozen and picklable: facts know no rule, rules and verdicts no file."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from portcheck.records import NamedTuple

if TYPE_CHECKING:
    from portcheck.estimate import Effort, Range
    from portcheck.inventory import Inventory
    from portcheck.pragma import Pragma, Remark
    from portcheck.ratchet import Ratchet


class Kind(str, Enum):
    """What a file is, by its name or its first line."""

    PYTHON = "python"
    NOTEBOOK = "notebook"
    MANIFEST = "manifest"
    CONTAINER = "container"
    SHELL = "shell"
    SETTINGS = "settings"
    KERNEL = "kernel"
    BUILD = "build"
    OTHER = "other"


class Role(str, Enum):
    """What a file is for; it decides how much its findings weigh."""

    SOURCE = "source"
    TEST = "test"
    EXAMPLE = "example"
    BENCHMARK = "benchmark"
    DOC = "doc"
    BUILD = "build"
    VENDORED = "vendored"
    GENERATED = "generated"


class Status(str, Enum):
    """How far a file could be read."""

    READ = "read"
    PARTLY = "partly"
    UNREADABLE = "unreadable"
    SKIPPED = "skipped"


class Certainty(str, Enum):
    """How sure the reader is of what the code says."""

    EXACT = "exact"
    INFERRED = "inferred"
    TEXTUAL = "textual"


class Support(str, Enum):
    """What the vendor says of an API on a version and card."""

    SUPPORTED = "supported"
    RESTRICTED = "restricted"
    UNSUPPORTED = "unsupported"
    UNLISTED = "unlisted"


class Work(str, Enum):
    """What a person must do at a place, from nothing to no way through."""

    NONE = "none"
    VERIFY = "verify"
    RENAME = "rename"
    CONFIG = "config"
    REWRITE = "rewrite"
    BLOCKER = "blocker"


TO_DO = frozenset({Work.RENAME, Work.CONFIG, Work.REWRITE, Work.BLOCKER})
"""The kinds of work that ask for a change."""


class Category(str, Enum):
    """What a place is about, whatever the target."""

    DEVICE_API = "device-api"
    DEVICE_MOVE = "device-move"
    DEVICE_LITERAL = "device-literal"
    DEVICE_QUERY = "device-query"
    TENSOR_TYPE = "tensor-type"
    AMP = "amp"
    RNG = "rng"
    MEMORY = "memory"
    STREAM_EVENT_GRAPH = "stream-event-graph"
    PROFILER = "profiler"
    BACKEND_FLAG = "backend-flag"
    DISTRIBUTED = "distributed"
    ENV = "env"
    COMPILE = "compile"
    EXTENSION_BUILD = "extension-build"
    KERNEL = "kernel"
    LIBRARY = "library"
    OP_SUPPORT = "op-support"
    DTYPE = "dtype"
    OPTIMIZER = "optimizer"
    LAUNCHER = "launcher"
    SHELL = "shell"
    DEPENDENCY = "dependency"
    IMAGE = "image"
    SETTING = "setting"
    OTHER_FRAMEWORK = "other-framework"


class FactKind(str, Enum):
    """What sort of thing a fact is."""

    IMPORT = "import"
    CALL = "call"
    ATTRIBUTE = "attribute"
    METHOD = "method"
    STRING = "string"
    COMPARISON = "comparison"
    KEYWORD = "keyword"
    INDEX = "index"
    DTYPE = "dtype"
    DEPENDENCY = "dependency"
    ENV = "env"
    IMAGE = "image"
    COMMAND = "command"
    SETTING = "setting"
    INCLUDE = "include"
    KERNEL = "kernel"
    DEFINITION = "definition"
    BRANCH = "branch"


class Safety(str, Enum):
    """How far an automatic change can be trusted."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


LIGHT = "light"
"""The trait of a Python file that was only glanced at."""


class Span(NamedTuple):
    """A stretch of text: 1-based lines and columns in characters, the end column exclusive; cell only in notebooks."""

    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None


class Source(NamedTuple):
    """A file that was found, not yet read: POSIX path relative to the scanned root, size in bytes, last change."""

    path: str
    kind: Kind
    role: Role
    size: int
    mtime_ns: int = 0


class Skipped(NamedTuple):
    """A path that was not read, and why (one short phrase)."""

    path: str
    reason: str


class Fact(NamedTuple):
    """One thing a reader saw.

    `name` is the qualified API name, the method name, the string value, the variable, the command ..., by `kind`.
    `context` says where a string stands: argument, default, assign, compare, member, return, element, key, value, case.
    `args` are pairs: for calls the position or keyword and the literal text (see `arguments`), for strings `of` (the
    callee, or the name assigned or compared) and `at` (position or keyword), for methods `receiver` when its class is
    known. `guards` name the conditions above the fact: `available:cuda`, `device:cuda`, `beside:npu`, `optional`,
    `alone:rocm`, `has:torch.npu`, `type-checking`, `not-available:cuda`. `scope` is the dotted name of the enclosing
    function or class, empty at module level.
    """

    kind: FactKind
    name: str
    span: Span
    certainty: Certainty = Certainty.EXACT
    context: str = ""
    args: tuple[tuple[str, str], ...] = ()
    guards: tuple[str, ...] = ()
    scope: str = ""


class Import(NamedTuple):
    """An import of a module: `level` counts leading dots, `name` is empty for `import module`, `*` for a star."""

    module: str
    level: int
    name: str
    alias: str
    line: int


class Definition(NamedTuple):
    """A function or class by dotted name, with its first and last line and the names of its bases."""

    name: str
    line: int
    end_line: int
    bases: tuple[str, ...] = ()


class ApiUse(NamedTuple):
    """A name of a framework that a file calls: how often, and where first.

    `shown` is a data type that the code shows there and of what, such as `input:float64`; empty for none.
    """

    name: str
    shown: str
    places: int
    span: Span


class FileFacts(NamedTuple):
    """All that one reader says of one file's content; independent of the file's path.

    `pending` are facts whose name starts in another module and only count if the link step finds them to be CUDA-bound.
    `exports` maps a module-level name to the qualified name or the string (quoted) bound to it.
    `uses` counts calls of names from other modules, or of this module's own (with a leading dot). `apis` are the names
    of a framework in it, `pragmas` the comments that speak to portcheck.
    """

    facts: tuple[Fact, ...] = ()
    lines: int = 0
    status: Status = Status.READ
    reason: str = ""
    imports: tuple[Import, ...] = ()
    exports: tuple[tuple[str, str], ...] = ()
    definitions: tuple[Definition, ...] = ()
    uses: tuple[tuple[str, int], ...] = ()
    pending: tuple[Fact, ...] = ()
    traits: tuple[str, ...] = ()
    apis: tuple[ApiUse, ...] = ()
    pragmas: tuple[Pragma, ...] = ()


class Link(NamedTuple):
    """What the link step adds to one definition: how many calls in how many files lean on a helper that wraps CUDA."""

    name: str
    calls: int
    files: int


class Finding(NamedTuple):
    """A place, the rule it falls under and what that means on the chosen target.

    `effect` is what the runtime shim of that version does there, or empty: redirected, rewritten, disabled, restored,
    unreached; `under_shim` the work it leaves, where `work` does not tell. `agnostic` says whether the chosen PyTorch
    has a device-agnostic replacement. `module` is the compiled module that the place is about, where it is about one.
    """

    rule: str
    path: str
    span: Span
    category: Category
    subject: str
    work: Work
    certainty: Certainty
    support: Support
    message: str
    replacement: str
    shim: bool | None
    fixable: Safety | None
    evidence: tuple[str, ...]
    role: Role
    guards: tuple[str, ...] = ()
    callers: int = 0
    fingerprint: str = ""
    effect: str = ""
    agnostic: bool = False
    module: str = ""
    under_shim: Work | None = None


class Suppressed(NamedTuple):
    """A finding that is not reported because somebody said so: how (`line`, `file`, `config` or `baseline`) and why."""

    finding: Finding
    how: str
    reason: str = ""


class FileReport(NamedTuple):
    """A file of the report: what it is, how large, how many findings, how far it was read.

    `edits` are the lines to expect if a port touches the file, `chance` how probable that is; for code, once estimated.
    """

    path: str
    kind: Kind
    role: Role
    lines: int
    findings: int
    status: Status
    reason: str = ""
    edits: Range | None = None
    chance: float = 0.0


class Target(NamedTuple):
    """What the code should run on; `source` is why this version, `oldest` an older PyTorch it has to run on as well."""

    name: str
    torch: str
    hardware: str
    strategy: str
    source: str = "default"
    oldest: str = ""


class ListedApi(NamedTuple):
    """A framework's name in use, and what the vendor says of it on the chosen version and card.

    `kernel` is yes for an operator with a kernel of its own, no for what is written in Python or built of others,
    unknown otherwise. `look` says that the vendor's no is worth a look.
    """

    name: str
    support: Support
    kernel: str
    look: bool
    places: int
    files: int
    evidence: str = ""


class Outcome(NamedTuple):
    """What is left to do under one strategy: places by kind of work, lines to edit and person-days if estimated.

    `named` counts the places to change whose replacement names the target, `handled` those that the shim handles,
    `unreached` those to change that it does not, `disabled` what stops working because of it.
    """

    strategy: str
    by_work: tuple[tuple[Work, int], ...]
    named: int = 0
    handled: int = 0
    unreached: int = 0
    disabled: tuple[str, ...] = ()
    edits: Range | None = None
    person_days: Range | None = None

    @property
    def to_change(self) -> int:
        """The places that ask for a change."""
        return sum(places for work, places in self.by_work if work in TO_DO)


class Comparison(NamedTuple):
    """The strategies, which is advised and why, `auto` if left to portcheck; `ported` places have a branch already."""

    outcomes: tuple[Outcome, ...]
    advised: str
    reason: str
    auto: bool = False
    ported: int = 0


class Report(NamedTuple):
    """The answer: everything a reporter prints, in order of path and position.

    `suppressed` are not among the findings, nor in the effort; `remarks` are about how they are suppressed. `ratchet`
    says how far the port has come from a baseline, `others` name places not asked for, by path and fingerprint.
    """

    root: str
    target: Target
    pack_digest: str
    files: tuple[FileReport, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...] = ()
    links: tuple[tuple[str, Link], ...] = ()
    hidden: int = 0
    effort: Effort | None = None
    comparison: Comparison | None = None
    apis: tuple[ListedApi, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    remarks: tuple[Remark, ...] = ()
    ratchet: Ratchet | None = None
    others: tuple[tuple[str, str], ...] = ()
    inventory: Inventory | None = None
