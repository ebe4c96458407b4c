"""Work that is shared out among copies of the process: all of it is done, in order, whatever becomes of a copy."""

from __future__ import annotations

import os

import pytest

from portcheck.pool import each_of


def size(item: int) -> int:
    return item


@pytest.mark.parametrize("jobs", [1, 2, 5, 40])
@pytest.mark.parametrize("items", [0, 1, 15, 16, 100])
def test_answers_are_in_the_order_of_the_items(jobs: int, items: int) -> None:
    assert each_of(str, range(items), jobs, size) == [str(item) for item in range(items)]


def test_what_a_copy_that_ends_leaves_undone_is_done_here() -> None:
    here = os.getpid()

    def work(item: int) -> int:
        if item == 17 and os.getpid() != here:
            os._exit(1)
        return item * item

    assert each_of(work, range(40), 3, size) == [item * item for item in range(40)]


def test_an_error_of_the_work_is_raised_here() -> None:
    def work(item: int) -> int:
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"):
        each_of(work, range(40), 3, size)
