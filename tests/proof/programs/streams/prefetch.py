"""Copies the next batch in a stream of its own while the model works on this one, and measures the time."""

import torch
import torch.nn as nn


class Prefetcher:
    def __init__(self, loader):
        self.loader = iter(loader)
        self.stream = torch.cuda.Stream()
        self.preload()

    def preload(self):
        try:
            self.next_input, self.next_target = next(self.loader)
        except StopIteration:
            self.next_input = None
            self.next_target = None
            return
        with torch.cuda.stream(self.stream):
            self.next_input = self.next_input.cuda(non_blocking=True)
            self.next_target = self.next_target.cuda(non_blocking=True)

    def next(self):
        torch.cuda.current_stream().wait_stream(self.stream)
        x, y = self.next_input, self.next_target
        if x is not None:
            x.record_stream(torch.cuda.current_stream())
            self.preload()
        return x, y


def main():
    torch.manual_seed(0)
    data = [(torch.randn(4, 8), torch.randn(4, 1)) for _ in range(6)]
    model = nn.Linear(8, 1).cuda()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    start = torch.cuda.Event(enable_timing=True)
    end = torch.cuda.Event(enable_timing=True)
    start.record()
    prefetcher = Prefetcher(data)
    x, y = prefetcher.next()
    while x is not None:
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        x, y = prefetcher.next()
    end.record()
    torch.cuda.synchronize()
    print(f"{start.elapsed_time(end):.1f} ms")
    print(f"{next(model.parameters()).device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
