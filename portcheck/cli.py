"""The command line: parse, call the interface below, print, exit. Everything else is imported inside commands.

Results go to standard output, all other words to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from portcheck import __version__
from portcheck.ending import ended
from portcheck.errors import Exit, UsageError
from portcheck.model import Category
from portcheck.options import SEPARATOR, accepting, checking, common, comparing, fixing, listed, option
from portcheck.output import say
from portcheck.plainly import CHECK


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code; raises KeyboardInterrupt."""
    return ended(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> int:
    try:
        code = portcheck.main(list(arguments) or ["--help"], prog_name="portcheck", standalone_mode=False)
        return code if isinstance(code, int) else Exit.DONE
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        error.show()
        return Exit.USAGE


class _Commands(click.Group):
    """Commands that answer a misspelt name with the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names; raises click.UsageError when there is none."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            from portcheck.tables import nearest

            raise click.UsageError(f"No such command {name!r}{nearest(name, self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="portcheck %(version)s")
def portcheck() -> None:
    """Say what in machine learning code is CUDA-bound, and what it takes to run it on Huawei Ascend."""


@portcheck.command()
@common
def scan(**options: Any) -> int:
    """Assess PATHS (the current folder unless given): what is CUDA-bound, and what work that means."""
    return _session(options, "text")


@portcheck.command()
@checking
def check(**options: Any) -> int:
    """Check PATHS as a linter does: one finding a line, and exit code 1 when there are any."""
    return _session(options, *CHECK)


@portcheck.command()
@accepting
def baseline(**options: Any) -> int:
    """Accept what is found in PATHS today: from then on `check` fails for what is new alone.

    Run again it drops what is done; it takes in what is new only with --grow.
    """
    from portcheck.accept import accept
    from portcheck.config import resolve

    paths, file, grow, force = (options.pop(name) for name in ("paths", "config_file", "grow", "force"))
    resolved = resolve(list(paths), _given(options), file)
    done = accept(paths or (".",), resolved, grow, force)
    if not resolved.config.quiet:
        say(done.said)
    return Exit.FINDINGS if done.refused else Exit.DONE


@portcheck.command()
@fixing
def fix(**options: Any) -> int:
    """Rewrite what is mechanical in PATHS, in place; `--diff` shows it instead."""
    from portcheck.config import resolve
    from portcheck.fix.run import write as write_files
    from portcheck.output import write
    from portcheck.repair import fix as repair
    from portcheck.report import fixed
    from portcheck.report.layout import wants_color
    from portcheck.report.progress import progress_bar
    from portcheck.run import cores

    paths, file = options.pop("paths"), options.pop("config_file")
    unsafe, diff, check = (options.pop(name) for name in ("unsafe_fixes", "diff", "check"))
    config = resolve(list(paths), _given(options), file).config
    with progress_bar("Reading") as progress:
        found = repair(paths or (".",), config, unsafe, None if config.quiet else progress)
    if diff:
        color = not config.output and wants_color(sys.stdout, os.environ)
        write(fixed.diff(found, color, config.jobs or cores()), config.output)
    lost = () if diff or check else write_files(found)
    if not config.quiet:
        say("".join(fixed.summary(found, lost, unsafe, written=not (diff or check))).rstrip())
    if lost:
        return Exit.INCOMPLETE
    return Exit.FINDINGS if check and any(each.changed for each in found.files) else Exit.DONE


@portcheck.command()
@comparing
def diff(**options: Any) -> int:
    """Say what work was added and removed from OLD to NEW, place by place.

    Each is a JSON report (`-` is standard input) or a git revision; without NEW, the work tree as it stands.
    Revisions are read from git's objects, and nothing is checked out.
    """
    from portcheck.sides import Ask, run

    old, new, file = (options.pop(name) for name in ("old", "new", "config_file"))
    return run(Ask(old, new, _given(options), file))


@portcheck.command()
@click.argument("paths", nargs=-1, type=click.Path())
@option("--target", metavar="NAME", help="What to port to. [default: ascend]")
@listed("--exclude", metavar="PATTERN", help="Leave out files and folders, in the manner of a .gitignore.")
@option("--output-format", "--format", metavar="FORMAT", help="text or json. [default: text]")
@option("--output", metavar="FILE", type=click.Path(), help="Write the result to a file instead.")
@option("--jobs", "-j", metavar="N", type=int, help="Processes that read. [default: one for each core]")
@option("--cache/--no-cache", is_flag=True, help="Remember what was read. [default: yes]")
@click.option("--config", "config_file", metavar="FILE", type=click.Path(), help="Use this configuration file.")
def matrix(**options: Any) -> None:
    """Judge PATHS for every PyTorch version and card that the vendor has tables for, from one reading."""
    from shutil import get_terminal_size

    from portcheck import api
    from portcheck.config import resolve
    from portcheck.output import write
    from portcheck.report.layout import wants_color
    from portcheck.report.matrix_text import chunks

    paths, file = options.pop("paths"), options.pop("config_file")
    config = resolve(list(paths), _given(options), file).config
    fmt = config.output_format or "text"
    if fmt not in ("text", "json"):
        raise UsageError(f"a matrix has no format {fmt!r}: there are json and text")
    found = api.matrix(paths or (".",), config)
    color = not config.output and wants_color(sys.stdout, os.environ)
    width = 100 if config.output else get_terminal_size((100, 24)).columns
    write(chunks(found, fmt, width, color), config.output)


@portcheck.command()
@common
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the configuration instead, for editors.")
@click.option("--json", "as_json", is_flag=True, help="Print the options as JSON.")
def config(schema: bool, as_json: bool, **options: Any) -> None:
    """Show every option in force for PATHS, and where it came from: a default, a file and key, or the command line.

    What is printed is a `portcheck.toml` that means the same.
    """
    from portcheck import inforce
    from portcheck.config import resolve
    from portcheck.output import write

    if schema:
        import json

        write([json.dumps(inforce.schema(portcheck), indent=2) + "\n"])
        return
    paths, file, *_ = (options.pop(name) for name in ("paths", "config_file", "stdin_filename", "base"))
    resolved = resolve(list(paths), _given(options), file)
    write([inforce.document(resolved)] if as_json else inforce.lines(resolved))


@portcheck.command()
@click.argument("subject")
@click.option("--target", metavar="NAME", default="ascend", show_default=True, help="Whose verdict to explain.")
@click.option("--torch", metavar="VERSION", default="", help="The PyTorch version to judge for.")
@click.option("--hardware", metavar="CARD", default="", help="The card to judge for.")
def explain(subject: str, target: str, torch: str, hardware: str) -> None:
    """Explain SUBJECT: a rule (PC104), an API, a variable, a program, a library, or a string in quotes.

    `explain effort` says how the effort is estimated, at which prices.
    """
    from shutil import get_terminal_size

    from portcheck import api
    from portcheck.config import Config
    from portcheck.output import write

    if subject == "effort":
        from portcheck.config import resolve
        from portcheck.prices import changed, load
        from portcheck.report.explain_effort import text

        said = resolve([], {}).config.effort
        write([text(changed(load(), said) if said else load())])
        return
    from portcheck.report.explained import lines
    from portcheck.report.layout import wants_color

    found = api.explained(subject, Config(target=target, torch=torch, hardware=hardware))
    write(lines(found, get_terminal_size((100, 24)).columns, wants_color(sys.stdout, os.environ)))


@portcheck.group(cls=_Commands)
def rules() -> None:
    """The rule packs: what is known to be CUDA-bound."""


@rules.command("list")
@click.option("--target", metavar="NAME", default="ascend", show_default=True, help="Whose verdicts to show.")
def list_rules(target: str) -> None:
    """List all rules with their category and the work they mean."""
    from portcheck import pack, rulebook
    from portcheck.output import write

    rows = rulebook.rows(pack.load(target))
    width = max((len(row.name) for row in rows), default=0)
    write(f"{row.id}  {row.name:{width}}  {row.category.value:18}  {row.work.value:8}  {row.summary}\n" for row in rows)


@rules.command("test")
@click.argument("folder", required=False, type=click.Path())
@click.option("--target", metavar="NAME", default="", help="Whose verdicts to test. [default: the first there is]")
def test_rules(folder: str | None, target: str) -> int:
    """Test every example of every rule, of the packs in FOLDER or of those of this installation."""
    from pathlib import Path

    from portcheck import pack, selftest
    from portcheck.output import write

    place = Path(folder) if folder else None
    failures = selftest.run(place, target)
    write(f"{failure.rule}, {failure.example!r} ({failure.key}): {failure.problem}\n" for failure in failures)
    say(f"{len(pack.examples(place))} examples tested, {len(failures)} problems")
    return Exit.FINDINGS if failures else Exit.DONE


@rules.command("new")
@click.argument("rule_id", metavar="ID")
@click.argument("name")
@click.option("--topic", metavar="FILE", default="device", show_default=True, help="The file of the packs it goes in.")
@click.option(
    "--category", metavar="NAME", default=Category.DEVICE_API.value, show_default=True, help="What it is about."
)
@click.option("--target", metavar="NAME", default="ascend", show_default=True, help="Whose verdict to start.")
def new_rule(rule_id: str, name: str, topic: str, category: str, target: str) -> None:
    """Print what a new rule starts from: its two halves as TOML, with the id and the name."""
    from portcheck import pack, rulebook
    from portcheck.output import write

    known = pack.load(target)
    write([rulebook.new_rule(known, rule_id, name, topic, _category(category))])


def _session(options: dict[str, Any], fmt: str, fail_on: str = "") -> int:
    """Scan, print and return the exit code."""
    from portcheck.session import Ask, run

    paths, file, stdin, since, base = (
        options.pop(name, None) for name in ("paths", "config_file", "stdin_filename", "since", "base")
    )
    staged, fixes = (options.pop(name, False) for name in ("staged", "fixes"))
    return run(Ask(paths, stdin or "", file or "", _given(options), fmt, fail_on, staged, since, fixes, base))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """What was given on the command line, lists split at their commas; patterns may hold commas."""
    given = {name: value for name, value in options.items() if value is not None and value != ()}
    for name in ("select", "ignore", "include_role"):
        if name in given:
            given[name] = tuple(word for text in given[name] for word in text.split(SEPARATOR))
    return given


def _category(name: str) -> Category:
    try:
        return Category(name)
    except ValueError:
        from portcheck.tables import nearest

        hint = nearest(name, [category.value for category in Category])
        raise UsageError(f"--category: {name!r} is no category{hint}") from None
