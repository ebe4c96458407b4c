"""Trains with a device that is a constant of another file."""

import torch
from config import DEVICE, GPU, LEARNING_RATE
from helpers import memory, to_gpu, zeros


def main():
    torch.manual_seed(4)
    weight = torch.nn.Parameter(torch.randn(3, 1).to(DEVICE))
    bias = zeros(1)
    for step in range(5):
        batch = to_gpu({"x": torch.eye(3), "y": [torch.ones(3, 1)]})
        loss = (batch["x"] @ weight + bias - batch["y"][0]).abs().sum()
        loss.backward()
        with torch.no_grad():
            weight -= LEARNING_RATE * weight.grad
        weight.grad = None
    assert torch.ones(1, device=GPU).device == weight.device
    print(memory(), "bytes")
    print(f"{weight.device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
