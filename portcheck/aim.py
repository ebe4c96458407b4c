"""The target that a run is for, of those that a pack knows."""

from __future__ import annotations

from portcheck.config import Config
from portcheck.errors import UsageError
from portcheck.model import Target
from portcheck.packtypes import TargetPack
from portcheck.supportfile import meant, neighbours


def target_of(about: TargetPack, config: Config) -> Target:
    """Return the target as it is judged.

    Raises:
        UsageError: a version or card that the pack does not know; the nearest ones are named.
    """
    torch = _torch(about, config.torch or about.default_torch)
    hardware = _hardware(about, config.hardware or about.default_hardware)
    return Target(about.name, torch, hardware, config.strategy, "option" if config.torch else "default")


def _torch(about: TargetPack, wanted: str) -> str:
    """The version of the pack that is meant: `2.7`, `2.7.1+cpu` and `2.7.1.post2` mean 2.7.1."""
    found = meant(wanted, about.versions)
    if len(found) == 1:
        return found[0]
    close = found or neighbours(wanted, about.versions)
    verb = "is" if len(close) == 1 else "are"
    near = f"the nearest {verb} {' and '.join(close)}; " if close else ""
    raise UsageError(f"no PyTorch {wanted!r} for {about.title}: {near}there are {', '.join(about.versions)}")


def _hardware(about: TargetPack, wanted: str) -> str:
    """The card of the pack that is meant, in capitals or not."""
    found = [card for card in about.hardware if card.lower() == wanted.lower()]
    if found:
        return found[0]
    # Only needed when something is wrong.
    from portcheck.tables import nearest

    hint = nearest(wanted.lower(), about.hardware)
    raise UsageError(f"no card {wanted!r} for {about.title}: there are {', '.join(about.hardware)}{hint}")
