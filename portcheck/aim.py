"""The target that a run is for, of those that a pack knows."""

from __future__ import annotations

from portcheck.config import Config
from portcheck.errors import UsageError
from portcheck.model import Target
from portcheck.packtypes import TargetPack
from portcheck.patterns import version_tuple


def target_of(about: TargetPack, config: Config) -> Target:
    """Return the target as it is judged.

    Raises:
        UsageError: a version or card that the pack does not know.
    """
    versions = {version_tuple(version): version for version in about.versions}
    torch = versions.get(version_tuple(config.torch or about.default_torch))
    if torch is None:
        raise UsageError(f"no PyTorch {config.torch!r} for {about.title}: there are {', '.join(about.versions)}")
    hardware = config.hardware or about.default_hardware
    if hardware not in about.hardware:
        raise UsageError(f"no card {hardware!r} for {about.title}: there are {', '.join(about.hardware)}")
    return Target(about.name, torch, hardware, config.strategy, "option" if config.torch else "default")
