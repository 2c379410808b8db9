from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from lineside.books import Books
from lineside.node import Node
from lineside.node.places import Places
from tests.connect.mtconnect_agent import Agent

Until = Callable[[Callable[[], bool]], Awaitable[None]]

MACHINE = """
[machine.press]
line = "cell"
source = "s"
[machine.press.signals]
load = { kind = "measure" }
"""


async def test_a_restarted_node_takes_what_an_agent_kept_meanwhile(plant: Any, until: Until) -> None:
    """Every value of the time it was off is there, once, and that time is no gap."""
    async with Agent() as agent:
        options = "options = { heartbeat_s = 0.1, interval_ms = 10 }"
        folder = plant.write(plant.source("s", "mtconnect", f'url = "{agent.url}"\n{options}'), MACHINE)
        agent.add("i2", "1", "2")
        with Node.open(folder) as node:
            async with node.live():
                await until(lambda: node.intake.last_heard("s") is not None)
        agent.add("i2", "3", "4", "5")
        with Node.open(folder) as node:
            stored = node.history.series("press/load")
            heard = node.history.heard("s", 0, 2**60)[-1, 1]
            async with node.live():
                agent.add("i2", "6")
                await until(lambda: 6 in node.history.read(stored, 0, 2**60).number)
                await until(lambda: node.history.heard("s", 0, 2**60)[-1, 1] > heard)
            load = node.history.read(stored, 0, 2**60)
            spans = node.history.heard("s", 0, 2**60)

    assert load.number.tolist() == [2, 3, 4, 5, 6]
    assert len(spans) == 1


def test_a_place_means_nothing_to_another_peer(tmp_path: Path) -> None:
    """A source that was pointed at another agent begins there anew."""
    with Books.open(tmp_path) as books:
        places = Places(books)
        places.keep("s", ("mtconnect", "http://a", None), (7, 12))
        places.keep("s", ("mtconnect", "http://a", None), (7, 13))

        assert places.of("s", ("mtconnect", "http://a", None)) == [7, 13]
        assert places.of("s", ("mtconnect", "http://b", None)) is None
        assert places.of("t", ("mtconnect", "http://a", None)) is None
