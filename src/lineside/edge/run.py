"""Runs the sources of an edge into its buffer, and its buffer into the node."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

import pyarrow as pa

from lineside.connect import Source, SourceState, keep_running
from lineside.edge.buffer import Buffer, Waiting
from lineside.edge.forward import Later, Node
from lineside.edge.rows import pack, said_row
from lineside.errors import LinesideError
from lineside.plant import Edge, SourceSettings

_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = logging.getLogger(__name__)
BUFFER_FILE = "edge.sqlite"
NOT_READ = frozenset({"push", "tally", "file"})
"""Types that no edge can read: nobody speaks there."""
GATHER_S = 0.25
SPEAK_S = 3.0
"""How often the node is told how a source fares when there is nothing else to tell."""
ASK_S = 10.0
"""How often the node is asked what it wants."""
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 5.0


class Link(NamedTuple):
    """How the way from one source to the node fares: what is wrong, None while the node takes what comes."""

    source: str
    wrong: LinesideError | None
    waiting: Waiting


@dataclass(slots=True)
class _Post:
    """One source of the edge."""

    settings: SourceSettings
    memory: dict[str, Any]
    wanted: dict[str, Any]
    state: SourceState = SourceState.STARTING
    key: str = "connect.starting"
    fields: dict[str, object] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    rewanted: asyncio.Event = field(default_factory=asyncio.Event)
    wrong: LinesideError | None = field(default_factory=lambda: LinesideError("edge.starting"))
    asked: float = float("-inf")

    @property
    def name(self) -> str:
        """The id of the source, at the edge and at the node."""
        return self.settings.id

    def begun(self, peer: Source) -> None:
        """A new source speaks for it, which goes on where the one before it was."""
        peer.memory = self.memory

    def said(self) -> bytes:
        """How it fares, as a row."""
        return said_row("state", self.state.value, self.key, self.fields, time.time_ns() // 1_000)


class _Sink:
    """Where a source of the edge delivers: acknowledged when it is in the buffer."""

    def __init__(self, edge: EdgeRun, post: _Post) -> None:
        self._edge = edge
        self._post = post

    async def observe(self, batch: pa.RecordBatch) -> None:
        await self._edge.kept(self._edge.buffer.observe, self._post.name, batch)
        self._post.news.set()

    async def heard(self, start: int, end: int, *, durable: bool = False) -> None:
        del durable  # it always is
        memory = {"heard": end, "place": self._post.memory.get("place")}
        memory = {name: one for name, one in memory.items() if one is not None}
        await self._edge.kept(self._edge.buffer.heard, self._post.name, start, end, memory)
        self._post.news.set()

    async def lost(self, time: int, key: str, **fields: object) -> None:
        await self._edge.kept(self._edge.buffer.lost, self._post.name, time, key, fields)
        self._post.news.set()

    def status(self, state: SourceState, key: str, **fields: object) -> None:
        post = self._post
        if (state, key) != (post.state, post.key):
            _log.info("source %s: %s (%s)", post.name, state.value, LinesideError(key, **fields).sentence())
        post.state, post.key, post.fields = state, key, fields
        post.news.set()


class EdgeRun:
    """An edge that runs until cancelled; `tell` hears how each source's way to the node fares when that changes."""

    def __init__(
        self,
        edge: Edge,
        folder: Path,
        tell: Callable[[Link], None],
        token: str | None = None,
        trust: str | None = None,
    ) -> None:
        self._edge = edge
        self._tell = tell
        self._token, self._trust = token, trust
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lineside-edge")
        self.buffer = Buffer(folder / BUFFER_FILE, round(edge.buffer_mb * 1_000_000))
        self._posts = [
            _Post(settings, *self.buffer.know(settings.id, (settings.type, settings.url, settings.device)))
            for settings in edge.sources.values()
        ]

    async def run(self) -> None:
        """Reads and hands on."""
        rate = self._edge.values_per_s
        try:
            async with Node(self._edge.node, rate, self._token, self._trust) as node, asyncio.TaskGroup() as tasks:
                for post in self._posts:
                    tasks.create_task(self._read(post), name=f"read {post.name}")
                    tasks.create_task(self._hand_on(post, node), name=f"hand on {post.name}")
        finally:
            self._thread.shutdown()
            self.buffer.close()

    async def kept(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What `work` with the buffer gives back, done in the buffer's own thread to its end.

        Raises LinesideError when the disk does not take it.
        """
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.shield(loop.run_in_executor(self._thread, lambda: work(*args, **kwargs)))
        except sqlite3.Error as error:
            raise LinesideError("edge.buffer_failed", reason=str(error)) from error

    async def links(self) -> list[Link]:
        """How every way to the node fares."""
        return [Link(one.name, one.wrong, await self.kept(self.buffer.waiting, one.name)) for one in self._posts]

    # From the machine

    async def _read(self, post: _Post) -> None:
        """Runs the source with what the node wants, and anew whenever it wants something else."""
        while True:
            post.rewanted.clear()
            if not post.wanted:
                await post.rewanted.wait()
                continue
            running = keep_running(post.settings, post.wanted, _Sink(self, post), post.begun)
            reading = asyncio.create_task(running)
            try:
                await post.rewanted.wait()
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    # To the node

    async def _hand_on(self, post: _Post, node: Node) -> None:
        wait = FIRST_RETRY_S
        while True:
            try:
                await self._ask(post, node)
                more = await self._give(post, node)
            except LinesideError as error:
                await self.kept(self.buffer.let_go, post.name)
                await self._say(post, error)
                post.asked = float("-inf")
                await asyncio.sleep(error.seconds if isinstance(error, Later) else wait * random.uniform(0.8, 1.2))
                wait = min(wait * 2, LAST_RETRY_S)
                continue
            wait = FIRST_RETRY_S
            unwanted = None if post.wanted else LinesideError("edge.nothing_wanted", node=node.url, source=post.name)
            await self._say(post, unwanted)
            if not more:
                with suppress(TimeoutError):
                    async with asyncio.timeout(SPEAK_S):
                        await post.news.wait()
                await asyncio.sleep(GATHER_S)

    async def _ask(self, post: _Post, node: Node) -> None:
        """Learns what the node wants, now and then."""
        if time.monotonic() - post.asked < ASK_S:
            return
        wanted = await node.wanted(post.name)
        post.asked = time.monotonic()
        if wanted != post.wanted:
            await self.kept(self.buffer.want, post.name, wanted)
            _log.info("source %s: %d address(es) wanted", post.name, len(wanted))
            post.wanted = wanted
            post.rewanted.set()

    async def _give(self, post: _Post, node: Node) -> bool:
        """Gives the oldest of what waits; whether there is more."""
        post.news.clear()
        parcel = await self.kept(self.buffer.take, post.name)
        body, rows = (b"", 0) if parcel is None else (parcel.body, parcel.rows)
        refusal = await node.give(post.name, body + pack([post.said()]), rows + 1)
        if refusal is not None:
            _log.error("%s", refusal)
            await self.kept(self.buffer.lost, post.name, time.time_ns() // 1_000, refusal.key, refusal.fields)
        if parcel is not None:
            await self.kept(self.buffer.done, post.name, parcel.until)
        return parcel is not None and parcel.more

    async def _say(self, post: _Post, wrong: LinesideError | None) -> None:
        before, post.wrong = post.wrong, wrong
        if (before and before.key) != (wrong and wrong.key):
            self._tell(Link(post.name, wrong, await self.kept(self.buffer.waiting, post.name)))
