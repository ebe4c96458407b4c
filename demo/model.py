"""A small image classifier with attention over patches."""

import torch
from torch import nn
from torch.nn import functional as F

try:
    from flash_attn import flash_attn_func
except ImportError:
    flash_attn_func = None


class Attention(nn.Module):
    """Self-attention, on the fused kernel where there is one."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).unbind(2)
        if flash_attn_func is not None and x.is_cuda:
            mixed = flash_attn_func(q, k, v)
        else:
            q, k, v = (part.transpose(1, 2) for part in (q, k, v))
            mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        return self.out(mixed.reshape(batch, length, width))


class Classifier(nn.Module):
    """Patches, blocks of attention, and a head."""

    def __init__(self, classes: int = 10, width: int = 192, depth: int = 6) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, width, kernel_size=4, stride=4)
        self.blocks = nn.ModuleList(Attention(width, heads=3) for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth))
        self.head = nn.Linear(width, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.patch(images).flatten(2).transpose(1, 2)
        for block, norm in zip(self.blocks, self.norms):
            x = x + block(norm(x))
        return self.head(x.mean(dim=1))
