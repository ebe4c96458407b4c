"""Takes its device from the command line."""

import argparse

import torch
import torch.nn.functional as F


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda", help="cuda or cpu")
    parser.add_argument("--no-cuda", action="store_true", default=False)
    parser.add_argument("--steps", type=int, default=4)
    return parser.parse_args()


def main():
    args = parse()
    device = torch.device("cpu" if args.no_cuda else args.device)
    torch.manual_seed(5)
    weight = torch.randn(6, 2, device="cpu").to(device).requires_grad_()
    target = torch.tensor([0, 1, 1, 0], device=device)
    for step in range(args.steps):
        x = torch.arange(24, dtype=torch.float32, device=device).view(4, 6) / 24
        with torch.autocast(device_type=device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            logits = x @ weight
        loss = F.cross_entropy(logits.float(), target)
        loss.backward()
        with torch.no_grad():
            weight -= 0.5 * weight.grad
            weight.grad = None
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    print(f"{weight.device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
