"""The files that hold kernels: how large, how hard and why, which Python builds and loads them, what does without.

Files are tied by what they say: a build file or a loader names a source, or the pattern of sources in a folder above
it; a compiled module is imported from a folder that holds the source. None of it is run.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from portcheck.apart import device_of
from portcheck.extensions import loaded_by
from portcheck.inventory import DIFFICULTIES, KernelFile, Place
from portcheck.model import Fact, FactKind, FileFacts, FileReport, Kind
from portcheck.packtypes import TargetPack
from portcheck.records import NamedTuple
from portcheck.sources.kernel import SOURCE
from portcheck.sources.plain import PLAIN
from portcheck.sources.pykernels import CUTE, CUTE_HELPER, CUTILE, NUMBA, TRITON

LARGE, MIDDLING = 400, 100
"""Lines of code from which on a file of kernels is hard, or not easy, whatever stands in it; as it is priced."""

HOST = frozenset(
    {"cublas", "cudnn", "cufft", "cusparse", "cusolver", "curand", "cutlass", "thrust", "cub", "nccl", "driver-api"}
)
"""The marks of code for the host that needs a counterpart of what it calls."""

_WRITTEN = {"triton": (TRITON,), "numba": (NUMBA,), "cute": (CUTE, CUTE_HELPER), "cutile": (CUTILE,)}
"""The languages of kernels that are written as functions of Python, with what the names of such facts begin with."""

_SOURCES = (".cu", ".cuh")
_FILES = (*_SOURCES, ".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx")
_CODE = (".py", ".c", ".cc", ".cpp", ".cxx")
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_EMPTY_WORDS = frozenset({"cuda", "kernel", "kernels", "ops", "op", "src", "csrc", "ext", "gpu", "fwd", "bwd", "impl"})
_ANYWHERE = frozenset({"init", "main", "base", "common", "helper", "helpers", "util", "utils", "types", "version"})
_CPU = re.compile(r"(?:_cuda|_gpu|_kernel|_cu)+$")


class _Around(NamedTuple):
    """What may be tied to kernels: who names which sources, who imports which compiled modules, what does without."""

    named: tuple[tuple[str, Place], ...]
    loaders: tuple[tuple[str, Place], ...]
    plain: tuple[tuple[str, Place], ...]
    edges: Mapping[str, Sequence[str]]
    paths: frozenset[str]
    there: Mapping[frozenset[str], str]


def kernel_files(
    target: TargetPack,
    files: Mapping[str, FileReport],
    facts: Mapping[str, FileFacts],
    edges: Mapping[str, Sequence[str]],
) -> tuple[KernelFile, ...]:
    """Return what holds kernels, the hardest first, then the largest."""
    around = _around(files, facts, edges, frozenset({target.device, target.name}))
    needed = [path for path in facts if device_of(path, "", target) in ("", target.device)]
    rows = [row for path in needed for row in _rows(files[path], facts[path], target)]
    tied = [_tied(row, around) for row in rows]
    return tuple(sorted(tied, key=_order))


def difficulty(language: str, marks: Iterable[str], lines: int, target: TargetPack) -> str:
    """Return how hard kernels are to bring to a target, by their marks and their size."""
    names = {f"{language}.{mark}" for mark in marks}
    if lines > LARGE or not names.isdisjoint(target.hard):
        return DIFFICULTIES[0]
    return DIFFICULTIES[1 if lines > MIDDLING or not names.isdisjoint(target.medium) else 2]


def _order(row: KernelFile) -> tuple[int, int, Place]:
    return DIFFICULTIES.index(row.difficulty), -row.lines, row.place


def _rows(file: FileReport, facts: FileFacts, target: TargetPack) -> Iterable[KernelFile]:
    kernels = [fact for fact in facts.facts if fact.kind is FactKind.KERNEL]
    for language, prefixes in _WRITTEN.items():
        own = [fact for fact in kernels if fact.name.startswith(prefixes)]
        if own:
            yield _written(file, own, language, target)
    for fact in kernels:
        if fact.name == SOURCE:
            row = _summed(file, fact, target)
            if row is not None:
                yield row


def _written(file: FileReport, kernels: Sequence[Fact], language: str, target: TargetPack) -> KernelFile:
    """The kernels of a Python file that are written as functions."""
    said = [dict(fact.args) for fact in kernels]
    marks = sorted({mark for each in said for mark in each.get("marks", "").split(",") if mark})
    lines = _covered(kernels)
    span = kernels[0].span
    return KernelFile(
        place=Place(file.path, span.line, span.cell),
        language=language,
        role=file.role.value,
        lines=lines,
        kernels=sum(not fact.name.startswith(CUTE_HELPER) for fact in kernels),
        launches=sum(_number(each, "launches") for each in said),
        difficulty=difficulty(language, marks, lines, target),
        marks=_by_weight(language, marks, target),
    )


def _covered(kernels: Sequence[Fact]) -> int:
    """The lines of kernels; those within another count once."""
    lines, last = 0, (0, 0)
    for fact in sorted(kernels, key=lambda fact: (fact.span.cell or 0, fact.span.line, -fact.span.end_line)):
        end = (fact.span.cell or 0, fact.span.end_line)
        if end > last:
            lines += _number(dict(fact.args), "lines")
            last = end
    return lines


def _summed(file: FileReport, fact: Fact, target: TargetPack) -> KernelFile | None:
    """The kernels of a file of CUDA C++ or of a text of it; None for what only mentions CUDA."""
    said = dict(fact.args)
    marks = [mark for mark in said.get("marks", "").split(",") if mark]
    kernels, launches, device = (_number(said, key) for key in ("kernels", "launches", "device"))
    is_device = bool(kernels or launches or device)
    if not is_device and not file.path.endswith(_SOURCES) and HOST.isdisjoint(marks):
        return None
    lines = _number(said, "code")
    return KernelFile(
        place=Place(file.path, fact.span.line, fact.span.cell),
        language="cuda" if is_device else "host",
        role=file.role.value,
        lines=lines,
        kernels=kernels,
        launches=launches,
        # Code for the host keeps its size; what it calls is what becomes something else.
        difficulty=difficulty("cuda", marks, lines if is_device else 0, target),
        marks=_by_weight("cuda", marks, target),
    )


def _by_weight(language: str, marks: Iterable[str], target: TargetPack) -> tuple[str, ...]:
    """The marks with those that make a port hard first."""
    weights = {name: weight for weight, names in enumerate((target.hard, target.medium)) for name in names}
    return tuple(sorted(marks, key=lambda mark: (weights.get(f"{language}.{mark}", 2), mark)))


def _number(said: Mapping[str, str], key: str) -> int:
    text = said.get(key, "")
    return int(text) if text.isdigit() else 0


def _around(
    files: Mapping[str, FileReport],
    facts: Mapping[str, FileFacts],
    edges: Mapping[str, Sequence[str]],
    target: frozenset[str],
) -> _Around:
    named: list[tuple[str, Place]] = []
    loaders: list[tuple[str, Place]] = []
    plain: list[tuple[str, Place]] = []
    for path, found in facts.items():
        for fact in found.facts:
            source = _source(fact)
            if source and files[path].kind is not Kind.KERNEL:
                named.append((source, Place(path, fact.span.line, fact.span.cell)))
        for trait in found.traits:
            loaded = loaded_by(trait)
            if loaded:
                line, module = loaded
                loaders.append((module, Place(path, line)))
            if trait.startswith(PLAIN):
                name, _, at = trait[len(PLAIN) :].rpartition(":")
                plain.append((name, Place(path, int(at))))
    return _Around(tuple(named), tuple(loaders), tuple(plain), edges, frozenset(files), _there(files, target))


def _there(paths: Iterable[str], target: frozenset[str]) -> dict[frozenset[str], str]:
    """Code for the target, by the words that name it beside the target's own: `npu/roll.cpp`, `roll_npu.cpp`."""
    found: dict[frozenset[str], str] = {}
    for path in paths:
        if path.endswith(_CODE):
            own, folder = _words(PurePosixPath(path).stem), _words(_folder(path).rpartition("/")[2])
            if (own | folder) & target and own - target - _ANYWHERE:
                found.setdefault(own - target, path)
    return found


