"""Bands: the fast path equals a computation cell by cell, and is fast."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.exchange import catalogue
from lineside.hub.compare import PERCENTS, Cell, Compared, Scale, Secrecy, Told, bands, cells_of, formed
from tests.hub.compare.worlds import LEAD_TIME, OEE, members, series

RULES = Secrecy()
FINE = Scale("oee", "1", "higher", 0.0, 1.0, 0.01)


@pytest.mark.parametrize(("seed", "indicator"), [(1, OEE), (2, LEAD_TIME), (3, FINE)])
def test_any_benchmark_equals_a_direct_computation(seed: int, indicator: Scale) -> None:
    """Number and quantiles of each cell told are those of its members in whole blocks, by numpy, one by one."""
    rng = np.random.default_rng(seed)
    register = members(rng, 900, industries=4, regions=3)
    of = series(rng, register, 3, indicator=indicator, missing=0.02)
    panel = formed(register, rng.permutation(900), RULES, generated=False)

    told = bands(panel, indicator, panel.taken(of.usable(2, generated=False), panel.rows(register)))

    row = {int(i): at for at, i in enumerate(register.ids)}
    groups: dict[int, list[int]] = {}
    for member, block in zip(panel.members, panel.block, strict=True):
        groups.setdefault(int(block), []).append(row[int(member)])
    whole = {b: rows for b, rows in groups.items() if np.isfinite(of.value[rows, 2]).all()}
    assert len(told.bands) > 15
    full = 0
    for one in told.bands:
        level = one.cell.level
        x = np.concatenate([of.value[r, 2] for b, r in whole.items() if panel.blocks[b][:level] == one.cell[:level]])
        assert one.n == x.size
        for percent, place in one.places.items():
            exact = np.quantile(x, percent / 100, method="inverted_cdf")
            assert place == np.floor(exact / indicator.step + 0.5)
            assert min((x <= exact).sum(), (x >= exact).sum()) >= RULES.group
        outer = {p for p in PERCENTS if min(np.ceil(p * x.size / 100), x.size - np.ceil(p * x.size / 100) + 1) >= 7}
        assert one.places.keys() in (outer, outer & {25, 50, 75}, outer & {50})
        full += one.places.keys() == outer
    assert full > 0.8 * len(told.bands)


def test_blocks_hold_a_group_of_one_cell() -> None:
    """Each block has a group at least, all of its members lie in its cell, and all members but a few have a block."""
    rng = np.random.default_rng(4)
    register = members(rng, 2_000, industries=6, regions=4)

    panel = formed(register, rng.permutation(2_000), RULES, generated=False)

    own = np.array(cells_of(register), dtype=object)[panel.rows(register)]
    assert min(np.bincount(panel.block)) >= RULES.group
    assert len(panel) > 2_000 - RULES.group
    for cell, block in zip(own, panel.block, strict=True):
        home = panel.blocks[block]
        assert tuple(cell)[: home.level] == home[: home.level]


def test_newcomers_wait_until_they_are_a_group() -> None:
    """Six newcomers are in no figure; the seventh lets all of them in. Who was in stays where it was."""
    rng = np.random.default_rng(5)
    register = members(rng, 107, industries=1, regions=1)
    before = formed(register, np.arange(100), RULES, generated=False)

    six = formed(register, np.arange(100, 106), RULES, generated=False, before=before)
    seven = formed(register, np.arange(100, 107), RULES, generated=False, before=before)

    assert (len(six) - len(before), len(seven) - len(before)) == (0, 7)
    assert list(seven.block[: len(before)]) == list(before.block)
    assert seven.blocks[: len(before.blocks)] == before.blocks


def test_a_block_with_a_gap_does_not_count() -> None:
    """Where one member of a block has no value, none of the block counts in that month."""
    rng = np.random.default_rng(6)
    register = members(rng, 100)
    panel = formed(register, np.arange(100), RULES, generated=False)
    values = np.full(100, 0.5)
    values[panel.rows(register)[0]] = np.nan

    taken = panel.taken(values, panel.rows(register))

    assert set(panel.block[np.isnan(taken)]) == {panel.block[0]}


def test_generated_members_are_in_marked_or_not_at_all() -> None:
    """A panel leaves them out, or has them and says in each figure how many they are; so for values made up."""
    rng = np.random.default_rng(7)
    register = members(rng, 300)
    made = replace(register, generated=rng.random(300) < 0.5)
    of = series(rng, made, 1)

    without = formed(made, np.arange(300), RULES, generated=False)
    with_them = formed(made, np.arange(300), RULES, generated=True)

    rows = with_them.rows(made)
    told = bands(with_them, OEE, with_them.taken(of.usable(0, generated=True), rows), generated=made.generated[rows])
    assert not made.generated[without.rows(made)].any()
    assert told.by_cell[Cell()].generated == pytest.approx(made.generated.mean(), abs=0.02)
    of.origin[:, 0] = 3
    assert np.isnan(of.usable(0, generated=False)).all()


def test_every_indicator_of_the_catalogue_has_a_scale() -> None:
    """Direction, bounds, grid and the coverage needed are those of the catalogue."""
    for indicator in catalogue().indicators.values():
        scale = Scale.of(indicator)
        needs = indicator.better, indicator.step, indicator.coverage
        assert (scale.direction, scale.step, scale.least_coverage) == needs
        wide = indicator.high * scale.step if scale.ratio else scale.step
        assert scale.at(scale.ends[1]) == pytest.approx(indicator.high, abs=wide / 2 * 1.01)


def test_a_grid_of_ratios_is_as_coarse_for_the_small_as_for_the_large() -> None:
    """Each place is a tenth wider than the one below and holds its own middle; nothing lies below the lowest."""
    scale = Scale("x", "kWh", "lower", 0.01, 1e6, 0.1, ratio=True)
    first, last = scale.ends
    middles = np.array([scale.at(place) for place in range(first, last + 1)])

    assert list(scale.places(middles)) == list(range(first, last + 1))
    assert middles[1:] / middles[:-1] == pytest.approx(1.1, rel=1e-3)
    assert list(scale.places(middles[:5] * 1.04)) == list(range(first, first + 5))
    assert scale.places(np.array([0.0]))[0] == first
    with pytest.raises(ConfigurationError):
        replace(scale, low=0.0)
    with pytest.raises(ConfigurationError):
        replace(scale, step=0.001)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Scale("x", "1", "higher", 1.0, 0.0, 0.1), "compare.no_grid"),
        (lambda: Scale("x", "1", "higher", 0.0, 1.0, 1e-17), "compare.no_grid"),
        (lambda: Secrecy(2, 2), "compare.too_few"),
        (lambda: Secrecy(5, -1), "compare.too_few"),
        (lambda: Secrecy(5, 2, 0.0), "compare.no_dominance"),
        (lambda: replace(members(np.random.default_rng(1), 9), size=np.zeros(8, np.int64)), "compare.not_one_shape"),
        (lambda: replace(members(np.random.default_rng(1), 9), regions=("a/b",)), "compare.no_name"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(make: Callable[[], object], key: str) -> None:
    """Each mistake has its own sentence and cure."""
    with pytest.raises(ConfigurationError) as raised:
        make()

    assert raised.value.key == key
    assert raised.value.cure("en")
    assert raised.value.cure("zh")


def test_values_count_by_origin_bounds_and_coverage() -> None:
    """Measured values need their coverage; entered ones have none; absent and impossible ones never count."""
    scale = replace(OEE, least_coverage=0.8)
    value = np.array([[0.5], [0.5], [0.5], [1.5], [0.5], [0.5]])
    origin = np.array([[1], [1], [2], [1], [0], [3]], dtype=np.uint8)
    coverage = np.array([[0.9], [0.7], [np.nan], [0.9], [0.9], [0.9]], dtype=np.float32)

    counted = np.isfinite(Compared(scale, value, origin, coverage).usable(0, generated=False))

    assert list(counted) == [True, False, True, False, False, False]


def test_what_was_told_reads_back_as_it_was() -> None:
    """Bytes and what they say are one and the same."""
    rng = np.random.default_rng(8)
    register = members(rng, 400)
    panel = formed(register, np.arange(400), RULES, generated=False)
    told = bands(panel, OEE, panel.taken(series(rng, register, 1).usable(0, generated=False), panel.rows(register)))

    assert Told.read(told.content()) == told


def test_a_month_of_ten_thousand_members_takes_fifty_milliseconds() -> None:
    """All cells of an indicator and month, sorted and audited, on one processor; 15 ms where nothing else runs."""
    rng = np.random.default_rng(9)
    register = members(rng, 10_000, industries=14, regions=8)
    panel = formed(register, rng.permutation(10_000), RULES, generated=False)
    of, rows = series(rng, register, 1, indicator=FINE, missing=0.02), panel.rows(register)
    took = []

    for _ in range(7):
        began = time.process_time()
        told = bands(panel, FINE, panel.taken(of.usable(0, generated=False), rows))
        took.append(time.process_time() - began)

    assert len(told.bands) > 100
    assert min(took) < 0.05
