from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, get
from litestar.testing import AsyncTestClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from lineside.api import Door, Seats, bundle_files, undeclared
from lineside.api.guard import TheReach, Within, needs
from lineside.api.hub import create_hub_app
from lineside.jobs import submit_verify
from lineside.trust import AT_HUB, Grant, People, Permission, Rate, Role
from tests.api.doors import CANARY, LOOKING_AT_HUB, doors, headers, leaks, tokens, wrong_doors
from tests.api.hub_house import NAME, ROUTES, SmallHub, TheHub, app_of
from tests.api.hunting import Hunt
from tests.api.judging import Judge
from tests.api.strange import Asker, Caller
from tests.api.test_wire import wired

Callers = dict[Grant | None, str | None]
Client = AsyncTestClient[Litestar]
Serving = Callable[[Litestar], AbstractAsyncContextManager[str]]
MEMBER = Grant(Role.MEMBER, "member/17")
PASSWORD = "a horse on the staircase"
BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[SmallHub]:
    """A hub with two members."""
    with SmallHub(tmp_path) as opened:
        yield opened


@pytest.fixture
def hub_app(hub: SmallHub) -> Litestar:
    """Its application, open to nobody."""
    return app_of(hub)


@pytest.fixture
async def caller(hub_app: Litestar) -> AsyncIterator[Client]:
    """Asks it, as somebody or nobody."""
    async with AsyncTestClient(hub_app, base_url=BASE_URL) as opened:
        yield opened


@pytest.fixture
def callers(hub: SmallHub) -> Callers:
    """Somebody with each role in each scope, and nobody."""
    return tokens(hub.people)


async def test_no_door_of_a_hub_is_open_to_whom_it_should_not_be(hub_app: Litestar, callers: Callers) -> None:
    """Every route, with every role and scope: what it declares is what happens."""
    assert undeclared(hub_app) == []
    assert len(list(doors(hub_app))) > 30
    assert await wrong_doors(hub_app, callers, AT_HUB) == []


async def test_a_member_is_told_of_no_other(hub_app: Litestar, callers: Callers) -> None:
    """Every route, asked by who reaches one member."""
    assert await leaks(hub_app, callers, LOOKING_AT_HUB) == []


@get("/api/forgetful", opt=needs(Permission.READ_MEMBERS, Within.FILTERED), sync_to_thread=False)
def forgetful(hub: TheHub, reach: TheReach) -> list[str]:
    """A route that says it filters, and does not."""
    del reach
    return list(hub.members.values())


async def test_a_filter_of_a_hub_that_was_forgotten_is_found(hub: SmallHub, callers: Callers) -> None:
    """By the same search, at its route."""
    app = create_hub_app(hub, Door(open=False), [*ROUTES, forgetful])

    found = await leaks(app, {MEMBER: callers[MEMBER]}, LOOKING_AT_HUB)

    assert {one.partition("?")[0] for one in found} == {"GET /api/forgetful"}


async def test_a_member_reads_its_own_page_and_objects(caller: Client, callers: Callers) -> None:
    """By its number, and by none that only looks like it."""
    mine, path = headers(callers[MEMBER]), "/api/members/{}/{}"

    own = await caller.get(path.format(17, "figures"), headers=mine)
    told = await caller.post(path.format("017", "objections"), headers=mine)
    others = [await caller.get(path.format(n, "figures"), headers=mine) for n in (18, 1, 171, 999999)]
    raised = await caller.post(path.format(18, "objections"), headers=mine)
    listed = await caller.get("/api/members", headers=mine)

    assert own.json() == {"name": "press works", "value": 0.5}
    assert told.json()["member"] == 17
    assert {(answer.status_code, answer.json()["key"]) for answer in [*others, raised]} == {(403, "trust.out_of_reach")}
    assert [one["number"] for one in listed.json()] == [17]


