"""What PyTorch asks the C++ side of a device for, and a backend written in Python cannot register."""

import torch

from torch_npu import npu


def register() -> None:
    """Answer the calls behind `torch.accelerator` and `torch.Event`; call once."""

    def nothing(device: int = 0) -> None:
        npu.synchronize(device)

    answers = {
        "synchronizeDevice": npu.synchronize,
        "isAllocatorInitialized": npu.is_initialized,
        "emptyCache": npu.empty_cache,
        "getDeviceStats": npu.memory_stats,
        "getMemoryInfo": npu.mem_get_info,
        "resetAccumulatedStats": nothing,
        "resetPeakStats": nothing,
    }
    for name, answer in answers.items():
        setattr(torch._C, f"_accelerator_{name}", answer)
    torch.Event = DoneEvent


class DoneEvent(torch.Event):
    """An event of any device, where all work is done when its call returns."""

    def synchronize(self) -> None:
        return None

    def elapsed_time(self, end_event: torch.Event) -> float:
        return 0.0
