"""Generates tokens with a small model in half precision, and says how long it took."""

import time

import torch
import torch.nn as nn


class Model(nn.Module):
    def __init__(self, size=32, width=16):
        super().__init__()
        self.embed = nn.Embedding(size, width)
        self.head = nn.Linear(width, size)
        self.register_buffer("scale", torch.tensor(0.5))

    def forward(self, tokens):
        return self.head(self.embed(tokens).mean(dim=1) * self.scale)


@torch.no_grad()
def generate(model, tokens, count):
    for _ in range(count):
        logits = model(tokens)
        tokens = torch.cat([tokens, logits.argmax(dim=-1, keepdim=True)], dim=1)
    return tokens


def main():
    torch.manual_seed(2)
    model = Model().half().to("cuda").eval()
    prompt = torch.tensor([[1, 2, 3], [4, 5, 6]]).to("cuda")
    torch.cuda.synchronize()
    begin = time.perf_counter()
    tokens = generate(model, prompt, 5)
    torch.cuda.synchronize()
    print(f"{time.perf_counter() - begin:.3f} s on {torch.cuda.get_device_name(0)}")
    print(f"{torch.cuda.memory_allocated() / 2**20:.1f} MiB of {torch.cuda.device_count()} devices")
    loss = nn.functional.cross_entropy(model(tokens).float(), tokens[:, -1])
    print(tokens.cpu().tolist())
    print(f"{tokens.device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
