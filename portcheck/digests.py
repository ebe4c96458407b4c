"""The digest that contents are told apart by; the standard library's, without the OpenSSL that `hashlib` loads.

That takes a quarter of the time that Python takes to start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b
else:
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b

__all__ = ["blake2b"]
