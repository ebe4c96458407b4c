"""The options of a run: their defaults, what a configuration file says, and the command line, which wins.

A file is `portcheck.toml`, or `pyproject.toml` with a table `[tool.portcheck]`, in the folder of what is scanned or the
nearest one above it, up to the top of its repository. What is scanned may be a stranger's: a file can choose what is
reported and how, but not where anything is written.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NoReturn

from portcheck.errors import ConfigError, UsageError
from portcheck.model import Role, Work
from portcheck.records import NamedTuple

if TYPE_CHECKING:
    from portcheck.prices import Overrides

STRATEGIES = ("agnostic", "npu", "shim", "auto")
"""Code for any accelerator, code that names the target, the vendor's runtime shim; or what portcheck advises."""

FAIL_ON = tuple(work.value for work in Work if work is not Work.NONE)
"""The kinds of work a gate can be set to, from a look to no way through."""

MAX_JOBS = 256
MAX_FILE = 1024 * 1024
"""Bytes of a configuration file that is read."""

DEFAULT = "default"
COMMAND_LINE = "command line"

_NAMES = ("portcheck.toml", "pyproject.toml")
COMMAND_LINE_ONLY = frozenset({"output"})
"""Options that a file cannot hold."""
_ROLES = tuple(role.value for role in Role)


class Config(NamedTuple):
    """Every option of a run; an empty text or list leaves the choice to portcheck, no jobs mean one for each core.

    `select` and `ignore` hold rule ids, their beginnings, categories and kinds of work; `exclude` patterns as in a
    `.gitignore`; `include_role` the roles of the files that are reported, all when empty; `fail_on` the least work that
    makes a run fail; `entry` the entry points that the effort is estimated for, all when empty; `effort` what replaces
    the prices of work; `per_file_ignores` pairs of a pattern as in a `.gitignore`, below the root unless it is
    absolute, and what is not reported there; `per_file_roles` and `per_file_fail_on` pairs of the same with the role of
    the files and the least work that fails there, of which the last has its way; `force_exclude` that files which are
    named are excluded, too; `baseline` the file of what was accepted, which is looked for when empty, and not at all
    with `no_baseline`.
    """

    target: str = "ascend"
    torch: str = ""
    hardware: str = ""
    strategy: str = "agnostic"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include_role: tuple[str, ...] = ()
    output_format: str = ""
    output: str = ""
    fail_on: str = ""
    jobs: int = 0
    cache: bool = True
    strict: bool = False
    fail_on_unused: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    entry: tuple[str, ...] = ()
    effort: Overrides | None = None
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    force_exclude: bool = False
    baseline: str = ""
    no_baseline: bool = False
    per_file_roles: tuple[tuple[str, str], ...] = ()
    per_file_fail_on: tuple[tuple[str, str], ...] = ()


class Resolved(NamedTuple):
    """The options in force, where each came from (`default`, `command line` or the path of a file), and that file."""

    config: Config
    origins: Mapping[str, str]
    file: Path | None


class _Place(NamedTuple):
    """Where a value was given, for messages, and the error that a wrong one is."""

    name: str
    error: type[UsageError]


def resolve(paths: Sequence[str], given: Mapping[str, object], file: str | None = None) -> Resolved:
    """Return the options for a run over `paths`: those `given` on the command line, else the file's, else the defaults.

    `given` holds fields of Config; `file` is used in the place of what would be found.

    Raises:
        ConfigError: the file cannot be read, or holds an unknown key or a value that cannot be used.
        UsageError: a given value cannot be used.
    """
    path, table = _named_table(Path(file)) if file else _find(_start(paths))
    options: dict[str, Any] = _from_file(path, table) if path else {}
    origins = dict.fromkeys(Config._fields, DEFAULT)
    origins.update(dict.fromkeys(options, str(path)))
    for name, value in given.items():
        options[name] = _checked(name, value, _Place(f"--{_key(name)}", UsageError))
        origins[name] = COMMAND_LINE
    return Resolved(Config()._replace(**options), origins, path)


