"""What stops the import of support tables."""

from __future__ import annotations


class ShapeError(Exception):
    """A source is in a shape that this command does not know; the message names page, line and heading."""

    def __init__(self, page: str, line: int, heading: str, problem: str) -> None:
        super().__init__(f"{page}:{line}: under {heading!r}: {problem}")
