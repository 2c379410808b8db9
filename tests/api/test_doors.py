from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar, get
from litestar.testing import AsyncTestClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from lineside.api import create_app, plant_routes
from lineside.api.app import topics
from lineside.api.application import shared_topics
from lineside.api.guard import TheReach, Within, needs
from lineside.api.parameters import TheNode
from lineside.node import Node
from lineside.trust import AT_NODE, Grant, Permission, Role
from tests.api.doors import CANARY, LOOKING, PLANT, doors, headers, leaks, tokens, wrong_doors

Callers = dict[Grant | None, str | None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plant with a line that is tried and one that must not be seen."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    return tmp_path


@pytest.fixture
def node(folder: Path) -> Iterator[Node]:
    """Its node, whose sources rest."""
    with Node.open(folder) as opened:
        yield opened


@pytest.fixture
def callers(node: Node) -> Callers:
    """Somebody with each role in each scope, and nobody."""
    return tokens(node.people)


async def test_no_door_is_open_to_whom_it_should_not_be(app: Litestar, callers: Callers) -> None:
    """Every route, with every role and scope: what it declares is what happens."""
    assert len(list(doors(app))) > 50
    assert await wrong_doors(app, callers) == []


async def test_no_answer_names_what_is_out_of_reach(node: Node, callers: Callers) -> None:
    """Every route, asked by who reaches one line or machine, of a node that runs."""
    async with node.live():
        assert await leaks(create_app(node), callers) == []


async def test_what_is_out_of_reach_is_answered_as_what_is_not_there(app: Litestar, callers: Callers) -> None:
    """So that nobody finds out names by trying them."""
    async with AsyncTestClient(app, base_url="http://127.0.0.1:8000") as client:
        for grant, token in callers.items():
            if grant is None or grant.scope == "site" or grant.role not in LOOKING:
                continue
            for door in doors(app):
                if door.method != "GET" or door.permission is Permission.OPEN:
                    continue
                there = await client.get(door.url("out"), headers=headers(token))
                nowhere = await client.get(door.url("out").replace(CANARY, "quagga"), headers=headers(token))
                assert there.status_code == nowhere.status_code, (grant, door)
                told = [re.sub(r"\d{12,}|\d{4}-\d\d-\d\dT[\d:.]+Z", "now", answer.text) for answer in (there, nowhere)]
                assert told[0].replace(CANARY, "quagga") == told[1], (grant, door)


async def test_the_search_finds_a_door_left_open(
    app: Litestar, callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guard that lets everybody pass is found out, by name."""
    monkeypatch.setattr("lineside.api.guard.allow", lambda _identity, _permission: None)

    wrong = await wrong_doors(app, {grant: callers[grant] for grant in (None, Grant(Role.FINANCE))})

    assert any("POST /api/people as None" in one for one in wrong)
    assert any("POST /api/tally as finance" in one for one in wrong)


@get("/api/now", opt=needs(Permission.READ_FACTS, Within.FILTERED), sync_to_thread=False)
def forgetful(node: TheNode, reach: TheReach) -> dict[str, Any]:
    """A route that says it filters, and does not."""
    del reach
    return {"machines": list(node.plant.machines)}


async def test_the_search_finds_a_filter_that_was_forgotten(
    node: Node, callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer names a machine that the caller does not reach."""
    monkeypatch.setattr(plant_routes, "present", forgetful)

    grant = Grant(Role.AUDITOR, "line/cell")

    found = await leaks(create_app(node), {grant: callers[grant]})

    assert {one.partition("?")[0] for one in found} == {"GET /api/now"}


async def test_every_topic_is_shown_as_far_as_a_role_reaches(node: Node, callers: Callers, serving: Any) -> None:
    """Every topic, with every role and scope: nothing, or nothing of what is out of reach."""
    async with node.live(), serving(create_app(node)) as address:
        for topic in [*topics(node), *shared_topics(node)]:
            for grant, token in callers.items():
                if grant is None:
                    continue
                permitted = {topic.permission, Permission.READ_PLANT} <= AT_NODE.permissions[grant.role]
                allowed = permitted and (grant.scope == "site" or topic.narrow is not None)
                seen = await _watched(address, topic.name, token)
                assert (seen is not None) is allowed, (topic.name, grant)
                assert seen is None or grant.scope == "site" or CANARY not in seen, (topic.name, grant)
                assert not (allowed and topic.name in ("now", "sources")) or "press" in str(seen), (topic.name, grant)


async def _watched(address: str, topic: str, token: str | None) -> str | None:
    """The first frame of a topic; None for who may not have it."""
    with contextlib.suppress(ConnectionClosedError, InvalidStatus):
        async with connect(
            f"ws://{address}/api/live", additional_headers=headers(token), proxy=None, open_timeout=60
        ) as socket:
            await socket.send(msgspec.json.encode({"subscribe": [topic]}).decode())
            return str(await socket.recv())
    return None


async def test_nobody_gets_a_socket(node: Node, callers: Callers, serving: Any) -> None:
    """Who is not known is refused before anything is said."""
    assert callers
    async with serving(create_app(node)) as address:
        assert await _watched(address, "now", None) is None


@pytest.fixture
async def pushing(node: Node, serving: Any) -> AsyncIterator[str]:
    """A running node's address."""
    async with node.live(), serving(create_app(node)) as address:
        yield address


@pytest.mark.parametrize(("scope", "stored"), [("site", True), ("line/cell", True), ("line/zebra-line", False)])
async def test_a_collector_writes_where_its_scope_is(node: Node, pushing: str, scope: str, stored: bool) -> None:
    """By every way in which programs send a token: InfluxDB 1 and 2, and rows."""
    import httpx

    node.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
    node.people.add("plc", "service", [Grant(Role.COLLECTOR, scope)])
    token = node.people.token("plc", "Telegraf", Grant(Role.COLLECTOR), 1)
    line, row = 'm,machine=press mode="ACTIVE" 1772600000000000000', '{"address": "mode", "value": "ACTIVE"}'
    async with httpx.AsyncClient(base_url=f"http://{pushing}", trust_env=False, timeout=60) as client:
        answers = [
            await client.post("/api/v2/write?bucket=disk", content=line, headers={"Authorization": f"Token {token}"}),
            await client.post("/write?db=disk", content=line, auth=("plc", token)),
            await client.post(f"/write?db=disk&u=plc&p={token}", content=line),
            await client.post("/write?db=disk", content=line, headers={"Authorization": f"Bearer {token}"}),
            await client.post("/api/push/disk", content=row, headers={"Authorization": f"Bearer {token}"}),
        ]
        refused = await client.post("/write?db=disk", content=line)
        wrong = await client.post("/api/v2/write?bucket=disk", content=line, headers={"Authorization": "Token x"})

    assert [answer.status_code < 300 for answer in answers] == [stored] * 5, [answer.text for answer in answers]
    assert (refused.status_code, wrong.status_code) == (401, 401)
    assert "error" in refused.json()
    assert wrong.json()["code"] == "unauthorized"
