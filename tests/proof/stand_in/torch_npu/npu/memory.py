"""Numbers on memory: nothing is counted, so they are those of an empty device."""

from typing import Any

TOTAL = 1 << 30


def memory_allocated(device: Any = None) -> int:
    return 0


def max_memory_allocated(device: Any = None) -> int:
    return 0


def memory_reserved(device: Any = None) -> int:
    return 0


def max_memory_reserved(device: Any = None) -> int:
    return 0


def memory_stats(device: Any = None) -> dict[str, int]:
    return {"allocated_bytes.all.current": 0, "allocated_bytes.all.peak": 0}


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    return "nothing allocated"


def mem_get_info(device: Any = None) -> tuple[int, int]:
    return TOTAL, TOTAL


def reset_peak_memory_stats(device: Any = None) -> None:
    return None


def empty_cache() -> None:
    return None
