"""Trains on two GPUs with processes that it starts itself."""

import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn as nn

WORLD_SIZE = 2


def worker(gpu, rendezvous):
    dist.init_process_group("nccl", init_method=f"file://{rendezvous}", world_size=WORLD_SIZE, rank=gpu)
    torch.cuda.set_device(gpu)
    torch.manual_seed(1)
    model = nn.Linear(4, 1).cuda(gpu)
    model = nn.parallel.DistributedDataParallel(model, device_ids=[gpu])
    criterion = nn.MSELoss().cuda(gpu)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for step in range(4):
        x = torch.full((8, 4), float(gpu + step)).cuda(gpu, non_blocking=True)
        y = torch.ones(8, 1, device=f"cuda:{gpu}")
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    loss = loss.detach()
    dist.all_reduce(loss, op=dist.ReduceOp.SUM)
    if gpu == 0:
        print(f"{next(model.parameters()).device.type} loss {loss.item() / WORLD_SIZE:.6f}")
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(worker, nprocs=WORLD_SIZE, args=(os.path.join(folder, "rendezvous"),))
