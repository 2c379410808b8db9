"""Who uses a pack, how far it spread, and what came of it: against direct computations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from lineside.exchange import Cost
from lineside.hub import Hub
from lineside.hub.packs import draft_of
from lineside.hub.packs.costs import told_cost
from lineside.hub.packs.uses import Use
from lineside.hub.packs.uses import uses as uses_of
from lineside.hub.pilots import told_count
from lineside.hub.types import median_interval
from tests.hub.factories import Clock, Factory, problem
from tests.hub.packs.drafts import (
    ANALYST,
    DRAFT,
    NOW,
    PROVIDER,
    adopt,
    adoption,
    foreseen,
    members,
    published,
    recovery,
)


def test_a_pack_of_somewhere_else_is_not_taken(hub: Hub, factory: Factory) -> None:
    """Nor one in a month that cannot be, nor the end of what never began; the next word is heard all the same."""
    pack = published(hub).sha256

    def said(told: object) -> str:
        return problem(hub.receive(factory.signed(told).json()))  # type: ignore[arg-type]

    assert said(adoption(factory, "a" * 64, NOW - 1)) == "packs.not_here"
    assert said(adoption(factory, pack, NOW + 2)) == "packs.month"
    assert said(adoption(factory, pack, NOW - 500)) == "packs.month"
    assert said(adoption(factory, pack, NOW, ended=True)) == "packs.not_in_use"
    assert said(adoption(factory, pack, NOW, foreseen=foreseen(2.0, 1.0))) == "packs.foreseen"
    adopt(hub, factory, pack, NOW + 1)
    adopt(hub, factory, pack, NOW + 1, ended=True)
    assert [(one.since, one.until) for one in hub.packs.uses()] == [(NOW + 1, NOW + 1)]


def test_beginning_and_end_may_come_in_one_batch(hub: Hub, factory: Factory) -> None:
    """As of a node that was cut off for long."""
    pack = published(hub).sha256
    both = [
        factory.say(adoption(factory, pack, NOW - 4)),
        factory.say(adoption(factory, pack, NOW - 1, ended=True)),
    ]

    answers = factory.send(hub, *both)

    assert [one.problem for one in answers] == [None, None]
    assert [(one.since, one.until) for one in hub.packs.uses()] == [(NOW - 4, NOW - 1)]


def test_the_next_edition_goes_on_with_the_use(hub: Hub, factory: Factory) -> None:
    """One member, one use, whichever edition; after giving up a new one begins."""
    first = published(hub)
    second = published(hub, replace(draft_of(first.pack), licence="CC0"))

    adopt(hub, factory, first.sha256, NOW - 9, cost_cny=10_000.0)
    adopt(hub, factory, second.sha256, NOW - 5, cost_cny=99_000.0, places=3)
    adopt(hub, factory, second.sha256, NOW - 3, ended=True)
    adopt(hub, factory, second.sha256, NOW - 1)

    told = [(one.since, one.until, one.edition, one.cost_cny, one.places) for one in hub.packs.uses("fast-recovery")]
    assert told == [
        (NOW - 9, NOW - 3, second.sha256, 10_000.0, 3),
        (NOW - 1, None, second.sha256, None, 1),
    ]
    assert uses_of(hub.hearing.of(type(adoption(factory, first.sha256, NOW))), {}) == ()


def test_the_spread_is_exact_for_analysts_and_in_steps_for_others(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Groups that were made when the pack was published; who came later is not told of, and no group of a few is."""
    presses = members(hub, tmp_path, clock, 16)
    members(hub, tmp_path, clock, 3, "C1351")
    pack = published(hub)
    late = members(hub, tmp_path, clock, 1, first=16)
    for at, factory in enumerate([*presses[:9], *late]):
        adopt(hub, factory, pack.sha256, NOW - 6 + at % 3)

    exact, told = hub.packs.exact("fast-recovery"), hub.packs.told("fast-recovery")

    assert exact.by_industry.whole.adopted[-1] == 10
    assert {one.group: one.members for one in exact.by_industry.groups} == {"13": 3, "34": 17}
    assert exact.in_use == 10
    assert [one.group for one in told.groups] == [""]
    (rest,) = told.groups
    assert rest.members == 14
    direct = told_count(np.array([0, 9]), 19, 7).tolist()
    assert rest.adopted[-1] == direct[1] == 7
    assert set(rest.adopted) == {0, 7}
    assert len(rest.adopted) == 24


