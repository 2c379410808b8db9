"""What a shock does to a cluster, against a direct computation day by day."""

from __future__ import annotations

import numpy as np
import pytest

from lineside.exchange import Energy, Input
from lineside.hub.shocks import Basis, Between, Exposed, Shock, ShockKind, effect, inputs_named, risk
from tests.hub.shocks.exposures import STEEL, cap, exposed, exposure, loss_of_steel, power, tried

FINE = 200
"""Moments of a day at which the direct computation looks."""


def factories(count: int, seed: int) -> list[Exposed]:
    """Factories with inputs of all kinds; some told nothing."""
    rng = np.random.default_rng(seed)
    found = []
    for member in range(1, count + 1):
        one = Input(
            what=STEEL.what,
            share=float(rng.uniform()),
            stock_days=float(rng.integers(0, 40)),
            replaced_days=None if rng.random() < 0.3 else float(rng.integers(0, 60)),
        )
        told = None if rng.random() < 0.2 else exposure(inputs=(one,))
        found.append(exposed(member, told, float(rng.integers(5, 500)), "34" if rng.random() < 0.5 else "36"))
    return found


def lost_at(one: Exposed, moment: float, days: float) -> float:
    """The share of the output that a factory loses at a moment, by the rule in words."""
    assert one.told is not None
    (own,) = one.told.inputs
    until = min(days, own.replaced_days) if own.replaced_days is not None else days
    return own.share if own.stock_days <= moment < until else 0.0


def test_the_curve_is_that_of_a_direct_computation() -> None:
    """Moment by moment, factory by factory, weighed by employees."""
    those, days = factories(40, seed=7), 30.0
    told = [one for one in those if one.told is not None]
    weights = np.array([one.employees or 0 for one in told])

    found = effect(those, loss_of_steel(days))

    for day, between in enumerate(found.curve):
        moments = day + (np.arange(FINE) + 0.5) / FINE
        each = np.array([np.mean([lost_at(one, moment, days) for moment in moments]) for one in told])
        assert between.low == between.high == pytest.approx(float(weights @ each / weights.sum()), abs=1e-9)
    assert sum(one.high for one in found.curve) == pytest.approx(found.lost.high)


def test_who_is_hit_and_how_much_is_that_of_a_direct_computation() -> None:
    """One factory after another: its own loss, its part of all, and its place in the order."""
    those, shock = factories(60, seed=11), loss_of_steel(30.0)

    found = effect(those, shock)

    own = [(one, risk(one.told, shock)) for one in those if one.told is not None]
    hit = [(one, each, each.lost[1] * (one.employees or 0)) for one, each in own if each.high > 0]
    whole = sum(lost for _, _, lost in hit)
    order = sorted(hit, key=lambda each: (each[1].first, -each[2], each[0].member))
    assert [(one.member, one.risk, one.weight) for one in found.hits] == [
        (one.member, each, one.employees) for one, each, _ in order
    ]
    assert [one.of_cluster for one in found.hits] == pytest.approx([lost / whole for _, _, lost in order])
    weights = sum(one.employees or 0 for one, _ in own)
    assert found.lost.high == pytest.approx(whole / weights)


def test_who_did_not_tell_makes_a_range_and_no_zero() -> None:
    """One told that it loses nothing; the other may lose nothing or all that the cap takes."""
    found = effect([exposed(1, power(spared=0.5), 300.0), exposed(2, None, 100.0)], cap(0.4, days=10))

    assert found.lost == Between(0.0, 0.0)
    assert (found.of_all.low, found.of_all.high) == pytest.approx((0.0, 0.25 * 0.4 * 10))
    assert (found.members, found.told, found.weight_told) == (2, 1, 0.75)


