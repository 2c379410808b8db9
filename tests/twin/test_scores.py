from __future__ import annotations

import math

import numpy as np
import pytest

from lineside.twin.validate import Score, crps, last_week, rate_model, score, transform

EPOCHS, MEMBERS = 400, 200


def judged(*, shift: float = 0.0, spread: float = 1.0, seed: int = 1) -> Score:
    """Return the score of forecasts N(shift, spread) of truths N(0, 1), around levels that differ by epoch."""
    draw = np.random.default_rng(seed)
    levels = draw.uniform(50, 150, EPOCHS)
    truths = (levels + draw.standard_normal(EPOCHS)).tolist()
    ensembles = [level + shift + spread * draw.standard_normal(MEMBERS) for level in levels]
    return score("parts", "1", ensembles, truths, {"mean": [draw.uniform(50, 150, MEMBERS) for _ in levels]})


def test_a_true_forecast_covers_as_often_as_it_claims() -> None:
    """Its intervals hold, its transforms are even, its error is equivalent to none, and it beats the plain mean."""
    told = judged()

    assert all(coverage.kept for coverage in told.coverage)
    assert told.uniformity > 0.01
    assert told.equivalent(0.01)
    assert told.verdict == "better"


@pytest.mark.parametrize(("shift", "spread"), [(0.0, 0.5), (0.0, 2.0), (1.0, 1.0)])
def test_a_false_forecast_is_found(shift: float, spread: float) -> None:
    """Too sure, too unsure or off: the transforms are uneven, and some interval does not cover what it claims."""
    told = judged(shift=shift, spread=spread)

    assert told.uniformity < 1e-6
    assert not all(coverage.kept for coverage in told.coverage)


def test_a_forecast_worse_than_its_baseline_is_told_so() -> None:
    """The contest is of paired scores, so that a hundredth of a difference shows."""
    draw = np.random.default_rng(3)
    truths = draw.standard_normal(EPOCHS)
    good = [draw.standard_normal(MEMBERS) for _ in truths]
    off = [0.6 + draw.standard_normal(MEMBERS) for _ in truths]

    assert score("parts", "1", off, truths.tolist(), {"mean": good}).verdict == "worse"
    assert score("parts", "1", good, truths.tolist(), {"off": off}).verdict == "better"
    assert score("parts", "1", good, truths.tolist(), {"same": good}).verdict == "level"


def test_the_score_of_a_normal_forecast_is_the_known_one() -> None:
    """Gneiting and Raftery (2007): for N(0, 1) and y = 0 it is (sqrt(2) - 1) / sqrt(pi)."""
    ensemble = np.random.default_rng(5).standard_normal(200_000)

    assert crps(ensemble, 0.0) == pytest.approx((math.sqrt(2) - 1) / math.sqrt(math.pi), abs=2e-3)
    assert crps(np.array([3.0]), 5.0) == 2.0


def test_the_size_of_an_ensemble_does_not_bias_its_score() -> None:
    """Ensembles of three score on average as large ones do."""
    draw = np.random.default_rng(7)
    small = np.mean([crps(draw.standard_normal(3), draw.standard_normal()) for _ in range(40_000)])

    assert small == pytest.approx(1 / math.sqrt(math.pi), abs=0.01)


def test_ties_are_settled_by_luck() -> None:
    """Counts of parts are whole: what happened may equal many members, and stands evenly among them."""
    same = np.full(9, 4.0)

    assert transform(same, 4.0, 0.0) == 0.0
    assert transform(same, 4.0, 0.5) == 0.5
    assert transform(same, 5.0, 0.5) == pytest.approx(0.95)


def test_no_epoch_is_no_score() -> None:
    """Nothing to judge by is said, not scored."""
    with pytest.raises(ValueError, match="no epoch"):
        score("parts", "1", [], [], {})


def test_last_week_is_the_week_before() -> None:
    """Rates of older shifts do not count while that week has two of its own; idle shifts never do."""
    day = 86_400.0
    ends = np.array([1, 2, 10, 11, 12]) * day
    counts = np.array([10.0, 10.0, 20.0, 30.0, 0.0])
    exposure = np.array([1.0, 1.0, 1.0, 2.0, 0.0])

    assert last_week(counts, exposure, ends, 12 * day, 2.0).tolist() == [40.0, 30.0]
    assert last_week(counts, exposure, ends, 40 * day, 1.0).tolist() == [10.0, 10.0, 20.0, 15.0]


def test_the_rate_model_has_the_mean_and_spread_of_its_shifts() -> None:
    """Twice the time: twice the mean, and twice the variance."""
    draw = np.random.default_rng(11)
    exposure = draw.uniform(1, 3, 2000)
    counts = 50 * exposure + draw.normal(0, 4 * np.sqrt(exposure))

    ensemble = rate_model(counts, exposure, 2.0)

    assert ensemble.mean() == pytest.approx(100, rel=0.01)
    assert ensemble.std() == pytest.approx(4 * math.sqrt(2), rel=0.06)
