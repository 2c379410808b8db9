from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import create_app
from lineside.node import Node, now_us
from lineside.trust import Grant

Client = AsyncTestClient[Litestar]


async def test_the_folder_is_told_to_who_can_read_it_anyway(client: Client, node: Node) -> None:
    """To nobody who asks with a token, whoever they are."""
    node.people.add("root", "person", [Grant.parse("administrator")])
    node.people.add("box", "service", [Grant.parse("administrator")])
    token = node.people.token("box", "x", Grant.parse("administrator"), 1)

    answer = await client.get("/api/plant", headers={"Authorization": f"Bearer {token}"})

    assert answer.json()["folder"] is None
    assert str(node.folder) not in answer.text


async def test_the_plant_as_its_file_tells_it(client: Client, node: Node) -> None:
    """Areas, lines, machines and signals of the edition in force."""
    plant = (await client.get("/api/plant")).json()

    assert (plant["id"], plant["name"], plant["timezone"]) == ("works", "Works", "Europe/Berlin")
    assert (plant["production_day_starts"], plant["demo"]) == ("06:00", False)
    assert plant["folder"] == str(node.folder.resolve())
    assert plant["edition"] == {"number": 1, "valid_from": None}
    assert plant["findings"] == []
    (hall,) = plant["areas"]
    (cell,) = hall["lines"]
    assert (hall["name"], cell["id"], cell["pace"], cell["product"]) == ("Hall 1", "cell", "press", "bolt")
    assert [(m["id"], m["name"], m["tally"]) for m in cell["machines"]] == [
        ("press", "Press 1", False),
        ("bench", "bench", True),
    ]
    assert cell["machines"][0]["signals"][2] == {
        "id": "load",
        "kind": "measure",
        "unit": "%",
        "description": "How hard it works",
    }


async def test_a_refused_edit_is_told_with_its_findings(client: Client, node: Node) -> None:
    """Line, key, problem and cure in the reader's language, beside the edition that stays in force."""
    file = node.folder / "plant.toml"
    file.write_text(file.read_text("utf-8") + "\n[machine.drill]\nline = 'nowhere'\n", "utf-8")
    node.editions.notice(now_us())

    english = (await client.get("/api/plant")).json()
    chinese = (await client.get("/api/plant?lang=zh")).json()

    (finding,) = english["findings"]
    assert finding["key"] == "machine.drill.line"
    assert file.read_text("utf-8").splitlines()[finding["line"] - 1] == "line = 'nowhere'"
    assert "nowhere" in finding["problem"]
    assert finding["cure"]
    assert not chinese["findings"][0]["problem"].isascii()
    assert english["edition"]["number"] == 1
    assert len(english["areas"][0]["lines"][0]["machines"]) == 2


