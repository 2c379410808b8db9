"""Pilots over HTTP, on the real hub: analysts see members and figures, others what protects single members."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import Door
from lineside.api.hub import create_hub_app
from lineside.trust import AT_HUB, Grant, Role
from tests.api.doors import LOOKING_AT_HUB, headers, leaks, tokens, wrong_doors
from tests.hub.pilots.staged import OTHERS, PRE, START, TREATED, Prepared, Stage, at, plan, prepared

BASE_URL = "http://127.0.0.1:8000"
Callers = dict[Grant | None, str | None]
Client = AsyncTestClient[Litestar]
ANALYST, AUDITOR = Grant(Role.ANALYST), Grant(Role.AUDITOR)
MINE, MEMBER = 17, Grant(Role.MEMBER, "member/17")
"""Compared with those that take part."""
OTHERS_WITH_A_ROLE = (MEMBER, Grant(Role.OVERSEER), Grant(Role.REGISTRAR), Grant(Role.REVIEWER), Grant(Role.PROVIDER))
ASKED: dict[str, Any] = {
    "name": "Stops end sooner",
    "indicator": "recovery_time",
    "relative": True,
    "expected": -0.25,
    "worth": -0.1,
    "start": "2026-04",
    "pre": PRE,
    "post": 4,
    "treated": list(range(1, TREATED + 1)),
}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A hub before the start of a pilot."""
    return prepared(tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The same once it was judged."""
    return prepared(tmp_path_factory.mktemp("after"), judged=True)


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """One of them, open: the first, unless the test is marked otherwise."""
    wanted: Prepared = request.getfixturevalue(getattr(request, "param", "before"))
    with wanted.opened(tmp_path / "hub") as opened:
        yield opened


@pytest.fixture
def app(stage: Stage) -> Litestar:
    """Its application, open to nobody."""
    return create_hub_app(stage.hub, Door(open=False))


@pytest.fixture
async def caller(app: Litestar) -> AsyncIterator[Client]:
    """Asks it, as somebody or nobody."""
    async with AsyncTestClient(app, base_url=BASE_URL) as opened:
        yield opened


@pytest.fixture
def callers(stage: Stage) -> Callers:
    """Somebody with each role in each scope, and nobody."""
    return tokens(stage.hub.people)


once_judged = pytest.mark.parametrize("stage", ["after"], indirect=True)


@once_judged
async def test_no_door_is_open_to_whom_it_should_not_be(app: Litestar, stage: Stage, callers: Callers) -> None:
    """Every route with every role, while there is a pilot; no answer to a member names another."""
    assert [one.judged is not None for one in stage.hub.pilots.listed()] == [True]
    assert await wrong_doors(app, callers, AT_HUB) == []
    assert await leaks(app, callers, LOOKING_AT_HUB) == []


async def test_a_plan_is_tried_fixed_and_called_off(caller: Client, callers: Callers) -> None:
    """By an analyst: whom to compare with and what it could see come first, then it stands for good."""
    anna = headers(callers[ANALYST])

    tried = (await caller.post("/api/pilots/trial", json=ASKED, headers=anna)).json()
    asked = ASKED | {"comparison": tried["comparison"], "matched": True}
    again = (await caller.post("/api/pilots/trial", json=asked, headers=anna)).json()
    fixed = await caller.post("/api/pilots", json=asked, headers=anna)
    listed = (await caller.get("/api/pilots", headers=anna)).json()
    path = f"/api/pilots/{fixed.json()['number']}"
    off = await caller.post(f"{path}/cancellation", json={"reasons": "No money"}, headers=anna)
    twice = await caller.post(f"{path}/cancellation", json={"reasons": "No money"}, headers=anna)

    assert tried["matched"]["months"] == ["2025-05", "2025-09"]
    assert sorted(one["member"] for one in tried["matched"]["matches"]) == tried["comparison"]
    assert len(tried["matched"]["words"]) == len(tried["comparison"]) + len(tried["matched"]["alone"]) + 1
    assert again["reach"] == tried["reach"]
    assert (again["matched"], tried["problem"], tried["reach"]["hopeless"]) == (None, None, False)
    assert fixed.status_code == 201, fixed.text
    told = fixed.json()
    assert (told["state"], told["chosen"], told["may_cancel"], told["outcome"]) == ("planned", "matched", True, None)
    assert sha256(told["document"].encode()).hexdigest() == told["sha256"]
    assert told["hypothesis"].startswith("From Apr 2026 on, for 4 months, Recovery")
    assert (listed["may_plan"], [one["number"] for one in listed["pilots"]]) == (True, [told["number"]])
    assert (off.status_code, off.json()["state"], off.json()["cancelled"]["why"]) == (200, "cancelled", "No money")
    assert (twice.status_code, twice.json()["key"]) == (400, "pilots.not_planned")


@pytest.mark.parametrize(
    ("change", "status", "key"),
    [
        ({"indicator": "luck"}, 400, "exchange.no_indicator"),
        ({"expected": 0.25}, 400, "pilots.no_hypothesis"),
        ({"treated": [1, 2, 3, 99]}, 400, "pilots.not_admitted"),
        ({"comparison": [20, 21]}, 400, "pilots.too_few_planned"),
        ({"comparison": [20, 21, 22, 1]}, 400, "pilots.member_twice"),
        ({"start": "2026-03", "comparison": [20, 21, 22, 23]}, 400, "pilots.begun"),
        ({"start": "2026-13"}, 400, "api.request"),
        ({"surprise": 1}, 400, "api.request"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_with_a_cure(
    caller: Client, callers: Callers, change: dict[str, Any], status: int, key: str
) -> None:
    """Each with what to write instead."""
    asked = ASKED | {"comparison": list(range(TREATED + 1, TREATED + OTHERS + 1))} | change

    answer = await caller.post("/api/pilots", json=asked, headers=headers(callers[ANALYST]))

    assert answer.status_code == status, answer.text
    assert answer.json()["key"] == key
    assert answer.json()["detail"]


async def test_a_group_too_small_to_judge_is_shown_with_what_is_wrong(caller: Client, callers: Callers) -> None:
    """A trial gives the group that it found, and says why there is no more."""
    asked = ASKED | {"treated": [1, 2, 3]}

    tried = (await caller.post("/api/pilots/trial", json=asked, headers=headers(callers[ANALYST]))).json()

    assert tried["reach"] is None
    assert tried["problem"]["detail"] == "A group has fewer than 4 members."


@once_judged
async def test_analysts_and_auditors_read_everything(caller: Client, stage: Stage, callers: Callers) -> None:
    """Members by name, each check, what is found without each of them, and where it stands in the ledger."""
    (pilot,) = stage.hub.pilots.listed()
    number = pilot.number
    assert pilot.judged is not None
    found = pilot.judged.outcome

    for grant in (ANALYST, AUDITOR):
        told = (await caller.get(f"/api/pilots/{number}", headers=headers(callers[grant]))).json()
        outcome = told["outcome"]
        assert [one["number"] for one in told["members"] if one["group"] == "treated"] == list(pilot.plan.treated)
        assert told["members"][0]["name"] == "Works 1"
        assert [one["number"] for one in told["members"] if one["generated"]] == [
            TREATED + OTHERS - 1,
            TREATED + OTHERS,
        ]
        assert (outcome["verdict"], outcome["entry"]) == ("worked", pilot.judged.entry)
        assert outcome["effect"] == {"mean": found.effect.mean, "low": found.effect.low, "high": found.effect.high}
        assert [one["together"]["low"] for one in outcome["picture"]] == [one.together.low for one in found.picture]
        assert [one["member"] for one in outcome["checks"]["without"]] == list(pilot.plan.treated)
        assert outcome["headline"].startswith("It worked.")
        assert told["own"] == []


@once_judged
@pytest.mark.parametrize("grant", OTHERS_WITH_A_ROLE, ids=lambda one: one.role.value)
async def test_others_read_what_protects_single_members(
    caller: Client, stage: Stage, callers: Callers, grant: Grant
) -> None:
    """The verdict and rounded figures; at least how many; no member but one's own, with the group that it is in."""
    number = stage.hub.pilots.listed()[0].number
    who = headers(callers[grant])

    told = (await caller.get(f"/api/pilots/{number}", headers=who)).json()
    listed = (await caller.get("/api/pilots", headers=who)).json()
    planned = await caller.post("/api/pilots", json=ASKED, headers=who)

    shown = told["outcome"]
    assert (told["members"], told["document"], told["reach"], shown["checks"], shown["findings"]) == (*[None] * 4, [])
    assert (told["treated"], told["comparison"], told["exact"]) == (14, 21, False)
    assert (shown["verdict"], shown["counted"]) == ("worked", {"treated": 14, "comparison": 21})
    ends = [*shown["effect"].values(), *(end for one in shown["picture"] for end in one["together"].values())]
    assert all(abs(end * 100 - round(end * 100)) < 1e-9 for end in ends)
    assert {one["effect"] for one in shown["picture"]} == {None}
    assert not re.search(r"Works \d", str(told))
    mine = [{"member": MINE, "group": "comparison"}] if grant is MEMBER else []
    assert (told["own"], listed["pilots"][0]["own"]) == (mine, mine)
    assert (listed["may_plan"], planned.status_code, told["may_cancel"]) == (False, 403, False)


async def test_a_small_pilot_is_not_told(caller: Client, stage: Stage) -> None:
    """With fewer than a group in it others learn that it was judged, and not how; nor how many took part."""
    number = stage.hub.pilots.fix(plan(treated=tuple(range(1, 7)))).number
    stage.tell_all()
    stage.hub.pilots.judge()
    callers = tokens(stage.hub.people)

    told = (await caller.get(f"/api/pilots/{number}", headers=headers(callers[MEMBER]))).json()

    assert (told["state"], told["verdict"], told["treated"]) == ("judged", None, None)
    assert "too small" in told["outcome"]["withheld"]
    assert "effect" not in told["outcome"]


async def test_a_pilot_that_waits_says_for_what(caller: Client, stage: Stage) -> None:
    """To analysts which group told too little; to others that it waits."""
    number = stage.hub.pilots.fix(plan()).number
    stage.tell_all(silent=range(3, TREATED + 1))
    stage.hub.pilots.judge()
    path, callers = f"/api/pilots/{number}", tokens(stage.hub.people)

    exact = (await caller.get(path, headers=headers(callers[ANALYST]))).json()
    others = (await caller.get(path, headers=headers(callers[MEMBER]))).json()
    none = await caller.get("/api/pilots/99", headers=headers(callers[MEMBER]))

    assert (exact["state"], exact["waits"]["detail"][:25]) == ("over", "Only 2 members that took ")
    assert others["waits"]["detail"].startswith("Its last month is over.")
    assert (none.status_code, none.json()["key"]) == (404, "pilots.none")


@once_judged
async def test_pilots_are_told_in_chinese(caller: Client, stage: Stage, callers: Callers) -> None:
    """State, hypothesis and verdict."""
    number = stage.hub.pilots.listed()[0].number
    who = {**headers(callers[ANALYST]), "Accept-Language": "zh-CN"}

    told = (await caller.get(f"/api/pilots/{number}", headers=who)).json()

    assert (told["state_words"], told["verdict_words"]) == ("已评判", "有效")
    assert told["hypothesis"].startswith("自 2026年4月起的 4 个月内")
    assert told["outcome"]["headline"].startswith("有效。试点使")
    assert stage.clock.us > at(START)
