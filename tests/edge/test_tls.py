"""An edge whose node speaks TLS: known by a fingerprint or a file, and nothing is sent to another."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from lineside.api import Door, Seats, create_app, secured
from lineside.edge import Node as Way
from lineside.errors import LinesideError
from lineside.node import DATA, Node
from lineside.trust import AUTHORITY, Authority, Grant
from tests.certificates import NOW


@pytest.fixture
def authority(node: Node) -> Authority:
    """That of the node."""
    made = Authority(node.folder / DATA / AUTHORITY)
    made.make(("node.example",), NOW)
    return made


@pytest.fixture
async def secure(node: Node, authority: Authority) -> AsyncIterator[int]:
    """Where the node is served under TLS, closed."""
    app, seats = create_app(node, Door(open=False, https=True)), Seats(50)
    with socket.create_server(("127.0.0.1", 0)) as door:
        wire = secured(seats, lambda: authority.shown(NOW).context)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, **wire))
        serving = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells in no other way
            await asyncio.sleep(0.01)
        yield door.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.fixture
def token(node: Node) -> str:
    """With which the edge is let in."""
    node.people.add("eva", "person", [Grant.parse("administrator")])
    node.people.add("beside-the-press", "service", [Grant.parse("collector@line/cell")])
    return node.people.token("beside-the-press", "edge", Grant.parse("collector"), 1)


async def test_the_node_is_known_by_the_fingerprint_of_its_authority(
    authority: Authority, secure: int, token: str
) -> None:
    """As it is printed, or without colons."""
    told = [authority.fingerprint, authority.fingerprint.replace(":", "").lower()]
    wanted = []
    for fingerprint in told:
        async with Way(f"https://localhost:{secure}", 1000, token, fingerprint) as way:
            wanted += [await way.wanted("press") for _ in range(2)]

    assert wanted == [{"load": "measure"}] * 4


async def test_the_node_is_known_by_the_certificate_of_its_authority(
    authority: Authority, secure: int, token: str
) -> None:
    """Copied from the node's computer."""
    async with Way(f"https://127.0.0.1:{secure}", 1000, token, authority.pem) as way:
        assert await way.wanted("press") == {"load": "measure"}


async def test_another_authority_gets_nothing(tmp_path: Path, secure: int, token: str, node: Node) -> None:
    """Neither by fingerprint nor by file nor by what the system trusts; each is told with its cure."""
    other = Authority(tmp_path / "other")
    other.make(("localhost.example",), NOW)
    found = []
    for trust in (other.fingerprint, other.pem, None):
        async with Way(f"https://localhost:{secure}", 1000, token, trust) as way:
            with pytest.raises(LinesideError) as refused:
                await way.wanted("press")
        found.append(refused.value.key)
        assert refused.value.cure("zh")

    assert found == ["edge.other_authority", "edge.untrusted", "edge.untrusted"]
    assert [one.seen_us for one in node.people.get("beside-the-press").tokens] == [None]
