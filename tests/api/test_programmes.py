"""Support programmes over HTTP, on the real hub: who sees what, who may do what, and nobody both sides at once."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from msgspec.structs import replace

from lineside.api import Door, undeclared
from lineside.api.hub import create_hub_app
from lineside.exchange import Envelope
from lineside.hub import Hub
from lineside.trust import AT_HUB, Grant, Role
from tests.api.doors import CANARY, LOOKING_AT_HUB, doors, headers, leaks, tokens, wrong_doors
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock, Factory
from tests.hub.support.shelves import ID, SOURCELESS, connected, profile, put

BASE_URL = "http://127.0.0.1:8000"
Callers = dict[Grant | None, str | None]
Client = AsyncTestClient[Litestar]
MINE, OTHER = 17, 18
MEMBER, REVIEWER, ANALYST = Grant(Role.MEMBER, f"member/{MINE}"), Grant(Role.REVIEWER), Grant(Role.ANALYST)
OVERSEER = Grant(Role.OVERSEER)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """A hub with a programme of its own, and a file of rules that cannot be used."""
    folder = write_hub(tmp_path / "hub")
    put(folder)
    put(folder, SOURCELESS, "rumour.toml")
    with Hub(folder, now_us=clock) as opened:
        yield opened


@pytest.fixture
def factories(hub: Hub, tmp_path: Path, clock: Clock) -> list[Factory]:
    """Twenty members; all but the 17th have a name that nobody of it may read."""
    found = []
    for number in range(1, 21):
        name = "Press works" if number == MINE else f"{CANARY} works {number}"
        told = replace(profile(20 * number, generated=number > 18), name=name)
        factory = Factory.make(tmp_path, clock, f"works-{number}").joined(hub, name, told)
        factory.send(hub, factory.say(factory.submission(values=connected(0.2 + 0.04 * number))))
        found.append(factory)
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


def named(hub: Hub, name: str, *grants: Grant, limit: Grant | None = None) -> dict[str, str]:
    """What somebody new sends."""
    if hub.people.nobody:
        hub.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
    hub.people.add(name, "service", grants)
    return headers(hub.people.token(name, "all", limit or grants[0], 1))


async def draft(client: Client, who: dict[str, str], member: int = MINE, **more: Any) -> Any:
    """An application of a member, begun."""
    asked = {"programme": ID, "purpose": "Sensors on all presses", "stated": {"spend": 100_000}, **more}
    return await client.post(f"/api/members/{member}/applications", json=asked, headers=who)


async def applied(client: Client, factory: Factory, who: dict[str, str]) -> int:
    """The number of one that the member's node signed, as people of it do it by hand."""
    full = (await draft(client, who, factory.number)).json()
    statement = next(one for one in full["statements"] if "connected_share" in one["indicators"])
    proofs: list[dict[str, Any]] = [
        {"evidence": "connected", "sha256": statement["sha256"], "statement": statement["number"]}
    ]
    papers = ("staff", "invoice", "declaration")
    proofs += [{"evidence": one, "sha256": sha256(one.encode()).hexdigest(), "name": f"{one}.pdf"} for one in papers]
    path = f"/api/applications/{full['number']}"
    content = (await client.post(f"{path}/content", json={"proofs": proofs}, headers=who)).json()
    signed = Envelope.sign(content["payloadType"], base64.b64decode(content["payload"]), factory.key)
    step = {"step": "applied", "envelope": msgspec.json.decode(signed.json())}
    told = await client.post(f"{path}/steps", json=step, headers=who)
    assert (told.status_code, told.json()["state"]) == (200, "applied"), told.text
    return int(full["number"])


def grant(amount: float = 30_000) -> dict[str, Any]:
    """A decision that grants."""
    payment = {"id": "all", "amount": amount, "due": "2026-12-31"}
    confirmed = {"no_other_money": True}
    told = {"granted": True, "reasons": "All of it is shown.", "confirmed": confirmed, "payments": [payment]}
    return {"step": "decided", "amount": amount, **told}


# -- who comes in --------------------------------------------------------------------------------------


async def test_no_door_is_open_to_whom_it_should_not_be(
    app: Litestar, callers: Callers, factories: list[Factory]
) -> None:
    """Every route, with every role and scope: what it declares is what happens."""
    assert len(factories) == 20
    assert undeclared(app) == []
    assert len([one for one in doors(app) if one.path.startswith(("/api/programmes", "/api/lab", "/api/app"))]) >= 8
    assert await wrong_doors(app, callers, AT_HUB) == []


