"""A real hub behind its door: members speak over HTTP, people look after the register, members read their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import Door, Seats, undeclared
from lineside.api.hub import create_hub_app
from lineside.exchange import Answer, Profile, Value
from lineside.hub import Hub, Invited
from lineside.jobs import JobState
from lineside.node import hub_kinds
from lineside.trust import AT_HUB, Asked, Grant, Rate, Role, fingerprint
from tests.api.doors import CANARY, LOOKING_AT_HUB, doors, headers, leaks, tokens, wrong_doors
from tests.api.hunting import Hunt
from tests.api.judging import Judge
from tests.api.strange import Asker, Caller
from tests.api.test_wire import wired
from tests.hub.conftest import write_hub
from tests.hub.factories import PROFILE, Clock, Factory

Serving = Callable[[Litestar], AbstractAsyncContextManager[str]]
BASE_URL = "http://127.0.0.1:8000"
SECRET_VALUE = 0.6
ODD = (Value(indicator="schedule_adherence", value=1.2, coverage=0.95, evidence="c" * 64),)
MEMBER = Grant(Role.MEMBER, "member/17")


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """A hub in which nobody is."""
    with Hub(write_hub(tmp_path / "hub"), kinds=hub_kinds, now_us=clock) as opened:
        yield opened


@pytest.fixture
def app(hub: Hub) -> Litestar:
    """Its application, open to nobody."""
    return create_hub_app(hub, Door(open=False))


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """Asks it, as somebody or nobody."""
    async with AsyncTestClient(app, base_url=BASE_URL) as opened:
        yield opened


@pytest.fixture
def callers(hub: Hub) -> dict[Grant | None, str | None]:
    """Somebody with each role in each scope, and nobody."""
    return tokens(hub.people)


@pytest.fixture
def factories(hub: Hub, tmp_path: Path, clock: Clock) -> list[Factory]:
    """Eighteen members; what the last is called must reach no other, and each said something and objected."""
    made = []
    for number in range(1, 19):
        name = f"{CANARY} works" if number == 18 else f"works {number}"
        profile = msgspec.structs.replace(PROFILE, name=name)
        made.append(Factory.make(tmp_path, clock, f"m{number}").joined(hub, name, profile))
        made[-1].send(hub, made[-1].say(made[-1].submission()))
        hub.objections.raise_one(number, "remark", {"statement": 1}, f"{name} is right")
    return made


async def test_no_door_of_a_hub_is_open_to_whom_it_should_not_be(
    app: Litestar, callers: dict[Grant | None, str | None], factories: list[Factory]
) -> None:
    """Every route, with every role and scope: what it declares is what happens, also where members are."""
    assert len(factories) == 18
    assert undeclared(app) == []
    assert {"/api/exchange", "/api/members", "/api/objections"} <= {door.path for door in doors(app)}
    assert await wrong_doors(app, callers, AT_HUB) == []


async def test_a_member_is_told_of_no_other(
    app: Litestar, callers: dict[Grant | None, str | None], factories: list[Factory]
) -> None:
    """Every route, asked by who reaches one member; the search finds the other where it may be read."""
    assert factories
    assert await leaks(app, callers, LOOKING_AT_HUB) == []
    async with AsyncTestClient(app, base_url=BASE_URL) as asked:
        for path, role in (("/api/members", Role.ANALYST), ("/api/objections", Role.REVIEWER)):
            assert CANARY in (await asked.get(path, headers=headers(callers[Grant(role)]))).text


async def test_no_strange_request_to_a_hub_finds_a_fault(
    hub: Hub,
    app: Litestar,
    callers: dict[Grant | None, str | None],
    factories: list[Factory],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Of every route: no 5xx but in words, nothing of the inside, every header, and a cure in every refusal."""
    assert factories
    askers = []
    for grant, token in callers.items():
        sent = () if token is None else ((b"Authorization", b"Bearer " + token.encode()),)
        hidden = frozenset({f"{CANARY} works"}) if grant is None or grant.scope != "site" else frozenset[str]()
        askers.append(Caller(sent, hidden))
    judge = Judge(frozenset(filter(None, callers.values())), hub.folder)
    seats = Seats(500, new_here=Rate(10**6, 10.0**6, lambda: 0.0))

    async with wired(app, seats) as port:
        hunt = Hunt(port, judge, topic="jobs")
        await hunt.ask(Asker(app, askers).round())

    assert hunt.faults == {}
    assert judge.of_log(caplog.text) == []
    assert {200, 400, 401, 403, 404} <= set(hunt.statuses)


