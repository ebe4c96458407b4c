"""Shell scripts, those of batch schedulers and of Windows, makefiles: programs, variables, installs and options."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from portcheck.model import Certainty, Fact, FactKind, FileFacts, Span, Status
from portcheck.pack import Interest
from portcheck.sources.commandline import Word, commands
from portcheck.sources.decode import decode
from portcheck.sources.heredocs import served_facts
from portcheck.sources.inline import inline_facts, python_facts
from portcheck.sources.installs import cloned, install_facts, installed, removes
from portcheck.sources.launch import started
from portcheck.sources.named import defined, named_in
from portcheck.sources.python import count_lines
from portcheck.sources.spoken import may_hold
from portcheck.sources.words import Words, words_for
from portcheck.sources.written import PRINTS, searched, written

MAX_SIZE = 4 * 1024 * 1024
"""Bytes of a script that is read; a larger one carries data."""

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)[:?+]?=(.*)", re.DOTALL)
_INNER = re.compile(r"\$\(([^()]*)\)")
_READ = re.compile(r"\$(?:\{|\((?=\w+\)))?([A-Za-z_]\w*)")
"""A variable that is read; makefiles put it in parentheses."""
_DIRECTIVE = re.compile(r"^#(SBATCH|PBS|BSUB)[ \t]+(.*)$", re.MULTILINE)
_EXPORTS = frozenset({"export", "env", "declare", "local", "readonly", "set", "setenv", "unset", "typeset"})
_FILES = frozenset({"rm", "cp", "mv", "ln", "chmod", "chown"})
"""Programs that fail where a file is not there."""
_SAID = frozenset({"echo", "printf", "cat", "grep", "sed", "awk", "cd", "mkdir", "ls", "git", *_FILES})
"""Programs whose arguments are text or files."""
_NOTHING = ":"
"""The command that does nothing with its arguments; what they give to variables counts."""
_WORDS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!"})
"""Words of the shell's own that a command may stand behind."""
_BEFORE = frozenset({"sudo", "time", "exec", "nohup", "command", "env", "retry"})
"""Programs that run the one behind them."""
_PASSING = {
    **dict.fromkeys(
        ("docker", "podman", "nerdctl", "buildah", "singularity", "apptainer"), ("-e", "--env", "--build-arg")
    ),
    **dict.fromkeys(("mpirun", "mpiexec", "orterun", "mpirun_rsh", "horovodrun"), ("-x", "-env", "-genv")),
}
"""Programs that start or build others, and the options by which they give them variables."""
_KEPT = frozenset({"$GITHUB_ENV", "${GITHUB_ENV}", "$BASH_ENV", "${BASH_ENV}"})
"""Files of CI systems that hold the variables of later steps."""
_GIVES = frozenset({"=", ":=", "::=", "?=", "+="})
"""What stands between a makefile's variable and its value, apart from both."""
_RUNNERS = frozenset(
    """
    bash sh zsh ksh eval ssh su screen tmux sbatch srun watch xargs parallel docker podman singularity apptainer kubectl
    """.split()  # noqa: SIM905 - a list this long is read more easily as words
)
"""Programs that take a command as one quoted argument."""
_DEFAULT = re.compile(r"\$\{\w+:?[-=]([^{}]+)\}")
_OPTION = re.compile(r"(--?[A-Za-z][\w.-]*|\+{0,2}[A-Za-z_][\w.]*)=(.+)", re.DOTALL)


def read_shell(data: bytes, interest: Interest) -> FileFacts:
    """The facts of a script; never raises on its content."""
    if len(data) > MAX_SIZE:
        return FileFacts(status=Status.SKIPPED, reason=f"more than {MAX_SIZE >> 20} MiB, which is data")
    text, _ = decode(data)
    if text is None:
        return FileFacts(status=Status.UNREADABLE, reason="binary data")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.startswith("#!"):
        # Nearly every script of a shell says so, and need not wait for what tells others apart.
        from portcheck.sources.windows import as_shell

        text = as_shell(text)
    found = list(commands(text))
    return FileFacts(tuple(_facts(text, interest, found)), count_lines(text), traits=started(found))


