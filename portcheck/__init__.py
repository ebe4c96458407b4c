"""portcheck: what in machine learning code is CUDA-bound, and what it takes to run it on another accelerator.

`scan` and the types around it are imported when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portcheck.api import scan, scan_text
    from portcheck.config import Config
    from portcheck.model import Finding, Report

__version__ = "0.1.0"

__all__ = ["Config", "Finding", "Report", "__version__", "scan", "scan_text"]

_HOMES = {"Config": "config", "Finding": "model", "Report": "model", "scan": "api", "scan_text": "api"}


def __getattr__(name: str) -> object:
    """Import what is part of the public interface; raises AttributeError for anything else."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
