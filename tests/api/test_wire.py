"""What a node refuses before it reads it: too many, too fast, too slow, too long."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from litestar import Litestar
from websockets.asyncio.client import connect

from lineside.api import Door, Doorway, Seats, create_app, protocols
from lineside.api.door import Doorkeeper
from lineside.api.limits import KNOWN, REFUSED, STRANGERS, Limits
from lineside.errors import LinesideError
from lineside.node import Node
from lineside.trust import Grant, Rate
from lineside.trust.brake import TRIES

CLOSED = Door(open=False)
HEAD = b"GET /api/me HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@asynccontextmanager
async def wired(app: Litestar, seats: Seats) -> AsyncIterator[int]:
    """Serves an application as `lineside run` does; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, **protocols(seats))
        server, doorway = uvicorn.Server(config), Doorway.of(door, seats)
        serving = asyncio.create_task(server.serve(sockets=[doorway]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells in no other way
            await asyncio.sleep(0.01)
        yield doorway.getsockname()[1]
        server.should_exit = True
        await serving


async def said(port: int, sent: bytes) -> tuple[str, dict[str, object]]:
    """What comes back until the node hangs up: the head and the problem."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    head, _, body = (await asyncio.wait_for(reader.read(), 60)).partition(b"\r\n\r\n")
    writer.close()
    return head.decode().lower(), json.loads(body)


@pytest.mark.parametrize(
    ("sent", "status", "key"),
    [
        (b"", 408, "api.head_late"),
        (HEAD, 408, "api.head_late"),
        (b"\x16\x03\x01 TLS to a port without", 400, "api.head_wrong"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n", 400, "api.head_wrong"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 400, "api.head_wrong"),
        (HEAD + b"Transfer-Encoding : chunked\r\n\r\n", 400, "api.head_wrong"),
        (HEAD + b"Cookie: " + b"x" * 20_000, 431, "api.head_large"),
        (b"GET /" + b"x" * 20_000, 431, "api.head_large"),
    ],
)
async def test_a_request_that_is_too_slow_too_long_or_none_is_told_so(
    node: Node, sent: bytes, status: int, key: str
) -> None:
    """With a problem in JSON that names the cure, and the connection ends."""
    head_s = 0.3 if key == "api.head_late" else 60.0  # what else is wrong is told at once, also by a slow machine
    async with wired(create_app(node, CLOSED), Seats(50, head_s=head_s)) as port:
        head, told = await said(port, sent)

    assert (head.split()[1], told["key"], "application/problem+json" in head) == (str(status), key, True)
    assert told["cure"]


async def test_a_slow_second_request_on_a_kept_connection_is_not_waited_for(node: Node) -> None:
    """A whole request does not buy time for the next one."""
    async with wired(create_app(node, CLOSED), Seats(50, head_s=0.3)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"\r\n")
        await reader.readuntil(b"}")
        writer.write(HEAD)
        rest = await asyncio.wait_for(reader.read(), 8)  # unsaid it would be ten
        writer.close()

    assert b" 408 " in rest


async def test_a_body_that_does_not_come_is_not_waited_for(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as such, and the connection ends."""
    monkeypatch.setattr("lineside.api.limits.BODY_S", 0.3)
    async with wired(create_app(node, CLOSED), Seats(50)) as port:
        head, told = await said(
            port,
            b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 50\r\n\r\n{",
        )

    assert (head.split()[1], told["key"]) == ("408", "api.body_late")
    assert "retry-after" in head


async def test_who_hangs_up_in_a_request_is_no_fault_of_the_node(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    """No traceback goes into the log, which a flood would fill."""
    async with wired(create_app(node, CLOSED), Seats(50)) as port:
        for _ in range(5):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{")
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.close()
        await asyncio.sleep(0.2)

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_full_node_says_so_and_goes_on_when_somebody_left(node: Node) -> None:
    """A live socket holds a seat, too, and leaves it when it ends."""
    seats = Seats(1)
    async with wired(create_app(node), seats) as port:
        async with connect(f"ws://127.0.0.1:{port}/api/live", proxy=None, open_timeout=60) as live:
            await live.send('{"subscribe": ["sources"]}')
            await live.recv()
            head, told = await said(port, b"")
        while seats.taken:  # noqa: ASYNC110 - the node hears of it a moment later
            await asyncio.sleep(0.01)
        again, _ = await said(port, HEAD + b"Connection: close\r\n\r\n")

    assert (head.split()[1], told["key"], "retry-after" in head) == ("503", "api.full", True)
    assert again.split()[1] == "200"


SOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
)


@pytest.mark.parametrize(
    ("sent", "status", "key"),
    [
        (b"GET /api/live", 403, "api.no_live"),
        (b"GET /api/nothing", 403, "api.no_live"),
        (b"POST /api/live", 400, "api.no_socket"),
    ],
)
async def test_a_socket_that_is_not_opened_is_refused_in_words(
    node: Node, caplog: pytest.LogCaptureFixture, sent: bytes, status: int, key: str
) -> None:
    """As any other request is, with all headers; and no error goes into the log, which anybody could fill."""
    node.people.add("root", "person", [Grant.parse("administrator")])
    async with wired(create_app(node, CLOSED), Seats(50)) as port:
        head, told = await said(port, sent + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + SOCKET + b"\r\n\r\n")

    assert (head.split()[1], told["key"]) == (str(status), key)
    assert told["cure"]
    assert "x-content-type-options: nosniff" in head
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_frame_that_is_no_text_leaves_no_stack_trace(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    """The socket is closed as one with wrong data."""
    async with wired(create_app(node), Seats(50)) as port:
        live = await connect(f"ws://127.0.0.1:{port}/api/live", proxy=None, open_timeout=60)
        await live.send(b"\xff\xfe", text=True)
        await live.wait_closed()

    assert live.close_code == 1007
    assert "Traceback" not in caplog.text


class Peer(asyncio.Transport):
    """A connection that says whose it is."""


async def test_an_address_has_so_many_connections_and_another_one_its_own() -> None:
    """What ends makes room; a host of the same IPv6 network is the same address."""
    seats = Seats(1000, most_of_one=3)

    def come(host: str) -> LinesideError | None:
        error = seats.refusal(host)
        if error is None:
            crowd.append(Peer({"peername": (host, 1)}))
            seats.take(crowd[-1])
        return error

    crowd: list[Peer] = []
    errors = [come("10.0.0.9") for _ in range(4)]
    other = come("10.0.0.8")
    seats.leave(crowd[0])
    again = come("10.0.0.9")
    six = [come(f"2001:db8:1:2::{n}") for n in range(4)]

    assert [error and error.key for error in errors] == [None, None, None, "api.crowded"]
    assert (other, again) == (None, None)
    assert [error and error.key for error in six] == [None, None, None, "api.crowded"]


async def test_who_opens_connections_too_fast_is_hung_up_on_with_a_word(node: Node) -> None:
    """Before a request is read; who is connected goes on."""
    seats = Seats(50, new_here=Rate(3, 0.1, lambda: 100.0))  # it all happens at once, however slow we are
    async with wired(create_app(node, CLOSED), seats) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        told = [await flooded(port) for _ in range(4)]
        writer.write(HEAD + b"\r\n")
        first = await reader.readline()
        writer.close()

    assert [one.split()[1] for one in told] == [b"200", b"200", b"429", b"429"]
    assert b"Retry-After: 1" in told[-1]
    assert b" 200 " in first


async def flooded(port: int, host: str = "127.0.0.1") -> bytes:
    """What comes back on a new connection of an address."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))
    writer.write(HEAD + b"Connection: close\r\n\r\n")
    try:
        return await asyncio.wait_for(reader.read(), 60)
    finally:
        writer.close()


def asked(path: str, address: str = "10.0.0.9", **headers: str) -> dict[str, object]:
    """A request as the server hands it on."""
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "client": (address, 1),
        "headers": sent,
        "query_string": b"",
        "state": {},
    }


async def test_who_goes_on_though_refused_opens_no_more_connections(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before it has been quiet; what another address opens is served."""
    monkeypatch.setattr("lineside.api.limits.monotonic", lambda: 100.0)  # a pause of ours is no quiet of theirs
    app = create_app(node, CLOSED)
    app.state.keeper.brake.clock_s = lambda: 100.0
    for number in range(TRIES + 5):
        app.state.keeper.brake.admit(f"name-{number}", "127.0.0.2")
    async with wired(app, Seats(50, floods=app.limits.floods)) as port:
        flood = [app.limits.wait(asked("/api/login", "127.0.0.2")) for _ in range(5 * REFUSED[0])]
        told = [await flooded(port, host) for host in ("127.0.0.2", "127.0.0.1")]

    assert all(flood)
    assert [one.split()[1] for one in told] == [b"429", b"200"]


def test_strangers_are_counted_by_address_and_who_is_known_by_token(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of one stops neither those who have said who they are, nor other addresses, nor what programs push."""
    node.people.add("eva", "person", [Grant.parse("administrator")])
    node.people.add("box", "service", [Grant.parse("collector")])
    token = node.people.token("box", "x", Grant.parse("collector"), 1)
    monkeypatch.setattr("lineside.api.limits.monotonic", lambda: 100.0)  # it all happens at once, however slow we are
    limits = Limits(Doorkeeper(node, CLOSED))
    known = {"Authorization": f"Bearer {token}"}

    flood = [limits.wait(asked("/api/me")) for _ in range(STRANGERS[0] + 50)]
    wrong = limits.wait(asked("/api/me", Authorization="Bearer x"))
    others = [limits.wait(asked("/api/me", **known)), limits.wait(asked("/api/me", "10.0.0.8"))]
    pushed = [limits.wait(asked("/api/push/box", **known)) for _ in range(KNOWN[0] + 50)]
    looked = [limits.wait(asked("/api/me", **known)) for _ in range(KNOWN[0] + 50)]

    assert (flood[0], flood[-1] and flood[-1].key) == (None, "api.too_fast")
    assert wrong is not None
    assert others == [None, None]
    assert not any(pushed)
    assert looked[-1] is not None
