"""Helpers that the scripts share."""

import torch


def to_gpu(batch):
    """Move a tensor, or every tensor of a list or a dictionary."""
    if isinstance(batch, dict):
        return {key: to_gpu(value) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return [to_gpu(value) for value in batch]
    return batch.cuda()


def zeros(*size):
    return torch.zeros(*size).cuda()


def memory():
    return torch.cuda.memory_allocated() + torch.cuda.memory_reserved()
