"""What tokens outside are told, and what people download: past the valve, byte for byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from lineside.api import Door, create_app, outward
from lineside.node import Node
from lineside.trust import Grant, Role, is_near
from lineside.valve import Limits
from tests.releases import allowed

OUTSIDE, INSIDE = "203.0.113.5", "192.168.1.9"
OWN = 1


@pytest.fixture
def token(node: Node) -> str:
    """Of a program that may read."""
    node.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
    node.people.add("acme", "service", [Grant(Role.ADMINISTRATOR)])
    made = node.people.token("acme", "reads", Grant(Role.ADMINISTRATOR), 1)
    assert made is not None
    return made


@pytest.fixture
def served(node: Node) -> Litestar:
    """Served to others, too."""
    return create_app(node, Door(open=False, names=frozenset({"node.example"})))


@asynccontextmanager
async def asking(app: Litestar, host: str, token: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks from an address."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    served: Any = app
    transport = httpx.ASGITransport(served, client=(host, 1), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers) as client:
        yield client


def number_of(node: Node) -> int:
    """The number of the token."""
    return node.people.get("acme").tokens[0].id


async def test_a_token_from_outside_is_told_nothing_without_a_release(node: Node, served: Litestar, token: str) -> None:
    """In words, with a cure, in the ledger; from a network of the plant it is told as before."""
    async with asking(served, OUTSIDE, token) as client:
        refused = await client.get("/api/kpi")
        undeclared = await client.get("/api/plant")
        taken = await client.post("/api/push/nobody", content="{}")
    async with asking(served, INSIDE, token) as client:
        inside = await client.get("/api/kpi")

    assert (refused.status_code, refused.json()["key"]) == (403, "valve.no_release_for")
    assert refused.json()["cure"]
    assert (undeclared.status_code, undeclared.json()["key"]) == (403, "valve.not_declared")
    assert taken.status_code == 404
    assert (inside.status_code, bool(inside.json()["rows"])) == (200, True)
    assert node.valve.held()[0].parcel.recipient == OUTSIDE


async def test_what_a_release_allows_is_told_and_noted(node: Node, served: Litestar, token: str) -> None:
    """The body as it is sent; what the release does not name stays."""
    flow = f"token/{number_of(node)}"
    number = allowed(node, flow, OUTSIDE, "kpi/machine/press/*", "signal/press/mode")
    async with asking(served, OUTSIDE, token) as client:
        told = await client.get("/api/kpi?scope=machine/press")
        more = await client.get("/api/kpi")
        mode = await client.get("/api/texts?series=press/mode&from=2026-03-04&to=2026-03-05")
        load = await client.get("/api/texts?series=press/load&from=2026-03-04&to=2026-03-05")
    async with asking(served, "203.0.113.6", token) as client:
        elsewhere = await client.get("/api/kpi?scope=machine/press")

    _, last = node.valve.total(node.valve.releases.get(number))
    assert told.status_code == mode.status_code == 200
    assert last["/api/kpi"].content == told.content
    assert {one.json()["key"] for one in (more, load)} == {"valve.not_among"}
    assert elsewhere.json()["key"] == "valve.other_address"


async def test_a_token_with_a_release_is_bound_to_it_wherever_it_is_used(
    node: Node, served: Litestar, token: str
) -> None:
    """Closing the valve, or the release, shuts it out; what waits to be allowed is made and withheld, to be seen."""
    flow = f"token/{number_of(node)}"
    number = allowed(node, flow, INSIDE, "kpi/*")
    async with asking(served, INSIDE, token) as client:
        first = await client.get("/api/kpi")
        node.valve.releases.shut(0)
        shut = await client.get("/api/kpi")
        node.valve.releases.open(0)
        node.valve.releases.close(number, 0)
        closed = await client.get("/api/kpi")
        terms = node.valve.releases.get(number).terms
        node.valve.ask(terms, 0)
        waiting = await client.get("/api/kpi")

    assert [one.status_code for one in (first, shut, closed, waiting)] == [200, 403, 403, 403]
    assert [one.json()["key"] for one in (shut, closed, waiting)] == [
        "valve.shut",
        "valve.is_closed",
        "valve.is_waiting",
    ]
    assert len(node.valve.held()[-1].parcel.content) > 100


async def test_a_limit_holds_back_the_answer_that_goes_past_it(node: Node, served: Litestar, token: str) -> None:
    """Nothing of it is sent, and the release is closed."""
    flow = f"token/{number_of(node)}"
    number = allowed(node, flow, OUTSIDE, "kpi/*", limits=Limits(bytes_in_all=100))
    async with asking(served, OUTSIDE, token) as client:
        answer = await client.get("/api/kpi")

    assert (answer.status_code, answer.json()["key"]) == (403, "valve.past_limit")
    assert node.valve.releases.get(number).closing is not None


async def test_mtconnect_clients_outside_are_named_by_their_account(node: Node, served: Litestar, token: str) -> None:
    """A release for one says which machines; others are refused in MTConnect's own form."""
    async with asking(served, OUTSIDE, token) as client:
        refused = await client.get("/mtconnect/probe")
        allowed(node, "mtconnect", "acme", "plant", "signal/*", "states/*", "units/*")
        off = await client.get("/mtconnect/probe")

    assert (refused.status_code, "No release lets anything out to acme" in refused.text) == (403, True)
    assert off.status_code == 404


