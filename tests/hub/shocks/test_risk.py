"""What a shock costs one factory: by what it told, by its twin, and where neither is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.errors import ConfigurationError
from lineside.exchange import Energy, Input
from lineside.hub.shocks import Basis, Shock, ShockKind, risk
from tests.hub.shocks.exposures import STEEL, cap, exposure, loss_of_steel, power, tried


def test_an_input_stops_output_from_the_end_of_its_stock_until_another_delivers() -> None:
    """Half of the output stands on steel: ten days of stock, twenty until another source, so ten days at a half."""
    found = risk(exposure(inputs=(STEEL,)), loss_of_steel(days=30))

    assert (found.start, found.end, found.low, found.high) == (10.0, 20.0, 0.5, 0.5)
    assert found.lost == (5.0, 5.0)
    assert found.basis is Basis.MODEL


def test_a_shock_that_ends_first_ends_the_loss() -> None:
    """No later than the shock itself, also where no other source is known."""
    alone = Input(what=STEEL.what, share=0.5, stock_days=10.0)

    assert risk(exposure(inputs=(STEEL,)), loss_of_steel(days=14)).lost == (2.0, 2.0)
    assert risk(exposure(inputs=(alone,)), loss_of_steel(days=100)).lost == (45.0, 45.0)


@pytest.mark.parametrize("days", [5.0, 10.0])
def test_a_stock_that_outlasts_the_shock_loses_nothing(days: float) -> None:
    """To the very day."""
    assert risk(exposure(inputs=(STEEL,)), loss_of_steel(days=days)).lost == (0.0, 0.0)


def test_a_part_of_an_input_uses_up_the_stock_more_slowly() -> None:
    """With half of the steel the stock lasts twice as long; then half of what stands on it stops."""
    alone = Input(what=STEEL.what, share=0.5, stock_days=10.0)

    found = risk(exposure(inputs=(alone,)), loss_of_steel(days=30, size=0.5))

    assert (found.first, found.low) == (20.0, 0.25)
    assert found.lost == (2.5, 2.5)


def test_an_input_that_a_factory_does_not_name_it_does_not_need() -> None:
    """It named its inputs, and this one is not among them."""
    other = Input(what="Resin", share=0.9, stock_days=0.0)

    found = risk(exposure(inputs=(other,)), loss_of_steel())

    assert (found.basis, found.lost) == (Basis.MODEL, (0.0, 0.0))


@pytest.mark.parametrize(
    "told", ["Cold-rolled  STEEL", "cold_rolled steel", "Coldrolled" + " steel", "ｃｏｌｄ rolled ｓｔｅｅｌ"]
)
def test_an_input_is_the_same_however_it_is_written(told: str) -> None:
    """Spaces, hyphens, case and wide letters do not matter: none of them lets a shock miss a factory."""
    own = Input(what=told, share=0.5, stock_days=10.0)
    shock = Shock(ShockKind.SUPPLIER, 1.0, 30.0, "cold rolled steel")

    assert risk(exposure(inputs=(own,)), shock).lost == (10.0, 10.0)
    assert risk(exposure(inputs=(own,)), replace(shock, what="hot rolled steel")).lost == (0.0, 0.0)


def test_who_named_no_input_may_lose_anything() -> None:
    """From nothing to all: an unknown is no zero."""
    for told in (None, exposure(), power(0.1)):
        found = risk(told, loss_of_steel(days=30))

        assert (found.basis, found.lost) == (Basis.UNKNOWN, (0.0, 30.0))


def test_without_a_name_each_loses_the_input_that_it_misses_most() -> None:
    """By what it costs in all, not by its share."""
    long_stock = Input(what="Bearings", share=0.9, stock_days=29.0)

    found = risk(exposure(inputs=(long_stock, STEEL)), Shock(ShockKind.SUPPLIER, 1.0, 30.0))

    assert (found.what, found.lost) == (STEEL.what, (5.0, 5.0))


@pytest.mark.parametrize(
    ("size", "spared", "lost"), [(0.2, 0.2, 0.0), (0.2, 0.3, 0.0), (0.2, 0.0, 0.2), (0.6, 0.2, 0.5), (1.0, 0.5, 1.0)]
)
def test_a_cap_takes_what_cannot_be_spared(size: float, spared: float, lost: float) -> None:
    """Output falls in proportion to what is missing of the power that it needs."""
    found = risk(power(spared), cap(size, days=10))

    assert found.lost == pytest.approx((10 * lost, 10 * lost))


def test_a_price_takes_its_share_of_the_revenue() -> None:
    """A tenth of the revenue goes for energy; a third more of it is a thirtieth of the revenue."""
    found = risk(power(cost_share=0.1), Shock(ShockKind.PRICE, 1 / 3, 90))

    assert found.high == pytest.approx(1 / 30)
    assert risk(power(), Shock(ShockKind.PRICE, 1 / 3, 90)).basis is Basis.UNKNOWN


def test_what_the_twin_said_goes_before() -> None:
    """Its intervals: so much of the output of ten days and of one to three of recovery."""
    told = exposure(energy=Energy(power_kw=100.0), recoveries=(tried(0.2, (0.1, 0.3)),))

    found = risk(told, cap(0.2))

    assert found.basis is Basis.TWIN
    assert found.lost == pytest.approx((0.1 * 11, 0.3 * 13))


def test_between_two_sizes_the_twin_is_interpolated_and_never_beyond() -> None:
    """Halfway between what it tried; below, above and for other days the model takes over."""
    recoveries = (tried(0.4, (0.4, 0.6)), tried(0.2, (0.1, 0.3)))
    told = exposure(energy=Energy(power_kw=100.0), recoveries=recoveries)

    between = risk(told, cap(0.3))

    assert (between.low, between.high) == pytest.approx((0.25, 0.45))
    for other in (cap(0.1), cap(0.5), cap(0.3, days=20)):
        assert risk(told, other).basis is Basis.MODEL


@given(
    size=st.floats(0.01, 1),
    days=st.floats(1, 180),
    share=st.floats(0, 1),
    stock=st.floats(0, 400),
    replaced=st.none() | st.floats(0, 400),
)
def test_nobody_loses_less_than_nothing_or_more_than_everything(
    size: float, days: float, share: float, stock: float, replaced: float | None
) -> None:
    """Whatever was told; and what is lost within the days of the shock alone."""
    told = exposure(inputs=(Input(what=STEEL.what, share=share, stock_days=stock, replaced_days=replaced),))

    low, high = risk(told, loss_of_steel(days, size)).lost

    assert 0 <= low == high <= days * size * share * (1 + 1e-12)


@pytest.mark.parametrize(("size", "days"), [(0.0, 10), (1.1, 10), (float("nan"), 10), (0.5, 0), (0.5, 181)])
def test_what_is_no_shock_is_refused(size: float, days: float) -> None:
    """With what may be asked."""
    with pytest.raises(ConfigurationError) as refused:
        cap(size, days)

    assert refused.value.key == "shocks.no_shock"
