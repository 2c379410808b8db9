"""What was told, in the books: panels, months and editions, read back as they were, in a file and in PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.hub.compare import (
    Asked,
    Benchmarks,
    Cell,
    Compared,
    Members,
    Panel,
    PanelRecord,
    Secrecy,
    Told,
    alike,
    formed,
    grow_panel,
    keep_panel,
    panel_for,
    read_panel,
    reporting,
    tell,
    told_bytes,
)
from tests.hub.compare.worlds import LEAD_TIME, members, series
from tests.hub.conftest import new_books

RULES = Secrecy(4, 1, 0.4)


@pytest.fixture(params=["file", "server"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Books of either kind, empty."""
    url = new_books(request.getfixturevalue("server")) if request.param == "server" else None
    with Books.open(tmp_path, url) as opened:
        yield opened


def cluster(seed: int = 1) -> tuple[Members, Compared, Panel]:
    """A register, an indicator over two months and a panel."""
    rng = np.random.default_rng(seed)
    register = members(rng, 150)
    return register, series(rng, register, 2, missing=0.01), formed(register, np.arange(140), RULES, generated=False)


def test_a_panel_is_found_again_and_grows(books: Books) -> None:
    """Members, blocks, cells and rules are those that were kept; newcomers come behind; a later panel begins later."""
    register, _, panel = cluster()
    longer = formed(register, np.arange(150), RULES, generated=False, before=panel)

    with books.session() as session:
        number = keep_panel(session, "oee", "2026-01", panel, 1)
        grow_panel(session, number, longer)
        later = keep_panel(session, "oee", "2027-01", panel, 2)
        found = read_panel(session, number)
        numbers = [panel_for(session, "oee", month) for month in ("2025-12", "2026-12", "2027-03")]

    assert (found.blocks, found.secrecy, found.generated) == (longer.blocks, RULES, False)
    assert list(found.members) == list(longer.members)
    assert list(found.block) == list(longer.block)
    assert numbers == [None, number, later]


def test_a_panel_that_does_not_fit_is_refused(books: Books) -> None:
    """Neither members who moved nor a beginning in months that were told."""
    register, of, panel = cluster()
    other = formed(register, np.arange(140)[::-1], RULES, generated=False)
    with books.session() as session:
        number = keep_panel(session, "oee", "2026-01", panel, 1)
        tell(session, register, "2026-02", [Asked("oee", of, 1)], 2)

    for key, act in (
        ("compare.other_panel", lambda session: grow_panel(session, number, other)),
        ("compare.panel_too_early", lambda session: keep_panel(session, "oee", "2026-02", other, 3)),
        ("compare.no_month", lambda session: keep_panel(session, "oee", "2026-13", other, 3)),
        ("compare.no_panel", lambda session: tell(session, register, "2025-12", [Asked("oee", of, 0)], 3)),
    ):
        with pytest.raises(ConfigurationError) as raised, books.session() as session:
            act(session)
        assert raised.value.key == key
        assert raised.value.cure("zh")


def test_all_cells_of_a_month_are_told_in_one_session(books: Books) -> None:
    """A session that is undone tells nothing; one that ends well tells all, and any edition is read byte by byte."""
    register, of, panel = cluster()
    with books.session() as session:
        keep_panel(session, "oee", "2026-01", panel, 1)
    with suppress(KeyError), books.session() as session:
        tell(session, register, "2026-01", [Asked("oee", of, 0)], 2)
        raise KeyError
    with books.session() as session:
        nothing = told_bytes(session, "oee", "2026-01")
        told = tell(session, register, "2026-01", [Asked("oee", of, 0)], 2)

    of.value[:, 0] *= 0.7
    with books.session() as session:
        again = tell(session, register, "2026-01", [Asked("oee", of, 0)], 3)
        first, last = (told_bytes(session, "oee", "2026-01", edition) for edition in (1, None))

    assert nothing is None
    assert (first, last) == (told[0].content(), again[0].content())
    assert (again[0].edition, again[0].by_cell.keys() <= told[0].by_cell.keys()) == (2, True)
    assert first != last


