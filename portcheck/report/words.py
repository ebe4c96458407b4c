"""The plain words that reports use for the vocabularies, and how numbers are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portcheck.model import Category, Kind, Role, Work

if TYPE_CHECKING:
    from portcheck.estimate import Range

WORK: dict[Work, str] = {
    Work.BLOCKER: "nothing on the target does it",
    Work.REWRITE: "another API or other logic",
    Work.CONFIG: "a setting or package to swap",
    Work.RENAME: "a drop-in replacement",
    Work.VERIFY: "should run, but worth a look",
    Work.NONE: "works as it is",
}
"""What a person must do, the hardest first."""

WORK_STYLE: dict[Work, str] = {
    Work.BLOCKER: "red",
    Work.REWRITE: "yellow",
    Work.CONFIG: "cyan",
    Work.RENAME: "cyan",
    Work.VERIFY: "green",
    Work.NONE: "green",
}
"""The colour of each kind of work."""

CATEGORY: dict[Category, str] = {
    Category.DEVICE_API: "device control",
    Category.DEVICE_MOVE: "tensor and module moves",
    Category.DEVICE_LITERAL: "device names in strings",
    Category.DEVICE_QUERY: "device queries",
    Category.TENSOR_TYPE: "typed CUDA tensors",
    Category.AMP: "mixed precision",
    Category.RNG: "random number state",
    Category.MEMORY: "device memory",
    Category.STREAM_EVENT_GRAPH: "streams, events, graphs",
    Category.PROFILER: "profiling and tracing",
    Category.BACKEND_FLAG: "backend switches",
    Category.DISTRIBUTED: "distributed",
    Category.ENV: "environment variables",
    Category.COMPILE: "compilation",
    Category.EXTENSION_BUILD: "building CUDA extensions",
    Category.KERNEL: "custom kernels",
    Category.LIBRARY: "CUDA-bound libraries",
    Category.OP_SUPPORT: "operators with limits",
    Category.DTYPE: "data types with limits",
    Category.OPTIMIZER: "optimizers",
    Category.LAUNCHER: "launchers and GPU counts",
    Category.SHELL: "NVIDIA tools",
    Category.DEPENDENCY: "required packages",
    Category.IMAGE: "container images",
    Category.SETTING: "settings files",
    Category.OTHER_FRAMEWORK: "other frameworks on GPUs",
}
"""What a place is about."""

KIND: dict[Kind, str] = {
    Kind.PYTHON: "Python",
    Kind.NOTEBOOK: "notebook",
    Kind.MANIFEST: "manifest",
    Kind.CONTAINER: "container",
    Kind.SHELL: "shell",
    Kind.SETTINGS: "settings",
    Kind.KERNEL: "kernel",
    Kind.BUILD: "build",
    Kind.OTHER: "other",
}
"""What a file is, used before the word `files`."""

ROLE: dict[Role, str] = {
    Role.SOURCE: "source",
    Role.TEST: "tests",
    Role.EXAMPLE: "examples",
    Role.BENCHMARK: "benchmarks",
    Role.DOC: "documentation",
    Role.BUILD: "build files",
    Role.VENDORED: "vendored code",
    Role.GENERATED: "generated code",
}
"""What a file is for, used after `in`."""


def number(value: int) -> str:
    """Return a whole number with a comma at the thousands."""
    return f"{value:,}"


def count(value: int, singular: str, plural: str = "") -> str:
    """Return a number and its noun: `1 place`, `1,204 places`."""
    return f"{value:,} {singular if value == 1 else plural or singular + 's'}"


def percent(part: int, whole: int) -> str:
    """Return a share in whole per cent that says 0% and 100% only of none and of all."""
    if part in (0, whole):
        return "100%" if part else "0%"
    return f"{min(max(round(100 * part / whole), 1), 99)}%"


def span(value: Range | None) -> str:
    """Return a range no finer than an estimate is: `9-20`, or a dash when there is none."""
    if value is None:
        return "-"
    from portcheck.verdict import about

    low, high = about(value.low), about(value.high)
    return low if low == high else f"{low}-{high}"
