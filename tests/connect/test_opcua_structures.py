from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field
from asyncua.server.server import Server

from lineside.connect import MemorySink, discover
from lineside.plant import Kind
from tests.shared import free_port

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

QUICK = {"publishing_ms": 50, "sampling_ms": 20}
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore:.*datachange_callback:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:.*datachange_callback:RuntimeWarning"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[tuple[Server, str]]:
    """A server with structures in structures, whose classes this process does not know as a client."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    url = f"opc.tcp://127.0.0.1:{free_port()}"
    made = Server()
    await made.init()
    made.set_endpoint(url)
    made.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await made.register_namespace("urn:press")
    mode = await new_enum(made, index, "PressMode", ["Idle", "Run"])
    counts, _ = await new_struct(
        made,
        index,
        "PressCounts",
        [
            new_struct_field("good", ua.VariantType.UInt32),
            new_struct_field("bad", ua.VariantType.UInt32, optional=True),
        ],
    )
    status, _ = await new_struct(
        made,
        index,
        "PressStatus",
        [
            new_struct_field("mode", mode),
            new_struct_field("load", ua.VariantType.Double),
            new_struct_field("counts", counts, array=True),
            new_struct_field("name", ua.VariantType.String),
        ],
    )
    classes: dict[str, Any] = await made.load_data_type_definitions()
    value = classes["PressStatus"]()
    value.mode, value.load, value.name = classes["PressMode"].Run, 12.5, "Press 1"
    one, two = classes["PressCounts"](), classes["PressCounts"]()
    one.good, two.good, two.bad = 3, 4, 5
    value.counts = [one, two]
    objects = made.nodes.objects
    await objects.add_variable(ua.NodeId(ua.String("Status"), ua.Int16(index)), "Status", value, datatype=status.nodeid)
    await objects.add_variable(ua.NodeId(ua.String("Zones"), ua.Int16(index)), "Zones", [20.5, 21.5])
    await objects.add_variable(ua.NodeId(ua.String("A#B"), ua.Int16(index)), "A#B", 7.0)
    known = ua.extension_objects_by_typeid
    own = {id: cls for id, cls in known.items() if cls.__name__ in ("PressStatus", "PressCounts")}
    for id in own:
        del known[id]
    async with made:
        yield made, url
    logging.getLogger("asyncua").setLevel(logging.NOTSET)


async def test_members_of_structures_and_arrays_are_values(listening: Listening, server: tuple[Server, str]) -> None:
    """At any depth, by the server's own definitions; a node whose id holds the sign is still found."""
    prefix = "nsu=urn:press;s="
    wanted: dict[str, Kind] = {
        f"{prefix}Status#mode": "state",
        f"{prefix}Status#load": "measure",
        f"{prefix}Status#counts[1].good": "counter",
        f"{prefix}Status#counts[1].bad": "counter",
        f"{prefix}Status#name": "text",
        f"{prefix}Zones#[1]": "measure",
        f"{prefix}A#B": "measure",
    }

    async with listening(server[1], wanted, options=QUICK) as sink:
        await sink.until(lambda s: len(s.observations) >= len(wanted))

    shown = {o.address.removeprefix(prefix): o.text if o.number is None else o.number for o in sink.observations}
    assert shown == {
        "Status#mode": "1",
        "Status#load": 12.5,
        "Status#counts[1].good": 4.0,
        "Status#counts[1].bad": 5.0,
        "Status#name": "Press 1",
        "Zones#[1]": 21.5,
        "A#B": 7.0,
    }


async def test_a_place_that_is_not_there_is_named(listening: Listening, server: tuple[Server, str]) -> None:
    """The others flow."""
    wanted: dict[str, Kind] = {"nsu=urn:press;s=Status#lode": "measure", "nsu=urn:press;s=Status#load": "measure"}

    async with listening(server[1], wanted, options=QUICK) as sink:
        await sink.until(lambda s: any(one.key == "connect.opcua.no_place" for one in s.told))
        await sink.until(lambda s: any(o.number == 12.5 for o in s.observations))

    assert any(o.number == 12.5 for o in sink.observations)
    told = next(one for one in sink.told if one.key == "connect.opcua.no_place")
    assert told.fields["names"] == "nsu=urn:press;s=Status#lode"


async def test_discovery_offers_the_members(server: tuple[Server, str]) -> None:
    """Each as a value of its own, with the place in its address."""
    proposal = await discover(server[1], watch_s=3)

    found = {signal.address: signal for machine in proposal.machines for signal in machine.signals}
    assert found["nsu=urn:press;s=Status#counts[0].good"].example == "3"
    assert found["nsu=urn:press;s=Zones#[0]"].kind == "measure"


@pytest.mark.parametrize("announced", [True, False])
async def test_no_call_asks_for_more_than_the_server_takes(
    listening: Listening, server: tuple[Server, str], monkeypatch: pytest.MonkeyPatch, announced: bool
) -> None:
    """Whether it says its limit or only refuses: everything is subscribed to in the end."""
    running, url = server
    service = running.iserver.subscription_service
    create = service.create_monitored_items
    asked: list[int] = []

    async def two_at_most(params: ua.CreateMonitoredItemsParameters) -> list[ua.MonitoredItemCreateResult]:
        asked.append(len(params.ItemsToCreate))
        if len(params.ItemsToCreate) > 2:
            raise ua.uaerrors.BadTooManyOperations
        return await create(params)

    monkeypatch.setattr(service, "create_monitored_items", two_at_most)
    limit = running.get_node(ua.NodeId(ua.Int32(11_714)))
    before = await limit.read_value()
    await limit.write_value(ua.UInt32(2 if announced else 0))
    places = ("Status#load", "Status#name", "Zones#[0]", "Zones#[1]", "A#B")
    wanted: dict[str, Kind] = {f"nsu=urn:press;s={place}": "text" for place in places}

    async with listening(url, wanted, options=QUICK) as sink:
        await sink.until(lambda s: {o.address for o in s.observations} == set(wanted))
    await limit.write_value(ua.UInt32(before))

    assert (max(asked) == 2) is announced
