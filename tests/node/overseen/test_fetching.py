"""What a hub asks comes by itself once an hour, or as a file; only what it signed is kept, and stays without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineside.errors import UnusableData
from lineside.exchange import QUESTION, Envelope, Limit, Question, Sandbox, encoded
from lineside.node import Document, Node
from lineside.trust import Key
from tests.exchange.questions import question, sandbox
from tests.hub_peer import HubPeer
from tests.node.february import MINUTE_US
from tests.node.overseen.conftest import Authority
from tests.node.test_member import TOLD, Works


def questions(works: Works) -> list[Document[Question]]:
    """Those that the node has."""
    return works.node.overseen.kept.documents(works.now, Question)


def test_the_hub_is_asked_once_an_hour(member: Works, hub: HubPeer, authority: Authority) -> None:
    """With the runs of the membership, not more often; and not while nothing may leave."""
    fetching = member.node.overseen.fetching
    authority.asks(question("yes_no", hub=hub.id))

    assert fetching.due()
    fetching.fetch()
    assert [one.says.number for one in questions(member)] == [1]
    assert not fetching.due()
    member.clock(TOLD + 59 * MINUTE_US)
    assert not fetching.due()
    member.clock(TOLD + 60 * MINUTE_US)
    assert fetching.due()
    for release in member.node.valve.releases.all.values():
        member.node.valve.releases.close(release.id, None, "member.closed_as_left", hub="Park")
    assert not fetching.due()


def test_the_job_of_the_membership_asks_too(member: Works, hub: HubPeer, authority: Authority) -> None:
    """What a running node does by itself."""
    authority.asks(question("yes_no", hub=hub.id))

    with member.node.jobs as jobs:
        job = jobs.wait(jobs.submit("member", "Speak to the hub").id, 60)

    assert job.error_key is None
    assert len(questions(member)) == 1


def test_it_is_there_without_a_network(member: Works, hub: HubPeer, authority: Authority) -> None:
    """What was fetched stays through a failure, which is told, and through a restart."""
    authority.asks(question("yes_no", hub=hub.id))
    fetching = member.node.overseen.fetching
    fetching.fetch()
    hub.mute = "ask"

    problem = fetching.fetch()

    assert problem is not None
    assert problem.key == "member.status"
    kept = member.node.overseen.kept.fetch(member.now)
    assert kept is not None
    assert kept.problem is not None
    folder = member.node.folder
    member.close()
    with Node.open(folder) as again:
        found = again.member.memberships.speaking()
        assert [one.says.number for one in again.overseen.kept.documents(found, Question)] == [1]


def test_a_hub_that_asks_nothing_is_no_problem(member: Works, hub: HubPeer) -> None:
    """One of an earlier version knows none of it."""
    for what in ("questions", "sandboxes", "looks"):
        hub.hub.asks.words.pop(what, None)

    assert member.node.overseen.fetching.fetch() is None
    assert questions(member) == []


def test_states_follow_what_the_hub_says(member: Works, hub: HubPeer, authority: Authority) -> None:
    """The document stays as it was signed."""
    name = authority.asks(question("yes_no", hub=hub.id))
    member.node.overseen.fetching.fetch()
    authority.questions[0]["state"] = "overdue"
    member.node.overseen.fetching.fetch()

    (found,) = questions(member)

    assert found.sha256 == name
    assert found.told is not None
    assert found.told["state"] == "overdue"


def test_only_what_the_hub_signed_is_kept(member: Works, hub: HubPeer, authority: Authority, tmp_path: Path) -> None:
    """Forged ones, those of another hub or member, and what is none are refused with the reason; the rest is kept."""
    good = hub.hub.voice.say(QUESTION, encoded(question("yes_no", hub=hub.id)))
    stranger = Key.make(tmp_path / "stranger.key")
    forged = Envelope.sign(QUESTION, encoded(question("yes_no", hub=hub.id, number=9)), stranger).json()
    elsewhere = hub.hub.voice.say(QUESTION, encoded(question("yes_no", hub="f" * 32)))
    authority.offers(sandbox(hub.id, 2, Limit(indicator="oee", least=0.5)))
    fetching = member.node.overseen.fetching

    taken = fetching.take(b"\n".join([good, forged, elsewhere, b"{}", good]))
    problem = fetching.fetch()

    assert (taken.new, taken.known) == (1, 1)
    keys = [one.key for one in taken.problems]
    assert keys == ["exchange.other_signer", "overseen.other", "exchange.no_envelope"]
    assert problem is not None
    assert problem.key == "overseen.other"
    assert member.node.overseen.kept.documents(member.now, Sandbox) == []
    with pytest.raises(UnusableData):
        fetching.take(forged)
