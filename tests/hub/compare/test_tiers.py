"""Point, line and surface: what a factory, an industry and a region read, as computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lineside.hub.compare import (
    Band,
    Bands,
    Cell,
    Enterprises,
    Members,
    Panel,
    Scale,
    Secrecy,
    Told,
    Worth,
    bands,
    coverage,
    distribution,
    formed,
    holds,
    left_behind,
    movement,
    peers,
    position,
    regions,
)
from lineside.texts import say
from tests.hub.compare.worlds import LEAD_TIME, OEE, members, series

RULES = Secrecy()
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]
ALL = {10: 4, 25: 8, 50: 12, 75: 15, 90: 18}


def told(cell: Cell, n: int, places: dict[int, int], month: str = "2026-12", indicator: Scale = OEE) -> Told:
    """A month of which all and one cell are told."""
    return Told(indicator.id, month, 1, (Bands(Cell(), 500, ALL, 0.0, 0.0), Bands(cell, n, places, 0.0, 0.0)))


def test_a_factory_is_compared_with_the_smallest_cell_that_is_told() -> None:
    """What is too few is said, in both languages, and what is not known of the factory."""
    small = {Cell(): 500, Cell("34"): 80, Cell("34", "small"): 23}

    found, unknown = peers(Cell("34", "small", "north"), small), peers(Cell("34"), small)

    assert found is not None
    assert unknown is not None
    assert found.words() == "C34 Manufacture of general purpose machinery, small, 23 members; too few to tell: region"
    assert found.words("zh") == "C34 通用设备制造业，小型，23 个成员；数量太少，不予公布：地区"
    assert unknown.words().endswith("80 members; not known of this factory: size class and region")
    assert peers(Cell("34"), {}) is None


def test_a_factory_sees_its_band_gap_trend_and_what_it_is_worth() -> None:
    """An OEE of 0.50 where half reach 0.60 and a quarter 0.75; it gains 0.12 a year, and what it lacks has a price."""
    cell = Cell("34", "small")
    own = {month: 0.39 + 0.01 * i for i, month in enumerate(MONTHS)}
    history = {m: told(cell, 60, {25: 8, 50: 12 + (i - 11) // 6, 75: 15}, m) for i, m in enumerate(MONTHS)}

    found = position(own, history, MONTHS, Cell("34", "small", "north"), OEE, Worth(20_000, "CNY"))

    assert found is not None
    assert (found.peers.cell, found.band) == (cell, Band(25, 50))
    assert found.to_median == pytest.approx(0.10)
    assert found.to_better == pytest.approx(0.25)
    assert found.worth == pytest.approx(5_000)
    assert found.trend == pytest.approx(0.12)
    assert found.trend_of_peers == pytest.approx(0.05 * 12 / 6 / 2, abs=0.06)
    assert found.band.words() == "from the lower quartile to below the median"


def test_where_less_is_better_the_gap_turns() -> None:
    """A lead time of 30 days against a better quarter of 16 is 14 behind; who is ahead has no worth to gain."""
    there = Told("lead_time", "2026-12", 1, (Bands(Cell(), 60, {25: 8, 50: 12, 75: 15}, 0.0, 0.0),))

    behind = position({"2026-12": 30.0}, {"2026-12": there}, ["2026-12"], Cell(), LEAD_TIME, Worth(100, "EUR"))
    ahead = position({"2026-12": 10.0}, {"2026-12": there}, ["2026-12"], Cell(), LEAD_TIME, Worth(100, "EUR"))

    assert behind is not None
    assert ahead is not None
    assert (behind.to_better, behind.worth, behind.band) == (14, 1400, Band(75, None))
    assert (ahead.to_better, ahead.worth, ahead.band, ahead.trend) == (-6, 0, Band(None, 25), None)
    assert position({}, {"2026-12": there}, ["2026-12"], Cell(), LEAD_TIME) is None


def test_an_industry_is_told_with_its_size_classes() -> None:
    """Those of its size classes that are told, and no others'."""
    parts = (Cell(), Cell("34"), Cell("34", "small"), Cell("34", "small", "r"), Cell("35", "small"))
    month = Told("oee", "2026-12", 1, tuple(Bands(cell, 50, ALL, 0.0, 0.0) for cell in parts))

    found = distribution(month, Cell("34"))

    assert [one.cell for one in found.sizes] == [Cell("34", "small")]
    assert found.whole is not None


