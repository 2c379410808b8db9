"""The valve over HTTP."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import create_app, release_in_full_json
from lineside.node import Node
from lineside.trust import Grant, Parcel, Role, Withheld
from tests.broker import PATIENCE_S, Broker, Talker
from tests.releases import SAID

Client: TypeAlias = AsyncTestClient[Litestar]
OWN = 1
"""The number of the release that is there from the start."""
ASKED: dict[str, Any] = {
    "name": "OEE for the customer",
    "purpose": "Monthly talk",
    "recipient": "Acme",
    "flow": "mtconnect",
    "address": "acme",
    "content": ["kpi/line/cell/*"],
}
PARCEL = Parcel("mtconnect", "acme", frozenset({"kpi/line/cell/oee"}), b"oee = 0.5\n", "text/plain", "current")


async def asked(client: AsyncTestClient[Any], **other: object) -> dict[str, Any]:
    """A release that somebody asked for."""
    answer = await client.post("/api/valve/releases", json=ASKED | other)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_files_are_seen_before_they_leave(client: Client) -> None:
    """The preview tells the tables of the last period, what the rules hold back in them and why, for the owner."""
    files = {"flow": "file", "content": ["kpi/line/cell/*"], "schedule": "day"}
    shaped = await asked(client, **files, shaping={"how": "threshold", "unit": "shift"})
    path = f"/api/valve/releases/{shaped['id']}"
    table, as_json, manifest = (await client.get(f"{path}/preview")).json()
    wrong = await client.post(
        "/api/valve/releases", json=ASKED | files | {"shaping": {"how": "magic", "unit": "shift"}}
    )

    assert table["words"][0] == "period,from,to,scope,kpi,value,coverage,why"
    assert [one["leaves"] for one in (table, as_json, manifest)] == [True, True, True]
    assert '"schema": "lineside.kpi/1"' in as_json["text"]
    assert (shaped["schedule"], shaped["epsilon_left"], shaped["files"]) == ("day", None, [])
    assert "5 shifts at least" in shaped["shaped"]
    assert "line/cell coverage: 2 contributors, 5 are needed" in table["held_back"][-1]
    assert as_json["held_back"] == []
    assert wrong.status_code == 400


async def test_what_is_open_beside_a_release_is_told_before_it_is_allowed(client: Client) -> None:
    """Whoever allows another one of a way reads what the open ones let out and this one does not."""
    first = await asked(client)
    path = f"/api/valve/releases/{first['id']}"
    before = (await asked(client))["beside"]
    assert (await client.post(f"{path}/allow", json={"digest": first["digest"]})).status_code < 300
    other = await asked(client, content=["kpi/line/cell/oee"])
    (way,) = [one for one in (await client.get("/api/valve")).json()["flows"] if one["flow"] == "mtconnect"]

    (beside,) = other["beside"]
    assert before == []
    assert (beside["id"], beside["name"]) == (first["id"], ASKED["name"])
    assert "kpi/line/cell/availability" in beside["lacks"]
    assert "kpi/line/cell/oee" not in beside["lacks"]
    assert (await client.get(path)).json()["beside"] == []
    assert way["content"] == ASKED["content"]


async def test_only_the_plants_own_people_may_download_at_first(client: Client) -> None:
    """The valve is open, one release is there from the start, in the reader's language; nothing else leaves."""
    told = (await client.get("/api/valve?lang=zh")).json()

    assert told["closed"] is None
    assert [(one["flow"], one["address"], one["open"]) for one in told["flows"]] == [("download", "own people", True)]
    assert [(one["id"], one["own"], one["name"], one["state"]) for one in told["releases"]] == [
        (OWN, True, "本厂人员下载", "open")
    ]


