"""What a fix is asked to do, and what it says of each place: the types that go between the modules of this folder."""

from __future__ import annotations

from typing import Callable

from portcheck.fix.edits import Edit
from portcheck.fix.imports import Origin
from portcheck.model import Definition, Finding, Span
from portcheck.packtypes import Verdict
from portcheck.records import NamedTuple


class Style(NamedTuple):
    """How replacements are written: `agnostic` for any accelerator, else for the target's `device` alone.

    `package` is the library that brings the target to PyTorch. `helper` is the dotted name, as the changed file imports
    it, of the repository's module for what PyTorch itself does not say; it has what PyTorch calls `general`, the module
    of whatever device is in use. `verdict` gives the verdict that a finding was judged by; `imports` are needed in any
    case. `held` are places that stay for the origin alone, so that no test that keeps other devices off may be opened.
    `definitions` are the functions and classes of the text, where it is known to parse. `origin` is the device type
    that code is ported from.
    """

    agnostic: bool
    device: str
    package: str
    verdict: Callable[[Finding], Verdict]
    helper: str = ""
    general: str = ""
    imports: tuple[Origin, ...] = ()
    held: tuple[Span, ...] = ()
    definitions: tuple[Definition, ...] = ()
    origin: str = ""


class Change(NamedTuple):
    """The edits of one place and the imports that they need."""

    edits: tuple[Edit, ...] = ()
    imports: tuple[Origin, ...] = ()


class Left(NamedTuple):
    """A place that is left as it is, and why."""

    finding: Finding
    reason: str


class Pass(NamedTuple):
    """The text after one pass, the findings whose change is in it, and those left with the reason."""

    text: str
    made: tuple[Finding, ...]
    left: tuple[Left, ...]


class CannotFix(Exception):
    """A place that cannot be changed mechanically; the message says why."""
