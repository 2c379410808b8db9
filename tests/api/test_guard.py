from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar, WebSocket, get, websocket
from litestar.testing import AsyncTestClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.typing import Origin

from lineside.api import create_app, plant_routes, undeclared
from lineside.api.guard import guard, needs
from lineside.node import Node
from lineside.trust import Identity, Permission

Client = AsyncTestClient[Litestar]

GUEST = Identity("guest", frozenset({Permission.READ_PLANT}))


@get("/api/open", sync_to_thread=False)
def open_route() -> dict[str, str]:
    """A route somebody forgot to declare."""
    return {}


@get("/api/fine", opt=needs(Permission.READ_PLANT), sync_to_thread=False)
def declared_route() -> dict[str, str]:
    """A route as it should be."""
    return {}


@websocket("/api/wire")
async def open_socket(socket: WebSocket[Any, Any, Any]) -> None:
    """A socket somebody forgot to declare."""
    await socket.accept()


def test_every_route_declares_its_permission(app: Litestar) -> None:
    """Nothing the node answers is without a permission."""
    assert undeclared(app) == []


def test_routes_and_sockets_without_a_permission_are_found() -> None:
    """Each is named, so that it can be mended."""
    app = Litestar([open_route, open_socket, declared_route])

    found = undeclared(app)

    assert any("/api/open" in one for one in found)
    assert any("/api/wire" in one for one in found)
    assert not any("/api/fine" in one for one in found)


def test_an_application_with_an_undeclared_route_does_not_start(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails while it is made, not when somebody asks."""
    monkeypatch.setattr(plant_routes, "present", open_route)

    with pytest.raises(RuntimeError, match="/api/open"):
        create_app(node)


async def test_a_route_without_a_permission_is_answered_to_nobody() -> None:
    """Even if such a route were served, the guard would refuse it."""
    async with AsyncTestClient(Litestar([open_route], guards=[guard]), base_url="http://127.0.0.1") as client:
        answer = await client.get("/api/open")

    assert answer.status_code == 500


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:9999", "http://127.0.0.1.evil.example:8000", "null", "http://["],
)
async def test_a_page_from_elsewhere_is_refused(client: Client, origin: str) -> None:
    """Another site, another port, a sandboxed page and nonsense get nothing."""
    answer = await client.get("/api/plant", headers={"Origin": origin})

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["key"], answer.json()["fields"]) == ("trust.foreign_origin", {"origin": origin})


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "192.168.1.4:8000", "0.0.0.0:8000", "[::1"])
async def test_a_name_that_was_rebound_to_this_machine_is_refused(client: Client, host: str) -> None:
    """A page whose own name resolves to loopback reaches nothing, on any route."""
    for path in ("/api/plant", "/api/docs/openapi.json", "/"):
        answer = await client.get(path, headers={"Host": host})

        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["key"] == "trust.foreign_origin"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
async def test_this_machine_may_ask_itself(client: Client, host: str) -> None:
    """Its own pages, by any name of loopback, and programs that send no origin."""
    with_origin = await client.get("/api/plant", headers={"Host": host, "Origin": f"http://{host}"})
    without = await client.get("/api/plant", headers={"Host": host})

    assert (with_origin.status_code, without.status_code) == (200, 200)


@pytest.mark.parametrize("path", ["/api/plant", "/api/tally", "/api/jobs", "/"])
async def test_nobody_gets_an_answer_to_options(client: Client, path: str) -> None:
    """A browser that asks for leave on behalf of another page gets none."""
    headers = {"Origin": "http://127.0.0.1:8000", "Access-Control-Request-Method": "POST"}

    answer = await client.options(path, headers=headers)

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["key"] == "trust.undeclared"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
async def test_what_is_no_method_is_answered_with_nothing_of_the_request(client: Client, method: str) -> None:
    """TRACE would tell a script what the browser keeps from it."""
    answer = await client.request(method, "/api/plant", headers={"X-Told": "b5a0"})

    assert answer.status_code == 405
    assert "b5a0" not in answer.text


async def test_a_foreign_page_writes_nothing(client: Client, node: Node) -> None:
    """A form or script of another site cannot count units."""
    answer = await client.post(
        "/api/tally", json={"machine": "bench", "good": 5}, headers={"Origin": "http://evil.example"}
    )

    assert answer.status_code == 403
    assert node.history.last(node.history.series("bench/good")) is None


async def test_who_lacks_a_permission_is_told_which(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest who may see the plant may not see facts, nor write them."""
    monkeypatch.setattr("lineside.api.guard.identity_of", lambda _: GUEST)

    plant = await client.get("/api/plant")
    now = await client.get("/api/now")
    tally = await client.post("/api/tally", json={"machine": "bench", "good": 5})

    assert plant.status_code == 200
    assert (now.status_code, now.json()["fields"]["permission"]) == (403, "facts.read")
    assert (tally.status_code, tally.json()["fields"]["permission"]) == (403, "facts.write")
    assert now.json()["cure"]


async def test_a_topic_is_not_for_those_who_may_not_read_it(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a topic that is not theirs is hung up on, and gets nothing of it."""
    monkeypatch.setattr("lineside.api.live_socket.identity_of", lambda _: GUEST)

    async with connect(f"ws://{address}/api/live", proxy=None, open_timeout=60) as socket:
        await socket.send('{"subscribe": ["jobs"]}')
        with pytest.raises(ConnectionClosedError) as raised:
            await socket.recv()

    assert raised.value.rcvd is not None
    assert raised.value.rcvd.code == 4403
    assert "jobs.read" in raised.value.rcvd.reason


async def test_a_foreign_page_gets_no_socket(address: str) -> None:
    """Browsers let any page open a socket anywhere, so the node looks at the origin itself."""
    with pytest.raises(InvalidStatus) as raised:
        async with connect(
            f"ws://{address}/api/live", origin=Origin("http://evil.example"), proxy=None, open_timeout=60
        ):
            pytest.fail("it was let in")

    assert raised.value.response.status_code == 403


async def test_every_answer_carries_the_security_headers(client: Client) -> None:
    """Pages, facts, bytes and errors alike."""
    for path in ("/", "/api/plant", "/api/nothing", "/api/docs/openapi.json", "/api/lanes"):
        answer = await client.get(path)

        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert {"object-src 'none'", "base-uri 'none'"} <= {*answer.headers["content-security-policy"].split("; ")}
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cache-control"] == ("no-cache" if path == "/" else "no-store")
