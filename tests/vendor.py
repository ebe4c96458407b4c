"""A small torch_npu package and a small page of compatible versions, as the vendor makes them."""

from __future__ import annotations

import zipfile
from pathlib import Path

WHEEL = {
    "torch_npu-9.1.0.dist-info/METADATA": "Name: torch_npu\nVersion: 9.1.0\nRequires-Dist: torch==9.1.0.*\n"
    "\nVersion: 1\n",
    "torch_npu/npu/__init__.py": '__all__ = ["empty"] + ["amp"]\n__all__ += ["Event"]\nimport os\n'
    "from .streams import *\nfrom .utils import sync as wait, _private\n\ndef hidden(): pass\n",
    "torch_npu/npu/streams.py": '__all__ = ["Stream"]\n',
    "torch_npu/npu/amp/__init__.py": "def autocast(): pass\n",
    "torch_npu/npu/_inner.py": "def secret(): pass\n",
    "torch_npu/contrib/apis_config.json": '{"lib": {"version": "1.2", "apis": {\n"lib.is_cuda": "function"}}}',
    "torch_npu/contrib/transfer_to_npu.py": """
import torch
white_list = ['rand', 'zeros']
def _patch_cuda():
    patches = [['cuda', torch_npu.npu], ['cuda.amp', torch_npu.npu.amp],
               ['profiler.profile', torch_npu.profiler.profile]]
    torch_npu._apply_patches(patches)
    torch._C.Activity = torch_npu._C.Activity
def _patch_jit_script():
    warnings.warn('x')
    torch.jit.script = _jit_script
def _init():
    from torch.distributed.checkpoint import filesystem
    importlib.import_module('torch.late')
    late = importlib.import_module('torch.late')
    setattr(late.Loader, 'device', _get_npu_type)
    _warning_fn('x')
    _patch_cuda()
    _device_wrapper(torch, white_list)
    if hasattr(torch, 'fft'):
        _device_wrapper(torch.fft, ['fftfreq'])
    torch.Tensor.cuda = torch.Tensor.npu
    torch.distributed.init = _compose(_wrapper_cuda, _wrapper_hccl)(torch.distributed.init)
    filesystem.Loader = _get_npu_type
    setattr(torch.utils, 'has', _patch_has_triton)
    _patch_jit_script()
""",
}


def wheel(folder: Path, **replaced: str) -> Path:
    """Make the package in a folder, with other texts for the files of the given stems."""
    path = folder / "torch_npu-9.1.0-cp311.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in WHEEL.items():
            archive.writestr(name, replaced.get(Path(name).stem, text))
    return path


COMPATIBILITY = """\
| Component | Recommended Version |
|:--:|:--:|
| PyTorch | 9.1.0 |

| TorchNPU installation package version | GitCode Branch | PyTorch Version | CANN version |
|:--:|:--:|:--:|:--:|
| 9.0.0.post2 | v9.0.0-1 | 9.0.0 | CANN 8.5.0 |

<details>

| TorchNPU installation package version | GitCode Branch | PyTorch Version | CANN version |
|:--:|:--:|:--:|:--:|
| 1.0.0.rc2 (beta) | v1 | 1.0.0 | CANN 6.0.1 |

</details>

| PyTorch Version | Python version |
|:--:|:--:|
| PyTorch 9.1.0 | Python3.10, Python 3.11 |
| PyTorch 9.0.0 | Python3.9(>=3.9.2) |
"""
