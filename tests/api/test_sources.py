from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import create_app
from lineside.connect import PUSH, sources
from lineside.history import Event
from lineside.node import Node, now_us
from tests.connect.shdr_adapter import Adapter

Client = AsyncTestClient[Litestar]
DRAFT = {"id": "mill", "type": "shdr", "signals": [{"address": "load", "kind": "measure", "unit": "%"}]}
CATALOGUE = Path(__file__).parents[2] / "docs/zh/plant-file.json"


@pytest.fixture
async def adapter() -> AsyncIterator[Adapter]:
    """An adapter that greets with a load and answers pings."""
    async with Adapter(pong=b"* PONG 200\n") as running:
        running.greeting = said(12)
        yield running


def said(load: float) -> bytes:
    """A line of an adapter, said now."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    return f"{stamp}Z|load|{load}\n".encode()


async def over(client: Client, job: int) -> dict[str, Any]:
    """The job when it is over."""
    while True:
        told: dict[str, Any] = (await client.get(f"/api/jobs/{job}")).json()
        if told["state"] not in ("queued", "running"):
            return told
        await asyncio.sleep(0.05)


async def test_a_live_source_tells_its_figures(folder: Path, adapter: Adapter) -> None:
    """Rates, queue, drops, skew and the signals it feeds with the age of each value."""
    with (folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[source.mill]\ntype = "shdr"\nurl = "{adapter.url}"\n[machine.mill]\nline = "cell"\nsource = "mill"\n'
            '[machine.mill.signals]\nload = { kind = "measure", unit = "%" }\nidle = { kind = "state" }\n'
        )
    with Node.open(folder) as node:
        async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            load, began = 20, time.monotonic()
            while True:
                adapter.say(said(load := load + 1))
                told = (await client.get("/api/sources/mill")).json()
                if told["state"] == "active" and told["values"] > 2:
                    break
                await asyncio.sleep(0.1)
            took = time.monotonic() - began
            coverage = (await client.get(f"/api/heard?from={told['since_ms']}&to={now_us() // 1000}")).json()

    assert told["machines"] == ["mill"]
    assert told["heard_per_s"] >= told["stored_per_s"] > 0
    assert (told["dropped"], told["failures"], told["losses"], told["failure"]) == (0, 0, 0, None)
    assert told["most_waiting"] >= told["waiting"]
    assert -1 < told["skew_s"] < 2 + took
    values = {signal["signal"]: signal for signal in told["signals"]}
    assert values["load"]["value"] > 20
    assert (values["load"]["unit"], values["load"]["quality"]) == ("%", "good")
    assert values["load"]["age_s"] <= 2 + took
    assert (values["idle"]["value"], values["idle"]["time_ms"]) == (None, None)
    assert len(coverage["sources"]["mill"]) == 1
    assert coverage["sources"]["disk"] == []


async def test_a_source_that_fails_tells_how_often_and_why(folder: Path) -> None:
    """In words, also while it tries again; without its password."""
    with (folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[source.mill]\ntype = "shdr"\nurl = "tcp://me:hush@127.0.0.1:9"\n[machine.mill]\nline = "cell"\n'
            'source = "mill"\n[machine.mill.signals]\nload = { kind = "measure" }\n'
        )
    with Node.open(folder) as node:
        async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            while True:
                answer = await client.get("/api/sources/mill?lang=zh")
                if answer.json()["failures"]:
                    break
                await asyncio.sleep(0.05)

    assert "127.0.0.1:9" in answer.json()["failure"]["reason"]
    assert not answer.json()["failure"]["reason"].isascii()
    assert "hush" not in answer.text


async def test_told_losses_are_kept_in_words(folder: Path) -> None:
    """The newest first, of the last day; of other sources none."""
    with Node.open(folder) as node:
        detail = json.dumps({"key": "connect.mtconnect.gap", "fields": {"url": "http://h", "count": 7}})
        moments = [now_us() - hours * 3_600_000_000 for hours in (30, 2, 1)]
        node.history.add_events([Event("disk", moment, "loss", 500, detail) for moment in moments])
        node.history.add_events([Event("hand", moments[2], "loss", 500, detail)])
        async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            told = (await client.get("/api/sources/disk")).json()

    assert [loss["time_ms"] for loss in told["told"]] == [moments[2] // 1000, moments[1] // 1000]
    assert told["told"][0]["reason"].startswith("7 observation(s) were lost")
    assert told["told_total"] == 2


async def test_an_unknown_source_is_not_found(client: Client) -> None:
    """The answer names those there are."""
    answer = await client.get("/api/sources/nobody")

    assert (answer.status_code, answer.json()["key"]) == (404, "node.no_source")


async def test_every_option_of_every_type_is_described_in_both_languages(client: Client) -> None:
    """In English by the type itself, in Chinese as the manual does; a number with its range."""
    english = {one["type"]: one for one in (await client.get("/api/types")).json()}
    chinese = {one["type"]: one for one in (await client.get("/api/types?lang=zh")).json()}
    manual = json.loads(CATALOGUE.read_text("utf-8"))["options"]

    listened = {name: kind for name, kind in sources().items() if name != PUSH}
    assert english.keys() == chinese.keys() == listened.keys()
    for name, kind in listened.items():
        told = {option["name"]: option for option in english[name]["options"]}
        assert {n: o["description"] for n, o in told.items()} == {
            n: o.description.replace("`", "") for n, o in kind.OPTIONS.items()
        }
        said = {option["name"]: option["description"] for option in chinese[name]["options"]}
        assert said == {option: manual[f"{name} {option}"].replace("`", "") for option in kind.OPTIONS}, name
    known = {option["name"]: option for option in english["mqtt"]["options"]}
    assert (known["keep_h"]["low"], known["keep_h"]["high"], known["user"]["low"]) == (0, 87_600, None)


async def test_the_fragment_of_a_draft_is_told_with_what_is_wrong(client: Client) -> None:
    """Nothing is written; the machine stands in the plant's first line unless it is told where."""
    right = (await client.post("/api/sources/fragment", json={**DRAFT, "url": "tcp://h:1"})).json()
    taken = (await client.post("/api/sources/fragment?lang=zh", json={**DRAFT, "id": "disk"})).json()
    nowhere = (await client.post("/api/sources/fragment", json={**DRAFT, "line": "moon"})).json()

    assert right["findings"] == []
    assert right["fragment"] == (
        '[source.mill]\ntype = "shdr"\nurl = "tcp://h:1"\n\n[machine.mill]\nline = "cell"\nsource = "mill"\n\n'
        '[machine.mill.signals]\nload = { kind = "measure", unit = "%" }\n'
    )
    assert not taken["findings"][0]["problem"].isascii()
    assert "moon" in nowhere["findings"][0]["problem"]


