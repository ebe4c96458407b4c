"""Libraries, kernels and surroundings as tables of Markdown, cut to so many rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portcheck.inventory import Inventory, KernelFile, Library, Surrounding, together
from portcheck.model import Work
from portcheck.report.inventory import SORT, STATUS, first_at, tied, why
from portcheck.report.markup import code, head, plain, row
from portcheck.report.words import number

Clip = Callable[[str], str]


def tables(inventory: Inventory, rows: int, clip: Clip) -> list[tuple[str, str, int]]:
    """Return title, table and number of all rows of each part that holds something; `clip` shortens a text."""
    libraries = together(found for found in inventory.libraries if found.work != Work.NONE.value)
    parts: list[tuple[str, list[str], list[str], int]] = [
        ("Dependencies", ["library", "there", "optional", "required:", "used:", "first at", "what to do"],
         [_library(found, clip) for found in libraries[:rows]], len(libraries)),
        ("Kernels", ["file", "in", "difficulty", "lines:", "kernels:", "launches:", "why, who builds and loads it"],
         [_kernel(found, clip) for found in inventory.kernels[:rows]], len(inventory.kernels)),
        ("Environment", ["what", "name", "change:", "look:", "holds, or is named in"],
         [_surrounding(found, clip) for found in inventory.surroundings[:rows]], len(inventory.surroundings)),
    ]  # fmt: skip
    return [(title, head(titles) + "".join(body), every) for title, titles, body, every in parts if body]


def _library(found: Library, clip: Clip) -> str:
    advice = f"{found.advice}; since {found.since}" if found.since else found.advice
    return row(
        [code(clip(found.name)), STATUS[found.status], "yes" if found.optional else "-",
         _dash(len(found.required)), _dash(len(found.used)),
         code(clip(first_at((*found.required, *found.used)))), plain(clip(advice)) or "-"]
    )  # fmt: skip


def _kernel(found: KernelFile, clip: Clip) -> str:
    said = "; ".join(filter(None, (why(found), tied(found))))
    return row(
        [code(clip(found.place.path)), found.language, found.difficulty, _dash(found.lines), _dash(found.kernels),
         _dash(found.launches), plain(clip(said))]
    )  # fmt: skip


def _surrounding(found: Surrounding, clip: Clip) -> str:
    there: Sequence[str] = [first_at(found.places)] if found.sort == "image" and found.places else found.subjects
    shown = ", ".join(code(clip(subject)) for subject in there)
    return row([SORT[found.sort], code(clip(found.name)), _dash(found.changes), _dash(found.looks), shown or "-"])


def _dash(value: int) -> str:
    return number(value) if value else "-"