def test_one_adoption_more_is_not_told(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """What others read before and after it is the same, byte by byte, until a whole group has."""
    factories = members(hub, tmp_path, clock, 30)
    pack = published(hub)
    seen = [hub.packs.told("fast-recovery")]
    for factory in factories[:9]:
        adopt(hub, factory, pack.sha256, NOW - 3)
        seen.append(hub.packs.told("fast-recovery"))

    assert seen[0] == seen[6]
    assert seen[6] != seen[7]
    assert seen[7] == seen[9]


def test_what_came_after_is_a_difference_to_those_who_did_not(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Equal to the median computed by hand; for others it is told of whole groups and on the grid."""
    factories = members(hub, tmp_path, clock, 30)
    pack = published(hub)
    months, began = range(NOW - 14, NOW), NOW - 7
    gains = []
    for at, factory in enumerate(factories):
        uses, drift, own = at < 14, -1.0, -(3.0 + at / 10)
        recovery(hub, factory, list(months), 20.0, began, drift + (own if uses else 0.0))
        if uses:
            adopt(hub, factory, pack.sha256, began, foreseen=foreseen(-4.0, -3.45))
            gains.append(-own)

    exact = hub.packs.evidence("fast-recovery", "recovery_time", exact=True)
    told = hub.packs.evidence("fast-recovery", "recovery_time", exact=False)

    assert exact.followed is not None
    assert exact.calibration is not None
    direct = median_interval(np.array(gains))
    assert (exact.followed.gain, exact.followed.low, exact.followed.high) == pytest.approx(direct)
    assert exact.followed.members == 14
    assert (exact.calibration.held, exact.calibration.of) == (6, 14)
    assert told.followed is not None
    assert told.followed.members == 13
    assert told.followed.low <= np.median(gains[:13]) <= told.followed.high
    assert told.calibration is not None
    assert (told.calibration.held, told.calibration.of) == (0, 14)


def test_a_few_who_adopted_are_told_of_to_nobody_else(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Analysts see them; months that are not over do not count."""
    factories = members(hub, tmp_path, clock, 20)
    pack = published(hub)
    for at, factory in enumerate(factories):
        recovery(hub, factory, list(range(NOW - 14, NOW)), 20.0, NOW - 7, -2.0 if at < 6 else 0.0)
        if at < 6:
            adopt(hub, factory, pack.sha256, NOW - 7 if at < 5 else NOW - 3)

    exact = hub.packs.evidence("fast-recovery", "recovery_time", exact=True)

    assert exact.followed is not None
    assert exact.followed.members == 5
    assert hub.packs.evidence("fast-recovery", "recovery_time", exact=False).followed is None


def test_a_month_counts_from_the_day_on_that_it_is_ripe(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Also where somebody looked at it before, and nobody said anything since."""
    factories = members(hub, tmp_path, clock, 20)
    pack = published(hub)
    for factory in factories[:8]:
        adopt(hub, factory, pack.sha256, NOW - 5)
    clock.forward(days=12)
    for at, factory in enumerate(factories):
        recovery(hub, factory, list(range(NOW - 12, NOW + 1)), 20.0, NOW - 5, -2.0 if at < 8 else 0.0)

    early = hub.packs.evidence("fast-recovery", "recovery_time", exact=True)
    clock.forward(days=21)
    ripe = hub.packs.evidence("fast-recovery", "recovery_time", exact=True)

    assert early.followed is None
    assert ripe.followed is not None
    assert ripe.followed.members == 8


def test_who_left_does_not_count_among_those_who_use_it(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """So that no more members use it than adopted it."""
    factories = members(hub, tmp_path, clock, 9)
    pack = published(hub)
    for factory in factories[:3]:
        adopt(hub, factory, pack.sha256, NOW - 3)
    hub.registrar.close(hub.register.everybody()[0].number, "It was sold.")

    exact = hub.packs.exact("fast-recovery")

    assert exact.by_industry.whole.adopted[-1] == exact.in_use == 2


def _use(member: int, cost: float | None) -> Use:
    return Use(member, "p", "e", 1, member, cost_cny=cost)


def test_costs_are_told_of_whole_groups() -> None:
    """The median of the first groups; who tells one more changes nothing until a group has."""
    told = [_use(at, 10_000.0 + 1_000 * at) for at in range(1, 21)]

    found = [told_cost(told[:count], frozenset({3}), 7) for count in (6, 7, 13, 14)]

    assert found[0] is None
    assert found[1] == found[2]
    assert found[1] is not None
    assert found[3] is not None
    assert found[1].median == float(f"{np.median([10_000 + 1_000 * at for at in range(1, 8)]):.2g}")
    assert (found[1].low, found[1].high, found[1].members, found[1].generated) == (10_000, 20_000, 7, True)
    assert found[3].members == 14
    twice = [*told[:7], _use(3, 9e9)]
    assert told_cost(twice, frozenset({3}), 7) == found[1]


def test_an_edition_may_go_by_what_members_told(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """By publishing alone, and only when enough told."""
    factories = members(hub, tmp_path, clock, 13)
    first = published(hub)
    for at, factory in enumerate(factories):
        with_cost = {"cost_cny": 30_000.0 + 1_000 * at}
        adopt(hub, factory, first.sha256, NOW - 3, **with_cost)
        if at == 11:
            number = hub.packs.drafts.begin(draft_of(first.pack), by=PROVIDER).number
            with pytest.raises(Exception, match="Fewer than 13"):
                hub.packs.publish(number, "As told.", members_cost=True, by=ANALYST)

    found = hub.packs.publish(number, "As told.", members_cost=True, by=ANALYST)

    assert found.pack.cost == Cost(once_cny=(30_000.0, 40_000.0), days=DRAFT.cost.days, members=13)
    assert first.pack.cost.members == 0
