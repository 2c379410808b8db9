"""Links between a node and its hub that fail, on real sockets: what people see of it, and that it heals by itself."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from lineside.node import Happened, Stage
from tests.certificates import NOW, write_certificate
from tests.hub_peer import HubPeer, served
from tests.node.february import MINUTE_US, at
from tests.node.test_member import TOLD, Works
from tests.node.test_with_a_hub import CONTENT

NAMELESS = "https://hub.invalid"
"""A name that no server knows (RFC 2606)."""


def test_a_name_that_nobody_knows_is_told_as_such(works: Works, hub: HubPeer) -> None:
    """Not as a hub that is silent; by an address that is known the enrolment leaves."""
    there, hub.address = hub.address, NAMELESS
    works.enrol(hub)
    works.release()
    works.speak()
    assert (works.why(), works.now.failures) == ("member.no_name", 1)

    hub.address = there
    works.enrol(hub)

    assert (works.speak().state, works.why()) == (Stage.ENROLLED, None)


def test_a_certificate_that_ran_out_is_told_as_such(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """Not as a network that is gone; nothing is told to who shows it."""
    old, secret = write_certificate(
        tmp_path, since=NOW - timedelta(days=9), until=NOW - timedelta(days=1), hosts=("127.0.0.1",)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(old, secret)

    with served(hub, context):
        works.enrol(hub, old.read_text("ascii"))
        works.release()
        works.speak()

    assert (works.why(), hub.lines) == ("member.expired", [])


@pytest.mark.parametrize("minutes", [-10, 10, 600])
def test_a_hub_whose_clock_is_off_is_spoken_to_by_its_clock(works: Works, hub: HubPeer, minutes: int) -> None:
    """Its questions are asked again by the hub's clock; months are told, receipted, and nothing is refused."""
    works.joined(hub)
    works.clock(TOLD)
    hub.now_us = TOLD + minutes * MINUTE_US

    works.speak()

    assert (works.why(), len(hub.said())) == (None, 1)


def test_what_people_said_waits_for_a_hub_whose_clock_is_behind(works: Works, hub: HubPeer) -> None:
    """An incident that the hub takes for one of the future is not dropped: it is taken once its clock is there."""
    works.joined(hub, *CONTENT)
    works.clock(at(2, 20))
    what = Happened("safety", 3, "Fire in hall 2", at(2, 20) // 1000 - 60_000)
    incidents = works.node.overseen.incidents
    incidents.say(what, incidents.look(what).digest)
    hub.now_us = at(2, 20) - 15 * MINUTE_US
    works.speak()
    assert (works.why(), hub.said()) == ("hub.future", [])

    hub.now_us = at(2, 20)
    works.speak()

    assert (works.why(), len(hub.said())) == (None, 1)
