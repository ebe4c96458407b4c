"""What PyTorch asks the C++ side of a device for, and a backend written in Python cannot register."""

from typing import Any

import torch

from torch_npu import npu


def register() -> None:
    """Answer the calls behind `torch.accelerator` and `torch.Event`; call once."""

    def empty_cache() -> None:
        npu.empty_cache()

    def stats(device: int = 0) -> Any:
        return npu.memory_stats(device)

    torch._C._accelerator_synchronizeDevice = npu.synchronize
    torch._C._accelerator_emptyCache = empty_cache
    torch._C._accelerator_getDeviceStats = stats
    torch.Event = DoneEvent


class DoneEvent(torch.Event):
    """An event of any device, where all work is done when its call returns."""

    def synchronize(self) -> None:
        return None

    def elapsed_time(self, end_event: torch.Event) -> float:
        return 0.0
