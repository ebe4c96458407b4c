"""Constants of the experiment."""

import torch

DEVICE = "cuda"
GPU = torch.device("cuda:0")
LEARNING_RATE = 0.1
