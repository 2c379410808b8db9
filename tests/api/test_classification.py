"""Classes and types over HTTP: who may read what, and that nobody reads another's type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import Door
from lineside.api.hub import create_hub_app
from lineside.hub import Hub
from lineside.trust import Grant, Role
from tests.api.doors import headers, tokens
from tests.hub.classification.parks import MEMBERS, learn, park
from tests.hub.tiers.clusters import Cluster, plain

BASE_URL = "http://127.0.0.1:8000"
MEMBER = Grant(Role.MEMBER, "member/17")
ANALYST = Grant(Role.ANALYST)
Client = AsyncTestClient[Litestar]
GROUP = 7


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, Cluster, dict[Grant | None, str | None]]]:
    """A hub that learned types, with a token for everybody."""
    with park(tmp_path_factory.mktemp("park")) as (hub, cluster, _):
        cluster.tell()
        learn(hub)
        yield hub, cluster, dict(tokens(hub.people))


def client_of(hub: Hub) -> Client:
    """Asks it, as somebody or nobody."""
    return AsyncTestClient(create_hub_app(hub, Door(open=False)), base_url=BASE_URL)


async def got(client: Client, path: str, token: str | None) -> Any:
    """What a path answers."""
    answer = await client.get(path, headers=headers(token))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_who_may_read_what(made: tuple[Hub, Cluster, dict[Grant | None, str | None]]) -> None:
    """Types and reported figures everybody with a role, one's own classes members, those of others analysts."""
    hub, _, callers = made
    expected = {
        None: (401, 401, 401, 401, 401),
        MEMBER: (200, 200, 200, 403, 403),
        ANALYST: (200, 200, 200, 200, 400),
        Grant(Role.AUDITOR): (200, 200, 200, 200, 403),
        Grant(Role.REGISTRAR): (200, 200, 403, 403, 403),
        Grant(Role.OVERSEER): (200, 200, 403, 403, 403),
    }

    async with client_of(hub) as client:
        for grant, wanted in expected.items():
            paths = ("/api/types", "/api/reported", "/api/members/17/classes", "/api/members/18/classes")
            found = [(await client.get(path, headers=headers(callers[grant]))).status_code for path in paths]
            learned = await client.post("/api/types/learn", headers=headers(callers[grant]))
            assert (*found, learned.status_code) == wanted, grant


async def test_only_who_sees_all_figures_reads_exact_sizes(
    made: tuple[Hub, Cluster, dict[Grant | None, str | None]],
) -> None:
    """Everybody else gets the statement that was signed into the ledger, whole groups in all of it."""
    hub, _, callers = made

    async with client_of(hub) as client:
        exact, told = [await got(client, "/api/types", callers[one]) for one in (ANALYST, MEMBER)]
        counts = [await got(client, "/api/reported", callers[one]) for one in (ANALYST, Grant(Role.OVERSEER))]

    assert sum(one["exact"] for one in exact["told"]["types"]) <= MEMBERS
    assert {one["exact"] for one in told["told"]["types"]} == {None}
    assert (exact["may_learn"], told["may_learn"], told["due"]) == (True, False, None)
    assert counts[0]["exact"]
    assert not counts[1]["exact"]
    assert counts[0]["tallies"][0]["members"] == MEMBERS
    shown = [count["members"] for tally in counts[1]["tallies"] for count in tally["counts"]]
    assert {one % GROUP for one in shown if one is not None} == {0}
    assert {one["indicator"]: one["bands"] is not None for one in counts[1]["shares"]}["online_share"] is False
    assert all(one["why"] for one in counts[1]["not_told"])
    coverage = [f"told by 0 of {number} members, by 0 of them by hand" for number in (MEMBERS, 0, MEMBERS)]
    assert [one["coverage"] for one in counts[0]["totals"]] == coverage
    assert {(one["value"], one["coverage"], bool(one["withheld"])) for one in counts[1]["totals"]} == {(None, "", True)}


async def test_no_answer_to_a_member_tells_of_another(
    made: tuple[Hub, Cluster, dict[Grant | None, str | None]],
) -> None:
    """No name, no exact number and no list of members stands in what a member reads beside its own classes."""
    hub, _, callers = made
    kept = hub.classification.edition()
    assert kept is not None

    async with client_of(hub) as client:
        paths = ("/api/types", "/api/types?generated=false", f"/api/types?edition={kept.number}", "/api/reported")
        told = b"".join([plain(await got(client, path, callers[MEMBER])) for path in paths])
        own = await got(client, "/api/members/17/classes", callers[MEMBER])
        gone = await client.get("/api/types?edition=99", headers=headers(callers[MEMBER]))

    assert b"Works" not in told
    assert own["member"]["name"] == "Works 16"
    assert own["type"]["type"]["name"] == kept.basis.types[16]
    assert own["type"]["type"]["exact"] is None
    assert [one["class"] is None for one in own["classes"]].count(True) >= 3
    assert all(one["why"] and one["source"] for one in own["classes"])
    assert gone.status_code == 400


async def test_a_reader_without_generated_members_gets_what_is_made_of_none(
    made: tuple[Hub, Cluster, dict[Grant | None, str | None]],
) -> None:
    """In this hub nobody was generated, so both readers get the same, in their language."""
    hub, _, callers = made

    async with client_of(hub) as client:
        with_made, without = [
            await got(client, f"/api/types?lang=zh&generated={flag}", callers[MEMBER]) for flag in ("true", "false")
        ]

    assert with_made == without
    assert "个类型" in with_made["told"]["words"]