def _source(fact: Fact) -> str:
    """The source of kernels, or the pattern of such sources, that a fact names; empty for none."""
    value = fact.name.partition("=")[2] if fact.kind is FactKind.SETTING else fact.name
    named = fact.kind in (FactKind.STRING, FactKind.SETTING) and value.endswith(_SOURCES)
    return value.replace("\\", "/") if named else ""


def _tied(row: KernelFile, around: _Around) -> KernelFile:
    path = row.place.path
    if path.endswith(_FILES):
        built, loaded = _builders(path, around), _loaders(path, around)
        if _farther(path, loaded, built):
            loaded = ()  # what is built that near is loaded where it is built
    else:
        built, loaded = (), tuple(sorted(Place(other, 1) for other, used in around.edges.items() if path in used))
    name, at = _fallback(row, (*loaded, *built), around)
    there = around.there.get(_words(PurePosixPath(path).stem), path)
    return row._replace(
        built=built, loaded=loaded, fallback=name, fallback_at=at, there=Place(there, 1) if there != path else None
    )


def _builders(path: str, around: _Around) -> tuple[Place, ...]:
    """Who names this source: by its own name, or else by a pattern from a folder above it; the nearest."""
    own = PurePosixPath(path)
    exact: list[Place] = []
    general: list[Place] = []
    for value, place in around.named:
        name = value.rpartition("/")[2]
        if name == own.name:
            exact.append(place)
        elif "*" in name and own.match(name) and _is_below(path, _folder(place.path)):
            general.append(place)
    nearest = _nearest(path, exact) or _nearest(path, general)
    return tuple(dict.fromkeys(nearest))


