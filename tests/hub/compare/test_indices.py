"""Inequality equals a textbook computation, splits exactly, and is told with intervals that hold."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.hub.compare import Secrecy, bands, formed, gini, inequality, split_l, split_t, theil_l, theil_t
from lineside.hub.compare.indices import GINI, THEIL_L, THEIL_T, Measure, intervals
from tests.hub.compare.worlds import OEE, members, series

INCOMES = np.array([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261], dtype=float)
"""The example of R's package ineq (Zeileis), whose results were read in tests of other libraries."""
VALUES = st.lists(st.floats(0.01, 1e4), min_size=2, max_size=40)


def test_the_worked_example_of_another_library() -> None:
    """Ineq gives Gini 0.4620911, Theil 0.3623412 and Atkinson (1) 0.3518251, which is 1 - exp(-L)."""
    assert gini(INCOMES) == pytest.approx(0.4620911, abs=5e-8)
    assert theil_t(INCOMES) == pytest.approx(0.3623412, abs=5e-8)
    assert 1 - math.exp(-theil_l(INCOMES)) == pytest.approx(0.3518251, abs=5e-8)


@given(VALUES)
def test_the_indices_equal_their_definitions(values: list[float]) -> None:
    """Gini by all pairs, Theil's T and L term by term, in plain Python."""
    n, mean = len(values), math.fsum(values) / len(values)
    x = np.array(values)

    pairs = math.fsum(abs(a - b) for a, b in product(values, values))
    assert gini(x) == pytest.approx(pairs / (2 * n * n * mean), abs=1e-9)
    assert theil_t(x) == pytest.approx(math.fsum(a / mean * math.log(a / mean) for a in values) / n, abs=1e-9)
    assert theil_l(x) == pytest.approx(math.fsum(math.log(mean / a) for a in values) / n, abs=1e-9)


def test_the_indices_of_known_distributions() -> None:
    """Lognormal: Gini erf(s/2), T = L = s^2/2. Pareto: Gini 1/(2a - 1) (Cowell, Measuring Inequality, 2011)."""
    from scipy.stats import lognorm, pareto

    at = (np.arange(400_000) + 0.5) / 400_000
    normal, heavy = lognorm.ppf(at, 0.6), pareto.ppf(at, 3.0)

    assert gini(normal) == pytest.approx(math.erf(0.3), abs=1e-3)
    assert (theil_t(normal), theil_l(normal)) == pytest.approx((0.18, 0.18), abs=1e-3)
    assert gini(heavy) == pytest.approx(1 / 5, abs=1e-3)


@given(st.lists(st.tuples(st.floats(0.01, 1e4), st.integers(0, 3)), min_size=2, max_size=60))
def test_theil_splits_exactly(rows: list[tuple[float, int]]) -> None:
    """Within and between groups add up, and equal means leave nothing between."""
    x = np.array([value for value, _ in rows])
    _, group = np.unique([g for _, g in rows], return_inverse=True)

    for split, whole in ((split_t(x, group), theil_t(x)), (split_l(x, group), theil_l(x))):
        assert split.within + split.between == pytest.approx(whole, abs=1e-9)
        assert split.total == whole
        assert min(split.within, split.between) >= -1e-9
    twice = np.concatenate([x, x])
    assert split_t(twice, np.repeat([0, 1], x.size)).between == pytest.approx(0, abs=1e-9)


def test_equal_values_are_not_unequal() -> None:
    """Of equal values every index is 0, and zeros are borne where the formula bears them."""
    equal = np.full(50, 0.3)

    assert (gini(equal), theil_t(equal), theil_l(equal)) == (0, 0, 0)
    assert gini(np.array([0.0, 0.0, 0.0, 1.0])) == 0.75
    assert theil_t(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx(math.log(4))


@pytest.mark.parametrize("measure", [GINI, THEIL_T, THEIL_L])
def test_intervals_cover_and_repeat(measure: Measure) -> None:
    """Of 300 skewed samples of 80, 87 of 100 intervals or more hold the true index; a seed gives one interval."""
    rng = np.random.default_rng(1)
    truth = math.erf(0.25) if measure is GINI else 0.125
    samples = [rng.lognormal(0, 0.5, 80) for _ in range(300)]

    found = [intervals(x, [measure], seed=i, draws=200)[0] for i, x in enumerate(samples)]

    assert 0.87 <= np.mean([one.low <= truth <= one.high for one in found]) <= 0.99
    assert intervals(samples[0], [measure], seed=0, draws=200) == found[:1]
    assert all(one.low < one.value < one.high for one in found)


def test_an_interval_of_equal_values_is_a_point() -> None:
    """Where draws may be without any inequality there is no logarithm, and percentiles are given."""
    (equal,) = intervals(np.full(40, 0.3), [GINI], seed=1)
    (nearly,) = intervals(np.array([*np.ones(39), 2.0]), [THEIL_T], seed=1)

    assert (equal.value, equal.low, equal.high) == (0, 0, 0)
    assert (nearly.low, nearly.high > nearly.value) == (0, True)


def test_a_cluster_is_told_by_three_digits() -> None:
    """The figures that may be told are those of the members in whole blocks; of few members nothing is told."""
    rng = np.random.default_rng(2)
    register = members(rng, 400, industries=3)
    panel = formed(register, rng.permutation(400), Secrecy(), generated=False)
    values = panel.taken(series(rng, register, 1).usable(0, generated=False), panel.rows(register))
    told = bands(panel, OEE, values)

    found = inequality(panel, OEE, values, told, np.zeros(len(panel)), seed=1)
    few = np.where(np.isin(panel.block, [0, 1]), values, np.nan)

    assert found is not None
    assert found.gini.value == round(gini(values[np.isfinite(values)]), 3)
    assert found.gini.low <= found.gini.value <= found.gini.high
    assert found.by_t.within + found.by_t.between == pytest.approx(found.theil_t.value, abs=0.0011)
    assert found.groups >= 3
    assert inequality(panel, OEE, few, told, np.zeros(len(panel)), seed=1) is None
