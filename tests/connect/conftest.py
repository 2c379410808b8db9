"""A live source for the length of a block, and ports nobody listens at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from lineside.connect import MemorySink, SourceSettings, source
from lineside.connect.observations import to_batch
from lineside.plant import Kind
from tests import shared
from tests.broker import Broker


@asynccontextmanager
async def listen(url: str, wanted: Mapping[str, Kind], **settings: Any) -> AsyncIterator[MemorySink]:
    """What the source at `url` delivers while the block runs; its type is told by the address unless given."""
    types = {"tcp": "shdr", "http": "mtconnect", "opc.tcp": "opcua", "mqtts": "mqtt", "modbus+rtu": "modbus"}
    sink: MemorySink = settings.pop("sink", None) or MemorySink()
    memory = settings.pop("memory", {})
    beside = settings.pop("beside", False)
    type = settings.pop("type", types.get(scheme := url.partition(":")[0], scheme))
    peer = source(SourceSettings(id="mill", type=type, url=url, **settings), wanted, beside=beside)
    peer.memory = memory
    task = asyncio.create_task(peer.run(sink))
    try:
        yield sink
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture(scope="session")
def listening() -> Callable[..., AbstractAsyncContextManager[MemorySink]]:
    """Runs a source and gives what it delivers: `listening(url, wanted, **settings)`."""
    to_batch([])  # with its first array pyarrow loads pandas, if it is there: a second in which nothing else runs
    return listen


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running mosquitto of this test's own."""
    with Broker(tmp_path) as running:
        yield running


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 at which nobody listens."""
    return shared.free_port()
