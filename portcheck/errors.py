"""The error family and the exit codes, in one place."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes that scripts rely on."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    PACK = 3
    INCOMPLETE = 4
    INTERRUPTED = 130


class PortcheckError(Exception):
    """Base of every error that a user sees; `exit_code` is what the process ends with."""

    exit_code = Exit.USAGE


class UsageError(PortcheckError):
    """An option, path or configuration that cannot be used."""


class ConfigError(UsageError):
    """A configuration file that cannot be read, or holds an unknown key or a value of the wrong type."""


class PackError(PortcheckError):
    """A broken rule pack: the message names file, rule and key."""

    exit_code = Exit.PACK
