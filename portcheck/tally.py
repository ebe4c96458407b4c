"""What there is of each priced kind of work: libraries, kernels, images, programs to compare with those on CUDA.

Libraries and kernels are those of the inventory, so that the estimate and the tables of a report count the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence

from portcheck.inventory import DIFFICULTIES, Inventory, KernelFile, Library
from portcheck.model import TO_DO, Category, Finding, Role, Work

CORE = frozenset({Role.SOURCE, Role.BUILD})
"""The roles whose libraries, images and kernels a port has to deal with."""

Counts = Mapping[str, tuple[int, str]]
"""How many there are of each priced item, and which, in a few words."""

ALWAYS = ("platform", "setup", "performance", "tests")
"""The items that every port has once."""

_TRAINING = re.compile(r"train|tune|sft|dpo|ppo|grpo|pretrain|learn|fit(?![a-z])|distill", re.IGNORECASE)
_ABOUT_TRAINING = re.compile(r"analy|plot|parse|convert|constrain|summari[sz]e", re.IGNORECASE)
_TRAINER = re.compile(r"(?:^|[./])(?:optim|\w*[Tt]rainer)(?:\.|$)")
_SHOWN = 3


def counts(
    findings: Sequence[Finding],
    inventory: Inventory,
    roles: Mapping[str, Role],
    entries: Mapping[str, bool],
    library: bool,
) -> dict[str, tuple[int, str]]:
    """Return how many there are of each priced item.

    `roles` are those of the files in scope; `entries` are the entry points that reach a place to change, each with
    whether it trains; a `library` has none and is given one to align.
    """
    core = [found for found in findings if found.role in CORE and found.work in TO_DO | {Work.VERIFY}]
    found = dict.fromkeys(ALWAYS, (1, ""))
    found.update(_libraries(inventory.libraries, {path for path, role in roles.items() if role in CORE}))
    found.update(_kernels(inventory.kernels, roles))
    images = sorted({each.path for each in core if each.category is Category.IMAGE})
    found["image"] = len(images), _some(images)
    spread = sorted({each.subject for each in core if each.category is Category.DISTRIBUTED})
    found["distributed"] = min(len(spread), 1), _some(spread)
    training = [path for path, trains in entries.items() if trains]
    rest = [path for path, trains in entries.items() if not trains]
    found["accuracy"] = (1, "its own tests, or a program of a user") if library else (len(training), _some(training))
    found["inference"] = len(rest), _some(rest)
    return found


def is_training(path: str, uses: Iterable[str] = ()) -> bool:
    """Return whether an entry point trains, by its name, or by a use of an optimizer or a trainer.

    `uses` are dotted names and paths of files.
    """
    name = path.rpartition("/")[2]
    if _ABOUT_TRAINING.search(name):
        return False
    return bool(_TRAINING.search(name)) or any(map(_TRAINER.search, uses))


def kernels_in(kernels: Iterable[KernelFile], roles: Mapping[str, Role]) -> list[KernelFile]:
    """Return the kernels that a port has to deal with: those of code in scope, or loaded by code in scope."""
    return [
        row
        for row in kernels
        if Role(row.role) in CORE
        and row.place.path in roles
        and (not row.loaded or any(place.path in roles for place in row.loaded))
    ]


def _libraries(rows: Iterable[Library], core: Container[str]) -> dict[str, tuple[int, str]]:
    """Return libraries by what becomes of them; one that is optional everywhere is only switched off.

    Those of which the same is said, such as the parts of a toolkit, are dealt with at once.
    """
    groups: dict[tuple[str, tuple[str, ...], str], list[str]] = defaultdict(list)
    names = {Work.BLOCKER: "library-missing", Work.REWRITE: "library-replace"}
    for row in rows:
        work = Work(row.work)
        if work not in TO_DO | {Work.VERIFY} or not any(at.path in core for at in (*row.required, *row.used)):
            continue
        if row.optional:
            groups["library-optional", row.rules, row.advice].append(row.name)
        elif work in TO_DO:
            groups[names.get(work, "library-swap"), row.rules, row.advice].append(row.name)
    found: dict[str, list[str]] = defaultdict(list)
    for (kind, _, _), alike in sorted(groups.items()):
        found[kind].append(alike[0] if len(alike) == 1 else f"{alike[0]} (and {len(alike) - 1} like it)")
    return {kind: (len(each), _some(sorted(each))) for kind, each in found.items()}


def _kernels(rows: Iterable[KernelFile], roles: Mapping[str, Role]) -> dict[str, tuple[int, str]]:
    """Return the files with kernels by how hard these are, and those that go with kernels of other files."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in kernels_in(rows, roles):
        found[_sort(row)].append(row.place.path)
    return {kind: (len(each), _some(each)) for kind, each in found.items()}


def _sort(row: KernelFile) -> str:
    """The priced item that a file with kernels, or with what goes with them, is one of."""
    if row.there:
        return "kernel-there"
    if row.language == "triton":
        return "kernel-triton-hard" if row.difficulty == DIFFICULTIES[0] else "kernel-triton"
    return f"kernel-{row.difficulty}" if row.kernels else "kernel-host"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
