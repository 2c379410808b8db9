"""Terms of sandboxes at the node: limits against its own months, and its word on them."""

from __future__ import annotations

import pytest

from lineside.errors import ConfigurationError
from lineside.exchange import Consent, Limit, Sandbox
from tests.exchange.questions import sandbox
from tests.hub_peer import HubPeer
from tests.node.overseen.conftest import Authority
from tests.node.test_member import Works, submissions


def test_limits_are_held_against_the_own_months(member: Works, hub: HubPeer, authority: Authority) -> None:
    """As they were told: February is within one limit and beyond another, January was not told."""
    (told,) = submissions(hub)
    oee = next(one.value for one in told.values if one.indicator == "oee")
    assert oee is not None
    terms = sandbox(hub.id, 1, Limit(indicator="oee", least=oee), Limit(indicator="oee", most=oee / 2))
    authority.offers(terms)
    member.node.overseen.fetching.fetch()

    kept, beyond = member.node.overseen.terms.held(terms)

    assert [month for month, _, _ in kept.months][-2:] == ["2026-01", "2026-02"]
    assert [state for _, _, state in kept.months][-2:] == ["untold", "kept"]
    assert beyond.months[-1][2] == "beyond"
    assert beyond.months[-1][1] is not None
    assert beyond.months[-1][1].value == oee


def test_the_factory_agrees_and_ends_it(member: Works, hub: HubPeer, authority: Authority) -> None:
    """Each a statement that a person saw first; to agree needs an offer, to end a reason."""
    name = authority.offers(sandbox(hub.id, 1, Limit(indicator="oee", least=0.5)))
    terms = member.node.overseen.terms
    member.node.overseen.fetching.fetch()
    terms.say(name, terms.look(name, agrees=True).digest, agrees=True)
    authority.sandboxes[0]["stage"] = "running"
    member.node.overseen.fetching.fetch()

    with pytest.raises(ConfigurationError) as again:
        terms.look(name, agrees=True)
    with pytest.raises(ConfigurationError) as silent:
        terms.look(name, agrees=False)
    terms.say(name, terms.look(name, agrees=False, why="order ended").digest, agrees=False, why="order ended")
    member.speak()

    assert (again.value.key, silent.value.key) == ("overseen.sandbox_state", "overseen.no_reason")
    said = [one for one in hub.said() if isinstance(one, Consent)]
    assert [(one.sandbox, one.agrees, one.why) for one in said] == [(name, True, ""), (name, False, "order ended")]
    assert terms.words()[name].statement == said[-1]


def test_what_the_hub_judged_is_shown(member: Works, hub: HubPeer, authority: Authority) -> None:
    """Month by month, beside the terms."""
    limit = {"indicator": "oee", "verdict": "kept", "value": 0.6}
    judged = [{"month": "2026-04", "entry": 7, "limits": [limit]}]
    authority.offers(sandbox(hub.id, 1, Limit(indicator="oee", least=0.5)), "running", months=judged)
    member.node.overseen.fetching.fetch()

    (found,) = member.node.overseen.kept.documents(member.now, Sandbox)

    months = [{"month": "2026-04", "limits": [{"indicator": "oee", "state": "kept"}]}]
    assert found.told == {"state": "running", "months": months, "why": ""}
