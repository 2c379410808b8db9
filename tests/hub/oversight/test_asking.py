"""What a hub may ask: for a purpose, on a basis, and no finer than all its questions together may be."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lineside.errors import ConfigurationError
from lineside.exchange import QUESTION, Envelope, Question, catalogue, decoded
from lineside.hub import Hub
from lineside.hub.oversight.asking import drafted
from lineside.hub.oversight.cuts import Cut, cuts_of, require_coarse, told_by
from lineside.texts import LANGUAGES, has, say
from lineside.trust import Kind
from tests.hub.conftest import Opens
from tests.hub.factories import Clock, Factory
from tests.hub.oversight.asking import DAY_MS, asked_people, band, draft, entries, factories, reply


def refused(hub: Hub, told: dict[str, Any], **more: Any) -> str:
    """Why a draft is not published; nothing of it stays, and there are words for it."""
    before = (hub.oversight.questions.listed(), len(entries(hub)))
    with pytest.raises(ConfigurationError) as error:
        hub.oversight.questions.publish(told, **more)
    assert (hub.oversight.questions.listed(), len(entries(hub))) == before
    for language in LANGUAGES:
        assert error.value.sentence(language)
        assert error.value.cure(language)
    return error.value.key


def question(clock: Clock, told: dict[str, Any]) -> Question:
    """What a draft would be, signed."""
    return drafted(told, "0" * 32, 1, clock.ms)


@pytest.mark.usefixtures("books")
def test_a_question_is_public_signed_and_for_whom_it_fitted(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """Who comes later is not asked; all of it is there again when the hub is opened anew, in file and database."""
    hub = opens()
    first, _ = factories(hub, tmp_path, clock, 2)
    asked = hub.oversight.questions.publish(draft(clock), by="account/7")
    late = Factory.make(tmp_path, clock, "late").joined(hub)

    again = opens().oversight.questions.get(1)

    assert again == asked
    assert sorted(again.members) == [1, 2]
    assert late.number not in again.members
    envelope = Envelope.parse(again.envelope)
    assert (envelope.kind, envelope.sha256) == (QUESTION, asked.sha256)
    assert envelope.signed_by(first.hub_key)
    assert decoded(envelope) == asked.question


def test_it_stands_in_the_ledger_by_its_hash(hub: Hub, factory: Factory, clock: Clock) -> None:
    """And so does its end, with the hash of the reasons: no words of either."""
    asked = hub.oversight.questions.publish(draft(clock, duty=True), by="account/7")
    hub.oversight.questions.withdraw(1, "The order was repealed.", by="account/8")

    found = entries(hub, "question.")

    assert [one["kind"] for one in found] == [Kind.QUESTION_PUBLISHED, Kind.QUESTION_WITHDRAWN]
    assert found[0]["facts"] == {"number": 1, "duty": True, "sha256": asked.sha256}
    assert [one["who"] for one in found] == ["account/7", "account/8"]
    assert "repealed" not in str(found)
    assert factory.number in asked.members


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"purpose": {"en": "Because.", "zh": " "}}, "oversight.wordless"),
        ({"basis": " "}, "oversight.baseless"),
        ({"month": "2026-11"}, "oversight.month"),
        ({"month": "2016-10"}, "oversight.month"),
        ({"month": None}, "oversight.month_with_indicators"),
        ({"due_ms": None}, "oversight.due"),
        ({"due_ms": 5}, "oversight.due"),
        ({"indicators": ["profit"], "rule": "profit > 0"}, "exchange.no_indicator"),
        ({"rule": "availability >= 0.8 and oee >= 0.6"}, "rules.expression.no_name"),
        ({"rule": "availability >="}, "rules.expression.syntax"),
        ({"indicators": ["availability", "oee"]}, "oversight.rule_without"),
        ({"rule": "availability * 2 >= 1.6"}, "oversight.rule_unweighed"),
        ({"rule": "availability == 0.8"}, "oversight.rule_unweighed"),
        ({"rule": "availability >= min(availability, 0.8)"}, "oversight.rule_unweighed"),
        ({"rule": "availability >= 0.8 if availability > 0.5 else availability > 0.9"}, "rules.expression.no_truth"),
        ({"rule": ""}, "oversight.unfit"),
        ({"edges": [0.5]}, "oversight.unfit"),
        ({"kind": "proof"}, "oversight.unfit"),
        ({"rule": "0.8 <= availability < 0.81"}, "oversight.edges_near"),
        ({"rule": "availability > 0.8 or availability >= 0.8"}, "oversight.edges_near"),
        ({"rule": "availability >= 1"}, "oversight.edge_at_end"),
        ({"rule": "availability > 1.5"}, "oversight.edge_at_end"),
        ({"to": {"regions": ["south"]}}, "oversight.unknown"),
        ({"to": {"sizes": ["giant"]}}, "oversight.unknown"),
        ({"to": {"industries": ["99"]}}, "rules.no_division"),
        ({"to": {"members": [77]}}, "hub.no_member"),
        ({"to": {"traits": ["export"]}}, "oversight.nobody"),
        ({"words": {"en": "", "zh": "？"}}, "oversight.misworded"),
        ({"rule": "availability >= 0.8" + " " * 600}, "oversight.misworded"),
    ],
)
def test_what_may_not_be_asked_is_told_why(
    hub: Hub, factory: Factory, clock: Clock, other: dict[str, Any], why: str
) -> None:
    """Nothing is published, and nothing is in the ledger."""
    assert factory.number == 1
    assert refused(hub, draft(clock, **other)) == why


@pytest.mark.parametrize(
    ("edges", "other", "why"),
    [
        ((0.5, 0.51), {}, "oversight.edges_near"),
        ((0.5, 0.4), {}, "oversight.edges_rise"),
        ((0.99,), {}, "oversight.edge_at_end"),
        ((), {}, "oversight.unfit"),
        ((0.5,), {"unit": "h"}, "oversight.unfit"),
        ((0.5,), {"rule": "oee > 0.5"}, "oversight.unfit"),
        ((10.0, 10.5), {"indicators": ["energy_per_value"], "unit": "kWh/1000 CNY"}, "oversight.edges_near"),
    ],
)
def test_bands_keep_to_the_public_grid(
    hub: Hub, factory: Factory, clock: Clock, edges: tuple[float, ...], other: dict[str, Any], why: str
) -> None:
    """A step apart at least, also where steps are parts of the value."""
    assert factory.number == 1
    assert refused(hub, band(clock, *edges, **other)) == why


def test_people_are_asked_without_a_grid(hub: Hub, factory: Factory, clock: Clock) -> None:
    """What is not computed of what a member measures is as fine as people want to answer it."""
    one = hub.oversight.questions.publish(asked_people(clock))
    other = hub.oversight.questions.publish(
        asked_people(clock, kind="band", edges=[1, 2, 3, 4], unit="people", words={"en": "How many?", "zh": "几人？"})
    )

    assert one.cuts == other.cuts == frozenset()
    assert factory.number in one.members & other.members


# -- several questions add up ----------------------------------------------------------------------


def test_many_harmless_questions_never_narrow_a_value(hub: Hub, factory: Factory, clock: Clock) -> None:
    """Whoever asks by halves comes no further than the public grid, in whatever form the questions come."""
    values = {"availability": 0.8137}
    low, high = 0.0, 1.0
    refusals = published = 0
    step = catalogue().of("availability").step
    for at in range(60):
        middle = (low + high) / 2
        clock.forward(days=31)  # so that nobody was asked too often
        told = (
            draft(clock, rule=f"availability >= {middle!r}")
            if at % 2
            else band(clock, middle, indicator="availability")
        )
        try:
            asked = hub.oversight.questions.publish(told)
        except ConfigurationError as error:
            assert error.key in ("oversight.edges_near", "oversight.edge_at_end")  # noqa: PT017
            refusals += 1
            high = middle if at % 3 else high  # and goes on by guessing
            low = middle if not at % 3 else low
            continue
        published += 1
        if told_by(asked.question, values):
            low = middle
        else:
            high = middle

    cuts = sorted(cut.at for one in hub.oversight.questions.listed() for cut in one.cuts)
    around = [0.0, *cuts, 1.0]
    assert refusals > 10
    assert published >= 4
    assert min(b - a for a, b in pairwise(around)) >= step - 1e-12
    assert factory.number == 1


@given(
    st.lists(
        st.tuples(st.floats(0, 1.2), st.sampled_from(["{x} >= {c}", "{x} < {c}", "{x} > {c}", "not ({c} >= {x})"])),
        min_size=1,
        max_size=30,
    ),
    st.floats(0, 1),
)
def test_whatever_is_taken_leaves_a_step_of_doubt(told: list[tuple[float, str]], value: float) -> None:
    """All answers of accepted questions together hold a value no closer than a step of the public grid."""
    clock, step = Clock(), catalogue().of("oee").step
    known: set[Cut] = set()
    low, high = 0.0, 1.0
    for at, form in told:
        asked = question(clock, draft(clock, indicators=["oee"], rule=form.format(x="oee", c=repr(at))))
        cuts = cuts_of(asked)
        try:
            require_coarse(cuts, known, catalogue())
        except ConfigurationError:
            continue
        known |= cuts
        low, high = (max(low, at), high) if value >= at else (low, min(high, at))

    assert high - low >= step * (1 - 1e-6)


def test_only_the_same_members_indicator_and_month_add_up(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Others may be asked at a value between, and so may the same of another month, or at the very same value."""
    factories(hub, tmp_path, clock, 2)
    ask = hub.oversight.questions.publish
    ask(draft(clock, to={"members": [1]}))

    assert refused(hub, draft(clock, rule="availability < 0.81")) == "oversight.edges_near"
    ask(draft(clock, rule="availability < 0.81", to={"members": [2]}))
    ask(draft(clock, rule="availability < 0.81", month="2026-08", to={"members": [1]}))
    ask(draft(clock, rule="not availability < 0.8", to={"members": [1]}))
    ask(band(clock, 0.81, to={"members": [1]}))  # of another indicator


