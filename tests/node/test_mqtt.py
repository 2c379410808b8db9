from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from lineside.node import Node, now_us
from tests.broker import Broker, Talker

PROGRAM = Path(__file__).with_name("kill_mqtt_program.py")
T = 1_767_225_600  # 2026-01-01T00:00Z

MACHINE = """
[machine.press]
line = "cell"
source = "s"
[machine.press.signals]
parts = { address = "press/status#parts", kind = "counter" }
"""


async def test_a_killed_node_is_sent_again_what_it_had_not_stored(
    plant: Any, tmp_path: Path, until: Callable[[Callable[[], bool]], Awaitable[None]]
) -> None:
    """Killed while messages come, between receipt, commit and acknowledgement: each is stored exactly once.

    The broker kept what came meanwhile, so that the time the node was dead is no gap either.
    """
    with Broker(tmp_path, "max_queued_messages 0") as broker, Talker(broker) as press:
        settings = f'url = "{broker.url}"\noptions = {{ time = "t" }}'
        folder = plant.write(plant.source("s", "mqtt", settings), MACHINE)
        said = 0

        def produce(count: int) -> None:
            nonlocal said
            press.say(*(("press/status", json.dumps({"t": T + n, "parts": n})) for n in range(said, said + count)))
            said += count

        node = subprocess.Popen([sys.executable, PROGRAM, folder], stdout=subprocess.PIPE)  # noqa: ASYNC220
        assert node.stdout is not None
        assert node.stdout.readline() == b"connected\n"
        produce(100)
        threading.Timer(0.2, node.kill).start()
        produce(3_000)
        node.wait()
        node.stdout.close()
        produce(200)

        with Node.open(folder) as last:
            async with last.live():
                parts = last.history.series("press/parts")
                await until(lambda: len(last.history.read(parts, 0, 2**60).time) >= said)
                await until(lambda: last.intake.health["s"].state == "active")
            stored = last.history.read(parts, 0, 2**60)
            spans = last.history.heard("s", 0, 2**60)

    assert stored.number.tolist() == list(range(said))
    assert stored.time.tolist() == [(T + n) * 1_000_000 for n in range(said)]
    assert len(spans) == 1


async def test_a_node_that_was_off_over_the_weekend_has_no_gap(
    plant: Any, tmp_path: Path, until: Callable[[Callable[[], bool]], Awaitable[None]]
) -> None:
    """The broker kept everything, and the history knows when the source was heard last."""
    friday = now_us() - 3 * 86_400_000_000
    with Broker(tmp_path) as broker, Talker(broker) as press:
        settings = f'url = "{broker.url}"\noptions = {{ time = "t" }}'
        folder = plant.write(plant.source("s", "mqtt", settings), MACHINE)
        with Node.open(folder) as node:
            async with node.live():
                await until(lambda: node.intake.health["s"].key == "connect.waiting")
            node.history.hear("s", friday - 1_000_000, friday)
        press.say(("press/status", json.dumps({"t": friday // 1_000_000 + 60, "parts": 1})))
        with Node.open(folder) as node:
            async with node.live():
                await until(lambda: node.intake.health["s"].state == "active")
            spans = node.history.heard("s", 0, 2**60)

    assert [(start, end > friday + 86_400_000_000) for start, end in spans.tolist()] == [(friday - 1_000_000, True)]
