"""Records behave as the standard library's named tuples do; only their making is put off."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any, Callable

import pytest

from portcheck import records


class Point(records.NamedTuple):
    """A place."""

    x: int
    y: int = 0
    names: tuple[str, ...] = ()

    @property
    def sum(self) -> int:
        """Both."""
        return self.x + self.y


class Model(typing.NamedTuple):
    """The same, by the standard library."""

    x: int
    y: int = 0
    names: tuple[str, ...] = ()


def matched(cls: Any) -> object:
    """The fields that a pattern takes by position; named tuples have them from Python 3.10 on."""
    return getattr(cls, "__match_args__", cls._fields)


ACTIONS = {
    "positional": lambda cls: cls(1, 2, ("a",)),
    "by name": lambda cls: cls(y=2, x=1),
    "defaults": lambda cls: cls(1),
    "changed": lambda cls: cls(1)._replace(y=5),
    "too few": lambda cls: cls(),
    "too many": lambda cls: cls(1, 2, (), 4),
    "unknown": lambda cls: cls(1, z=2),
    "of values": lambda cls: cls._make([1, 2, ()]),
    "of too few values": lambda cls: cls._make([1]),
    "as a dictionary": lambda cls: cls(1)._asdict(),
    "fields": lambda cls: (cls._fields, cls._field_defaults, matched(cls), cls.__slots__, cls(1).y),
    "set": lambda cls: setattr(cls(1), "x", 2),
    "set another": lambda cls: setattr(cls(1), "other", 2),
    "sorted and hashed": lambda cls: (sorted([cls(2), cls(1)])[0], hash(cls(1)), cls(1) == (1, 0, ())),
    "unpacked": lambda cls: [*cls(1)],
}


def outcome(action: Callable[[Any], object], cls: object) -> str:
    """What an action shows of a class, or the error it ends with."""
    try:
        return repr(action(cls)).replace("Model", "Point")
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize("name", ACTIONS)
def test_they_do_what_named_tuples_do(name: str) -> None:
    assert outcome(ACTIONS[name], Point) == outcome(ACTIONS[name], Model)


def test_they_are_copied_and_pickled() -> None:
    point = Point(1, names=("a",))
    assert pickle.loads(pickle.dumps(point)) == copy.deepcopy(point) == copy.copy(point) == point
    assert type(pickle.loads(pickle.dumps(point))) is Point
    assert point.sum == 1
    assert Point.__doc__ == "A place."


def test_a_default_before_a_field_without_one_is_refused() -> None:
    space = {"__annotations__": {"a": "int", "b": "int"}, "a": 1}
    with pytest.raises(TypeError, match="without a default"):
        type("Broken", (records.NamedTuple,), space)


def test_a_field_that_there_is_not_cannot_be_changed() -> None:
    # As from Python 3.13 on; older ones raise a ValueError.
    with pytest.raises(TypeError, match="unexpected field names"):
        Point(1)._replace(z=5)  # type: ignore[call-arg]
