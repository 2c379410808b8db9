"""A plant under faults: a real node, a peer of each type and one behind an edge, spoiled while everybody speaks.

Each peer says numbers that only rise, and notes when. Afterwards every number that was to be kept is stored exactly
once and in order, and each other that is missing lies in time that the node does not call heard.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from lineside.connect import Promise, sources
from lineside.connect.contract import Link, Peer
from lineside.history import History, Quality
from lineside.node import now_us

STALE_AFTER_S = 1.0
SAY_EVERY_S = 0.25
SETTLED_S = 5.0
START_S = 60.0
UNSAVED_US = 500_000
"""How long a broker that is killed may have acknowledged what it has not saved yet."""
EDGE_US = 50_000
POLLED = {"modbus"}
"""Types that ask for values: what one held in a pause shorter than `stale_after_s` is not known, and no gap."""


@dataclass
class Speaker:
    """A peer, the link to it, and what it said: each number from when, and which may be lost for no fault of ours."""

    name: str
    peer: Peer
    link: Link
    said: list[int] = field(default_factory=list)
    forgiven: list[tuple[int, int]] = field(default_factory=list)

    async def speak(self) -> None:
        """Says the next number, again and again; the number is its place in `said`, from 1."""
        while True:
            self.said.append(now_us())
            with suppress(RuntimeError):  # the broker is away: what has QoS 1 waits for it
                await self.peer.say(float(len(self.said)))
            await asyncio.sleep(SAY_EVERY_S)

    @property
    def settings(self) -> str:
        """Its source and machine as the plant file has them."""
        options = ", ".join(f"{name} = {json.dumps(value)}" for name, value in self.peer.OPTIONS.items())
        return (
            f'[source.{self.name}]\ntype = "{self.peer.TYPE}"\nurl = "{self.peer.SCHEME}://127.0.0.1:{self.link.port}"\n'
            f"stale_after_s = {STALE_AFTER_S}\noptions = {{ {options} }}\n"
            f'[machine.{self.name}]\nline = "cell"\nsource = "{self.name}"\n[machine.{self.name}.signals]\n'
            f'number = {{ address = "{self.peer.ADDRESS}", kind = "measure" }}\n'
        )


class Running:
    """A command of Lineside in a process of its own."""

    def __init__(self, folder: Path, *command: str) -> None:
        self._folder = folder
        self._command = command
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts it."""
        with (self._folder / "run.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*self._command, stdout=log, stderr=log)

    async def end(self, how: signal.Signals) -> None:
        """Sends a signal and waits for the end."""
        if self._process is not None:
            self._process.send_signal(how)
            await self._process.wait()


class RunningNode(Running):
    """`lineside run`, or what a test runs in its place."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        super().__init__(folder, *command, "run", str(folder), "--port", str(self.port))

    async def start(self) -> None:
        """Starts it, and waits until it has heard everybody."""
        await super().start()
        async with asyncio.timeout(START_S):
            while not await _all_heard(f"http://127.0.0.1:{self.port}/api/sources"):  # noqa: ASYNC110 it tells nobody
                await asyncio.sleep(0.1)


@dataclass
class BehindEdge(Speaker):
    """A peer that an edge reads; the link is the one from the edge to the node."""

    edge: Running = field(kw_only=True)

    @property
    def settings(self) -> str:
        """The node is pushed to."""
        pushed = re.sub(r"^(url|options) = .*\n", "", super().settings, flags=re.MULTILINE)
        return re.sub(r"^type = .*", 'type = "push"', pushed, flags=re.MULTILINE)


@asynccontextmanager
async def behind_edge(folder: Path, peer: Peer, port: int) -> AsyncIterator[BehindEdge]:
    """An edge that reads a peer for the node that will be at this port."""
    async with Link(port) as link:
        running = Running(folder, sys.executable, "-m", "lineside", "edge", str(folder))
        one = BehindEdge("edge", peer, link, edge=running)
        source = Speaker("edge", peer, Link(0)).settings.partition("[machine")[0]
        source = re.sub(r"^url = .*", f'url = "{peer.SCHEME}://127.0.0.1:{peer.port}"', source, flags=re.MULTILINE)
        (folder / "edge.toml").write_text(f'node = "http://127.0.0.1:{link.port}"\n{source}', "utf-8")
        await running.start()
        try:
            yield one
        finally:
            await running.end(signal.SIGTERM)


async def _all_heard(url: str) -> bool:
    """Whether a node answers, and has heard all its sources."""
    async with httpx.AsyncClient() as client:
        try:
            return all(one["last_ms"] is not None for one in (await client.get(url)).json())
        except httpx.HTTPError:
            return False


@dataclass
class Round:
    """What faults are made of."""

    node: RunningNode
    speakers: Sequence[Speaker]
    random: random.Random

    async def wait(self, longest_s: float) -> None:
        """A random while."""
        await asyncio.sleep(self.random.uniform(0, longest_s))

    async def kill_node(self) -> None:
        """The power of the node fails."""
        await self.node.end(signal.SIGKILL)
        await self.wait(2)
        await self.node.start()

    async def stop_node(self) -> None:
        """Somebody restarts the node."""
        await self.node.end(signal.SIGTERM)
        await self.node.start()

    async def cut(self) -> None:
        """A cable is pulled."""
        one = self.random.choice(self.speakers)
        await one.link.cut()
        await self.wait(3)
        await one.link.restore()

    async def stall(self) -> None:
        """A switch hangs."""
        one = self.random.choice(self.speakers)
        one.link.stall()
        await self.wait(4)
        one.link.resume()

    async def dark(self) -> None:
        """The network of the hall is gone, and the node restarts meanwhile."""
        await asyncio.gather(*(one.link.cut() for one in self.speakers))
        await self.kill_node()
        await asyncio.gather(*(one.link.restore() for one in self.speakers))

    async def kill_broker(self) -> None:
        """The power of a broker fails."""
        one = self.random.choice([speaker for speaker in self.speakers if hasattr(speaker.peer, "broker")])
        broker: Any = getattr(one.peer, "broker")  # noqa: B009 not every peer has one
        killed = now_us()
        await asyncio.to_thread(broker.kill)
        one.forgiven.append((killed - UNSAVED_US, now_us()))
        await self.wait(1)
        await asyncio.to_thread(broker.start)

    async def kill_edge(self) -> None:
        """The power of an edge fails, while it is cut off."""
        for one in self.speakers:
            if isinstance(one, BehindEdge):
                await one.link.cut()
                await self.wait(2)
                await one.edge.end(signal.SIGKILL)
                await one.edge.start()
                await self.wait(2)
                await one.link.restore()
                async with asyncio.timeout(START_S):
                    while not one.link.connections:  # noqa: ASYNC110 it tells nobody
                        await asyncio.sleep(0.1)

    @property
    def faults(self) -> list[Callable[[], Awaitable[None]]]:
        """Every kind that these speakers can have."""
        brokers = [self.kill_broker] if any(hasattr(one.peer, "broker") for one in self.speakers) else []
        edges = [self.kill_edge] if any(isinstance(one, BehindEdge) for one in self.speakers) else []
        return [self.kill_node, self.cut, self.stall, self.dark, *brokers, self.stop_node, *edges]


async def spoil(
    folder: Path,
    head: str,
    peers: Sequence[type[Peer]],
    rounds: int,
    *,
    seed: int = 1,
    behind: type[Peer] | None = None,
    command: Sequence[str] = (sys.executable, "-m", "lineside"),
) -> dict[str, str]:
    """Runs so many faults, each kind in turn at random moments; gives back what is wrong, by source.

    An edge reads the peer that is `behind` it.
    """
    node = RunningNode(folder, command)
    async with speaking(peers, behind, folder, node.port) as speakers:
        (folder / "plant.toml").write_text(head + "".join(one.settings for one in speakers), "utf-8")
        round_ = Round(node, speakers, random.Random(seed))
        await node.start()
        for number in range(rounds):
            await round_.faults[number % len(round_.faults)]()
            await round_.wait(2)
        await asyncio.sleep(2 * SETTLED_S)
        ended = now_us()
        await node.end(signal.SIGTERM)
    with History.open(folder) as history:
        return {one.name: wrong for one in speakers if (wrong := "; ".join(judged(one, history, ended)))}


@asynccontextmanager
async def speaking(
    peers: Sequence[type[Peer]], behind: type[Peer] | None, folder: Path, port: int
) -> AsyncIterator[list[Speaker]]:
    """One speaker of each type, and one behind an edge of the node at `port`; links whole, all of them speaking."""
    async with AsyncExitStack() as running:
        speakers = []
        for make in peers:
            peer = await running.enter_async_context(make())
            link = await running.enter_async_context(Link(peer.port))
            speakers.append(Speaker(make.TYPE, peer, link))
        if behind is not None:
            (folder / "edge").mkdir()
            peer = await running.enter_async_context(behind())
            speakers.append(await running.enter_async_context(behind_edge(folder / "edge", peer, port)))
        tasks = [asyncio.create_task(one.speak()) for one in speakers]
        try:
            yield speakers
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def judged(one: Speaker, history: History, ended: int) -> list[str]:
    """What is wrong with what is stored of a speaker, in words."""
    stored = history.read(history.series(f"{one.name}/number"), 0, 2**60)
    numbers = [int(number) for number in stored.number.tolist() if number == number]  # noqa: PLR0124 not a number
    kept = sources()[one.peer.TYPE].PROMISE is not Promise.BEST_EFFORT
    wrong = []
    if kept and len(set(numbers)) != len(numbers):
        wrong.append(f"{len(numbers) - len(set(numbers))} numbers stored twice")
    if kept and numbers != sorted(numbers):
        wrong.append("out of order")
    if len(set(numbers)) < len(one.said) / 10:
        wrong.append(f"only {len(set(numbers))} numbers of {len(one.said)} stored")
    first, last = min(numbers, default=1), max(numbers, default=0)
    if one.said[last] < ended - round(SETTLED_S * 1_000_000):
        wrong.append(f"nothing stored after number {last} of {len(one.said)}, though all was whole again")
    known, spans = set(numbers), history.heard(one.name, 0, 2**60).tolist()
    void = stored.quality == Quality.NO_DATA
    for number, begun in enumerate(one.said[:last], 1):
        over = one.said[number]
        if number < first or number in known or any(since <= begun <= until for since, until in one.forgiven):
            continue
        if kept:
            wrong.append(f"number {number} lost")
        elif any(start <= begun - EDGE_US and over + EDGE_US <= end for start, end in spans):
            told = void[max(np.searchsorted(stored.time, begun, "right") - 1, 0)]
            if not told and not (one.peer.TYPE in POLLED and _brief(one, number, known)):
                wrong.append(f"number {number} lost in time that counts as heard")
    return wrong


def _brief(one: Speaker, number: int, known: set[int]) -> bool:
    """Whether the numbers around this one that are stored were said within a pause that is no gap."""
    since = one.said[max(other for other in known if other < number)]
    until = one.said[min(other for other in known if other > number) - 1]
    return until - since <= STALE_AFTER_S * 1_000_000