def shell_facts(text: str, interest: Interest, begin: int = 0, end: int = -1) -> list[Fact]:
    """The facts of the shell text between two offsets of a file, in order, with their places in the file."""
    return _facts(text, interest, commands(text, begin, end), begin, end)


def word_facts(text: str, interest: Interest, words: Iterable[tuple[str, int, int]]) -> list[Fact]:
    """The facts of one command whose words, with the offsets where they stand, are known."""
    return list(_Shell(text, words_for(interest)).command([Word(*word) for word in words]))


def code_facts(text: str, interest: Interest, begin: int, end: int) -> list[Fact]:
    """The facts of the Python between two offsets of a file, with their places in the file."""
    return list(python_facts(text, (begin, end), interest, _Shell(text, words_for(interest))._span))


def _facts(text: str, interest: Interest, run: Iterable[Sequence[Word]], begin: int = 0, end: int = -1) -> list[Fact]:
    """The facts of the commands `run` of a text, and of its directives between two offsets."""
    shell = _Shell(text, words_for(interest))
    found = [fact for words in run for fact in shell.command(words)]
    stop = len(text) if end < 0 else end
    for directive in _DIRECTIVE.finditer(text, begin, stop):
        at = directive.start(2)
        (words, *_) = [*commands(text, at, directive.end()), ()]
        found.extend(shell.options(directive.group(1).lower(), words))
    found.extend(served_facts(text, interest, begin, stop, shell._span))
    return sorted(dict.fromkeys(found), key=lambda fact: (fact.span, fact.kind.value, fact.name))


def _first(texts: Sequence[str]) -> int:
    """The position of the program among the words of a command: behind variables, and behind what runs programs."""
    at, wrapped = 0, False
    while at < len(texts):
        if texts[at] in _BEFORE:
            wrapped = True
        elif not (texts[at] in _WORDS or _ASSIGNED.match(texts[at]) or (wrapped and texts[at].startswith("-"))):
            return at
        at += 1
    return at


def _split(text: str) -> tuple[str, str]:
    """The name of an option or setting, and the value behind its sign; nothing for another word."""
    found = _OPTION.fullmatch(text)
    return (found.group(1).lstrip("-+"), found.group(2)) if found else ("", "")


@lru_cache(maxsize=1)
def _starts(text: str) -> list[int]:
    """The offsets of the lines of a text, of which many steps may be read one after the other."""
    return [0, *(found.end() for found in re.finditer("\n", text))]


