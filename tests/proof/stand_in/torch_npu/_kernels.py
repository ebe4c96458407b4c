"""The few operators that PyTorch asks of a device itself: factories, copies from the CPU, pinned memory."""

from collections.abc import Iterator
from typing import Any, Callable

import torch

from torch_npu._tensor import NpuTensor, held, note_use

_libraries = []
_pinned = "_pinned_for_npu"


def register() -> None:
    """Register the operators; call once."""
    library = torch.library.Library("aten", "IMPL")
    for name, overload in _factories():
        library.impl(name, _factory(overload), "PrivateUse1")
    library.impl("_copy_from", _copy_from, "PrivateUse1")
    library.impl("_pin_memory", _pin_memory, "CPU")
    library.impl("is_pinned", _is_pinned, "CPU")
    _libraries.append(library)


def _factories() -> Iterator[tuple[str, Any]]:
    """Every operator that makes a tensor on a device from no tensor at all, and is not made of others."""
    for full in torch._C._dispatch_get_all_op_names():
        namespace, _, name = full.partition("::")
        base, _, overload = name.partition(".")
        if namespace != "aten" or torch._C._dispatch_has_kernel_for_dispatch_key(full, "CompositeImplicitAutograd"):
            continue
        found = getattr(getattr(torch.ops.aten, base, None), overload or "default", None)
        if found is None:
            continue
        names = {argument.name for argument in found._schema.arguments}
        types = [str(argument.type) for argument in found._schema.arguments]
        if "device" in names and not any("Tensor" in kind or "Storage" in kind for kind in types):
            yield name, found


def _factory(overload: Any) -> Callable[..., NpuTensor]:
    def make(*args: Any, **kwargs: Any) -> NpuTensor:
        note_use()
        kwargs.update(device=torch.device("cpu"), pin_memory=None)
        return NpuTensor(overload(*args, **kwargs))

    return make


def _copy_from(source: torch.Tensor, to: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    held(to).copy_(held(source), non_blocking)
    return to


def _pin_memory(self: torch.Tensor, device: Any = None) -> torch.Tensor:
    copy = self.clone()
    setattr(copy, _pinned, True)
    return copy


def _is_pinned(self: torch.Tensor, device: Any = None) -> bool:
    return bool(getattr(self, _pinned, False))
