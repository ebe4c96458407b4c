"""Executed proof: programs for CUDA, fixed, run on a machine with neither CUDA nor an NPU."""
