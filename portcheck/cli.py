"""The command line: parse, call the interface below, print, exit. Everything else is imported inside commands.

Results go to standard output, all other words to standard error.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

import click

from portcheck import __version__
from portcheck.errors import Exit, PortcheckError, UsageError
from portcheck.model import Category, Report
from portcheck.options import SEPARATOR, common, fixing, listed, option

_SHOWN = 10
_STDIN = "-"


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code; raises KeyboardInterrupt."""
    from portcheck.output import prepare

    prepare()
    try:
        code = portcheck.main(list(arguments) or ["--help"], prog_name="portcheck", standalone_mode=False)
        return code if isinstance(code, int) else Exit.DONE
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except PortcheckError as error:
        _say(f"portcheck: {error}")
        return error.exit_code
    except Exception:
        # An unexpected end must not look like findings, which is what Python's own exit code would mean.
        sys.excepthook(*sys.exc_info())
        return Exit.USAGE


class _Commands(click.Group):
    """Commands that answer a misspelt name with the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: List[str]
    ) -> Tuple[Optional[str], Optional[click.Command], List[str]]:
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
    return _scan(options, "text", "")


@portcheck.command()
@common
def check(**options: Any) -> int:
    """Check PATHS as a linter does: one finding a line, and exit code 1 when there are any."""
    return _scan(options, "concise", "verify")


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

    paths, file = options.pop("paths"), options.pop("config_file")
    unsafe, diff, check = (options.pop(name) for name in ("unsafe_fixes", "diff", "check"))
    config = resolve(list(paths), _given(options), file).config
    with progress_bar("Reading") as progress:
        found = repair(paths or (".",), config, unsafe, None if config.quiet else progress)
    if diff:
        write(fixed.diff(found, not config.output and wants_color(sys.stdout, os.environ)), config.output)
    lost = () if diff or check else write_files(found)
    if not config.quiet:
        _say("".join(fixed.summary(found, lost, unsafe, written=not (diff or check))).rstrip())
    if lost:
        return Exit.INCOMPLETE
    return Exit.FINDINGS if check and any(each.changed for each in found.files) else Exit.DONE


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
def test_rules(folder: Optional[str], target: str) -> int:
    """Test every example of every rule, of the packs in FOLDER or of those of this installation."""
    from pathlib import Path

    from portcheck import pack, selftest
    from portcheck.output import write

    place = Path(folder) if folder else None
    failures = selftest.run(place, target)
    write(f"{failure.rule}, {failure.example!r} ({failure.key}): {failure.problem}\n" for failure in failures)
    _say(f"{len(pack.examples(place))} examples tested, {len(failures)} problems")
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


def _scan(options: Dict[str, Any], output_format: str, fail_on: str) -> int:
    """Scan, print and return the exit code; format and gate are those of the command unless the user says otherwise."""
    from portcheck import gate, report
    from portcheck.config import resolve
    from portcheck.output import write

    paths: Tuple[str, ...] = options.pop("paths")
    file, stdin = options.pop("config_file"), options.pop("stdin_filename")
    standing_in = (os.path.dirname(stdin) or ".",) if stdin else paths
    config = resolve([path for path in standing_in if path != _STDIN], _given(options), file).config
    fmt = config.output_format or output_format
    report.check_format(fmt)
    if config.statistics and fmt == "json":
        raise UsageError("--statistics goes with the formats text and concise")
    # One finding a line says nothing of the vendor's tables, and is not to wait for them.
    result = _result(paths, stdin, config, tables=fmt != "concise")
    write(_pieces(result, fmt, config), config.output)
    lost = list(gate.unread(result))
    if not config.quiet:
        _close(result, lost, fmt)
    elif config.fail_on_unused:
        _remarks(result)
    if config.strict and lost:
        return Exit.INCOMPLETE
    least = config.fail_on or fail_on
    failed = (least and gate.fails(result, least)) or (config.fail_on_unused and result.remarks)
    return Exit.FINDINGS if failed else Exit.DONE


def _given(options: Dict[str, Any]) -> Dict[str, Any]:
    """What was given on the command line, lists split at their commas; patterns may hold commas."""
    given = {name: value for name, value in options.items() if value is not None and value != ()}
    for name in ("select", "ignore", "include_role"):
        if name in given:
            given[name] = tuple(word for text in given[name] for word in text.split(SEPARATOR))
    return given


def _result(paths: Tuple[str, ...], stdin: Optional[str], config: Any, tables: bool) -> Report:
    """The report on the paths, or on standard input."""
    from portcheck import api
    from portcheck.discover import MAX_SIZE

    if stdin or _STDIN in paths:
        if set(paths) - {_STDIN}:
            raise UsageError("standard input is scanned alone, without other paths")
        return api.scan_text(sys.stdin.buffer.read(MAX_SIZE + 1), stdin or "stdin.py", config)
    if config.quiet:
        return api.scan(paths or (".",), config, tables=tables)
    from portcheck.report.progress import progress_bar

    with progress_bar("Reading") as progress:
        return api.scan(paths or (".",), config, progress, tables)


def _pieces(result: Report, fmt: str, config: Any) -> Iterable[str]:
    """The text of a report."""
    if config.statistics:
        from portcheck.report.statistics import chunks

        return chunks(result)
    from portcheck import report

    if fmt == "concise":
        result = _from_here(result)
    if fmt != "text":
        return report.chunks(result, fmt)
    from shutil import get_terminal_size

    from portcheck.report.layout import wants_color

    color = not config.output and wants_color(sys.stdout, os.environ)
    width = 100 if config.output else get_terminal_size((100, 24)).columns
    return report.chunks(result, fmt, width, color, config.verbose)


def _from_here(result: Report) -> Report:
    """The report with paths that can be opened from the working folder, for terminals and editors."""
    prefix = _prefix(result)
    return result._replace(findings=tuple(found._replace(path=prefix + found.path) for found in result.findings))


def _prefix(result: Report) -> str:
    """What to write before a path of the report to open it from the working folder."""
    here = os.path.join(os.path.realpath(os.curdir), "")
    prefix = os.path.join(result.root, "")
    return (prefix[len(here) :] if prefix.startswith(here) else prefix).replace(os.sep, "/")


def _close(result: Report, lost: Sequence[Tuple[str, str]], fmt: str) -> None:
    """Say on standard error what the result itself does not."""
    if fmt == "text":
        return
    from portcheck.report.words import count

    for path, reason in lost[:_SHOWN]:
        _say(f"warning: {path}: {reason}")
    if len(lost) > _SHOWN:
        _say(f"warning: {len(lost) - _SHOWN} more could not be read in full")
    _remarks(result)
    files = len({finding.path for finding in result.findings})
    also = f", {len(result.suppressed)} suppressed" if result.suppressed else ""
    _say(f"{count(len(result.findings), 'finding')} in {files} of {count(len(result.files), 'file')}{also}")


def _remarks(result: Report) -> None:
    """Say what is wrong with suppressions, as a warning that an editor can open."""
    if result.remarks:
        from portcheck.report.suppressed import place

        prefix = _prefix(result)
        for remark in result.remarks:
            _say(f"{place(remark._replace(path=prefix + remark.path))} warning: {remark.text}")


def _category(name: str) -> Category:
    try:
        return Category(name)
    except ValueError:
        from portcheck.tables import nearest

        hint = nearest(name, [category.value for category in Category])
        raise UsageError(f"--category: {name!r} is no category{hint}") from None


def _say(text: str) -> None:
    """Print lines on standard error, with what a terminal would act on made visible."""
    from portcheck.report.escape import escape

    print("\n".join(map(escape, text.split("\n"))), file=sys.stderr)