async def test_a_member_goes_on_with_no_application_but_its_own(
    caller: Client, hub: Hub, callers: Callers, factories: list[Factory]
) -> None:
    """What another applies for is to it as if it were not there."""
    other = named(hub, "clerk-18", Grant(Role.MEMBER, f"member/{OTHER}"))
    number = await applied(caller, factories[OTHER - 1], other)
    mine = headers(callers[MEMBER])

    one = await caller.get(f"/api/applications/{number}", headers=mine)
    none = await caller.get("/api/applications/999", headers=mine)
    listed = await caller.get("/api/applications", headers=mine)
    step = await caller.post(
        f"/api/applications/{number}/steps", json={"step": "withdrawn", "reasons": "x"}, headers=mine
    )
    content = await caller.post(f"/api/applications/{number}/content", json={"proofs": []}, headers=mine)
    theirs = await draft(caller, mine, OTHER)

    assert [(a.status_code, a.json()["key"]) for a in (one, none, step, content)] == [(404, "applications.none")] * 4
    assert (theirs.status_code, theirs.json()["key"]) == (403, "trust.out_of_reach")
    assert listed.json() == {"applications": [], "more": False, "budgets": None}


async def test_no_answer_to_a_member_names_another(
    app: Litestar, hub: Hub, callers: Callers, factories: list[Factory]
) -> None:
    """Of any route, while both have applied."""
    for number in (MINE, OTHER):
        hub.support.draft(number, ID, hub.support.today(), {"spend": 1.0}, f"{factories[number - 1].number}", 1)

    assert await leaks(app, callers, LOOKING_AT_HUB) == []


# -- rules and what fits -------------------------------------------------------------------------------


async def test_the_list_tells_each_rule_with_its_source(
    caller: Client, callers: Callers, factories: list[Factory]
) -> None:
    """To every member; what cannot be used is told to who can act, without the place of the folder."""
    assert factories
    told = {}
    for role in (MEMBER, ANALYST, REVIEWER, OVERSEER, Grant(Role.ADMINISTRATOR), Grant(Role.AUDITOR)):
        told[role] = (await caller.get("/api/programmes", headers=headers(callers[role]))).json()
    chinese = await caller.get("/api/programmes", headers={**headers(callers[MEMBER]), "Accept-Language": "zh-CN"})

    own = next(one for one in told[MEMBER]["programmes"] if one["id"] == ID)
    assert (own["document"], own["confidence"], own["to"]) == ("Rules of the park 2026-1", "found", "2026-12-31")
    assert own["steps"][0]["formula"] == "min(rate * spend, most)"
    assert own["budget"] == 3_000_000
    assert len(told[MEMBER]["programmes"]) > 8
    assert next(one for one in chinese.json()["programmes"] if one["id"] == ID)["name"] == "车间联网补助"
    assert [role for role, one in told.items() if one["findings"] is None] == [MEMBER, Grant(Role.AUDITOR)]
    finding = told[ANALYST]["findings"][0]
    assert (finding["file"], finding["programme"]) == ("rumour.toml", "park-rumour")
    assert finding["sentence"]
    assert finding["cure"]


async def test_a_member_sees_what_fits_what_is_missing_and_what_it_would_receive(
    caller: Client, callers: Callers, factories: list[Factory]
) -> None:
    """Those it can have first; what is supposed narrows it, and the sum goes with it."""
    assert factories
    mine, path = headers(callers[MEMBER]), f"/api/members/{MINE}/fits"

    def own(answer: Any) -> Any:
        return next(one["outcome"] for one in answer.json()["fits"] if one["programme"]["id"] == ID)

    before = await caller.get(path, headers=mine)
    lean = {ID: {"employees": 200}}
    supposed = {ID: {"employees": 200, "spend": 100_000, "no_other_money": True}}
    open_ = await caller.post(path, json={"stated": lean}, headers=mine)
    after = await caller.post(path, json={"stated": supposed}, headers=mine)
    wrong = await caller.post(path, json={"stated": {ID: {"spent": 3}}}, headers=mine)
    later = await caller.get(f"{path}?on=2027-06-01", headers=mine)
    nonsense = await caller.get(f"{path}?on=tomorrow", headers=mine)

    assert own(before)["standing"] == "not"
    assert own(open_)["standing"] == "unknown"
    assert own(open_)["amount"] == {"low": 0.0, "high": 200_000.0}
    assert [one["name"] for one in own(open_)["missing"]] == ["spend"]
    assert {one["id"] for one in own(open_)["evidence"]} == {"declaration", "invoice"}
    share = next(one for one in own(open_)["known"] if one["name"] == "connected_share")
    assert (share["source"], share["month"], share["origin"]) == ("indicator", "2026-09", "measured")
    assert own(after)["standing"] == "eligible"
    assert after.json()["fits"][0]["programme"]["id"] == ID
    once = next(one for one in after.json()["sums"] if one["timing"] == "once" and one["unit"] == "CNY")
    assert ID in once["chosen"]
    assert once["amount"]["low"] == 30_000
    assert (wrong.status_code, wrong.json()["key"]) == (400, "support.not_asked")
    assert ID not in {one["programme"]["id"] for one in later.json()["fits"]}
    assert (nonsense.status_code, nonsense.json()["key"]) == (400, "support.no_day")


