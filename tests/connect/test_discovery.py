from __future__ import annotations

import asyncio
import json
import logging
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server

from lineside.connect import MemorySink, Progress, Proposal, ProposedMachine, discover, write_fragment
from lineside.connect.modbus_address import Table
from lineside.errors import ConfigurationError, LinesideError, Unreachable
from lineside.plant import Plant
from tests.broker import Broker, Talker
from tests.connect.modbus_device import Device
from tests.connect.sparkplug_edge import Edge
from tests.shared import free_port

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

HAS_TYPE = 40
WATCH_S = 3
"""Long enough for a busy machine to let everybody speak."""
EUROMAP = "http://www.euromap.org/euromap77/"
DEVICES = """\
<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.0"><Header/><Devices>
<Agent id="agent" name="Agent" uuid="a"><DataItems>
<DataItem id="agent_avail" category="EVENT" type="AVAILABILITY"/></DataItems></Agent>
<Device id="d1" name="mazak" uuid="1"><DataItems>
<DataItem id="d1_avail" category="EVENT" type="AVAILABILITY"/></DataItems><Components>
<Axes id="ax" name="base"><Components><Linear id="x" name="X"><DataItems>
<DataItem id="d1_xpos" category="SAMPLE" type="POSITION" subType="ACTUAL" units="MILLIMETER"/>
<DataItem id="d1_v3" category="SAMPLE" type="PATH_POSITION" units="MILLIMETER_3D"/></DataItems></Linear>
</Components></Axes>
<Controller id="c"><DataItems><DataItem id="d1_sys" category="CONDITION" type="SYSTEM"/></DataItems>
<Components><Path id="p"><DataItems>
<DataItem id="d1_exec" name="execution" category="EVENT" type="EXECUTION"/>
<DataItem id="d1_parts" category="EVENT" type="PART_COUNT" subType="ALL"/>
<DataItem id="d1_prog" category="EVENT" type="PROGRAM"/></DataItems></Path></Components></Controller>
</Components></Device></Devices></MTConnectDevices>"""
STREAMS = """\
<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:2.0">
<Header instanceId="1" firstSequence="1" lastSequence="6" nextSequence="7"/><Streams><DeviceStream name="mazak">
<ComponentStream><Samples><Position dataItemId="d1_xpos" timestamp="2026-01-01T00:00:00Z" sequence="1">1.5</Position>
</Samples><Events><Execution dataItemId="d1_exec" timestamp="2026-01-01T00:00:00Z" sequence="2">READY</Execution>
<PartCount dataItemId="d1_parts" timestamp="2026-01-01T00:00:00Z" sequence="3">7</PartCount>
<Availability dataItemId="d1_avail" timestamp="2026-01-01T00:00:00Z" sequence="4">AVAILABLE</Availability>
<Program dataItemId="d1_prog" timestamp="2026-01-01T00:00:00Z" sequence="5">O1</Program></Events>
<Condition><Normal dataItemId="d1_sys" timestamp="2026-01-01T00:00:00Z" sequence="6" type="SYSTEM"/></Condition>
</ComponentStream></DeviceStream></Streams></MTConnectStreams>"""


@asynccontextmanager
async def serving(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]) -> AsyncIterator[int]:
    """A server on a free port of 127.0.0.1 that speaks as `answer` does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)  # type: ignore[misc]
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def plant_of(proposal: Proposal) -> Plant:
    """The plant that the text of a proposal makes, by the product's own loader."""
    return write_fragment(proposal, by="test", language="en", timezone="UTC").plant


async def values(plant: Plant, machine: str, listening: Listening) -> dict[str, float | str | None]:
    """What the proposed signals of a machine show when their source runs on the proposed settings."""
    signals = plant.machines[machine].signals.values()
    settings = plant.sources[plant.machines[machine].source or ""]
    wanted = {signal.address: signal.kind for signal in signals}
    url, options = str(settings.url), dict(settings.options)
    async with listening(url, wanted, type=settings.type, options=options, beside=True) as sink:
        await sink.until(lambda s: {o.address for o in s.observations} == set(wanted))
    last = {o.address: o.text if o.number is None else o.number for o in sink.observations}
    return {signal.id: last[signal.address] for signal in signals}


def named(proposal: Proposal, machine: str) -> ProposedMachine:
    """The proposed machine of an id."""
    return next(one for one in proposal.machines if one.id == machine)


