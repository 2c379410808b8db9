"""A small plant with an hour of history behind its API."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
import uvicorn
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import create_app
from lineside.history import SAMPLES, Quality
from lineside.node import Node

BASE_URL = "http://127.0.0.1:8000"
BERLIN = ZoneInfo("Europe/Berlin")

PLANT = """\
[site]
id = "works"
name = "Works"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
calendar = "two-shift"
[calendar.two-shift]
[[calendar.two-shift.shift]]
name = "early"
start = "06:00"
end = "14:00"
breaks = ["09:00-09:15"]
[[calendar.two-shift.shift]]
name = "late"
start = "14:00"
end = "22:00"
[area.hall]
name = "Hall 1"
[line.cell]
area = "hall"
pace = "press"
product = "bolt"
[product.bolt]
ideal_cycle_s = 2.0
[source.disk]
type = "file"
files = "press-*.csv"
[source.hand]
type = "tally"
[machine.press]
name = "Press 1"
line = "cell"
source = "disk"
[machine.press.signals]
mode = { kind = "state" }
parts = { kind = "counter" }
load = { kind = "measure", unit = "%", description = "How hard it works" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE" }
[[machine.press.states]]
state = "stopped"
when = { mode = "READY" }
[machine.press.units]
total = "parts"
[machine.bench]
line = "cell"
source = "hand"
[machine.bench.signals]
good = { kind = "count" }
scrap = { kind = "count" }
[machine.bench.units]
good = "good"
rejected = "scrap"
"""


def at(hour: int, minute: int = 0, second: int = 0, day: int = 4) -> int:
    """A moment in March 2026 at the plant, in microseconds UTC."""
    return int(datetime(2026, 3, day, hour, minute, second, tzinfo=BERLIN).timestamp()) * 1_000_000


def put(node: Node, key: str, *rows: tuple[int, float | str | None]) -> None:
    """Stores values of a series; None is a value that went missing."""
    series = node.history.series(key)
    node.history.append(
        pa.table(
            {
                "series": [series] * len(rows),
                "time": pa.array([time for time, _ in rows], pa.timestamp("us", "UTC")),
                "number": pa.array([v if isinstance(v, int | float) else None for _, v in rows], pa.float64()),
                "text": pa.array([v if isinstance(v, str) else None for _, v in rows], pa.string()),
                "quality": [Quality.NO_DATA if v is None else Quality.GOOD for _, v in rows],
            }
        ).cast(SAMPLES)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plant folder."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    return tmp_path


@pytest.fixture
def node(folder: Path) -> Iterator[Node]:
    """A node; the press ran from 8:00 to 8:45 of 4 March 2026, made 900 parts and stood until 9:00."""
    with Node.open(folder) as opened:
        put(opened, "press/mode", (at(8), "ACTIVE"), (at(8, 45), "READY"))
        put(opened, "press/parts", (at(8), 0.0), (at(8, 30), 600.0), (at(8, 45), 900.0))
        opened.history.hear("disk", at(8), at(9))
        yield opened


@pytest.fixture
def app(node: Node) -> Litestar:
    """Its application, which serves what is stored and runs no sources."""
    return create_app(node)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """Asks it as a browser on the same machine does."""
    async with AsyncTestClient(app, base_url=BASE_URL) as opened:
        yield opened


@pytest.fixture
def put_values() -> Callable[..., None]:
    """Stores values of a series."""
    return put


@pytest.fixture(name="at")
def at_fixture() -> Callable[..., int]:
    """Tells a moment in March 2026 at the plant, in microseconds UTC."""
    return at


@pytest.fixture
async def address(app: Litestar) -> AsyncIterator[str]:
    """Serves the application on a free port of 127.0.0.1; gives its address, host and port."""
    async with serve(app) as address:
        yield address


@pytest.fixture
def serving() -> Callable[[Litestar], AbstractAsyncContextManager[str]]:
    """Serves an application for the length of a block."""
    return serve


@asynccontextmanager
async def serve(app: Litestar) -> AsyncIterator[str]:
    """Serves an application; gives its address, host and port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, ws="websockets-sansio", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells in no other way
            await asyncio.sleep(0.01)
        yield f"127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        await serving
