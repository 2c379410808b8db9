from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lineside.node.ring import Ring, Told

ITEMS = 3
said = st.lists(
    st.lists(st.tuples(st.integers(0, ITEMS - 1), st.integers(0, 20)), min_size=1, max_size=9), min_size=1, max_size=9
)


def put(ring: Ring, batch: list[tuple[int, int]]) -> None:
    """Puts a batch of (item, time), each value being its own sequence number."""
    item, time = (np.array(column, np.int64) for column in zip(*batch, strict=True))
    ring.put(item, time, np.arange(ring.next, ring.next + len(batch), dtype=float), np.full(len(batch), None))


def newest(log: list[tuple[int, int]], upto: int) -> dict[int, int]:
    """The sequence number that holds for each item after `upto` values, found the plain way."""
    held: dict[int, int] = {}
    for sequence, (item, time) in enumerate(log[:upto], 1):
        if item not in held or time >= log[held[item] - 1][1]:
            held[item] = sequence
    return held


def held_of(told: Told) -> dict[int, int]:
    """Item and sequence of values."""
    return {item: seq for item, seq in zip(told.item.tolist(), told.sequence.tolist(), strict=True) if seq}


@given(said, st.integers(1, 12), st.integers(1, 5))
def test_a_ring_keeps_the_newest_and_numbers_them_all(
    batches: list[list[tuple[int, int]]], size: int, count: int
) -> None:
    """Whatever comes in whatever batches: the last `size` are kept, each under its number, and read in pages once."""
    ring = Ring(size, ITEMS)
    for batch in batches:
        put(ring, batch)
    log = [one for batch in batches for one in batch]

    read: list[tuple[int, int, int, float]] = []
    place = ring.first
    while place != ring.next:
        told, place = ring.span(place, np.array([True, True, False]), count)
        assert len(told) <= count
        read += zip(told.sequence.tolist(), told.item.tolist(), told.time.tolist(), told.number.tolist(), strict=True)

    assert (ring.first, ring.next) == (max(1, len(log) - size + 1), len(log) + 1)
    kept = enumerate(log[ring.first - 1 :], ring.first)
    assert read == [(seq, item, time, float(seq)) for seq, (item, time) in kept if item != 2]
    assert held_of(ring.last) == newest(log, len(log))
    assert all(held_of(ring.at(seq)) == newest(log, seq) for seq in range(ring.first, ring.next))
