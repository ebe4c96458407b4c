"""Asks what the vendor says for one target: of an API, of the shim's effects. Each name is looked up once."""

from __future__ import annotations

import functools
from typing import Callable

from portcheck.listed import Tables, tables_of
from portcheck.model import Target
from portcheck.packtypes import Pack
from portcheck.releases import effects
from portcheck.support import SupportRow, support
from portcheck.supportfile import check, read_index


def lookup(target: Target, hardware: str) -> Callable[[str], SupportRow]:
    """Return what tells the row of an API on a card."""

    @functools.cache
    def look_up(name: str) -> SupportRow:
        return support(name, target.torch, hardware, target.name)

    return look_up


def tables(pack: Pack, target: Target) -> Tables:
    """Return how to ask the tables of a version for all cards.

    Raises:
        PackError: pack and tables are out of step, or a table is damaged.
    """
    check(pack.target, read_index(target.name))
    return tables_of(pack, target, {card: lookup(target, card) for card in pack.target.hardware})


def shim_effects(target: Target) -> Callable[[str], str]:
    """Return what tells the kind of effect that the shim of a version has on a name, empty for none."""

    @functools.cache
    def kind(name: str) -> str:
        found = effects(name, target.torch, target.name)
        return found[0].kind if found else ""

    return kind