@pytest.mark.parametrize("path", ["/api/surface", "/api/people", "/api/ledger", "/api/ledger/export", "/api/jobs/1"])
async def test_what_is_of_the_whole_hub_is_not_for_a_member(caller: Client, callers: Callers, path: str) -> None:
    """Whatever its role there may read."""
    for grant in (MEMBER, Grant(Role.AUDITOR, "member/17")):
        answer = await caller.get(path, headers=headers(callers[grant]))

        assert answer.status_code in (403, 404)
        assert CANARY not in answer.text


async def test_a_stranger_learns_the_name_of_a_hub_alone(caller: Client) -> None:
    """What it is and what it is called; the zone is for who is known."""
    house = await caller.get("/api/house")
    others = [await caller.get(path) for path in ("/api/members", "/api/jobs", "/api/ledger", "/api/docs/openapi.json")]
    me = (await caller.get("/api/me")).json()

    assert house.json() == {"kind": "hub", "name": NAME, "timezone": None, "attention": [], "folder": None}
    assert {answer.status_code for answer in others} == {401}
    assert (me["known"], me["notice"], me["known_roles"]) == (False, "For people of the cluster.", [])


async def test_a_hub_has_no_routes_of_a_plant(caller: Client, hub: SmallHub) -> None:
    """Nor does it take jobs that are a node's."""
    mine = headers(hub.administrator())

    answers = [await caller.get(f"/api/{name}", headers=mine) for name in ("plant", "now", "valve", "sources")]
    asked = await caller.post("/api/jobs", headers=mine, json={"kind": "backup", "params": {"target": "x"}})

    assert {answer.status_code for answer in answers} == {404}
    assert asked.status_code == 405
    house = (await caller.get("/api/house", headers=mine)).json()
    assert house == {"kind": "hub", "name": NAME, "timezone": "Asia/Shanghai", "attention": [], "folder": None}


async def test_nobody_at_a_hub_changes_their_own_roles(caller: Client, hub: SmallHub) -> None:
    """Not with a session and not with a token; another administrator may, and it is in the ledger."""
    token = hub.administrator()
    for name in ("eva", "otto"):
        hub.people.redeem(name, hub.people.add(name, "person", [Grant(Role.ADMINISTRATOR)]) or "", PASSWORD)
    cookie = {"Cookie": f"lineside={hub.people.begin_session(hub.people.get('eva'))}", "Origin": BASE_URL}
    analyst = {"roles": [{"role": "analyst"}]}

    own = await caller.put("/api/people/eva/roles", json=analyst, headers=cookie)
    by_token = await caller.put("/api/people/ruler/roles", json=analyst, headers=headers(token))
    by_another = await caller.put("/api/people/eva/roles", json=analyst, headers=headers(token))
    said = (await caller.get("/api/ledger?kind=account.roles", headers=headers(token))).json()["entries"]

    assert [(one.status_code, one.json()["key"]) for one in (own, by_token)] == [(403, "trust.own_roles")] * 2
    assert by_another.json()["roles"] == [{"role": "analyst", "scope": "site"}]
    assert len(said) == 1


@pytest.mark.parametrize(
    ("role", "scope", "key"),
    [
        ("manager", "site", "trust.no_role"),
        ("auditor", "line/cell", "trust.no_scope"),
        ("member", "site", "trust.member_only"),
        ("analyst", "member/17", "trust.site_only"),
    ],
)
async def test_a_hub_gives_its_own_roles(caller: Client, hub: SmallHub, role: str, scope: str, key: str) -> None:
    """To accounts and to tokens; a new person is offered those it has."""
    mine = headers(hub.administrator())
    given = {"role": role, "scope": scope}

    made = await caller.post("/api/people", json={"name": "otto", "roles": [given]}, headers=mine)
    token = await caller.post("/api/people/ruler/tokens", json={"name": "x", **given}, headers=mine)

    assert [(one.status_code, one.json()["key"]) for one in (made, token)] == [(400, key)] * 2
    assert (await caller.get("/api/me", headers=mine)).json()["known_roles"] == list(AT_HUB.permissions)


