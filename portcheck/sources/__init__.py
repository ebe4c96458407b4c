"""One reader for each kind of file: bytes in, facts out. Readers know no rule and never raise on content."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from typing import Callable

from portcheck.model import FileFacts, Kind
from portcheck.pack import Interest

Reader = Callable[[bytes, Interest], FileFacts]

_READERS = {
    Kind.PYTHON: ("python", "read_python"),
    Kind.NOTEBOOK: ("notebook", "read_notebook"),
    Kind.SHELL: ("shell", "read_shell"),
    Kind.CONTAINER: ("container", "read_container"),
    Kind.MANIFEST: ("manifest", "read_manifest"),
    Kind.SETTINGS: ("settings", "read_settings"),
    Kind.KERNEL: ("kernel", "read_kernel"),
    Kind.BUILD: ("cmake", "read_cmake"),
}
"""The module and function of each kind's reader."""

READ = frozenset(_READERS)
"""The kinds that `reader_for` has a reader for, to be told without importing one."""

_OF_WORDS = frozenset({Kind.PYTHON, Kind.NOTEBOOK, Kind.SHELL, Kind.CONTAINER})
_OF_SETTINGS = frozenset({Kind.SETTINGS, Kind.CONTAINER})
_OF_REQUIREMENTS = frozenset({Kind.MANIFEST, Kind.SHELL, Kind.CONTAINER})
"""The kinds whose readers look up words, look up settings, and parse requirements."""


def reader_for(kind: Kind) -> Reader | None:
    """The reader of a kind of file, imported on first use; None when files of that kind are not read."""
    if kind not in _READERS:
        return None
    module, function = _READERS[kind]
    reader: Reader = getattr(import_module(f"portcheck.sources.{module}"), function)
    return reader


def prepare(kinds: Collection[Kind], interest: Interest) -> None:
    """Make what readers of these kinds make once a process, so that processes forked from this one have it already."""
    if not _OF_WORDS.isdisjoint(kinds):
        import_module("portcheck.sources.words").words_for(interest)
    if not _OF_SETTINGS.isdisjoint(kinds):
        import_module("portcheck.sources.keyed").lookup_for(interest)
    if not _OF_REQUIREMENTS.isdisjoint(kinds):
        import_module("portcheck.sources.requirement")


def full_reader_for(kind: Kind) -> Reader | None:
    """The reader for files that must be read in full although they hold no word of interest."""
    if kind is Kind.PYTHON:
        from portcheck.sources.python import read_fully

        return read_fully
    return reader_for(kind)
