"""How grades come about, and how they fall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.errors import ConfigurationError
from lineside.texts import has
from lineside.trust import Grade, Judgement, Label, Permission, Statement, Thing, Transformation, facts, fallen
from lineside.trust.things import parse_branch

PRESS = ("machine/press", "line/cell", "area/hall", "site")
PLACE = ("line/cell", "area/hall", "site")
THINGS = (
    Thing("signal/press/load", PRESS),
    Thing("signal/press/recipe", PRESS),
    Thing("states/press", PRESS, ("signal/press/load", "signal/press/recipe")),
    Thing("kpi/machine/press/oee", PRESS, ("states/press", "plant")),
    Thing("kpi/line/cell/oee", PLACE, ("kpi/machine/press/oee",)),
    Thing("plant"),
    Thing("accounts"),
)
LABELS = (*facts().labels, Label("recipe", "customer recipe", Grade.IMPORTANT, leaves=False))

grades = st.sampled_from(list(Grade))
labels = st.lists(
    st.builds(Label, st.sampled_from("abcd"), st.just("words"), grades, st.booleans()),
    unique_by=lambda one: one.id,
    max_size=3,
)
done = st.builds(
    Transformation,
    st.integers(0, 12),
    st.floats(0, 400),
    st.integers(0, 12),
    st.floats(0, 1),
    st.none() | st.floats(0, 10),
)


def judged(*said: Statement) -> Judgement:
    """The plant of the press, under some statements."""
    return Judgement(THINGS, said, LABELS)


def test_every_kind_has_a_default_with_a_reason() -> None:
    """Each kind, grade, duty and rule of the data file has words, and each fact a source and a confidence."""
    told = facts()

    keys = [f"grades.because.default.{kind}" for kind in told.kinds] + [f"grades.kind.{kind}" for kind in told.kinds]
    keys += [f"grades.{grade.id}.words" for grade in told.grades] + [
        f"grades.duty.{duty.id}.words" for duty in told.duties
    ]
    keys += [f"grades.rule.{rule.id}" for rule in told.falls]
    keys += [f"grades.keep.{kind.keep}" for kind in told.kinds.values() if kind.keep not in ("", "signal", "kpi_days")]

    assert [key for key in keys if not has(key)] == []
    assert all(one.source and one.confidence in {"found", "memory", "own"} for one in (*told.grades, *told.duties))
    readers = {reads for kind in told.kinds.values() for reads in kind.reads}
    assert readers - {"folder"} <= set(Permission)


def test_a_number_inherits_the_highest_grade_and_all_labels_with_the_path() -> None:
    """The OEE of the line is important because a signal is, three steps before; it bears the label of it, too."""
    found = judged(Statement("signal/press/recipe", "is", Grade.IMPORTANT, frozenset({"recipe"})))

    assert found.of("kpi/line/cell/oee").grade is Grade.IMPORTANT
    assert found.of("kpi/line/cell/oee").labels == {"recipe"}
    way = ("kpi/line/cell/oee", "kpi/machine/press/oee", "states/press", "signal/press/recipe")
    assert found.path("kpi/line/cell/oee") == way
    assert found.path("kpi/line/cell/oee", "recipe") == way
    assert found.of("signal/press/load").grade is Grade.GENERAL


def test_a_label_raises_what_bears_it() -> None:
    """A label alone, without a word of the grade, implies its least grade."""
    found = judged(Statement("signal/press/recipe", "is", None, frozenset({"recipe"})))

    assert found.of("signal/press/recipe").grade is Grade.IMPORTANT
    assert found.of("signal/press/recipe").because[0].key == "grades.because.label"


def test_the_most_specific_statement_wins() -> None:
    """The thing before its kind in its line, that before the line, that before the site."""
    line, kind = Statement("line/cell", "is", Grade.CORE), Statement("signal@line/cell", "is", Grade.IMPORTANT)
    thing = Statement("signal/press/load", "is", Grade.GENERAL)

    found = judged(line, kind, thing)

    assert found.of("signal/press/load").grade is Grade.GENERAL
    assert found.of("signal/press/recipe").grade is Grade.IMPORTANT
    assert found.of("states/press").grade is Grade.CORE


def test_nothing_is_below_what_a_wider_branch_marks_as_at_least() -> None:
    """And what says otherwise is told."""
    least, thing = Statement("area/hall", "least", Grade.IMPORTANT), Statement("signal/press/load", "is", Grade.GENERAL)

    found = judged(least, thing)

    assert found.of("signal/press/load").grade is Grade.IMPORTANT
    assert found.overruled() == [(thing, "signal/press/load")]
    assert found.of("plant").grade is Grade.GENERAL


def test_a_collection_may_be_graded_above_its_items() -> None:
    """All signals over a year are important together, though none of them is alone, nor all of them for a day."""
    found = judged(Statement("signal@site", "whole", Grade.IMPORTANT, days=365, share=0.6))
    both = ("signal/press/load", "signal/press/recipe")

    assert found.together(both, 365).grade is Grade.IMPORTANT
    assert found.together(both, 364).grade is Grade.GENERAL
    assert found.together(both[:1], 365).grade is Grade.GENERAL
    assert found.of("signal/press/load").grade is Grade.GENERAL
    assert found.together(["accounts"]).labels == {"personal"}


def test_nobody_guesses_the_grade_of_what_is_unknown() -> None:
    """A thing that there is not has no grade, so nothing made of it can leave."""
    found = judged()

    with pytest.raises(ConfigurationError) as raised:
        found.of("signal/press/new")
    with pytest.raises(ConfigurationError):
        found.together(["nothing"])
    assert raised.value.key == "grades.no_thing"


def test_what_is_gone_is_kept_and_told() -> None:
    """A statement about a machine that the plant no longer has touches nothing, and is there."""
    one = Statement("machine/old", "is", Grade.CORE)

    found = judged(one)

    assert found.gone() == [one]
    assert found.overruled() == []


@pytest.mark.parametrize(
    "text", ["", "press", "signal@", "signal@press", "x@site", "machine/", "line", "@site", "a" * 400]
)
def test_what_is_no_branch_is_refused(text: str) -> None:
    """A slip of the pen grades nothing."""
    with pytest.raises(ConfigurationError):
        parse_branch(text)


@pytest.mark.parametrize(
    "text", ["site", "line/cell", "signal@site", "kpi@machine/press", "signal/press/load", "plant"]
)
def test_what_is_a_branch_is_taken(text: str) -> None:
    """Things, places, and kinds in places."""
    assert parse_branch(text) == text


def test_a_grade_is_known_in_both_languages() -> None:
    """Tables of authorities are in Chinese."""
    assert Grade.parse(" Important ") is Grade.parse("重要数据") is Grade.IMPORTANT
    with pytest.raises(ConfigurationError):
        Grade.parse("secret")


def test_an_aggregate_over_enough_falls_and_says_why() -> None:
    """Five contributors over four weeks, small numbers left out and no giant among them: general."""
    earned = Transformation(contributors=5, days=28, suppressed_below=5, largest_share=0.75)

    down = fallen(Grade.IMPORTANT, (), earned)
    up = fallen(Grade.IMPORTANT, (), Transformation(contributors=4, days=28, suppressed_below=5, largest_share=0.75))

    assert (down.grade, down.because[0].key) == (Grade.GENERAL, "grades.fall.earned")
    assert up.grade is Grade.IMPORTANT
    assert ("lacking", "contributors >= 5") in up.because[0].fields


@given(grades, labels, done)
def test_no_grade_falls_without_a_rule(grade: Grade, held: list[Label], how: Transformation) -> None:
    """Without rules, and with nothing done, a grade stays."""
    least = max([grade, *(one.least for one in held)])

    assert fallen(grade, held, how, rules=()).grade is least
    assert fallen(grade, held, Transformation()).grade is least


@given(grades, labels, done)
def test_core_never_falls_and_labels_win(grade: Grade, held: list[Label], how: Transformation) -> None:
    """Core stays core; nothing falls below what a label implies, nor at all where one may not leave; labels stay."""
    found = fallen(grade, held, how)

    assert found.labels == {one.id for one in held}
    assert found.grade >= max([Grade.GENERAL, *(one.least for one in held)])
    if grade is Grade.CORE or any(not one.leaves for one in held):
        assert found.grade >= grade
    assert found.grade <= max([grade, *(one.least for one in held)])
    assert found.grade >= grade or found.because[0].key == "grades.fall.earned"


@given(grades, grades, labels, done, st.integers(0, 9), st.floats(0, 99))
def test_falling_is_monotone(
    one: Grade, other: Grade, held: list[Label], how: Transformation, n: int, d: float
) -> None:
    """A higher grade never comes out lower, more labels never lower, and more done never higher."""
    low, high = sorted((one, other))
    noise = None if how.epsilon is None else how.epsilon / 2
    more = Transformation(how.contributors + n, how.days + d, how.suppressed_below + n, how.largest_share / 2, noise)

    assert fallen(low, held, how).grade <= fallen(high, held, how).grade
    assert fallen(one, held[1:], how).grade <= fallen(one, held, how).grade
    assert fallen(one, held, more).grade <= fallen(one, held, how).grade


@given(
    st.lists(
        st.tuples(st.sampled_from([t.id for t in THINGS] + ["site", "signal@site", "line/cell"]), grades), max_size=6
    )
)
def test_no_number_is_below_what_it_is_made_of(said: list[tuple[str, Grade]]) -> None:
    """Whatever anybody says of anything."""
    found = judged(*(Statement(branch, "is", grade) for branch, grade in said))

    for thing in THINGS:
        assert all(found.of(thing.id).grade >= found.of(one).grade for one in thing.inputs)
