from __future__ import annotations

import http.client
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lineside.node import Node
from tests.shared import free_port

T = 1_767_225_600  # 2026-01-01T00:00Z
WRITERS = 4
BODIES = 60
LINES = 250

MACHINE = """
[machine.press]
line = "cell"
source = "s"
[machine.press.signals]
"""


class Writer(threading.Thread):
    """Writes bodies one after the other, each until it is acknowledged, as Telegraf does."""

    def __init__(self, number: int, port: int) -> None:
        super().__init__()
        self.number = number
        self.port = port
        self.acknowledged = 0
        self.tries = 0

    def run(self) -> None:
        """Writes until all of it is acknowledged."""
        while self.acknowledged < BODIES:
            first = self.acknowledged * LINES
            lines = [f"m,w={self.number} parts={n}i,good=1i {T + n}" for n in range(first, first + LINES)]
            self.tries += 1
            if self._write("\n".join(lines)):
                self.acknowledged += 1
            else:
                time.sleep(0.02)

    def _write(self, body: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", "/write?db=s&precision=s", body)
            return connection.getresponse().status == http.client.NO_CONTENT
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Runs the node as people do, and kills it."""
    command = [sys.executable, "-m", "lineside", "run", str(folder), "--port", str(port), "--no-browser", "--open"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as node:
        try:
            yield node
        finally:
            node.kill()


def test_killed_again_and_again_a_node_stores_what_is_pushed_once(plant: Any) -> None:
    """Between receipt, commit and acknowledgement: what was acknowledged is there, in order, and nothing twice."""
    signals = "".join(
        f'{name}{w} = {{ address = "m,w={w}#{name}", kind = "{kind}" }}\n'
        for w in range(WRITERS)
        for name, kind in (("parts", "counter"), ("good", "count"))
    )
    folder = plant.write(plant.source("s", "push", ""), MACHINE, signals)
    port = free_port()
    writers = [Writer(number, port) for number in range(WRITERS)]
    kills, draw = 0, random.Random(4)

    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        with serving(folder, port) as node:
            goal = sum(writer.acknowledged for writer in writers) + WRITERS * BODIES // 2
            while sum(writer.acknowledged for writer in writers) < min(goal, WRITERS * BODIES):
                time.sleep(0.01)
            time.sleep(draw.uniform(0, 0.05))
            assert node.poll() is None
        kills += 1

    assert kills >= 2
    assert sum(writer.tries for writer in writers) > WRITERS * BODIES
    times = [(T + n) * 1_000_000 for n in range(BODIES * LINES)]
    with Node.open(folder) as last:
        for w in range(WRITERS):
            parts = last.history.read(last.history.series(f"press/parts{w}"), 0, 2**60)
            good = last.history.read(last.history.series(f"press/good{w}"), 0, 2**60)
            assert parts.number.tolist() == list(range(BODIES * LINES))
            assert parts.time.tolist() == good.time.tolist() == times
            assert good.number.tolist() == [1.0] * len(times)
