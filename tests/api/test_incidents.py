"""Incidents and sandboxes of a real hub over HTTP: who has to know, and who learns nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import Door
from lineside.api.hub import create_hub_app
from lineside.exchange import Consent, Incident
from lineside.hub import Hub
from lineside.trust import AT_HUB, Grant, Role
from tests.api.doors import CANARY, CONCERN, LOOKING_AT_HUB, headers, leaks, tokens, wrong_doors
from tests.hub.conftest import write_hub
from tests.hub.factories import PROFILE, Clock, Factory
from tests.hub.sandboxes.test_sandboxes import OFFER

Callers = dict[Grant | None, str | None]
Client = AsyncTestClient[Litestar]
SAFETY = Grant(Role.OVERSEER, CONCERN)
WHOLE = Grant(Role.OVERSEER)
OWN = Grant(Role.MEMBER, "member/17")
SECRET = f"{CANARY} burnt a hand"
OFFERED = msgspec.to_builtins(OFFER)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """Eighteen members, of which the last two told of an incident and were offered a sandbox."""
    with Hub(write_hub(tmp_path / "hub"), now_us=clock) as opened:
        for number in range(1, 19):
            name = f"{CANARY} works" if number == 18 else f"works {number}"
            factory = Factory.make(tmp_path, clock, f"m{number}").joined(
                opened, name, msgspec.structs.replace(PROFILE, name=name)
            )
            if number > 16:
                told = {"concern": "safety", "severity": 3, "began_ms": clock.ms, **factory.base()}
                title = SECRET if number == 18 else "Oil on the floor"
                factory.send(opened, factory.say(Incident(title=title, words=title, **told)))
                offer = OFFER if number == 17 else msgspec.structs.replace(OFFER, basis=SECRET)
                one = opened.sandboxes.offer(number, offer)
                factory.send(opened, factory.say(Consent(sandbox=one.sha256, agrees=True, **factory.base())))
        yield opened


@pytest.fixture
def app(hub: Hub) -> Litestar:
    """Its application, open to nobody."""
    return create_hub_app(hub, Door(open=False))


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[Client]:
    """Asks it, as somebody or nobody."""
    async with AsyncTestClient(app, base_url="http://127.0.0.1:8000") as opened:
        yield opened


@pytest.fixture
def callers(hub: Hub) -> Callers:
    """Somebody with each role in each scope, one who looks after security alone, and nobody."""
    found = tokens(hub.people)
    security = Grant(Role.OVERSEER, "concern/security")
    hub.people.add("security", "service", [security])
    found[security] = hub.people.token("security", "all", security, 1)
    return found


async def listed(client: Client, token: str | None) -> dict[str, Any]:
    """The incidents that somebody reads of."""
    answer = await client.get("/api/incidents", headers=headers(token))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_door_is_open_to_whom_it_should_be(app: Litestar, callers: Callers) -> None:
    """Where there are incidents and sandboxes, with every role and scope; and nothing of another member is told."""
    assert await wrong_doors(app, callers, AT_HUB) == []
    assert await leaks(app, callers, LOOKING_AT_HUB) == []


async def test_a_list_tells_nothing_of_whose_an_incident_is(client: Client, callers: Callers) -> None:
    """Not to an overseer and not to an auditor: number, concern, severity, month and state."""
    for grant in (SAFETY, WHOLE, Grant(Role.AUDITOR)):
        told = await listed(client, callers[grant])

        assert [one.keys() for one in told["listed"]] == [
            {"number", "concerns", "shared", "severity", "month", "state", "words", "looked"}
        ] * 2
        assert told["own"] == []
        assert CANARY not in str(told["listed"])
        assert {(one["severity"], one["month"], one["state"]) for one in told["listed"]} == {(3, "2026-11", "open")}


async def test_who_has_no_need_to_know_gets_nothing(client: Client, callers: Callers, hub: Hub) -> None:
    """An overseer of another concern, a registrar, another member, an analyst, an auditor and the public."""
    numbers = [one["number"] for one in (await listed(client, callers[WHOLE]))["listed"]]
    security = Grant(Role.OVERSEER, "concern/security")
    nobody = [
        (security, 400),
        *((Grant(role), 403) for role in (Role.REGISTRAR, Role.ANALYST, Role.REVIEWER, Role.PROVIDER, Role.AUDITOR)),
        (Grant(Role.ADMINISTRATOR), 403),
        (OWN, 403),
        (None, 401),
    ]
    asked = {
        "looks": {"purpose": "Curious"},
        "shares": {"concern": "quality", "reasons": "Because"},
        "closure": {"reasons": "Done"},
    }
    for grant, status in nobody:
        for number in numbers:
            for act, body in asked.items():
                path = f"/api/incidents/{number}/{act}"
                answer = await client.post(path, headers=headers(callers[grant]), json=body)

                assert (grant, answer.status_code) == (grant, status), answer.text
                assert "Oil" not in answer.text
    assert (await listed(client, callers[security]))["listed"] == []
    assert not any(one.looks or one.shares or one.closures for one in hub.incidents.listed(lambda _: True))
    for path in ("incidents", "sandboxes"):
        assert (await client.get(f"/api/{path}", headers=headers(callers[Grant(Role.REGISTRAR)]))).status_code == 403
        assert (await client.get(f"/api/{path}")).status_code == 401


async def test_a_look_shows_all_and_its_member_sees_who_looked(client: Client, callers: Callers, hub: Hub) -> None:
    """By the number of the account; whoever looks next reads the name."""
    number = next(one.number for one in hub.incidents.listed(lambda _: True) if one.member == 17)
    path, mine = f"/api/incidents/{number}/looks", headers(callers[SAFETY])

    silent = await client.post(path, headers=mine, json={"purpose": " "})
    looked = await client.post(path, headers=mine, json={"purpose": "Inspection of floors"})
    own = (await listed(client, callers[OWN]))["own"]

    assert silent.json()["key"] == "incidents.words"
    found = looked.json()
    assert (found["member"], found["member_name"], found["thread"][0]["words"]) == (17, "works 17", "Oil on the floor")
    account = next(one for one in hub.people.everybody() if SAFETY in one.grants)
    assert [(one["by"], one["by_name"], one["purpose"]) for one in found["looks"]] == [
        (f"account/{account.id}", account.name, "Inspection of floors")
    ]
    assert [(one["member"], one["thread"][0]["title"]) for one in own] == [(17, "Oil on the floor")]
    assert own[0]["looks"][0]["purpose"] == "Inspection of floors"
    assert account.name not in str(own)


async def test_another_authority_looks_once_it_was_shared(client: Client, callers: Callers, hub: Hub) -> None:
    """And closes it."""
    number = next(one.number for one in hub.incidents.listed(lambda _: True) if one.member == 17)
    security = headers(callers[Grant(Role.OVERSEER, "concern/security")])
    shared = await client.post(
        f"/api/incidents/{number}/shares",
        headers=headers(callers[SAFETY]),
        json={"concern": "security", "reasons": "The door stood open"},
    )
    looked = await client.post(f"/api/incidents/{number}/looks", headers=security, json={"purpose": "The door"})
    closed = await client.post(f"/api/incidents/{number}/closure", headers=security, json={"reasons": "A new lock"})

    assert shared.json()["shared"] == ["security"]
    assert looked.json()["member"] == 17
    assert looked.json()["shares"][0]["reasons"] == "The door stood open"
    assert closed.json()["state"] == "closed"


async def test_anybody_reads_how_many_and_nobody_how_few(client: Client) -> None:
    """Two members are fewer than a group, and the quarter is not over."""
    answer = await client.get("/api/incidents/counts")

    assert answer.json() == {"step": 7, "generated": False, "counts": []}


async def test_a_sandbox_is_for_its_member_and_who_oversees(client: Client, callers: Callers) -> None:
    """An overseer of one concern reads none of them."""
    read = {}
    for grant in (WHOLE, Grant(Role.AUDITOR), OWN):
        answer = await client.get("/api/sandboxes", headers=headers(callers[grant]))
        read[grant] = [one["member"] for one in answer.json()]
    others = await client.get("/api/sandboxes/2", headers=headers(callers[OWN]))
    none = await client.get("/api/sandboxes/99", headers=headers(callers[OWN]))
    concerned = await client.get("/api/sandboxes", headers=headers(callers[SAFETY]))

    assert read == {WHOLE: [18, 17], Grant(Role.AUDITOR): [18, 17], OWN: [17]}
    assert (
        (others.status_code, others.json()["key"]) == (400, "sandboxes.none") == (none.status_code, none.json()["key"])
    )
    assert concerned.status_code == 403


async def test_an_overseer_offers_extends_and_ends(client: Client, callers: Callers) -> None:
    """What cannot be terms is told with what to change; who only reads does none of it."""
    mine, reader = headers(callers[WHOLE]), headers(callers[Grant(Role.AUDITOR)])
    offered = await client.post("/api/members/3/sandboxes", headers=mine, json=OFFERED)
    strange = await client.post("/api/members/3/sandboxes", headers=mine, json=OFFERED | {"limits": []})
    early = await client.post("/api/sandboxes/1/extension", headers=mine, json=OFFERED)
    later = OFFERED | {"first": "2027-03", "last": "2027-05"}
    extended = await client.post("/api/sandboxes/1/extension", headers=mine, json=later)
    refused = [
        await client.post("/api/members/3/sandboxes", headers=reader, json=OFFERED),
        await client.post("/api/sandboxes/1/extension", headers=reader, json=later),
        await client.post("/api/sandboxes/1/end", headers=reader, json={"reasons": "x"}),
    ]
    ended = await client.post("/api/sandboxes/1/end", headers=mine, json={"reasons": "An accident elsewhere"})
    chinese = await client.get("/api/sandboxes/1", headers=mine | {"Accept-Language": "zh"})

    assert (offered.status_code, offered.json()["stage"], offered.json()["number"]) == (201, "offered", 3)
    assert (strange.status_code, early.json()["key"]) == (400, "sandboxes.first")
    assert (extended.json()["follows"], extended.json()["first"]) == (1, "2027-03")
    assert {one.status_code for one in refused} == {403}
    assert (ended.json()["stage"], ended.json()["why"], ended.json()["report"]["payloadType"]) == (
        "ended",
        "overseer",
        "application/vnd.lineside.sandbox-report+json",
    )
    assert (chinese.json()["title"], chinese.json()["why_words"]) == ("夜班单人值守", "由监督员终止")
