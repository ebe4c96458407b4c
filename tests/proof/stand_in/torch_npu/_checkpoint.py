"""Checkpoints: tensors of `npu` are saved with the location `npu:0`, and what is loaded to that location is there.

A backend written in Python has no storages of its own, so a storage of the CPU is marked as one of the device.
"""

import re
from typing import Any, Callable, Optional

import torch

from torch_npu._tensor import NpuTensor

_MARK = "_on_npu"
_BEFORE_THE_CPU = 5


def register() -> None:
    """Teach `torch.save`, `torch.load` and storages the location; call once."""
    torch.serialization.register_package(_BEFORE_THE_CPU, _tag, _restore)
    torch.UntypedStorage.npu = lambda self, *_, **__: _marked(self)
    torch.UntypedStorage.to = _moved(torch.UntypedStorage.to)
    torch._utils._rebuild_tensor = _on_device(torch._utils._rebuild_tensor)


def reduce(tensor: NpuTensor, protocol: int) -> Any:
    """Return what pickle writes for a tensor of the device: that of its content, in a marked storage."""
    content = tensor.held.detach()
    _marked(content.untyped_storage())
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(content, tensor.requires_grad).__reduce_ex__(protocol)
    return content.requires_grad_(tensor.requires_grad).__reduce_ex__(protocol)


def _marked(storage: Any) -> Any:
    setattr(storage, _MARK, True)
    return storage


def _tag(storage: Any) -> Optional[str]:
    return "npu:0" if getattr(storage, _MARK, False) else None


def _restore(storage: Any, location: str) -> Any:
    return _marked(storage) if re.fullmatch(r"npu(:0)?", location) else None


def _moved(move: Callable[..., Any]) -> Callable[..., Any]:
    def to(self: Any, *, device: Any, non_blocking: bool = False) -> Any:
        if torch.device(device).type == "npu":
            return _marked(self)
        return move(self, device=device, non_blocking=non_blocking)

    return to


def _on_device(rebuild: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def rebuilt(storage: Any, *args: Any) -> torch.Tensor:
        tensor = rebuild(storage, *args)
        return NpuTensor(tensor) if getattr(storage._untyped_storage, _MARK, False) else tensor

    return rebuilt
