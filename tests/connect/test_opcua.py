from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager

from lineside.connect import MemorySink, SourceState, Told
from lineside.connect.live import now_us
from lineside.history import Quality
from lineside.plant import Kind
from tests.shared import free_port

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

WANTED: dict[str, Kind] = {"ns=2;s=State": "state", "ns=2;s=Load": "measure"}
QUICK = {"publishing_ms": 50, "sampling_ms": 20, "retry_refused_s": 0.2}
PRESS = "urn:press"
SERVER_NAMESPACE_ARRAY = 2255


pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    # The library's server, stopped under a subscription, drops what it wanted to send and its sockets.
    pytest.mark.filterwarnings("ignore:.*datachange_callback:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:.*datachange_callback:RuntimeWarning"),
]


class Press:
    """A real server on 127.0.0.1 with nodes in its own namespace; it can go away and come back."""

    def __init__(self, server: Server, port: int) -> None:
        self.server = server
        self.url = f"opc.tcp://127.0.0.1:{port}"
        self.nodes: dict[str, Node] = {}

    async def add(self, name: str, index: int = 2) -> None:
        """A new node that holds its name, or zero where it is a load."""
        node = ua.NodeId(ua.String(name), ua.Int16(index))
        value = 0.0 if name == "Load" else name
        objects = self.server.nodes.objects
        self.nodes[name] = await objects.add_variable(node, ua.QualifiedName(name, ua.Int16(index)), value)

    async def write(self, name: str, value: float) -> None:
        """A new value of a node."""
        await self.nodes[name].write_value(value)

    async def remove(self, *names: str) -> None:
        """These nodes are gone."""
        await self.server.delete_nodes([self.nodes.pop(name) for name in names])

    async def name_namespaces(self, *uris: str) -> None:
        """The namespaces from index 2 on."""
        array = self.server.get_node(ua.NodeId(ua.Int32(SERVER_NAMESPACE_ARRAY)))
        told = await array.read_value()
        await array.write_value([*told[:2], *uris])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Press]:
    """A server for all tests of this file: making one takes seconds."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    port = free_port()
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    async with server:
        yield Press(server, port)
    logging.getLogger("asyncua").setLevel(logging.NOTSET)


@pytest_asyncio.fixture(loop_scope="module")
async def press(running: Press) -> AsyncIterator[Press]:
    """The server with a state and a load in the namespace of the press."""
    await running.name_namespaces(PRESS)
    for name in ("State", "Load"):
        await running.add(name)
    yield running
    await running.remove(*running.nodes)


def has(value: float | str) -> Callable[[MemorySink], bool]:
    """Holds when this value has come."""
    return lambda sink: any(value in (o.number, o.text) for o in sink.observations)


def told(key: str) -> Callable[[MemorySink], bool]:
    """Holds when a source has said this of itself."""
    return lambda sink: any(one.key == key for one in sink.told)


def last_told(sink: MemorySink, key: str) -> Told:
    """What was said under a key the last time."""
    return [one for one in sink.told if one.key == key][-1]


async def test_what_changes_is_observed_with_the_sources_times(listening: Listening, press: Press) -> None:
    """Each value, its quality and the moment its source gave it, to the microsecond."""
    stamp = ua.DateTime(2024, 4, 9, 10, 39, 25, 115_633, tzinfo=UTC)
    uncertain = ua.StatusCode(ua.UInt32(0x40000000))

    async with listening(press.url, WANTED, options=QUICK) as sink:
        await sink.until(has("State"))
        await press.nodes["Load"].write_value(ua.DataValue(ua.Variant(12.5), uncertain, SourceTimestamp=stamp))
        await sink.until(has(12.5))

    (found,) = [o for o in sink.observations if o.number == 12.5]
    assert (found.address, found.time, found.quality) == ("ns=2;s=Load", 1_712_659_165_115_633, Quality.UNCERTAIN)


async def test_every_value_between_two_sendings_is_kept(listening: Listening, press: Press) -> None:
    """The server queues what comes faster than it sends."""
    options = QUICK | {"publishing_ms": 300, "sampling_ms": 0}

    async with listening(press.url, {"ns=2;s=Load": "measure"}, options=options) as sink:
        await sink.until(has(0.0))
        for number in range(1, 9):
            await press.write("Load", float(number))
        await sink.until(has(8.0))

    assert [o.number for o in sink.observations] == [float(number) for number in range(9)]


async def test_keep_alives_cover_time_in_which_nothing_changes(listening: Listening, press: Press) -> None:
    """An empty publication is a sign of life."""
    async with listening(press.url, WANTED, stale_after_s=0.6, options=QUICK) as sink:
        await sink.until(lambda s: bool(s.spans) and s.spans[-1][1] - s.spans[0][0] > 700_000)

    assert sink.told[-2].key == "connect.active"
    assert len(sink.observations) == 2


async def test_refused_nodes_are_named_while_the_others_flow(listening: Listening, press: Press) -> None:
    """Unknown, misspelt, of a namespace the server lacks: each with the server's reason."""
    wanted: dict[str, Kind] = {
        "ns=2;s=Load": "measure",
        "ns=2;s=Lod": "measure",
        "nsu=urn:mill;s=Load": "measure",
        "/Objects/2:Missing": "text",
        "garbage": "text",
        "ns=x;s=Load": "text",
    }

    async with listening(press.url, wanted, options=QUICK) as sink:
        await sink.until(lambda s: has(0.0)(s) and told("connect.refused")(s))

    refused = last_told(sink, "connect.refused")
    names = str(refused.fields["names"])
    assert (refused.state, refused.fields["count"]) == (SourceState.DEGRADED, 5)
    assert "ns=2;s=Lod (BadNodeIdUnknown)" in names
    assert "nsu=urn:mill;s=Load (no namespace urn:mill)" in names
    assert "/Objects/2:Missing (BadNoMatch)" in names
    assert "garbage (" in names