def kinds(machine: ProposedMachine) -> dict[str, str]:
    """The kinds of what is kept of a machine, by id."""
    return {signal.id: signal.kind for signal in machine.signals if signal.keep}


async def agent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An MTConnect agent that answers with single documents."""
    while True:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = (DEVICES if "/probe" in asked else STREAMS).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


async def test_an_mtconnect_agent_is_proposed_by_its_device_model(listening: Listening) -> None:
    """Types of the standard name state, counter and measures; what the agent says of itself is no machine."""
    async with serving(agent) as port:
        proposal = await discover(f"http://127.0.0.1:{port}", watch_s=WATCH_S)
        plant = plant_of(proposal)
        shown = await values(plant, "mazak", listening)

    (machine,) = proposal.machines
    assert (machine.pack, machine.source) == ("cnc", "mazak")
    assert kinds(machine) == {
        "execution": "state",
        "availability": "state",
        "parts": "counter",
        "program": "text",
        "position_actual": "measure",
        "system": "condition",
    }
    assert plant.machines["mazak"].signals["position_actual"].unit == "mm"
    assert [rule.state for rule in plant.machines["mazak"].states] == ["running", "stopped"]
    assert plant.machines["mazak"].units is not None
    assert (shown["execution"], shown["parts"], shown["position_actual"]) == ("READY", 7.0, 1.5)


async def test_an_adapter_is_proposed_by_what_it_says(listening: Listening) -> None:
    """Kinds by values: words are states, numbers measures, five fields conditions."""

    async def adapter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"2026-01-01T00:00:00Z|execution|ACTIVE|Sload|2.5\n2026-01-01T00:00:00Z|sys|NORMAL||||\n* x\n\n")
        writer.write(b"2026-01-01T00:00:00Z|PartCountAct|6\n")
        while await reader.readline():
            pass

    async with serving(adapter) as port:
        proposal = await discover(f"shdr://127.0.0.1:{port}", watch_s=WATCH_S)
        shown = await values(plant_of(proposal), "shdr", listening)

    assert kinds(proposal.machines[0]) == {
        "execution": "state",
        "parts": "counter",
        "Sload": "measure",
        "sys": "condition",
    }
    assert shown == {"execution": "ACTIVE", "parts": 6.0, "Sload": 2.5, "sys": "NORMAL"}


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    """A real OPC UA server, not yet started, and its address."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    url = f"opc.tcp://127.0.0.1:{free_port()}"
    made = Server()
    await made.init()
    made.set_endpoint(url)
    made.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    yield made, url
    logging.getLogger("asyncua").setLevel(logging.NOTSET)


async def unit(node: Node, name: str) -> None:
    """Gives a variable its engineering unit."""
    told = ua.EUInformation(DisplayName=ua.LocalizedText(name))
    await node.add_property(0, "EngineeringUnits", told)


