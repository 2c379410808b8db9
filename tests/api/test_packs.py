"""Solution packs over HTTP, on the real hub: who sees what, who may do what, and whose a need is nobody reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import Door, undeclared
from lineside.api.hub import create_hub_app
from lineside.exchange import Envelope
from lineside.hub import Hub
from lineside.trust import AT_HUB, Grant, Role
from tests.api.doors import CANARY, LOOKING_AT_HUB, doors, headers, leaks, tokens, wrong_doors
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock, Factory
from tests.hub.packs.drafts import DRAFT, NOW, adopt, members, need, published

Callers = dict[Grant | None, str | None]
Client = AsyncTestClient[Litestar]
BASE_URL = "http://127.0.0.1:8000"
PROVIDER, ANALYST, AUDITOR = Grant(Role.PROVIDER), Grant(Role.ANALYST), Grant(Role.AUDITOR)
MEMBER = Grant(Role.MEMBER, "member/17")
BODY = msgspec.to_builtins(DRAFT)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """A hub of one's own."""
    with Hub(write_hub(tmp_path / "hub"), now_us=clock) as opened:
        yield opened


@pytest.fixture
def factories(hub: Hub, tmp_path: Path, clock: Clock) -> list[Factory]:
    """Twenty members whose names nobody may read who may not."""
    return members(hub, tmp_path, clock, 20)


@pytest.fixture
def app(hub: Hub) -> Litestar:
    """Its application, open to nobody."""
    return create_hub_app(hub, Door(open=False))


@pytest.fixture
async def caller(app: Litestar) -> AsyncIterator[Client]:
    """Asks it, as somebody or nobody."""
    async with AsyncTestClient(app, base_url=BASE_URL) as opened:
        yield opened


@pytest.fixture
def callers(hub: Hub) -> Callers:
    """Somebody with each role in each scope, and nobody."""
    return tokens(hub.people)


async def test_no_door_is_open_to_whom_it_should_not_be(
    hub: Hub, factories: list[Factory], app: Litestar, callers: Callers
) -> None:
    """Every route with every role; and who reaches one member is told of no other, whatever they ask."""
    pack = published(hub)
    factories[0].send(hub, factories[0].say(need(factories[0], shown="members")))
    adopt(hub, factories[3], pack.sha256, NOW - 2)

    assert undeclared(app) == []
    assert {one.path for one in doors(app)} >= {"/api/packs", "/api/needs", "/api/drafts/{draft:int}/publish"}
    assert await wrong_doors(app, callers, AT_HUB) == []
    assert await leaks(app, callers, LOOKING_AT_HUB) == []


async def test_a_provider_drafts_and_an_analyst_publishes(
    hub: Hub, factories: list[Factory], caller: Client, callers: Callers
) -> None:
    """Findings come all at once; the file is what the hub signed; it is told as not measured."""
    assert factories
    provider, analyst, member = (headers(callers[one]) for one in (PROVIDER, ANALYST, MEMBER))

    bad = await caller.post("/api/drafts", json={**BODY, "indicator": "x", "plant": "["}, headers=provider)
    made = await caller.post("/api/drafts", json=BODY, headers=provider)
    path = f"/api/drafts/{made.json()['number']}"
    own = await caller.post(f"{path}/publish", json={"reasons": "Mine."}, headers=provider)
    unseen = await caller.get("/api/packs", headers=member)
    revised = await caller.put(path, json={**BODY, "licence": "CC0"}, headers=provider)
    told = await caller.post(f"{path}/publish", json={"reasons": "It is sound."}, headers=analyst)
    shelf = await caller.get("/api/packs", headers=member)

    assert bad.status_code == 400
    assert {one["path"] for one in bad.json()["findings"]} >= {"indicator", "plant"}
    assert own.status_code == 403
    assert (unseen.json()["packs"], unseen.json()["drafts"]) == ([], [])
    assert revised.json()["draft"]["licence"] == "CC0"
    assert told.status_code == 201, told.text
    (card,) = shelf.json()["packs"]
    assert (card["effects"], card["licence"], card["fits"]) == ([], "CC0", [{"member": 17, "fits": True, "why": []}])
    file = await caller.get(f"/api/packs/{card['sha256']}/file", headers=member)
    envelope = Envelope.parse(file.content)
    assert (envelope.sha256, envelope.signed_by(hub.voice.key)) == (card["sha256"], True)
    assert file.headers["content-disposition"] == 'attachment; filename="fast-recovery-1.pack.json"'


