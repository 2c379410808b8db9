"""The wire under TLS: the same bounds, and nothing in clear."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest
import uvicorn
from litestar import Litestar
from websockets.asyncio.client import connect

from lineside.api import Door, Doorway, Seats, create_app, secured
from lineside.node import DATA, Node
from lineside.trust import AUTHORITY, Authority, Grant, Rate, read_shown, trusting
from tests.certificates import NOW, write_certificate

CLOSED = Door(open=False, https=True)
HEAD = b"GET /api/me HTTP/1.1\r\nHost: localhost\r\n"
CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01"


@pytest.fixture
def authority(node: Node) -> Authority:
    """That of the node, for this computer and a name."""
    made = Authority(node.folder / DATA / AUTHORITY)
    made.make(("node.example",), NOW)
    return made


@asynccontextmanager
async def wired(app: Litestar, seats: Seats, context: Callable[[], ssl.SSLContext]) -> AsyncIterator[int]:
    """Serves an application as `lineside run` does under TLS; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, **secured(seats, context))
        server, doorway = uvicorn.Server(config), Doorway.of(door, seats)
        serving = asyncio.create_task(server.serve(sockets=[doorway]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells in no other way
            await asyncio.sleep(0.01)
        yield doorway.getsockname()[1]
        server.should_exit = True
        await serving


async def asked(port: int, trust: ssl.SSLContext, sent: bytes = HEAD + b"Connection: close\r\n\r\n") -> bytes:
    """What comes back over TLS until the node hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname="localhost")
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), 60)
    finally:
        writer.close()


async def left(seats: Seats) -> int:
    """How many seats are taken when the node has heard that everybody left."""
    for _ in range(6000):
        if not seats.taken:
            break
        await asyncio.sleep(0.01)
    return seats.taken


async def test_pages_and_sockets_are_served_and_leave_their_seats(node: Node, authority: Authority) -> None:
    """Each counts once."""
    trust, seats = trusting(authority.pem), Seats(50)
    async with wired(create_app(node), seats, lambda: authority.shown(NOW).context) as port:
        told = await asked(port, trust)
        async with connect(f"wss://localhost:{port}/api/live", ssl=trust, proxy=None, open_timeout=60) as live:
            await live.send('{"subscribe": ["sources"]}')
            heard = await live.recv()
            taken = seats.taken
        gone = await left(seats)

    assert told.split()[1] == b"200"
    assert heard
    assert (taken, gone) == (1, 0)


async def test_who_speaks_without_tls_is_told_to(node: Node, authority: Authority) -> None:
    """In words, not by a reset."""
    seats = Seats(50)
    async with wired(create_app(node, CLOSED), seats, lambda: authority.shown(NOW).context) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"\r\n")
        head, _, body = (await asyncio.wait_for(reader.read(), 60)).partition(b"\r\n\r\n")
        writer.close()
        gone = await left(seats)

    told = json.loads(body)
    assert (head.split()[1], told["key"], gone) == (b"400", "api.tls_only", 0)
    assert "https://" in told["cure"]


@pytest.mark.parametrize("sent", [b"", CLIENT_HELLO, CLIENT_HELLO + b"\xff" * 600], ids=["silence", "half", "rubbish"])
async def test_a_handshake_that_never_ends_is_bounded(
    node: Node, authority: Authority, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It holds a seat from its first moment on, and loses it in time; the log stays silent."""
    caplog.set_level(logging.WARNING)
    seats = Seats(50, head_s=0.5)
    async with wired(create_app(node, CLOSED), seats, lambda: authority.shown(NOW).context) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while not seats.taken:  # noqa: ASYNC110 - the node hears of it a moment later
            await asyncio.sleep(0.01)
        writer.write(sent)
        try:
            rest = await asyncio.wait_for(reader.read(), 60)
        except ConnectionResetError:
            rest = b""
        writer.close()
        gone = await left(seats)

    assert rest[:1] in {b"", b"\x15"}  # at most an alert
    assert gone == 0
    assert caplog.records == []


async def test_a_slow_request_is_told_so_under_tls_too(node: Node, authority: Authority) -> None:
    """And who does not say farewell is not waited for."""
    seats = Seats(50, head_s=2)  # in which the handshake must be over, too
    async with wired(create_app(node, CLOSED), seats, lambda: authority.shown(NOW).context) as port:
        told = await asked(port, trusting(authority.pem), HEAD)
        gone = await left(seats)

    assert b"api.head_late" in told
    assert gone == 0


async def test_who_is_refused_at_the_door_is_hung_up_on_without_a_word(node: Node, authority: Authority) -> None:
    """What is not encrypted would be no answer; who is connected goes on."""
    seats = Seats(50, new_here=Rate(2, 0.01, monotonic))
    trust = trusting(authority.pem)
    async with wired(create_app(node, CLOSED), seats, lambda: authority.shown(NOW).context) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname="localhost")
        await asked(port, trust)
        with pytest.raises((ssl.SSLError, OSError)):
            await asked(port, trust)
        writer.write(HEAD + b"\r\n")
        first = await reader.readline()
        writer.close()

    assert b" 200 " in first


async def test_a_new_certificate_is_shown_without_a_restart(node: Node, tmp_path: Path) -> None:
    """To whoever connects from then on; who is connected goes on."""
    old = read_shown(*write_certificate(tmp_path, stem="old"))
    new = read_shown(*write_certificate(tmp_path, stem="new"))
    shown = [old]
    async with wired(create_app(node, CLOSED), Seats(50), lambda: shown[0].context) as port:
        trust = trusting(old.pem, alone=True)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname="localhost")
        shown[0] = new
        told = await asked(port, trusting(new.pem, alone=True))
        writer.write(HEAD + b"\r\n")
        first = await reader.readline()
        writer.close()
        with pytest.raises(ssl.SSLCertVerificationError):
            await asked(port, trust)

    assert told.split()[1] == b"200"
    assert b" 200 " in first


async def test_a_socket_of_who_was_shut_out_ends_within_two_seconds(node: Node, authority: Authority) -> None:
    """Also where the other side answers no farewell."""
    node.people.add("eva", "person", [Grant.parse("administrator")])
    node.people.add("box", "service", [Grant.parse("reader")])
    token = node.people.token("box", "x", Grant.parse("reader"), 1)
    seats, trust = Seats(50), trusting(authority.pem)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        wired(create_app(node, CLOSED), seats, lambda: authority.shown(NOW).context) as port,
        connect(
            f"wss://localhost:{port}/api/live", ssl=trust, proxy=None, open_timeout=60, additional_headers=headers
        ) as live,
    ):
        await live.send('{"subscribe": ["now"]}')
        await live.recv()
        node.people.disable("box", disabled=True)
        await asyncio.wait_for(live.wait_closed(), 20)
        gone = await left(seats)

    assert live.close_code in {4401, 4403}
    assert gone == 0


async def test_devices_fetch_the_authority_from_the_node(node: Node, authority: Authority) -> None:
    """Before they trust it, and without an account."""
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    path = HEAD.replace(b"/api/me", b"/api/authority") + b"Connection: close\r\n\r\n"
    async with wired(create_app(node, CLOSED), Seats(50), lambda: authority.shown(NOW).context) as port:
        head, _, body = (await asked(port, careless, path)).partition(b"\r\n\r\n")

    assert head.split()[1] == b"200"
    assert b"x-x509-ca-cert" in head
    assert body.decode() == authority.pem