async def test_what_leaves_is_asked_seen_allowed_and_shown(client: Client, node: Node) -> None:
    """Exactly what was shown is allowed; the last bytes are told raw and in words, with what is new in them."""
    with pytest.raises(Withheld):
        node.valve.let_out(PARCEL)
    release = await asked(client)
    path = f"/api/valve/releases/{release['id']}"
    preview = (await client.get(f"{path}/preview")).json()
    wrong = await client.post(f"{path}/allow", json={"digest": "00"})
    allowed = (await client.post(f"{path}/allow", json={"digest": release["digest"]})).json()
    node.valve.let_out(PARCEL)
    node.valve.let_out(replace(PARCEL, content=b"oee = 0.6\n"))
    shown = (await client.get(path)).json()
    flow = next(one for one in (await client.get("/api/valve")).json()["flows"] if one["flow"] == "mtconnect")

    assert (release["state"], release["missing"], release["approvals"]) == ("waiting", 1, [])
    assert {one["id"]: one["grade"] for one in release["means"]}["kpi/line/cell/oee"] == "general"
    assert [(one["what"], base64.b64decode(one["raw"]), one["leaves"]) for one in preview] == [
        ("current", PARCEL.content, True)
    ]
    assert (wrong.status_code, wrong.json()["key"]) == (400, "valve.not_what_was_shown")
    assert (allowed["state"], allowed["missing"], allowed["approvals"][0]["by"]) == (
        "open",
        0,
        "the owner, at the machine",
    )
    (last,) = shown["last"]
    assert (last["text"], last["words"], last["size"]) == ("oee = 0.6\n", ["oee = 0.6"], 10)
    assert last["difference"] == ["- oee = 0.5", "+ oee = 0.6"]
    assert [(one["parcels"], one["bytes"]) for one in shown["hours"]] == [(2, 20)]
    assert (shown["left"]["parcels_hour"], shown["left"]["bytes"], shown["left"]["budget_left"]) == (2, 20, None)
    assert (flow["open"], flow["releases"], flow["withheld"]["what"]) == (True, [release["id"]], "current")


async def test_json_is_shown_value_by_value_and_compared_with_what_left_before(client: Client, node: Node) -> None:
    """Before it leaves again by another release: which value is another, and which things of which kinds are told."""
    told = replace(PARCEL, content=b'{"rows": [{"oee": 0.5}], "gaps": []}', form="application/json")
    first = await asked(client)
    await client.post(f"/api/valve/releases/{first['id']}/allow", json={"digest": first["digest"]})
    node.valve.let_out(told)
    await client.post(f"/api/valve/releases/{first['id']}/close", json={})
    second = await asked(client)
    with pytest.raises(Withheld):
        node.valve.let_out(replace(told, content=b'{"rows": [{"oee": 0.6}], "gaps": []}'))
    (shown,) = (await client.get(f"/api/valve/releases/{second['id']}/preview")).json()

    assert shown["words"] == ["rows.0.oee = 0.6", "gaps = []"]
    assert shown["difference"] == ["- rows.0.oee = 0.5", "+ rows.0.oee = 0.6"]
    assert second["tells"] == [{"kind": "kpi", "name": "KPI", "things": second["things"]}]


async def test_who_looks_is_told_whether_they_may_allow(client: Client) -> None:
    """Who sits at the machine may not where two people have to; for one they may, until it is over."""
    important = await asked(client, grade="important")
    general = await asked(client)
    await client.post(f"/api/valve/releases/{general['id']}/close", json={})
    closed = (await client.get(f"/api/valve/releases/{general['id']}")).json()

    assert general["deciding"] == {"why": None, "cure": None}
    assert important["deciding"]["why"].startswith("More than one person has to allow")
    assert closed["deciding"]["why"] == f"Release {general['id']} is closed or over."


async def test_the_valve_is_closed_and_opened_again(client: Client, node: Node) -> None:
    """By whom, when and why is told; over a look by who may not see what leaves."""
    done = await client.post("/api/valve/shut", json={"reason": "a call from the police"})
    told = (await client.get("/api/valve")).json()
    state = (await client.get("/api/valve/state")).json()
    opened = await client.post("/api/valve/open")

    assert done.json() == {"closed": True}
    assert (told["closed"]["by"], told["closed"]["reason"]) == ("the owner, at the machine", "a call from the police")
    assert state["closed"] is True
    assert (told["flows"][0]["open"], told["flows"][0]["why"]) == (False, "The valve is closed: nothing leaves.")
    assert (opened.json(), node.valve.releases.closed) == ({"closed": False}, None)


