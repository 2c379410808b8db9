"""The adapter stream of MTConnect: SHDR lines over TCP, with heartbeat.

Promise: best effort between connections. An adapter repeats its last values when we come back and keeps
nothing else, so what happened in between is told as a gap in coverage and never made up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import ClassVar
from urllib.parse import urlsplit

from lineside.connect.attention import Attention
from lineside.connect.found import Look, Surroundings
from lineside.connect.live import Delivery, LiveSource, now_us
from lineside.connect.set_aside import SetAside
from lineside.connect.shdr_text import ShdrText
from lineside.connect.source import Option
from lineside.connect.tasks import first
from lineside.connect.wording import unusable_url
from lineside.errors import Unreachable
from lineside.plant import Kind, SourceSettings

PORT = 7878
LINE_LIMIT = 4 * 1024 * 1024
PING_EVERY_S = 10.0


class ShdrSource(LiveSource):
    """Reads one adapter at `tcp://host:port`."""

    SCHEMES = frozenset({"shdr", "tcp"})
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "settle_s": Option(10.0, "After connecting, how long a wanted item may keep silent unnoticed.", 0, 3600),
        "connect_s": Option(10.0, "How long connecting may take.", 0.1, 300),
        "relative_time": Option(default=False, description="Lines begin with milliseconds instead of a date."),
    }

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        super().__init__(settings, wanted)
        url = settings.url or ""
        try:
            parts = urlsplit(url if "//" in url else f"tcp://{url}")
            self._host, self._port = parts.hostname or "", parts.port or PORT
        except ValueError as error:
            raise unusable_url(settings) from error
        if not self._host or parts.scheme not in ("tcp", "shdr"):
            raise unusable_url(settings)

    async def look_around(self, look: Look) -> Surroundings:
        """Every item that the adapter speaks of while it is listened to; it cannot be asked for a list."""
        from lineside.connect.shdr_browse import Heard

        async with asyncio.timeout(self.number("connect_s")):
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=LINE_LIMIT)
        heard = Heard()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(look.left_s):
                    while line := await reader.readline():
                        heard.hear(line.decode("utf-8", "replace"))
                        look.found = len(heard.items)
        except ValueError as error:
            raise Unreachable("connect.shdr.line_too_long", limit=LINE_LIMIT) from error
        finally:
            writer.close()
        return Surroundings(self.settings, list(heard.items.values()), listened=True)

    async def converse(self, delivery: Delivery) -> None:
        """Reads lines until the adapter closes or stops answering the heartbeat."""
        async with asyncio.timeout(self.number("connect_s")):
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=LINE_LIMIT)
        try:
            delivery.connected()
            async with asyncio.TaskGroup() as tasks:
                heart, attention = _Heart(writer, self.settings.stale_after_s), Attention(now_us)
                beside = [tasks.create_task(work) for work in (heart.beat(), attention.keep(), self._settle(delivery))]
                await self._listen(reader, delivery, heart, attention)
                for task in beside:
                    task.cancel()
        except BaseExceptionGroup as group:
            raise first(group) from group
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(0.2):
                    await writer.wait_closed()

    async def _listen(
        self, reader: asyncio.StreamReader, delivery: Delivery, heart: _Heart, attention: Attention
    ) -> None:
        text = ShdrText(
            self.wanted,
            SetAside(),
            device=self.settings.device,
            relative=bool(self._options["relative_time"]),
        )
        while True:
            try:
                raw = await attention.to(reader.readuntil(b"\n"))
            except asyncio.IncompleteReadError:
                return  # the adapter closed; what it had begun to say may be cut
            except asyncio.LimitOverrunError as error:
                raise Unreachable("connect.shdr.line_too_long", limit=LINE_LIMIT) from error
            delivery.alive(attention.said())
            line = raw.decode("utf-8", "replace")
            heart.hear(line)
            observations = text.read(line, now_us())
            if observations:
                await delivery.put(observations)
            elif not line.startswith("*"):
                delivery.valued()

    async def _settle(self, delivery: Delivery) -> None:
        """Names the wanted items never mentioned; a peer of this kind cannot be asked for a list."""
        await asyncio.sleep(self.number("settle_s"))
        while True:
            delivery.refuse_unheard()
            await asyncio.sleep(1.0)


class _Heart:
    """Asks `* PING`; an adapter that ever answered must go on answering."""

    def __init__(self, writer: asyncio.StreamWriter, silence_s: float) -> None:
        self._writer = writer
        self._silence_s = silence_s
        self._every_s = min(PING_EVERY_S, silence_s / 3)
        self._answers = False
        self._last = asyncio.get_running_loop().time()

    def hear(self, line: str) -> None:
        """Any line is a sign of life; a PONG also sets the rhythm."""
        self._last = asyncio.get_running_loop().time()
        if not line.startswith("* PONG"):
            return
        self._answers = True
        period = line[6:].strip()
        if period.isascii() and period.isdigit() and 0 < len(period) < 9:
            self._every_s = min(max(int(period) / 1000, 0.1), self._silence_s / 2)

    async def beat(self) -> None:
        """Asks until cancelled; raises Unreachable when an answering adapter stops answering."""
        while True:
            self._writer.write(b"* PING\n")
            await self._writer.drain()
            await asyncio.sleep(self._every_s)
            silent = asyncio.get_running_loop().time() - self._last
            if self._answers and silent > max(2 * self._every_s, self._silence_s):
                raise Unreachable("connect.shdr.no_pong", seconds=f"{silent:.0f}")
