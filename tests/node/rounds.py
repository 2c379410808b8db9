"""A plant under faults: a real node, a peer of each type and one behind an edge, spoiled while everybody speaks.

Each peer says numbers that only rise, and notes when. Afterwards every number that was to be kept is stored exactly
once and in order, and each other that is missing lies in time that the node does not call heard.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import signal
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
from tests.node.spoilt import CLOCK_S, SmallDisk, WrongClock
from tests.shared import free_port

_log = logging.getLogger(__name__)
STALE_AFTER_S = 1.0
SAY_EVERY_S = 0.25
SETTLED_S = 5.0
START_S = 180.0
PATIENT = {"connect_s": 10, "answer_s": 1}
"""What a busy machine needs of the options that make the contract's peers quick."""
UNSAVED_US = 500_000
"""How long a broker that is killed may have acknowledged what it has not saved yet."""
EDGE_US = 50_000
CLOCKS_S = (-3600, -600, -90, 90, 600, 3600)
LAST_LINES = 60
FULL_S = 3.0
"""How soon a node has noticed that its disk is full, on a machine that does nothing else."""
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
    doubted: list[tuple[int, int]] = field(default_factory=list)
    """Times at which a clock that was set wrong heard it."""

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
        given = {**self.peer.OPTIONS, **{name: PATIENT[name] for name in PATIENT.keys() & self.peer.OPTIONS.keys()}}
        options = ", ".join(f"{name} = {json.dumps(value)}" for name, value in given.items())
        return (
            f'[source.{self.name}]\ntype = "{self.peer.TYPE}"\nurl = "{self.peer.SCHEME}://127.0.0.1:{self.link.port}"\n'
            f"stale_after_s = {STALE_AFTER_S}\noptions = {{ {options} }}\n"
            f'[machine.{self.name}]\nline = "cell"\nsource = "{self.name}"\n[machine.{self.name}.signals]\n'
            f'number = {{ address = "{self.peer.ADDRESS}", kind = "measure" }}\n'
        )


class Running:
    """A command of Lineside in a process of its own."""

    def __init__(self, folder: Path, *command: str, clock: WrongClock | None = None) -> None:
        self._folder = folder
        self._command = command
        self.clock = clock
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts it."""
        with (self._folder / "run.log").open("ab") as log:
            environment = None if self.clock is None else self.clock.environment
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdout=log, stderr=log, env=environment
            )

    async def end(self, how: signal.Signals) -> None:
        """Sends a signal and waits for the end."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(how)
            await self._process.wait()


class RunningNode(Running):
    """`lineside run`, or what a test runs in its place."""

    def __init__(self, folder: Path, command: Sequence[str], clock: WrongClock | None) -> None:
        self.port = free_port()
        super().__init__(folder, *command, "run", str(folder), "--port", str(self.port), "--open", clock=clock)

    async def start(self) -> None:
        """Starts it, and waits until it answers."""
        await super().start()
        async with asyncio.timeout(START_S):
            while True:
                with suppress(httpx.HTTPError):
                    await self.sources()
                    return
                await asyncio.sleep(0.1)

    async def heard(self, since_ms: int) -> None:
        """Waits until it has heard everybody since then."""
        told: object = "nothing"
        try:
            async with asyncio.timeout(START_S):
                while told:
                    await asyncio.sleep(0.1)
                    with suppress(httpx.HTTPError):
                        sources = await self.sources()
                        told = [(one["id"], one["reason"]) for one in sources if (one["last_ms"] or -1) < since_ms]
        except TimeoutError as error:
            raise TimeoutError(f"not heard for {START_S:g} s: {told}") from error

    async def sources(self) -> list[dict[str, Any]]:
        """What it says of its sources."""
        async with httpx.AsyncClient() as client:
            told: list[dict[str, Any]] = (await client.get(f"http://127.0.0.1:{self.port}/api/sources")).json()
            return told


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
async def behind_edge(folder: Path, peer: Peer, port: int, clock: WrongClock | None) -> AsyncIterator[BehindEdge]:
    """An edge that reads a peer for the node that will be at this port."""
    async with Link(port) as link:
        running = Running(folder, sys.executable, "-m", "lineside", "edge", str(folder), clock=clock)
        one = BehindEdge("edge", peer, link, edge=running)
        source = Speaker("edge", peer, Link(0)).settings.partition("[machine")[0]
        source = re.sub(r"^url = .*", f'url = "{peer.SCHEME}://127.0.0.1:{peer.port}"', source, flags=re.MULTILINE)
        (folder / "edge.toml").write_text(f'node = "http://127.0.0.1:{link.port}"\n{source}', "utf-8")
        await running.start()
        try:
            yield one
        finally:
            await running.end(signal.SIGTERM)


