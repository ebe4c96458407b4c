"""Libraries, kernels and surroundings as plain values, for the JSON report."""

from __future__ import annotations

from typing import Any

from portcheck.inventory import Inventory, KernelFile, Library, Place, Surrounding


def document(inventory: Inventory) -> dict[str, list[dict[str, Any]]]:
    """Return the inventory with one dictionary a row."""
    return {
        "dependencies": list(map(_library, inventory.libraries)),
        "kernels": list(map(_kernel, inventory.kernels)),
        "environment": list(map(_surrounding, inventory.surroundings)),
    }


def _library(row: Library) -> dict[str, Any]:
    return {
        **row._asdict(),
        "since": row.since or None,
        "required": list(map(_place, row.required)),
        "used": list(map(_place, row.used)),
    }


def _kernel(row: KernelFile) -> dict[str, Any]:
    values = row._asdict()
    del values["place"], values["fallback_at"], values["there"]
    return {
        **_place(row.place),
        **values,
        "built": list(map(_place, row.built)),
        "loaded": list(map(_place, row.loaded)),
        "fallback": {"name": row.fallback, **_place(row.fallback_at)} if row.fallback_at else None,
        "there": _place(row.there) if row.there else None,
    }


def _surrounding(row: Surrounding) -> dict[str, Any]:
    return {**row._asdict(), "places": list(map(_place, row.places))}


def _place(place: Place) -> dict[str, Any]:
    return place._asdict()
