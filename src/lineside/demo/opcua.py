"""A real OPC UA server on loopback that speaks for the simulated assembly line, with source timestamps."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from datetime import UTC, timedelta
from types import TracebackType
from typing import Self

import numpy as np
from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server
from numpy.typing import NDArray

from lineside.demo.assembly import Assembly
from lineside.demo.signals import (
    GOOD,
    NO_WORD,
    POWER,
    PROCESS,
    PRODUCT,
    REJECTED,
    SIGNALS,
    SITE_NODE,
    SITE_POWER,
    STATE,
    TEMPERATURE,
    WORDS,
    address_of,
    node_id,
)
from lineside.demo.stations import STATIONS
from lineside.errors import ConfigurationError

NAMESPACE = "urn:lineside:demo:assembly"
_POWER_EVERY_US = 2_000_000
_TEMPERATURE_EVERY_US = 30_000_000
_LONGEST_WAIT_S = 1.0
WAITING = ua.StatusCode(ua.UInt32(ua.status_codes.StatusCodes.BadWaitingForInitialData))
_EPOCH = ua.DateTime(1970, 1, 1, tzinfo=UTC)


class AssemblyServer:
    """Serves the assembly line on a port of 127.0.0.1 by the given clock (microseconds UTC); use with `async with`.

    Connections are not secured: the server listens on loopback alone and holds nothing but the simulation.
    """

    def __init__(self, assembly: Assembly, port: int, clock: Callable[[], int]) -> None:
        self._assembly = assembly
        self._port = port
        self._clock = clock
        self._server = Server()
        self._nodes: dict[int, Node] = {}
        self._power_due = self._temperature_due = 0

    async def __aenter__(self) -> Self:
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # what fails is said by our own errors
        await self._build()
        await self._step()
        try:
            await self._server.start()
        except OSError as error:
            await self._server.stop()
            raise ConfigurationError("demo.port_taken", port=self._port, source="assembly") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.stop()

    async def play(self) -> None:
        """Writes every value at its moment, until cancelled."""
        while True:
            due = min(self._power_due, self._assembly.next_due() or self._power_due)
            wait = (due - self._clock()) / 1e6
            await asyncio.sleep(min(max(wait, 0.05), _LONGEST_WAIT_S))
            await self._step()

    async def _build(self) -> None:
        """The address space: one folder a station. Collecting garbage among the many standard nodes is idle."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            await self._server.init()
        finally:
            if collecting:
                gc.enable()
        self._server.set_endpoint(f"opc.tcp://127.0.0.1:{self._port}/")
        self._server.set_server_name("Lineside demo assembly line")
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        index = await self._server.register_namespace(NAMESPACE)
        line = await self._server.nodes.objects.add_folder(ua.NodeId.from_string(f"ns={index};s=Line"), "Pump line")
        for place, station in enumerate(STATIONS):
            folder = await line.add_folder(
                ua.NodeId.from_string(f"ns={index};s={station.browse_name}"), station.browse_name
            )
            for signal, name in enumerate(SIGNALS):
                if signal == PROCESS and station.process is None:
                    continue
                await self._add(folder, node_id(station, signal), name, address_of(place, signal))
        works = await self._server.nodes.objects.add_folder(ua.NodeId.from_string(f"ns={index};s=Site"), "Main meter")
        await self._add(works, SITE_NODE, "Power", SITE_POWER)
        for address, (time, number, word) in self._assembly.current.items():
            await self._write(address, time, number, word)

    async def _add(self, folder: Node, id: str, name: str, address: int) -> None:
        data_type = _data_type(address)
        node = await folder.add_variable(ua.NodeId.from_string(id), name, _zero(data_type), data_type)
        await node.write_value(ua.DataValue(StatusCode=WAITING))
        self._nodes[address] = node

    async def _step(self) -> None:
        now = self._clock()
        rows = self._assembly.advance(now)
        for i in range(len(rows)):
            await self._write(int(rows.address[i]), int(rows.time[i]), float(rows.number[i]), int(rows.word[i]))
        if now >= self._power_due:
            self._power_due = now + _POWER_EVERY_US
            power = self._assembly.sensors.power_kw(self._assembly.states)
            await self._sample(POWER, power, now)
            site_kw = self._assembly.sensors.site_kw(power[None, :], np.array([now], np.int64))
            await self._write(SITE_POWER, now, float(site_kw[0]), NO_WORD)
        if now >= self._temperature_due:
            self._temperature_due = now + _TEMPERATURE_EVERY_US
            await self._sample(TEMPERATURE, self._assembly.temperatures(now), now)

    async def _sample(self, signal: int, values: NDArray[np.float64], now: int) -> None:
        for place, value in enumerate(values.tolist()):
            await self._write(address_of(place, signal), now, value, NO_WORD)

    async def _write(self, address: int, time: int, number: float, word: int) -> None:
        data_type = _data_type(address)
        value = WORDS[word] if word != NO_WORD else number if data_type == ua.VariantType.Double else int(number)
        stamp = _EPOCH + timedelta(microseconds=time)
        await self._nodes[address].write_value(
            ua.DataValue(ua.Variant(value, data_type), SourceTimestamp=stamp, ServerTimestamp=stamp)
        )


def _data_type(address: int) -> ua.VariantType:
    place, signal = divmod(address, len(SIGNALS))
    if address != SITE_POWER and signal in (STATE, PRODUCT):
        return ua.VariantType.String
    if address != SITE_POWER and signal in (GOOD, REJECTED):
        return ua.VariantType.UInt16 if STATIONS[place].rollover == 1 << 16 else ua.VariantType.UInt32
    return ua.VariantType.Double


def _zero(data_type: ua.VariantType) -> object:
    return {ua.VariantType.String: "", ua.VariantType.Double: 0.0}.get(data_type, 0)