def test_benchmarks_are_read_once_until_something_is_told(books: Books) -> None:
    """What is held in memory is what the books say, also after another writer told a new edition."""
    register, of, panel = cluster()
    benchmarks = Benchmarks(books, most=1)
    assert benchmarks.told("oee", "2026-01") is None
    with books.session() as session:
        keep_panel(session, "oee", "2026-01", panel, 1)
        for month in (0, 1):
            tell(session, register, f"2026-{month + 1:02d}", [Asked("oee", of, month)], 2)

    first = benchmarks.told("oee", "2026-01")
    same = benchmarks.told("oee", "2026-01")
    both = benchmarks.months("oee", ["2026-01", "2026-02", "2026-03"])
    of.value[:, 0] *= 0.7
    with books.session() as session:
        tell(session, register, "2026-01", [Asked("oee", of, 0)], 3)
        panels = session.scalar(select(func.count()).select_from(PanelRecord))

    assert first is same
    assert list(both) == ["2026-01", "2026-02"]
    after = benchmarks.bands("oee", "2026-01", Cell())
    tries = iter(range(3))
    before = [benchmarks.made("tries", lambda _: next(tries)) for _ in range(2)]
    of.value[:, 1] *= 0.7
    with books.session() as session:
        tell(session, register, "2026-02", [Asked("oee", of, 1)], 4)
    assert (before, benchmarks.made("tries", lambda _: next(tries))) == ([0, 0], 1)
    assert first is not None
    assert after is not None
    assert after != first.by_cell[Cell()]
    assert panels == 1


def test_any_benchmark_from_memory_takes_fifty_milliseconds(tmp_path: Path) -> None:
    """A year of all cells of ten thousand members, from memory, in time of the processor."""
    rng = np.random.default_rng(2)
    register = members(rng, 10_000, industries=14, regions=8)
    panel = formed(register, rng.permutation(10_000), Secrecy(), generated=False)
    of = series(rng, register, 12, missing=0.02)
    months = [f"2026-{month:02d}" for month in range(1, 13)]
    with Books.open(tmp_path) as books:
        with books.session() as session:
            keep_panel(session, "oee", "2026-01", panel, 1)
        for at, month in enumerate(months):
            with books.session() as session:
                tell(session, register, month, [Asked("oee", of, at)], 2)
        benchmarks, took = Benchmarks(books), []
        for _ in range(5):
            began = time.process_time()
            found: dict[str, Told] = benchmarks.months("oee", months)
            took.append(time.process_time() - began)

    assert len(found) == 12
    assert len(found["2026-12"].bands) > 100
    assert min(took) < 0.05


def test_members_who_report_alike_share_blocks() -> None:
    """Where some never say an indicator, put by kinds nearly all values of the others count, else half of them."""
    rng = np.random.default_rng(5)
    register = members(rng, 400, industries=6)
    every, some = series(rng, register, 6), series(rng, register, 6, indicator=LEAD_TIME)
    some.value[rng.random(400) < 0.4] = np.nan
    months = slice(0, 6)
    order, kinds = alike([every, some], months, 1), reporting([every, some], months)

    def counted(panel: Panel) -> list[int]:
        rows = panel.rows(register)
        taken = (panel.taken(of.usable(5, generated=False), rows) for of in (every, some))
        return [int(np.isfinite(values).sum()) for values in taken]

    by_kind = counted(formed(register, order, RULES, generated=False, kinds=kinds))
    mixed = counted(formed(register, order, RULES, generated=False))

    there = int(np.isfinite(some.value[:, 5]).sum())
    assert np.unique(kinds).size == 2
    assert min(by_kind[0], mixed[0]) > 390
    assert by_kind[1] > 0.95 * there
    assert mixed[1] < 0.9 * there