def _loaders(path: str, around: _Around) -> tuple[Place, ...]:
    """Who imports a compiled module from the folder of this source, or one above it; the nearest.

    A module whose name says what it is of (`roll_cuda`) is that of sources whose path holds a word of it.
    """
    words = frozenset().union(*map(_words, PurePosixPath(path).with_suffix("").parts))
    fitting = [place for name, place in around.loaders if not _words(name) or _words(name) & words]
    near = [place for place in fitting if _folder(place.path) and _is_below(path, _folder(place.path))]
    return tuple(dict.fromkeys(_nearest(path, near)))


def _farther(path: str, places: Sequence[Place], others: Sequence[Place]) -> bool:
    """Whether places have less in common with a path than others have."""
    return max((_common(path, place.path) for place in places), default=0) < max(
        (_common(path, place.path) for place in others), default=0
    )


def _nearest(path: str, places: Sequence[Place]) -> list[Place]:
    """The places whose folder has most in common with that of a path."""
    shared = [_common(path, place.path) for place in places]
    most = max(shared, default=0)
    return [place for place, length in zip(places, shared) if length == most]


def _common(path: str, other: str) -> int:
    count = 0
    for one, two in zip(path.split("/")[:-1], other.split("/")[:-1]):
        if one != two:
            break
        count += 1
    return count


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _fallback(row: KernelFile, near: Sequence[Place], around: _Around) -> tuple[str, Place | None]:
    """What does the same without the kernel: a function said to be plain beside it, or C++ for the CPU."""
    path = row.place.path
    beside = {path, *(place.path for place in near)}
    words = _words(PurePosixPath(path).stem) | _words(_folder(path).rpartition("/")[2])
    likeness = [(_likeness(path, words, name, place, beside), name, place) for name, place in around.plain]
    best = max(likeness, key=lambda item: item[0], default=(0, "", None))
    if best[0]:
        return best[1:]
    stem = _CPU.sub("", path.rpartition(".")[0])
    for suffix in (".cpp", ".cc", ".cxx"):
        if f"{stem}_cpu{suffix}" in around.paths:
            return "C++ for the CPU", Place(f"{stem}_cpu{suffix}", 1)
    return "", None


def _likeness(path: str, words: frozenset[str], name: str, place: Place, beside: Collection[str]) -> int:
    """How much speaks for a plain function to be that of a file's kernels; 0 when it stands elsewhere."""
    if place.path not in beside and _folder(place.path) != _folder(path):
        return 0
    shared = len(_words(name) & words)
    home = place.path == path or len(_words(PurePosixPath(place.path).stem) & words)
    return 2 * shared + home if place.path in beside or shared else 0


def _words(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORDS.findall(name) if len(word) > 2) - _EMPTY_WORDS
