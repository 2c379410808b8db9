"""A node that others push to, and edges that read real machines for it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from lineside.api import create_app
from lineside.edge import EdgeRun, Link
from lineside.node import Node
from lineside.plant import Edge

PLANT = """\
[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
[source.press]
type = "push"
stale_after_s = 3
[source.idle]
type = "push"
[machine.press]
line = "cell"
source = "press"
[machine.press.signals]
load = { kind = "measure", unit = "%" }
"""
Running = Callable[..., AbstractAsyncContextManager[list[Link]]]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A running node."""
    folder = tmp_path / "node"
    folder.mkdir()
    (folder / "plant.toml").write_text(PLANT, "utf-8")
    with Node.open(folder) as opened:
        async with opened.live():
            yield opened


@pytest.fixture
async def port(node: Node) -> AsyncIterator[int]:
    """Where it is served."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(create_app(node), log_config=None, timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells in no other way
            await asyncio.sleep(0.01)
        yield door.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.fixture
def edge(tmp_path: Path) -> Running:
    """Runs an edge for the length of a block; gives what it tells of its ways to the node."""
    folder = tmp_path / "edge"
    folder.mkdir()

    @asynccontextmanager
    async def run(
        port: int, url: str, *, name: str = "press", buffer_mb: float = 10, values_per_s: float = 20_000
    ) -> AsyncIterator[list[Link]]:
        source = {"type": "shdr", "url": url, "stale_after_s": 3, "options": {"connect_s": 1, "settle_s": 60}}
        told: list[Link] = []
        settings = Edge.model_validate(
            {
                "node": f"http://127.0.0.1:{port}",
                "buffer_mb": buffer_mb,
                "values_per_s": values_per_s,
                "source": {name: source},
            }
        )
        running = EdgeRun(settings, folder, told.append)
        task = asyncio.create_task(running.run())
        try:
            yield told
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled()

    return run


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Waits for a claim to hold."""

    async def wait(claim: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not claim():  # noqa: ASYNC110 - what is claimed changes in other threads
                await asyncio.sleep(0.02)

    return wait
