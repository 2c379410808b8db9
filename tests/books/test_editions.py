from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from lineside.books import Books, EditionTooEarly, editions, mark_live, record_edition


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A session on new books."""
    with Books.open(tmp_path) as books, books.session() as opened:
        yield opened


def test_the_first_edition_is_valid_from_the_beginning(session: Session) -> None:
    """A plant had to be somehow before anybody wrote it down: the first text counts for that too."""
    edition = record_edition(session, "one", noticed_us=100)

    assert (edition.number, edition.valid_from_us, edition.noticed_us, edition.live_since_us) == (
        1,
        None,
        100,
        None,
    )
    assert len(edition.sha256) == 64


def test_the_same_text_makes_no_new_edition(session: Session) -> None:
    """Saving a file without a change changes nothing."""
    first = record_edition(session, "one", noticed_us=100)

    assert record_edition(session, "one", noticed_us=200) is first
    assert len(editions(session)) == 1


def test_an_edition_no_machine_ran_under_is_replaced_in_time(session: Session) -> None:
    """While a plant is being set up, each text takes the place of the one before it."""
    record_edition(session, "one", noticed_us=100)

    assert record_edition(session, "two", noticed_us=200).valid_from_us is None


def test_an_edition_after_a_live_one_is_valid_from_when_it_was_noticed(session: Session) -> None:
    """Once machines ran under an edition, the next one judges only what comes after it."""
    record_edition(session, "one", noticed_us=100)
    mark_live(session, 1, since_us=150)

    second = record_edition(session, "two", noticed_us=200)
    third = record_edition(session, "three", noticed_us=300)

    assert (second.valid_from_us, third.valid_from_us) == (200, 200)
    assert [edition.text for edition in editions(session)] == ["one", "two", "three"]


def test_a_chosen_time_goes_before_every_rule(session: Session) -> None:
    """Whoever says from when a change is valid is believed, also for a time long past."""
    record_edition(session, "one", noticed_us=100)
    mark_live(session, 1, since_us=150)

    edition = record_edition(session, "two", noticed_us=200, valid_from_us=120)

    assert edition.valid_from_us == 120


def test_no_edition_is_in_force_before_its_time(session: Session) -> None:
    """Neither one that names a later time nor one that a clock set back would put before an older one."""
    record_edition(session, "one", noticed_us=100)
    mark_live(session, 1, since_us=150)
    record_edition(session, "two", noticed_us=200)
    mark_live(session, 2, since_us=200)

    with pytest.raises(EditionTooEarly) as ahead:
        record_edition(session, "three", noticed_us=300, valid_from_us=400)
    with pytest.raises(EditionTooEarly) as back:
        record_edition(session, "three", noticed_us=199)

    assert (ahead.value.until_us, back.value.until_us, back.value.number) == (400, 200, 2)
    assert record_edition(session, "two", noticed_us=100).number == 2
    assert len(editions(session)) == 2


def test_an_old_text_written_again_is_a_new_edition(session: Session) -> None:
    """Going back is a change as well: only the newest text is compared."""
    for moment, text in enumerate(("one", "two", "one")):
        record_edition(session, text, noticed_us=moment)

    assert [edition.number for edition in editions(session)] == [1, 2, 3]


def test_an_edition_is_live_since_the_first_time(session: Session) -> None:
    """Marking an edition live again does not move the moment."""
    record_edition(session, "one", noticed_us=100)

    mark_live(session, 1, since_us=150)

    assert mark_live(session, 1, since_us=900).live_since_us == 150