async def test_members_speak_over_http(hub: Hub, app: Litestar, serving: Serving, tmp_path: Path, clock: Clock) -> None:
    """Lines of envelopes in, a line of answer to each out, in order, without any log-in; a repeat changes nothing."""
    factories = [Factory.make(tmp_path, clock, f"m{at}").joined(hub, f"m{at}") for at in range(8)]

    async def speak(address: str, factory: Factory) -> None:
        lines = [factory.say(factory.submission(f"2026-{month:02d}")).json() for month in range(1, 10)]
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as asked:
            for _ in range(2):
                answer = await asked.post("/api/exchange", content=b"\n".join([*lines, b"nothing"]))
                told = [Answer.parse(line) for line in answer.content.splitlines()]
                assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
                for one in told[:-1]:
                    factory.keep(one)
                assert told[-1].problem is not None

    async with serving(app) as address:
        await asyncio.gather(*(speak(address, factory) for factory in factories))

    entries = {receipt.entry for factory in factories for receipt in factory.receipts.values()}
    assert len(entries) == 8 * 9
    assert hub.figures.snapshot().of("oee").value.shape == (8, 9)


async def test_too_much_at_once_is_refused_before_it_is_read(client: AsyncTestClient[Litestar]) -> None:
    """More lines than a request may have, and a body that is no end of blank ones."""
    lines = await client.post("/api/exchange", content=b"{}\n" * 1001)
    blank = await client.post("/api/exchange", content=b"\n" * 900_000)

    assert [(one.status_code, one.json()["key"]) for one in (lines, blank)] == [(413, "hub.many_lines")] * 2


