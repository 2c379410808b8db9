"""Replies: to what a member is asked, in its form, proven where a proof is asked; and what is told of them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lineside.exchange import Envelope, Reply, Value, decoded
from lineside.hub import Hub
from lineside.hub.oversight import Asked, State
from lineside.hub.oversight.asking import drafted
from lineside.hub.oversight.telling import exact, told
from tests.hub.conftest import Opens
from tests.hub.factories import EDITION, MONTH, Clock, Factory, problem
from tests.hub.oversight.asking import DAY_MS, asked_people, band, draft, entries, factories, reply, values

PEOPLE = {"words": {"en": "Is there a fire plan?", "zh": "是否有消防预案？"}}


def ask(hub: Hub, told: dict[str, Any]) -> Asked:
    """Publishes a question."""
    return hub.oversight.questions.publish(told, by="account/7")


def refused(hub: Hub, factory: Factory, asked: Asked, **said: Any) -> str:
    """Why a reply is not taken; the next one takes its place in the chain."""
    envelope = reply(factory, asked, **said)
    factory.sent.pop()
    return problem(hub.receive(envelope.json()))


def evidence(factory: Factory, **other: Any) -> str:
    """A document from which the share of machines connected comes out as 0.75."""
    machines = [f"m{at}" for at in range(4)]
    told = {
        "format": "lineside.evidence/1",
        "indicator": "connected_share",
        "month": MONTH,
        "catalogue": EDITION,
        "window_us": [0, 1],
        "value": 0.75,
        "from": {"machines": machines, "connected": machines[:3]},
        "by": factory.number,
    }
    return json.dumps(told | other, sort_keys=True)


def named(document: str, value: float = 0.75) -> tuple[Value, ...]:
    """The value that names the document."""
    name = sha256(document.encode()).hexdigest()
    return (Value(indicator="connected_share", value=value, coverage=1.0, evidence=name),)


@pytest.mark.usefixtures("books")
def test_a_reply_counts_and_the_newest_takes_its_place(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """Until it is due; and all of it is so again when the hub is opened anew, in file and database."""
    hub = opens()
    one, other = factories(hub, tmp_path, clock, 2)
    asked = ask(hub, draft(clock))
    one.send(hub, reply(one, asked, yes=True))
    one.send(hub, reply(one, asked, yes=False, why="A stop was forgotten."))

    hub = opens()
    stands = {now.member: now for now in hub.oversight.stands(hub.oversight.questions.get(1))}

    assert stands[one.number].state is State.ANSWERED
    counts = stands[one.number].reply
    assert counts is not None
    assert (counts.told.yes, counts.told.number) == (False, 3)
    assert stands[other.number].state is State.OPEN


def test_a_member_learns_its_own_questions_alone(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """As the hub signed them, with where it is with each; those that wait come first."""
    one, other = factories(hub, tmp_path, clock, 2)
    first, second = ask(hub, draft(clock)), ask(hub, asked_people(clock, to={"members": [one.number]}))
    one.send(hub, reply(one, second, yes=True))

    told = one.told(hub, "questions")["questions"]

    assert [row["state"] for row in told] == ["open", "answered"]
    assert [row["reply"] for row in told] == [None, 2]
    assert [row["due_ms"] for row in told] == [first.due_ms, second.due_ms]
    envelopes = [Envelope.parse(msgspec.json.encode(row["envelope"])) for row in told]
    assert [decoded(each) for each in envelopes] == [first.question, second.question]
    assert all(each.signed_by(one.hub_key) for each in envelopes)
    assert [row["state"] for row in other.told(hub, "questions", nonce="2" * 64)["questions"]] == ["open"]


def test_what_waits_for_a_member_comes_even_of_many(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """An answer holds so much of the questions; the open ones are among it."""
    (one,) = factories(hub, tmp_path, clock, 1)
    long = {"en": "x" * 15_000, "zh": "问"}
    for at in range(12):
        asked = ask(hub, asked_people(clock, words={**long, "zh": f"问题 {at}"}))
        if at:
            one.send(hub, reply(one, asked, yes=True))
        clock.forward(days=4)

    told = one.told(hub, "questions")["questions"]

    assert 4 < len(told) < 12
    assert told[0]["state"] == "overdue"


def test_only_who_is_asked_may_reply_and_in_its_form(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """To a question that there is, that is for it, and that was not withdrawn."""
    one, other = factories(hub, tmp_path, clock, 2)
    asked, bands = ask(hub, draft(clock, to={"members": [1]})), ask(hub, band(clock, 0.4, 0.6))
    people, gone = ask(hub, asked_people(clock)), ask(hub, asked_people(clock, **PEOPLE))
    hub.oversight.questions.withdraw(gone.number, "Asked twice.")

    unknown = msgspec.structs.replace(asked.question, number=9)
    strange = Asked(unknown, "f" * 64, b"", asked.members, 7, "machine", 0, frozenset())
    assert refused(hub, one, strange, yes=True) == "oversight.no_question"
    assert refused(hub, other, asked, yes=True) == "oversight.not_asked"
    assert refused(hub, one, gone, yes=True) == "oversight.asked_no_more"
    assert refused(hub, one, asked, band=1) == "oversight.other_kind"
    assert refused(hub, one, asked, yes=True, band=1) == "oversight.other_kind"
    assert refused(hub, one, asked) == "oversight.other_kind"
    assert refused(hub, one, asked, yes=True, declined=True) == "oversight.other_kind"
    assert refused(hub, one, asked, absent="no_source", declined=True) == "oversight.other_kind"
    assert refused(hub, one, bands, band=3) == "oversight.no_band"
    assert refused(hub, one, asked, yes=True, indicators=("oee",)) == "oversight.other_indicators"
    assert refused(hub, one, asked, yes=True, indicators=()) == "oversight.other_indicators"
    assert refused(hub, one, people, yes=True, origin="measured") == "oversight.other_indicators"
    assert refused(hub, one, asked, yes=True, origin="generated") == "oversight.origin"

    one.send(hub, reply(one, asked, yes=True), reply(one, bands, band=2), reply(one, people, yes=False))
    other.send(hub, reply(other, bands, declined=True), reply(other, people, absent="not_released"))
    assert {*one.receipts, *other.receipts} == {1, 2, 3, 4}


def test_a_reply_of_another_or_played_again_changes_nothing(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """A repeat gets its old receipt and does not come back; what another signed in its name is refused."""
    one, other = factories(hub, tmp_path, clock, 2)
    asked = ask(hub, draft(clock))
    first = reply(one, asked, yes=True)
    one.send(hub, first)
    receipt = one.receipts[2]
    one.send(hub, reply(one, asked, yes=False))

    (again,) = hub.receive(first.json())
    forged = one.signed(decoded(reply(one, asked, yes=True)), other.key)  # type: ignore[arg-type]
    one.sent.pop()

    assert one.keep(again) == receipt
    assert problem(hub.receive(forged.json())) == "hub.forged"
    stand = hub.oversight.stand_of(asked, one.number)
    assert stand.reply is not None
    assert stand.reply.told.yes is False


def test_who_is_late_answers_once_and_corrects_no_more(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Unless it gets more time."""
    one, other = factories(hub, tmp_path, clock, 2)
    asked = ask(hub, draft(clock, duty=True))
    one.send(hub, reply(one, asked, yes=True))
    clock.forward(days=11)

    assert hub.oversight.stand_of(asked, other.number).state is State.OVERDUE
    assert refused(hub, one, asked, yes=False) == "oversight.too_late"
    other.send(hub, reply(other, asked, yes=True))
    assert refused(hub, other, asked, yes=False) == "oversight.too_late"
    assert hub.oversight.stand_of(asked, other.number).state is State.ANSWERED

    hub.oversight.questions.waive(1, one.number, "Its meter failed.", due_ms=clock.ms + DAY_MS)
    one.send(hub, reply(one, asked, yes=False))


