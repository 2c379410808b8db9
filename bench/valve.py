# ruff: noqa: S101 - what does not leave is no figure
"""What the valve costs, and how soon closing it reaches everything that leaves.

    python bench/valve.py

Messages of an edge node through a real mosquitto on loopback, with and without the valve, in turns; answers of the API
to a token that a release binds and to one inside; refused requests; then all of it at full speed when the valve is
closed, by the API and by the command's way through the books of the folder. Times are medians, with the slowest.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from lineside.api import Door as Served
from lineside.api import create_app
from lineside.books import Books
from lineside.connect import Metric, MetricType, broker_session, without_password, write_data
from lineside.node import Node, now_us
from lineside.node.publisher import Present
from lineside.plant import SparkplugNode
from lineside.publish import FLOW, EdgeNode, broker_for
from lineside.publish.door import Door, Message
from lineside.trust import Grant, Ledger, Outlet, Parcel, Role, Withheld
from lineside.valve import Limits, Releases
from tests.broker import Broker, Talker
from tests.releases import SAID, allowed

ROUNDS, MESSAGES, REQUESTS = 31, 500, 300
MUCH = Limits(10**9, 10**12)
PLANT = """[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
[source.hand]
type = "tally"
[machine.press]
line = "cell"
source = "hand"
[machine.press.signals]
good = { kind = "count" }
[machine.press.units]
good = "good"
"""
OUTSIDE, INSIDE = "203.0.113.5", "192.168.1.9"
KPI = "/api/kpi?from=2026-03-04&to=2026-03-05"


def told(name: str, found: list[float], unit: str, factor: float) -> None:
    """Prints a figure."""
    print(f"{name}: {statistics.median(found) * factor:.3g} {unit} ({max(found) * factor:.3g}), n={len(found)}")


async def say(door: Door, count: int) -> None:
    """Says so many messages of ten metrics as the edge node does: made, then past the outlet, then sent."""
    for number in range(count):
        metrics = [(Metric(f"m{i}", MetricType.DOUBLE, number + i / 10, 0), i) for i in range(10)]
        payload = write_data(metrics, time_ms=time.time_ns() // 1_000_000, seq=number % 256)
        await door.publish(Message("spBv1.0/G/DDATA/works/press", payload, "DDATA press", frozenset({"states/press"})))


class Timed(Outlet):
    """The valve, with the time that it takes."""

    def __init__(self, valve: Outlet) -> None:
        self._valve, self.spent = valve, 0.0

    def let_out(self, parcel: Parcel) -> None:
        """As the valve does."""
        began = time.perf_counter()
        self._valve.let_out(parcel)
        self.spent += time.perf_counter() - began

    def is_open(self, flow: str, recipient: str) -> bool:
        """As the valve says."""
        return self._valve.is_open(flow, recipient)


async def messages(node: Node, url: str) -> None:
    """What part of the time of messages that leave the valve takes, until the broker has them."""
    settings = SparkplugNode.model_validate({"url": url, "group": "G"})
    took, spent = [], []
    async with broker_session(broker_for(settings, "works"), ("gone", b"")) as session:
        for _ in range(ROUNDS):
            outlet = Timed(node.valve)
            began = time.perf_counter()
            await say(Door(session, outlet, without_password(url) or ""), MESSAGES)
            await session.listen(["nothing"])  # answered when the broker has all of them
            took.append((time.perf_counter() - began) / MESSAGES)
            spent.append(outlet.spent / MESSAGES)
            node.valve.keep()
    told("a message, made, let out and sent", took, "us", 1e6)
    told("of it in the valve", spent, "us", 1e6)
    told("added to a message", [b / (a - b) for a, b in zip(took, spent, strict=True)], "%", 100)


async def births(node: Node, url: str) -> None:
    """What part of the time of a birth the valve takes, from the board to the broker."""
    settings = SparkplugNode.model_validate({"url": url, "group": "G"})
    present = Present(settings, node.history, node.board, lambda: node.timeline)
    edge = EdgeNode(settings, "works", present, lambda _: None, {}, node.valve)
    took, spent = [], []
    async with broker_session(broker_for(settings, "works"), ("gone", b"")) as session:
        for _ in range(ROUNDS):
            outlet = Timed(node.valve)
            door = Door(session, outlet, without_password(url) or "")
            began = time.perf_counter()
            for _ in range(20):
                present.notice(node.board.snapshot(node.timeline, now_us())["machines"], now_us())
                for message in edge.preview():
                    await door.publish(message)
            await session.listen(["nothing"])
            took.append((time.perf_counter() - began) / 20)
            spent.append(outlet.spent / 20)
            node.valve.keep()
    told("a birth of a machine and a line", took, "us", 1e6)
    told("of it in the valve", spent, "us", 1e6)
    told("added to a birth", [b / (a - b) for a, b in zip(took, spent, strict=True)], "%", 100)


def client(node: Node, host: str, token: str) -> httpx.AsyncClient:
    """Somebody who asks from an address."""
    app: Any = create_app(node, Served(open=False, names=frozenset({"node.example"})))
    app.limits.wait = lambda _: None
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(host, 1), raise_app_exceptions=False),
        base_url="http://127.0.0.1:8000",
        headers={"Authorization": f"Bearer {token}"},
    )


async def timed(ask: Callable[[], Awaitable[httpx.Response]], status: int) -> float:
    """How long an answer takes, in seconds."""
    began = time.perf_counter()
    answer = await ask()
    assert answer.status_code == status, answer.text
    return time.perf_counter() - began


async def requests(node: Node, tokens: dict[str, str]) -> None:
    """What the valve adds to an answer of the API, and to a refusal."""
    inside, bound = client(node, INSIDE, tokens["free"]), client(node, OUTSIDE, tokens["bound"])
    outside, weak = client(node, OUTSIDE, tokens["free"]), client(node, INSIDE, tokens["weak"])
    found: dict[str, list[float]] = {name: [] for name in ("inside", "bound", "refused by role", "refused by valve")}
    for _ in range(REQUESTS):
        node.valve.keep()
        found["inside"].append(await timed(lambda: inside.get(KPI), 200))
        found["bound"].append(await timed(lambda: bound.get(KPI), 200))
        found["refused by role"].append(await timed(lambda: weak.get(KPI), 403))
        found["refused by valve"].append(await timed(lambda: outside.get(KPI), 403))
    for name, times in found.items():
        told(f"/api/kpi, {name}", times, "ms", 1e3)
    both = [statistics.median(found[name]) for name in ("inside", "bound")]
    print(f"added to an answer: {(both[1] / both[0] - 1) * 100:.3g} %, of the medians")
    pairs = [b - a for a, b in zip(found["refused by role"], found["refused by valve"], strict=True)]
    told("added to a refusal", pairs, "ms", 1e3)


async def closing(node: Node, url: str, token: str, close: Callable[[], None], tap: Talker) -> tuple[float, float]:
    """How long after the valve is closed the last message came, and the last answer began, at full speed."""
    settings, last = SparkplugNode.model_validate({"url": url, "group": "G"}), {"sent": 0.0, "answered": 0.0}
    asks, stop = client(node, OUTSIDE, token), asyncio.Event()

    async def speak(door: Door) -> None:
        while not stop.is_set():
            try:
                await say(door, 20)
            except Withheld:
                await asyncio.sleep(0.001)
            else:
                last["sent"] = time.perf_counter()
            await asyncio.sleep(0)

    async def ask() -> None:
        while not stop.is_set():
            if (await asks.get(KPI)).status_code == 200:
                last["answered"] = time.perf_counter()

    async with broker_session(broker_for(settings, "works"), ("gone", b"")) as session:
        door = Door(session, node.valve, without_password(url) or "")
        work = [asyncio.create_task(one) for one in (*(speak(door) for _ in range(8)), *(ask() for _ in range(4)))]
        await asyncio.sleep(2)
        assert last["sent"]
        assert last["answered"]
        began = time.perf_counter()
        thread = threading.Thread(target=close)
        thread.start()
        await asyncio.sleep(3)
        stop.set()
        await asyncio.gather(*work)
        thread.join()
    heard = len(tap.heard)
    await asyncio.sleep(0.5)
    assert len(tap.heard) == heard
    return max(0.0, last["sent"] - began), max(0.0, last["answered"] - began)


async def main() -> None:
    """Measures all of it."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder)) as broker, Talker(broker, "spBv1.0/#") as tap:
        (Path(folder) / "plant.toml").write_text(PLANT, "utf-8")
        with Node.open(Path(folder)) as node:
            node.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
            tokens = {}
            for name, role in (("free", Role.READER), ("bound", Role.READER), ("weak", Role.MONITOR)):
                node.people.add(name, "service", [Grant(role)])
                tokens[name] = str(node.people.token(name, "bench", Grant(role), 1))
            number = node.people.get("bound").tokens[0].id
            allowed(node, f"token/{number}", OUTSIDE, "kpi/*", limits=MUCH)
            allowed(node, FLOW, without_password(broker.url) or "", *SAID, limits=MUCH)
            await messages(node, broker.url)
            await births(node, broker.url)
            await requests(node, tokens)
            async with node.live():

                def by_api() -> None:
                    node.valve.releases.shut(0)

                def by_books() -> None:
                    with Books.open(Path(folder)) as books:
                        Releases(books, now_us, lambda _: True, Ledger(books, now_us)).shut(0)

                for name, close in (("the API", by_api), ("the command", by_books)):
                    spans = []
                    for _ in range(5):
                        spans.append(await closing(node, broker.url, tokens["bound"], close, tap))
                        node.valve.releases.open(0)
                    told(f"closed by {name}, last message after", [one for one, _ in spans], "ms", 1e3)
                    told(f"closed by {name}, last answer after", [one for _, one in spans], "ms", 1e3)


if __name__ == "__main__":
    asyncio.run(main())
