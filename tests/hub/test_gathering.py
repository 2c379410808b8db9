"""Many who wait share the work of one, each gets their own, and a failure is told to all whom it concerns."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from lineside.hub.gathering import Gathering


def test_everybody_gets_their_own_in_order() -> None:
    """Of many callers at once, with more items than one batch holds."""
    batches: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        batches.append(len(items))
        return [item * 2 for item in items]

    gathering, found = Gathering(work, 10), {}

    def ask(caller: int) -> None:
        items = [caller * 100 + at for at in range(caller % 7)]
        found[caller] = [gathering.do(items) for _ in range(20)]

    threads = [threading.Thread(target=ask, args=(caller,)) for caller in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for caller in range(30):
        assert found[caller] == [[2 * (caller * 100 + at) for at in range(caller % 7)]] * 20
    assert max(batches) <= 10


def test_who_comes_meanwhile_is_taken_along() -> None:
    """While the first is at work others gather, and the next batch holds them all."""
    begun, gathered, batches = threading.Event(), threading.Event(), []

    def work(items: Sequence[int]) -> list[int]:
        batches.append(sorted(items))
        begun.set()
        gathered.wait()
        return list(items)

    gathering = Gathering(work, 100)
    threads = [threading.Thread(target=gathering.do, args=([number],)) for number in range(5)]
    threads[0].start()
    begun.wait()
    for thread in threads[1:]:
        thread.start()
    while len(gathering._waiting) < 4:  # noqa: SLF001 - the fact that is waited for shows nowhere else
        pass
    gathered.set()
    for thread in threads:
        thread.join()

    assert batches == [[0], [1, 2, 3, 4]]


def test_more_than_a_batch_holds_is_done_at_once_for_one_caller() -> None:
    """Nobody's items are torn apart."""

    def work(items: Sequence[int]) -> list[int]:
        return list(items)

    assert Gathering(work, 2).do([1, 2, 3]) == [1, 2, 3]


def test_a_failure_is_raised_and_the_next_goes_on() -> None:
    """Who comes after it is not held up."""
    failing = [True, False]

    def work(items: Sequence[int]) -> list[int]:
        if failing.pop(0):
            raise TimeoutError
        return list(items)

    gathering = Gathering(work, 2)
    with pytest.raises(TimeoutError):
        gathering.do([1])

    assert gathering.do([1]) == [1]
    assert gathering.do([]) == []
