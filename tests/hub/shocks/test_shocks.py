"""Shocks at a real hub: heard from members, told in editions, on SQLite and on PostgreSQL."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from lineside.errors import ConfigurationError
from lineside.exchange import Energy, Exposure, Input
from lineside.hub import Hub
from lineside.hub.shocks import PUBLISHED, Basis, ToldShocksRecord
from lineside.trust import Kind
from tests.hub.conftest import Opens
from tests.hub.factories import PROFILE, Clock, Factory, problem
from tests.hub.shocks.exposures import MONTH, STEEL, cap, tried


def dependent(factory: Factory, share: float = 0.4, **other: Any) -> Exposure:
    """What a factory releases next."""
    told = {
        "inputs": (Input(what=STEEL.what, share=share, stock_days=5.0),),
        "energy": Energy(power_kw=80.0, cost_share=0.05, spared=0.1),
        "month": MONTH,
    }
    return Exposure(**{**told, **factory.base(), **other})


def joined(hub: Hub, folder: Path, clock: Clock, count: int, first: int = 1) -> list[Factory]:
    """Factories that told what they depend on."""
    found = []
    for at in range(first, first + count):
        one = Factory.make(folder, clock, f"m{at}").joined(hub, f"works {at}")
        one.send(hub, one.say(dependent(one, 0.2 + 0.02 * at)))
        found.append(one)
    return found


def test_the_newest_exposure_of_each_member_counts(hub: Hub, factory: Factory) -> None:
    """What it says later takes the place of what it said before."""
    factory.send(hub, factory.say(dependent(factory)))
    before = hub.shocks.effect(cap(0.2))
    factory.send(hub, factory.say(dependent(factory, recoveries=(tried(0.2, (0.0, 0.4)),))))

    after = hub.shocks.effect(cap(0.2))

    assert [one.risk.basis for one in (*before.hits, *after.hits)] == [Basis.MODEL, Basis.TWIN]
    assert hub.shocks.inputs() == {STEEL.what: 1}


def test_an_effect_is_worked_out_once_until_somebody_releases_something_else(hub: Hub, factory: Factory) -> None:
    """By the same statements the same thing; by what was said since, that of a direct computation."""
    factory.send(hub, factory.say(dependent(factory)))
    first, again = hub.shocks.effect(cap(0.2)), hub.shocks.effect(cap(0.2))
    factory.send(hub, factory.say(dependent(factory, energy=Energy(power_kw=80.0, spared=0.0))))

    later = hub.shocks.effect(cap(0.2))

    assert again is first
    (only,) = first.hits
    assert only.risk.high == pytest.approx((0.2 - 0.1) / (1 - 0.1))
    assert [one.risk.high for one in later.hits] == [0.2]
    for size in range(1, 40):  # more than are kept
        assert hub.shocks.effect(cap(size / 40)).shock.size == size / 40
    assert hub.shocks.effect(cap(0.2)) == later


def test_only_who_is_a_member_counts(hub: Hub, factory: Factory) -> None:
    """Not who left."""
    factory.send(hub, factory.say(dependent(factory)), factory.leaving())

    assert hub.shocks.effect(cap(0.2)).members == 0


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ({"month": "2026-12"}, "shocks.month_ahead"),
        ({"origin": "generated"}, "hub.origin"),
        ({"inputs": (STEEL, replace(STEEL, what="cold-rolled  steel"))}, "shocks.input_twice"),
        ({"recoveries": (tried(0.2, (0.4, 0.1)),)}, "shocks.no_interval"),
        ({"recoveries": (tried(0.2, (0.1, 0.4), cost_cny=(2.0, 1.0)),)}, "shocks.no_interval"),
        ({"inputs": (replace(STEEL, stock_days=4000.0),)}, "shocks.too_long"),
    ],
)
def test_what_means_nothing_is_refused_with_its_reason(
    hub: Hub, factory: Factory, other: dict[str, Any], key: str
) -> None:
    """And not taken: the next statement may have its number."""
    refused = problem(hub.receive(factory.signed(dependent(factory, **other)).json()))

    assert refused == key
    factory.send(hub, factory.say(dependent(factory)))


@pytest.mark.usefixtures("books")
def test_what_is_told_stays_told_and_stands_in_the_ledger(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """On each kind of books: the same after the hub was opened again, and named by its hash."""
    hub = opens()
    joined(hub, tmp_path, clock, 10)
    told = hub.shocks.tell()

    again = opens()

    assert again.shocks.told() == told
    assert [len(one) for one in told.shocks] == [1] * len(PUBLISHED)
    with again.books.reading() as rows, again.ledger.stored() as now:
        record = rows.scalars(select(ToldShocksRecord)).one()
        bodies = [now.body(at).decode() for at in range(now.size)]
    (entry,) = (body for body in bodies if Kind.SHOCKS_TOLD.value in body)
    assert sha256(record.content).hexdigest() in entry
    assert "works" not in record.content.decode()


def test_editions_do_not_follow_each_other_closely(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """A quarter at least lies between; and what few said meanwhile waits."""
    joined(hub, tmp_path, clock, 10)
    first = hub.shocks.tell()
    joined(hub, tmp_path, clock, 3, first=20)
    clock.forward(days=79)
    with pytest.raises(ConfigurationError) as refused:
        hub.shocks.tell()
    clock.forward(days=1)

    second = hub.shocks.tell()

    assert refused.value.key == "shocks.told_lately"
    assert (second.edition, second.shocks) == (2, first.shocks)


def test_too_few_are_told_of_nothing(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """And nothing is written."""
    joined(hub, tmp_path, clock, 6)

    with pytest.raises(ConfigurationError) as refused:
        hub.shocks.tell()

    assert refused.value.key == "shocks.too_few"
    assert hub.shocks.told() is None


def test_a_hub_that_tells_nothing_of_groups_tells_nothing_of_shocks(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """As its settings have it."""
    joined(hub, tmp_path, clock, 10)
    hub.settings = hub.settings.model_copy(update={"telling": None})

    with pytest.raises(ConfigurationError) as refused:
        hub.shocks.tell()

    assert refused.value.key == "shocks.no_telling"


def test_a_member_sees_what_the_published_shocks_cost_it(hub: Hub, factory: Factory) -> None:
    """Unknown, before it told."""
    unknown = hub.shocks.of_member(factory.number)
    factory.send(hub, factory.say(dependent(factory, 0.4)))

    supplier, power, price = hub.shocks.of_member(factory.number)

    assert {one.basis for one in unknown} == {Basis.UNKNOWN}
    assert supplier.lost == pytest.approx((0.4 * 25, 0.4 * 25))
    assert power.high == pytest.approx(0.1 / 0.9)
    assert price.high == pytest.approx(0.05 * 0.3)
    assert factory.number == 1
    assert PROFILE.employees == 120
