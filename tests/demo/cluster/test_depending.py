"""What generated members depend on: marked as generated, taken by a real hub, enough of it for its shocks."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from lineside.demo.cluster import HistoryClock, accompany, generate, hub_file, join, release_exposures
from lineside.demo.cluster.depending import depends
from lineside.demo.cluster.firms import firms
from lineside.exchange import Exposure, month_number
from lineside.hub import HUB_FILE, Hub
from lineside.hub.shocks import PUBLISHED, Basis, Shock, ShockKind

SEED, FEW = 22400, 120
LAST = month_number("2026-09")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, int]]:
    """A hub whose generated members told what they depend on, and how many did."""
    folder, cluster = tmp_path_factory.mktemp("hub"), generate(SEED, FEW, last=LAST, months=14)
    (folder / HUB_FILE).write_text(hub_file(FEW, "Asia/Shanghai"), "utf-8")
    clock = HistoryClock(LAST - 13, lambda: time.time_ns() // 1000)
    with Hub(folder, now_us=clock) as hub:
        monthly = accompany(hub, cluster)
        speakers = join(hub, cluster.members, clock=clock, progress=lambda *_: None, monthly=monthly)
        yield hub, release_exposures(hub, speakers, SEED, month=LAST, now_ms=clock() // 1000)


def test_what_is_released_is_marked_as_generated(released: tuple[Hub, int]) -> None:
    """By each statement, and by what the hub makes of them."""
    hub, count = released

    said = hub.hearing.of(Exposure)
    found = hub.shocks.effect(Shock(ShockKind.POWER, 0.2, 10))

    assert len(said) == count
    assert {one.told.origin for one in said} == {"generated"}
    assert found.generated == found.told > 0
    assert hub.shocks.effect(found.shock, generated=False).members == 0


def test_shocks_of_the_demo_have_something_to_show(released: tuple[Hub, int]) -> None:
    """Not everybody told; some have a twin; each published shock is told of some group."""
    hub, _ = released

    power = hub.shocks.effect(PUBLISHED[1])
    supplier = hub.shocks.effect(PUBLISHED[0])
    told = hub.shocks.told()

    assert FEW / 4 < power.told < FEW
    assert {one.risk.basis for one in power.hits} == {Basis.MODEL, Basis.TWIN}
    assert power.recoveries.cost_cny is not None
    assert len({one.risk.first for one in supplier.hits}) > 5
    assert told is not None
    assert all(told.shocks)


def test_the_same_seed_gives_the_same_dependences() -> None:
    """To the byte, whoever is asked about first."""
    made = firms(SEED, 30)

    assert [depends(one, SEED) for one in made] == [depends(one, SEED) for one in reversed(made)][::-1]
    assert [depends(one, SEED) for one in made] != [depends(one, SEED + 1) for one in made]