def _start(paths: Sequence[str]) -> Path:
    """The innermost folder that holds all of the paths."""
    try:
        common = os.path.realpath(os.path.commonpath([os.path.abspath(path) for path in paths] or [os.getcwd()]))
    except (OSError, ValueError):
        return Path.cwd()
    return Path(common if os.path.isdir(common) else os.path.dirname(common))


def _find(start: Path) -> tuple[Path | None, Mapping[str, object]]:
    """The nearest file with a table for portcheck, and that table."""
    for folder in (start, *start.parents):
        for name in _NAMES:
            table = _table(folder / name)
            if table is not None:
                return folder / name, table
        if (folder / ".git").exists():
            break
    return None, {}


def _named_table(path: Path) -> tuple[Path, Mapping[str, object]]:
    """A file that was named, and its table."""
    if not path.is_file():
        raise ConfigError(f"{path}: no such file")
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path}: has no table [tool.portcheck]")
    return path, table


def _table(path: Path) -> Mapping[str, object] | None:
    """The table for portcheck in a file; None when there is no such file, or nothing for portcheck in it."""
    shared = path.name == "pyproject.toml"
    try:
        data = _content(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        if shared:
            return None
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if shared and b"portcheck" not in data:
        return None
    # Most runs have no configuration, and the parser is slow to import.
    import tomli

    try:
        values = tomli.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from error
    return _tool_table(path, values) if shared else values


def _tool_table(path: Path, values: Mapping[str, object]) -> Mapping[str, object] | None:
    tool = values.get("tool")
    table = tool.get("portcheck") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.portcheck must be a table")
    return table


def _content(path: Path) -> bytes:
    """The bytes of a regular file of at most `MAX_FILE`; raises OSError for anything else."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "not a regular file")
    if status.st_size > MAX_FILE:
        raise OSError(0, f"larger than {MAX_FILE >> 20} MiB")
    return path.read_bytes()


def _from_file(path: Path, table: Mapping[str, object]) -> dict[str, object]:
    """The options in a table, checked; patterns count from the folder of the file."""
    fields = {_key(name): name for name in Config._fields if name not in COMMAND_LINE_ONLY}
    options: dict[str, object] = {}
    for key, value in table.items():
        if key in COMMAND_LINE_ONLY:
            raise ConfigError(f"{path}: {key!r} can only be given on the command line")
        if key not in fields:
            raise ConfigError(f"{path}: unknown key {key!r}{_nearest(key, fields)}")
        checked = _checked(fields[key], value, _Place(f"{path}: {key}", ConfigError))
        anchored = _ANCHORED.get(key)
        options[fields[key]] = anchored(path, checked) if anchored else checked
    return options


def _anchored(path: Path, patterns: object) -> tuple[str, ...]:
    """Patterns that name a place, as a `.gitignore` understands that, made to count from the folder of the file."""
    home = os.path.realpath(path.parent).replace(os.sep, "/").rstrip("/")
    found = patterns if isinstance(patterns, tuple) else ()
    places = (pattern.rstrip("/") for pattern in found)
    rooted = ("/" in place and not pattern.startswith(("**/", "!")) for place, pattern in zip(places, found))
    return tuple(
        f"{home}/{pattern[2:] if pattern.startswith('./') else pattern.lstrip('/')}" if place else pattern
        for place, pattern in zip(rooted, found)
    )


def _absolute(path: Path, table: object) -> tuple[tuple[str, object], ...]:
    """The patterns of a table, made to count from the folder of the file whatever is scanned."""
    home = escaped(os.path.realpath(path.parent).replace(os.sep, "/").rstrip("/"))
    rows = table if isinstance(table, tuple) else ()
    return tuple((f"{home}/{rooted(pattern)}", names) for pattern, names in rows)


def _inside(path: Path, name: object) -> str:
    """A file in the folder of the configuration or below it; raises ConfigError for one elsewhere.

    A stranger's configuration is not to say what is written elsewhere.
    """
    parts = str(name).replace("\\", "/").split("/")
    if os.path.isabs(str(name)) or ".." in parts:
        raise ConfigError(f"{path}: baseline: {name!r} must lie below the folder of this file")
    return os.path.join(path.parent, str(name)) if name else ""


_ANCHORED: Mapping[str, Callable[[Path, object], object]] = {
    "exclude": _anchored,
    "per-file-ignores": _absolute,
    "per-file-roles": _absolute,
    "per-file-fail-on": _absolute,
    "baseline": _inside,
}


def escaped(path: str) -> str:
    """Return a path as a pattern that matches it alone."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", path)


