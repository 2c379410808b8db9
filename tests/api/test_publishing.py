from __future__ import annotations

import asyncio
from pathlib import Path

from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import create_app
from lineside.node import Node
from tests.broker import Broker
from tests.releases import spoken

Client = AsyncTestClient[Litestar]


async def test_nothing_is_said_unless_the_plant_file_asks_for_it(client: Client) -> None:
    """The list is empty."""
    assert (await client.get("/api/publishing")).json() == []


async def test_what_the_plant_says_of_itself_is_told(folder: Path, tmp_path: Path) -> None:
    """To whom, whether its host is there, and why nothing is sent, in the reader's language; no password."""
    (tmp_path / "broker").mkdir()
    with Broker(tmp_path / "broker") as broker:
        url = broker.url.replace("://", "://me:hush@")
        with (folder / "plant.toml").open("a", encoding="utf-8") as file:
            file.write(f'[sparkplug]\nurl = "{url}"\ngroup = "G"\nprimary_host = "scada"\nlines = []\n')
        with Node.open(folder) as node:
            spoken(node)
            async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
                async with asyncio.timeout(60):
                    while True:
                        answer = await client.get("/api/publishing?lang=zh")
                        told = answer.json()[0]
                        if told["state"] == "degraded":
                            break
                        await asyncio.sleep(0.05)

    assert (told["url"], told["name"], told["host"]) == (broker.url, "G/works", "scada")
    assert (told["host_online"], told["born_ms"], told["messages"]) == (None, None, 0)
    assert "离线" in told["reason"]
    assert told["cure"]
    assert "hush" not in answer.text
