"""What people say of data, in the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.trust import Grade, Gradings, Label, Mode, Statement, Who
from lineside.trust.ledger.records import EntryRecord

WHY = Who("sina", "the customer asked for it")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The books of a new folder."""
    with Books.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def gradings(books: Books) -> Gradings:
    """Nothing is said yet."""
    return Gradings(books, iter(range(1000, 2000)).__next__)


def says(branch: str, grade: Grade | None, *labels: str, mode: Mode = "is") -> Statement:
    """A statement to be kept."""
    return Statement(branch, mode, grade, frozenset(labels))


def refused(what: Callable[[], object]) -> str:
    """The key of the error that is raised."""
    with pytest.raises(ConfigurationError) as raised:
        what()
    return raised.value.key


def test_every_version_is_kept_and_the_newest_counts(gradings: Gradings, books: Books) -> None:
    """Nothing is overwritten, not even by a withdrawal; a node that starts anew knows the same."""
    gradings.keep([says("line/cell", Grade.CORE)], WHY)
    gradings.keep([says("line/cell", Grade.IMPORTANT)], Who("otto", "  it was too much "))
    now = gradings.statements
    gradings.keep([says("line/cell", None)], WHY)

    assert [(one.grade, one.by, one.reason) for one in now] == [(Grade.IMPORTANT, "otto", "it was too much")]
    assert gradings.statements == ()
    assert now[0].at_us > 1000
    assert [one.grade for one in gradings.history(["line/cell"])] == [None, Grade.IMPORTANT, Grade.CORE]
    assert Gradings(books, lambda: 0).statements == ()


def test_ways_to_grade_stand_beside_each_other(gradings: Gradings) -> None:
    """What a branch is, is at least, and is as a whole are three statements."""
    modes: tuple[Mode, ...] = ("is", "least", "whole")
    gradings.keep([says("line/cell", Grade.IMPORTANT, mode=mode) for mode in modes], WHY)

    assert {one.mode for one in gradings.statements} == set(modes)


def test_a_label_that_is_in_use_stays(gradings: Gradings) -> None:
    """It can be taken away when nothing bears it any more, and is unknown from then on."""
    gradings.keep_label(Label("recipe", "customer recipe", Grade.IMPORTANT, leaves=False), WHY)
    gradings.keep([says("signal/press/recipe", None, "recipe")], WHY)

    assert refused(lambda: gradings.drop_label("recipe", WHY)) == "grades.label_used"
    gradings.keep([says("signal/press/recipe", None)], WHY)
    gradings.drop_label("recipe", WHY)
    assert {label.id for label in gradings.labels} == {"personal", "secret"}
    assert refused(lambda: gradings.keep([says("site", None, "recipe")], WHY)) == "grades.no_label"


def test_a_label_keeps_its_days(gradings: Gradings, books: Books) -> None:
    """Also over a restart; each change of them is an entry of the ledger, and nothing else is."""
    for days in (30, 30, None):
        gradings.keep_label(Label("recipe", "customer recipe", keep_days=days), WHY)
        again = Gradings(books, lambda: 0)
        assert [one.keep_days for one in again.labels if one.id == "recipe"] == [days]
    with books.reading() as rows:
        told = rows.scalars(select(EntryRecord.body).where(EntryRecord.kind == "grade.label_keeps")).all()

    assert [b'"days":30' in told[0], b'"days":0' in told[1], len(told)] == [True, True, 2]


def test_half_of_a_list_is_never_kept(gradings: Gradings) -> None:
    """One wrong statement keeps all of them out."""
    wrong = [says("site", Grade.CORE), says("site", None, "nothing")]

    assert refused(lambda: gradings.keep(wrong, WHY)) == "grades.no_label"
    assert gradings.statements == ()


def test_what_cannot_be_meant_is_refused(gradings: Gradings) -> None:
    """Each with its own cure."""
    for wrong, key in (
        (lambda: gradings.keep([says("site", Grade.CORE)], Who("sina", "  ")), "grades.no_reason"),
        (lambda: gradings.keep([says("nowhere", Grade.CORE)], WHY), "grades.no_branch"),
        (lambda: gradings.keep([says("site", Grade.CORE, "personal", mode="whole")], WHY), "grades.whole_labels"),
        (lambda: gradings.keep([Statement("site", "whole", Grade.CORE, share=0)], WHY), "grades.whole_size"),
        (lambda: gradings.keep_label(Label("personal", "mine"), WHY), "grades.label_name"),
        (lambda: gradings.keep_label(Label("My Own", "mine"), WHY), "grades.label_name"),
        (lambda: gradings.keep_label(Label("mine", " "), WHY), "grades.label_name"),
        (lambda: gradings.keep_label(Label("mine", "mine", keep_days=1), WHY), "grades.label_days"),
        (lambda: gradings.drop_label("secret", WHY), "grades.no_label"),
    ):
        assert refused(wrong) == key


def test_a_change_is_in_the_ledger(gradings: Gradings, books: Books) -> None:
    """With who made it, in the same transaction."""
    gradings.keep([says("signal@site", Grade.CORE, "personal")], Who("sina", "why", "account/3"))
    with books.reading() as rows:
        told = rows.scalars(select(EntryRecord).where(EntryRecord.kind == "grade.set")).one()

    assert told.who == "account/3"
    assert b'"about":"signal@site"' in told.body
    assert b'"grade":"core","labels":"personal","mode":"is"' in told.body
