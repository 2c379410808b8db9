from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lineside.books import Books
from lineside.errors import ConfigurationError, NotPermitted
from lineside.valve import (
    Cell,
    Rules,
    Statistic,
    Table,
    ToldRecord,
    budget_left,
    grant,
    judge,
    published,
    record,
    spend,
)

HOUR = 3_600_000_000
RULES = Rules(contributors=3, span_us=HOUR)


def table(names: str, recipient: str = "hub", by: float = 0.0) -> Table:
    """Return a table with one figure over machines."""
    values = {name: 5.0 + i + by for i, name in enumerate(names)}
    where = {"product": frozenset("AB")}
    return Table((Cell(names, "energy", Statistic.SUM, 0, HOUR, values, where),), recipient)


def test_what_was_told_counts_after_a_restart(tmp_path: Path) -> None:
    """The books are read back: a figure that would isolate one machine is refused, the same figure is told again."""
    with Books.open(tmp_path) as books, books.session() as session:
        record(session, judge(table("abcdef"), RULES, published(session, RULES, "hub")), release="r", told_us=1)

    with Books.open(tmp_path) as books, books.session() as session:
        before = published(session, RULES, "bank")
        verdicts = [judge(table(names, "bank"), RULES, before) for names in ("abcdef", "bcdef")]

    assert [len(verdict.allowed) for verdict in verdicts] == [1, 0]


def test_what_a_recipient_has_heard_is_written_once(tmp_path: Path) -> None:
    """Telling the same again adds no record; a correction and another recipient do."""
    with Books.open(tmp_path) as books, books.session() as session:
        told = published(session, RULES, "hub")
        for asked in (table("abc"), table("abc"), table("abc", "bank"), table("abc", "hub", by=1.0)):
            told = record(session, judge(asked, RULES, told), release="r", told_us=1)

        records = session.query(ToldRecord).count()

    assert records == 3


def test_what_cannot_be_corrected_stays_so_after_a_restart(tmp_path: Path) -> None:
    """That a total was told around a part of older facts is in the books, too."""

    def asked(*names: str, by: float = 0.0) -> Table:
        return Table(tuple(cell for one in names for cell in table(one, by=by).cells), "hub")

    with Books.open(tmp_path) as books, books.session() as session:
        told = published(session, RULES, "hub")
        for one in (asked("abc"), asked("abcdef")):
            told = record(session, judge(one, RULES, told), release="r", told_us=1)
        again = published(session, RULES, "hub")

    rules = [judge(asked("abc", "abcdef", by=1.0), RULES, past).rulings[0].broken for past in (told, again)]

    assert [broken.rule if broken else "" for broken in rules] == ["mixed", "mixed"]


def test_two_releases_judged_by_the_same_past_do_not_both_go(tmp_path: Path) -> None:
    """Whoever records second is told to judge again: together they could isolate one machine."""
    with Books.open(tmp_path) as books:
        with books.reading() as session:
            before = published(session, RULES, "hub")
        first, second = judge(table("abcdef"), RULES, before), judge(table("bcdef"), RULES, before)
        with books.session() as session:
            record(session, first, release="one", told_us=1)

        with pytest.raises(NotPermitted) as refused, books.session() as session:
            record(session, second, release="two", told_us=2)

    assert refused.value.key == "valve.overtaken"


def test_a_budget_runs_down_across_restarts_and_never_below_zero(tmp_path: Path) -> None:
    """What was spent stays spent; more than is left is refused and takes nothing."""
    with Books.open(tmp_path) as books, books.session() as session:
        grant(session, "energy", 1.0)
        spend(session, "energy", 0.7, release="r", spent_us=1)

    with Books.open(tmp_path) as books, books.session() as session:
        with pytest.raises(NotPermitted) as refused:
            spend(session, "energy", 0.4, release="r", spent_us=2)
        with pytest.raises(NotPermitted):
            spend(session, "nobody granted this", 0.1, release="r", spent_us=2)
        left = budget_left(session, "energy")

    assert refused.value.fields["left"] == "0.3"
    assert left == pytest.approx(0.3, abs=1e-5)


@pytest.mark.parametrize("epsilon", [0.0, -1.0, float("nan"), float("inf")])
def test_no_budget_is_spent_backwards(tmp_path: Path, epsilon: float) -> None:
    """An epsilon that is none takes nothing and gives nothing back."""
    with Books.open(tmp_path) as books, books.session() as session:
        grant(session, "energy", 1.0)
        with pytest.raises((NotPermitted, ConfigurationError)):
            spend(session, "energy", epsilon, release="r", spent_us=1)
        with pytest.raises(ConfigurationError):
            grant(session, "energy", epsilon)

        assert budget_left(session, "energy") == 1.0


def test_no_two_releases_spend_the_same_budget(tmp_path: Path) -> None:
    """Eight at once, each for a fifth: five get it."""
    got: list[bool] = []
    with Books.open(tmp_path) as books:
        with books.session() as session:
            grant(session, "energy", 1.0)

        def release() -> None:
            try:
                with books.session() as session:
                    spend(session, "energy", 0.2 - 1e-9, release="r", spent_us=1)
                got.append(True)
            except NotPermitted:
                got.append(False)

        threads = [threading.Thread(target=release) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with books.reading() as session:
            left = budget_left(session, "energy")

    assert (sum(got), len(got), left) == (5, 8, 0.0)
