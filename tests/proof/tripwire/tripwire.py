"""Raises on any use of CUDA by a program, queries whether there is any apart.

Only calls from the program's own files count (those below the folder named in `PROOF_ROOT`): PyTorch itself looks at
`torch.cuda` all the time. Each trip is also written to the file named in `PROOF_LOG`, so that a program that catches
every exception does not get away with it. With `PROOF_PROMISE`, the queries answer as on a machine with a GPU.
"""

import functools
import importlib
import os
import sys
from types import ModuleType
from typing import Any

import torch

QUERIES = {"is_available": True, "device_count": 1, "is_initialized": True, "is_bf16_supported": True}
"""What may be asked of `torch.cuda` anywhere, and the answers on a machine with a GPU."""

MODULES = ("amp", "comm", "graphs", "memory", "nvtx", "profiler", "random", "streams", "tunable")

_ROOT = os.path.realpath(os.environ.get("PROOF_ROOT", "/")) + os.sep


class Tripped(BaseException):
    """A program used CUDA; no `except Exception` stops it."""


def set_up() -> None:
    """Put the wire on all ways to CUDA; call once in a process."""
    for name in MODULES:
        importlib.import_module(f"torch.cuda.{name}")
    for name, module in list(sys.modules.items()):
        if name == "torch.cuda" or name.startswith("torch.cuda."):
            module.__class__ = _Wired
    torch.cuda._lazy_init = functools.partial(trip, "CUDA was initialised")
    for owner in (torch.Tensor, torch.nn.Module, torch.UntypedStorage, torch.TypedStorage):
        _wire_method(owner, "cuda")
    torch.device = _Device  # type: ignore[misc, assignment]
    _wire_first(torch.amp.autocast, "__init__", "device_type", 1)
    _wire_first(torch.amp.GradScaler, "__init__", "device", 1, default="cuda")
    _wire_location()
    if torch.distributed.is_available():
        _wire_backends()


def trip(what: str, *_: Any, **__: Any) -> None:
    """Note down a use of CUDA and raise Tripped."""
    log = os.environ.get("PROOF_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"trip: {what}\n")
    raise Tripped(what)


def by_program(depth: int = 2) -> bool:
    """Return whether the caller of the function that asks is a file of the program."""
    return os.path.realpath(sys._getframe(depth).f_code.co_filename).startswith(_ROOT)


class _Wired(ModuleType):
    """`torch.cuda` or a module below it, as a program sees it."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") or not by_program():
            return super().__getattribute__(name)
        if name not in QUERIES:
            trip(f"{super().__getattribute__('__name__')}.{name}")
        if os.environ.get("PROOF_PROMISE"):
            return lambda *_, **__: QUERIES[name]
        return super().__getattribute__(name)


class _AnyDevice(type):
    """Makes a class pass for the type of devices where one is asked for."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _REAL_DEVICE)


_REAL_DEVICE = torch.device


class _Device(metaclass=_AnyDevice):
    """`torch.device`, which a program must not make one of CUDA of."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        made = _REAL_DEVICE(*args, **kwargs)
        if made.type == "cuda" and by_program():
            trip(f"torch.device({str(made)!r})")
        return made


def _wire_method(owner: type, name: str) -> None:
    """Trip when a program calls a method of this name."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def wired(self: Any, *args: Any, **kwargs: Any) -> Any:
        if by_program():
            trip(f"{owner.__name__}.{name}()")
        return method(self, *args, **kwargs)

    setattr(owner, name, wired)


def _wire_first(owner: Any, name: str, parameter: str, at: int, default: str = "") -> None:
    """Trip when a program calls a function with CUDA for the parameter that names the device or backend."""
    function = getattr(owner, name)

    @functools.wraps(function)
    def wired(*args: Any, **kwargs: Any) -> Any:
        given = args[at] if len(args) > at else kwargs.get(parameter, default)
        if by_program() and _is_cuda(given):
            trip(f"{owner.__name__}.{name} with {parameter}={given!r}")
        return function(*args, **kwargs)

    setattr(owner, name, wired)


def _is_cuda(given: Any) -> bool:
    return any(word in str(given).lower() for word in ("cuda", "nccl"))


def _wire_location() -> None:
    """Trip when something is loaded from a file to a device of CUDA."""
    validate = torch.serialization._validate_device

    def wired(location: Any, backend: str) -> Any:
        if backend == "cuda":
            trip(f"torch.load to {location}")
        return validate(location, backend)

    torch.serialization._validate_device = wired


def _wire_backends() -> None:
    from torch import distributed
    from torch.distributed import distributed_c10d

    for name, at in (("init_process_group", 0), ("new_group", 2)):
        _wire_first(distributed_c10d, name, "backend", at)
        setattr(distributed, name, getattr(distributed_c10d, name))
