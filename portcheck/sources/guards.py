"""What a condition says about devices and optional packages: `if torch.npu.is_available()`, `device.type == "cuda"`,
...

A condition is boiled down to short tokens: `available:xpu`, `device:cuda`, `has:torch.npu`, `optional`,
`type-checking`. They are recorded on the facts below the condition, so that code which is portable already, or
optional, is told apart.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from portcheck.records import NamedTuple
from portcheck.scope import dotted

MAX_NODES = 200
"""Nodes of one condition that are looked at; a longer one is judged by its beginning."""

_PACKAGE = re.compile(r"^(?:is_|has_|have_)(\w+?)(?:_available|_installed)?$", re.IGNORECASE)
_AVAILABLE = re.compile(r"^(?:is_)?(\w+?)_(?:is_)?(?:available|installed)$", re.IGNORECASE)


class Condition(NamedTuple):
    """What a test asks for, and what is certain once it is known to hold or to fail.

    `yes` and `no` are what any part of it asks for, plainly or negated. Each of `held` holds where the test does, each
    of `failed` where it does not; a device in `never` does not meet it.
    """

    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    never: frozenset[str] = frozenset()


_Signed = dict[tuple[str, bool], None]
"""Tokens that hold (True) or do not, in the order of the text."""


class _Sides(NamedTuple):
    """The tokens that are certain when a test holds, those when it fails, and all that it speaks of."""

    holds: _Signed
    fails: _Signed
    spoken: _Signed


class Vocabulary:
    """The device words of the packs, and the patterns made of them."""

    def __init__(self, devices: Iterable[str], asked: Mapping[str, str] | None = None) -> None:
        """`devices` are the device types that code may branch on, such as `cuda`, `npu`, `xpu`; `asked` gives, for the
        words that make a test worth a note, the device type they ask for."""
        self.devices: frozenset[str] = frozenset(devices)
        self._asked = dict(asked or {})
        self._flags: dict[str, str] = {}
        words = "|".join(sorted(map(re.escape, self.devices), key=len, reverse=True)) or "(?!)"
        spellings = {spelt for word in self.devices for spelt in (word, word.upper(), word.capitalize())}
        other = "available|AVAILABLE|installed|INSTALLED|find_spec|TYPE_CHECKING|is_package|HAS_|HAVE_|IS_"
        self._spoken = re.compile("|".join([*sorted(map(re.escape, spellings)), other]))
        self._flag = re.compile(
            rf"^(?:is|has|have|use|using|on|with|torch|_|\d)*(?P<word>{words})(?:_|s|is|available|accelerator|device|enabled|backend|present)*$",
            re.IGNORECASE,
        )

    def speaks(self, text: str) -> bool:
        """Whether the source of a condition can yield a token at all; far quicker than `condition`."""
        return self._spoken.search(text) is not None

    def device_of(self, name: str) -> str:
        """The device an identifier speaks of (`is_npu_available`, `HAS_XPU`, `use_cuda`), or an empty string."""
        known = self._flags.get(name)
        if known is None:
            found = self._flag.match(name) if len(name) < 60 else None
            known = self._flags[name] = found.group("word").lower() if found else ""
        return known

    def device_in(self, text: str) -> str:
        """The device type a string names (`cuda`, `cuda:0`), or an empty string."""
        word = text.partition(":")[0]
        return word if word in self.devices else ""

    def asked_in(self, test: ast.expr) -> tuple[str, ...]:
        """The noted device types that a test asks for, in the order of the text."""
        found: list[str] = []
        for _, node in zip(range(MAX_NODES), ast.walk(test)):
            if isinstance(node, ast.Name):
                word = node.id
            elif isinstance(node, ast.Attribute):
                word = node.attr
            else:
                word = self.device_in(node.value) if isinstance(node, ast.Constant) and type(node.value) is str else ""
            found.extend(filter(None, [self._asked.get(word)]))
        return tuple(dict.fromkeys(found))

    def condition(self, test: ast.expr) -> Condition:
        """Boil a test down to tokens; negation swaps the sides, and `or` makes certain only what all its parts do."""
        holds, fails, spoken = self._sides(test, iter(range(MAX_NODES)))
        return Condition(
            tuple(token for token, asked in spoken if asked),
            tuple(token for token, asked in spoken if not asked),
            tuple(token for token, true in holds if true),
            tuple(token for token, true in fails if true),
            _devices(token for token, true in holds if not true),
        )

    def _sides(self, node: ast.expr, steps: Iterator[int]) -> _Sides:
        if next(steps, None) is None:
            return _Sides({}, {}, {})
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _negated(self._sides(node.operand, steps))
        if isinstance(node, ast.NamedExpr):
            return self._sides(node.value, steps)
        if isinstance(node, ast.BoolOp):
            parts = [self._sides(value, steps) for value in node.values]
            if isinstance(node.op, ast.Or):
                return _negated(_both([_negated(part) for part in parts]))
            return _both(parts)
        tokens, holds = self._compare(node) if isinstance(node, ast.Compare) else (self._plain(node), True)
        asked = dict.fromkeys((token, True) for token in tokens)
        failing = dict.fromkeys((token, False) for token in tokens)
        sides = _Sides(asked if len(asked) < 2 else {}, failing, asked)
        return sides if holds else _negated(sides)

    def _plain(self, node: ast.expr) -> tuple[str, ...]:
        if isinstance(node, ast.Call):
            return self._call(node)
        text = dotted(node)
        last = text.rsplit(".", 1)[-1]
        if last == "TYPE_CHECKING":
            return ("type-checking",)
        device = self.device_of(last)
        if device:
            return (f"available:{device}",)
        return ("optional",) if _PACKAGE.match(last) and last.isupper() else ()

    def _call(self, node: ast.Call) -> tuple[str, ...]:
        text = dotted(node.func)
        last = text.rsplit(".", 1)[-1]
        if last == "hasattr" and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
            name = str(node.args[1].value)
            return (f"available:{name}",) if name in self.devices else ()
        if last in ("is_available", "device_count", "is_built", "is_initialized"):
            device = self.device_of(text.rsplit(".", 2)[-2]) if "." in text else ""
            return (f"available:{device}",) if device else ()
        if last == "find_spec" or last == "is_package_available":
            return ("optional",)
        device = self.device_of(last)
        if device:
            return (f"available:{device}",)
        return ("optional",) if _AVAILABLE.match(last) or last.startswith("is_package") else ()

    def _compare(self, node: ast.Compare) -> tuple[tuple[str, ...], bool]:
        """What a comparison asks for, and whether it holds where that is so."""
        operator = node.ops[0]
        other = node.comparators[0]
        spelt = [self.device_in(value) for side in (node.left, other) for value in strings_of(side)]
        tokens = tuple(f"device:{device}" for device in spelt if device)
        if tokens:
            return tokens, not isinstance(operator, (ast.NotEq, ast.IsNot, ast.NotIn))
        spoken = self._plain(node.left) if isinstance(node.left, (ast.Call, ast.Name, ast.Attribute)) else ()
        nothing = isinstance(other, ast.Constant) and other.value in (None, 0, False)
        asked = tuple(token for token in spoken if token != "type-checking")
        return asked, not (nothing and isinstance(operator, (ast.Is, ast.Eq)))


def _negated(sides: _Sides) -> _Sides:
    """The sides of a test that holds where the other fails."""
    spoken = {(token, not asked): None for token, asked in sides.spoken}
    return _Sides(sides.fails, sides.holds, spoken)


def _both(parts: Sequence[_Sides]) -> _Sides:
    """The sides of a test that holds where all its parts do, and fails where any of them does."""
    certain = [part.fails for part in parts]
    fails = {signed: None for signed in certain[0] if all(signed in part for part in certain)}
    return _Sides(
        {signed: None for part in parts for signed in part.holds},
        fails,
        {signed: None for part in parts for signed in part.spoken},
    )


def strings_of(node: ast.expr) -> tuple[str, ...]:
    """The string constants of an expression: itself, those of a flat list, or of `torch.device("cuda")`."""
    if isinstance(node, ast.Constant):
        return (node.value,) if isinstance(node.value, str) else ()
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        parts: list[ast.expr] = node.elts
    elif isinstance(node, ast.Call):
        parts = node.args[:1]
    else:
        return ()
    return tuple(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def devices_tested(condition: Condition) -> frozenset[str]:
    """The devices a condition asks for."""
    return _devices(condition.yes)


def devices_spoken_of(condition: Condition) -> frozenset[str]:
    """The devices that a condition asks for, plainly or negated."""
    return _devices((*condition.yes, *condition.no))


def _devices(tokens: Iterable[str]) -> frozenset[str]:
    return frozenset(token.partition(":")[2] for token in tokens if token.startswith(("available:", "device:")))
