"""portcheck: what it takes to run CUDA-bound ML code on another accelerator."""

__version__ = "0.1.0"
