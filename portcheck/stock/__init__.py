"""Taking stock of a repository: its libraries, its kernels, and what surrounds its programs, from facts and findings.

Pure, as matching is. What a file's comments or path suppress is not among its findings, and not in the inventory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from portcheck.inventory import Inventory
from portcheck.link import Linked
from portcheck.model import FileReport, Finding
from portcheck.packtypes import Pack
from portcheck.stock.kernels import kernel_files
from portcheck.stock.libraries import libraries
from portcheck.stock.surroundings import surroundings


class Judged(Protocol):
    """A file and all that was found in it, what needs no work too."""

    @property
    def file(self) -> FileReport:
        """The file."""

    @property
    def all(self) -> Sequence[Finding]:
        """The findings."""


def take(pack: Pack, linked: Linked, judged: Sequence[Judged]) -> Inventory:
    """Return the inventory of the files that were judged."""
    files = {row.file.path: row.file for row in judged}
    findings = {row.file.path: row.all for row in judged}
    facts = {path: found for path, found in linked.files.items() if path in files}
    return Inventory(
        libraries=libraries(pack, facts, findings),
        kernels=kernel_files(pack.target, files, facts, linked.edges),
        surroundings=surroundings(files, facts, findings),
    )
