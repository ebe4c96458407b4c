"""Autocast on `npu`: operators of matrices are computed in the lower precision, losses in full."""

from typing import Any, Callable

import torch
from torch.utils._pytree import tree_map

LOWER = ("mm", "bmm", "addmm", "baddbmm", "matmul", "linear", "conv1d", "conv2d", "conv3d", "einsum")
FULL = ("softmax.int", "log_softmax.int", "cross_entropy_loss", "nll_loss", "mse_loss", "layer_norm", "sum", "exp")

_libraries = []


def register() -> None:
    """Register both lists under autocast's key of the device; call once."""
    library = torch.library.Library("aten", "IMPL")
    for name in LOWER:
        library.impl(name, _cast(name, None), "AutocastPrivateUse1")
    for name in FULL:
        library.impl(name, _cast(name, torch.float32), "AutocastPrivateUse1")
    rest = torch.library.Library("_", "IMPL")
    rest.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    _libraries.extend((library, rest))


def _cast(name: str, dtype: Any) -> Callable[..., Any]:
    base, _, overload = name.partition(".")
    operator = getattr(getattr(torch.ops.aten, base), overload or "default")
    keys = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastPrivateUse1)

    def run(*args: Any, **kwargs: Any) -> Any:
        wanted = dtype or torch.get_autocast_dtype("npu")

        def cast(value: Any) -> Any:
            floating = isinstance(value, torch.Tensor) and value.is_floating_point()
            return value.to(wanted) if floating and value.device.type == "npu" else value

        with torch._C._ExcludeDispatchKeyGuard(keys):
            return operator(*tree_map(cast, args), **tree_map(cast, kwargs))

    return run
