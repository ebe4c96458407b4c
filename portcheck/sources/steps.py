"""Shell text inside YAML: the steps of CI services, and the commands of containers, read as scripts are.

What a file is is told by its own keys: a service for continuous integration (`runs-on`, `before_script` ...), a cluster
(`apiVersion`, `#SBATCH`), a compose file. Expressions such as `${{ matrix.torch }}` count as variables, whose value
is not known. Sources: the references of GitHub's workflows, GitLab's CI, Kubernetes' containers and compose files, and
that of containers.dev for `devcontainer.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portcheck.kinds import kind_by_name
from portcheck.model import Certainty, Fact, Kind
from portcheck.pack import Interest
from portcheck.sources.setting import Setting

CI = "ci"
CLUSTER = "cluster"
"""The traits of files for continuous integration and of files for clusters."""

_CI = re.compile(
    rb"^[ \t]*(?:- )?(?:runs-on|before_script|after_script|resource_class|vmImage)[ \t]*:"
    rb"|^(?:runs|stages|jobs)[ \t]*:|^run[ \t]*:[ \t]*[|>]",
    re.MULTILINE,
)
_SERVED = re.compile(rb"^[ \t]*(?:- )?(?:apiVersion|containers|nodeSelector|runtimeClassName)[ \t]*:", re.MULTILINE)
_COMPOSED = re.compile(
    rb"^(?:services|commands|phases)[ \t]*:|^[ \t]+python_packages[ \t]*:|\"provisioners\"[ \t]*:"
    rb"|^[ \t]*(?:shellHook|user_data|metadata_startup_script)[ \t]*=[ \t]*(?:''|<<)",
    re.MULTILINE,
)
"""What compose files hold, jobs of CodeBuild and dstack, files of Cog and Packer, and scripts in Nix and Terraform."""
_STEPS = frozenset(
    {"run", "script", "before_script", "after_script", "bash", "pwsh", "powershell", "commands", "build-args"}
    | {"shellHook", "user_data", "metadata_startup_script", "inline"}
)
_STARTS = frozenset({"command", "args", "entrypoint"})
_LIFE = frozenset(
    {
        "initializeCommand",
        "onCreateCommand",
        "updateContentCommand",
        "postCreateCommand",
        "postStartCommand",
        "postAttachCommand",
    }
)
"""What a container for development runs: a line, the words of one, or a table of several under names of their own."""
_DEVELOPED = re.compile(rb"\"(?:%b)\"[ \t]*:" % "|".join(sorted(_LIFE)).encode())
_WINDOWS = "$env:"
"""How PowerShell names variables, of which nearly every step in it has one."""
_HIDDEN = "$_"
_EXPRESSION = re.compile(r"\$?\{\{.*?\}\}", re.DOTALL)


def traits_of(data: bytes) -> tuple[str, ...]:
    """Return what a YAML file is for, as far as its keys tell: continuous integration, or a cluster."""
    if b":" not in data or data.lstrip()[:1] in (b"{", b"["):
        return ()
    if _SERVED.search(data):
        return (CLUSTER,)
    return (CI,) if _CI.search(data) else ()


def holds_steps(data: bytes, traits: tuple[str, ...]) -> bool:
    """Return whether a file of settings may hold shell text."""
    if traits or _COMPOSED.search(data):
        return True
    return b'Command"' in data and _DEVELOPED.search(data) is not None


def is_step(key: str) -> bool:
    """Return whether the value of a key is shell text, in a file that holds some."""
    return key in _STEPS or key in _STARTS


def step_facts(settings: Iterable[Setting], text: str, interest: Interest, certainty: Certainty) -> list[Fact]:
    """Return the facts of the shell text among the settings of a file, each at its place in the file."""
    # What reads scripts takes a while to import, and most settings hold no step.
    from portcheck.sources.shell import code_facts, shell_facts, word_facts

    plain = _EXPRESSION.sub(_hidden, text).replace("\r", " ")
    found: dict[Fact, None] = {}
    starts: list[Setting] = []
    for setting in settings:
        if starts and setting.path != starts[0].path:
            found.update(dict.fromkeys(word_facts(plain, interest, _words(starts))))
            starts = []
        key = "command" if _LIFE.intersection(setting.path[-2:]) else setting.path[-1]
        kind = kind_by_name(key) if "." in key else None
        if key in _STARTS and " " not in setting.value and "\n" not in setting.value:
            starts.append(setting)
        elif kind is Kind.PYTHON:
            found.update(dict.fromkeys(code_facts(plain, interest, *_inside(setting, plain))))
        elif key in _STEPS or key in _STARTS or kind is Kind.SHELL:
            begin, end = _inside(setting, plain)
            told = _of_windows(plain, begin, end) if _WINDOWS in setting.value else plain
            found.update(dict.fromkeys(shell_facts(told, interest, begin, end)))
    if starts:
        found.update(dict.fromkeys(word_facts(plain, interest, _words(starts))))
    facts = _as_written(found, text) if plain != text else list(found)
    return [fact if certainty is Certainty.EXACT else fact._replace(certainty=certainty) for fact in facts]


def _of_windows(text: str, begin: int, end: int) -> str:
    """The text with the step between two offsets written as a shell would have it, sign for sign."""
    from portcheck.sources.windows import as_shell

    return text[:begin] + as_shell(text[begin:end]) + text[end:]


def _as_written(facts: Iterable[Fact], text: str) -> list[Fact]:
    """The facts with expressions in their names as the file has them, rather than as variables."""
    lines = text.split("\n")
    found = []
    for fact in facts:
        at = fact.span.column - 1
        written = lines[fact.span.line - 1][at : at + len(fact.name)] if _HIDDEN in fact.name else ""
        found.append(fact._replace(name=written) if _EXPRESSION.search(written) else fact)
    return found


def _hidden(found: re.Match[str]) -> str:
    """A variable as long as an expression."""
    return re.sub(r"[^\n]", "_", found.group()).replace("_", "$", 1)


def _inside(setting: Setting, text: str) -> tuple[int, int]:
    """Where the text of a step begins and ends, without its quotes or the sign of a block."""
    begin, end = setting.begin, setting.end
    if text[begin : begin + 1] in ("|", ">"):
        return min(text.find("\n", begin) + 1 or end, end), end
    if text[begin : begin + 1] in ("'", '"'):
        return begin + 1, max(end - 1, begin + 1)
    return begin, end


def _words(starts: list[Setting]) -> Iterator[tuple[str, int, int]]:
    """The words of a command that is written as a list; arguments alone begin with a word for their program."""
    first = starts[0]
    if first.path[-1] == "args":
        yield "args", first.begin, first.begin
    for setting in starts:
        margin = (setting.end - setting.begin - len(setting.value)) // 2
        yield setting.value, setting.begin + max(margin, 0), setting.end - max(margin, 0)
