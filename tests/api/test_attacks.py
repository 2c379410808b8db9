"""Attacks on a running hub by what it answers over HTTP: each works out its best guess and is held against the truth.

The attackers are the public, a member, two members who put together what they know (so many are promised to be
withstood), a provider, and an administrator, who reads the ledger and no figure.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import Door
from lineside.api.hub import create_hub_app
from lineside.exchange import Incident
from lineside.hub import Hub
from lineside.trust import Grant, Role
from tests.api.doors import headers, tokens
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock, Factory
from tests.hub.oversight.asking import band, factories, reply
from tests.hub.packs.drafts import need
from tests.hub.support.shelves import ID, enrolled, put

Client = AsyncTestClient[Litestar]
MEMBER, OVERSEER = Grant(Role.MEMBER, "member/17"), Grant(Role.OVERSEER)
GROUP, SPIES = 7, 2


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """A hub that five members hide in against two."""
    folder = write_hub(tmp_path / "hub")
    put(folder)
    with Hub(folder, now_us=clock) as opened:
        yield opened


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[Client]:
    """Asks it, as somebody or nobody."""
    app: Litestar = create_hub_app(hub, Door(open=False))
    async with AsyncTestClient(app, base_url="http://127.0.0.1:8000") as opened:
        yield opened


async def read(client: Client, path: str, token: str | None = None) -> dict[str, Any]:
    """What somebody is answered."""
    answer = await client.get(path, headers=headers(token))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("members", [9, 13, 14, 16])
async def test_who_told_of_nothing_learns_of_nobody_that_told(
    client: Client, hub: Hub, tmp_path: Path, clock: Clock, members: int
) -> None:
    """Two who had no incident read the public counts: as many told as are left, so it was each of the others."""
    every = [Factory.make(tmp_path, clock, f"m{at}").joined(hub) for at in range(members)]
    for one in every[SPIES:]:
        told = Incident(concern="safety", severity=3, title="Fire", began_ms=clock.ms, **one.base())
        one.send(hub, one.say(told))
    clock.forward(days=92)

    counts = (await read(client, "/api/incidents/counts"))["counts"]
    surely = [one for one in counts if one["at_least"] >= members - SPIES]

    assert surely == []
    assert all(members - one["at_least"] >= GROUP for one in counts)
    assert bool(counts) is (members >= 2 * GROUP)


@pytest.mark.parametrize("bands", [(0, 1), (0, 0), (1, 2), (0, 1, 2)])
async def test_bands_of_answers_leave_each_band_possible(
    client: Client, hub: Hub, tmp_path: Path, clock: Clock, bands: tuple[int, ...]
) -> None:
    """A member adds up what is told of the bands: where that is nearly everybody, nobody lies in the other bands."""
    every = factories(hub, tmp_path, clock, GROUP * len(bands))
    asked = hub.oversight.questions.publish(band(clock, 0.4, 0.6))
    for at, one in enumerate(every):
        one.send(hub, reply(one, asked, band=bands[at // GROUP]))
    clock.forward(days=11)

    parts = (await read(client, "/api/questions/1", tokens(hub.people)[MEMBER]))["told"]["parts"]
    empty = [at for at, count in enumerate(parts) if not count]

    assert any(parts)
    assert not empty or len(every) - sum(parts) >= GROUP


BEST = 0.9137
SHARES = [(40 + at, round(0.6 + 0.01 * at, 2)) for at in range(20)] + [(60, BEST)]


async def tried(client: Client, token: str | None, least: float) -> dict[str, Any]:
    """What somebody is told of a rule that asks for so many machines connected."""
    told = {"programme": ID, "parameters": {"least_share": least}, "assumed": {"no_other_money": True, "spend": 5e5}}
    answer = await client.post("/api/laboratory", json=told, headers=headers(token))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["effect"]
    return {name: found[name] for name in ("whole", "classes", "difference", "unevenness", "budget_after")}


async def test_a_rule_for_the_best_alone_does_not_find_it(
    client: Client, hub: Hub, tmp_path: Path, clock: Clock
) -> None:
    """An overseer, who sees no figure, halves the share that a rule asks for until it is that of the best one.

    Whether anybody is left whom the rule supports would be seen in all money and in every index of inequality.
    """
    enrolled(hub, tmp_path, clock, SHARES)
    token = tokens(hub.people)[OVERSEER]
    nobody = await tried(client, token, 0.99)
    low, high = 0.8, 0.99
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (low, middle) if await tried(client, token, middle) == nobody else (middle, high)

    assert abs((low + high) / 2 - BEST) > 0.1


async def test_one_firm_that_drops_out_takes_no_amount_along(
    client: Client, hub: Hub, tmp_path: Path, clock: Clock
) -> None:
    """What support costs less is told of a group that loses it, and not where it is what one firm would have had."""
    enrolled(hub, tmp_path, clock, SHARES)
    token = tokens(hub.people)[OVERSEER]

    one, many = [await tried(client, token, least) for least in (0.605, 0.695)]

    assert one["difference"] is None or one["difference"]["value"] is None
    assert one["unevenness"] == []
    assert many["difference"]["value"] < 0
    assert len(many["unevenness"]) == 2


async def test_a_need_that_comes_or_goes_tells_not_what_it_is_worth(
    client: Client, hub: Hub, tmp_path: Path, clock: Clock
) -> None:
    """A provider reads what all needs are worth before and after, and takes one from the other.

    Who tells more of what it looks for, and who takes a need back, is seen as little.
    """
    every = [Factory.make(tmp_path, clock, f"m{at}").joined(hub) for at in range(GROUP + 1)]
    token = tokens(hub.people)[Grant(Role.PROVIDER)]

    async def seen() -> list[float]:
        return [one["cny"] for one in (await read(client, "/api/needs", token))["worth"]]

    def posts(factory: Factory, worth: float) -> None:
        factory.send(hub, factory.say(need(factory, indicator="oee", worth_cny=worth)))

    for one in every[:GROUP]:
        posts(one, 100_000.0)
    before = await seen()
    posts(every[GROUP], 240_000.0)
    one_more = await seen()
    posts(every[0], 330_000.0)
    more_of_one = await seen()
    every[1].send(hub, every[1].say(need(every[1], "", takes_back=1)))

    assert before == one_more == more_of_one == [700_000.0]
    assert await seen() == []
