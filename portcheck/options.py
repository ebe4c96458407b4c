"""The options of the command line, and how a shell completes their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Callable, TypeVar

import click

from portcheck.model import Category, Role, Work

F = TypeVar("F", bound=Callable[..., Any])

SEPARATOR = ","
"""Between the values of an option that takes several."""


def _complete(words: Callable[[], Iterable[str]]) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Return how an option's values are completed in a shell: the last of the words separated by commas."""

    def complete(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
        before, comma, last = typed.rpartition(SEPARATOR)
        return [before + comma + word for word in words() if word.startswith(last)]

    return complete


def _strategies() -> Iterable[str]:
    from portcheck.config import STRATEGIES

    return STRATEGIES


def _formats() -> Iterable[str]:
    from portcheck.report import FORMATS

    return FORMATS


def _fail_on() -> Iterable[str]:
    from portcheck.config import FAIL_ON

    return FAIL_ON


def _targets() -> Iterable[str]:
    from portcheck.pack import targets

    return targets()


def _selectors() -> Iterable[str]:
    from portcheck.pack import load

    return [rule.id for rule in load().rules] + [name.value for names in (Category, Work) for name in names]


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option that is absent unless given, so that the configuration can tell."""
    return click.option(*names, **{"default": None, **settings})


def _together(added: Sequence[Callable[[F], F]]) -> Callable[[F], F]:
    """Return what gives a command all of the options, in their order in its help."""

    def give(command: F) -> F:
        for add in reversed(added):
            command = add(command)
        return command

    return give


def _switch(*names: str, **settings: Any) -> Callable[[F], F]:
    return option(*names, is_flag=True, **settings)


def listed(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option that may be given several times."""
    return option(*names, multiple=True, **settings)


_WHAT = (
    click.argument("paths", nargs=-1, type=click.Path()),
    option("--target", metavar="NAME", shell_complete=_complete(_targets), help="What to port to. [default: ascend]"),
    option(
        "--torch",
        metavar="VERSION",
        help="PyTorch version on the target. [default: that of the requirements, or 2.7.1]",
    ),
    option("--hardware", metavar="CARD", help="Card: a2, a3 or 950 for ascend. [default: a2]"),
    option(
        "--strategy",
        metavar="NAME",
        shell_complete=_complete(_strategies),
        help="How to port: agnostic (code for any accelerator), npu (code that names the target), shim (the vendor's "
        "one-line shim, and what it leaves), or auto (what is advised). [default: agnostic]",
    ),
    listed(
        "--select",
        metavar="LIST",
        shell_complete=_complete(_selectors),
        help="Report these alone: rule ids, beginnings of ids (PC1), categories, kinds of work. none: also what works.",
    ),
    listed("--ignore", metavar="LIST", shell_complete=_complete(_selectors), help="Leave these out, as for --select."),
    listed("--exclude", metavar="PATTERN", help="Leave out files and folders, in the manner of a .gitignore."),
    _switch("--force-exclude", help="Leave out excluded files even if they are named, as hooks name them."),
    listed(
        "--include-role",
        metavar="LIST",
        shell_complete=_complete(lambda: [role.value for role in Role]),
        help="Report files of these roles alone: source, test, example, benchmark, doc, build, vendored, generated.",
    ),
)
"""What is looked at, and how it is judged."""

_HOW = (
    option("--jobs", "-j", metavar="N", type=int, help="Processes that read. [default: one for each core]"),
    option("--cache/--no-cache", is_flag=True, help="Remember what was read. [default: yes]"),
    _switch("--quiet", "-q", help="Print results and errors alone."),
    click.option("--config", "config_file", metavar="FILE", type=click.Path(), help="Use this configuration file."),
)
"""How the work is done."""

_COMMON = (
    *_WHAT,
    option(
        "--output-format",
        "--format",
        metavar="FORMAT",
        shell_complete=_complete(_formats),
        help="text, concise, full, json, sarif, github, gitlab, junit, csv, markdown or html. [default: text for scan, "
        "concise for check]",
    ),
    option("--output", metavar="FILE", type=click.Path(), help="Write the result to a file instead."),
    listed("--entry", metavar="FILE", help="Estimate the effort for what this entry point needs alone."),
    option(
        "--fail-on",
        metavar="WORK",
        shell_complete=_complete(_fail_on),
        help="Exit with 1 when a finding needs this much work or more: verify, rename, config, rewrite, blocker.",
    ),
    _switch("--strict", help="Exit with 4 when something could not be read in full."),
    option("--baseline", metavar="FILE", type=click.Path(), help="What was accepted; only the rest fails."),
    _switch("--no-baseline", help="Do as if there were no baseline."),
    _switch("--fail-on-unused", help="Exit with 1 when a suppression is unused, or names no rule."),
    _switch("--statistics", help="Count findings by rule instead of listing them (text and concise)."),
    _switch("--verbose", "-v", help="Print long lists in full."),
    *_HOW,
    click.option("--base", metavar="BASE", help="Say what changed since this JSON report or git revision (markdown)."),
    click.option("--stdin-filename", metavar="PATH", help="Read standard input, as if it were this file."),
)


_FIXING = (
    *_WHAT,
    click.option("--diff", is_flag=True, help="Show the changes instead of making them; `git apply` takes it."),
    click.option("--check", is_flag=True, help="Change nothing; exit with 1 when something would be changed."),
    click.option("--unsafe-fixes", is_flag=True, help="Make changes too that may mean something else than before."),
    option("--style", "strategy", metavar="NAME", help="The same as --strategy: agnostic, npu or shim."),
    option("--output", metavar="FILE", type=click.Path(), help="Write the diff to a file instead."),
    *_HOW,
)


_ACCEPTING = (
    *_WHAT,
    click.option("--grow", is_flag=True, help="Accept what is new, too."),
    click.option("--force", is_flag=True, help="Begin anew, whatever the file holds now."),
    option("--baseline", metavar="FILE", type=click.Path(), help="Write this file."),
    *_HOW,
)


_COMPARING = (
    click.argument("old", metavar="OLD"),
    click.argument("new", metavar="[NEW]", required=False),
    *_WHAT[1:],
    option("--output-format", "--format", metavar="FORMAT", help="text, json or markdown. [default: text]"),
    option("--output", metavar="FILE", type=click.Path(), help="Write the result to a file instead."),
    option(
        "--fail-on",
        metavar="WORK",
        shell_complete=_complete(_fail_on),
        help="Exit with 1 when a place was added that needs this much work or more: verify to blocker.",
    ),
    _switch("--verbose", "-v", help="Print long lists in full."),
    *_HOW,
)


comparing = _together(_COMPARING)
"""Gives a command the two sides and the options of one that compares."""


accepting = _together(_ACCEPTING)
"""Gives a command the paths and options of one that writes a baseline."""


_CHECKING = (
    *_COMMON,
    click.option("--staged", is_flag=True, help="Check what is staged for the next commit, as it is staged."),
    click.option("--since", metavar="REV", help="Check files that changed since this branch left REV, or are new."),
    click.option("--fix", "fixes", is_flag=True, help="Fix what can be fixed safely first, and check what is left."),
)


checking = _together(_CHECKING)
"""Gives a command the paths and options of one that checks."""


common = _together(_COMMON)
"""Gives a command the paths and options of all that scan."""


fixing = _together(_FIXING)
"""Gives a command the paths and options of one that changes files."""