# -- proofs ----------------------------------------------------------------------------------------


def proof(clock: Clock) -> dict[str, Any]:
    """A question for the evidence of the share of machines connected."""
    return draft(clock, kind="proof", rule="", indicators=["connected_share"])


def test_a_proof_is_what_its_member_named_before(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """By its hash, in a statement of that indicator and month; else it is refused. It is worked out again."""
    one, other = factories(hub, tmp_path, clock, 2)
    asked = ask(hub, proof(clock))
    document = evidence(one)
    assert refused(hub, one, asked, document=document) == "oversight.unproven"
    one.send(hub, one.say(one.submission(values=named(document))))

    assert refused(hub, one, asked, document=document + " ") == "oversight.unproven"
    assert refused(hub, one, asked, document=document, evidence="a" * 64) == "oversight.unproven"
    assert refused(hub, other, asked, document=document) == "oversight.unproven"
    one.send(hub, reply(one, asked, document=document))

    stand = hub.oversight.stand_of(asked, one.number)
    assert (stand.state, stand.proof, stand.again) == (State.ANSWERED, "agrees", 0.75)


def test_a_proof_may_come_with_the_statement_that_names_it(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """On one stick: what was said just before counts, though it is in no books yet."""
    (one,) = factories(hub, tmp_path, clock, 1)
    asked, document = ask(hub, proof(clock)), evidence(one)

    one.send(hub, one.say(one.submission(values=named(document))), reply(one, asked, document=document))

    assert hub.oversight.stand_of(asked, one.number).proof == "agrees"


@pytest.mark.parametrize(
    ("other", "value", "found"),
    [
        ({"value": 0.9}, 0.9, "other_sum"),
        ({}, 0.9, "other_value"),
        ({"from": {}}, 0.75, "unreadable"),
        ({"indicator": "profit"}, 0.75, "unreadable"),
    ],
)
def test_a_proof_that_proves_something_else_is_seen(
    hub: Hub, tmp_path: Path, clock: Clock, other: dict[str, Any], value: float, found: str
) -> None:
    """Its hash is right, and it is taken; that it shows another value stands beside it."""
    (one,) = factories(hub, tmp_path, clock, 1)
    asked, document = ask(hub, proof(clock)), evidence(one, **other)
    one.send(hub, one.say(one.submission(values=named(document, value))), reply(one, asked, document=document))

    assert hub.oversight.stand_of(asked, one.number).proof == found


def test_an_answer_is_held_against_what_was_measured(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Where the member's own values say another thing, it is seen; a correction of either ends it."""
    low, high = factories(hub, tmp_path, clock, 2)
    high.send(hub, high.say(high.submission(values=values(0.9))))
    asked, bands = ask(hub, draft(clock)), ask(hub, band(clock, 0.5, 0.75, indicator="availability"))
    low.send(hub, reply(low, asked, yes=True), reply(low, bands, band=1))
    high.send(hub, reply(high, asked, yes=True, origin="entered"), reply(high, bands, band=0))

    assert hub.oversight.stand_of(asked, low.number).otherwise is False
    assert hub.oversight.stand_of(bands, low.number).otherwise is None
    assert hub.oversight.stand_of(asked, high.number).otherwise is None
    assert hub.oversight.stand_of(bands, high.number).otherwise == 2

    low.send(hub, low.say(low.submission(values=values(0.85), why="Counted anew.")))
    assert hub.oversight.stand_of(asked, low.number).otherwise is None


# -- obligations -----------------------------------------------------------------------------------


def test_a_duty_is_met_excused_or_extended(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """By reasons that stand in the ledger by their hash; to decline does not meet it; who left owes nothing."""
    hub = opens()
    met, excused, longer, silent, gone = factories(hub, tmp_path, clock, 5)
    asked = ask(hub, draft(clock, duty=True))
    met.send(hub, reply(met, asked, yes=True))
    silent.send(hub, reply(silent, asked, declined=True))
    hub.oversight.questions.waive(1, excused.number, "It moves its works.", by="account/7")
    hub.oversight.questions.waive(1, longer.number, "Its meter failed.", by="account/7", due_ms=clock.ms + 30 * DAY_MS)
    gone.send(hub, gone.leaving())
    clock.forward(days=11)

    hub = opens()
    states = [now.state.value for now in hub.oversight.stands(hub.oversight.questions.get(1))]

    assert states == ["answered", "excused", "open", "overdue", "left"]
    told = entries(hub, "obligation.")
    assert [(one["kind"], one["about"]) for one in told] == [
        ("obligation.excused", "member/2"),
        ("obligation.extended", "member/3"),
    ]
    assert "meter" not in str(told)
    assert longer.told(hub, "questions")["questions"][0]["due_ms"] == asked.due_ms + 20 * DAY_MS


# -- what everybody is told ------------------------------------------------------------------------


def test_counts_are_told_once_it_is_over_and_in_steps(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """So nobody is seen answering: what comes late or is withdrawn later changes nothing of what was told."""
    every = factories(hub, tmp_path, clock, 20)
    asked = ask(hub, draft(clock))
    for one in every[:17]:
        one.send(hub, reply(one, asked, yes=one.number > 8))
    assert hub.oversight.told(asked) is None
    clock.forward(days=11)

    told_then = hub.oversight.told(asked)
    every[17].send(hub, reply(every[17], asked, yes=True))
    hub.oversight.questions.withdraw(1, "It was answered enough.")

    assert told_then is not None
    assert (told_then.asked, told_then.answered, told_then.parts) == (14, 7, (7, 7))
    assert hub.oversight.told(hub.oversight.questions.get(1)) == told_then


def test_two_questions_that_could_be_subtracted_are_not_both_told(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """All but one of the same members, about the same thing: the second tells the public nothing."""
    every = factories(hub, tmp_path, clock, 16)
    numbers = [one.number for one in every]
    first = ask(hub, draft(clock))
    same = ask(hub, draft(clock, rule="availability < 0.8"))
    but_one = ask(hub, draft(clock, to={"members": numbers[1:]}, rule="availability < 0.8"))
    people, people_but_one = ask(hub, asked_people(clock)), ask(hub, asked_people(clock, to={"members": numbers[1:]}))
    others = ask(hub, asked_people(clock, to={"members": numbers[1:]}, **PEOPLE))
    for one in every:
        for asked in (first, but_one, same, people, people_but_one, others):
            if one.number in asked.members:
                one.send(hub, reply(one, asked, yes=one.number != 1))
    clock.forward(days=11)

    seen = {asked.number: hub.oversight.told(asked) is not None for asked in hub.oversight.questions.listed()}

    assert seen == {1: True, 2: True, 3: False, 4: True, 5: False, 6: True}


@pytest.mark.parametrize("yes", range(0, 31, 3))
@pytest.mark.parametrize("members", [5, 7, 13, 14, 30])
def test_nobody_can_be_certain_what_another_said(members: int, yes: int) -> None:
    """Whoever knows two answers beside the counts finds both answers possible for everyone else."""
    group, colluders = 5, 2
    clock, least = Clock(), group + colluders
    if yes > members:
        return
    question = drafted(draft(clock), "0" * 32, 1, clock.ms)

    def counts(said_yes: int) -> Any:
        return told(question, members, _said(said_yes, members - said_yes), least)

    seen = counts(yes)

    if members < least:
        assert seen is None
        return
    possible = [other for other in range(members + 1) if counts(other) == seen]
    left = members - colluders
    for known in range(colluders + 1):  # of the colluders so many said yes
        fitting = [other - known for other in possible if 0 <= other - known <= left]
        if yes - known in fitting:
            assert min(fitting) < left
            assert max(fitting) > 0


def _said(yes: int, no: int) -> list[Reply]:
    base: dict[str, Any] = {
        "hub": "0" * 32,
        "member": 1,
        "number": 1,
        "previous": "0" * 64,
        "made_ms": 1,
        "question": "0" * 64,
    }
    return [Reply(yes=True, **base)] * yes + [Reply(yes=False, **base)] * no


def test_exact_counts_are_a_direct_count(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Of each band, for who sees every reply."""
    every = factories(hub, tmp_path, clock, 6)
    bands = ask(hub, band(clock, 0.4, 0.6))
    places = [0, 2, 2, 1, 2, 0]
    for one, place in zip(every, places, strict=True):
        one.send(hub, reply(one, bands, band=place))

    found = exact(bands.question, [now.reply.told for now in hub.oversight.stands(bands) if now.reply])

    assert found == tuple(places.count(at) for at in range(3))
