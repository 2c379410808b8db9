"""Questions of a hub at the node that answers them: computed at home, seen first, said past the valve by a person."""

from __future__ import annotations

from hashlib import sha256

import pytest
from msgspec.structs import replace

from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.exchange import Addressed, Reply, encoded
from lineside.measure import Scope, kpi_rows
from lineside.node import Wish
from lineside.trust import Asked, Withheld
from tests.exchange.questions import question
from tests.hub_peer import HubPeer
from tests.node.february import DAY_US, at
from tests.node.overseen.conftest import Authority
from tests.node.test_member import TOLD, Works

COMPUTED = Wish("computed")


def replies(hub: HubPeer) -> list[Reply]:
    """What a hub was answered."""
    return [one for one in hub.said() if isinstance(one, Reply)]


def test_a_yes_or_no_is_computed_at_home_and_said_by_a_person(
    member: Works, hub: HubPeer, authority: Authority
) -> None:
    """By the rule over the own indicators; nothing is said by looking, and exactly what was seen is said."""
    asked = question("yes_no", hub=hub.id, indicators=("oee",), rule="oee >= 0.2")
    name = authority.asks(asked)
    overseen = member.node.overseen
    assert overseen.fetching.fetch() is None

    found = overseen.answering.look(name, COMPUTED)
    before = replies(hub)
    said = overseen.answering.say(name, COMPUTED, found.draft.digest)
    member.speak()

    site = Scope("site", "works")
    (row,) = kpi_rows(member.node.history, member.node.timeline, [site], *february())
    oee = row.values["oee"]
    assert oee is not None
    assert found.values[0].value == oee
    assert before == []
    (reply,) = replies(hub)
    assert (reply.yes, reply.question, reply.indicators) == (oee >= 0.2, name, ("oee",))
    assert reply.evidence == found.values[0].evidence
    assert sha256(member.member.evidence(reply.evidence or "")).hexdigest() == reply.evidence
    assert encoded(reply) == said.envelope.payload
    assert overseen.answering.replies()[name].number == said.number


def february() -> tuple[int, int]:
    """Its production days."""
    return at(2, 1), at(3, 1)


def test_a_band_tells_no_more_than_its_place(member: Works, hub: HubPeer, authority: Authority) -> None:
    """The value itself is in no byte that leaves."""
    edges = (0.05, 0.1, 0.9)
    name = authority.asks(question("band", hub=hub.id, indicators=("availability",), edges=edges, unit="share"))
    member.node.overseen.fetching.fetch()

    found = member.node.overseen.answering.look(name, COMPUTED)

    value = found.values[0].value
    assert value is not None
    told = found.draft.statement
    assert isinstance(told, Reply)
    assert told.band == sum(value >= edge for edge in edges)
    assert f"{value}".encode() not in found.draft.content


def test_a_proof_is_the_document_that_was_named_before(member: Works, hub: HubPeer, authority: Authority) -> None:
    """Byte for byte, and what it shows beside the value is told before it leaves."""
    name = authority.asks(question("proof", hub=hub.id, indicators=("quality",)))
    member.node.overseen.fetching.fetch()

    found = member.node.overseen.answering.look(name, COMPUTED)
    member.node.overseen.answering.say(name, COMPUTED, found.draft.digest)
    member.speak()

    (reply,) = replies(hub)
    assert sha256(reply.document.encode()).hexdigest() == reply.evidence == found.values[0].evidence
    assert found.reveals is not None
    assert found.reveals["names"]["machines"] == sorted(member.node.plant.machines)
    assert found.reveals["characters"] == len(reply.document)


@pytest.mark.parametrize("kind", ["yes_no", "band", "proof"])
def test_what_the_release_does_not_name_is_not_said(
    works: Works, hub: HubPeer, authority: Authority, kind: str
) -> None:
    """The answer is absent as not released; what to ask for is known, and the absence tells nothing of the plant."""
    works.joined(hub, "profile", "indicator/availability", "replies")
    works.speak(TOLD)
    told = {"yes_no": {"rule": "oee >= 0.2"}, "band": {"edges": (0.5,)}, "proof": {}}[kind]
    name = authority.asks(question(kind, hub=hub.id, indicators=("oee",), **told))  # type: ignore[arg-type]
    works.node.overseen.fetching.fetch()

    found = works.node.overseen.answering.look(name, COMPUTED)

    reply = found.draft.statement
    assert isinstance(reply, Reply)
    assert (reply.absent, reply.indicators, reply.coverage) == ("not_released", (), None)
    assert (found.draft.things, found.draft.held) == (("replies",), None)


def test_of_what_is_released_nothing_is_told_beside_what_is_not(
    works: Works, hub: HubPeer, authority: Authority
) -> None:
    """Where one of two indicators is not released, the answer holds neither the coverage nor the name of the other."""
    works.joined(hub, "profile", "indicator/availability", "replies")
    works.speak(TOLD)
    rule = "availability >= 0.01 and oee >= 0.2"
    name = authority.asks(question("yes_no", hub=hub.id, indicators=("availability", "oee"), rule=rule))
    works.node.overseen.fetching.fetch()

    reply = works.node.overseen.answering.look(name, COMPUTED).draft.statement

    assert isinstance(reply, Reply)
    assert (reply.absent, reply.indicators, reply.coverage, reply.yes) == ("not_released", (), None, None)


def test_without_replies_in_the_release_nothing_leaves(works: Works, hub: HubPeer, authority: Authority) -> None:
    """The valve holds it back before it is signed, so that it never stands before the months that follow."""
    works.joined(hub)
    works.speak(TOLD)
    name = authority.asks(question("yes_no", hub=hub.id, indicators=("oee",), rule="oee >= 0.2"))
    works.node.overseen.fetching.fetch()
    found = works.node.overseen.answering.look(name, COMPUTED)
    number = works.member.chain.last(works.now)[0]

    with pytest.raises(Withheld):
        works.node.overseen.answering.say(name, COMPUTED, found.draft.digest)

    assert found.draft.missing == ("replies",)
    assert works.member.chain.last(works.now)[0] == number


