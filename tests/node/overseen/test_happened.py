"""Incidents: told past the valve by a person, followed up, and every look at them shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lineside.errors import ConfigurationError
from lineside.exchange import Incident
from lineside.node import Happened
from lineside.node.overseen.happened import firsts
from lineside.trust import Withheld
from tests.hub_peer import HubPeer
from tests.node.february import MINUTE_US
from tests.node.overseen.conftest import Authority
from tests.node.test_member import TOLD, Works

FIRE = Happened("safety", 2, "Fire in hall 2", TOLD // 1000 - 60_000, words="Put out after ten minutes.")


def test_an_incident_is_told_followed_up_and_looked_at(member: Works, hub: HubPeer, authority: Authority) -> None:
    """What was seen is what is said; a follow-up belongs to it, and so do the looks at either."""
    incidents = member.node.overseen.incidents
    seen = incidents.look(FIRE)
    told = incidents.say(FIRE, seen.digest)
    more = replace(FIRE, title="Cause found", ended_ms=TOLD // 1000, follows=told.number)
    later = incidents.say(more, incidents.look(more).digest)
    member.speak()
    authority.looks[told.number] = [{"at_ms": 5, "by": "account/3", "purpose": "inspection"}]
    authority.looks[later.number] = [{"at_ms": 9, "by": "account/4", "purpose": "statistics"}]
    member.node.overseen.fetching.fetch()
    authority.looks.pop(later.number)
    member.node.overseen.fetching.fetch()

    (found,) = incidents.all()

    assert [one.title for one in hub.said() if isinstance(one, Incident)] == ["Fire in hall 2", "Cause found"]
    assert (found.first.number, [one.number for one in found.more]) == (told.number, [later.number])
    assert [(one.who, one.purpose) for one in found.looks] == [
        ("account/4", "statistics"),
        ("account/3", "inspection"),
    ]


def test_without_incidents_in_the_release_none_is_told(works: Works, hub: HubPeer) -> None:
    """What is missing is named, and nothing is signed."""
    works.joined(hub)
    works.clock(TOLD)
    seen = works.node.overseen.incidents.look(FIRE)

    with pytest.raises(Withheld):
        works.node.overseen.incidents.say(FIRE, seen.digest)

    assert seen.missing == ("incidents",)
    assert works.node.overseen.incidents.all() == []


@pytest.mark.parametrize(
    ("happened", "key"),
    [
        (replace(FIRE, severity=5), "overseen.severity"),
        (replace(FIRE, title="  "), "overseen.no_title"),
        (replace(FIRE, began_ms=(TOLD + MINUTE_US) // 1000), "overseen.incident_time"),
        (replace(FIRE, ended_ms=FIRE.began_ms - 1), "overseen.incident_time"),
        (replace(FIRE, follows=1), "overseen.no_incident"),
    ],
)
def test_what_cannot_have_happened_is_refused(member: Works, happened: Happened, key: str) -> None:
    """Also what would follow a statement that is no incident."""
    with pytest.raises(ConfigurationError) as refused:
        member.node.overseen.incidents.look(happened)

    assert refused.value.key == key


def test_a_thread_goes_back_to_its_beginning() -> None:
    """Whatever each part of it says it follows."""
    assert firsts({3: None, 5: 3, 7: None, 8: 5, 9: 7}) == {3: 3, 5: 3, 7: 7, 8: 3, 9: 7}