# -- applications --------------------------------------------------------------------------------------


async def test_an_application_goes_by_both_sides(caller: Client, hub: Hub, factories: list[Factory]) -> None:
    """Drafted and signed, asked about, answered, granted, paid by somebody else; each sees what they may do next."""
    clerk, one, two = named(hub, "clerk", MEMBER), named(hub, "one", REVIEWER), named(hub, "two", REVIEWER)
    number = await applied(caller, factories[MINE - 1], clerk)
    path = f"/api/applications/{number}"

    async def review(who: dict[str, str], **step: Any) -> Any:
        return await caller.post(f"{path}/review", json=step, headers=who)

    queue = (await caller.get("/api/applications?state=applied", headers=one)).json()
    small = await review(one, **grant())
    replied = await review(one, step="asked", question="Who counted the staff?")
    answered = await caller.post(f"{path}/steps", json={"step": "answered", "answer": "We did."}, headers=clerk)
    refused = await review(one, step="decided", granted=False, reasons="340 people are more than 300.")
    member_sees = (await caller.get(path, headers=clerk)).json()
    appealed = await caller.post(f"{path}/steps", json={"step": "appealed", "reasons": "Count again."}, headers=clerk)
    again = await review(one, step="decided", granted=False, reasons="No.")
    other = await review(two, step="decided", granted=False, reasons="Counted again: 340.")

    assert [(entry["number"], entry["member_name"]) for entry in queue["applications"]] == [(number, "Press works")]
    assert queue["budgets"] == [
        {"programme": ID, "name": "Connected workshop grant", "unit": "CNY", "budget": 3_000_000, "committed": 0.0}
    ]
    assert (small.status_code, small.json()["key"]) == (400, "applications.not_eligible")
    assert (replied.json()["state"], replied.json()["may"]) == ("asked", [])
    assert answered.json()["may"] == ["withdrawn"]
    assert refused.json()["state"] == "refused"
    assert [step["side"] for step in member_sees["steps"]] == ["member", "member", "hub", "member", "hub"]
    assert {step["who"] for step in member_sees["steps"]} == {None}
    assert member_sees["may"] == ["appealed"]
    assert appealed.json()["state"] == "appealed"
    assert (again.status_code, again.json()["key"]) == (403, "applications.decided_before")
    assert (other.json()["state"], other.json()["appealed"]) == ("refused", True)
    assert other.json()["steps"][-1]["who"] == "two"


async def test_money_needs_two_people_and_the_rule(caller: Client, hub: Hub, factories: list[Factory]) -> None:
    """Who grants does not pay; not more than the rule gives; a payment is made once."""
    fifth = factories[9]
    clerk = named(hub, "clerk", Grant(Role.MEMBER, f"member/{fifth.number}"))
    one, two = named(hub, "one", REVIEWER), named(hub, "two", REVIEWER)
    path = f"/api/applications/{await applied(caller, fifth, clerk)}/review"

    above = await caller.post(path, json=grant(30_001), headers=one)
    granted = await caller.post(path, json=grant(), headers=one)
    same = await caller.post(path, json={"step": "paid", "payment": "all"}, headers=one)
    paid = await caller.post(path, json={"step": "paid", "payment": "all"}, headers=two)
    twice = await caller.post(path, json={"step": "paid", "payment": "all"}, headers=two)
    budget = (await caller.get("/api/applications", headers=one)).json()["budgets"][0]

    assert (above.status_code, above.json()["key"]) == (400, "applications.above_rule")
    assert granted.json()["payments"][0]["state"] == "payable"
    assert "paid" not in granted.json()["may"]
    assert (same.status_code, same.json()["key"]) == (403, "applications.decider_pays")
    assert (paid.json()["paid"], paid.json()["payments"][0]["state"]) == (30_000, "paid")
    assert (twice.status_code, twice.json()["key"]) == (400, "applications.no_payment")
    assert budget["committed"] == 30_000


