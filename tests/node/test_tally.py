from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lineside.errors import ConfigurationError
from lineside.node import Node, Tally, record_tally

Values = Callable[[Node, str], list[float | str | None]]

NOW = 1_800_000_000_000_000
BENCH = """
[machine.bench]
line = "cell"
source = "hand"
[machine.bench.signals]
good = { kind = "count" }
scrap = { kind = "count" }
[machine.bench.units]
good = "good"
rejected = "scrap"
"""


@pytest.fixture
def folder(plant: Any) -> Any:
    """A plant with a bench where people count, and a press that counts by itself."""
    return plant.write(
        plant.source("hand", "tally", ""),
        BENCH,
        plant.source("s", "shdr", 'url = "tcp://127.0.0.1:9"'),
        plant.machine("press", "s"),
    )


def test_a_tally_is_there_after_a_restart(folder: Any, values: Values) -> None:
    """Units counted by hand are durable once recorded."""
    with Node.open(folder) as node:
        record_tally(node.history, node.plant, Tally("bench", 5, 2, NOW), NOW)
        record_tally(node.history, node.plant, Tally("bench", 1, 0, NOW + 1), NOW)

    with Node.open(folder) as node:
        assert values(node, "bench/good") == [5.0, 1.0]
        assert values(node, "bench/scrap") == [2.0]


def test_the_same_tally_twice_counts_once(folder: Any, values: Values) -> None:
    """A request that is repeated because its answer was lost does no harm."""
    with Node.open(folder) as node:
        told = [record_tally(node.history, node.plant, Tally("bench", 5, 0, NOW), NOW) for _ in range(2)]

        assert told == [True, False]
        assert values(node, "bench/good") == [5.0]


@pytest.mark.parametrize(
    ("tally", "key"),
    [
        (Tally("press", 1, 0, NOW), "node.no_tally"),
        (Tally("nothing", 1, 0, NOW), "node.no_tally"),
        (Tally("bench", 1, 0, NOW + 61_000_000), "node.tally_future"),
        (Tally("bench", -1, 0, NOW), "node.tally_negative"),
        (Tally("bench", 5, -1, NOW), "node.tally_negative"),
        (Tally("bench", 0, 0, NOW), "node.tally_empty"),
    ],
    ids=["counts by itself", "unknown", "future", "negative good", "negative rejected", "empty"],
)
def test_a_tally_that_cannot_be_is_refused(folder: Any, tally: Tally, key: str) -> None:
    """It is refused with a reason and a cure, and nothing of it is stored."""
    with Node.open(folder) as node:
        with pytest.raises(ConfigurationError) as raised:
            record_tally(node.history, node.plant, tally, NOW)

        assert raised.value.key == key
        assert raised.value.cure("zh")
        assert node.history.extent() is None


def test_a_clock_a_minute_ahead_is_forgiven(folder: Any, values: Values) -> None:
    """The tablet at the bench need not agree with the node to the second."""
    with Node.open(folder) as node:
        record_tally(node.history, node.plant, Tally("bench", 1, 0, NOW + 59_000_000), NOW)

        assert values(node, "bench/good") == [1.0]


def test_rejected_units_are_not_dropped_where_nobody_counts_them(plant: Any) -> None:
    """A bench that only counts good units refuses a tally of rejected ones rather than losing them."""
    only_good = BENCH.replace('rejected = "scrap"\n', "")

    with Node.open(plant.write(plant.source("hand", "tally", ""), only_good)) as node:
        with pytest.raises(ConfigurationError) as raised:
            record_tally(node.history, node.plant, Tally("bench", 5, 2, NOW), NOW)

        assert raised.value.key == "node.tally_uncounted"
        assert node.history.extent() is None
