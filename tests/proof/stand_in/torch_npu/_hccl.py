"""The backend `hccl` of torch.distributed: Gloo on what the tensors of `npu` hold."""

from typing import Any

import torch
import torch.distributed as dist

from torch_npu._tensor import NpuTensor, held, note_use


def register() -> None:
    """Register the backend for tensors of `npu`, and the question whether it is there; call once."""
    dist.Backend.register_backend("hccl", _create, extended_api=False, devices=["npu"])
    dist.is_hccl_available = lambda: True


def _create(store: Any, rank: int, size: int, timeout: Any) -> "HcclGroup":
    return HcclGroup(dist.ProcessGroupGloo(store, rank, size, timeout), rank, size)


class HcclGroup(dist.ProcessGroup):
    """A group of processes whose collectives take tensors of `npu` alone, as on the device itself."""

    def __init__(self, gloo: Any, rank: int, size: int) -> None:
        super().__init__(rank, size)
        self._gloo = gloo

    def getBackendName(self) -> str:
        return "hccl"

    @property
    def _device_types(self) -> list[torch.device]:
        return [torch.device("npu")]

    def allreduce(self, tensors: Any, opts: Any = None) -> Any:
        return self._done(self._gloo.allreduce(_contents(tensors), opts or dist.AllreduceOptions()), tensors)

    def broadcast(self, tensors: Any, opts: Any = None) -> Any:
        return self._done(self._gloo.broadcast(_contents(tensors), opts or dist.BroadcastOptions()), tensors)

    def allgather(self, outputs: Any, inputs: Any, opts: Any = None) -> Any:
        gathered = [_contents(row) for row in outputs]
        return self._done(self._gloo.allgather(gathered, _contents(inputs), opts or dist.AllgatherOptions()), outputs)

    def reduce(self, tensors: Any, opts: Any) -> Any:
        return self._done(self._gloo.reduce(_contents(tensors), opts), tensors)

    def barrier(self, opts: Any = None) -> Any:
        return self._done(self._gloo.barrier(dist.BarrierOptions()), [])

    @staticmethod
    def _done(work: Any, result: Any) -> Any:
        work.wait()
        future: Any = torch.futures.Future()
        future.set_result(result)
        return torch._C._distributed_c10d._create_work_from_future(future)


def _contents(tensors: Any) -> list[torch.Tensor]:
    """What tensors hold; raises RuntimeError for those that are not on the device."""
    for tensor in tensors:
        if not isinstance(tensor, NpuTensor):
            raise RuntimeError(f"No backend type associated with device type {tensor.device.type}")
    note_use()
    return [held(tensor) for tensor in tensors]