async def test_an_opc_ua_server_is_browsed_and_each_machine_recognised(
    server: tuple[Server, str], listening: Listening
) -> None:
    """A moulding machine by Euromap 77, a packaging machine by PackML, another by names, labels and units."""
    running, url = server
    euromap = await running.register_namespace(EUROMAP)
    own = await running.register_namespace("urn:plant")
    objects = running.nodes.objects
    type = await running.nodes.base_object_type.add_object_type(euromap, "IMM_MES_InterfaceType")
    mould = await objects.add_object(euromap, "IMM_1")
    await mould.delete_reference(58, HAS_TYPE)
    await mould.add_reference(type, HAS_TYPE)
    job = await (await mould.add_object(euromap, "Jobs")).add_object(euromap, "ActiveJobValues")
    await job.add_property(euromap, "JobStatus", 6, ua.VariantType.Int32)
    for name in ("JobGoodPartsCounter", "JobBadPartsCounter"):
        await job.add_variable(euromap, name, 5, ua.VariantType.UInt64)
    hall = await objects.add_folder(own, "Hall")
    packer = await hall.add_object(own, "Packer")
    status = await packer.add_object(own, "Status")
    await status.add_variable(own, "StateCurrent", 6, ua.VariantType.Int32)
    await (await packer.add_object(own, "Admin")).add_variable(own, "ProdProcessedCount", 3, ua.VariantType.Int32)
    oven = await objects.add_object(own, "Oven")
    state = await oven.add_variable(own, "State", 1, ua.VariantType.Int32)
    await state.add_property(0, "EnumStrings", [ua.LocalizedText("Idle"), ua.LocalizedText("Running")])
    await unit(await oven.add_variable(own, "Heat", 180.5), "°C")
    await unit(await oven.add_variable(own, "Meter", 12.5), "kWh")
    await oven.add_variable(own, "Curve", [1.0, 2.0])

    async with running:
        proposal = await discover(url, watch_s=WATCH_S)
        plant = plant_of(proposal)
        shown = await values(plant, "Oven", listening)

    packed = {machine.id: machine.pack for machine in proposal.machines}
    assert packed == {"IMM_1": "injection-moulding", "Packer": "packaging", "Oven": "plc"}
    assert kinds(named(proposal, "IMM_1")) == {"job_status": "state", "good": "counter", "rejected": "counter"}
    assert kinds(named(proposal, "Oven")) == {
        "state": "state",
        "Heat": "measure",
        "Meter": "counter",
        "Curve_0": "measure",
        "Curve_1": "measure",
    }
    assert plant.machines["Oven"].signals["state"].address == f"nsu=urn:plant;i={int(str(state.nodeid.Identifier))}"
    assert [(rule.state, rule.when["state"].words) for rule in plant.machines["Oven"].states] == [
        ("running", ("1",)),
        ("stopped", ("0",)),
    ]
    assert shown == {"state": "1", "Heat": 180.5, "Meter": 12.5, "Curve_0": 1.0, "Curve_1": 2.0}


async def test_a_broker_is_listened_to_and_json_taken_apart(broker: Broker, listening: Listening) -> None:
    """Values in documents and plain ones; the document's own time becomes the source's."""
    status = {"ts": "2026-11-27T09:00:00Z", "state": "RUNNING", "count": {"good parts": 3}, "odd.name": 1.5}
    broker.publish(("hall/press/status", json.dumps(status)), retain=True)
    broker.publish(("oven/heat", "180.5"), ("oven/blob", b"\xff\xfe"), retain=True)

    proposal = await discover(broker.url, watch_s=WATCH_S)
    plant = plant_of(proposal)
    shown = await values(plant, "press", listening)

    assert {machine.id for machine in proposal.machines} == {"press", "oven"}
    assert plant.sources["mqtt"].options == {"time": "ts"}
    assert kinds(named(proposal, "oven")) == {"heat": "measure"}
    assert shown == {"state": "RUNNING", "good": 3.0, "odd.name": 1.5}
    assert [rule.state for rule in plant.machines["press"].states] == ["running"]


async def test_edge_nodes_are_asked_for_their_births_once(broker: Broker) -> None:
    """Data under an alias means nothing before; the birth says the name, and devices are machines."""
    with Talker(broker, "spBv1.0/G/NCMD/N") as talker:
        edge = Edge(talker)

        async def answer() -> None:
            while not talker.heard:
                edge.say("DDATA", "filler", _={"alias": 7, "double_value": 4.0})
                await asyncio.sleep(0.05)
            edge.born()
            state = {"alias": 7, "datatype": 3, "int_value": 6}
            edge.say("DBIRTH", "filler", StateCurrent=state, ProdProcessedCount=5.0)

        answering = asyncio.create_task(answer())
        proposal = await discover(broker.url, watch_s=2 * WATCH_S)
        await answering

    (machine,) = proposal.machines
    assert (machine.id, machine.pack, len(talker.heard)) == ("filler", "packaging", 1)
    assert {signal.address for signal in machine.signals} == {
        "G/N/filler/StateCurrent",
        "G/N/filler/ProdProcessedCount",
    }
    assert proposal.sources[0].type == "sparkplug"


def floats(values: dict[int, float]) -> dict[Table, dict[int, int]]:
    """Input registers that hold these numbers as pairs of words."""
    words: dict[int, int] = {}
    for at, value in values.items():
        words[at], words[at + 1] = struct.unpack(">HH", struct.pack(">f", value))
    return {Table.INPUT: words}


THREE_PHASE = {0: 230.0, 2: 231.0, 4: 229.0, 52: 1250.0, 70: 50.0, 72: 8000.5}
ONE_PHASE = {0: 230.0, 12: 55.0, 70: 50.0, 72: 12.5}