async def test_a_node_that_appears_later_is_taken_up(listening: Listening, press: Press) -> None:
    """A refused node is asked for again, and the source is active as soon as it has a value."""
    await press.remove("State")

    async with listening(press.url, WANTED, stale_after_s=0.5, options=QUICK) as sink:
        await sink.until(told("connect.refused"))
        await press.add("State")
        await sink.until(lambda s: s.told[-1].key == "connect.active")

    assert has("State")(sink)


async def test_nodes_are_found_by_path_and_by_the_name_of_their_namespace(listening: Listening, press: Press) -> None:
    """Two ways to write an address that need no fixed index, also of the same node."""
    wanted: dict[str, Kind] = {"/Objects/2:Load": "measure", "nsu=urn:press;s=Load": "measure"}

    async with listening(press.url, wanted, options=QUICK) as sink:
        await sink.until(lambda s: len(s.observations) == 2)

    assert {o.address for o in sink.observations} == set(wanted)


async def test_a_server_that_comes_back_is_connected_to_again(listening: Listening, press: Press) -> None:
    """Lost, told, and active again by itself."""
    async with listening(press.url, WANTED, options=QUICK) as sink:
        await sink.until(has("State"))
        await press.server.stop()
        await sink.until(lambda s: s.told[-1].key in ("connect.closed", "connect.unreachable"))
        await press.server.start()
        await press.write("Load", 2.0)
        await sink.until(lambda s: has(2.0)(s) and s.told[-1].key == "connect.active")

    assert any(one.state is SourceState.DEGRADED for one in sink.told)


async def test_a_server_that_comes_back_with_other_nodes_is_told(listening: Listening, press: Press) -> None:
    """The node that is gone is named with the reason, and the others flow."""
    async with listening(press.url, WANTED, options=QUICK) as sink:
        await sink.until(has("State"))
        await press.server.stop()
        await press.remove("State")
        await press.add("Zustand")
        await press.server.start()
        await press.write("Load", 2.0)
        await sink.until(lambda s: has(2.0)(s) and told("connect.refused")(s))

    refused = last_told(sink, "connect.refused")
    assert (refused.fields["count"], refused.fields["names"]) == (1, "ns=2;s=State (BadNodeIdUnknown)")
    assert "ns=2;s=State" in refused.sentence()
    assert [o.quality for o in sink.observations if o.address == "ns=2;s=State"] == [Quality.GOOD, Quality.NO_DATA]


async def test_a_node_that_gives_no_value_has_none(listening: Listening, press: Press) -> None:
    """The server takes the node and never says anything of it: what was stored before has ended."""
    service = press.server.iserver.subscription_service
    create = service.create_monitored_items

    async def forget(params: ua.CreateMonitoredItemsParameters) -> list[ua.MonitoredItemCreateResult]:
        for item in params.ItemsToCreate:
            item.MonitoringMode = ua.MonitoringMode.Disabled
        return await create(params)

    with pytest.MonkeyPatch.context() as server:
        server.setattr(service, "create_monitored_items", forget)
        async with listening(press.url, WANTED, stale_after_s=1, options=QUICK) as sink:
            await sink.until(lambda s: len(s.observations) == 2)

    assert {(o.address, o.quality) for o in sink.observations} == {(name, Quality.NO_DATA) for name in WANTED}


async def test_values_a_server_drops_are_told(listening: Listening, press: Press) -> None:
    """Its queue was too short: the node is named, and the loss is kept."""
    full = ua.StatusCode(ua.UInt32(0x480))

    async with listening(press.url, WANTED, options=QUICK) as sink:
        await sink.until(has("State"))
        await press.nodes["Load"].write_value(ua.DataValue(ua.Variant(4.0), full))
        await sink.until(lambda s: has(4.0)(s) and bool(s.losses) and told("connect.opcua.overflow")(s))

    (_, key, fields) = sink.losses[0]
    assert (key, fields["names"]) == ("connect.opcua.overflow", "ns=2;s=Load")
    assert [o.quality for o in sink.observations if o.number == 4.0] == [Quality.GOOD]


