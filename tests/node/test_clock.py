from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lineside.node import Node, now_us
from lineside.node.clock import Clock
from tests.node.conftest import SECOND_US

HOUR_US = 3_600 * SECOND_US


def test_a_clock_that_is_set_back_is_noticed() -> None:
    """By how much tells the clock that nobody can set; more than a day is taken for a mistake."""
    wall, steady = [1_000_000.0], [0.0]
    clock = Clock(lambda: wall[0], lambda: steady[0])

    def after(stepped: float) -> int:
        wall[0] += 0.5 + stepped
        steady[0] += 0.5
        return clock.set_back()

    assert [after(step) for step in (0.0, 3_600.0, -3_600.0, -100_000.0)] == [0, 0, HOUR_US, 0]


async def test_nobody_was_heard_in_time_to_come(plant: Any, adapter: Any, until: Callable[..., Any]) -> None:
    """What a clock that ran ahead said of the coming minute does not count when that comes; what is far stays."""
    press = await adapter()
    folder = plant.write(press.source("press", stale_after_s=5), plant.machine("press", "press"))
    with Node.open(folder) as node:
        async with node.live():
            await press.stop()
            now = now_us()
            node.history.hear("press", now - 60 * SECOND_US, now - 30 * SECOND_US)
            node.history.hear("press", now + 8 * SECOND_US, now + 30 * SECOND_US, durable=True)
            node.history.hear("press", now + HOUR_US, now + 2 * HOUR_US)
            await until(lambda: not len(node.history.heard("press", now + 8 * SECOND_US, now + 60 * SECOND_US)))

            assert node.history.heard("press", now - 60 * SECOND_US, now - 30 * SECOND_US).tolist()
            assert node.history.heard("press", now + HOUR_US, now + 2 * HOUR_US).tolist()


async def test_what_a_clock_said_before_it_was_set_back_is_withdrawn(plant: Any) -> None:
    """All of it at once, as the node may not be there when its time comes."""
    folder = plant.write(plant.source("press", "push", ""), plant.machine("press", "press"))
    with Node.open(folder) as node:
        now = now_us()
        node.history.hear("press", now - HOUR_US, now + HOUR_US)
        async with node.live():
            await node.intake.withdraw(now, HOUR_US)

            assert node.history.heard("press", 0, 2**60).tolist() == [[now - HOUR_US, now]]


async def test_a_source_is_silent_though_it_was_heard_in_time_to_come(plant: Any, until: Callable[..., Any]) -> None:
    """The moment a source was last heard is never ahead of the clock, or it would count as heard until then."""
    folder = plant.write(plant.source("press", "push", ""), plant.machine("press", "press"))
    with Node.open(folder) as node:
        async with node.live():
            node.intake.health["press"].last_heard = now_us() + HOUR_US
            await until(lambda: (node.intake.last_heard("press") or 0) < now_us())
