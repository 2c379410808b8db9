"""A hub whose books came back from a backup gives no number again, and two folders never have one database."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import text

from lineside.books import Books
from lineside.errors import ConfigurationError, FolderInUse, LinesideError, UnusableData
from lineside.hub import Hub
from lineside.hub.numbering import JUMP, MARK_FILE, Numbered
from lineside.hub.tiers import TELL
from lineside.node import back_up_hub, restore
from lineside.trust import AT_HUB, Asked, Grant, Kind, People, Role
from tests.hub.conftest import Opens
from tests.hub.factories import Clock, Factory
from tests.hub.packs.drafts import DRAFT


def jumps(hub: Hub) -> int:
    """How often its numbers jumped."""
    with hub.ledger.stored() as now:
        return len(now.page(Asked(kinds=[Kind.RENUMBERED.value]), 99))


def test_books_that_are_older_than_the_folder_give_no_number_again(
    opens: Opens, folder: Path, tmp_path: Path, clock: Clock
) -> None:
    """The member that was lost with the newer books keeps its number; the next one gets another, once and for all."""
    hub = opens()
    Factory.make(tmp_path, clock, "one").joined(hub, "one")
    hub.close()
    books = folder / "data" / "books.sqlite"
    older = books.read_bytes()
    hub = opens()
    lost = Factory.make(tmp_path, clock, "lost").joined(hub, "lost")
    hub.close()
    books.write_bytes(older)

    hub = opens()
    following = Factory.make(tmp_path, clock, "next").joined(hub, "next")
    assert jumps(hub) == 1
    hub = opens()
    after = Factory.make(tmp_path, clock, "after").joined(hub, "after")

    assert (lost.number, jumps(hub)) == (2, 1)
    assert (following.number, after.number) == (2 + JUMP, 3 + JUMP)


def test_a_backup_that_was_restored_gives_no_number_again(hub: Hub, folder: Path, tmp_path: Path, clock: Clock) -> None:
    """In a new folder, whose mark is as old as its books."""
    Factory.make(tmp_path, clock, "one").joined(hub, "one")
    hub.close()
    back_up_hub(folder, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again")

    with Hub(tmp_path / "again", now_us=clock) as again:
        assert jumps(again) == 1
        assert Factory.make(tmp_path, clock, "two").joined(again, "two").number == 2 + JUMP
    with Hub(tmp_path / "again", now_us=clock) as once_more:
        assert jumps(once_more) == 1


@pytest.mark.usefixtures("books")
def test_numbers_go_on_without_a_backup(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """Over starts and ends nothing jumps, also where a process was killed before it wrote its mark."""
    numbers = [Factory.make(tmp_path, clock, f"f{at}").joined(opens(), f"f{at}").number for at in range(3)]

    hub = opens()
    assert (numbers, jumps(hub)) == ([1, 2, 3], 0)


def test_a_mark_that_is_none_is_told(hub: Hub, folder: Path) -> None:
    """Nothing is guessed of how far the ledger was."""
    hub.close()
    (folder / "data" / MARK_FILE).write_text("?", "utf-8")

    with pytest.raises(ConfigurationError) as refused:
        Hub(folder)

    assert refused.value.key == "hub.no_mark"


@pytest.mark.parametrize("books", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("books")
def test_a_copy_of_a_folder_is_refused_while_the_first_has_the_database(
    opens: Opens, folder: Path, tmp_path: Path, clock: Clock
) -> None:
    """Both are of the same hub; the second gets the database when the first lets go."""
    hub = opens()
    shutil.copytree(folder, tmp_path / "copy")

    with pytest.raises(FolderInUse) as refused:
        Hub(tmp_path / "copy", now_us=clock)

    assert refused.value.key == "books.held"
    hub.close()
    with Hub(tmp_path / "copy", now_us=clock) as copy, copy.books.reading() as rows:
        assert rows.scalar(text("SELECT count(*) FROM books_holder")) == 1


def test_books_whose_mark_is_gone_give_no_number_again(hub: Hub, folder: Path, tmp_path: Path, clock: Clock) -> None:
    """As where a dump of a database came back beside a new folder: nobody knows what was given since."""
    Factory.make(tmp_path, clock, "one").joined(hub, "one")
    hub.close()
    (folder / "data" / MARK_FILE).unlink()

    with Hub(folder, now_us=clock) as again:
        assert (jumps(again), again.numbering.restored_us) == (1, clock.us)
        assert Factory.make(tmp_path, clock, "two").joined(again, "two").number == 2 + JUMP


def test_a_hub_whose_people_came_before_it_ran_begins_with_one(folder: Path, tmp_path: Path, clock: Clock) -> None:
    """Accounts that were made in a fresh folder are no sign of an older time."""
    with Books.open(folder) as books:
        People(books, clock, duties=AT_HUB).add("ada", "person", [Grant(Role.ADMINISTRATOR)])

    with Hub(folder, now_us=clock) as hub:
        assert jumps(hub) == 0
        assert Factory.make(tmp_path, clock, "one").joined(hub, "one").number == 1


def test_books_that_go_back_while_the_hub_runs_are_noticed(
    opens: Opens, folder: Path, tmp_path: Path, clock: Clock
) -> None:
    """As a standby that took over and had not all: what is in memory is not theirs, and nothing more is taken."""
    hub = opens()
    factory = Factory.make(tmp_path, clock, "one").joined(hub, "one")
    with (
        closing(sqlite3.connect(folder / "data" / "books.sqlite")) as books,
        closing(sqlite3.connect(":memory:")) as old,
    ):
        books.backup(old)
        factory.send(hub, factory.say(factory.submission()))
        hub.numbering.mark()
        old.backup(books)

    with pytest.raises(UnusableData) as told:
        hub.numbering.mark()
    with pytest.raises(LinesideError) as refused:
        hub.receive(factory.say(factory.submission("2026-08")).json())

    assert told.value.key == refused.value.key == "hub.rolled_back"
    hub = opens()
    assert jumps(hub) == 1
    factory.send(hub, *factory.sent[1:])
    assert sorted(factory.receipts) == [1, 2]


@pytest.mark.usefixtures("books")
def test_every_kind_of_number_jumps(opens: Opens, folder: Path, tmp_path: Path, clock: Clock) -> None:
    """What people hold papers of is never another thing of the same number: members, objections, drafts."""
    hub = opens()
    one = Factory.make(tmp_path, clock, "one").joined(hub, "one")
    before = hub.objections.raise_one(one.number, "figure", {"indicator": "oee"}, "It is more."), begun(hub)
    hub.close()
    (folder / "data" / MARK_FILE).unlink()

    hub = opens()
    after = hub.objections.raise_one(one.number, "figure", {"indicator": "oee"}, "Again."), begun(hub)
    next_one = hub.objections.raise_one(one.number, "figure", {"indicator": "oee"}, "And again.")

    assert [one.id for one in (before[0], after[0], next_one)] == [1, 2 + JUMP, 3 + JUMP]
    assert (before[1], after[1]) == (1, 2 + JUMP)
    with hub.ledger.stored() as now:
        (told,) = now.page(Asked(kinds=[Kind.RENUMBERED.value]), 9)
    assert set(told["facts"]) == set(get_args(Numbered))


def begun(hub: Hub) -> int:
    """The number of a new draft of a pack."""
    return hub.packs.drafts.begin(DRAFT, by="account/3").number


def test_no_figure_is_told_until_members_could_send_what_was_lost(
    hub: Hub, folder: Path, tmp_path: Path, clock: Clock
) -> None:
    """Three days, in which people are told: what is told stands, and of fewer members it would be told otherwise."""
    Factory.make(tmp_path, clock, "one").joined(hub, "one")
    hub.close()
    (folder / "data" / MARK_FILE).unlink()

    with Hub(folder, now_us=clock) as again:
        again.tell()
        early, told = again.jobs.recent(1, TELL), [one.key for one in again.attention]
        clock.forward(days=3)
        again.tell()

        assert (early, len(again.jobs.recent(1, TELL))) == ([], 1)
        assert (told, again.attention) == (["hub.settling"], [])
