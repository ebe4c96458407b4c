"""Test runs share a cache folder of their own, no option of the caller's environment reaches them, and no property
has a deadline: a busy machine is no failure."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_CACHE = "PORTCHECK_CACHE_DIR"
_UNWANTED = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE")


def pytest_configure(config: pytest.Config) -> None:
    """Set the environment before any test module is imported; worker processes inherit it."""
    if not hasattr(config, "workerinput"):
        os.environ[_CACHE] = tempfile.mkdtemp(prefix="portcheck-tests-")
        for name in _UNWANTED:
            os.environ.pop(name, None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the cache folder."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[_CACHE], ignore_errors=True)