async def test_a_draft_is_listened_to(client: Client, node: Node, adapter: Adapter) -> None:
    """What came is told with its value; nothing is stored, and the password stands in no job."""
    url = adapter.url.replace("://", "://me:hush@")
    asked = {"draft": {**DRAFT, "url": url}, "seconds": 5}

    sent = (await client.post("/api/sources/listen", json=asked)).json()
    told = await over(client, sent["id"])

    assert told["state"] == "done"
    assert told["result"]["state"] == "active"
    assert told["result"]["values"] == 1
    assert told["result"]["addresses"][0] | {"time_ms": 0} == {
        "address": "load",
        "kind": "measure",
        "count": 1,
        "value": 12.0,
        "quality": "good",
        "time_ms": 0,
        "wrong": None,
    }
    assert "hush" not in json.dumps(told) + json.dumps(dict(node.jobs.get(sent["id"]).params))
    assert "mill/load" not in node.history.catalogue()


async def test_a_cancelled_test_gives_what_came(client: Client, adapter: Adapter) -> None:
    """Whoever has seen enough need not wait."""
    asked = {"draft": {**DRAFT, "url": adapter.url}, "seconds": 300}
    sent = (await client.post("/api/sources/listen", json=asked)).json()
    while True:
        if (await client.get(f"/api/jobs/{sent['id']}")).json()["message"] == "1 values of 1 addresses":
            break
        await asyncio.sleep(0.05)

    await client.delete(f"/api/jobs/{sent['id']}")
    told = await over(client, sent["id"])

    assert (told["state"], told["result"]["values"]) == ("done", 1)


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"source": "disk"}, 400, "node.trial_passive"),
    ({"source": "nobody"}, 404, "node.no_source"),
    ({"draft": {**DRAFT, "type": "pigeon"}}, 400, "connect.type_unknown"),
    ({"draft": {**DRAFT, "url": "tcp://h", "options": {"colour": "red"}}}, 400, "connect.option_unknown"),
    ({"draft": {**DRAFT, "id": "disk"}}, 400, "plant.refused"),
    ({"draft": {**DRAFT, "url": "tcp://h:1"}, "seconds": 0}, 400, "node.trial_seconds"),
]


@pytest.mark.parametrize(("asked", "status", "key"), REFUSED)
async def test_what_cannot_be_listened_to_is_refused(
    client: Client, asked: dict[str, Any], status: int, key: str
) -> None:
    """At once, and no job is queued."""
    answer = await client.post("/api/sources/listen", json=asked)

    assert (answer.status_code, answer.json()["key"]) == (status, key)
    assert (await client.get("/api/jobs")).json() == []


async def test_a_test_whose_settings_are_gone_says_so(node: Node) -> None:
    """As after a restart: a job keeps no address, so it cannot be done later."""
    node.jobs.start()

    job = node.jobs.submit("listen", "mill", {"token": "gone", "source": "mill"})
    told = await asyncio.to_thread(node.jobs.wait, job.id, 60)

    assert told.error_key == "node.trial_gone"
