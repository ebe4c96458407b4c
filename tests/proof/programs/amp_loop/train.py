"""Trains a small classifier with mixed precision."""

import random

import torch
import torch.nn as nn
from torch.cuda.amp import GradScaler, autocast

SEED = 7


def seed_everything(seed):
    random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.benchmark = False


def batches(count, device):
    generator = torch.Generator().manual_seed(SEED)
    for _ in range(count):
        x = torch.randn(16, 10, generator=generator)
        y = (x.sum(dim=1) > 0).long()
        yield x.to(device), y.to(device)


def main():
    seed_everything(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    use_amp = device.type == "cuda"
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    scaler = GradScaler(enabled=use_amp)
    criterion = nn.CrossEntropyLoss().to(device)

    for step, (x, y) in enumerate(batches(20, device)):
        optimizer.zero_grad(set_to_none=True)
        with autocast(enabled=use_amp):
            loss = criterion(model(x), y)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        if step % 10 == 0 and torch.cuda.is_available():
            peak = torch.cuda.max_memory_allocated() / 2**20
            print(f"step {step}: {peak:.0f} MiB")
            torch.cuda.empty_cache()

    if torch.cuda.is_available():
        torch.cuda.synchronize()
    print(f"{next(model.parameters()).device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
