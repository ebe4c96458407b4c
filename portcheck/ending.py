"""How a run ends, whatever happens: with an exit code of the contract, and errors said in a line."""

from __future__ import annotations

import sys
from typing import Callable

from portcheck.errors import Exit, PortcheckError
from portcheck.output import prepare, say


def ended(work: Callable[[], int]) -> int:
    """Do the work and return its exit code, or that of what stopped it; raises KeyboardInterrupt."""
    prepare()
    try:
        return work()
    except PortcheckError as error:
        say(f"portcheck: {error}")
        return error.exit_code
    except Exception:
        # An unexpected end must not look like findings, which is what Python's own exit code would mean.
        sys.excepthook(*sys.exc_info())
        return Exit.USAGE