async def test_a_release_is_closed_for_good(client: Client) -> None:
    """With a reason; it cannot be allowed any more."""
    release = await asked(client, sandbox=True, limits={"bytes_in_all": 1000})
    path = f"/api/valve/releases/{release['id']}"
    await client.post(f"{path}/close", json={"reason": "not needed"})
    again = await client.post(f"{path}/allow", json={"digest": release["digest"]})
    shown = (await client.get(path)).json()

    assert (again.status_code, again.json()["key"]) == (400, "valve.over")
    assert (shown["state"], shown["closing"]["reason"], shown["left"]["budget_left"]) == ("closed", "not needed", 1000)


@pytest.mark.parametrize(
    ("change", "status", "key"),
    [
        ({"grade": "core"}, 400, "valve.core"),
        ({"grade": "secret"}, 400, "grades.no_grade"),
        ({"flow": "pigeon"}, 400, "valve.no_flow"),
        ({"content": ["signal/press/nothing"]}, 400, "valve.means_nothing"),
        ({"content": ["accounts"]}, 400, "valve.bears"),
        ({"until_ms": 1}, 400, "valve.time"),
        ({"limits": {"bytes_in_all": 0}}, 400, "api.request"),
        ({"since_ms": -1}, 400, "api.request"),
        ({"sandbox": True}, 400, "valve.sandbox_limits"),
    ],
)
async def test_what_cannot_be_meant_is_refused(client: Client, change: dict[str, Any], status: int, key: str) -> None:
    """With a cure, and nothing is kept."""
    answer = await client.post("/api/valve/releases", json=ASKED | change)

    assert (answer.status_code, answer.json().get("key")) == (status, key)
    assert len((await client.get("/api/valve")).json()["releases"]) == 1
    assert (await client.get("/api/valve/releases/99")).status_code == 404


async def test_an_approver_who_left_is_named(client: Client, node: Node) -> None:
    """The release waits again, and says whose word counts no more."""
    release = await asked(client)
    for name in ("ada", "bo"):
        node.people.add(name, "person", [Grant(Role.ADMINISTRATOR)])
    bo = node.people.get("bo").id
    node.valve.releases.allow(release["id"], release["digest"], bo)
    node.people.disable("bo", disabled=True)

    told = node.valve.releases.get(release["id"])

    shown = release_in_full_json(node, told, "en")
    assert (shown["state"], shown["missing"], shown["gone"]) == ("waiting", 1, ["bo"])
    assert [(one["by"], one["counts"]) for one in shown["approvals"]] == [("bo", False)]


async def test_the_edge_node_shows_its_bytes_before_and_after_they_left(folder: Path, tmp_path: Path) -> None:
    """A birth is previewed in words, leaves once it is allowed, and closing the valve ends the session."""
    (tmp_path / "broker").mkdir()
    with Broker(tmp_path / "broker") as broker, Talker(broker, "spBv1.0/#") as tap:
        with (folder / "plant.toml").open("a", encoding="utf-8") as file:
            file.write(f'[sparkplug]\nurl = "{broker.url}"\ngroup = "G"\nlines = []\n')
        with Node.open(folder) as node:
            async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
                flow = {"flow": "sparkplug", "address": broker.url, "content": list(SAID)}
                release = await asked(client, **flow)
                path = f"/api/valve/releases/{release['id']}"
                async with asyncio.timeout(PATIENCE_S):
                    while True:
                        preview = (await client.get(f"{path}/preview")).json()
                        if len(preview) >= 2 and "DBIRTH press" in [one["what"] for one in preview]:
                            break
                        await asyncio.sleep(0.05)
                assert not tap.heard
                await client.post(f"{path}/allow", json={"digest": release["digest"]})
                await heard(tap, "DBIRTH/works/press")
                shown = (await client.get(path)).json()
                await client.post("/api/valve/shut", json={})
                await heard(tap, "NDEATH")

    births = {one["what"]: one for one in preview}
    assert births["DBIRTH press"]["leaves"]
    assert "state = no_data" in births["DBIRTH press"]["words"]
    assert "state = no_data" in next(one for one in shown["last"] if one["what"] == "DBIRTH press")["words"]


async def heard(tap: Talker, kind: str) -> None:
    """Waits for a message of a kind."""
    async with asyncio.timeout(PATIENCE_S):
        while not any(f"/{kind}/" in f"{one.topic}/" for one in tap.heard):  # noqa: ASYNC110 - heard in another thread
            await asyncio.sleep(0.02)
