"""Strings of one file that become facts: device names, variables, programs, and the rest that the packs look for."""

from __future__ import annotations

import ast
import re

from portcheck.model import Certainty, Fact, FactKind, Span
from portcheck.scope import dotted
from portcheck.sources.named import named_in
from portcheck.sources.record import Recorder, text_of
from portcheck.sources.strings import Context, Parents, context_of, parents_of
from portcheck.sources.walk import Place, template

EXECUTORS = ("subprocess.", "os.system", "os.popen", "os.exec", "os.spawn", "shutil.which", "commands.")
RUNNERS = frozenset({"which", "system", "run", "check_output", "Popen", "call", "check_call"})
"""Callees that run a command line: by module, and by bare name."""

_EXPORT = re.compile(r"^[ \t]*export[ \t]+(\w+)=", re.MULTILINE)
"""How a line of a script sets a variable for what it starts."""

PATCHERS = frozenset({"patch", "setattr", "delattr"})
"""Callees (last component) that take the dotted name of what a test puts something else in the place of."""


class StringRecorder(Recorder):
    """Notes down what strings say, by the place they stand in."""

    def strings(self) -> None:
        """Record every noted string that is not text for people."""
        parents: dict[int, Parents] = {}
        for place in self._walk.strings:
            node = place.node
            value = template(node) if isinstance(node, ast.JoinedStr) else node.value
            key = id(place.statement)
            if key not in parents:
                parents[key] = parents_of(place.statement)
            context = context_of(node, parents[key])
            if context is not None and not self._is_member(context):
                self._string(value, place, context, _given(place, parents[key]))

    @staticmethod
    def _is_member(context: Context) -> bool:
        """The name of a member, as in `getattr(torch, "cuda")`: reported as that member."""
        return (
            context.at == "1"
            and not isinstance(context.of, str)
            and dotted(context.of) in ("getattr", "hasattr", "setattr")
        )

    def _string(self, value: str, place: Place, context: Context, given: ast.expr | None) -> None:
        words = self._words
        of = context.of if isinstance(context.of, str) else self._named(context.of, place)
        args = tuple(pair for pair in (("of", of), ("at", context.at)) if pair[1])
        if self._is_variable(value, of):
            said = given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
            told = (*args, ("value", said[:200])) if said else args
            self._add(FactKind.ENV, value, place, context=context.kind, args=told)
        if words.is_string(value) and not words.is_env(_variable(place, context)):
            own = {"", words.vocabulary.device_in(value), words.vocabulary.device_in(context.at)}
            beside = {words.vocabulary.device_in(text) for text in context.beside} - own
            certainty = Certainty.EXACT if context.kind != "other" else Certainty.INFERRED
            guards = tuple(f"beside:{device}" for device in sorted(beside))
            said = text_of(given) if given is not None and context.kind == "key" else ""
            told = (*args, ("value", said)) if said else args
            self._add(FactKind.STRING, value, place, certainty, context.kind, told, guards=guards)
        if context.kind == "annotation":
            for name in words.annotated(value):
                self._add(FactKind.ATTRIBUTE, name, place, Certainty.INFERRED, "load")
            return
        name = words.named(value) if context.at == "0" and of.rpartition(".")[2] in PATCHERS else ""
        if name:
            self._add(FactKind.ATTRIBUTE, name, place, Certainty.INFERRED, "patch", args)
        if ":" in value and "/" in value:
            self._image(value, place, context.kind)
        self._command(value, place, context.kind, args, of.startswith(EXECUTORS) or of in RUNNERS)

    def _image(self, value: str, place: Place, kind: str) -> None:
        for named in named_in(value, self._words.interest, kind):
            if named.fact.kind is FactKind.IMAGE:
                self._add(FactKind.IMAGE, value, place, context=kind)

    def _is_variable(self, value: str, of: str) -> bool:
        """Whether a string is the name of a variable; in small letters it is where it stands with an environment."""
        if value.islower() or "env" in of.lower():
            return "env" in of.lower() and (self._words.is_env(value) or self._words.is_env(value.upper()))
        return self._words.is_env(value)

    def _command(self, value: str, place: Place, kind: str, args: tuple[tuple[str, str], ...], runs: bool) -> None:
        """A command line that is run or begins as one does, or a lone word or path that names a program."""
        words = self._words
        certainty = Certainty.EXACT if runs else Certainty.INFERRED
        if runs or words.starts_program(value) or " " not in value.rsplit("\\", 1)[-1].rsplit("/", 1)[-1]:
            for program in words.programs(value):
                self._add(FactKind.COMMAND, program, place, certainty, kind, args)
        if runs or words.starts_setting(value):
            for name in words.settings(value):
                self._add(FactKind.ENV, name, place, certainty, "command", args)
        elif "export " in value:
            self._exported(value, place, args)

    def _exported(self, value: str, place: Place, args: tuple[tuple[str, str], ...]) -> None:
        """The variables that a script in a text exports, each at its own line where lines are lines of the file."""
        first, last = place.node.lineno, place.node.end_lineno or place.node.lineno
        plain = last - first == value.count("\n")
        for found in _EXPORT.finditer(value):
            if self._words.is_env(found.group(1)):
                start = found.start(1) - (value.rfind("\n", 0, found.start(1)) + 1) + 1
                line = first + value.count("\n", 0, found.start(1))
                inside = plain and line > first
                span = Span(line, start, line, start + len(found.group(1))) if inside else self._span(place.node)
                fact = Fact(FactKind.ENV, found.group(1), span, Certainty.INFERRED, "command", args, place.guards)
                self._facts.append(fact._replace(scope=place.scope.name))


def _given(place: Place, parents: Parents) -> ast.expr | None:
    """What a key or a variable is given: in a table, by `table[NAME] = ...`, or behind the name in a call."""
    statement, node = place.statement, place.node
    parent, field = parents.get(id(node), (None, ""))
    if isinstance(parent, ast.Dict) and field == "keys":
        return next((value for key, value in zip(parent.keys, parent.values) if key is node), None)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript):
        return statement.value if statement.targets[0].slice is node else None
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        given = statement.value.args
        return given[1] if len(given) > 1 and given[0] is node else None
    return None


def _variable(place: Place, context: Context) -> str:
    """The variable that a text is the value of, which says what becomes of it; empty for none."""
    if context.kind == "value":
        return context.at
    name: ast.expr | None = None
    if isinstance(context.of, ast.Subscript) and context.kind == "assign":
        name = context.of.slice
    elif context.kind == "argument" and isinstance(place.statement, ast.Expr):
        call = place.statement.value
        given = call.args if isinstance(call, ast.Call) else []
        name = given[0] if len(given) > 1 and given[1] is place.node else None
    return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""