def rooted(pattern: str) -> str:
    """Return a pattern as in a `.gitignore` so that it counts from the folder that is written before it."""
    pattern = pattern[2:] if pattern.startswith("./") else pattern
    return pattern.lstrip("/") if "/" in pattern.rstrip("/") else f"**/{pattern}"


def _checked(name: str, value: object, place: _Place) -> object:
    """A value of the type and among the values of its field, lists as tuples."""
    default = Config._field_defaults[name]
    if name == "effort":
        from portcheck.prices import overrides

        return overrides(value, place.name)
    if name == "per_file_ignores":
        return tuple((key, _texts(names, at)) for key, names, at in _table_of_patterns(value, place, "a list of texts"))
    if name == "per_file_roles":
        return tuple((key, _role(_text(text, at), at)) for key, text, at in _table_of_patterns(value, place, "a role"))
    if name == "per_file_fail_on":
        rows = _table_of_patterns(value, place, "a kind of work")
        return tuple((key, _choice(_text(text, at), FAIL_ON, at)) for key, text, at in rows)
    if isinstance(default, tuple):
        value = _texts(value, place)
        return tuple(_role(text, place) for text in value) if name == "include_role" else value
    if type(value) is not type(default):
        _refuse(place, f"must be {_TYPES[type(default)]}, not {value!r}")
    if name == "jobs" and isinstance(value, int) and not 0 <= value <= MAX_JOBS:
        _refuse(place, f"must be from 1 to {MAX_JOBS}, or 0 for one for each core")
    choices = {"strategy": STRATEGIES, "fail_on": FAIL_ON}.get(name)
    return _choice(str(value), choices, place) if choices else value


_TYPES = {str: "a text", int: "a whole number", bool: "true or false"}


def _texts(value: object, place: _Place) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(text, str) and text.strip() for text in value):
        _refuse(place, f"must be a list of texts, none of them empty, not {value!r}")
    return tuple(value)


def _text(value: object, place: _Place) -> str:
    if not isinstance(value, str):
        _refuse(place, f"must be a text, not {value!r}")
    return value


def _table_of_patterns(value: object, place: _Place, what: str) -> list[tuple[str, object, _Place]]:
    """The rows of a table of patterns, each with its place."""
    if not isinstance(value, dict):
        _refuse(place, f"must be a table of patterns, each with {what}, not {value!r}")
    return [(key, row, place._replace(name=f"{place.name}: {key}")) for key, row in value.items()]


def _role(text: str, place: _Place) -> str:
    """A role, given by its name or as a plural."""
    return _choice(text[:-1] if text.endswith("s") else text, _ROLES, place)


def _choice(value: str, choices: Sequence[str], place: _Place) -> str:
    if value not in choices:
        _refuse(place, f"{value!r} is none of {', '.join(choices)}{_nearest(value, choices)}")
    return value


def _refuse(place: _Place, text: str) -> NoReturn:
    raise place.error(f"{place.name}: {text}")


def _nearest(word: str, words: Sequence[str] | Mapping[str, str]) -> str:
    # Only needed when something is wrong, and slow to import.
    from portcheck.tables import nearest

    return nearest(word, words)


def _key(name: str) -> str:
    """The spelling of a field in files and on the command line."""
    return name.replace("_", "-")
