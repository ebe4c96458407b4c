"""Starts portcheck, from `python -m portcheck` and from the console script."""

from __future__ import annotations

import gc
import os
import sys

from portcheck import __version__

_COMPLETION = "_PORTCHECK_COMPLETE"
"""The variable by which a shell asks how to go on."""


def main() -> int:
    """Run the command line and return the exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        # The command line's library takes longer to import than Python to start.
        print(f"portcheck {__version__}")
        return 0
    if arguments[:1] == ["check"]:
        from portcheck.quick import NOTHING, is_nothing

        if is_nothing(arguments):
            print(NOTHING, file=sys.stderr)
            return 0
    # A run is short and makes hardly any cycles; looking for some took 4% of a check of ten files.
    gc.disable()
    try:
        return _answer(arguments)
    except KeyboardInterrupt:
        from portcheck.errors import Exit

        print("portcheck: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED


def _answer(arguments: list[str]) -> int:
    if arguments[:1] == ["check"] and _COMPLETION not in os.environ:
        from portcheck.plainly import asked

        ask = asked(arguments)
        if ask is not None:
            from portcheck import session
            from portcheck.ending import ended

            return ended(lambda: session.run(ask))
    from portcheck.cli import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
