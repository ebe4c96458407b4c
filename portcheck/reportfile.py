"""A JSON report read back, as far as two are compared: places, files, target, and the effort in short."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any, NoReturn, TypeVar

from portcheck.errors import UsageError
from portcheck.estimate import Effort, Range, Reach
from portcheck.model import (
    Category,
    Certainty,
    FileReport,
    Finding,
    Kind,
    ListedApi,
    Report,
    Role,
    Safety,
    Skipped,
    Span,
    Status,
    Support,
    Suppressed,
    Target,
    Work,
)

SCHEMA = "portcheck/1"
"""The schema that is read."""

MAX_SIZE = 256 * 1024 * 1024
"""A larger report is refused; 100,000 places take about 80 MB."""

STDIN = "-"

Word = TypeVar("Word", bound=Enum)


class _Wrong(Exception):
    """What in a report is not as its schema has it."""


def read(path: str) -> Report:
    """Return the report in a file, or on standard input for `-`; it knows no helpers, remarks and inventory.

    Raises:
        UsageError: it cannot be read, is too large, or is no report of this schema; the message says what is wrong.
    """
    shown = "standard input" if path == STDIN else path
    try:
        data = _data(path)
        if len(data) > MAX_SIZE:
            raise OSError(0, f"larger than {MAX_SIZE >> 20} MiB")
        top = json.loads(data.decode("utf-8-sig"))
        return _report(top)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{shown}: is no JSON report: {error}") from error
    except _Wrong as error:
        raise UsageError(f"{shown}: {error}") from error


def _data(path: str) -> bytes:
    """Up to a byte more than is read; raises OSError."""
    if path == STDIN:
        return sys.stdin.buffer.read(MAX_SIZE + 1)
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(0, "not a regular file")
    with open(path, "rb") as file:
        return file.read(MAX_SIZE + 1)


def _report(top: Any) -> Report:
    if not isinstance(top, dict) or "schema" not in top:
        raise _Wrong("is no report of portcheck: make one with `portcheck scan --output-format json`")
    if top["schema"] != SCHEMA:
        raise _Wrong(f"is of the schema {top['schema']!r}, and this portcheck reads {SCHEMA!r}")
    target = _dict(top, "target")
    return Report(
        root=_text(top, "root"),
        target=Target(*(_text(target, key) for key in ("name", "torch", "hardware", "strategy"))),
        pack_digest=_text(_dict(top, "tool"), "pack"),
        files=tuple(_file(row) for row in _rows(top, "files")),
        findings=tuple(_finding(row) for row in _rows(top, "findings")),
        skipped=tuple(Skipped(_text(row, "path"), _text(row, "reason")) for row in _rows(top, "skipped", True)),
        effort=_effort(top["effort"]) if isinstance(top.get("effort"), dict) else None,
        apis=tuple(_api(row) for row in _rows(top, "apis", True)),
        suppressed=tuple(_suppressed(row) for row in _rows(top, "suppressed", True)),
    )


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(
        rule=_text(row, "rule"),
        path=_text(row, "path"),
        span=_span(row),
        category=_word(row, "category", Category),
        subject=_text(row, "subject"),
        work=_word(row, "work", Work),
        certainty=_word(row, "certainty", Certainty),
        support=_word(row, "support", Support),
        message=_text(row, "message"),
        replacement=_text(row, "replacement"),
        shim=row["shim"] if isinstance(row.get("shim"), bool) else None,
        fixable=None if row.get("fixable") is None else _word(row, "fixable", Safety),
        evidence=_texts(row, "evidence"),
        role=_word(row, "role", Role),
        guards=_texts(row, "guards"),
        callers=_number(row, "callers") if "callers" in row else 0,
        fingerprint=_text(row, "fingerprint"),
        effect=_text(row, "shim_effect") if row.get("shim_effect") else "",
        agnostic=row.get("agnostic") is True,
        module=_text(row, "module") if row.get("module") else "",
        under_shim=_word(row, "under_shim", Work) if row.get("under_shim") else None,
    )


def _span(row: dict[str, Any]) -> Span:
    line, column, end_line, end_column = (_number(row, key) for key in ("line", "column", "end_line", "end_column"))
    return Span(line, column, end_line, end_column, None if row.get("cell") is None else _number(row, "cell"))


def _file(row: dict[str, Any]) -> FileReport:
    return FileReport(
        path=_text(row, "path"),
        kind=_word(row, "kind", Kind),
        role=_word(row, "role", Role),
        lines=_number(row, "lines"),
        findings=_number(row, "findings"),
        status=_word(row, "status", Status),
        reason=str(row.get("reason") or ""),
    )


def _suppressed(row: dict[str, Any]) -> Suppressed:
    return Suppressed(_finding(_dict(row, "finding")), _text(row, "how"), _text(row, "reason"))


def _api(row: dict[str, Any]) -> ListedApi:
    support, look = _word(row, "support", Support), row.get("look") is True
    return ListedApi(_text(row, "name"), support, _text(row, "kernel"), look, 0, 0)


def _effort(row: dict[str, Any]) -> Effort:
    days, edits = _range(_dict(row, "person_days")), _range(_dict(row, "edits"))
    return Effort("", days, edits, (), (), (), (), (), Reach((), 0, 0, 0, 0), (), "")


def _range(row: dict[str, Any]) -> Range:
    values = [row.get(key) for key in Range._fields]
    if not all(isinstance(value, (int, float)) for value in values):
        raise _Wrong("is not as its schema has it: a range needs low, likely and high")
    low, likely, high = (float(value) for value in values if value is not None)
    return Range(low, likely, high)


def _rows(row: dict[str, Any], key: str, optional: bool = False) -> Iterator[dict[str, Any]]:
    rows = row.get(key, [] if optional else None)
    if not isinstance(rows, list):
        _refuse(key, "a list", rows)
    for number, each in enumerate(rows, 1):
        if not isinstance(each, dict):
            raise _Wrong(f"is not as its schema has it: {key}, number {number}, is no object")
        yield each


def _dict(row: dict[str, Any], key: str) -> dict[str, Any]:
    value = row.get(key)
    if not isinstance(value, dict):
        _refuse(key, "an object", value)
    found: dict[str, Any] = value
    return found


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        _refuse(key, "a text", value)
    return str(value)


def _texts(row: dict[str, Any], key: str) -> tuple[str, ...]:
    values: list[object] = row.get(key) or []
    return tuple(map(str, values)) if isinstance(values, list) else ()


def _number(row: dict[str, Any], key: str) -> int:
    value = row.get(key)
    if type(value) is not int:
        _refuse(key, "a whole number", value)
    return int(str(value))


def _word(row: dict[str, Any], key: str, words: type[Word]) -> Word:
    value: object | None = row.get(key)
    try:
        return words(value)
    except ValueError:
        _refuse(key, f"one of {', '.join(str(word.value) for word in words)}", value)


def _refuse(key: str, what: str, value: object) -> NoReturn:
    shown = repr(value)
    raise _Wrong(f"is not as its schema has it: {key!r} must be {what}, not {shown[:80]}")
