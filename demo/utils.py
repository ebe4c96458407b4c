"""Devices, seeds and checkpoints."""

import os
import random

import torch
import torch.distributed as dist


def get_device() -> torch.device:
    """Return the device of this process."""
    rank = int(os.environ.get("LOCAL_RANK", "0"))
    if torch.cuda.is_available():
        torch.cuda.set_device(rank)
        return torch.device(f"cuda:{rank}")
    return torch.device("cpu")


def start_distributed() -> None:
    """Join the process group that the launcher has set up."""
    os.environ.setdefault("NCCL_ASYNC_ERROR_HANDLING", "1")
    dist.init_process_group(backend="nccl")


def seed_everything(seed: int) -> None:
    """Make runs repeatable."""
    random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


def memory_report() -> str:
    """Return how much device memory was in use at most."""
    peak = torch.cuda.max_memory_allocated() / 2**30
    torch.cuda.reset_peak_memory_stats()
    return f"{peak:.1f} GiB"


def load_checkpoint(path: str, model: torch.nn.Module) -> int:
    """Restore a model and return the epoch it was saved after."""
    state = torch.load(path, map_location="cuda")
    model.load_state_dict(state["model"])
    return int(state["epoch"])
