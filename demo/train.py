"""Train the classifier: `torchrun --nproc-per-node=8 train.py --data DIR`."""

import argparse

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler
from torchvision import datasets, transforms

from model import Classifier
from utils import get_device, load_checkpoint, memory_report, seed_everything, start_distributed


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--resume", default="")
    parser.add_argument("--graph", action="store_true", help="warm up and capture the forward pass")
    return parser.parse_args()


def loader(args: argparse.Namespace) -> DataLoader:
    images = datasets.ImageFolder(args.data, transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()]))
    return DataLoader(images, args.batch_size, sampler=DistributedSampler(images), num_workers=8, pin_memory=True)


def capture(model: nn.Module, example: torch.Tensor) -> torch.cuda.CUDAGraph:
    """Record one forward pass, after a warm-up on a stream of its own."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            model(example)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        model(example)
    return graph


def train_epoch(model: nn.Module, batches: DataLoader, optimizer: torch.optim.Optimizer, scaler) -> float:
    total = 0.0
    for images, labels in batches:
        images = images.cuda(non_blocking=True)
        labels = labels.cuda(non_blocking=True)
        with torch.cuda.amp.autocast():
            loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        total += loss.item()
    torch.cuda.synchronize()
    return total / len(batches)


def main() -> None:
    args = parse_args()
    start_distributed()
    seed_everything(0)
    device = get_device()
    model = Classifier().to(device)
    first = load_checkpoint(args.resume, model) + 1 if args.resume else 0
    if args.graph:
        capture(model, torch.zeros(args.batch_size, 3, 64, 64, device="cuda"))
    model = DistributedDataParallel(model, device_ids=[device.index])
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, fused=True)
    scaler = torch.cuda.amp.GradScaler()
    batches = loader(args)
    for epoch in range(first, args.epochs):
        loss = train_epoch(model, batches, optimizer, scaler)
        print(f"epoch {epoch}: loss {loss:.4f}, {memory_report()}")
        torch.save({"model": model.module.state_dict(), "epoch": epoch}, f"epoch{epoch}.pt")


if __name__ == "__main__":
    main()
