"""Other spellings of PyTorch's public names: the private module where a thing is defined, and where it is inherited.

Source: the `__module__` of the objects that PyTorch 2.13 offers under both names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_EXACT = {
    "torch.amp.autocast": "torch.autocast",
    "torch.nn.Parameter": "torch.nn.parameter.Parameter",
    "torch.nn.parallel.DataParallel": "torch.nn.DataParallel",
    "torch.nn.parallel.data_parallel.DataParallel": "torch.nn.DataParallel",
}

MOVED: tuple[tuple[str, str], ...] = (
    ("torch._tensor.Tensor", "torch.Tensor"),
    ("torch.amp.autocast_mode", "torch.amp"),
    ("torch.amp.grad_scaler", "torch.amp"),
    ("torch.autograd.anomaly_mode", "torch.autograd"),
    ("torch.autograd.function", "torch.autograd"),
    ("torch.autograd.grad_mode", "torch"),
    ("torch.cpu.amp.autocast_mode", "torch.cpu.amp"),
    ("torch.cuda.amp.autocast_mode", "torch.cuda.amp"),
    ("torch.cuda.amp.grad_scaler", "torch.cuda.amp"),
    ("torch.cuda.graphs", "torch.cuda"),
    ("torch.cuda.memory", "torch.cuda"),
    ("torch.cuda.random", "torch.cuda"),
    ("torch.cuda.streams", "torch.cuda"),
    ("torch.distributed.checkpoint.default_planner", "torch.distributed.checkpoint"),
    ("torch.distributed.checkpoint.filesystem", "torch.distributed.checkpoint"),
    ("torch.distributed.checkpoint.planner", "torch.distributed.checkpoint"),
    ("torch.distributed.checkpoint.storage", "torch.distributed.checkpoint"),
    ("torch.distributed.distributed_c10d", "torch.distributed"),
    ("torch.distributed.fsdp.api", "torch.distributed.fsdp"),
    ("torch.distributed.fsdp.fully_sharded_data_parallel", "torch.distributed.fsdp"),
    ("torch.distributed.optim.optimizer", "torch.distributed.optim"),
    ("torch.distributed.optim.post_localSGD_optimizer", "torch.distributed.optim"),
    ("torch.distributed.optim.zero_redundancy_optimizer", "torch.distributed.optim"),
    ("torch.distributed.rpc.api", "torch.distributed.rpc"),
    ("torch.distributed.rpc.options", "torch.distributed.rpc"),
    ("torch.distributed.tensor._api", "torch.distributed.tensor"),
    ("torch.distributed.tensor.parallel.api", "torch.distributed.tensor.parallel"),
    ("torch.distributed.tensor.parallel.loss", "torch.distributed.tensor.parallel"),
    ("torch.distributed.tensor.parallel.style", "torch.distributed.tensor.parallel"),
    ("torch.export.exported_program", "torch.export"),
    ("torch.functional", "torch"),
    ("torch.fx._symbolic_trace", "torch.fx"),
    ("torch.fx.graph", "torch.fx"),
    ("torch.fx.graph_module", "torch.fx"),
    ("torch.fx.interpreter", "torch.fx"),
    ("torch.fx.node", "torch.fx"),
    ("torch.nn.parallel.distributed", "torch.nn.parallel"),
    ("torch.nn.utils.clip_grad", "torch.nn.utils"),
    ("torch.profiler.profiler", "torch.profiler"),
    ("torch.random", "torch"),
    ("torch.serialization", "torch"),
    ("torch.storage", "torch"),
    ("torch.testing._comparison", "torch.testing"),
    ("torch.utils.backend_registration", "torch.utils"),
    ("torch.utils.data._utils.collate", "torch.utils.data"),
)
"""Modules whose public names are offered by another one."""

_PACKAGES = re.compile(
    r"(torch\.(?:nn(?=\.modules)|optim(?!\.(?:lr_scheduler|swa_utils))|utils\.data))"
    r"(?:\.modules)?(?:\.[a-z_0-9]+)?(\.[A-Z].*)"
)
"""Packages that offer the classes of the modules in them."""

_INHERITED = re.compile(r"(torch\.(?:nn|optim))\.[A-Z]\w*(\.\w+)")
_BASES = {"torch.nn": "torch.nn.Module", "torch.optim": "torch.optim.Optimizer"}
_NESTED = "torch.distributions."


def find(api: str, known: Collection[str]) -> str:
    """Return the name among `known` that an API is listed under, or an empty string."""
    for name in _spellings(api):
        if name in known:
            return name
    if api.startswith(_NESTED):
        return _nested(api, known)
    return ""


def _spellings(api: str) -> Iterator[str]:
    """Yield a name, its other spellings, and the names of what it may be inherited from."""
    names: list[str] = [api]
    for name in names:
        yield name
        names.extend(other for other in _others(name) if other not in names)
    for name in names:
        match = _INHERITED.fullmatch(name)
        if match:
            yield _BASES[match.group(1)] + match.group(2)


def _others(name: str) -> Iterator[str]:
    if name in _EXACT:
        yield _EXACT[name]
    for private, public in MOVED:
        if name == private or name.startswith(f"{private}."):
            yield public + name[len(private) :]
    match = _PACKAGES.fullmatch(name)
    if match:
        yield match.group(1) + match.group(2)


def _nested(api: str, known: Collection[str]) -> str:
    """The one listed name that ends as a distribution's does and has its module before it."""
    tail = api[len(_NESTED) :]
    pattern = re.compile(rf"{re.escape(_NESTED)}\w+\.{re.escape(tail)}")
    found = [name for name in known if pattern.fullmatch(name)]
    return found[0] if len(found) == 1 else ""