async def first_frame(address: str, token: str | None, topic: str) -> str:
    """What is said first of a topic; the code of who is hung up on."""
    try:
        async with connect(
            f"ws://{address}/api/live", additional_headers=headers(token), proxy=None, open_timeout=60
        ) as socket:
            await socket.send(f'{{"subscribe": ["{topic}"]}}')
            return str(await socket.recv())
    except ConnectionClosedError as closed:
        return str(closed.rcvd.code if closed.rcvd else "")
    except InvalidStatus as refused:
        return str(refused.response.status_code)


async def test_a_hub_tells_its_jobs_live(hub: SmallHub, hub_app: Litestar, callers: Callers, serving: Serving) -> None:
    """To who may read them at the whole hub; others are hung up on, and nobody is not let in."""
    submit_verify(hub.jobs)
    async with serving(hub_app) as address:
        told = [
            await first_frame(address, callers[grant], "jobs")
            for grant in (Grant(Role.AUDITOR), Grant(Role.ANALYST), Grant(Role.AUDITOR, "member/17"), None)
        ]

    assert "ledger.verify" in told[0]
    assert told[1:] == ["4403", "4403", "403"]


async def test_no_valve_stands_behind_a_hub(hub: SmallHub, serving: Serving) -> None:
    """A token is told what its role may read, and files are downloaded, as nothing of a plant is in them."""
    token = hub.administrator()
    hub.people.add("auditor", "service", [Grant(Role.AUDITOR)])
    reader = hub.people.token("auditor", "x", Grant(Role.AUDITOR), 1)

    async with serving(app_of(hub)) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as client:
        export = await client.get("/api/ledger/export", headers=headers(token))
        told = await client.get("/api/surface", headers=headers(reader))

    assert (export.status_code, told.status_code) == (200, 200)
    assert told.json() == {"press works": 0.5, f"{CANARY} works": 0.75}


@pytest.mark.parametrize("path", ["/", "/members", "/people/x", "/login", "/index.html", "/hub.html"])
async def test_every_page_of_a_hub_is_its_own(caller: Client, path: str) -> None:
    """That of a node is at no address of a hub."""
    answer = await caller.get(path)

    assert answer.status_code == 200
    assert answer.content == bundle_files()["hub.html"] != bundle_files()["index.html"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_no_strange_request_to_a_hub_finds_a_fault(
    hub: SmallHub, hub_app: Litestar, callers: Callers, caplog: pytest.LogCaptureFixture
) -> None:
    """Of every route: no 5xx but in words, nothing of the inside, every header, and a cure in every refusal."""
    askers, other = [], "Quartz works"
    hub.members[18] = other
    for grant, token in callers.items():
        sent = () if token is None else ((b"Authorization", b"Bearer " + token.encode()),)
        hidden = frozenset({other}) if grant is None or grant.scope != "site" else frozenset[str]()
        askers.append(Caller(sent, hidden))
    judge = Judge(frozenset(filter(None, callers.values())), hub.folder)
    seats = Seats(500, new_here=Rate(10**6, 10.0**6, lambda: 0.0))

    async with wired(hub_app, seats) as port:
        hunt = Hunt(port, judge, topic="jobs")
        await hunt.ask(Asker(hub_app, askers).round())
        await hunt.wire()
        await hunt.live([askers[list(callers).index(Grant(Role.AUDITOR))]])

    assert hunt.faults == {}
    assert judge.of_log(caplog.text) == []
    assert hunt.requests > 300
    assert {200, 400, 401, 403, 404, 405} <= set(hunt.statuses)


def test_a_route_of_a_hub_that_declares_nothing_is_not_served(hub: SmallHub) -> None:
    """The application is not made."""

    @get("/api/open", sync_to_thread=False)
    def open_route() -> dict[str, Any]:
        """A route somebody forgot to declare."""
        return {}

    with pytest.raises(RuntimeError, match="/api/open"):
        create_hub_app(hub, Door(open=False), [open_route])


def test_a_hub_with_the_duties_of_a_node_is_not_served(hub: SmallHub) -> None:
    """Its administrator would be one of everything."""
    hub.people = People(hub.books, lambda: 0, hub.ledger)

    with pytest.raises(RuntimeError, match="duties"):
        create_hub_app(hub, Door(open=False))
