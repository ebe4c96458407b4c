"""`torch.npu`: two devices, always there; everything on them is done when the call returns.

The guard that PyTorch has for backends written in Python knows one device: the tensors of both are on number 0.
"""

from typing import Any, Union

import torch

from torch_npu.npu import amp
from torch_npu.npu.memory import (
    empty_cache,
    max_memory_allocated,
    max_memory_reserved,
    mem_get_info,
    memory_allocated,
    memory_reserved,
    memory_stats,
    memory_summary,
    reset_peak_memory_stats,
)
from torch_npu.npu.random import (
    get_rng_state,
    get_rng_state_all,
    initial_seed,
    manual_seed,
    manual_seed_all,
    seed,
    seed_all,
    set_rng_state,
    set_rng_state_all,
)
from torch_npu.npu.streams import Event, Stream, StreamContext, current_stream, default_stream, set_stream, stream

__all__ = [
    "Event",
    "Stream",
    "StreamContext",
    "current_device",
    "current_stream",
    "default_stream",
    "device",
    "device_count",
    "empty_cache",
    "get_device_name",
    "get_device_properties",
    "get_rng_state",
    "get_rng_state_all",
    "init",
    "initial_seed",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_reserved",
    "memory_stats",
    "memory_summary",
    "reset_peak_memory_stats",
    "seed",
    "seed_all",
    "set_device",
    "set_rng_state",
    "set_rng_state_all",
    "set_stream",
    "stream",
    "synchronize",
]

DEVICES = 2
Device = Union[int, str, torch.device, None]
get_amp_supported_dtype = amp.get_amp_supported_dtype
_current = 0


class device:
    """The context manager under which a device is the current one."""

    def __init__(self, device: Device) -> None:
        self.idx = index_of(device)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: Any) -> None:
        return None


def index_of(device: Device) -> int:
    """Return the number of a device; raises RuntimeError when there is none of this number."""
    if isinstance(device, str):
        device = torch.device(device)
    if isinstance(device, torch.device):
        if device.type != "npu":
            raise RuntimeError(f"Invalid device, must be npu device: {device}")
        device = device.index
    number = _current if device in (None, -1) else device
    if number not in range(DEVICES):
        raise RuntimeError(f"Invalid NPU device id {device}: there are {DEVICES}")
    return number


def is_available() -> bool:
    return True


def is_initialized() -> bool:
    return True


def init() -> None:
    return None


def is_bf16_supported() -> bool:
    return True


def device_count() -> int:
    return DEVICES


def current_device() -> int:
    return _current


def set_device(device: Device) -> None:
    global _current
    _current = index_of(device)


def synchronize(device: Device = None) -> None:
    index_of(device)


def get_device_name(device: Device = None) -> str:
    index_of(device)
    return "Stand-in"


class _Properties:
    name = "Stand-in"
    total_memory = 1 << 30


def get_device_properties(device: Device = None) -> _Properties:
    index_of(device)
    return _Properties()


def _is_in_bad_fork() -> bool:
    return False


def _lazy_init() -> None:
    return None
