"""Others write to a running node over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from litestar import Litestar

from lineside.api import create_app
from lineside.api.push_body import LARGEST, MOST_WAITING, unpacked
from lineside.node import Node

PLANT = """\
[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
[source.press]
type = "push"
[machine.press]
line = "cell"
source = "press"
[machine.press.signals]
mode = { address = "press#mode", kind = "state" }
load = { address = "press,line=a#load", kind = "measure", unit = "%" }
good = { address = "press#good", kind = "count" }
temp = { kind = "measure", unit = "K" }
"""
T = 1_767_225_600  # 2026-01-01T00:00Z


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A running node that others may push to."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    with Node.open(tmp_path) as opened:
        async with opened.live():
            yield opened


@pytest.fixture
async def client(
    node: Node, serving: Callable[[Litestar], AbstractAsyncContextManager[str]]
) -> AsyncIterator[httpx.AsyncClient]:
    """Writes to it, over sockets."""
    async with serving(create_app(node)) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as one:
        while (await one.get("/api/push/press")).status_code != httpx.codes.OK:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield one


def kept(node: Node, signal: str) -> list[tuple[int, object]]:
    """What is stored of a signal of the press: microseconds and values."""
    found = node.history.read(node.history.series(f"press/{signal}"), 0, 2**60)
    pairs = zip(found.number.tolist(), found.texts(), strict=True)
    return list(zip(found.time.tolist(), (n if text is None else text for n, text in pairs), strict=True))


async def test_lines_are_stored_under_their_own_time(node: Node, client: httpx.AsyncClient) -> None:
    """Whatever a client counts time in, and by either version's way to write; stored when it is answered."""
    one, two = "/write?db=press", "/api/v2/write?org=works&bucket=press"
    for place, (url, stamp, microseconds) in enumerate(
        (
            (f"{one}", T * 10**9 + 1_999, T * 10**6 + 1),
            (f"{one}&precision=n", T * 10**9 + 2_999, T * 10**6 + 2),
            (f"{one}&precision=u", T * 10**6 + 3, T * 10**6 + 3),
            (f"{one}&precision=ms", T * 10**3 + 4, T * 10**6 + 4_000),
            (f"{one}&precision=s", T + 5, (T + 5) * 10**6),
            (f"{one}&precision=m", T // 60 + 6, (T + 360) * 10**6),
            (f"{one}&precision=h", T // 3600 + 7, (T + 7 * 3600) * 10**6),
            (f"{two}", (T + 90_000) * 10**9 + 1_999, (T + 90_000) * 10**6 + 1),
            (f"{two}&precision=ns", (T + 90_001) * 10**9, (T + 90_001) * 10**6),
            (f"{two}&precision=us", (T + 90_002) * 10**6, (T + 90_002) * 10**6),
            (f"{two}&precision=ms", (T + 90_003) * 10**3, (T + 90_003) * 10**6),
            (f"{two}&precision=s", T + 90_004, (T + 90_004) * 10**6),
        )
    ):
        answer = await client.post(url, content=f'press,line=a load={place},mode="M{place}" {stamp}')

        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["x-influxdb-version"] == "1.8.10"
        assert kept(node, "load")[place:] == [(microseconds, float(place))]
        assert kept(node, "mode")[place:] == [(microseconds, f"M{place}")]


async def test_a_body_that_is_sent_again_is_stored_once(node: Node, client: httpx.AsyncClient) -> None:
    """Whole, in other parts or in another order, as whoever got no answer sends it again."""
    lines = [f"press,line=a load={n},good=1i {T + n}" for n in range(50)]
    for batch in (lines, lines, lines[25:], lines[::-1], lines[10:40]):
        answer = await client.post("/write?db=press&precision=s", content="\n".join(batch))
        assert answer.status_code == httpx.codes.NO_CONTENT

    assert kept(node, "load") == [((T + n) * 10**6, float(n)) for n in range(50)]
    assert len(kept(node, "good")) == 50


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
async def test_a_compressed_body_is_unpacked(
    node: Node, client: httpx.AsyncClient, pack: Callable[[bytes], bytes]
) -> None:
    """With gzip, as Telegraf sends, or deflate; also in chunks of unknown length and in several gzip members."""
    encoding = {"Content-Encoding": "gzip" if pack is gzip.compress else "deflate"}
    body = pack(b"press,line=a load=1 1767225600\n") + (pack(b"press,line=a load=2 1767225601") or b"")

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 7):
            yield body[at : at + 7]

    answer = await client.post("/write?db=press&precision=s", content=chunks(), headers=encoding)

    assert answer.status_code == httpx.codes.NO_CONTENT
    assert [value for _, value in kept(node, "load")] == [1.0, 2.0]


async def test_bad_lines_are_named_and_the_others_stored(node: Node, client: httpx.AsyncClient) -> None:
    """The answer is the one of a partial write, in the words clients look for, in each version's form."""
    body = f"press,line=a load=1 {T}\npress,line=a load=\npress good=1i\npress mode=1x {T}"

    one = await client.post("/write?db=press&precision=s", content=body)
    two = await client.post("/api/v2/write?bucket=press&precision=s", content=body)

    told = (
        "partial write: line 2: unable to parse 'press,line=a load=': a value is no number, truth or quoted text\n"
        "line 3: unable to parse 'press good=1i': a count needs its own time, for sent again it would count twice\n"
        f"line 4: unable to parse 'press mode=1x {T}': a value is no number, truth or quoted text dropped=3"
    )
    assert (one.status_code, one.json()) == (400, {"error": told})
    assert one.headers["x-influxdb-error"] == " ".join(told.split())
    assert (two.status_code, two.json()) == (400, {"code": "invalid", "message": told})
    assert kept(node, "load") == [(T * 10**6, 1.0)]
    assert kept(node, "good") == []


async def test_a_body_of_bad_lines_alone_is_no_partial_write(client: httpx.AsyncClient) -> None:
    """As InfluxDB says it; more than a few of them are counted, and the reader's language is spoken."""
    answer = await client.post("/write?db=press", content="oops\n" * 30)
    chinese = await client.post("/write?db=press&lang=zh", content="oops")

    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.json()["error"].startswith("line 1: unable to parse 'oops': missing fields\nline 2: ")
    assert answer.json()["error"].endswith(" and 20 more")
    assert chinese.json()["error"] == "line 1: unable to parse 'oops': 缺少字段"
    assert chinese.headers["x-influxdb-error"].isascii()


@pytest.mark.parametrize("path", ["/write?precision=%00", "/api/v2/write?precision=%7f%ed%a0%80"])
async def test_what_no_header_can_hold_is_refused_all_the_same(client: httpx.AsyncClient, path: str) -> None:
    """The error is told in a header, too, with a question mark for what cannot stand there."""
    answer = await client.post(path, content=b"press mode=1")

    assert answer.status_code == 400
    assert "?" in answer.headers["x-influxdb-error"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_cannot_be_taken_is_refused_by_its_status(client: httpx.AsyncClient) -> None:
    """Each version tells it in its form, with the cure; a bomb is not unpacked."""
    line, bomb = b"press mode=1", gzip.compress(b"#" * (LARGEST + 1))
    for encoding, body, status in (
        ("br", line, 415),
        ("gzip", line, 400),
        ("gzip", gzip.compress(line)[:-9], 400),
        ("identity", b"#" * (LARGEST + 1), 413),
        ("gzip", bomb, 413),
    ):
        headers = {"Content-Encoding": encoding}
        one = await client.post("/write?db=press", content=body, headers=headers)
        two = await client.post("/api/v2/write?bucket=press", content=body, headers=headers)
        rows = await client.post("/api/push/press", content=body, headers=headers)

        assert (one.status_code, two.status_code, rows.status_code) == (status, status, status)
        assert one.json().keys() == {"error"}
        assert two.json().keys() == {"code", "message"}
        assert rows.json()["cure"]
    precision = await client.post("/write?db=press&precision=d", content=line)
    foreign = await client.post("/write?db=press", content=line, headers={"Origin": "http://elsewhere.example"})

    assert (precision.status_code, foreign.status_code) == (400, 403)
    assert "precision" in precision.json()["error"]
    assert "elsewhere.example" in foreign.json()["error"]


def test_no_more_is_unpacked_than_may_be_kept() -> None:
    """Of a bomb only as much as shows that it is one."""
    bomb = gzip.compress(b"#" * 50_000_000, 1)
    tracemalloc.start()
    try:
        assert unpacked(bomb, 1_000_000) is None
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


async def test_a_body_of_unknown_length_is_cut_off(client: httpx.AsyncClient) -> None:
    """One that is sent in chunks without end is refused when it has become too large."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(LARGEST // 2**20 + 2):
            yield b"#" * 2**20

    answer = await client.post("/write?db=press", content=chunks())

    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


async def test_no_more_writes_wait_than_memory_bears(node: Node, client: httpx.AsyncClient) -> None:
    """Who comes when the queue is full is told to come again later; when others have gone, all is as before."""
    host, port = client.base_url.host, client.base_url.port
    begun = []
    for _ in range(MOST_WAITING):
        _, writer = await asyncio.open_connection(host, port)
        writer.write(b"POST /write?db=press HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\npress")
        begun.append(writer)
    line = f"press,line=a load=1 {T}"
    refused = await client.post("/write?db=press&precision=s", content=line)
    while refused.status_code == httpx.codes.NO_CONTENT:  # not all of them have been read yet
        refused = await client.post("/write?db=press&precision=s", content=line)
    rows = await client.post("/api/push/press", json=[])
    for writer in begun:
        writer.close()
    again = await client.post("/write?db=press&precision=s", content=line)
    while again.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        again = await client.post("/write?db=press&precision=s", content=line)

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert (rows.status_code, rows.headers["retry-after"], rows.json()["key"]) == (503, "10", "api.body_busy")
    assert again.status_code == httpx.codes.NO_CONTENT
    assert kept(node, "load") == [(T * 10**6, 1.0)]


async def test_where_there_is_one_source_any_database_means_it(node: Node, client: httpx.AsyncClient) -> None:
    """Telegraf's `telegraf` as well as none; with several the name must be right."""
    for n, query in enumerate(("?db=telegraf&", "?", "?db=&")):
        answer = await client.post(f"/write{query}precision=s", content=f"press,line=a load=1 {T + n}")
        assert answer.status_code == httpx.codes.NO_CONTENT
    assert len(kept(node, "load")) == 3

    (node.folder / "plant.toml").write_text(PLANT + '[source.mill]\ntype = "push"\n', "utf-8")
    while len((await client.get("/api/sources")).json()) < 2:  # noqa: ASYNC110 - it looks at the file by itself
        await asyncio.sleep(0.05)
    unknown = await client.post("/write?db=telegraf", content="m f=1")
    unnamed = await client.post("/api/v2/write", content="m f=1")

    assert unknown.status_code == httpx.codes.NOT_FOUND
    assert unknown.json()["error"].startswith("There is no source telegraf of type push.")
    assert unknown.json()["error"].endswith("Those there are: press, mill.")
    assert unnamed.status_code == httpx.codes.BAD_REQUEST
    assert unnamed.json()["code"] == "invalid"


async def test_programs_that_ask_first_are_told_that_somebody_is_there(client: httpx.AsyncClient) -> None:
    """`/ping` by either method, and `/health`, as InfluxDB answers."""
    pings = [await client.get("/ping"), await client.head("/ping")]
    health = await client.get("/health")

    assert [(ping.status_code, ping.headers["x-influxdb-version"]) for ping in pings] == [(204, "1.8.10")] * 2
    assert (health.status_code, health.json()["status"]) == (200, "pass")


async def test_rows_of_json_are_stored_with_their_own_time(node: Node, client: httpx.AsyncClient) -> None:
    """A list, or one row a line; sent again they are stored once. Names that no signal wants are counted."""
    rows = [
        {"address": "temp", "time": "2026-01-01T01:00:00+01:00", "value": 293.5},
        {"address": "temp", "time": T + 1, "value": None},
        {"address": "press#mode", "time": T * 1000 + 2, "value": "ACTIVE", "quality": "uncertain"},
        {"address": "elsewhere", "value": 1},
    ]
    listed = await client.post("/api/push/press", json=rows)
    spelled = await client.post("/api/push/press", content="\n\n".join(map(json.dumps, rows)))
    unwanted = await client.get("/api/push/press")

    assert (listed.status_code, listed.json()) == (200, {"rows": 4, "taken": 3, "unwanted": 1})
    assert spelled.json() == listed.json()
    temp = node.history.read(node.history.series("press/temp"), 0, 2**60)
    assert temp.time.tolist() == [T * 10**6, (T + 1) * 10**6]
    assert temp.number.tolist()[0] == 293.5
    assert temp.quality.tolist() == [0, 3]
    assert kept(node, "mode") == [(T * 10**6 + 2000, "ACTIVE")]
    told = unwanted.json()
    assert (told["unwanted"], told["further"]) == ([{"address": "elsewhere", "values": 2}], 0)
    assert told["wanted"]["press#mode"] == "state"


async def test_wrong_rows_are_named_and_the_others_stored(node: Node, client: httpx.AsyncClient) -> None:
    """Each by its number, with what is wrong and what to do."""
    answer = await client.post(
        "/api/push/press",
        json=[
            {"address": "temp", "time": T, "value": 1},
            {"address": "press#good", "value": 1},
            {"address": "temp", "time": "2026-01-01T00:00:00", "value": 2},
        ],
    )
    empty = await client.post("/api/push/press", content="no json")
    nowhere = await client.post("/api/push/mill", json=[])

    told = answer.json()
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert told["fields"] == {"count": "2", "rows": "3", "taken": "1"}
    assert [one["path"] for one in told["findings"]] == ["2", "3"]
    assert "does not say its offset" in told["findings"][1]["sentence"]
    assert kept(node, "temp") == [(T * 10**6, 1.0)]
    assert empty.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert (nowhere.status_code, nowhere.json()["key"]) == (404, "api.push_nowhere")


async def test_while_the_source_does_not_run_writers_are_told_to_wait(
    tmp_path: Path, serving: Callable[[Litestar], AbstractAsyncContextManager[str]]
) -> None:
    """They keep what they have and come again."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    with Node.open(tmp_path) as resting:
        async with (
            serving(create_app(resting)) as address,
            httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as client,
        ):
            answers = [
                await client.post("/write?db=press", content="press,line=a load=1"),
                await client.post("/api/push/press", json=[{"address": "temp", "value": 1}]),
            ]

    assert [(one.status_code, one.headers["retry-after"]) for one in answers] == [(503, "10")] * 2


async def test_a_full_disk_asks_writers_to_keep_what_they_have(
    node: Node, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is acknowledged that could not be stored: 503, so that InfluxDB's clients try again."""
    line = f"press,line=a load=1 {T * 10**9}"
    with monkeypatch.context() as disk:
        disk.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
        write = await client.post("/write?db=press", content=line)
        rows = await client.post("/api/push/press", json=[{"address": "temp", "value": 1}])
        health = await client.get("/health")
    stored = kept(node, "load")
    again = await client.post("/write?db=press", content=line)
    while again.status_code == httpx.codes.SERVICE_UNAVAILABLE:  # the source begins anew, too
        await asyncio.sleep(0.05)
        again = await client.post("/write?db=press", content=line)

    assert (write.status_code, write.headers["retry-after"]) == (503, "10")
    assert (rows.status_code, rows.json()["key"]) == (507, "history.disk_full")
    assert (health.status_code, health.json()["status"]) == (503, "fail")
    assert stored == []
    assert kept(node, "load") == [(T * 10**6, 1.0)]
