"""Trains from a DataLoader that pins its batches."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def main():
    torch.manual_seed(11)
    x = torch.randn(64, 12)
    dataset = TensorDataset(x, x[:, :3].argmax(dim=1))
    use_cuda = torch.cuda.is_available()
    device = "cuda" if use_cuda else "cpu"
    loader = DataLoader(dataset, batch_size=16, num_workers=1, pin_memory=use_cuda)
    model = nn.Sequential(nn.Linear(12, 24), nn.GELU(), nn.Linear(24, 3)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    correct = 0
    for epoch in range(3):
        for inputs, targets in loader:
            if use_cuda:
                inputs = inputs.cuda(non_blocking=True)
                targets = targets.cuda(non_blocking=True)
            outputs = model(inputs)
            loss = nn.functional.cross_entropy(outputs, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            correct += (outputs.argmax(dim=1) == targets).sum().item()
    print(f"{correct} right")
    print(f"{next(model.parameters()).device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
