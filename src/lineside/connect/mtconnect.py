"""An MTConnect agent over HTTP: what it offers, what is now, and then everything that follows, in sequence.

Promise: replayable within the agent's buffer while this node runs. After an interruption the stream goes on
at the next sequence number; what the agent has overwritten by then is counted, told, and a gap in coverage.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import ClassVar, cast

import httpx

from lineside.connect.attention import Attention
from lineside.connect.found import Look, Surroundings
from lineside.connect.live import FIRST_RETRY_S, Delivery, LiveSource, now_us
from lineside.connect.mtconnect_xml import (
    AgentRefused,
    Devices,
    Header,
    Streams,
    Wanted,
    read_devices,
    read_streams,
)
from lineside.connect.multipart import boundary_of, read_parts
from lineside.connect.source import Option, Promise
from lineside.connect.tasks import together
from lineside.connect.wording import reason, unusable_url
from lineside.errors import ConfigurationError, Unreachable
from lineside.plant import Kind, SourceSettings

OUT_OF_RANGE = "OUT_OF_RANGE"
LAST_PORT = 65_535


class _Overrun(Exception):
    """The agent no longer has, or does not yet have, the sequence number asked for."""


class MTConnectSource(LiveSource):
    """Reads one device, or all, of the agent at `http://host:port[/device]`."""

    PROMISE = Promise.REPLAYABLE
    SCHEMES = frozenset({"http", "https"})
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "interval_ms": Option(100, "How often the agent may send; also the pause between polls.", 1, 60_000),
        "heartbeat_s": Option(5.0, "How often an agent with nothing new says so.", 0.1, 300),
        "count": Option(1_000, "How many observations one document may hold.", 1, 100_000),
        "connect_s": Option(10.0, "How long an answer may take.", 0.1, 300),
    }

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        super().__init__(settings, wanted)
        try:
            self._base = httpx.URL((settings.url or "").rstrip("/"))
        except httpx.InvalidURL as error:
            raise unusable_url(settings) from error
        if self._base.scheme not in ("http", "https") or not self._base.host or (self._base.port or 0) > LAST_PORT:
            raise unusable_url(settings)
        self._position: tuple[str, int] | None = None

    async def look_around(self, look: Look) -> Surroundings:
        """Every data item of the agent's device model."""
        from lineside.connect.mtconnect_browse import offers

        async with httpx.AsyncClient(timeout=self.number("connect_s"), trust_env=False) as client:
            try:
                devices = read_devices(await self._get(client, "probe"))
            except httpx.TimeoutException as error:
                raise TimeoutError from error
            except httpx.HTTPError as error:
                raise Unreachable("connect.unreachable", reason=reason(error)) from error
        items = offers(devices, self.settings.device)
        look.found = len(items)
        return Surroundings(self.settings, items, machines={(item.place[0],): item.place[0] for item in items})

    async def converse(self, delivery: Delivery) -> None:
        """Follows the agent's sequence until the connection ends."""
        limits = httpx.Timeout(self.number("connect_s"), read=self._patience_s)
        async with httpx.AsyncClient(timeout=limits, trust_env=False) as client:
            try:
                devices = read_devices(await self._get(client, "probe"))
                delivery.connected()
                self._position = cast("tuple[str, int] | None", delivery.place)
                wanted = self._resolve(devices, delivery)
                attention = Attention(now_us)
                await together(attention.keep(), self._go_on(client, wanted, delivery, attention))
            except httpx.TimeoutException as error:
                raise TimeoutError from error
            except httpx.HTTPError as error:
                raise Unreachable("connect.unreachable", reason=reason(error)) from error

    async def _go_on(self, client: httpx.AsyncClient, wanted: Wanted, delivery: Delivery, attention: Attention) -> None:
        while True:
            await self._begin(client, wanted, delivery)
            with suppress(_Overrun):
                await self._follow(client, wanted, delivery, attention)
            await asyncio.sleep(max(self._pause_s, FIRST_RETRY_S))

    @property
    def _pause_s(self) -> float:
        return self.number("interval_ms") / 1000

    @property
    def _patience_s(self) -> float:
        return max(min(3 * self.number("heartbeat_s"), self.settings.stale_after_s), self.number("connect_s"))

    def _resolve(self, devices: Devices, delivery: Delivery) -> Wanted:
        """Finds the wanted items; an address that means none, or several, is told as refused."""
        device = self.settings.device
        if device is not None and device not in devices.names:
            known = ", ".join(devices.names)
            raise ConfigurationError("connect.mtconnect.device", device=device, known=known)
        addresses: dict[str, list[str]] = {}
        refused: dict[str, str] = {}
        for address in self.wanted:
            found = devices.resolve(address, device)
            if len(found) == 1:
                addresses.setdefault(found[0].id, []).append(address)
            else:
                refused[address] = ", ".join(sorted(item.device for item in found))
        delivery.refused(refused)
        return Wanted(addresses, self.wanted)

    async def _begin(self, client: httpx.AsyncClient, wanted: Wanted, delivery: Delivery) -> None:
        """Finds the place to go on from, and tells what was lost before it."""
        asked = now_us()
        current = read_streams(await self._get(client, "current"))
        header = current.header
        wanted.forget()
        instance, place = self._position or (header.instance, None)
        if instance != header.instance:
            await delivery.gap("connect.mtconnect.restarted")
            place = None
        if place is None:
            await delivery.put(wanted.observations(current))
            delivery.refuse_unheard()
            self._move(header, header.next, delivery)
            delivery.alive(asked)
        elif header.first <= place <= header.next:
            delivery.bridge()
            await delivery.put(o for o in wanted.observations(current, place) if not delivery.knows(o.address))
        else:
            await delivery.gap("connect.mtconnect.gap", count=max(header.first - place, 0))
            await delivery.put(wanted.observations(current, header.first))
            self._move(header, header.first, delivery)

    async def _follow(
        self, client: httpx.AsyncClient, wanted: Wanted, delivery: Delivery, attention: Attention
    ) -> None:
        """Takes one document after another; asks again where an agent answers with single documents."""
        while True:
            asked = now_us()
            async with self._sample(client) as (boundary, answer):
                if boundary is None:
                    await self._take(read_streams(await answer.aread()), wanted, delivery, asked)
                else:
                    async for part in read_parts(_attended(answer.aiter_raw(), attention), boundary):
                        await self._take(read_streams(part), wanted, delivery, attention.said())
                    return
            await asyncio.sleep(self._pause_s)

    @asynccontextmanager
    async def _sample(self, client: httpx.AsyncClient) -> AsyncIterator[tuple[bytes | None, httpx.Response]]:
        query = {
            "from": str(self._position[1] if self._position else 0),
            "count": f"{self.number('count'):.0f}",
            "interval": f"{self.number('interval_ms'):.0f}",
            "heartbeat": f"{self.number('heartbeat_s') * 1000:.0f}",
        }
        headers = {"Accept-Encoding": "identity"}
        async with client.stream("GET", f"{self._base}/sample", params=query, headers=headers) as answer:
            try:
                if answer.status_code != httpx.codes.OK:
                    _check(answer, await answer.aread())
                yield boundary_of(answer.headers.get("content-type", "")), answer
            except AgentRefused as error:
                if OUT_OF_RANGE in error.codes:
                    raise _Overrun from error
                raise

    async def _take(self, streams: Streams, wanted: Wanted, delivery: Delivery, said: int | None) -> None:
        """Hands on one document and moves on behind it; an agent that was restarted is begun with anew.

        It may tell no more than what was so when it was `said`; but what follows it in the sequence leaves no gap.
        """
        header = streams.header
        if self._position is not None and self._position[0] != header.instance:
            raise _Overrun
        await delivery.put(wanted.observations(streams))
        self._move(header, header.next, delivery)
        if header.next <= header.last:
            return
        if said is not None:
            delivery.bridge()
        delivery.alive(said)
        if said is not None:
            delivery.bridge()

    def _move(self, header: Header, place: int, delivery: Delivery) -> None:
        self._position = (header.instance, place)
        delivery.reached(self._position)

    async def _get(self, client: httpx.AsyncClient, request: str) -> bytes:
        answer = await client.get(f"{self._base}/{request}")
        return _check(answer, answer.content)


async def _attended(chunks: AsyncIterator[bytes], attention: Attention) -> AsyncIterator[bytes]:
    while True:
        try:
            chunk = await attention.to(anext(chunks))
        except StopAsyncIteration:
            return
        yield chunk


def _check(answer: httpx.Response, content: bytes) -> bytes:
    """The content of a good answer; an error document speaks for itself, any other status for the server."""
    if answer.status_code == httpx.codes.OK:
        return content
    if b"MTConnectError" in content:
        read_streams(content)
    raise Unreachable("connect.mtconnect.status", status=answer.status_code)
