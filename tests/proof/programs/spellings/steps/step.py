"""One step, in half precision where the device has it."""

import contextlib

import torch


def precision(device):
    if device == "cpu":
        return contextlib.nullcontext()
    dtype = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.autocast("cuda", dtype=dtype)


def forward(model, x, device):
    with precision(device):
        y = model(x)
    with torch.autocast(device_type="cuda", enabled=False):
        return (y.float() - x[:, :3]).square().mean()
