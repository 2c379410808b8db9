from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import upload_routes
from lineside.node import Node

Client = AsyncTestClient[Litestar]
TABLE = b"time,mode,load\n2026-03-05 06:00,ACTIVE,5\n2026-03-05 06:01,ACTIVE,many\nlater,READY,7\n"


def kept(folder: Path) -> list[str]:
    """The names of the uploaded files that are there."""
    return [path.name for path in sorted((folder / "data" / "uploads").glob("*/*"))]


async def sent(client: Client, name: str = "week.csv", body: bytes = TABLE) -> str:
    """The id of a file that was sent."""
    told = await client.post("/api/uploads", params={"name": name}, content=body)
    assert told.status_code == 201, told.text
    return str(told.json()["id"])


async def over(client: Client, job: int) -> dict[str, Any]:
    """The job when it is over."""
    while True:
        told: dict[str, Any] = (await client.get(f"/api/jobs/{job}")).json()
        if told["state"] not in ("queued", "running"):
            return told
        await asyncio.sleep(0.05)


async def test_a_file_is_sent_looked_at_and_imported(client: Client, node: Node, folder: Path) -> None:
    """What the preview says is what the import does; then the file is gone, and its rows are in the history."""
    upload = await sent(client)

    told = (await client.post(f"/api/uploads/{upload}/preview", json={"source": "disk"})).json()
    job = (await client.post(f"/api/uploads/{upload}/import", json=told["reading"])).json()
    done = await over(client, job["id"])

    assert told["file"] == "week.csv"
    assert [(f["line"], f["column"], f["reason"]) for f in told["checked"]["faults"]] == [
        (3, "load", "not_a_number"),
        (4, "time", "bad_timestamp"),
    ]
    assert (job["kind"], job["title"], done["state"]) == ("import", "week.csv", "done")
    assert done["result"]["files"][0]["stored"] == 4
    assert done["result"]["files"][0]["faults"] == told["checked"]["faults"]
    assert kept(folder) == []
    assert node.history.last(node.history.series("press/load")) is not None


async def test_a_file_may_be_larger_than_other_bodies(client: Client, folder: Path) -> None:
    """It comes in pieces and is whole on disk."""
    body = b"time,load\n" + b"2026-03-05 06:00,5\n" * 200_000

    upload = await sent(client, body=body)

    assert (folder / "data" / "uploads" / upload / "week.csv").read_bytes() == body


async def test_a_file_that_is_too_large_leaves_nothing(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it says its size at once or only comes to it."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 1_000_000

    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as client:
        monkeypatch.setattr("lineside.node.uploads.LARGEST", 2_000_000)
        said = await client.post("/api/uploads?name=a.csv", content=b"x" * 2_000_001)
        told = await client.post("/api/uploads?name=a.csv", content=pieces())

    assert [(one.status_code, one.json()["key"]) for one in (said, told)] == [(413, "node.upload_large")] * 2
    assert kept(folder) == []


async def test_a_sender_that_hangs_up_or_falls_silent_leaves_nothing(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file is none."""
    head = f"POST /api/uploads?name=a.csv HTTP/1.1\r\nHost: {address}\r\nContent-Length: 100\r\n\r\nhalf".encode()

    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head)
    await writer.drain()
    while not kept(folder):  # noqa: ASYNC110 - the folder tells nobody
        await asyncio.sleep(0.01)
    writer.close()
    await writer.wait_closed()
    del reader

    monkeypatch.setattr(upload_routes, "SILENCE_S", 0.2)  # not before: the first must be there until it was seen
    second, silent = await asyncio.open_connection(host, int(port))
    silent.write(head)
    answer = await second.read(12)
    silent.close()

    assert answer == b"HTTP/1.1 408"
    async with asyncio.timeout(60):
        while kept(folder):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", ["../../plant.toml", "..\\..\\plant.toml", "/etc/plant.toml", "C:\\plant.toml"])
async def test_the_name_of_a_file_leads_nowhere(client: Client, folder: Path, name: str) -> None:
    """It is kept in a folder of its own, under the last part of its name."""
    before = (folder / "plant.toml").read_bytes()

    upload = await sent(client, name)

    assert (folder / "data" / "uploads" / upload / "plant.toml").read_bytes() == TABLE
    assert (folder / "plant.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["", "..", "///", "\0", "表" * 200 + ".csv"])
async def test_any_name_can_be_kept(client: Client, name: str) -> None:
    """One that no disk takes becomes one that it takes; its ending stays."""
    upload = await sent(client, name)

    told = (await client.post(f"/api/uploads/{upload}/preview", json={"source": "disk"})).json()

    assert told["file"].endswith(name[-4:] if ".csv" in name else told["file"])
    assert 0 < len(told["file"].encode()) <= 120


@pytest.mark.parametrize("upload", ["0" * 32, "..", "%2e%2e%2fplant", "x"])
async def test_a_file_that_is_not_there_is_answered_with_a_cure(client: Client, upload: str) -> None:
    """Whatever stands in the address."""
    told = await client.post(f"/api/uploads/{upload}/preview", json={})

    assert told.status_code in (404, 405)


async def test_a_file_is_forgotten_when_it_is_discarded_or_a_day_old(client: Client, node: Node, folder: Path) -> None:
    """One whose import is still to be done stays."""
    dropped, old, needed = [await sent(client, f"{name}.csv") for name in ("dropped", "old", "needed")]
    await client.delete(f"/api/uploads/{dropped}")
    node.jobs.close()  # nothing is done any more
    node.uploads.submit(node.jobs, needed, {"source": "disk"})
    for upload in (old, needed):
        os.utime(folder / "data" / "uploads" / upload, (time.time() - 90_000,) * 2)

    node.uploads.sweep(node.jobs)

    assert kept(folder) == ["needed.csv"]


async def test_an_import_that_fails_keeps_its_file(client: Client, folder: Path) -> None:
    """It may be told better what the columns mean, and tried again."""
    upload = await sent(client, body=b"a,load\nx,5\n")

    job = (await client.post(f"/api/uploads/{upload}/import", json={"source": "disk"})).json()
    done = await over(client, job["id"])

    assert (done["state"], done["error"]["key"]) == ("failed", "connect.recording.no_time_column")
    assert kept(folder) == ["week.csv"]


async def test_what_is_no_table_is_refused_with_a_cure(client: Client) -> None:
    """The file is named as the person knows it."""
    upload = await sent(client, "old.xls", b"\xd0\xcf\x11\xe0" + bytes(100))

    told = await client.post(f"/api/uploads/{upload}/preview", json={})

    assert (told.status_code, told.json()["key"]) == (422, "connect.sheet.old")
    assert "old.xls" in told.json()["detail"]


async def test_only_so_many_files_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of a plant is no store of files."""
    monkeypatch.setattr("lineside.node.uploads.MOST", 1)
    await sent(client)

    told = await client.post("/api/uploads", params={"name": "b.csv"}, content=TABLE)

    assert (told.status_code, told.json()["key"]) == (503, "node.upload_many")
    assert isinstance(told, httpx.Response)
