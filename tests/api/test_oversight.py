"""Questions over HTTP, on the real hub: who may ask, who sees which reply, and what everybody is told."""

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
from tests.hub.oversight.asking import DAY_MS, asked_people, draft, factories, reply

BASE_URL = "http://127.0.0.1:8000"
Callers = dict[Grant | None, str | None]
Client = AsyncTestClient[Litestar]
MINE, OTHER = 17, 18
MEMBER, OVERSEER = Grant(Role.MEMBER, f"member/{MINE}"), Grant(Role.OVERSEER)
ANALYST, AUDITOR, ADMINISTRATOR = Grant(Role.ANALYST), Grant(Role.AUDITOR), Grant(Role.ADMINISTRATOR)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """A hub."""
    with Hub(write_hub(tmp_path / "hub"), now_us=clock) as opened:
        yield opened


@pytest.fixture
def members(hub: Hub, tmp_path: Path, clock: Clock) -> list[Factory]:
    """Twenty members; all but the 17th have a name that nobody of it may read. Two questions are open."""
    found = []
    for number in range(1, 21):
        found += factories(hub, tmp_path, clock, 1)
        name = "Press works" if number == MINE else f"{CANARY} works"
        profile = msgspec.structs.replace(hub.register.get(number).profile, name=name)
        found[-1].send(hub, found[-1].profile_change(profile))
    for told in (draft(clock, duty=True), asked_people(clock)):
        asked = hub.oversight.questions.publish(told)
        for one in found[:OTHER]:
            one.send(hub, reply(one, asked, yes=one.number != OTHER, why=f"{CANARY}" if one.number != MINE else "ours"))
    return found


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


@pytest.mark.usefixtures("members")
async def test_no_door_is_open_to_whom_it_should_not_be(app: Litestar, callers: Callers) -> None:
    """Every route of the whole hub, with every role and scope; and a member is told of no other."""
    assert undeclared(app) == []
    assert len([one for one in doors(app) if "question" in one.path]) == 9
    assert await wrong_doors(app, callers, AT_HUB) == []
    assert await leaks(app, callers, LOOKING_AT_HUB) == []


@pytest.mark.usefixtures("members")
async def test_a_member_reads_its_own_reply_and_no_other(caller: Client, callers: Callers) -> None:
    """Not by number, not in a list, not by a filter; whether there is one or not sounds the same."""
    who = headers(callers[MEMBER])

    listed = (await caller.get("/api/questions/1/replies", headers=who)).json()
    own = (await caller.get(f"/api/members/{MINE}/questions", headers=who)).json()
    one = (await caller.get(f"/api/questions/1/replies/{MINE}", headers=who)).json()

    assert [row["member"] for row in listed["replies"]] == [MINE]
    assert listed["counts"] is None
    assert listed["more"] is False
    assert [row["question"]["number"] for row in own["questions"]] == [2, 1]
    assert (one["reply"]["yes"], one["reply"]["why"], one["document"]) == (True, "ours", None)
    answers = [
        await caller.get(path, headers=who)
        for path in (
            f"/api/questions/1/replies/{OTHER}",
            "/api/questions/1/replies/20",
            "/api/questions/1/replies/999",
            f"/api/members/{OTHER}/questions",
        )
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text.replace(answer.json().get("instance", "-"), "") for answer in answers}) == 1
    filtered = await caller.get("/api/questions/1/replies?state=answered&after=17", headers=who)
    assert filtered.json()["replies"] == []


@pytest.mark.usefixtures("members")
async def test_an_overseer_sees_each_reply_and_the_analyst_none(caller: Client, callers: Callers) -> None:
    """With exact counts, where it came from and what speaks against it."""
    found = (await caller.get("/api/questions/1/replies", headers=headers(callers[OVERSEER]))).json()
    late = await caller.get("/api/questions/1/replies?state=open", headers=headers(callers[OVERSEER]))
    nobody = await caller.get("/api/questions/1/replies", headers=headers(callers[ANALYST]))

    counts = found["counts"]
    assert (counts["asked"], counts["states"]["answered"], counts["states"]["open"]) == (20, 18, 2)
    assert counts["parts"] == [17, 1]
    assert [row["member"] for row in late.json()["replies"]] == [19, 20]
    assert [row["member"] for row in found["replies"]] == list(range(1, 21))
    assert "say no" in found["replies"][0]["remark"]  # it measured 0.7 and said yes
    assert counts["otherwise"] == 17  # all but the one that said no
    assert nobody.status_code == 403


@pytest.mark.usefixtures("members")
async def test_obligations_are_counted_for_who_may_count_them(caller: Client, callers: Callers) -> None:
    """All of them for overseers; its own for a member."""
    every = (await caller.get("/api/obligations", headers=headers(callers[OVERSEER]))).json()["obligations"]
    own = (await caller.get("/api/obligations", headers=headers(callers[MEMBER]))).json()["obligations"]

    assert [one["question"]["number"] for one in every] == [1]
    assert {name: count for name, count in every[0]["states"].items() if count} == {"answered": 18, "open": 2}
    assert {name: count for name, count in own[0]["states"].items() if count} == {"answered": 1}


