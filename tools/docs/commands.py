"""The reference of the commands, as click knows them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from portcheck.cli import portcheck
from tools.docs.markdown import block, code, page, plain, table


def part(command: click.Command = portcheck, name: str = "portcheck") -> str:
    """Return a section for a command and one for each below it."""
    return page(_sections(command, name))


def _sections(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    if not isinstance(command, click.Group):
        yield f"## {name}"
        yield from map(plain, (command.help or "").split("\n\n"))
        usage = " ".join([name, *(piece for piece in command.collect_usage_pieces(context))])
        yield block(usage, "text")
        rows = [row for row in map(_row, command.get_params(context)) if row]
        yield table(["option", "what"], rows)
        return
    for below, each in command.commands.items():
        yield from _sections(each, f"{name} {below}")


def _row(parameter: click.Parameter) -> list[str]:
    """An option's names and what it does; empty for an argument."""
    if not isinstance(parameter, click.Option):
        return []
    names = [*parameter.opts, *parameter.secondary_opts]
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.type.name.upper()}"
    default = f" [default: {parameter.default}]" if parameter.show_default and parameter.default else ""
    return [", ".join(code(f"{name}{value}") for name in names), plain((parameter.help or "") + default)]