@dataclass
class Round:
    """What faults are made of."""

    node: RunningNode
    speakers: Sequence[Speaker]
    random: random.Random
    disk: SmallDisk | None = None
    lies: list[str] = field(default_factory=list)

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

    async def fill_disk(self) -> None:
        """The disk of the node and of its edges is full, and has room again; the power may fail meanwhile."""
        assert self.disk is not None
        await asyncio.to_thread(self.disk.fill)
        await asyncio.sleep(FULL_S)
        try:
            async with asyncio.timeout(START_S):
                while all(one["state"] == "active" for one in await self.node.sources()):  # noqa: ASYNC110 it tells nobody
                    await asyncio.sleep(0.1)
        except TimeoutError:
            self.lies.append("every source was called active though nothing could be stored")
        await self.wait(3)
        power_fails = self.random.random() < 1 / 2
        if power_fails:
            await self.node.end(signal.SIGKILL)
        await asyncio.to_thread(self.disk.free)
        if power_fails:
            await self.node.start()
        await self.node.heard(now_us() // 1000)

    async def set_clock(self) -> None:
        """The clock of the node or of an edge is set wrong, the power may fail meanwhile, and it is set right."""
        edges = [one for one in self.speakers if isinstance(one, BehindEdge)]
        clocks = [(self.node.clock, self.speakers), *((one.edge.clock, [one]) for one in edges)]
        clock, speakers = self.random.choice(clocks)
        off_s, begun = self.random.choice(CLOCKS_S), now_us()
        assert clock is not None
        clock.set(off_s)
        await asyncio.sleep(CLOCK_S)
        await self.wait(3)
        if clock is self.node.clock and self.random.random() < 1 / 2:
            await self.kill_node()
        clock.set(0)
        await asyncio.sleep(CLOCK_S)
        off_us = off_s * 1_000_000
        for one in speakers:
            one.doubted.append((begun + off_us, now_us() + off_us))
        await self.node.heard(now_us() // 1000)

    @property
    def faults(self) -> list[Callable[[], Awaitable[None]]]:
        """Every kind that these speakers can have."""
        brokers = [self.kill_broker] if any(hasattr(one.peer, "broker") for one in self.speakers) else []
        edges = [self.kill_edge] if any(isinstance(one, BehindEdge) for one in self.speakers) else []
        disks = [] if self.disk is None else [self.fill_disk]
        clocks = [] if self.node.clock is None else [self.set_clock]
        return [self.kill_node, self.cut, self.stall, self.dark, *brokers, self.stop_node, *edges, *disks, *clocks]


async def spoil(
    folder: Path,
    head: str,
    peers: Sequence[type[Peer]],
    rounds: int,
    *,
    seed: int = 1,
    behind: type[Peer] | None = None,
    command: Sequence[str] = (sys.executable, "-m", "lineside"),
    disk: SmallDisk | None = None,
    clock: Callable[[str], WrongClock | None] = lambda _: None,
) -> dict[str, str]:
    """Runs so many faults, each kind in turn at random moments; gives back what is wrong, by source.

    An edge reads the peer that is `behind` it. Where the folder is a small disk it fills up; `clock` gives one that can
    be set.
    """
    node = RunningNode(folder, command, clock("node"))
    async with speaking(peers, behind, folder, node.port, clock("edge")) as speakers:
        (folder / "plant.toml").write_text(head + "".join(one.settings for one in speakers), "utf-8")
        round_ = Round(node, speakers, random.Random(seed), disk)
        try:
            await node.start()
            await node.heard(0)
            for number in range(rounds):
                fault = round_.faults[number % len(round_.faults)]
                _log.info("%d: %s", number, fault.__name__)
                await fault()
                await round_.wait(2)
            whole = now_us()
            await node.heard(whole // 1000)
            await asyncio.sleep(SETTLED_S)
            await node.end(signal.SIGTERM)
        except Exception as error:
            _add_last_words(folder, error)
            raise
        finally:
            await node.end(signal.SIGKILL)
    with History.open(folder) as history:
        wrong = {one.name: "; ".join(judged(one, history, whole)) for one in speakers}
    return {name: what for name, what in {**wrong, "node": "; ".join(round_.lies)}.items() if what}


def _add_last_words(folder: Path, error: Exception) -> None:
    """What the programs said before it went wrong."""
    for log in folder.rglob("run.log"):
        last = log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
        error.add_note("\n".join([f"the last words of {log.parent.name}:", *last]))


@asynccontextmanager
async def speaking(
    peers: Sequence[type[Peer]], behind: type[Peer] | None, folder: Path, port: int, clock: WrongClock | None
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
            speakers.append(await running.enter_async_context(behind_edge(folder / "edge", peer, port, clock)))
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


def judged(one: Speaker, history: History, whole: int) -> list[str]:
    """What is wrong with what is stored of a speaker, in words."""
    stored = history.read(history.series(f"{one.name}/number"), 0, 2**60)
    numbers = [int(number) for number in stored.number.tolist() if number == number]  # noqa: PLR0124 not a number
    _log.info("%s: %d numbers said, %d stored", one.name, len(one.said), len(set(numbers)))
    kept = sources()[one.peer.TYPE].PROMISE is not Promise.BEST_EFFORT
    excused = one.forgiven if kept else [*one.forgiven, *one.doubted]
    wrong = []
    if kept and len(set(numbers)) != len(numbers):
        wrong.append(f"{len(numbers) - len(set(numbers))} numbers stored twice")
    if kept and numbers != sorted(numbers):
        wrong.append("out of order")
    if len(set(numbers)) < len(one.said) / 10:
        wrong.append(f"only {len(set(numbers))} numbers of {len(one.said)} stored")
    first, last = min(numbers, default=1), max(numbers, default=0)
    if one.said[last] < whole - round(SETTLED_S * 1_000_000):
        wrong.append(f"nothing stored after number {last} of {len(one.said)}, though all was whole again")
    known, spans = set(numbers), history.heard(one.name, 0, 2**60).tolist()
    void = stored.quality == Quality.NO_DATA
    for number, begun in enumerate(one.said[:last], 1):
        over = one.said[number]
        if number < first or number in known or any(since <= begun <= until for since, until in excused):
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