@pytest.mark.usefixtures("members")
async def test_everybody_reads_the_question_and_what_protects_its_answers(
    hub: Hub, caller: Client, callers: Callers, clock: Clock
) -> None:
    """Signed; counts when it is over, in steps; in both languages."""
    who = headers(callers[MEMBER])
    before = (await caller.get("/api/questions/1", headers=who)).json()
    clock.forward(days=11)
    hub.people.add("later", "service", [MEMBER])
    who = headers(hub.people.token("later", "all", MEMBER, 1))
    after = (await caller.get("/api/questions", headers=who | {"Accept-Language": "zh"})).json()["questions"]

    envelope = Envelope.parse(msgspec.json.encode(before["envelope"]))
    assert envelope.signed_by(hub.voice.key)
    assert envelope.sha256 == before["sha256"]
    assert (before["state"], before["told"], before["members"]) == ("open", None, 14)
    assert [one["state"] for one in after] == ["over", "over"]
    assert after[1]["title"] == "可用率"
    assert after[1]["told"] == {"asked": 14, "answered": 7, "declined": 0, "parts": [7, 0]}
    assert (await caller.get("/api/questions")).status_code == 401


@pytest.mark.usefixtures("members")
async def test_only_overseers_ask_and_let_off(hub: Hub, caller: Client, callers: Callers, clock: Clock) -> None:
    """They check, publish, correct with reasons and give more time; each stands with who did it."""
    who = headers(callers[OVERSEER])
    told = draft(clock, rule="availability >= 0.7")
    for grant in (MEMBER, ANALYST, AUDITOR, ADMINISTRATOR):
        assert (await caller.post("/api/questions", json=told, headers=headers(callers[grant]))).status_code == 403

    seen = await caller.post("/api/questions/check", json=told, headers=who)
    near = await caller.post("/api/questions/check", json=told | {"rule": "availability < 0.81"}, headers=who)
    made = await caller.post("/api/questions", json=told, headers=who)
    again = await caller.post("/api/questions", json=told | {"follows": 3, "why": "Too low."}, headers=who)
    gone = await caller.post("/api/questions/4/withdrawal", json={"reasons": "Not needed."}, headers=who)
    off = {"member": 19, "reasons": "It moves.", "due_ms": None}
    excused = await caller.post("/api/questions/1/waivers", json=off, headers=who)
    longer = {"member": 20, "reasons": "Its meter failed.", "due_ms": clock.ms + 30 * DAY_MS}
    extended = await caller.post("/api/questions/1/waivers", json=longer, headers=who)

    assert seen.json() == {"number": 3, "members": 20}
    assert (near.status_code, "nearer together" in near.json()["detail"]) == (400, True), near.text
    assert (made.status_code, again.json()["follows"], gone.json()["state"]) == (200, 3, "withdrawn")
    assert hub.oversight.questions.get(3).withdrawn is not None
    assert (excused.json()["state"], excused.json()["waiver"]["why"]) == ("excused", "It moves.")
    assert (extended.json()["state"], extended.json()["due_ms"]) == ("open", longer["due_ms"])
    assert hub.oversight.questions.get(3).by.startswith("account/")


async def test_a_member_objects_to_an_obligation(members: list[Factory], caller: Client, callers: Callers) -> None:
    """Like to whatever else the hub says of it."""
    told = {"against": "obligation", "subject": {"question": 1}, "words": "We have no such machines."}
    answer = await caller.post(f"/api/members/{MINE}/objections", json=told, headers=headers(callers[MEMBER]))

    assert (answer.status_code, answer.json()["subject"]) == (200, {"question": 1}), answer.text
    assert len(members) == 20


async def test_nothing_odd_that_comes_is_a_fault_of_ours(caller: Client, callers: Callers, clock: Clock) -> None:
    """Whatever is posted as a question is refused in words."""
    who = headers(callers[OVERSEER])
    odd: list[Any] = [
        {},
        {"title": 3},
        draft(clock, edges=[1e400]),
        draft(clock, due_ms=2**60),
        draft(clock, kind="essay"),
        draft(clock, month="2026-13"),
        draft(clock, to={"members": [0]}),
        draft(clock, rule="(" * 400),
        draft(clock, rule="__import__('os').system('true') > availability"),
        draft(clock, schema="lineside.question/2"),
        draft(clock, follows=77, why="?"),
    ]
    for one in odd:
        answer = await caller.post("/api/questions", content=msgspec.json.encode(one), headers=who)
        assert answer.status_code in (400, 404, 422), (one, answer.text)
        assert answer.json()["detail"]
