from __future__ import annotations

import asyncio
import itertools
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asyncua import ua
from asyncua.client.client import Client

from lineside.demo import DEMO_FILE, DemoPlan, Simulators
from lineside.demo.assembly import Assembly
from lineside.demo.opcua import AssemblyServer
from lineside.demo.recordings import RECORDED
from lineside.demo.shifts import DAY_US, Timetable
from lineside.demo.signals import GOOD, PROCESS, SIGNALS, SITE_NODE, SITE_POWER, address_of, node_id
from lineside.demo.stations import STATIONS
from lineside.errors import ConfigurationError
from lineside.plant import microseconds
from tests.shared import free_port

SEED = 7
NODES = [
    (place, signal)
    for place, station in enumerate(STATIONS)
    for signal in range(len(SIGNALS))
    if signal != PROCESS or station.process is not None
]


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """A client of the assembly line's server."""
    async with Client(f"opc.tcp://127.0.0.1:{port}/") as client:
        yield client


async def read_all(client: Client) -> dict[int, tuple[int, object]]:
    """Source time and value of every node, by address."""
    found = {}
    nodes = [(address_of(place, signal), node_id(STATIONS[place], signal)) for place, signal in NODES]
    for address, node in (*nodes, (SITE_POWER, SITE_NODE)):
        told = await client.get_node(node).read_data_value(raise_on_bad_status=False)
        if told.StatusCode is not None and told.StatusCode.is_good():
            assert told.SourceTimestamp is not None
            assert told.Value is not None
            stamp = microseconds(told.SourceTimestamp.replace(tzinfo=UTC))
            found[address] = (stamp, told.Value.Value)
    return found


async def test_values_carry_the_time_at_which_they_were_made(times: Timetable, now: int) -> None:
    """Every value of the server has the time of its making as its source timestamp, and counters their width."""
    line, port = Assembly.from_history(times, SEED), free_port()
    line.advance(now)
    expected = {address: (time, number) for address, (time, number, word) in line.current.items() if word < 0}

    async with AssemblyServer(line, port, lambda: now), connected(port) as client:
        told = await read_all(client)
        weld = next(place for place, station in enumerate(STATIONS) if station.rollover)
        data_type = await client.get_node(node_id(STATIONS[weld], GOOD)).read_data_type_as_variant_type()

    assert told.keys() == {SITE_POWER, *(address_of(*node) for node in NODES)}
    assert {address: told[address] for address in expected} == expected
    assert max(stamp for stamp, _ in told.values()) <= now
    assert data_type is ua.VariantType.UInt16


async def test_a_taken_port_is_named(times: Timetable, now: int) -> None:
    """When another program has the port, the error names the port, the source and what to do."""
    line = Assembly.afresh(times, SEED, now)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(ConfigurationError) as raised:
            await AssemblyServer(line, port, lambda: now).__aenter__()

    assert raised.value.key == "demo.port_taken"
    assert {"port": port, "source": "assembly"} == raised.value.fields


async def test_a_demo_continued_later_claims_nothing_about_the_time_between(
    plan: DemoPlan, tmp_path: Path, now: int
) -> None:
    """Whatever its machines tell whoever connects carries a time at which they ran again."""
    later = now + 3 * DAY_US
    (tmp_path / DEMO_FILE).write_text(_with_free_ports(plan), "utf-8")
    continued = DemoPlan.load(tmp_path)

    async with Simulators(continued, itertools.count(later).__next__):
        told = {machine.id: await _stamps(continued.ports[machine.id], len(machine.items)) for machine in RECORDED}
        async with connected(continued.ports["assembly"]) as client:
            stations = await read_all(client)

    assert min(stamp for stamps in told.values() for stamp in stamps) >= later
    assert min(stamp for stamp, _ in stations.values()) >= later
    assert {number for address, (_, number) in stations.items() if address % len(SIGNALS) == GOOD} == {0}


def _with_free_ports(plan: DemoPlan) -> str:
    text = (plan.folder / DEMO_FILE).read_text("utf-8")
    ports = {source: free_port() for source in plan.ports}
    return re.sub(r"^([\w-]+) = \d{4,5}$", lambda m: f"{m[1]} = {ports[m[1]]}", text, flags=re.MULTILINE)


async def _stamps(port: int, count: int) -> set[int]:
    """The times of the values an adapter repeats."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [(await reader.readline()).decode() for _ in range(count)]
    writer.close()
    await writer.wait_closed()
    return {microseconds(datetime.fromisoformat(line.split("|")[0])) for line in lines}