async def test_another_provider_sees_no_draft_of_others(hub: Hub, caller: Client, callers: Callers) -> None:
    """Nor changes one."""
    mine = headers(callers[PROVIDER])
    number = hub.packs.drafts.begin(DRAFT, by="account/9999").number

    listed = (await caller.get("/api/packs", headers=mine)).json()
    answers = [
        await caller.get(f"/api/drafts/{number}", headers=mine),
        await caller.put(f"/api/drafts/{number}", json=BODY, headers=mine),
        await caller.post(f"/api/drafts/{number}/drop", headers=mine),
    ]

    assert listed["drafts"] == []
    assert {(one.status_code, one.json()["key"]) for one in answers} == {(403, "packs.not_yours")}


async def test_the_spread_is_exact_for_who_reads_the_figures_alone(
    hub: Hub, factories: list[Factory], caller: Client, callers: Callers
) -> None:
    """Others read "at least"; a member also what it said itself."""
    pack = published(hub)
    for factory in [*factories[:8], factories[16]]:
        adopt(hub, factory, pack.sha256, NOW - 3)
    path = f"/api/packs/{pack.sha256}"

    full = (await caller.get(path, headers=headers(callers[ANALYST]))).json()
    part = (await caller.get(path, headers=headers(callers[MEMBER]))).json()
    provider = (await caller.get(path, headers=headers(callers[PROVIDER]))).json()

    assert (full["spread"]["whole"]["adopted"][-1], full["spread"]["in_use"], full["adopted"]) == (9, 9, 9)
    assert full["spread"]["regions"]
    for told in (part, provider):
        assert (told["spread"]["whole"]["adopted"][-1], told["adopted"], told["spread"]["regions"]) == (7, 7, None)
        assert "in_use" not in told["spread"]
    assert part["spread"]["mine"] == [{"member": 17, "since": "2026-08", "until": None}]
    assert provider["spread"]["mine"] == []


async def test_a_need_is_read_without_a_name_and_answered(
    hub: Hub, factories: list[Factory], caller: Client, callers: Callers
) -> None:
    """By providers; by other members only where that is wanted; its own member reads the answers."""
    pack, mine = published(hub), factories[16]
    mine.send(hub, mine.say(need(mine, words="Stops of the press take long.", worth_cny=90_000.0)))
    other = factories[2]
    other.send(hub, other.say(need(other, "Less scrap", shown="members")))
    provider, analyst, member = (headers(callers[one]) for one in (PROVIDER, ANALYST, MEMBER))

    read = (await caller.get("/api/needs", headers=provider)).json()
    answer = {"words": "Buttons.", "pack": pack.sha256}
    answered = await caller.post("/api/needs/1/offers", json=answer, headers=provider)
    own = (await caller.get("/api/needs", headers=member)).json()
    full = (await caller.get("/api/needs", headers=analyst)).json()

    assert [one["title"] for one in read["open"]] == ["Less scrap", "Shorter stops"]
    assert not {"member", "member_name", "worth_cny"} & set(read["open"][0])
    assert read["open"][0]["size"] == "small"
    assert read["worth"] == []
    assert answered.status_code == 201
    assert ([one["title"] for one in own["mine"]], [one["title"] for one in own["open"]]) == (
        ["Shorter stops"],
        ["Less scrap"],
    )
    assert own["mine"][0]["offers"][0]["pack"]["sha256"] == pack.sha256
    assert full["open"][1]["member_name"].lower().startswith(CANARY)
    assert full["open"][1]["worth_cny"] == 90_000.0
    offer = own["mine"][0]["offers"][0]["id"]
    refused = await caller.post(f"/api/offers/{offer}/end", headers=analyst)
    ended = await caller.post(f"/api/offers/{offer}/end", headers=provider)
    assert (refused.status_code, ended.status_code) == (403, 200)


async def test_a_pack_is_withdrawn_with_reasons(hub: Hub, caller: Client, callers: Callers) -> None:
    """It stays on the shelf, told as withdrawn; only who publishes withdraws."""
    pack = published(hub)
    path = f"/api/packs/{pack.sha256}/withdraw"

    refused = await caller.post(path, json={"reasons": "No."}, headers=headers(callers[PROVIDER]))
    empty = await caller.post(path, json={"reasons": " "}, headers=headers(callers[ANALYST]))
    done = await caller.post(path, json={"reasons": "Not safe."}, headers=headers(callers[ANALYST]))

    assert (refused.status_code, empty.status_code, done.status_code) == (403, 400, 200)
    found: Any = (await caller.get("/api/packs", headers=headers(callers[AUDITOR]))).json()["packs"]
    assert [(one["withdrawn"], one["withdrawn_reasons"]) for one in found] == [(True, "Not safe.")]
