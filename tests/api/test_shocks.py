"""Shocks over HTTP, on the real hub: who may try them, what everybody is told, and what a member sees of itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from msgspec.structs import replace

from lineside.api import Door
from lineside.api.hub import create_hub_app
from lineside.hub import Hub
from lineside.trust import AT_HUB, Grant, Role
from tests.api.doors import CANARY, LOOKING_AT_HUB, headers, leaks, tokens, wrong_doors
from tests.hub.conftest import write_hub
from tests.hub.factories import PROFILE, Clock, Factory
from tests.hub.shocks.exposures import tried
from tests.hub.shocks.test_shocks import dependent

BASE_URL = "http://127.0.0.1:8000"
Callers = dict[Grant | None, str | None]
Client = AsyncTestClient[Litestar]
MINE = 17
MEMBER, ANALYST, OVERSEER = Grant(Role.MEMBER, f"member/{MINE}"), Grant(Role.ANALYST), Grant(Role.OVERSEER)
REGISTRAR, PROVIDER = Grant(Role.REGISTRAR), Grant(Role.PROVIDER)
POWER = "/api/shocks/effect?kind=power&size=0.3&days=10"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """Twenty members that told what they depend on, of which one has a twin; one more told nothing."""
    clock = Clock()
    with Hub(write_hub(tmp_path / "hub"), now_us=clock) as opened:
        for number in range(1, 22):
            name = "Press works" if number == MINE else f"{CANARY} works {number}"
            one = Factory.make(tmp_path, clock, f"m{number}").joined(opened, name, replace(PROFILE, name=name))
            more = {"recoveries": (tried(0.3, (0.1, 0.2), cost_cny=(1e4, 2e4)),)} if number == 3 else {}
            if number < 21:
                one.send(opened, one.say(dependent(one, 0.2 + 0.01 * number, **more)))
        yield opened


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


async def got(caller: Client, path: str, token: str | None, **more: str) -> Any:
    """What somebody is answered."""
    answer = await caller.get(path, headers={**headers(token), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_doors_of_shocks_are_what_they_declare(app: Litestar, callers: Callers) -> None:
    """Every role in every scope; and a member is told of no other."""
    assert await wrong_doors(app, callers, AT_HUB) == []
    assert await leaks(app, callers, LOOKING_AT_HUB) == []


async def test_an_analyst_sees_who_is_hit_and_how(caller: Client, callers: Callers) -> None:
    """The same as the hub worked out, with names, in days of output."""
    found = await got(caller, POWER, callers[ANALYST])

    assert (found["members"], found["told"], found["recoveries"]["twins"]) == (21, 20, 1)
    assert found["recoveries"]["cost_cny"] == {"low": 1e4, "high": 2e4}
    assert len(found["hits"]) == 20
    assert {one["basis"] for one in found["hits"]} == {"model", "twin"}
    assert found["hits"][0]["name"].startswith((CANARY, "Press"))
    assert sum(day["high"] for day in found["curve"]) == pytest.approx(found["lost"]["high"], abs=1e-4)
    assert found["of_all"]["high"] > found["lost"]["high"] * found["told"] / found["members"]
    assert found["inputs"] == [{"what": "Cold-rolled steel", "members": 20}]


@pytest.mark.parametrize("grant", [MEMBER, REGISTRAR, PROVIDER, Grant(Role.AUDITOR, "member/17")])
async def test_nobody_else_chooses_a_shock(caller: Client, callers: Callers, grant: Grant) -> None:
    """With days of one's own choice, a sum would tell of single factories."""
    answer = await caller.get(POWER, headers=headers(callers[grant]))

    assert answer.status_code == 403
    assert CANARY not in answer.text


async def test_everybody_is_told_the_published_shocks_once_they_are_told(caller: Client, callers: Callers) -> None:
    """By an overseer, of groups; before that nothing."""
    before = await got(caller, "/api/shocks", callers[MEMBER])
    told = await caller.post("/api/shocks/told", headers=headers(callers[OVERSEER]))
    refused = await caller.post("/api/shocks/told", headers=headers(callers[ANALYST]))

    after = await got(caller, "/api/shocks", callers[PROVIDER])

    assert [one["whole"] for one in before["published"]] == [None] * 3
    assert (told.status_code, refused.status_code) == (200, 403)
    assert after == told.json()
    assert [[group["members"] for group in one["groups"]] for one in after["published"]] == [[14]] * 3
    power = after["published"][1]["whole"]
    assert power["low"] <= (0.2 - 0.1) / 0.9 <= power["high"] <= power["low"] + 0.01 + 1e-9


async def test_a_member_sees_its_own_losses(caller: Client, callers: Callers) -> None:
    """And those of no other."""
    own = await got(caller, f"/api/members/{MINE}/shocks", callers[MEMBER])
    other = await caller.get("/api/members/18/shocks", headers=headers(callers[MEMBER]))

    assert [one["basis"] for one in own["published"]] == ["model"] * 3
    assert own["published"][0]["what"] == "Cold-rolled steel"
    assert other.status_code == 403


@pytest.mark.parametrize("query", ["kind=flood", "kind=power&size=1.5", "kind=power&days=0", "kind=price&size=nan", ""])
async def test_what_is_no_shock_is_a_problem_in_words(caller: Client, callers: Callers, query: str) -> None:
    """No server error, whatever is asked."""
    answer = await caller.get(f"/api/shocks/effect?{query}", headers=headers(callers[ANALYST]))

    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]


async def test_words_are_in_the_language_of_the_reader(caller: Client, callers: Callers) -> None:
    """Also those of a problem."""
    found = await got(caller, POWER, callers[ANALYST], **{"Accept-Language": "zh"})

    assert found["shock"]["words"] == "限电 30%，持续 10 天"
