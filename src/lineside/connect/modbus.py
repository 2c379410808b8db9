"""Modbus TCP and RTU over TCP: registers and bits of many units, read in blocks at a fixed interval.

Promise: best effort. A register tells what it holds now; what it held while nobody asked is not known. Nothing is
written: the only functions ever sent are 1 to 4.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from lineside.connect.found import Look, Surroundings
from lineside.connect.live import Delivery, LiveSource, now_us
from lineside.connect.modbus_address import ORDERS, Point, read_address
from lineside.connect.modbus_line import Line, Misanswered, Refused, Unanswered, connected
from lineside.connect.modbus_unit import ABSENT, Limits, Reading, Unit
from lineside.connect.source import Option
from lineside.connect.wording import unusable_url
from lineside.errors import ConfigurationError, LinesideError, Unreachable
from lineside.plant import Kind, SourceSettings

PORT = 502
SCHEMES = ("modbus", "modbus+rtu")
MISSES = 3
"""Requests in a row without any answer, and at least one to each unit, after which the connection counts as dead."""
OVERRUNS = 5
"""Rounds in a row that took too long before it is told: one may be a busy moment."""


class ModbusSource(LiveSource):
    """Reads the units at `modbus://host[:port]`, or behind a transparent gateway at `modbus+rtu://host:port`."""

    SCHEMES = frozenset(SCHEMES)
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "interval_ms": Option(1000, "How often everything is read.", 10, 3_600_000),
        "order": Option("ABCD", "Order of bytes where the address says none: ABCD, CDAB, BADC or DCBA."),
        "max_block": Option(125, "How many registers one request may read; of bits sixteen times as many.", 1, 125),
        "max_gap": Option(16, "How many registers nobody wants may be read along to save a request.", 0, 124),
        "answer_s": Option(1.0, "How long an answer may take.", 0.01, 60),
        "rest_ms": Option(0, "How long a unit rests between an answer and the next request.", 0, 60_000),
        "retry_refused_s": Option(30.0, "How often refused addresses are asked for again.", 0.1, 86_400),
        "connect_s": Option(10.0, "How long connecting may take.", 0.1, 300),
    }

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        super().__init__(settings, wanted)
        try:
            url = urlsplit(settings.url or "")
            self._host, self._port = url.hostname or "", PORT if url.port is None else url.port
        except ValueError as error:
            raise unusable_url(settings) from error
        if url.scheme not in SCHEMES or not self._host or self._port == 0 or url.path.strip("/"):
            raise unusable_url(settings)
        self._rtu = url.scheme == SCHEMES[1]
        if self.text("order") not in ORDERS:
            raise ConfigurationError(
                "connect.modbus.usual_order",
                source=settings.id,
                name="order",
                value=self.text("order"),
                known=", ".join(ORDERS),
            )
        self._misread: dict[str, LinesideError] = {}
        self._units: dict[int, dict[str, Point]] = {}
        for address, kind in wanted.items():
            try:
                point = _point_of(address, kind, self.text("order"))
            except ConfigurationError as error:
                self._misread[address] = error
            else:
                self._units.setdefault(point.unit, {})[address] = point

    async def look_around(self, look: Look) -> Surroundings:
        """The meters among the first units that a pack knows by their registers."""
        from lineside.connect.discovery.packs import packs
        from lineside.connect.modbus_browse import find_meters

        meters = [meter for pack in packs().values() for meter in pack.meters]
        async with connected(self._host, self._port, self.number("connect_s"), rtu=self._rtu) as line:
            items = await find_meters(line, meters, self.number("answer_s"), look)
        return Surroundings(self.settings, items, machines={item.place[:1]: item.place[0] for item in items})

    @property
    def misread(self) -> Mapping[str, LinesideError]:
        """The wanted addresses that mean nothing here."""
        return self._misread

    async def converse(self, delivery: Delivery) -> None:
        """Reads everything again and again until the connection ends or nobody answers any more."""
        limits = Limits(
            max_block=int(self.number("max_block")),
            max_gap=int(self.number("max_gap")),
            answer_s=self.number("answer_s"),
            rest_s=self.number("rest_ms") / 1000,
            retry_refused_s=self.number("retry_refused_s"),
        )
        if not self._units:
            raise next(iter(self._misread.values()))
        async with connected(self._host, self._port, self.number("connect_s"), rtu=self._rtu) as line:
            began = now_us()
            units = [Unit(number, self._units[number], self.wanted, limits, began) for number in sorted(self._units)]
            poll = _Poll(line, units, delivery, limits, self._misread)
            await poll.run(self.number("interval_ms") / 1000, round(self.settings.stale_after_s * 1_000_000))


def _point_of(address: str, kind: Kind, order: str) -> Point:
    if kind == "count":
        raise ConfigurationError("connect.modbus.count", address=address)
    return read_address(address, order)


class _Poll:
    """The rounds of one conversation."""

    def __init__(
        self, line: Line, units: list[Unit], delivery: Delivery, limits: Limits, misread: Mapping[str, LinesideError]
    ) -> None:
        self._line = line
        self._units = units
        self._delivery = delivery
        self._limits = limits
        self._misread = dict.fromkeys(misread, "not understood, see lineside check")
        self._clock = asyncio.get_running_loop().time
        self._answered = False
        self._unanswered = 0

    async def run(self, interval_s: float, silence_us: int) -> None:
        """Begins a round at every multiple of the interval; one that takes longer leaves out those it passes."""
        began = self._clock()
        turn = overruns = 0
        while True:
            silent = self._unanswered
            at = self._clock()
            for unit in self._units:
                if not await self._ask(unit):
                    return
            self._judge(silence_us)
            took_s = self._clock() - at
            passed = max(int((self._clock() - began) / interval_s) - turn, 0)
            if self._unanswered == silent:  # a silent unit makes a round long, and is told otherwise
                overruns = overruns + 1 if passed else 0
            if passed and overruns >= OVERRUNS:
                self._delivery.notice(
                    "connect.modbus.overrun", count=passed, took=f"{took_s:.2g}", interval=f"{interval_s:g}"
                )
            turn += passed + 1
            await asyncio.sleep(began + turn * interval_s - self._clock())

    async def _ask(self, unit: Unit) -> bool:
        """Reads what is due of a unit, until it misses; False when the other side has closed the connection."""
        pending = unit.readings(self._clock())[::-1]
        while pending:
            await asyncio.sleep(max(unit.free_at - self._clock(), 0))
            reading = pending.pop()
            try:
                asked, answered, data = await self._line.read(unit.number, reading.block, self._limits.answer_s)
            except Unanswered as error:
                self._miss(unit, error)
                return True
            except (EOFError, ConnectionError):
                return False
            except Misanswered as error:
                reading.why = str(error)
            except Refused as refusal:
                self._hear()
                self._delivery.alive()
                pending += self._refuse(unit, reading, refusal)[::-1]
                if refusal.code in ABSENT:
                    return True
            else:
                self._hear()
                took_us = min(answered - asked, round(self._limits.answer_s * 1_000_000))  # longer, it was not read
                await self._delivery.put(unit.take(reading, asked + took_us // 2, data))
                self._delivery.alive(asked)
            unit.free_at = self._clock() + self._limits.rest_s
        return True

    def _hear(self) -> None:
        """The first answer makes the connection one to a device that lives."""
        self._unanswered = 0
        if not self._answered:
            self._answered = True
            self._delivery.connected()
            self._delivery.ended(self._misread, now_us())

    def _miss(self, unit: Unit, error: Unanswered) -> None:
        unit.miss(str(error), self._clock())
        self._unanswered += 1
        if self._unanswered >= max(MISSES, len(self._units)):
            if error.late:
                raise Unreachable("connect.modbus.late", seconds=f"{self._limits.answer_s:g}") from error
            raise TimeoutError

    def _refuse(self, unit: Unit, reading: Reading, refusal: Refused) -> list[Reading]:
        instead, given_up = unit.refuse(reading, refusal, self._clock())
        self._delivery.ended(given_up, now_us())
        return instead

    def _judge(self, silence_us: int) -> None:
        """Ends the values of what has not been read for too long, and names all that gives none."""
        if not self._answered:
            return
        lacking = dict(self._misread)
        now = now_us()
        for unit in self._units:
            lacking |= unit.refused
            for reading in unit.stale(now, silence_us):
                self._delivery.ended(reading.block.addresses, reading.good)
                lacking |= dict.fromkeys(reading.block.addresses, f"unit {unit.number}: {reading.why}")
        self._delivery.refused(lacking, hold=True)
        self._delivery.judge()