@pytest.mark.parametrize("rtu", [False, True])
async def test_meters_are_known_by_what_their_registers_show(listening: Listening, rtu: bool) -> None:
    """Each unit by the map that fits; one that shows something else is left alone."""
    units = {1: floats(THREE_PHASE), 3: floats(ONE_PHASE), 4: floats({**ONE_PHASE, 70: 7.0})}
    async with Device(units, rtu=rtu) as device:
        proposal = await discover(device.url, options={"answer_s": 0.2, "interval_ms": 50}, watch_s=WATCH_S)
        plant = plant_of(proposal)
        shown = await values(plant, "Eastron-SDM630-1", listening)

    assert {machine.id: machine.pack for machine in proposal.machines} == {
        "Eastron-SDM630-1": "power-meter",
        "Eastron-SDM120-3": "power-meter",
    }
    assert plant.machines["Eastron-SDM120-3"].signals["power"].address == "3/input/12:float32"
    assert plant.machines["Eastron-SDM630-1"].signals["energy"].kind == "counter"
    assert (shown["power"], shown["energy"]) == (1250.0, 8000.5)


async def test_a_meter_that_answers_to_every_number_is_one() -> None:
    """As devices without a line behind them do; its power is another at each question, its total is not."""
    units = {unit: floats({**ONE_PHASE, 12: 50.0 + unit}) for unit in range(1, 17)}
    async with Device(units) as device:
        proposal = await discover(device.url, options={"answer_s": 5}, watch_s=0.1)

    assert [machine.id for machine in proposal.machines] == ["Eastron-SDM120-1"]


@pytest.mark.parametrize(
    ("url", "more", "key"),
    [
        ("gopher://127.0.0.1:1", {}, "discover.scheme"),
        ("opc.tcp://127.0.0.1:0", {}, "connect.url"),
        ("http://127.0.0.1:1", {"options": {"colour": "red"}}, "connect.option_unknown"),
        ("http://127.0.0.1:1", {"pack": "knc"}, "discover.no_pack"),
        ("http://127.0.0.1:1", {"watch_s": -1.0}, "discover.watch"),
    ],
)
async def test_what_means_nothing_is_told_at_once(url: str, more: dict[str, object], key: str) -> None:
    """Address, option, pack and time."""
    with pytest.raises(ConfigurationError) as refused:
        await discover(url, **more)  # type: ignore[arg-type]

    assert refused.value.key == key


@pytest.mark.parametrize("scheme", ["opc.tcp", "http", "shdr", "mqtt", "modbus"])
async def test_who_does_not_answer_is_told_without_the_password(scheme: str, free_port: int) -> None:
    """In the words that the source's health would use."""
    with pytest.raises(Unreachable) as told:
        await discover(f"{scheme}://me:secret@127.0.0.1:{free_port}", watch_s=0.1)

    assert str(free_port) in str(told.value)
    assert "secret" not in str(told.value)


async def test_a_password_in_the_address_is_in_no_proposal(broker: Broker) -> None:
    """The user becomes an option, the password belongs into the environment."""
    broker.publish(("oven/heat", "1"), retain=True)

    proposal = await discover(broker.url.replace("//", "//me:secret@"), watch_s=WATCH_S)

    assert "secret" not in write_fragment(proposal, by="t", language="en", timezone="UTC").text
    assert (proposal.sources[0].url, proposal.sources[0].options) == (broker.url, {"user": "me"})


async def test_who_looks_on_may_end_it(broker: Broker) -> None:
    """What is raised on hearing of progress comes out at once, long before the watching is over."""
    heard: list[Progress] = []

    class Enough(LinesideError):
        pass

    def tell(progress: Progress) -> None:
        heard.append(progress)
        if len(heard) == 2:
            raise Enough("discover.watch", seconds=0, most=0)

    async with asyncio.timeout(60):
        with pytest.raises(Enough):
            await discover(broker.url, watch_s=3000, tell=tell)

    assert heard[-1].of == 3000


async def test_ids_that_a_plant_has_are_not_proposed_again(broker: Broker) -> None:
    """Neither machines nor sources."""
    broker.publish(("oven/heat", "1"), retain=True)

    proposal = await discover(broker.url, watch_s=WATCH_S, machines={"oven"}, taken={"mqtt", "oven-2"})

    assert (proposal.machines[0].id, proposal.sources[0].id) == ("oven-2", "oven-2-2")
