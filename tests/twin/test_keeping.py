from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from lineside.books import Books
from lineside.twin.fit.keeping import KEPT, TwinRecord, keep_twin, newest_twin


def test_the_newest_twin_of_a_line_answers(tmp_path: Path) -> None:
    """Each fit is an edition of its line; another line's does not touch it."""
    with Books.open(tmp_path) as books, books.session() as session:
        keep_twin(session, "pumps", {"n": 1}, None, {}, made_us=1, start_us=0, end_us=1)
        keep_twin(session, "pumps", {"n": 2}, {"verdict": "good"}, {}, made_us=2, start_us=0, end_us=2)
        keep_twin(session, "cell", {"n": 3}, None, {}, made_us=3, start_us=0, end_us=3)

        found = newest_twin(session, "pumps")
        none = newest_twin(session, "press")

    assert found is not None
    assert (found.twin, found.trust) == ({"n": 2}, {"verdict": "good"})
    assert none is None


def test_old_editions_go(tmp_path: Path) -> None:
    """A fit a night does not fill the disk: so many stay, the newest of them."""
    with Books.open(tmp_path) as books:
        for night in range(KEPT + 3):
            with books.session() as session:
                keep_twin(session, "pumps", {"n": night}, None, {}, made_us=night, start_us=0, end_us=night)
        with books.reading() as session:
            nights = list(session.scalars(select(TwinRecord.made_us).order_by(TwinRecord.id.desc())))

    assert nights == list(range(KEPT + 2, 2, -1))