def test_too_few_facts_and_a_month_that_goes_on_are_told_as_such(
    member: Works, hub: HubPeer, authority: Authority
) -> None:
    """January has no facts: the answer is absent with the reason. March is not over: nothing is worked out."""
    january = authority.asks(
        question("yes_no", hub=hub.id, indicators=("oee",), rule="oee >= 0.2", month="2026-01", number=2)
    )
    march = authority.asks(
        question("yes_no", hub=hub.id, indicators=("oee",), rule="oee >= 0.2", month="2026-03", number=3)
    )
    answering = member.node.overseen.answering
    member.node.overseen.fetching.fetch()

    reply = answering.look(january, COMPUTED).draft.statement
    with pytest.raises(ConfigurationError) as refused:
        answering.look(march, COMPUTED)

    assert isinstance(reply, Reply)
    assert (reply.yes, reply.absent) == (None, "too_little_coverage")
    assert refused.value.key == "overseen.month_not_over"


def test_the_public_ledger_lets_nobody_guess_an_answer(member: Works, hub: HubPeer, authority: Authority) -> None:
    """Who reads the ledger and no reply knows all of it but yes or no, and when it was signed; neither hash is there.

    Without luck one of the two would be: then it takes a guess of the millisecond to read every answer.
    """
    name = authority.asks(question("yes_no", hub=hub.id))
    member.node.overseen.fetching.fetch()
    wish = Wish("entered", yes=True)
    answering = member.node.overseen.answering
    answering.say(name, wish, answering.look(name, wish).draft.digest)
    member.speak()

    (reply,) = replies(hub)
    with hub.hub.ledger.stored() as now:
        told = {one["facts"]["sha256"] for one in now.page(Asked(kinds=["statement.taken"]), 99)}
    guesses = [replace(reply, luck=luck, yes=yes) for yes in (True, False) for luck in ("", "0" * 32)]

    assert sha256(encoded(reply)).hexdigest() in told
    assert told.isdisjoint(sha256(encoded(one)).hexdigest() for one in guesses)


def test_people_answer_what_nothing_computes(member: Works, hub: HubPeer, authority: Authority) -> None:
    """By hand, and it looks like that; what is computed is not answered by hand, and who declines says why."""
    answering = member.node.overseen.answering
    by_hand = authority.asks(question("yes_no", hub=hub.id, number=2))
    computed = authority.asks(question("yes_no", hub=hub.id, indicators=("oee",), rule="oee >= 0.2"))
    band = authority.asks(question("band", hub=hub.id, edges=(10.0, 20.0), number=3))
    member.node.overseen.fetching.fetch()

    for name, wish in ((by_hand, Wish("entered", yes=False)), (computed, Wish("declined", why="not now"))):
        answering.say(name, wish, answering.look(name, wish).draft.digest)
    wrong = {
        (computed, Wish("entered", yes=True)): "overseen.computed",
        (computed, Wish("declined", why=" ")): "overseen.no_reason",
        (by_hand, COMPUTED): "overseen.by_hand",
        (by_hand, Wish("entered", band=1)): "overseen.by_hand",
        (band, Wish("entered", band=3)): "overseen.by_hand",
    }
    for (name, wish), key in wrong.items():
        with pytest.raises(LinesideError) as refused:
            answering.look(name, wish)
        assert refused.value.key == key
    member.speak()

    first, second = replies(hub)
    assert (first.yes, first.origin, first.declined) == (False, "entered", False)
    assert (second.yes, second.declined, second.why) == (None, True, "not now")


def test_what_became_another_answer_is_not_signed(member: Works, hub: HubPeer, authority: Authority) -> None:
    """A person signs what they saw; the same answer later is the same, whatever time and number it has by then."""
    answering = member.node.overseen.answering
    name = authority.asks(question("yes_no", hub=hub.id, indicators=("oee",), rule="oee >= 0.2"))
    member.node.overseen.fetching.fetch()
    seen = answering.look(name, COMPUTED).draft
    member.clock(TOLD + DAY_US)
    later = answering.look(name, COMPUTED).draft

    with pytest.raises(ConfigurationError) as refused:
        answering.say(name, Wish("declined", why="no"), seen.digest)

    assert (later.digest, later.content == seen.content) == (seen.digest, False)
    assert refused.value.key == "overseen.changed"


def test_what_was_withdrawn_is_not_answered(member: Works, hub: HubPeer, authority: Authority) -> None:
    """The hub wants no answer any more."""
    name = authority.asks(question("yes_no", hub=hub.id), "withdrawn")
    member.node.overseen.fetching.fetch()

    with pytest.raises(ConfigurationError) as refused:
        member.node.overseen.answering.look(name, Wish("entered", yes=True))

    assert refused.value.key == "overseen.not_asked"


def test_a_rule_that_cannot_be_read_is_no_answer(member: Works, hub: HubPeer, authority: Authority) -> None:
    """Whatever a hub signs: it is told as such, and people may still decline."""
    name = authority.asks(question("yes_no", hub=hub.id, indicators=("oee",), rule="open('x')", to=Addressed()))
    member.node.overseen.fetching.fetch()

    with pytest.raises(UnusableData) as refused:
        member.node.overseen.answering.look(name, COMPUTED)

    assert refused.value.key.startswith("rules.expression.")
    assert member.node.overseen.answering.look(name, Wish("declined", why="no rule")).draft.held is None
