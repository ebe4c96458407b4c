"""Starts portcheck, from `python -m portcheck` and from the console script."""

from __future__ import annotations

import gc
import sys

from portcheck import __version__


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
        from portcheck.cli import run

        return run(arguments)
    except KeyboardInterrupt:
        from portcheck.errors import Exit

        print("portcheck: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
