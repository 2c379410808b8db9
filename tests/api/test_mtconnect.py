from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Self

import httpx
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from lxml import etree

from lineside.connect import MemorySink, SourceSettings, source
from lineside.connect.mtconnect_xml import AgentRefused, read_devices, read_streams
from lineside.connect.multipart import boundary_of, read_parts
from lineside.node import Agent, Node, now_us
from lineside.node.agent import agent_of
from lineside.plant import Kind, parse_plant

PLANT = """\
[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
[source.in]
type = "push"
stale_after_s = 1.0
[machine.press]
name = "Press <1> & co"
line = "cell"
source = "in"
[machine.press.signals]
mode = { kind = "state" }
parts = { kind = "counter" }
power = { kind = "measure", unit = "kW" }
drive_load = { kind = "measure", unit = "%" }
system = { kind = "condition" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE" }
[[machine.press.states]]
state = "blocked"
when = { mode = "BLOCKED" }
[machine.press.units]
total = "parts"
[machine."9 saw"]
line = "cell"
[mtconnect]
buffer = 1000
""".replace('"9 saw"', '"9.saw"')

Asking = AsyncTestClient[Litestar]
Serving = Callable[[Litestar], AbstractAsyncContextManager[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plant that is served to MTConnect clients."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    return tmp_path


@pytest.fixture
def node(folder: Path) -> Iterator[Node]:
    """A node of it without any history."""
    with Node.open(folder) as opened:
        yield opened


@pytest.fixture
def agent(node: Node) -> Agent:
    """What the node is to MTConnect clients while it is live; the tests say what the board shows."""
    agent = agent_of(node.history, node.plant, None, now_us())
    assert agent is not None
    node.agent, node.history.listener = agent, agent.stored
    return agent


def shown(state: str, since: int, *, stale: bool = False, **units: int | None) -> dict[str, object]:
    """What the board shows of the press."""
    return {"press": {"state": state, "since_ms": since // 1000, "stale": stale, "units": units}}


async def until(claim: Callable[[], bool]) -> None:
    """Waits for a claim to hold."""
    async with asyncio.timeout(60):
        while not claim():  # noqa: ASYNC110 - what is claimed changes in other threads
            await asyncio.sleep(0.02)


def said(document: str) -> list[tuple[str, str]]:
    """Data item and value of every observation of a document, in sequence."""
    return [(value.item, value.text) for value in read_streams(document.encode()).values]


def refused(answer: httpx.Response) -> tuple[str, ...]:
    """The codes of an error document."""
    with pytest.raises(AgentRefused) as error:
        read_streams(answer.content)
    return error.value.codes


async def test_a_plant_without_the_table_serves_nobody(client: Asking, node: Node, folder: Path) -> None:
    """MTConnect is off unless the plant file says so; the answer is an error document that tells the cure."""
    (folder / "plant.toml").write_text(PLANT.partition("[mtconnect]")[0], "utf-8")
    node.editions.notice(now_us())
    async with node.live():
        answer = await client.get("/mtconnect/probe")

    assert (answer.status_code, refused(answer)) == (404, ("UNSUPPORTED",))
    assert "[mtconnect]" in answer.text


@pytest.mark.usefixtures("agent")
async def test_the_probe_offers_each_machine_with_ids_that_last(client: Asking) -> None:
    """A device a machine; its items keep their ids, sorts and units, whatever signs its name has."""
    answer = await client.get("/mtconnect/probe")
    alone = await client.get("/mtconnect/press/probe")
    root = etree.fromstring(answer.content)
    items = {item.get("id"): dict(item.attrib) for item in root.iter("{*}DataItem")}

    assert read_devices(answer.content).names == ("press", "9.saw")
    assert read_devices(alone.content).names == ("press",)
    assert root.findtext(".//{*}Description") == "Press <1> & co"
    assert items["press.power"] == {
        "category": "SAMPLE",
        "id": "press.power",
        "name": "power",
        "type": "WATTAGE",
        "units": "WATT",
    }
    assert [items[f"press.{name}"]["type"] for name in ("drive_load", "mode", "parts", "system", "-good")] == [
        "LOAD",
        "VARIABLE",
        "VARIABLE",
        "SYSTEM",
        "PART_COUNT",
    ]
    assert items["_9..saw.-availability"]["type"] == "AVAILABILITY"


async def test_what_is_now_is_told_in_mtconnects_words(
    client: Asking, node: Node, agent: Agent, put_values: Callable[..., None]
) -> None:
    """Execution from the state, counts of the shift, numbers in MTConnect's units without binary noise."""
    now = now_us()
    put_values(node, "press/power", (now, 1.1))
    put_values(node, "press/system", (now, "FAULT"))
    put_values(node, "press/parts", (now, 0.0), (now + 1, 7.0))
    agent.notice(shown("blocked", now, produced=7, good=None), now)
    told = dict(said((await client.get("/mtconnect/press/current")).text))

    assert told["press.-availability"] == "AVAILABLE"
    assert (told["press.-execution"], told["press.-state"]) == ("WAIT", "blocked")
    assert (told["press.power"], told["press.system"], told["press.parts"]) == ("1100", "Fault", "7")
    assert (told["press.-produced"], told["press.-good"]) == ("7", "UNAVAILABLE")
    assert said((await client.get("/mtconnect/9.saw/current")).text) == [("_9..saw.-availability", "UNAVAILABLE")]


async def test_samples_are_numbered_and_read_once(
    client: Asking, node: Node, agent: Agent, put_values: Callable[..., None]
) -> None:
    """Pages follow each other by nextSequence; each value comes once, and a path chooses among them."""
    now = now_us()
    put_values(node, "press/power", *((now + n, float(n)) for n in range(10)))
    put_values(node, "press/power", (now + 3, 3.0))
    place, pages = 1, []
    while place != agent.standing.next:
        query: dict[str, str | int] = {"from": place, "count": 3, "path": "//DataItem[@name='power']"}
        answer = await client.get("/mtconnect/sample", params=query)
        pages += said(answer.text)
        place = read_streams(answer.content).header.next
    before = await client.get("/mtconnect/current", params={"at": place - 2, "path": "//Device[@name='press']"})

    assert pages == [("press.power", "UNAVAILABLE"), *(("press.power", str(1000 * n)) for n in range(10))]
    assert dict(said(before.text))["press.power"] == "8000"


async def test_a_silent_source_has_no_values_and_speaks_again(
    client: Asking, node: Node, agent: Agent, put_values: Callable[..., None]
) -> None:
    """When it was not heard for long its values are unavailable; heard again, those that still hold come back."""
    now = now_us()
    agent.notice(shown("running", now), now)
    put_values(node, "press/power", (now + 1, 2.0))
    put_values(node, "press/mode", (now + 2, "ACTIVE"))
    agent.notice(shown("no_data", now + 2, stale=True), now + 9)
    silent = dict(said((await client.get("/mtconnect/current")).text))
    put_values(node, "press/mode", (now + 10, "BLOCKED"))
    agent.notice(shown("blocked", now + 10), now + 11)
    again = dict(said((await client.get("/mtconnect/current")).text))
    said_of_mode = said((await client.get("/mtconnect/sample?path=//DataItem[@name='mode']")).text)

    assert {silent[f"press.{x}"] for x in ("-availability", "-execution", "power", "mode")} == {"UNAVAILABLE"}
    assert (again["press.-availability"], again["press.power"], again["press.mode"]) == ("AVAILABLE", "2000", "BLOCKED")
    assert [text for _, text in said_of_mode] == ["UNAVAILABLE", "ACTIVE", "UNAVAILABLE", "BLOCKED"]


@pytest.mark.parametrize(
    ("asked", "status", "code", "element"),
    [
        ("sample?count=-1", 400, "OUT_OF_RANGE", "OutOfRange"),
        ("sample?count=1001", 400, "OUT_OF_RANGE", "OutOfRange"),
        ("sample?from=99", 400, "OUT_OF_RANGE", "OutOfRange"),
        ("current?at=0", 400, "OUT_OF_RANGE", "InvalidRequest"),
        ("sample?from=1.5", 400, "INVALID_REQUEST", "InvalidParameterValue"),
        ("sample?interval=x", 400, "INVALID_REQUEST", "InvalidParameterValue"),
        ("current?path=//DataItem[", 400, "INVALID_PATH", "InvalidXPath"),
        ("current?path=//*[count(//*)>1]", 400, "INVALID_PATH", "InvalidXPath"),
        ("current?path=//Nothing", 400, "INVALID_PATH", "InvalidXPath"),
        ("lathe/probe", 404, "NO_DEVICE", "NoDevice"),
        ("press/nothing", 404, "UNSUPPORTED", "Unsupported"),
        ("asset/A17", 404, "ASSET_NOT_FOUND", "AssetNotFound"),
        ("asset/17", 404, "ASSET_NOT_FOUND", "InvalidURI"),
    ],
)
async def test_what_cannot_be_answered_is_told_as_mtconnect_tells_it(
    client: Asking, node: Node, asked: str, status: int, code: str, element: str
) -> None:
    """An error document names the code, before 2.6 as an attribute, since then as the element."""
    for version in ("2.0", "2.7"):
        plant = parse_plant(f'{PLANT}version = "{version}"\n')
        node.agent = agent_of(node.history, plant, None, now_us())
        answer = await client.get(f"/mtconnect/{asked}")
        (error,) = etree.fromstring(answer.content)[1]

        assert answer.status_code == status
        assert (error.get("errorCode") or etree.QName(error).localname) == (code if version == "2.0" else element)
        assert refused(answer)


@pytest.mark.usefixtures("agent")
async def test_another_site_is_refused_in_mtconnects_words(client: Asking) -> None:
    """The door is guarded as every other."""
    answer = await client.get("/mtconnect/probe", headers={"Origin": "http://evil.example"})

    assert (answer.status_code, refused(answer)) == (403, ("UNAUTHORIZED",))


@pytest.mark.usefixtures("agent")
async def test_there_are_no_assets(client: Asking) -> None:
    """The document is whole and empty."""
    answer = await client.get("/mtconnect/assets")

    assert etree.fromstring(answer.content).find("{*}Assets") is not None


def test_an_edition_that_offers_something_else_is_another_instance(node: Node, agent: Agent) -> None:
    """Clients see by instanceId that sequence numbers begin anew; an edit that changes nothing they see leaves them."""
    renamed = parse_plant(PLANT.replace("[line.cell]", '[line.cell]\nname = "Cell 1"'))
    changed = parse_plant(PLANT.replace('unit = "kW"', 'unit = "W"'))

    same = agent_of(node.history, renamed, agent, agent.began)
    other = agent_of(node.history, changed, agent, agent.began)

    assert same is agent
    assert other is not None
    assert other.instance > agent.instance


async def test_a_stream_goes_on_until_the_node_leaves(
    app: Litestar, node: Node, agent: Agent, serving: Serving, put_values: Callable[..., None]
) -> None:
    """Values come soon, a heartbeat when there are none, and the end when the node is about to stop."""
    asked = f"/mtconnect/press/sample?from={agent.standing.next}&interval=0&heartbeat=60"
    values, parts = [], 0
    async with (
        serving(app) as address,
        httpx.AsyncClient(timeout=60) as client,
        client.stream("GET", f"http://{address}{asked}") as answer,
    ):
        boundary = boundary_of(answer.headers["content-type"])
        assert boundary is not None
        async for part in read_parts(answer.aiter_raw(), boundary):
            parts += 1
            values += said(part.decode())
            put_values(node, "press/power", (now_us(), float(parts)))
            node.leaving = parts == 4
        assert agent.streams == 0

    assert values[:2] == [("press.power", "1000"), ("press.power", "2000")]


class Link:
    """A link between a client and a server that can be cut."""

    def __init__(self, port: int) -> None:
        self._peer = port
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Breaks every connection."""
        for writer in self._writers:
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near, far = await asyncio.open_connection("127.0.0.1", self._peer)
        self._writers |= {writer, far}
        await asyncio.gather(_copy(reader, far), _copy(near, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def test_our_own_client_gets_every_value_once_through_a_cut_link(
    app: Litestar, node: Node, agent: Agent, serving: Serving, put_values: Callable[..., None]
) -> None:
    """One node reads another: all values, in order, none twice, with their own time, though the link is cut."""
    wanted: dict[str, Kind] = {"press:parts": "counter", "press:system": "condition"}
    options = {"heartbeat_s": 0.1, "interval_ms": 10, "connect_s": 2}
    sink, now = MemorySink(), now_us()
    agent.notice(shown("running", now), now)
    put_values(node, "press/parts", (now, 0.0))
    async with serving(app) as address, Link(int(address.rpartition(":")[2])) as link:
        url = f"http://127.0.0.1:{link.port}/mtconnect"
        settings = SourceSettings.model_validate({"id": "up", "type": "mtconnect", "url": url, "options": options})
        task = asyncio.create_task(source(settings, wanted).run(sink))
        await until(lambda: 0.0 in numbers(sink, "press:parts"))
        for n in range(10, 40, 10):
            put_values(node, "press/parts", *((now + n + i, float(n + i)) for i in range(5)))
            await until(lambda: n in numbers(sink, "press:parts"))  # noqa: B023 - waited for at once
            link.cut()
            put_values(node, "press/parts", *((now + n + i, float(n + i)) for i in range(5, 10)))
            put_values(node, "press/system", (now + n, "WARNING"), (now + n + 1, "NORMAL"))
        await until(lambda: 39.0 in numbers(sink, "press:parts"))
        await until(lambda: len([o for o in sink.observations if o.address == "press:system" and o.text]) == 6)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    sent = [0, *range(10, 40)]
    read = [(o.time, o.number) for o in sink.observations if o.address == "press:parts" and o.number is not None]
    assert read == [(now + n, float(n)) for n in sent]
    levels = [o.text for o in sink.observations if o.address == "press:system" and o.text]
    assert levels == ["WARNING", "NORMAL"] * 3
    assert [told.key for told in sink.told if "gap" in told.key] == []


def numbers(sink: MemorySink, address: str) -> list[float]:
    """The numbers of an address, in the order they came."""
    return [o.number for o in sink.observations if o.address == address and o.number is not None]