class _Shell:
    """The facts of commands of one text."""

    def __init__(self, text: str, words: Words) -> None:
        self._text = text
        self._starts = _starts(text)
        self._words = words
        self._own: set[str] = set()

    def command(self, words: Sequence[Word]) -> Iterator[Fact]:
        """Yield the facts of one command."""
        texts = [word.text for word in words]
        if len(texts) > 2 and any("c" in text[-1:] and text[:1] == "-" for text in texts):
            yield from inline_facts(self._text, words, self._words.interest, self._span)
        if not may_hold("\n".join(texts).replace("\\n", "\n"), self._words.interest):
            return
        first = _first(texts)
        program = texts[first].rpartition("/")[2] if first < len(texts) else ""
        within = [inner.span(1) for word in words for inner in _INNER.finditer(self._text, word.start, word.end)]
        behind = words[first + 1 :]
        within += written(self._text, behind) if program in PRINTS else ()
        for begin, end in within:
            for found in commands(self._text, begin, end):
                yield from self.command(found)
        if program == "echo" and _KEPT.intersection(texts):
            yield from self._variables(words[first + 1 :], len(words), "export")
        if first + 1 < len(words) and texts[first + 1] in _GIVES and self._words.is_env(program):
            value = " ".join(texts[first + 2 :])
            yield self._fact(FactKind.ENV, program, words[first], "assign", value=value)
        yield from self._variables(words, first if program not in _EXPORTS else len(words), program)
        if program not in _SAID:
            yield from self._defaults(words, program)
        if program == "git":
            yield from cloned([(word.text, self._span(word)) for word in words[first + 1 :]], self._words.interest)
        if program in _FILES or (program in PRINTS and searched(self._text, behind)):
            for word in behind:
                yield from self._named(word, program)
        if "." in program and self._words.is_string(program):
            yield self._fact(FactKind.STRING, program, words[first], "argument", f"$ {program}")
        if program.endswith(":") and program != _NOTHING:
            # A goal of a makefile: what stands behind it are files, or variables that hold for it.
            if behind and (behind[0].text in _EXPORTS or _ASSIGNED.match(behind[0].text)):
                yield from self.command(behind)
            return
        if program in _SAID or program == _NOTHING or removes(texts):
            return
        start = installed(texts)
        if first < len(words) and (self._text[words[first].start] in "\"'" or ":" in program):
            yield from self._named(words[first], "")  # an element of a list, rather than a program
        for word in words[first : start or None]:
            name = word.text.rpartition("/")[2]
            if name in self._words.interest.commands:
                yield self._fact(FactKind.COMMAND, name, word, "argument", program)
        if start:
            yield from install_facts([(word.text, self._span(word)) for word in words[start:]])
            yield from self.options(program, [word for word in words[start:] if word.text.startswith("-")])
            return
        yield from self.options(program, words[first + (not self._words.is_string(program)) :])
        yield from self._arguments(program, words[first + 1 :])

    def _defaults(self, words: Sequence[Word], program: str) -> Iterator[Fact]:
        """Yield what the values name that variables have where they are not set."""
        for word in words:
            for found in _DEFAULT.finditer(self._text, word.start, word.end):
                value = Word(found.group(1), *found.span(1))
                if value.text.rpartition("/")[2] in self._words.interest.commands:
                    yield self._fact(FactKind.COMMAND, value.text.rpartition("/")[2], value, "default", program)
                elif self._words.is_string(value.text):
                    yield self._fact(FactKind.STRING, value.text, value, "default", f"$ {program}")
                else:
                    yield from self._named(value, program)

    def _arguments(self, program: str, words: Sequence[Word]) -> Iterator[Fact]:
        """Yield what arguments name by themselves, and the facts of those that are commands."""
        before = ""
        for word in words:
            name = defined(word.text, before)
            behind, before = before, word.text
            if behind in _PASSING.get(program, ()):
                yield from self._variables([word], 1, "export")
            if name and self._words.is_env(name):
                yield self._definition(name, word)
            elif program in _RUNNERS and " " in word.text and self._quoted(word):
                margin = self._text[word.start] in "\"'"
                for found in commands(self._text, word.start + margin, word.end - margin):
                    yield from self.command(found)
            elif program not in _EXPORTS or not _ASSIGNED.match(word.text):
                yield from self._named(word, program)

    def _definition(self, name: str, word: Word) -> Fact:
        """The fact of a variable of CMake's that a word defines."""
        at = word.start + self._text[word.start : word.end].find(name)
        return self._fact(FactKind.ENV, name, Word(name, at, at + len(name)), "assign")

    def _quoted(self, word: Word) -> bool:
        """Whether a word stands in quotes, or between those of a list's element."""
        return self._text[word.start] in "\"'" or self._text[word.start - 1 : word.start] == '"'

    def _named(self, word: Word, program: str, value: str = "") -> Iterator[Fact]:
        """Yield what a word, or the value at its end, names by itself."""
        start = word.end - len(value) if value and self._text.endswith(value, word.start, word.end) else word.start
        for found in named_in(value or word.text, self._words.interest, "assign" if value else "argument"):
            at = max(start, self._text.find(found.fact.name, word.start, word.end))
            span = self._span(Word(found.fact.name, at, min(at + found.end - found.start, word.end)))
            said = (("of", f"$ {program}"),) if found.fact.kind is FactKind.STRING else found.fact.args
            yield found.fact._replace(span=span, args=said)

    def options(self, program: str, words: Sequence[Word]) -> Iterator[Fact]:
        """Yield the strings among the options of a program, and their values, that the packs know."""
        flag = ""
        for word, behind in zip(words, [*(word.text for word in words[1:]), ""]):
            text = word.text
            if text.rpartition("/")[2] in self._words.interest.commands or any(self._named(word, program)):
                continue
            option, value = _split(text)
            is_device = bool(option) and self._words.vocabulary.device_in(value) != ""
            if not is_device and self._words.is_string(text):
                value = behind if text.startswith("-") and not behind.startswith("-") else ""
                yield self._fact(FactKind.STRING, text, word, "argument", f"$ {program}", flag, value)
            elif option and self._words.is_string(value):
                told = Word(value, word.end - len(value), word.end)
                yield self._fact(FactKind.STRING, value, told, "argument", f"$ {program}", option)
            flag = text.lstrip("-") if text.startswith("-") and "=" not in text else ""

    def _variables(self, words: Sequence[Word], assigned: int, program: str) -> Iterator[Fact]:
        """Yield the variables that a command sets, exports or reads."""
        for at, word in enumerate(words):
            found = _ASSIGNED.match(word.text)
            name = found.group(1) if found else word.text
            if found and assigned == len(words) and program not in _EXPORTS:
                self._own.add(name)
            if at < assigned and (found or program in _EXPORTS) and self._words.is_env(name):
                value = found.group(2) if found else ""
                end = word.start + len(name)
                yield self._fact(
                    FactKind.ENV, name, Word(name, word.start, end), "assign" if found else "argument", value=value
                )
            if found and at < assigned:
                yield from self._named(word, "", found.group(2))
                yield from self._kept(word, found)
                if found.group(2) in self._words.interest.commands:
                    value = Word(found.group(2), word.start + found.start(2), word.end)
                    yield self._fact(FactKind.COMMAND, value.text, value, "assign", "$ =", name)
                if program not in _EXPORTS and "/" not in found.group(2) and self._words.is_string(found.group(2)):
                    value = Word(found.group(2), word.start + found.start(2), word.end)
                    yield self._fact(FactKind.STRING, value.text, value, "argument", "$ =", name)
            if program not in _SAID:
                for read in _READ.finditer(word.text):
                    if self._words.is_env(read.group(1)) and not self._is_own(read.group(1)):
                        yield self._fact(FactKind.ENV, read.group(1), word, "key")

    def _is_own(self, name: str) -> bool:
        """Whether the script gives a variable its value for itself, under a name that merely looks like others."""
        return name in self._own and name not in self._words.interest.env

    def _kept(self, word: Word, assigned: re.Match[str]) -> Iterator[Fact]:
        """Yield the options of a command line that a variable keeps, which some command takes later."""
        quoted = word.start + assigned.start(2)
        value = assigned.group(2)
        settings, options, definitions = bool(_ASSIGNED.match(value)), "--" in value, "-D" in value
        if not (settings or options or definitions) or self._text[quoted : quoted + 1] not in ('"', "'"):
            return
        for found in commands(self._text, quoted + 1, word.end - 1):
            if settings:
                yield from self._variables(found, _first([each.text for each in found]), "export")
            if options:
                yield from self.options(assigned.group(1), found)
            for each in found if definitions else ():
                name = defined(each.text, "")
                if name and self._words.is_env(name):
                    yield self._definition(name, each)

    def _fact(
        self, kind: FactKind, name: str, word: Word, context: str, of: str = "", at: str = "", value: str = ""
    ) -> Fact:
        args = tuple(pair for pair in (("of", of), ("at", at), ("value", value[:200])) if pair[1])
        return Fact(kind, name, self._span(word), Certainty.EXACT, context, args)

    def _span(self, word: Word) -> Span:
        first, last = bisect_right(self._starts, word.start), bisect_right(self._starts, max(word.start, word.end - 1))
        return Span(first, word.start - self._starts[first - 1] + 1, last, word.end - self._starts[last - 1] + 1)
