"""Names the device in the ways that grew over the years, in a folder of modules without `__init__.py`."""

import torch
import torch.cuda as gpu
import torch.distributed as dist
from steps.step import forward

DEVICES = ["cuda"] if torch.cuda.is_available() else ["cpu"]


def served(device, count):
    return device in {f"cuda:{index}" for index in range(count)} or device in ("cuda", "cpu")


def main():
    device = DEVICES[0]
    assert served(device, 8)
    backend = "nccl" if "cuda" in device and dist.is_nccl_available() else "gloo"
    torch.manual_seed(11)
    model = torch.nn.Linear(12, 3)
    if torch.cuda.is_available():
        model = model.cuda()
        gpu.reset_peak_memory_stats()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    generator = torch.Generator().manual_seed(3)
    for _ in range(6):
        x = torch.randn(10, 12, generator=generator).to(device)
        loss = forward(model, x, device)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    release = getattr(torch.cuda, "empty_cache", None)
    if "cuda" in device and release is not None:
        release()
    print(f"collectives would go over {backend}")
    print(f"{next(model.parameters()).device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
