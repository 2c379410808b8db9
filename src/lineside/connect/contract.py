"""What every source must do, whoever wrote it: a type's peer is run behind a link that is cut, stalled and restored.

A test suite of a type gives a `Peer` and awaits each of `RULES` with it::

    @pytest.mark.parametrize("rule", RULES)
    async def test_the_contract(rule: Rule) -> None:
        async with MyPeer() as peer, Link(peer.port) as link:
            await rule(peer, link)

A rule that is broken raises AssertionError, or TimeoutError when what must happen never does.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from types import TracebackType
from typing import Any, ClassVar, Self, TypeAlias

import pyarrow as pa

from lineside.connect.live import AHEAD_US, now_us
from lineside.connect.memory import MemorySink
from lineside.connect.observations import to_batch
from lineside.connect.registry import source, sources
from lineside.connect.source import Promise, SourceState
from lineside.history import Quality
from lineside.plant import SourceSettings

STALE_AFTER_S = 0.6
WITHIN_S = 60.0
"""How long a peer may take with what it must do, on a machine that does other things as well."""
END_S = 3.0
"""How long a source may take to end when it is cancelled."""
SAY_AGAIN_S = 0.3
PASSWORD = "correct-horse"  # noqa: S105 nobody's
READ_BYTES = 65_536


class Peer(ABC):
    """A real server of one type on 127.0.0.1, for as long as its block runs; it gives one number at one address."""

    TYPE: ClassVar[str]
    SCHEME: ClassVar[str]
    ADDRESS: ClassVar[str]
    OPTIONS: ClassVar[Mapping[str, Any]] = {}
    """What makes the source quick: it must find within a second that a connection is of no use."""

    port: int

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Listens at `port`."""

    @abstractmethod
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends."""

    def url(self, link: Link, login: str = "") -> str:
        """The address behind a link at which the source finds it."""
        return f"{self.SCHEME}://{login}127.0.0.1:{link.port}"

    @abstractmethod
    async def say(self, number: float) -> None:
        """The value is this from now on. With a promise to keep, whoever does not listen must hear it later."""


class Link:
    """The connection between a source and its peer, on a port of its own, that a rule can spoil."""

    def __init__(self, to: int) -> None:
        self.port = 0
        self._to = to
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None] | None] = set()
        self._passes = asyncio.Event()
        self._instead: bytes | None = None
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._passes.set()
        await self.restore()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()
        self.resume()
        await asyncio.gather(*(task for task in self._tasks if task is not None))

    @property
    def connections(self) -> int:
        """How many a source holds open."""
        return len(self._open)

    async def cut(self) -> None:
        """Breaks every connection, and refuses new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def restore(self, *, instead: bytes | None = None) -> None:
        """Takes connections again, and passes on both ways; or says something else `instead` and closes."""
        self._instead = instead
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def stall(self) -> None:
        """Connections stay open, and new ones are taken, but nothing passes."""
        self._passes.clear()

    def resume(self) -> None:
        """Lets pass what has waited, and what comes."""
        self._passes.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        self._open.add(writer)
        with suppress(OSError):  # either side may go: that is what links are for
            if self._instead is not None:
                writer.write(self._instead)
                await writer.drain()
                await reader.read(64)
            else:
                await self._pass_on(reader, writer)
        writer.close()
        self._open.discard(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        ways = [asyncio.create_task(self._way(reader, back)), asyncio.create_task(self._way(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.transport.abort()

    async def _way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(READ_BYTES):
            await self._passes.wait()
            writer.write(data)
            await writer.drain()


Rule: TypeAlias = Callable[[Peer, Link], Awaitable[None]]


@asynccontextmanager
async def _running(
    peer: Peer, link: Link, sink: MemorySink, memory: dict[str, Any] | None = None, login: str = ""
) -> AsyncIterator[asyncio.Task[None]]:
    """The peer's source behind the link delivers while the block runs; it ends in time."""
    settings = SourceSettings.model_validate(
        {
            "id": "contract",
            "type": peer.TYPE,
            "url": peer.url(link, login),
            "stale_after_s": STALE_AFTER_S,
            "options": dict(peer.OPTIONS),
        }
    )
    to_batch([])  # with its first array pyarrow loads pandas, if it is there: a second in which nothing else runs
    listening = source(settings, {peer.ADDRESS: "measure"})
    if memory is not None:
        listening.memory = memory
    task = asyncio.create_task(listening.run(sink))
    try:
        yield task
    finally:
        task.cancel()
        async with asyncio.timeout(END_S):
            await asyncio.wait([task])
        if not task.cancelled():
            task.result()


_numbers_ever = map(float, count(1))
"""A peer may keep what it said to another rule: none says a number twice."""


async def _said(peer: Peer, sink: MemorySink) -> float:
    """The peer says a new number, again and again as nobody may listen yet, and the source delivers it."""
    number = next(_numbers_ever)
    await _saying(peer, sink, lambda s: number in _numbers(s), number)
    return number


async def _saying(peer: Peer, sink: MemorySink, claim: Callable[[MemorySink], bool], number: float = 0.0) -> None:
    """The peer goes on saying a number, or new ones, until a claim holds."""
    async with asyncio.timeout(WITHIN_S):
        while not claim(sink):
            await peer.say(number or next(_numbers_ever))
            with suppress(TimeoutError):
                await sink.until(claim, within_s=SAY_AGAIN_S)


def _numbers(sink: MemorySink) -> list[float | None]:
    return [row.number for row in sink.observations if row.quality is not Quality.NO_DATA]


def _tells(state: SourceState, after: int = 0) -> Callable[[MemorySink], bool]:
    """Holds when a state was told, behind so many others."""
    return lambda sink: any(one.state is state for one in sink.told[after:])


def _must(holds: bool, instead: object) -> None:  # noqa: FBT001 a claim
    """Raises AssertionError, whatever Python was told of assertions."""
    if not holds:
        raise AssertionError(instead)


async def values_are_delivered(peer: Peer, link: Link) -> None:
    """Under their address and no later than now, by a source that says it is active."""
    sink = MemorySink()
    async with _running(peer, link, sink):
        await _said(peer, sink)
        await _saying(peer, sink, _tells(SourceState.ACTIVE))
        number = await _said(peer, sink)
    rows = [row for row in sink.observations if row.number == number]
    _must({row.address for row in rows} == {peer.ADDRESS}, rows)
    _must({row.quality for row in rows} == {Quality.GOOD}, rows)
    _must(all(0 < row.time < now_us() + AHEAD_US for row in rows), rows)
    _must(len({row.time for row in rows}) == len(rows), f"told twice at one time: {rows}")


async def coverage_is_of_the_past(peer: Peer, link: Link) -> None:
    """What was heard reaches to the present, span after span, and never beyond."""
    sink = MemorySink()
    async with _running(peer, link, sink):
        await _said(peer, sink)
        await _saying(peer, sink, lambda s: len(s.spans) > 1)
    for start, end in sink.spans:
        _must(start <= end <= now_us(), sink.spans)


async def a_peer_may_come_later(peer: Peer, link: Link) -> None:
    """Who cannot be reached is told in words, and reached as soon as it is there."""
    sink = MemorySink()
    await link.cut()
    async with _running(peer, link, sink):
        await sink.until(_tells(SourceState.DEGRADED))
        _must(sink.told[-1].sentence() != sink.told[-1].sentence("zh"), sink.told)
        await link.restore()
        await _said(peer, sink)
        await _saying(peer, sink, _tells(SourceState.ACTIVE))


async def a_cut_is_told_and_mended(peer: Peer, link: Link) -> None:
    """What was said meanwhile is delivered once where that is promised; else the time is not covered."""
    sink = MemorySink()
    async with _running(peer, link, sink) as task:
        await _said(peer, sink)
        await _saying(peer, sink, _tells(SourceState.ACTIVE))
        known = len(sink.told)
        await link.cut()
        await sink.until(_tells(SourceState.DEGRADED, known))
        await asyncio.sleep(STALE_AFTER_S)
        away = now_us()
        await peer.say(missed := next(_numbers_ever))
        await asyncio.sleep(STALE_AFTER_S)
        known = len(sink.told)
        await link.restore()
        await _said(peer, sink)
        await _saying(peer, sink, _tells(SourceState.ACTIVE, known))
        _must(not task.done(), "the source ended")
    _kept(peer, sink, missed, away)


async def a_stall_is_told_and_mended(peer: Peer, link: Link) -> None:
    """A connection that stands and says nothing is no sign of life."""
    sink = MemorySink()
    async with _running(peer, link, sink):
        await _said(peer, sink)
        await _saying(peer, sink, _tells(SourceState.ACTIVE))
        known = len(sink.told)
        link.stall()
        await sink.until(_tells(SourceState.DEGRADED, known))
        known = len(sink.told)
        link.resume()
        await _said(peer, sink)
        await _saying(peer, sink, _tells(SourceState.ACTIVE, known))


async def who_goes_on_later_misses_what_is_promised(peer: Peer, link: Link) -> None:
    """A source made in another's place, with its memory, delivers what was said between them, and once."""
    sink, memory = MemorySink(), dict[str, Any]()
    async with _running(peer, link, sink, memory):
        await _said(peer, sink)
        await _saying(peer, sink, _tells(SourceState.ACTIVE))
    await asyncio.sleep(STALE_AFTER_S)
    away = now_us()
    await peer.say(missed := next(_numbers_ever))
    await asyncio.sleep(STALE_AFTER_S)
    async with _running(peer, link, sink, memory):
        await _said(peer, sink)
    _kept(peer, sink, missed, away)


def _kept(peer: Peer, sink: MemorySink, number: float, away: int) -> None:
    """What was said while nobody listened: there exactly once where it is promised, else told as a gap."""
    if sources()[peer.TYPE].PROMISE is Promise.BEST_EFFORT:
        covering = [span for span in sink.spans if span[0] <= away <= span[1]]
        _must(not covering, f"heard at {away} though cut off: {covering}")
    else:
        times = {row.time for row in sink.observations if row.number == number}
        _must(len(times) == 1, f"{number} was to be kept, and came under {len(times)} times")


async def strangers_end_nothing(peer: Peer, link: Link) -> None:
    """Whatever else answers at the address, the source tells it, delivers nothing, and goes on trying."""
    for answer in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"\0\xff\xfe\n" * 200, b""):
        sink = MemorySink()
        await link.restore(instead=answer)
        async with _running(peer, link, sink) as task:
            await sink.until(_tells(SourceState.DEGRADED))
            _must(not task.done(), "the source ended")
            _must(not _numbers(sink), sink.observations)
            await link.restore()
            await _said(peer, sink)


async def it_ends_when_told(peer: Peer, link: Link) -> None:
    """At once, in a conversation as in a stall; it says that it has stopped, and leaves no connection behind."""
    for stalled in (False, True):
        sink = MemorySink()
        async with _running(peer, link, sink):
            if stalled:
                link.stall()
                await asyncio.sleep(0.2)
            else:
                await _said(peer, sink)
        _must(sink.told[-1].state is SourceState.STOPPED, sink.told)
        link.resume()
        async with asyncio.timeout(END_S):
            while link.connections:  # noqa: ASYNC110 - the other end of a socket tells nobody
                await asyncio.sleep(0.01)


class _Full(MemorySink):
    """A sink that can keep nothing."""

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Refuses."""
        raise OSError(28, "No space left on device", batch.num_rows)


async def what_the_sink_raises_ends_it(peer: Peer, link: Link) -> None:
    """What cannot be stored must not be dropped: whoever runs the source decides."""
    with suppress(OSError):
        async with _running(peer, link, _Full()) as task, asyncio.timeout(WITHIN_S):
            while not task.done():
                await peer.say(next(_numbers_ever))
                await asyncio.wait([task], timeout=0.1)
        _must(False, "it went on though nothing could be stored")


async def passwords_are_never_shown(peer: Peer, link: Link) -> None:
    """Neither in what is told nor in its sentences."""
    sink = MemorySink()
    await link.cut()
    async with _running(peer, link, sink, login=f"me:{PASSWORD}@"):
        await sink.until(_tells(SourceState.DEGRADED))
    shown = "".join(f"{one.fields}{one.sentence()}{one.sentence('zh')}" for one in sink.told)
    _must(PASSWORD not in shown, shown)
    _must(f"127.0.0.1:{link.port}" in shown, shown)


RULES: tuple[Rule, ...] = (
    values_are_delivered,
    coverage_is_of_the_past,
    a_peer_may_come_later,
    a_cut_is_told_and_mended,
    a_stall_is_told_and_mended,
    who_goes_on_later_misses_what_is_promised,
    strangers_end_nothing,
    it_ends_when_told,
    what_the_sink_raises_ends_it,
    passwords_are_never_shown,
)