def test_factories_weigh_by_employees_only_where_all_told_them() -> None:
    """Else each counts one: a factory of one person beside those of hundreds would be none."""
    two = [exposed(1, power(), 300.0), exposed(2, power(spared=1.0), 100.0)]

    by_employees = effect(two, cap(0.4))
    by_members = effect([two[0], exposed(2, power(spared=1.0), None)], cap(0.4))

    assert by_employees.by_employees
    assert by_employees.lost.high == pytest.approx(3.0)
    assert not by_members.by_employees
    assert by_members.lost.high == pytest.approx(2.0)


def test_who_is_hit_first_comes_first() -> None:
    """By the end of the stock; of the same day who loses most of the cluster."""
    inputs = {1: (12.0, 0.9), 2: (3.0, 0.1), 3: (3.0, 0.6), 4: (400.0, 0.9)}
    those = [
        exposed(member, exposure(inputs=(Input(what=STEEL.what, share=share, stock_days=stock),)))
        for member, (stock, share) in inputs.items()
    ]

    found = effect(those, loss_of_steel(30))

    assert [one.member for one in found.hits] == [3, 2, 1]
    assert sum(one.of_cluster for one in found.hits) == pytest.approx(1)


def test_what_twins_say_is_added_end_by_end() -> None:
    """Costs by both ends, as one shock meets all at once; days are those of whoever is last."""
    told = [
        exposure(energy=Energy(power_kw=1.0), recoveries=(tried(0.2, (0.1, 0.2), cost_cny=(1e5, 3e5)),)),
        exposure(recoveries=(tried(0.2, (0.0, 0.1), recovery_days=(0.0, 9.0), cost_cny=(2e5, 2.5e5)),)),
        exposure(recoveries=(tried(0.1, (0.0, 0.1)), tried(0.3, (0.2, 0.3)))),
        power(),
    ]

    found = effect([exposed(at, one) for at, one in enumerate(told, 1)], cap(0.2)).recoveries

    assert (found.twins, found.between, found.costs) == (3, 1, 2)
    assert found.cost_cny == Between(3e5, 5.5e5)
    assert found.days == Between(1.0, 9.0)


def test_a_twin_widens_the_curve_to_a_band() -> None:
    """Its lower end holds while it surely is not back, its upper end until it surely is."""
    told = exposure(recoveries=(tried(0.2, (0.1, 0.3)),))

    found = effect([exposed(1, told)], cap(0.2))

    assert found.curve[:11] == (Between(0.1, 0.3),) * 11
    assert found.curve[11:] == (Between(0.0, 0.3),) * 2
    assert found.hits[0].risk.basis is Basis.TWIN


def test_a_cluster_in_which_nobody_told_has_no_curve() -> None:
    """And anything may be lost."""
    found = effect([exposed(1, None), exposed(2, None)], Shock(ShockKind.PRICE, 0.3, 90))

    assert (found.curve, found.hits, found.told) == ((), (), 0)
    assert (found.of_all.low, found.of_all.high) == pytest.approx((0.0, 27.0))
    assert effect([], cap(0.2)).of_all == Between(0.0, 0.0)


def test_groups_are_those_of_the_members_alone() -> None:
    """The loss of an industry is the mean of its own, by their weight."""
    those = factories(60, seed=3)

    found = effect(those, loss_of_steel())

    for group in found.groups:
        own = [one for one in those if one.group == group.group and one.told is not None]
        lost = [risk(one.told, loss_of_steel()).lost[1] for one in own]
        direct = np.average(lost, weights=[one.employees or 0 for one in own])
        assert group.told == len(own)
        assert group.lost.high == pytest.approx(float(direct))
    assert sum(one.members for one in found.groups) == 60


def test_inputs_are_counted_however_they_are_written() -> None:
    """Those that most name come first, in the way that most write them."""
    steel = [exposure(inputs=(Input(what=what, share=0.1, stock_days=1.0),)) for what in ("Steel", "Steel", "steel ")]
    resin = exposure(inputs=(Input(what="Resin", share=0.1, stock_days=1.0),))

    found = inputs_named([exposed(at, one) for at, one in enumerate([resin, *steel], 1)])

    assert list(found.items()) == [("Steel", 3), ("Resin", 1)]
