"""Tensors on `npu`: a shell with the device in front of a CPU tensor that holds the numbers."""

import os
from typing import Any, Optional

import torch
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

_MIXING = frozenset({"copy_", "_to_copy", "_copy_from", "index", "index_put_", "index_put", "_index_put_impl_"})
"""Operators that take operands on several devices; any other takes CPU scalars at most."""

_RESHAPING = frozenset({"resize_", "set_", "t_", "transpose_", "squeeze_", "unsqueeze_", "as_strided_", "swapaxes_"})
"""Operators that change the shape of a tensor in place, which a shell cannot follow."""

_seen = False


class NpuTensor(torch.Tensor):
    """A tensor on `npu`; `held` is its content on the CPU, which views of it share."""

    held: torch.Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, held: torch.Tensor) -> "NpuTensor":
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            layout=held.layout,
            device=torch.device("npu", 0),
            requires_grad=False,
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Optional[dict[str, Any]] = None
    ) -> Any:
        return run(func, args, kwargs or {})

    def record_stream(self, stream: torch.Stream) -> None:
        if not isinstance(stream, torch.Stream) or stream.device.type != "npu":
            raise TypeError(f"not a stream of npu: {stream!r}")

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        text = repr(self.held.detach())
        return f"{text[:-1]}, device='{self.device}')"

    def __format__(self, spec: str) -> str:
        return format(self.held.detach(), spec)

    def tolist(self) -> Any:
        return self.held.tolist()

    def numpy(self, *, force: bool = False) -> Any:
        if not force:
            raise TypeError(
                "can't convert npu:0 device type tensor to numpy. "
                "Use Tensor.cpu() to copy the tensor to host memory first."
            )
        return self.detach().held.numpy()

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return self.numpy()

    def __reduce_ex__(self, protocol: int) -> Any:
        from torch_npu._checkpoint import reduce

        return reduce(self, protocol)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = self.detach().clone().requires_grad_(self.requires_grad)
            if isinstance(self, torch.nn.Parameter):
                memo[id(self)] = torch.nn.Parameter(memo[id(self)], self.requires_grad)
        return memo[id(self)]


def run(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Compute an operator on what the operands hold; results are on the device that the operator would put them on."""
    name = func._schema.name.rpartition("::")[2]
    flat, shape = tree_flatten((args, kwargs))
    _check_devices(name, flat)
    note_use()
    target = torch.device(kwargs["device"]) if kwargs.get("device") is not None else None
    plain_args, plain_kwargs = tree_unflatten([held(value) for value in flat], shape)
    if "device" in plain_kwargs and target is not None:
        plain_kwargs["device"] = torch.device("cpu")
    result = func(*plain_args, **plain_kwargs)
    if name == "_to_copy" and target is not None and target.type != "npu":
        return result
    if target is not None and target.type != "npu":
        return tree_map(lambda value: value, result)
    owners = {id(value.held): value for value in flat if isinstance(value, NpuTensor)}
    return tree_map(lambda value: _shell(value, owners), result)


def held(value: Any) -> Any:
    """The CPU side of an operand."""
    return value.held if isinstance(value, NpuTensor) else value


def note_use() -> None:
    """Leave word, once a process, that something ran on the device."""
    global _seen
    log = os.environ.get("PROOF_LOG")
    if log and not _seen:
        _seen = True
        with open(log, "a", encoding="utf-8") as file:
            file.write("npu\n")


def _shell(value: Any, owners: dict[int, NpuTensor]) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    return owners[id(value)] if id(value) in owners else NpuTensor(value)


def _check_devices(name: str, flat: list[Any]) -> None:
    if name in _RESHAPING:
        raise NotImplementedError(f"the stand-in for npu has no {name}")
    tensors = [value for value in flat if isinstance(value, torch.Tensor)]
    on_cpu = [value for value in tensors if not isinstance(value, NpuTensor) and value.dim() > 0]
    if on_cpu and name not in _MIXING and any(isinstance(value, NpuTensor) for value in tensors):
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, npu:0 and cpu! "
            f"(operator {name})"
        )