def test_the_indicator_that_holds_an_industry_back_comes_first() -> None:
    """(0.75 - 0.50) / 0.35 of OEE is more than (40 - 36) / ... of lead time; the words carry the numbers."""
    oee, lead = told(Cell("34"), 60, {50: 10}), told(Cell("34"), 60, {50: 9}, indicator=LEAD_TIME)

    found = holds([(LEAD_TIME, lead), (OEE, oee)], Cell("34"))

    assert [one.indicator for one in found] == ["oee", "lead_time"]
    assert found[0].gap == pytest.approx((0.75 - 0.50) / 0.35)
    assert found[1].gap == pytest.approx((18 - 16) / 14)
    assert "(0.75 − 0.5) / 0.35 = 0.71" in found[0].words()


def world(seed: int = 1) -> tuple[Members, Panel, np.random.Generator]:
    """A register of two industries, a panel of all, and chance."""
    rng = np.random.default_rng(seed)
    register = members(rng, 400, industries=2)
    return register, formed(register, rng.permutation(400), RULES, generated=False), rng


def test_movement_counts_who_changed_band() -> None:
    """Of each industry, those in a better, a worse and the same band, as counted one by one."""
    register, panel, rng = world()
    rows, none = panel.rows(register), np.zeros(len(panel))
    then = panel.taken(rng.random(400), rows)
    now = panel.taken(rng.random(400), rows)
    was, is_ = bands(panel, OEE, then), bands(panel, OEE, now)

    found = movement(panel, OEE, (then, was), (now, is_), none)

    assert len(found) == 2
    for one in found:
        quantiles = [sorted(month.by_cell[one.industry].places.values()) for month in (was, is_)]
        those = panel.chain[:, 1] == panel.cells.number[one.industry]
        step = [
            [sum(q <= p for q in qs) for p in OEE.places(x[those])]
            for qs, x in zip(quantiles, (then, now), strict=True)
        ]
        moved = np.array(step[1]) - np.array(step[0])
        assert one.n == those.sum()
        assert (one.better, one.worse, one.same) == ((moved > 0).sum(), (moved < 0).sum(), (moved == 0).sum())


def test_who_is_left_behind_is_found_with_what_holds_it() -> None:
    """One industry is planted in the worst quarter of three indicators: it is told, with these three."""
    register, panel, rng = world(2)
    rows = panel.rows(register)
    weak = register.division == 31
    six = []
    for i in range(6):
        x = rng.random(400) * 0.6 + 0.4
        x[weak & (rng.random(400) < 0.8)] *= 0.3 if i < 3 else 1.0
        six.append((Scale(f"i{i}", "1", "higher", 0, 1, 0.05), panel.taken(x, rows)))

    found = {one.cell: one for one in left_behind(panel, six, np.zeros(len(panel)))}

    worst = [x <= np.quantile(x, 0.25, method="inverted_cdf") for _, x in six]
    behind = np.sum(worst, axis=0) >= 3
    assert found[Cell()].behind == behind.sum()
    assert found[Cell()].n == len(panel)
    assert set(found[Cell()].by) == {"i0", "i1", "i2"}
    assert all(one.behind >= RULES.group and one.n - one.behind >= RULES.group for one in found.values())


def test_regions_are_told_by_whole_blocks() -> None:
    """The median of the members whose block lies in the region, on the grid."""
    register, panel, rng = world(3)
    values = panel.taken(series(rng, register, 1).usable(0, generated=False), panel.rows(register))

    found = regions(panel, OEE, values, np.zeros(len(panel)))

    assert [one.region for one in found] == ["r0", "r1"]
    for one in found:
        x = values[[panel.blocks[b].region == one.region for b in panel.block]]
        assert one.n == x.size
        assert one.median == OEE.at(int(OEE.places(np.quantile(x, [0.5], method="inverted_cdf"))[0]))


def test_the_bias_of_the_sample_is_said_in_words() -> None:
    """Members are not the industry: which sizes and industries are too many or too few, with the numbers."""
    register, _, _ = world(4)
    population = Enterprises({"30": 4000, "31": 300, "32": 700}, {"medium": 500, "small": 4500})

    found = coverage(register, population)
    words = found.words()

    assert (found.members, found.enterprises, found.share) == (400, 5000, 0.08)
    ratios = {one.cell: one.ratio for one in found.kinds}
    assert ratios["32"] == 0
    assert ratios["31"] == pytest.approx((register.division == 31).mean() / (300 / 5000))
    assert "400 of 5,000 enterprises are members, 8.0 %" in words[0]
    assert any("C32" in one and "under-represented" in one for one in words)
    assert any(one.startswith("Medium is over-represented") for one in words)
    assert any("中型" in one for one in found.words("zh"))
    assert coverage(register, None).words() == [say("compare.coverage.unknown", members=400)]
