"""Inference attacks on what a hub tells, and the guarantee they test.

It is given to k members against c who put together all that they know, and know who is in which figure:

1. *Exchange.* Whatever was told of whatever month, indicator of a family and cell while its panel lasts: each member
   has k - 1 others at least, none of them a colluder, with any of whom it could exchange all its values, and all that
   was told would be the same.
2. *Sides.* The bands of an indicator and month, all cells of an edition together, bound no member's value on any side:
   it may lie anywhere between the bounds of the indicator.
3. *Grid.* Quantiles are places of the public grid, so that no number of them tells two values of one place apart.
4. *Corrections.* The editions of a month: the same as 1 among those with the same corrections, also where it is known
   who corrected.

Each attack also breaks figures that lack the rule it is about.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select

from lineside.books import Books
from lineside.hub.compare import (
    PERCENTS,
    Asked,
    Cell,
    Compared,
    Members,
    Secrecy,
    Told,
    ToldMonthRecord,
    bands,
    basis_of,
    formed,
    inequality,
    keep_panel,
    left_behind,
    movement,
    regions,
    tell,
)
from lineside.hub.compare.bands import ranks
from lineside.hub.compare.counts import dominated, parts, shares
from lineside.hub.compare.editions import NOT_YET, corrected, first
from lineside.hub.compare.panel import Panel
from tests.hub.compare.worlds import LEAD_TIME, OEE, Attacker, Figure, figures, given, honest, members, series

Values = NDArray[np.float64]
RULES = Secrecy()
ENDS = OEE.ends
WORLDS = range(12)


def cluster(seed: int, *, number: int = 160, months: int = 1, missing: float = 0.0) -> tuple[Members, Compared, Panel]:
    """A register, an indicator of it and a panel of all."""
    rng = np.random.default_rng(seed)
    register = members(rng, number)
    values = series(rng, register, months, missing=missing)
    return register, values, formed(register, rng.permutation(number), RULES, generated=False)


def colluders(rng: np.random.Generator, panel: Panel, values: Values, told: Told) -> dict[int, int]:
    """Two members of one block, or two of a cell at the ends of its values: the worst places to have spies in."""
    inside = np.flatnonzero(np.isfinite(values))
    if rng.random() < 0.5:
        those = inside[panel.block[inside] == rng.choice(panel.block[inside])]
    else:
        cell = panel.cells.number[told.bands[rng.integers(len(told.bands))].cell]
        those = inside[(panel.chain[inside] == cell).any(axis=1)]
    ordered = those[np.argsort(values[those])]
    pair = ordered[[0, 1]] if rng.random() < 0.4 else ordered[[-2, -1]] if rng.random() < 0.6 else ordered[[0, -1]]
    return {int(i): int(OEE.places(values[[i]])[0]) for i in pair}


@pytest.mark.parametrize("seed", WORLDS)
def test_nested_cells_bound_nobody_on_any_side(seed: int) -> None:
    """From all cells of a month, with two spies: each other member may still have any value within the bounds."""
    register, of, panel = cluster(seed)
    values = panel.taken(of.usable(0, generated=False), panel.rows(register))
    told = bands(panel, OEE, values)
    known = colluders(np.random.default_rng(seed), panel, values, told)

    attacker = Attacker(figures(panel, values, told), known, ENDS)
    found = attacker.intervals()

    assert len(told.bands) > 1
    assert set(found.values()) == {ENDS}
    assert all(len(those) >= RULES.k for those in found)


def test_quantiles_with_enough_on_their_sides_may_still_bound_a_rest() -> None:
    """74 of a part of 100 lie low, and the p75 of it and 7 others, too: so do all 7. The part tells less, then."""
    values = np.concatenate([np.full(74, 0.42), np.full(26, 0.62), np.full(7, 0.05)])
    register = members(np.random.default_rng(1), values.size, regions=1)
    register.division[:], register.size[:] = np.repeat([30, 31], [100, 7]), 0
    panel = formed(register, np.arange(values.size), RULES, generated=False)
    taken = panel.taken(values, panel.rows(register))
    whole, part = list(range(107)), np.flatnonzero(panel.chain[:, 1] == panel.cells.number[Cell("30")]).tolist()

    naive = Attacker([honest(OEE, those, taken, PERCENTS) for those in (whole, part)], {}, ENDS).intervals()
    told = bands(panel, OEE, taken)
    safe = Attacker(figures(panel, taken, told), {}, ENDS).intervals()

    assert naive[frozenset(whole) - frozenset(part)] == (ENDS[0], 8)
    assert 75 in told.by_cell[Cell()].places
    assert told.by_cell[Cell("30")].places.keys() == {50}
    assert set(safe.values()) == {ENDS}


def test_a_free_filter_isolates_a_member_and_a_small_group_too() -> None:
    """All, and all but one, told without cells: they bound the one. Of three with two spies, the third is told."""
    values = np.array([0.31, 0.42, 0.52, 0.61, 0.77])
    everyone = list(range(5))

    twice = [honest(OEE, everyone, values, [50]), honest(OEE, everyone[:-1], values, [50])]
    small = [honest(OEE, everyone[:3], values, [50])]

    assert Attacker(twice, {}, ENDS).intervals()[frozenset([4])][0] > ENDS[0]
    assert Attacker(small, {0: 6, 2: 10}, ENDS).intervals() == {frozenset([1]): (8, 8)}


@pytest.mark.parametrize("seed", WORLDS[:6])
def test_who_joins_leaves_or_misses_a_month_is_never_alone(seed: int) -> None:
    """Values that do not move, told month by month: who was in which month are groups, never one member.

    Told of all who report in each month, the one that comes and goes is bounded.
    """
    rng = np.random.default_rng(seed)
    register, of, panel = cluster(seed, number=120)
    constant = np.repeat(of.value, 6, axis=1)
    constant[rng.random(constant.shape) < 0.03] = np.nan
    constant[5, 3:] = np.nan  # leaves
    before, rows = given(OEE, constant), panel.rows(register)
    told: list[Figure] = []
    for month in range(6):
        values = panel.taken(before.usable(month, generated=False), rows)
        told += figures(panel, values, bands(panel, OEE, values))

    attacker = Attacker(told, {}, ENDS)

    assert len({len(one.members) for one in told}) > 6
    assert min(len(those) for _, those in attacker.classes) >= RULES.group


def test_without_blocks_leaving_tells_on_who_leaves() -> None:
    """Twenty members whose values stand still: the median moves when one leaves, and tells which side it left."""
    values = np.repeat([0.42, 0.62], 10)
    everyone = list(range(20))

    told = [honest(OEE, everyone, values, [50]), honest(OEE, everyone[1:], values, [50])]

    assert Attacker(told, {}, ENDS).intervals()[frozenset([0])] == (ENDS[0], 8)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """The books of a hub."""
    return Books.open(tmp_path)


def all_told(folder: Path, register: Members, panel: Panel, versions: list[list[Compared]]) -> list[bytes]:
    """Everything that is told of these values and their corrections, byte by byte."""
    with Books.open(folder) as books:
        with books.session() as session:
            keep_panel(session, "six", "2026-01", panel, 1)
        for version in versions:
            for month in range(version[0].value.shape[1]):
                asked = [Asked("six", one, month) for one in version]
                with books.session() as session:
                    tell(session, register, f"2026-{month + 1:02d}", asked, 2)
        with books.reading() as session:
            ordered = select(ToldMonthRecord).order_by(ToldMonthRecord.id)
            months = {(r.indicator, r.month): Told.read(r.content) for r in session.scalars(ordered)}
            told = [record.content for record in session.scalars(ordered)]
            last = {key: found[1] for key in months if (found := basis_of(session, *key))}
    none = np.zeros(len(panel))
    one = versions[-1][0].indicator
    now = f"2026-{versions[-1][0].value.shape[1]:02d}"
    then, now_told = ((last[one.id, month], months[one.id, month]) for month in ("2026-01", now))
    extra: list[object] = [
        movement(panel, one, then, now_told, none),
        left_behind(panel, [(s.indicator, last[s.indicator.id, now]) for s in versions[-1]], none, least=1),
        inequality(panel, one, *now_told, none, seed=1),
        regions(panel, one, now_told[0], none),
    ]
    return [*told, *(repr(figure_told).encode() for figure_told in extra)]


@pytest.mark.parametrize("seed", range(4))
def test_members_of_a_block_may_exchange_all_they_gave(seed: int, tmp_path: Path) -> None:
    """Months, misses, corrections, movement, who is behind, inequality: all the same after any exchange within blocks.

    An exchange across blocks is seen, so the test can fail.
    """
    rng = np.random.default_rng(seed)
    register = members(rng, 220)
    panel = formed(register, rng.permutation(220), RULES, generated=False)
    six = [series(rng, register, 4, indicator=one, missing=0.01) for one in (OEE, LEAD_TIME)]
    fixed = [
        given(one.indicator, np.where(rng.random(one.value.shape) < 0.4, one.value * 0.8, one.value)) for one in six
    ]
    rows = panel.rows(register)
    within, across = np.arange(220), np.arange(220)
    for block in range(len(panel.blocks)):
        those = rows[panel.block == block]
        within[those] = rng.permutation(those)
    across[rows] = rng.permutation(rows)

    def after(exchange: NDArray[np.int64]) -> list[list[Compared]]:
        return [[given(one.indicator, one.value[exchange]) for one in version] for version in (six, fixed)]

    told = all_told(tmp_path / "as it is", register, panel, [six, fixed])

    assert len({content for content in told if content.startswith(b"[")}) > 8  # there are second editions
    assert min(np.bincount(panel.block)) >= RULES.group
    assert all_told(tmp_path / "exchanged", register, panel, after(within)) == told
    assert all_told(tmp_path / "across", register, panel, after(across)) != told


@pytest.mark.parametrize("seed", range(8))
def test_who_corrects_is_never_alone(seed: int) -> None:
    """Corrections of any members, again and again: who was told with the same old and new values are groups."""
    rng = np.random.default_rng(seed)
    register, of, panel = cluster(seed, number=200)
    rows = panel.rows(register)
    values = panel.taken(of.usable(0, generated=False), rows)
    told = bands(panel, OEE, values)
    basis = first(panel, values, told)
    taken = waited = 0

    for _ in range(6):
        now = np.where(rng.random(len(panel)) < rng.choice([0.02, 0.3, 1.0]), rng.random(len(panel)), basis.values)
        before, basis = basis, corrected(panel, basis, now, told)
        taken += int((before.values != basis.values).sum())
        waited += int((now != basis.values).sum())
        assert min(np.bincount(basis.kind[basis.kind != NOT_YET])) >= RULES.group

    assert taken > 0
    assert waited > 0


def test_one_correction_waits(books: Books) -> None:
    """A member who corrects its value alone changes nothing that is told; with six others it does, in a new edition."""
    register, of, panel = cluster(3)
    rows, least = panel.rows(register), np.argsort(of.value[:, 0])
    with books.session() as session:
        keep_panel(session, "oee", "2026-01", panel, 1)
        tell(session, register, "2026-01", [Asked("oee", of, 0)], 2)

    def told_after(corrections: NDArray[np.int64]) -> list[Told]:
        value = of.value.copy()
        value[corrections] = 0.99
        with books.session() as session:
            return tell(session, register, "2026-01", [Asked("oee", given(OEE, value), 0)], 3)

    one, again, many = told_after(least[:1]), told_after(least[:1]), told_after(rows[: len(rows) // 2])

    assert (one, again) == ([], [])
    assert [told.edition for told in many] == [2]
    books.close()


def test_the_same_question_has_the_same_bytes(books: Books) -> None:
    """Telling a month again, and reading it again, adds nothing: there is no noise to average away."""
    register, of, panel = cluster(4)
    with books.session() as session:
        keep_panel(session, "oee", "2026-01", panel, 1)
        first_time = tell(session, register, "2026-01", [Asked("oee", of, 0)], 2)

    with books.session() as session:
        second_time = [tell(session, register, "2026-01", [Asked("oee", of, 0)], 3) for _ in range(3)]

    assert [one.content() for one in first_time] == [Told.read(one.content()).content() for one in first_time]
    assert second_time == [[], [], []]
    books.close()


def test_a_dominant_member_is_not_summed() -> None:
    """Who gives most of a sum would be estimated by it; spies take out what they gave, so they do not hide it."""
    even, one = np.ones(20), np.array([60.0, *np.ones(19)])
    hidden = np.array([60.0, 50.0, 40.0, *np.ones(19)])

    assert not dominated(even, RULES)
    assert dominated(one, RULES)
    assert dominated(hidden, RULES)
    assert 60 / hidden.sum() < RULES.dominance  # which a rule without spies would have let pass


@pytest.mark.parametrize("seed", range(40))
def test_counts_leave_each_member_in_doubt(seed: int) -> None:
    """Of nested cells: in the rest of each, more than the spies are counted, and more than the spies are not."""
    rng = np.random.default_rng(seed)
    register, _, panel = cluster(seed, number=300)
    cells = panel.cells
    marked = rng.random(len(panel)) < rng.choice([0.03, 0.3, 0.9], len(panel.blocks))[panel.block]
    n, counted = (
        np.array([((panel.chain == i).any(axis=1) & m).sum() for i in range(len(cells))])
        for m in (np.ones(len(panel), bool), marked)
    )

    told = shares(cells, n, counted, RULES)

    assert len(register) == 300
    for i in np.flatnonzero(told):
        inside = told & (cells.above == i)
        rest, hits = n[i] - n[inside].sum(), counted[i] - counted[inside].sum()
        assert rest == 0 or RULES.c < hits < rest - RULES.c
    one_by_one = (counted >= RULES.group) & (n - counted >= RULES.group)
    assert told.sum() <= one_by_one.sum()


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((40, 30, 20), (40, 30, 20)),
        ((40, 30, 0), (40, None, None)),
        ((40, 3, 1), (None, None, None)),
        ((40, 6, 2), (40, None, None)),
        ((9, 0), (None, None)),
    ],
)
def test_parts_of_a_whole_do_not_tell_the_missing_one(counts: tuple[int, ...], told: tuple[int | None, ...]) -> None:
    """What is not told holds a group and is at least two parts, so that no subtraction gives it."""
    assert parts(counts, RULES) == told


def test_ranks_are_those_of_the_inverse_distribution() -> None:
    """The attacker and the product agree on what a quantile is: numpy's, computed another way."""
    for n in range(1, 200):
        x = np.arange(1, n + 1)
        assert list(ranks(np.array([n]))[0]) == [np.quantile(x, p / 100, method="inverted_cdf") for p in PERCENTS]