async def test_nobody_decides_on_their_own_member(caller: Client, hub: Hub, factories: list[Factory]) -> None:
    """Not with a token that says nothing of that role, not after having drafted, not who said that they have a tie."""
    clerk = named(hub, "clerk", MEMBER)
    torn = named(hub, "torn", REVIEWER, MEMBER, limit=REVIEWER)
    tied, fair = named(hub, "tied", REVIEWER), named(hub, "fair", REVIEWER)
    number = await applied(caller, factories[MINE - 1], clerk)
    path = f"/api/applications/{number}"
    said = await caller.post(f"/api/members/{MINE}/conflicts", json={"why": "My brother runs it."}, headers=tied)
    refusal = {"step": "decided", "granted": False, "reasons": "No."}

    answers = [await caller.post(f"{path}/review", json=refusal, headers=who) for who in (torn, tied, clerk)]
    seen = (await caller.get(path, headers=torn)).json()
    hub.people.grant("clerk", [REVIEWER])
    changed = await caller.post(f"{path}/review", json=refusal, headers=headers_of(hub, "clerk"))
    by_fair = await caller.post(f"{path}/review", json=refusal, headers=fair)

    assert said.status_code == 201
    assert [one.json()["key"] for one in answers] == [
        "support.own_member",
        "applications.conflict",
        "trust.not_permitted",
    ]
    assert {one.status_code for one in answers} == {403}
    assert seen["may"] == []
    assert "17" in seen["why_not"]
    assert (changed.status_code, changed.json()["key"]) == (403, "applications.own")
    assert by_fair.json()["state"] == "refused"


async def test_a_conflict_of_interest_is_ended_by_somebody_else(
    caller: Client, hub: Hub, factories: list[Factory]
) -> None:
    """With the reason, which stays beside it; then whom it concerned reviews again."""
    clerk, tied, fair = named(hub, "clerk", MEMBER), named(hub, "tied", REVIEWER), named(hub, "fair", REVIEWER)
    number = await applied(caller, factories[MINE - 1], clerk)
    path = f"/api/members/{MINE}/conflicts"
    refusal = {"step": "decided", "granted": False, "reasons": "No."}
    said = (await caller.post(path, json={"why": "My brother runs it."}, headers=tied)).json()
    account = said["conflicts"][0]["account"]

    own = await caller.post(f"{path}/{account}/end", json={"why": "He left."}, headers=tied)
    silent = await caller.post(f"{path}/{account}/end", json={"why": " "}, headers=fair)
    unseen = await caller.get(path, headers=clerk)
    ended = await caller.post(f"{path}/{account}/end", json={"why": "He left."}, headers=fair)
    twice = await caller.post(f"{path}/{account}/end", json={"why": "He left."}, headers=fair)
    decided = await caller.post(f"/api/applications/{number}/review", json=refusal, headers=tied)

    assert (own.status_code, own.json()["key"]) == (403, "applications.own_conflict")
    assert (silent.status_code, silent.json()["key"]) == (400, "applications.no_reason")
    assert unseen.status_code == 403
    (one,) = ended.json()["conflicts"]
    assert (one["who"], one["mine"], one["ended_by"], one["ended_why"]) == ("tied", False, "fair", "He left.")
    assert one["until_ms"] >= one["since_ms"]
    assert (twice.status_code, twice.json()["key"]) == (400, "applications.no_conflict")
    assert decided.json()["state"] == "refused"


def headers_of(hub: Hub, name: str) -> dict[str, str]:
    """What somebody sends who is a reviewer by now."""
    return headers(hub.people.token(name, "new", REVIEWER, 1))


async def test_a_step_that_is_none_is_refused(caller: Client, hub: Hub, factories: list[Factory]) -> None:
    """In words, and nothing happens."""
    clerk, one = named(hub, "clerk", MEMBER), named(hub, "one", REVIEWER)
    number = await applied(caller, factories[MINE - 1], clerk)
    steps: list[dict[str, Any]] = [
        {},
        {"step": "granted"},
        {"step": "decided"},
        {"step": "decided", "granted": "yes", "reasons": "x"},
        {"step": "asked", "question": "x", "by": 3},
        {"step": "asked", "question": ""},
        {"step": "applied", "envelope": {}},
        {"step": "paid", "payment": ""},
    ]

    for step in steps:
        answer = await caller.post(f"/api/applications/{number}/review", json=step, headers=one)
        assert answer.status_code == 400, answer.text
        assert answer.json()["cure"]
    forged = await caller.post(
        f"/api/applications/{number}/steps", json={"step": "applied", "envelope": {}}, headers=clerk
    )

    assert (forged.status_code, forged.json()["key"]) == (422, "exchange.no_envelope")
    assert hub.support.applications.get(number).application.steps == 2


