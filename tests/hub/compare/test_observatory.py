"""The observatory: clear figures with noise from a budget, once; nothing where the noise would be the figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lineside.books import Books
from lineside.errors import ConfigurationError, NotPermitted
from lineside.hub.compare import (
    BUDGET,
    Cell,
    Compared,
    Fineness,
    Members,
    Period,
    clear,
    expected_error,
    public,
    publish,
)
from lineside.valve import budget_left, grant
from tests.hub.compare.worlds import OEE, members, series

QUARTER = Period("2026-Q1", slice(0, 3))


def cluster() -> tuple[Members, Compared]:
    """A large industry, a small one, and a third of a few."""
    rng = np.random.default_rng(1)
    register = members(rng, 2_000)
    register.division[:] = np.repeat([30, 31, 32], [1_700, 280, 20])
    register.generated[:100] = True
    return register, series(rng, register, 6, missing=0.1)


def test_a_quarter_is_told_once_and_paid_once(tmp_path: Path) -> None:
    """All and the large industry are told near the truth; the small one is not; the second time costs nothing."""
    register, of = cluster()
    with Books.open(tmp_path) as books:
        with books.session() as session:
            grant(session, BUDGET, 5.0)

        def told() -> list[object]:
            return list(publish(books, register, of, QUARTER, Fineness(0.5, 0.1), generated=False, now_us=1))

        first, second = told(), told()
        with books.reading() as session:
            left, kept = budget_left(session, BUDGET), public(session, "2026-Q1", "oee")

    assert first == second == kept
    assert {Cell(), Cell("30")} <= {one.cell for one in kept}
    assert Cell("32") not in {one.cell for one in kept}
    assert left == 4.0
    with np.errstate(invalid="ignore"):
        truth = np.nanmean(of.value[100:1_700, :3])
    whole = next(one for one in kept if one.cell == Cell("30"))
    assert whole.value == pytest.approx(truth, abs=0.05 + 3 * (whole.error or 0))
    assert whole.generated == 0
    assert "epsilon 0.5" in whole.guarantee()
    assert whole.value is not None
    assert whole.value == OEE.at(round(whole.value / OEE.step))


def test_small_clusters_are_told_nothing() -> None:
    """The noise of 20 members is wider than what there is to see; of 2,000 it is not. Twice the members halve it."""
    assert not clear(OEE, 20, 0.5, 0.1)
    assert clear(OEE, 2_000, 0.5, 0.1)
    assert expected_error(OEE, 40, 0.5) == pytest.approx(expected_error(OEE, 20, 0.5) / 2)
    assert expected_error(OEE, 20, 0.5) == pytest.approx(0.3, rel=0.05)


def test_a_budget_that_is_spent_tells_nothing(tmp_path: Path) -> None:
    """The second of two levels does not fit: neither is told, and nothing is taken from the budget."""
    register, of = cluster()
    with Books.open(tmp_path) as books:
        with books.session() as session:
            grant(session, BUDGET, 0.75)
        with pytest.raises(NotPermitted) as raised:
            publish(books, register, of, QUARTER, Fineness(0.5, 0.1), generated=False, now_us=1)
        with books.reading() as session:
            left, kept = budget_left(session, BUDGET), public(session, "2026-Q1", "oee")

    assert raised.value.key == "valve.budget_spent"
    assert (left, kept) == (0.75, [])


def test_generated_members_are_left_out_or_marked(tmp_path: Path) -> None:
    """With them, each figure says how many they are; a signal of nothing is refused."""
    register, of = cluster()
    with Books.open(tmp_path) as books:
        with books.session() as session:
            grant(session, BUDGET, 5.0)
        found = publish(books, register, of, QUARTER, Fineness(0.5, 0.1), generated=True, now_us=1)
        with pytest.raises(ConfigurationError) as raised:
            publish(books, register, of, QUARTER, Fineness(0.5, 0.0), generated=True, now_us=1)

    shares = {one.cell: one.generated for one in found}
    assert shares[Cell()] == pytest.approx(0.05, abs=0.003)
    assert raised.value.key == "compare.no_signal"
