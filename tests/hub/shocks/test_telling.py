"""What groups are told of shocks, attacked: differences over time, small groups, colluders, scenarios of one's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lineside.exchange import Input
from lineside.hub.compare import Secrecy
from lineside.hub.shocks import PUBLISHED, Figure, Loss, Seat, effect, figures, renewed, whole
from tests.hub.shocks.exposures import STEEL, exposed, exposure, loss_of_steel

SECRECY = Secrecy(k=5, c=2, dominance=0.5)


def cluster(count: int, seed: int = 1, group: str = "34", first: int = 1) -> dict[int, Loss]:
    """Members of an industry with losses that are all their own."""
    rng = np.random.default_rng(seed)
    return {first + at: Loss(group, *sorted(rng.uniform(0.1, 0.6, 2).tolist())) for at in range(count)}


def told(*editions: dict[int, Loss], secrecy: Secrecy = SECRECY) -> list[list[Figure]]:
    """What is told after each of these."""
    seats: dict[int, Seat] = {}
    found = []
    for now in editions:
        seats = renewed(seats, now, secrecy)
        found.append(figures(seats, secrecy))
    return found


def test_a_group_is_told_its_mean_rounded_outward() -> None:
    """Each member counts one; so many at least; and the band holds what a direct computation says."""
    members = cluster(23)

    (((figure,)),) = told(members)

    low, high = (np.mean([getattr(one, end) for one in members.values()]) for end in ("low", "high"))
    assert figure.members == 21
    assert figure.lost.low <= low < figure.lost.low + 0.01
    assert figure.lost.high - 0.01 < high <= figure.lost.high
    assert whole([figure]) == figure.lost


@pytest.mark.parametrize("count", range(7))
def test_a_group_that_is_too_small_is_not_told(count: int) -> None:
    """Group and colluders: seven at least."""
    assert told(cluster(count)) == [[]]


def test_small_industries_are_told_together() -> None:
    """And stay together when one of them grows: the difference would be the others."""
    small = cluster(4, group="34") | cluster(4, group="36", first=11)
    grown = small | cluster(9, seed=2, group="34", first=21)

    first, second = told(small, grown)

    assert [(one.group, one.members) for one in first] == [("", 7)]
    assert [(one.group, one.members) for one in second] == [("", 7), ("34", 7)]
    assert second[0] == first[0]


@pytest.mark.parametrize("changed", range(1, 7))
def test_the_difference_of_two_editions_is_of_no_single_member(changed: int) -> None:
    """While fewer than a group have corrected what they released, nothing that is told moves."""
    before = cluster(30)
    after = before | {at: replace(before[at], low=0.0, high=0.9) for at in range(1, changed + 1)}

    first, second = told(before, after)

    assert first == second


@pytest.mark.parametrize("left", range(1, 7))
def test_nor_of_the_few_that_have_not_corrected(left: int) -> None:
    """What all but a few changed would tell of the few."""
    before = cluster(30)
    after = {at: one if at <= left else replace(one, high=0.9) for at, one in before.items()}

    first, second = told(before, after)

    assert first == second


def test_a_correction_of_many_is_told() -> None:
    """Of a group that leaves a group, and of all."""
    before = cluster(30)
    many = before | {at: replace(before[at], high=0.9) for at in range(1, 11)}
    everybody = {at: replace(one, high=0.95) for at, one in before.items()}

    first, second, third = told(before, many, everybody)

    assert first != second != third
    assert third[0].lost.high == pytest.approx(0.95)


def test_sets_that_overlap_are_not_subtracted() -> None:
    """Ten change, then eight of these ten change back: the two left would be the difference, so the eight wait."""
    before = cluster(40)
    ten = before | {at: replace(before[at], high=0.9) for at in range(1, 11)}
    back = ten | {at: before[at] for at in range(1, 9)}

    _, second, third = told(before, ten, back)

    assert second == third


@pytest.mark.parametrize("came", range(1, 7))
def test_newcomers_wait_until_they_are_a_group(came: int) -> None:
    """A sum with one member more is that member."""
    before = cluster(20)
    after = before | cluster(came, seed=5, first=101)

    first, second = told(before, after)

    assert first == second


def test_who_leaves_is_not_the_difference() -> None:
    """What it said stays in what is told."""
    before = cluster(20)
    without = {at: one for at, one in before.items() if at != 7}

    first, second = told(before, without)

    assert first == second


def test_nothing_told_says_which_of_a_class_lost_what() -> None:
    """Exchange what two members said, in all editions: each byte of what is told stays."""
    first, second = cluster(25), cluster(25, seed=9)

    def swapped(now: dict[int, Loss]) -> dict[int, Loss]:
        return now | {3: now[17], 17: now[3]}

    assert told(first, second) == told(swapped(first), swapped(second))


def test_colluders_learn_no_other() -> None:
    """Two who subtract what they lost know the sum of five others at least, of whom none is more than half."""
    rng = np.random.default_rng(4)
    for _ in range(300):
        size = int(rng.integers(7, 15))
        values = rng.exponential(0.1, size) * (rng.random(size) < 0.7)
        members = {at: Loss("34", float(one), float(one)) for at, one in enumerate(values, 1)}

        if not told(members)[0]:
            continue
        for colluders in (np.argsort(values)[::-1][:2], np.argsort(values)[::-1][1:3], np.argsort(values)[:2]):
            others = np.delete(values, colluders)
            assert (others > 0).sum() >= SECRECY.k
            assert others.max() <= SECRECY.dominance * others.sum()


def test_a_group_where_few_lose_is_not_told() -> None:
    """One that alone depends on something would be the sum; and that none does is told of nobody either."""
    nothing = {at: Loss("34", 0.0, 0.0) for at in range(1, 20)}

    assert told(nothing) == [[]]
    assert told(nothing | {5: Loss("34", 0.4, 0.4)}) == [[]]


def test_newcomers_that_do_not_hide_each_other_wait() -> None:
    """What they add is a difference of two editions, so they keep the rule by themselves."""
    before = cluster(20)
    lone = {at: Loss("34", 0.0, 0.5 if at == 101 else 0.0) for at in range(101, 109)}

    first, second = told(before, before | lone)

    assert first == second != []


def test_a_stricter_protection_tells_less_of_what_is_there() -> None:
    """Also of what was told before, as whoever reads it then relies on the new word."""
    seats = renewed({}, cluster(9), SECRECY)

    assert len(figures(seats, SECRECY)) == 1
    assert figures(seats, Secrecy(k=10, c=2)) == []


def test_shocks_of_ones_own_would_give_a_factory_away() -> None:
    """Why the published ones are fixed: sweep the days, and the step in a sum is one member's stock and its share.

    The attacker knows that one factory alone has a stock of between 10 and 15 days, as a haulier may.
    """
    stocks = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 20.0, 21.0, 12.0]
    inputs = [Input(what=STEEL.what, share=0.3 + 0.05 * at, stock_days=one) for at, one in enumerate(stocks)]
    those = [exposed(at, exposure(inputs=(one,)), 10.0) for at, one in enumerate(inputs, 1)]

    sums = [effect(those, loss_of_steel(days)).lost.high * len(those) for days in range(8, 17)]
    step = np.diff(sums, 2)

    (at,) = np.flatnonzero(step > 1e-9)
    assert 8 + 1 + at == 12
    assert step[at] == pytest.approx(inputs[-1].share)
    assert all(one.what == "" for one in PUBLISHED)
