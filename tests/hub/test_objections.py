"""Objections are decided with reasons; who is not found right may appeal once, and somebody else decides for good."""

from __future__ import annotations

import pytest

from lineside.errors import ConfigurationError, NotPermitted
from lineside.hub import Hub
from lineside.trust import Kind
from tests.hub.factories import Clock, Factory

ANNA, BERT, MIA = "account/1", "account/2", "account/3"


@pytest.fixture
def rejected(hub: Hub, factory: Factory) -> int:
    """An objection that Anna did not uphold."""
    raised = hub.objections.raise_one(factory.number, "figure", {"indicator": "oee"}, "It was higher.", by=MIA)
    hub.objections.decide(raised.id, "The counts say so.", upheld=False, by=ANNA)
    return raised.id


@pytest.mark.usefixtures("books")
def test_another_reviewer_decides_on_an_appeal_for_good(hub: Hub, rejected: int) -> None:
    """Not who decided before; what was said first stays, and there is no second appeal."""
    appealed = hub.objections.appeal(rejected, "The counter was broken.", by=MIA)

    assert (appealed.upheld, appealed.first.upheld) == (None, False)
    with pytest.raises(NotPermitted, match="cannot decide on the appeal"):
        hub.objections.decide(rejected, "Still.", upheld=False, by=ANNA)
    decided = hub.objections.decide(rejected, "Seen on site.", upheld=True, by=BERT)
    assert (decided.upheld, decided.first.reasons, decided.last.reasons) == (
        True,
        "The counts say so.",
        "Seen on site.",
    )
    assert hub.objections.get(rejected) == decided
    with pytest.raises(ConfigurationError, match="decided already"):
        hub.objections.decide(rejected, "Again.", upheld=False, by=BERT)
    with pytest.raises(ConfigurationError, match="appealed once already"):
        hub.objections.appeal(rejected, "Once more.", by=MIA)


def test_only_a_decision_against_the_member_can_be_appealed(hub: Hub, factory: Factory) -> None:
    """Neither one that is not made, nor one for it."""
    raised = hub.objections.raise_one(factory.number, "class", {}, "We are small.")
    with pytest.raises(ConfigurationError, match="found the member wrong"):
        hub.objections.appeal(raised.id, "Hurry.")
    hub.objections.decide(raised.id, "So it is.", upheld=True)

    with pytest.raises(ConfigurationError, match="found the member wrong"):
        hub.objections.appeal(raised.id, "More.")


def test_an_open_appeal_is_listed_with_what_waits(hub: Hub, factory: Factory, rejected: int, clock: Clock) -> None:
    """Before newer ones that were decided."""
    newer = hub.objections.raise_one(factory.number, "class", {}, "We are small.")
    hub.objections.decide(newer.id, "So it is.", upheld=True)
    clock.forward(days=1)
    hub.objections.appeal(rejected, "The counter was broken.", by=MIA)

    assert [one.id for one in hub.objections.listed([factory.number])] == [rejected, newer.id]


def test_each_step_is_in_the_ledger_by_its_hash(hub: Hub, rejected: int) -> None:
    """And no word of it."""
    hub.objections.appeal(rejected, "The counter was broken.", by=MIA)
    hub.objections.decide(rejected, "Seen on site.", upheld=False, by=BERT)

    with hub.ledger.stored() as now:
        bodies = [now.body(index).decode() for index in range(now.size)]
    kinds = (Kind.OBJECTED, Kind.DECIDED, Kind.APPEALED, Kind.APPEAL_DECIDED)
    assert all(any(f'"{kind.value}"' in body for body in bodies) for kind in kinds)
    assert not any("counter" in body or "site" in body for body in bodies)
