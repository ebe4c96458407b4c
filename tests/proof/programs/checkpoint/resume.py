"""Saves a checkpoint, loads it again in several ways, and goes on training."""

import os

import torch
import torch.nn as nn

PATH = "checkpoint.pt"


def train(model, optimizer, steps):
    for step in range(steps):
        x = torch.full((4, 5), float(step + 1), device="cuda")
        loss = model(x).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss


def build():
    torch.manual_seed(3)
    model = nn.Linear(5, 3).cuda()
    return model, torch.optim.Adam(model.parameters(), lr=0.05)


def main():
    model, optimizer = build()
    train(model, optimizer, 3)
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, PATH)

    model, optimizer = build()
    checkpoint = torch.load(PATH, map_location="cuda:0")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])

    again = torch.load(PATH, map_location=lambda storage, location: storage.cuda(0))
    on_cpu = torch.load(PATH, map_location="cpu")
    assert again["model"]["weight"].device == model.weight.device
    assert on_cpu["model"]["weight"].device.type == "cpu"
    os.remove(PATH)

    loss = train(model, optimizer, 3)
    print(f"{next(model.parameters()).device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