async def test_shifts_that_touch_a_window(client: Client, at: Any) -> None:
    """Whole shifts with their breaks and production day, by the site's calendar."""
    window = {"from": "2026-03-04T13:00", "to": "2026-03-04T15:00"}

    shifts = (await client.get("/api/shifts", params=window)).json()["shifts"]

    assert shifts == [
        {
            "name": "early",
            "start_ms": at(6) // 1000,
            "end_ms": at(14) // 1000,
            "production_day": "2026-03-04",
            "breaks": [[at(9) // 1000, at(9, 15) // 1000]],
        },
        {
            "name": "late",
            "start_ms": at(14) // 1000,
            "end_ms": at(22) // 1000,
            "production_day": "2026-03-04",
            "breaks": [],
        },
    ]


async def test_shifts_by_the_calendar_of_a_machine(client: Client, node: Node) -> None:
    """A machine with a calendar of its own has shifts of its own, and so has the line it sets the pace of."""
    file = node.folder / "plant.toml"
    text = file.read_text("utf-8").replace('name = "Press 1"', 'name = "Press 1"\ncalendar = "own"')
    own = '[calendar.own]\n[[calendar.own.shift]]\nname = "long"\nstart = "07:00"\nend = "19:00"\n'
    file.write_text(text.replace("[area.hall]", own + "[area.hall]"), "utf-8")
    node.editions.notice(now_us())
    window = {"from": "2026-03-04T12:00", "to": "2026-03-04T13:00"}

    names = {
        scope: [
            s["name"] for s in (await client.get("/api/shifts", params={**window, "scope": scope})).json()["shifts"]
        ]
        for scope in ("machine/press", "line/cell", "machine/bench")
    }

    assert names == {"machine/press": ["long"], "line/cell": ["long"], "machine/bench": ["early"]}


async def test_a_plant_without_a_calendar_has_no_shifts(client: Client, node: Node) -> None:
    """None are made up."""
    file = node.folder / "plant.toml"
    file.write_text(file.read_text("utf-8").replace('calendar = "two-shift"\n', ""), "utf-8")
    node.editions.notice(now_us())

    answer = await client.get("/api/shifts?from=2026-03-04&to=2026-03-05")

    assert answer.json() == {"shifts": []}


async def test_the_present_and_the_sources_of_a_live_node(folder: Path) -> None:
    """Every machine and line with what it does, and every source with how it is, in words."""
    with Node.open(folder) as node:
        async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1") as client:
            now = (await client.get("/api/now")).json()
            sources = {source["id"]: source for source in (await client.get("/api/sources?lang=zh")).json()}

    assert abs(now["time_ms"] - now_us() // 1000) < 60_000
    assert set(now["machines"]) == {"press", "bench"}
    assert now["machines"]["press"]["state"] == "no_data"
    assert set(now["machines"]["press"]) >= {"since_ms", "stale", "age_s", "reason", "product", "units", "oee"}
    assert (set(now["lines"]), set(now["areas"])) == ({"cell"}, {"hall"})
    assert "oee" in now["site"]
    assert sources["disk"] | {"reason": "", "since_ms": 0} == {
        "id": "disk",
        "type": "file",
        "url": None,
        "machines": ["press"],
        "promise": "replayable",
        "state": "active",
        "reason": "",
        "cure": None,
        "stale_after_s": 30.0,
        "last_ms": None,
        "age_s": None,
        "since_ms": 0,
        "values": 0,
        "heard_per_s": 0.0,
        "stored_per_s": 0.0,
        "waiting": 0,
        "most_waiting": 0,
        "dropped": 0,
        "losses": 0,
        "failures": 0,
        "failure": None,
        "skew_s": None,
    }
    assert not sources["disk"]["reason"].isascii()


@pytest.fixture
def secretive(folder: Path) -> Path:
    """A folder with a source that needs a password."""
    with (folder / "plant.toml").open("a", encoding="utf-8") as file:
        file.write('[source.agent]\ntype = "mtconnect"\nurl = "http://reader:hush@127.0.0.1:9/agent"\n')
    return folder


async def test_the_password_of_a_source_is_not_shown(secretive: Path) -> None:
    """What stands in the plant file for the machine's ears alone stays there."""
    with Node.open(secretive) as node:
        async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1") as client:
            answer = await client.get("/api/sources")

    assert "hush" not in answer.text
    assert [source["url"] for source in answer.json() if source["id"] == "agent"] == ["http://127.0.0.1:9/agent"]


async def test_how_long_the_disk_will_do(client: Client) -> None:
    """Bytes, a verdict and a sentence in the reader's language; nothing is foretold from an hour of history."""
    told = (await client.get("/api/keeping?lang=zh")).json()

    assert (told["state"], told["days_until_full"], told["bytes_per_day"], told["cure"]) == ("well", None, None, None)
    assert 0 < told["used_bytes"] <= told["files_bytes"]
    assert told["free_bytes"] > 0
    assert "历史占用" in told["reason"]
    assert (told["keep"], told["budget_bytes"], told["last"]) == ({}, None, None)