async def test_a_server_may_grant_a_slower_keep_alive(listening: Listening, press: Press) -> None:
    """Patience rests on what was granted: a slow server is not left while it keeps its word."""
    service = press.server.iserver.subscription_service

    with pytest.MonkeyPatch.context() as server:
        server.setattr(service, "_clamp_keep_alive_count", lambda _: 60)  # of 50 ms
        async with listening(press.url, WANTED, stale_after_s=1, options=QUICK) as sink:
            await sink.until(has("State"))
            began = now_us()
            await sink.until(lambda s: bool(s.spans) and s.spans[-1][1] > began + 2_500_000)

    assert not told("connect.opcua.keepalive")(sink)


async def test_the_library_says_nothing_of_its_own(
    listening: Listening, free_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that cannot be reached is told in our words alone. The server of this file may still end a session."""
    logging.getLogger("asyncua").setLevel(logging.NOTSET)

    async with listening(f"opc.tcp://127.0.0.1:{free_port}", WANTED, options=QUICK) as sink:
        await sink.until(told("connect.unreachable"))

    names = [one.name for one in caplog.records if one.name.startswith("asyncua")]
    assert [name for name in names if not name.startswith("asyncua.server")] == []


async def test_a_namespace_that_moved_is_followed_by_its_name(listening: Listening, press: Press) -> None:
    """An address with a fixed index is refused by name; one with the namespace's URI goes on."""
    wanted: dict[str, Kind] = {"nsu=urn:press;s=Load": "measure", "ns=2;s=State": "state"}

    async with listening(press.url, wanted, options=QUICK) as sink:
        await sink.until(has("State"))
        await press.server.stop()
        await press.remove("State", "Load")
        await press.name_namespaces("urn:other", PRESS)
        for name in ("State", "Load"):
            await press.add(name, 3)
        await press.server.start()
        await press.write("Load", 2.0)
        await sink.until(lambda s: has(2.0)(s) and told("connect.refused")(s))

    assert last_told(sink, "connect.refused").fields["names"] == "ns=2;s=State (BadNodeIdUnknown)"


async def test_a_server_that_sends_no_keep_alive_is_left(listening: Listening, press: Press) -> None:
    """The connection stands and nothing comes through: that is told, and the session is built anew."""
    thawed = asyncio.Event()
    thawed.set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await thawed.wait()
                writer.write(data)
        writer.close()

    async def wire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", int(press.url.rpartition(":")[2]))
        await asyncio.gather(pump(reader, there_writer), pump(there_reader, writer))

    proxy = await asyncio.start_server(wire, "127.0.0.1", 0)
    address = f"opc.tcp://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
    async with proxy, listening(address, WANTED, stale_after_s=1, options=QUICK) as sink:
        await sink.until(has("State"))
        thawed.clear()
        await sink.until(told("connect.opcua.keepalive"))
        thawed.set()
        await press.write("Load", 3.0)
        await sink.until(has(3.0))

    assert last_told(sink, "connect.opcua.keepalive").fields["seconds"] == "2"


async def test_a_node_that_was_held_up_itself_does_not_leave_the_server(listening: Listening, press: Press) -> None:
    """Its own pause, be it as long as its patience, is not taken for the server's silence."""
    async with listening(press.url, WANTED, stale_after_s=1, options=QUICK) as sink:
        await sink.until(has("State"))
        time.sleep(2.5)  # noqa: ASYNC251 - as a long look at a disk does
        await press.write("Load", 4.0)
        await sink.until(has(4.0))

    assert not told("connect.opcua.keepalive")(sink)


async def test_a_subscription_that_the_server_ends_is_told_and_asked_for_anew(
    listening: Listening, press: Press
) -> None:
    """With its reason, and not as a silence that is noticed when patience ends."""
    async with listening(press.url, WANTED, options=QUICK) as sink:
        await sink.until(has("State"))
        *_, subscription = press.server.iserver.subscription_service.subscriptions.values()
        await subscription.monitored_item_srv.trigger_statuschange(ua.StatusCode(ua.UInt32(0x800A0000)))
        await sink.until(told("connect.opcua.ended"))
        await press.write("Load", 5.0)
        await sink.until(lambda s: has(5.0)(s) and s.told[-1].key == "connect.active")

    assert last_told(sink, "connect.opcua.ended").fields["reason"] == "BadTimeout"


async def test_a_user_the_server_does_not_know_is_refused_in_its_words(listening: Listening, press: Press) -> None:
    """The session is refused, not the network; the password comes from the environment and is shown to nobody."""
    options = QUICK | {"user": "me", "password_env": "PRESS_PASSWORD"}
    before = press.server.iserver.user_manager
    press.server.iserver.user_manager = Nobody()

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PRESS_PASSWORD", "geheim")
        async with listening(press.url, WANTED, options=options) as sink:
            await sink.until(told("connect.opcua.login"))
    press.server.iserver.user_manager = before

    assert last_told(sink, "connect.opcua.login").state is SourceState.DEGRADED
    assert "geheim" not in "".join(f"{one.fields}{one.sentence()}" for one in sink.told)


class Nobody(UserManager):
    """A server that lets nobody in."""

    def get_user(self, *_: object, **__: object) -> None:
        """Knows no user."""
        return