def test_a_correction_takes_the_place_of_what_nobody_answered(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """With reasons. Whoever answered the first one is not asked a hair beside it, withdrawn or not."""
    one, other = factories(hub, tmp_path, clock, 2)
    typo = hub.oversight.questions.publish(draft(clock, rule="availability >= 0.81"))
    one.send(hub, reply(one, typo, yes=False))
    better = draft(clock, to={"members": [other.number]})

    assert refused(hub, draft(clock), follows=1, why="A digit too many.") == "oversight.edges_near"
    assert refused(hub, better) == "oversight.edges_near"
    assert refused(hub, better, follows=1) == "hub.no_words"
    asked = hub.oversight.questions.publish(better, follows=1, why="A digit too many.")

    first = hub.oversight.questions.get(1)
    assert asked.follows == 1
    assert first.withdrawn is not None
    assert first.withdrawn.why == "A digit too many."
    assert refused(hub, better, follows=1, why="Again.") == "oversight.withdrawn"


def test_nobody_is_asked_without_end(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Ten questions a member within 30 days; others may still be asked, and later the same again."""
    factories(hub, tmp_path, clock, 2)
    for at in range(10):
        to = {"members": [1]} if at % 2 else {}
        hub.oversight.questions.publish(
            asked_people(clock, words={"en": f"Question {at}?", "zh": f"问题 {at}？"}, to=to)
        )

    assert refused(hub, asked_people(clock)) == "oversight.too_many"
    hub.oversight.questions.publish(asked_people(clock, to={"members": [2]}))
    clock.forward(days=31)
    hub.oversight.questions.publish(asked_people(clock))


def test_who_is_meant_fits_every_list(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Industry by its first digits, region, size, trait and number."""
    factories(hub, tmp_path, clock, 2, traits=("export", "chemical"))
    factories(hub, tmp_path, clock, 1, industry="2710", employees=2000, revenue_cny=9e8)

    def meant(**to: Any) -> list[int]:
        return sorted(hub.oversight.questions.preview(draft(clock, to=to))[1])

    assert meant() == [1, 2, 3]
    assert meant(industries=["344"]) == meant(industries=["C34"]) == [1, 2]
    assert meant(industries=["34", "27"], members=[2, 3]) == [2, 3]
    assert meant(sizes=["large"]) == [3]
    assert meant(traits=["export", "welding"], members=[1]) == [1]
    assert hub.oversight.questions.listed() == []


def test_an_answer_by_values_is_what_the_rule_says(clock: Clock) -> None:
    """Yes, no, the place of a band from 0, or not to be said while a value is missing."""
    both = question(clock, draft(clock, indicators=["oee", "availability"], rule="oee >= 0.6 and availability < 0.9"))
    bands = question(clock, band(clock, 0.4, 0.6))

    assert told_by(both, {"oee": 0.6, "availability": 0.8}) is True
    assert told_by(both, {"oee": 0.5}) is False
    assert told_by(both, {"oee": 0.7}) is None
    assert [told_by(bands, {"oee": at}) for at in (0.1, 0.4, 0.59, 0.6, 0.9)] == [0, 1, 1, 2, 2]
    assert told_by(bands, {}) is None
    assert told_by(replace(bands, indicators=(), month=None), {"oee": 0.5}) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_a_word(language: str) -> None:
    """In both languages."""
    for state in ("open", "answered", "overdue", "withdrawn", "excused", "left"):
        assert has(f"oversight.state.{state}")
        assert say(f"oversight.state.{state}", language)
    assert DAY_MS == 24 * 3600 * 1000
