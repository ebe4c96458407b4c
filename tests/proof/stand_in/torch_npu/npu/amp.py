"""`torch.npu.amp`: autocast and the scaler of losses with the device filled in."""

from typing import Any

import torch

__all__ = ["GradScaler", "autocast", "get_amp_supported_dtype"]


class autocast(torch.amp.autocast):
    """Autocast on `npu`."""

    def __init__(self, enabled: bool = True, dtype: torch.dtype = torch.float16, cache_enabled: bool = True) -> None:
        super().__init__("npu", enabled=enabled, dtype=dtype, cache_enabled=cache_enabled)


class GradScaler(torch.amp.GradScaler):
    """The scaler of losses on `npu`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("npu", *args, **kwargs)


def get_amp_supported_dtype() -> list[torch.dtype]:
    return [torch.float16, torch.bfloat16]
