from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.node import Node

Client = AsyncTestClient[Litestar]
PATIENCE_S = 60


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """The address of an adapter that says two values to whoever connects."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"2026-01-01T00:00:00Z|execution|ACTIVE|PartCountAct|6\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def finished(client: Client, node: Node, job: int) -> Any:
    """The job when it is over."""
    await asyncio.to_thread(node.jobs.wait, job, PATIENCE_S)
    return (await client.get(f"/api/jobs/{job}")).json()


async def test_a_discovery_is_a_job_with_the_proposal_as_its_result(client: Client, node: Node, url: str) -> None:
    """With progress in seconds, and what to add to this plant; the table comes back as the same text."""
    asked = await client.post("/api/discover", json={"url": url, "watch_s": 2})
    job = await finished(client, node, asked.json()["id"])
    result = job["result"]

    again = await client.post("/api/discover/fragment", json={"csv": result["csv"].replace("shdr,cnc", "Mill,cnc")})

    assert (asked.status_code, job["state"], job["kind"], job["title"]) == (201, "done", "discover", url)
    (machine,) = result["proposal"]["machines"]
    assert [signal["id"] for signal in machine["signals"]] == ["execution", "parts"]
    assert 'line = "cell"' in result["fragment"]
    assert again.status_code == 200
    assert 'name = "Mill"' in again.json()["fragment"]


async def test_a_discovery_can_be_cancelled(client: Client, node: Node, url: str) -> None:
    """In the midst of an hour's watching."""
    job = (await client.post("/api/discover", json={"url": url, "watch_s": 3600})).json()["id"]
    while (await client.get(f"/api/jobs/{job}")).json()["state"] != "running":
        pass

    await client.delete(f"/api/jobs/{job}")

    assert (await finished(client, node, job))["state"] == "cancelled"


async def test_who_does_not_answer_fails_the_job_in_words(client: Client, node: Node) -> None:
    """As of any error, with a cure."""
    job = (await client.post("/api/discover", json={"url": "http://127.0.0.1:1", "watch_s": 0})).json()["id"]
    error = (await finished(client, node, job))["error"]

    assert (error["key"], bool(error["cure"])) == ("connect.unreachable", True)


async def test_a_password_is_not_kept_with_a_job(client: Client) -> None:
    """It is refused before it is written anywhere."""
    answer = await client.post("/api/discover", json={"url": "mqtt://me:secret@127.0.0.1:1"})

    assert answer.status_code == 400
    assert "secret" not in answer.text
    assert "127.0.0.1" in answer.text


async def test_a_table_that_cannot_be_read_is_refused(client: Client) -> None:
    """With what is lacking."""
    answer = await client.post("/api/discover/fragment", json={"csv": "a,b\n"})

    assert 400 <= answer.status_code < 500
    assert "address" in answer.text


async def test_what_the_plant_file_would_refuse_is_told(client: Client) -> None:
    """By its name, in words, and with no text to copy."""
    csv = "keep,source,type,machine,signal,address,kind\nyes,new,shdr,a mill,execution,execution,state\n"
    told = (await client.post("/api/discover/fragment", json={"csv": csv, "line": "cell"})).json()

    assert told["fragment"] == ""
    assert [(finding["key"], finding["problem"]) for finding in told["findings"]] == [
        ("machine.a mill", "a mill cannot be an id.")
    ]
    assert told["findings"][0]["cure"]


async def test_packs_are_told_in_the_readers_language(client: Client) -> None:
    """With the sources of their facts."""
    told = (await client.get("/api/packs", headers={"Accept-Language": "zh"})).json()

    assert next(pack for pack in told if pack["id"] == "plc")["name"].startswith("通用")
    assert all(pack["sources"] for pack in told)