# -- the laboratory ------------------------------------------------------------------------------------

TRIAL = {"programme": ID, "parameters": {"least_share": 0.7}, "assumed": {"no_other_money": True, "spend": 500_000}}


async def test_the_laboratory_tells_figures_to_who_may_see_them(
    caller: Client, callers: Callers, factories: list[Factory]
) -> None:
    """An analyst sees every class; who oversees sees no count of a few; others are not let in."""
    assert factories
    analyst, overseer = headers(callers[ANALYST]), headers(callers[OVERSEER])

    full = (await caller.post("/api/laboratory", json=TRIAL, headers=analyst)).json()["effect"]
    less = (await caller.post("/api/laboratory", json=TRIAL, headers=overseer)).json()["effect"]
    others = [
        await caller.post("/api/laboratory", json=TRIAL, headers=headers(callers[one]))
        for one in (MEMBER, REVIEWER, Grant(Role.ADMINISTRATOR), Grant(Role.AUDITOR, "member/17"))
    ]

    assert {one.status_code for one in others} == {403}
    assert full["withheld"] is None
    assert (full["members"], full["generated"]) == (20, 2)
    assert full["whole"]["drops_out"]["value"] > 0
    assert sum(one["members"] for one in full["classes"]) == 20
    assert full["spread_before"]["median"]["value"] == 150_000
    assert full["notes"][0].startswith("Nobody is assumed to act otherwise")
    assert "7" in less["withheld"]
    assert less["spread_before"]["median"] is None
    assert less["cost_before"] == {"low": None, "high": None}
    counts = [one[name] for one in less["classes"] for name in ("gains", "loses", "drops_out")]
    assert all(one is None or one["value"] >= 7 for one in counts)


async def test_what_the_laboratory_cannot_try_is_told(
    caller: Client, callers: Callers, factories: list[Factory]
) -> None:
    """A programme, figure, class or day that is none; members that stand for nobody."""
    assert factories
    analyst = headers(callers[ANALYST])
    for change, status, key in (
        ({"programme": "other"}, 404, "rules.programme.none"),
        ({"parameters": {"stuff": 1}}, 400, "rules.programme.no_parameter"),
        ({"parameters": {"rate": 1e300}}, 400, "rules.no_number"),
        ({"assumed": {"spend": "much"}}, 400, "rules.no_number"),
        ({"by": "colour"}, 400, "api.request"),
        ({"on": "soon"}, 400, "api.request"),
        ({"stand": True}, 400, "support.no_population"),
    ):
        answer = await caller.post("/api/laboratory", json={**TRIAL, **change}, headers=analyst)
        assert (answer.status_code, answer.json()["key"]) == (status, key), answer.text


async def test_a_trial_of_many_is_fetched_when_it_is_done(
    caller: Client, hub: Hub, callers: Callers, factories: list[Factory]
) -> None:
    """By who may try rules: the list of jobs tells nothing of what came of it, and another job is none of it."""
    assert factories
    hub.support.at_once = 19
    analyst, overseer, auditor = (headers(callers[one]) for one in (ANALYST, OVERSEER, Grant(Role.AUDITOR)))

    begun = (await caller.post("/api/laboratory", json=TRIAL, headers=analyst)).json()
    path = f"/api/laboratory/{begun['job']}"
    while (now := (await caller.get(path, headers=analyst)).json())["state"] not in ("done", "failed"):
        pass
    less = (await caller.get(path, headers=overseer)).json()
    hub.support.at_once = 20
    direct = (await caller.post("/api/laboratory", json=TRIAL, headers=analyst)).json()
    listed = (await caller.get(f"/api/jobs/{begun['job']}", headers=auditor)).json()
    missing = await caller.get("/api/laboratory/999", headers=analyst)

    assert (begun["effect"], now["state"], now["problem"]) == (None, "done", None)
    assert now["effect"] == direct["effect"]
    assert less["effect"]["withheld"]
    assert listed["result"] == {}
    assert missing.status_code == 404
