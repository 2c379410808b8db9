"""A node and a hub, both real, from what is published to what came of it: nothing in between is written by a test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from lineside.exchange import Both, Limit
from lineside.hub.sandboxes import Offer, State
from lineside.node import Happened, Node, Wish
from tests.hub.packs.drafts import ANALYST, DRAFT, PROVIDER
from tests.hub_peer import HubPeer
from tests.node.february import DAY_US, at, copied
from tests.node.test_member import TOLD, Works

BOTH = {"en": "Are machines available?", "zh": "设备是否可用？"}
CONTENT = ("profile", "indicator/*", "replies", "incidents", "exposures")
NOW = at(3, 6, 12)


@pytest.fixture
def works(month: Path, tmp_path: Path, hub: HubPeer) -> Iterator[Works]:
    """A node that told its February to the hub."""
    folder = tmp_path / "plant"
    folder.mkdir()
    copied(month, folder)
    found = Works(Node.open(folder), hub)
    found.joined(hub, *CONTENT)
    found.speak(TOLD)
    found.clock(NOW)
    yield found
    found.close()


def asked(hub: HubPeer, **other: Any) -> str:
    """A question that the hub publishes; its hash."""
    told = {
        "title": BOTH,
        "words": BOTH,
        "purpose": BOTH,
        "basis": "Order 3",
        "kind": "yes_no",
        "to": {},
        "indicators": ["availability"],
        "month": "2026-02",
        "rule": "availability >= 0.2",
        "due_ms": (NOW + 10 * DAY_US) // 1000,
    }
    return hub.hub.oversight.questions.publish(told | other).sha256


def test_questions_are_answered_and_proven(works: Works, hub: HubPeer) -> None:
    """A rule over the node's own value, and the evidence of a value that it told: the hub finds both to be true."""
    overseen, said = works.node.overseen, {}
    rule, proof = asked(hub), asked(hub, kind="proof", rule="", indicators=["oee"])
    assert overseen.fetching.fetch() is None

    for sha256 in (rule, proof):
        wish = Wish("computed")
        seen = overseen.answering.look(sha256, wish)
        assert seen.draft.held is None, seen.draft.held
        overseen.answering.say(sha256, wish, seen.draft.digest)
    works.speak()

    assert works.why() is None
    for sha256 in (rule, proof):
        said[sha256] = hub.hub.oversight.replies.newest(sha256)[1].told
    value = next(one for one in works.member.told("2026-02", None).values if one.indicator == "availability").value
    assert said[rule].yes == (cast("float", value) >= 0.2)
    assert json.loads(said[proof].document)
    overseen.fetching.fetch()
    told = hub.hub.oversight.told_questions(hub.hub.register.get(1), cast("Any", None))
    assert [one["state"] for one in told["questions"]] == ["answered", "answered"]


def test_a_sandbox_is_offered_agreed_to_and_watched(works: Works, hub: HubPeer) -> None:
    """The member's word starts it; the month that it tells is judged by the hub, and shown at the node."""
    offer = Offer(
        title=Both(en="Night shift", zh="夜班"),
        relaxed=Both(en="One person", zh="一人"),
        basis="Order 7",
        limits=(Limit(indicator="oee", least=0.99, months=1),),
        first="2026-03",
        last="2026-06",
    )
    one = hub.hub.sandboxes.offer(1, offer)
    overseen = works.node.overseen
    assert overseen.fetching.fetch() is None
    seen = overseen.terms.look(one.sha256, agrees=True)
    overseen.terms.say(one.sha256, seen.digest, agrees=True)
    works.speak()
    hub.hub.watching.watch()
    assert hub.hub.sandboxes.get(one.number).state is State.AGREED

    works.speak(at(4, 2, 6, 1))
    works.clock(at(4, 30))
    hub.hub.watching.watch()
    assert overseen.fetching.fetch() is None

    ended = hub.hub.sandboxes.get(one.number)
    assert ended.state is State.ENDED
    assert [month.month for month in ended.months] == [2026 * 12 + 2]
    (kept,) = overseen.kept.documents(works.now, type(ended.terms))
    assert (kept.told or {})["state"] == "ended"


def test_an_incident_is_told_and_each_look_comes_back(works: Works, hub: HubPeer) -> None:
    """Who looks says what for, and the factory reads it."""
    overseen = works.node.overseen
    what = Happened("safety", 3, "Fire in hall 2", NOW // 1000 - 60_000)
    overseen.incidents.say(what, overseen.incidents.look(what).digest)
    works.speak()
    reaches = lambda _: True  # noqa: E731 - of all concerns
    (thread,) = hub.hub.incidents.listed(reaches)
    hub.hub.incidents.look(thread.number, "to send help", reaches, by="account/3")

    assert overseen.fetching.fetch() is None

    (told,) = overseen.incidents.all()
    assert [one.purpose for one in told.looks] == ["to send help"]


def test_a_pack_is_published_applied_and_heard_of(works: Works, hub: HubPeer) -> None:
    """From the shelf of the hub into the plant file of the node, back as an adoption; a need gets its offer."""
    packs, draft = hub.hub.packs, replace(DRAFT, changes=(), parameters=DRAFT.parameters[:1])
    number = packs.drafts.begin(draft, by=PROVIDER).number
    published = packs.publish(number, "It was tried.", by=ANALYST)
    need = works.node.packs.needs.post("Fewer stops", indicator="recovery_time", to_members=True)
    works.speak()
    packs.offer(packs.needs()[0].id, "This may help.", pack=published.sha256, by=PROVIDER)

    fetched = works.node.packs.shelf.fetch()
    seen = works.node.packs.draft(published.sha256, {"machine": "m0"})
    applied = works.node.packs.apply(seen, seen.plant.before_sha256, tell=True)
    works.speak()

    assert (fetched.new, works.why()) == (1, None)
    assert "reason" in (works.node.folder / "plant.toml").read_text("utf-8")
    (use,) = packs.uses()
    assert (use.member, use.edition) == (1, published.sha256)
    assert applied.told is not None
    (offered,) = works.node.packs.needs.offers()
    assert (offered.number, [one.words for one in offered.offers]) == (need.number, ["This may help."])
