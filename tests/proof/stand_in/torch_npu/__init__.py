"""A stand-in for torch_npu on machines without an NPU: tensors of the device `npu` that are computed on the CPU.

The device is registered through PyTorch's own mechanism for backends written in Python (PrivateUse1), so `npu` is a
device type like any other: factories, `.to`, autograd, autocast and the names below `torch.npu` know it, and operands
on different devices are refused. Only what the programs of the proof need is there.
"""

import os

# Whoever imports this package first must not have PyTorch load it in the middle of that.
_autoload_before = os.environ.get("TORCH_DEVICE_BACKEND_AUTOLOAD")
os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0"

import torch
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

if _autoload_before is None:
    del os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"]
else:
    os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"] = _autoload_before

from torch_npu import _accelerator, _autocast, _checkpoint, _hccl, _kernels, npu

_setup_privateuseone_for_python_backend("npu", backend_module=npu)
torch.utils.generate_methods_for_privateuse1_backend(
    for_tensor=False, for_module=False, for_packed_sequence=False, for_storage=True
)
# A module keeps its parameters when it moves, as it does on a device with storages of its own.
torch.__future__.set_swap_module_params_on_conversion(True)
_kernels.register()
_autocast.register()
_checkpoint.register()
_accelerator.register()
_hccl.register()


def _autoload() -> None:
    """Entry point of `import torch`: importing this package is all there is to do."""
