"""Tables of TOML manifests: what stands at a path, requirements by name, and where packages are taken from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portcheck.model import Fact
from portcheck.sources.requirement import OPTIONAL, dependency, index_fact
from portcheck.sources.tomltext import Places

Table = dict[str, Any]


def table_at(value: Any, *path: str) -> Table:
    """The table at a path; an empty one where the file holds anything else."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows_of(value: Any) -> list[Any]:
    """The items of a list; none where the file holds anything else."""
    return value if isinstance(value, list) else []


def named(table: Table, places: Places, group: str = "") -> Iterator[Fact]:
    """Requirements by name, the value being a version or a table of `version`, `url`, `git`, `extras`, `markers`."""
    for name, value in table.items():
        if name == "python":
            continue
        row = next((row for row in rows_of(value) if isinstance(row, dict)), value)
        detail: Table = row if isinstance(row, dict) else {"version": row}
        optional = bool(group) or detail.get("optional") is True
        version = detail.get("version")
        url = next((detail[key] for key in ("url", "git", "path", "file") if isinstance(detail.get(key), str)), "")
        extras = ",".join(str(extra) for extra in rows_of(detail.get("extras")))
        spec = version if isinstance(version, str) and version != "*" else ""
        marker = detail.get("markers")
        pairs = (("spec", _caret(spec)), ("extra", extras), ("marker", marker if isinstance(marker, str) else ""))
        yield dependency(
            name,
            places.key(name),
            "optional" if optional else "direct",
            (*pairs, ("url", url), ("group", group)),
            (OPTIONAL,) if optional else (),
        )


def _caret(spec: str) -> str:
    """A bare version of poetry's means at least that one within its major version; other spellings stay."""
    return f"^{spec}" if spec[:1].isdigit() else spec


def index_of(row: Any, places: Places) -> Iterator[Fact]:
    """The index that packages are taken from, by the `url` of a table."""
    url = table_at(row).get("url")
    if isinstance(url, str):
        yield index_fact(url, places.value(url))
