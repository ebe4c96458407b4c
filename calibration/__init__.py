"""Fits the edit model to real ports, and says how well it does. Not part of what is installed."""
