"""Starts portcheck, from `python -m portcheck` and from the console script."""

from __future__ import annotations

import atexit
import gc
import os
import sys

from portcheck import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from portcheck.session import Ask

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

        ask = asked(arguments[1:])
        if ask is not None:
            from portcheck.ending import ended

            return ended(lambda: _checked(ask))
    from portcheck.cli import run

    return run(arguments)


def _checked(ask: Ask) -> int:
    from portcheck.quick import are_unread

    if ask.paths and are_unread(ask.paths):
        from portcheck.nothing import answer

        code = answer(ask)
        if code is not None:
            return code
    from portcheck import session

    return session.run(ask)


def start() -> int:
    """What `main` does, for a process that does nothing else: it ends at once where nobody waits for its end.

    To take everything apart takes the interpreter as long as to start.
    """
    code = main()
    waiting = getattr(atexit, "_ncallbacks", lambda: 1)() or "threading" in sys.modules
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return code
    if not waiting:
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(start())