async def test_an_address_that_sends_too_many_envelopes_has_to_wait(app: Litestar) -> None:
    """Elsewhere than on this computer; it is told how long."""
    asked: Any = app
    transport = httpx.ASGITransport(asked, client=("192.0.2.7", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as far:
        answers = [await far.post("/api/exchange", content=b"{}\n" * 999) for _ in range(6)]

    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert (answers[-1].json()["key"], answers[-1].json()["fields"]["seconds"]) == ("api.too_fast", "1")


async def test_a_registrar_looks_after_the_register(
    client: AsyncTestClient[Litestar],
    hub: Hub,
    callers: dict[Grant | None, str | None],
    tmp_path: Path,
    clock: Clock,
) -> None:
    """Invites, compares, admits, sees what was refused, closes a lost key and ends a membership; by its account."""
    mine = headers(callers[Grant(Role.REGISTRAR)])

    async def ask(path: str, **told: Any) -> Any:
        answer = await client.post(f"/api/{path}", json=told, headers=mine)
        assert answer.status_code == 200, answer.text
        return answer.json()

    (made,) = await ask("invitations", labels=["Press works"], language="zh")
    waiting = (await client.get("/api/invitations", headers=mine)).json()
    factory = Factory.make(tmp_path, clock)
    factory.enrol(hub, Invited("x", 0, msgspec.json.encode(made["invitation"])))
    wrong = await client.post("/api/members/1/admit", json={"fingerprint": "0000"}, headers=mine)
    admitted = await ask("members/1/admit", fingerprint=fingerprint(factory.key.public))
    hub.receive(factory.signed(factory.submission("2026-12")).json())
    one = (await client.get("/api/members/1?lang=zh", headers=mine)).json()
    again = await ask("members/1/again", days=3)
    closed = await ask("members/1/close", why="merged elsewhere")
    figures = await client.get("/api/members/1/figures", headers=mine)

    assert [one["label"] for one in waiting] == ["Press works"]
    assert (wrong.status_code, wrong.json()["key"]) == (400, "hub.other_fingerprint")
    assert (admitted["state"], admitted["size"]) == ("member", "small")
    assert [(one["why"], one["signed"]) for one in one["refused"]] == [("hub.month_not_over", True)]
    assert "2026年12月" in one["refused"][0]["sentence"]
    assert again["invitation"]["payloadType"].endswith("invitation+json")
    assert closed["state"] == "closed"
    assert figures.status_code == 403
    with hub.ledger.stored() as now:
        kinds = ["member.invited", "member.admitted", "member.key", "member.closed"]
        who = {entry["who"] for entry in now.page(Asked(kinds=kinds), 20)}
    assert len(who) == 1
    assert who.pop().startswith("account/")


async def test_a_member_reads_its_own_figures_and_objects(
    client: AsyncTestClient[Litestar],
    hub: Hub,
    callers: dict[Grant | None, str | None],
    factories: list[Factory],
) -> None:
    """Of no other; a reviewer sees what it is about and decides once, with reasons, which the member reads."""
    assert factories
    mine, reviewer = headers(callers[MEMBER]), headers(callers[Grant(Role.REVIEWER)])
    words = {"against": "figure", "subject": {"indicator": "oee", "month": "2026-09"}, "words": "It was higher."}

    own = (await client.get("/api/members/17/figures", headers=mine)).json()
    others = await client.get("/api/members/18/figures", headers=mine)
    raised = (await client.post("/api/members/17/objections", json=words, headers=mine)).json()
    for_other = await client.post("/api/members/18/objections", json=words, headers=mine)
    seen = (await client.get(f"/api/objections/{raised['id']}", headers=reviewer)).json()
    path, decided = f"/api/objections/{raised['id']}/decision", {"upheld": True, "reasons": "So it was."}
    by_member = await client.post(path, json=decided, headers=mine)
    first, second = [await client.post(path, json=decided, headers=reviewer) for _ in range(2)]
    listed = (await client.get("/api/objections", headers=mine)).json()
    hidden = await client.get("/api/objections/18", headers=mine)

    assert own["months"] == ["2026-09"]
    assert own["indicators"]["oee"] == {
        "value": [0.6],
        "coverage": [pytest.approx(0.95)],
        "origin": ["measured"],
        "absent": [None],
    }
    assert own["indicators"]["lead_time"]["absent"] == ["no_orders"]
    assert [one["number"] for one in own["statements"]] == [1]
    assert (others.status_code, for_other.status_code, by_member.status_code) == (403, 403, 403)
    assert seen["figures"]["indicators"]["oee"]["value"] == [SECRET_VALUE]
    assert (first.json()["upheld"], second.json()["key"]) == (True, "hub.decided")
    assert [(one["member"], one["upheld"], one["reasons"]) for one in listed] == [
        (17, None, ""),
        (17, True, "So it was."),
    ]
    assert hidden.status_code == 404
    kept = hub.objections.get(raised["id"]).first
    assert kept.decided_by != kept.raised_by


async def test_a_member_appeals_once_and_another_reviewer_decides(
    client: AsyncTestClient[Litestar],
    hub: Hub,
    callers: dict[Grant | None, str | None],
    factories: list[Factory],
) -> None:
    """Of no other member, and not who decided before; the member reads both."""
    assert factories
    mine, first = headers(callers[MEMBER]), headers(callers[Grant(Role.REVIEWER)])
    hub.people.add("second", "service", [Grant(Role.REVIEWER)])
    second = headers(str(hub.people.token("second", "all", Grant(Role.REVIEWER), 300)))
    decision, appeal = "/api/objections/17/decision", "/api/objections/17/appeal"
    wrong, right = {"upheld": False, "reasons": "The counts say so."}, {"upheld": True, "reasons": "Seen on site."}

    early = await client.post(appeal, json={"words": "Hurry."}, headers=mine)
    rejected = await client.post(decision, json=wrong, headers=first)
    other = await client.post("/api/objections/16/appeal", json={"words": "It was."}, headers=mine)
    by_reviewer = await client.post(appeal, json={"words": "It was."}, headers=first)
    appealed = await client.post(appeal, json={"words": "It was."}, headers=mine)
    same = await client.post(decision, json=right, headers=first)
    decided = await client.post(decision, json=right, headers=second)
    told = (await client.get("/api/objections/17", headers=mine)).json()

    assert (early.json()["key"], rejected.json()["upheld"]) == ("hub.nothing_to_appeal", False)
    assert (other.status_code, by_reviewer.status_code) == (404, 403)
    assert (appealed.json()["appeal"]["words"], appealed.json()["appeal"]["upheld"]) == ("It was.", None)
    assert (same.status_code, same.json()["key"]) == (403, "hub.decided_before")
    assert decided.status_code == 200
    assert (told["upheld"], told["appeal"]["upheld"], told["appeal"]["reasons"]) == (False, True, "Seen on site.")


async def test_what_was_odd_is_found_without_opening_every_member(
    client: AsyncTestClient[Litestar],
    hub: Hub,
    callers: dict[Grant | None, str | None],
    factories: list[Factory],
) -> None:
    """Analysts see it of all members, and who told the same as another; a member its own, and of nobody else."""
    same = {"performance": 0.8712, "quality": 0.9914, "lead_time": 41.25}
    for number in (3, 17):
        values = tuple(
            Value(indicator=name, value=value, coverage=0.95, evidence="c" * 64) for name, value in same.items()
        )
        told = factories[number - 1].submission("2026-08", (*values, *ODD) if number == 17 else values)
        factories[number - 1].send(hub, factories[number - 1].say(told))

    seen = (await client.get("/api/remarks", headers=headers(callers[Grant(Role.ANALYST)]))).json()
    own = (await client.get("/api/remarks", headers=headers(callers[MEMBER]))).json()
    by_registrar = await client.get("/api/remarks", headers=headers(callers[Grant(Role.REGISTRAR)]))

    (odd,) = seen["statements"]
    assert (odd["member"], odd["month"]) == ({"number": 17, "name": "works 17", "generated": False}, "2026-08")
    assert [one["indicator"] for one in odd["remarks"]] == ["schedule_adherence"]
    ((pair, month, names),) = [(one["members"], one["month"], one["indicators"]) for one in seen["copied"]]
    assert ([one["number"] for one in pair], month, names) == (
        [3, 17],
        "2026-08",
        ["performance", "quality", "lead_time"],
    )
    assert own == {"statements": [odd], "copied": []}
    older = await client.get("/api/remarks", params={"before": odd["entry"]}, headers=headers(callers[MEMBER]))
    assert older.json() == {"statements": [], "copied": []}
    assert by_registrar.status_code == 403


async def test_whoever_belongs_to_a_hub_knows_its_rules(
    client: AsyncTestClient[Litestar], hub: Hub, callers: dict[Grant | None, str | None]
) -> None:
    """Regions, sizes, protection and the fingerprint; a stranger does not."""
    told = (await client.get("/api/hub/settings", headers=headers(callers[MEMBER]))).json()

    assert (told["hub"], told["fingerprint"]) == (hub.id, fingerprint(hub.voice.key))
    assert told["protection"] == {"group": 5, "colluders": 2, "largest": 0.5}
    assert [one["code"] for one in told["regions"]] == ["all", "north"]
    assert (await client.get("/api/hub/settings")).status_code == 401


async def test_a_hub_is_exported_and_backed_up_while_it_runs(
    client: AsyncTestClient[Litestar], hub: Hub, callers: dict[Grant | None, str | None], tmp_path: Path
) -> None:
    """By an administrator, who sees no figure otherwise, into new folders elsewhere."""
    ruler = headers(callers[Grant(Role.ADMINISTRATOR)])

    for kind in ("hub.export", "backup"):
        asked = {"kind": kind, "params": {"target": str(tmp_path / kind)}}
        job = (await client.post("/api/jobs", json=asked, headers=ruler)).json()
        assert hub.jobs.wait(job["id"], 60).state is JobState.DONE
        assert (tmp_path / kind / "manifest.json").is_file()
    strange = await client.post("/api/jobs", json={"kind": "import", "params": {"target": "x"}}, headers=ruler)
    analyst = await client.post("/api/jobs", json={}, headers=headers(callers[Grant(Role.ANALYST)]))

    assert (strange.status_code, strange.json()["key"]) == (400, "hub.job_kind")
    assert analyst.status_code == 403


async def test_a_generated_member_is_marked_wherever_it_is_shown(
    client: AsyncTestClient[Litestar],
    hub: Hub,
    callers: dict[Grant | None, str | None],
    tmp_path: Path,
    clock: Clock,
) -> None:
    """In the register and with its figures."""
    profile = Profile(name="Made up", industry="34", region="all", generated=True)
    Factory.make(tmp_path, clock).joined(hub, "made up", profile)
    analyst = headers(callers[Grant(Role.ANALYST)])

    listed = (await client.get("/api/members", headers=analyst)).json()
    figures = (await client.get("/api/members/1/figures", headers=analyst)).json()

    assert (listed[0]["generated"], figures["generated"]) == (True, True)