async def test_people_download_by_the_release_that_is_there(node: Node) -> None:
    """What left is noted; when it is closed nothing is downloaded any more, and pages show what they show."""
    async with asking(create_app(node), "127.0.0.1", None) as client:
        table = await client.get("/api/grades/table")
        export = await client.get("/api/ledger/export")
        node.valve.releases.close(OWN, 0)
        after = await client.get("/api/grades/table")
        page = await client.get("/api/kpi")

    _, last = node.valve.total(node.valve.releases.get(OWN))
    assert (table.status_code, export.status_code, page.status_code) == (200, 200, 200)
    assert last["/api/grades/table"].content == table.content
    assert last["/api/ledger/export"].content in export.content
    assert (after.status_code, after.json()["key"]) == (403, "valve.is_closed")


async def test_a_socket_tells_no_token_outside(served: Litestar, token: str) -> None:
    """What it tells is not declared."""
    scope: Any = {
        "type": "websocket",
        "path": "/api/live",
        "raw_path": b"/api/live",
        "query_string": b"",
        "root_path": "",
        "scheme": "ws",
        "headers": [(b"host", b"127.0.0.1:8000"), (b"authorization", f"Bearer {token}".encode())],
        "client": (OUTSIDE, 1),
        "server": ("127.0.0.1", 8000),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
        "state": {},
    }
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(0)
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    await served(scope, receive, send)

    assert [message["type"] for message in sent] == ["websocket.http.response.start", "websocket.http.response.body"]
    assert (sent[0]["status"], json.loads(sent[1]["body"])["key"]) == (403, "api.no_live")


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.31.0.1", True),
        ("172.32.0.1", False),
        ("192.168.0.1", True),
        ("169.254.1.1", True),
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("100.64.0.1", False),
        ("203.0.113.5", False),
        ("2001:db8::1", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_the_networks_of_the_plant(host: str, near: bool) -> None:
    """Private and link-local ones; of what is no address nobody knows."""
    assert is_near(host) is near


async def test_no_token_allows_or_opens(node: Node, served: Litestar) -> None:
    """Not even one of a person who may: a program could have it."""
    node.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
    token = node.people.token("root", "mine", Grant(Role.ADMINISTRATOR), 1)
    number = allowed(node, "mtconnect", "acme", "kpi/*")
    node.valve.releases.shut(0)
    async with asking(served, INSIDE, token) as client:
        opened = await client.post("/api/valve/open")
        digest = {"digest": node.valve.releases.get(number).digest}
        allows = await client.post(f"/api/valve/releases/{number}/allow", json=digest)

    assert {one.json()["key"] for one in (opened, allows)} == {"valve.may_not_allow"}
    assert node.valve.releases.closed is not None


def test_what_is_told_outside_is_declared_of_routes_that_there_are(app: Litestar) -> None:
    """Each name is a route; what is served as a file to keep is declared as a download."""
    paths = {route.path for route in app.routes}
    source = Path(outward.__file__).parent
    attached = [one for one in source.glob("*_routes.py") if "attachment" in one.read_text("utf-8")]

    assert {*outward.TOLD, *outward.TAKEN, *outward.DOWNLOADED} - paths == {"/mtconnect/{place:path}"} - paths
    named = {"grade_routes", "ledger_routes", "order_routes"}
    anybody = {"authority_routes", "pairing_routes"}  # certificates
    of_hubs = {"packs_routes"}  # a hub, which has no valve, signs packs for all its members
    assert {one.stem for one in attached} - named == anybody | of_hubs
    assert all(one.startswith(outward.FILES) for one in outward.DOWNLOADED)
