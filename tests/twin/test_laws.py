from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from lineside.twin.distributions import mean_of
from lineside.twin.fit.drift import drift
from lineside.twin.fit.laws import fit_duration
from lineside.twin.fit.stops import failure_clock, split_stops

Draw: TypeAlias = Callable[[np.random.Generator, int], NDArray[np.float64]]

FAMILIES: dict[str, Draw] = {
    "exponential": lambda draw, n: draw.exponential(100, n),
    "gamma": lambda draw, n: draw.gamma(2.0, 50, n),
    "weibull": lambda draw, n: 100 * draw.weibull(1.8, n),
    "lognormal": lambda draw, n: draw.lognormal(3.0, 0.6, n),
}
MEANS = {"exponential": 100.0, "gamma": 100.0, "weibull": 88.93, "lognormal": 24.05}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shift", [0.0, 40.0])
def test_the_interval_of_the_mean_covers_as_often_as_it_claims(family: str, shift: float) -> None:
    """Of 100 samples of forty, with and without a least value, nine in ten or more hold the true mean."""
    inside = 0
    for seed in range(100):
        mean = fit_duration(shift + FAMILIES[family](np.random.default_rng(seed), 40)).mean
        inside += mean.low <= shift + MEANS[family] <= mean.high

    assert 90 <= inside <= 100


@pytest.mark.parametrize("family", FAMILIES)
def test_the_family_of_many_values_is_found(family: str) -> None:
    """With four thousand values the family they come from is chosen, in most of ten samples."""
    samples = [FAMILIES[family](np.random.default_rng(seed), 4_000) for seed in range(10)]
    chosen: list[str] = [fit_duration(sample).law.type for sample in samples]

    assert chosen.count(family) >= 8, chosen


def test_durations_cut_off_by_the_end_of_the_record_do_not_bias_the_mean() -> None:
    """Left out they would: a third of these lives, the longest, never ended in the record."""
    draw = np.random.default_rng(1)
    lives, ends = draw.exponential(100, 3_000), draw.uniform(0, 300, 3_000)
    seen, cut = lives[lives <= ends], ends[lives > ends]

    fitted = fit_duration(seen, cut)

    assert fitted.mean.mean == pytest.approx(100, rel=0.05)
    assert float(seen.mean()) < 80


@pytest.mark.parametrize(
    "values",
    [
        np.where(np.random.default_rng(2).random(2_000) < 0.5, 10.0, 20.0)
        + np.random.default_rng(3).normal(0, 0.2, 2_000),
        np.round(np.random.default_rng(4).exponential(5, 2_000)),
    ],
    ids=["two humps", "whole seconds"],
)
def test_where_no_family_fits_the_values_speak(values: NDArray[np.float64]) -> None:
    """The law keeps their mean, and makes no shape up."""
    law = fit_duration(values).law

    assert law.type == "empirical"
    assert mean_of(law) == pytest.approx(float(values.mean()), rel=1e-6)


def test_values_that_hang_together_are_replayed_in_runs() -> None:
    """A slow wave in the cycle is kept, and its mean is known less well than from as many separate values."""
    draw = np.random.default_rng(5)
    wave = 30 + np.convolve(draw.normal(0, 3, 2_019), np.ones(20) / 4, "valid")

    fitted = fit_duration(wave)

    assert fitted.law.type == "block_bootstrap"
    assert fitted.chained > 0.8
    assert fitted.mean.high - fitted.mean.low > 2 * 1.96 * 2 * float(wave.std()) / np.sqrt(2_000)


def test_constant_and_few_values() -> None:
    """What never varies is constant; of one value the mean alone is said; of none nothing."""
    assert fit_duration(np.full(50, 3.0)).law.type == "constant"
    one = fit_duration(np.array([7.0]))
    assert (one.mean.mean, one.mean.low, one.mean.high) == (7.0, 0.0, float("inf"))
    with pytest.raises(ValueError, match="no duration"):
        fit_duration(np.zeros(0))


def test_short_stops_are_told_from_breakdowns_only_where_there_are_two_kinds() -> None:
    """One kind of stops, of whatever law, is left as one."""
    draw = np.random.default_rng(6)
    both = np.concatenate([draw.lognormal(3.0, 0.5, 300), draw.lognormal(6.5, 0.6, 100)])

    split = split_stops(both)

    assert split is not None
    assert 60 < split < 300
    assert sum(split_stops(draw.exponential(100, 300)) is not None for _ in range(100)) <= 2
    assert sum(split_stops(draw.gamma(2.0, 50, 300)) is not None for _ in range(100)) <= 2


@pytest.mark.parametrize(
    ("idle_starts", "starts", "idle_share", "clock", "told"),
    [(0, 40, 0.4, "operating", True), (18, 40, 0.4, "calendar", True), (0, 40, 0.01, "operating", False)],
)
def test_the_clock_of_failures_is_decided_where_it_shows(
    idle_starts: int, starts: int, idle_share: float, clock: str, told: bool
) -> None:
    """Stops that begin while a station waits wear it by the calendar; one that never waits cannot show it."""
    found = failure_clock(idle_starts, starts, idle_share)

    assert (found.clock, found.told) == (clock, told)


def test_a_change_of_level_is_dated_and_measured() -> None:
    """Repairs take twice as long from the hundredth on; its interval holds the two."""
    draw = np.random.default_rng(7)
    repairs = draw.gamma(2.0, 50, 160)
    repairs[100:] *= 2

    found = drift(np.arange(160.0), repairs)

    assert found is not None
    assert 85 <= found.since <= 115
    assert found.factor.low < 2 < found.factor.high


def test_a_steady_parameter_is_seldom_blamed() -> None:
    """At a level of one in twenty, so often of steady values and no more; long records too."""
    few = sum(
        drift(np.arange(60.0), np.random.default_rng(seed).exponential(100, 60), level=0.05) is not None
        for seed in range(200)
    )
    many = sum(
        drift(np.arange(2_000.0), np.random.default_rng(seed).exponential(100, 2_000), level=0.05) is not None
        for seed in range(60)
    )

    assert few <= 20
    assert many <= 9
