"""Membership over HTTP: what stands, what would be said, and what people decide, against a real hub."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.node import Node, now_us
from tests.hub_peer import REGION, HubPeer, served

Client: TypeAlias = AsyncTestClient[Litestar]
PROFILE = {"name": "Works", "industry": "34", "region": REGION, "employees": 80, "traits": ["discrete"]}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubPeer]:
    """A hub that answers."""
    peer = HubPeer(tmp_path / "hub", now_us())
    with served(peer):
        yield peer
    peer.hub.close()


async def post(client: Client, path: str, status: int = 200, **content: Any) -> dict[str, Any]:
    """What is answered."""
    answer = await client.post(f"/api/member/{path}", json=content)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def released(client: Client, hub: HubPeer, *content: str) -> int:
    """The number of a release of the hub, allowed after a look."""
    terms = {"name": "Park", "purpose": "benchmarks", "recipient": "Park", "flow": "hub", "address": hub.id}
    asked = {**terms, "schedule": "month", "content": content or ["profile", "indicator/*"]}
    release = (await client.post("/api/valve/releases", json=asked)).json()
    await client.post(f"/api/valve/releases/{release['id']}/allow", json={"digest": release["digest"]})
    number: int = release["id"]
    return number


async def joined(client: Client, hub: HubPeer) -> dict[str, Any]:
    """Becomes a member."""
    told = await post(client, "invitation", invitation=hub.invitation().decode())
    agreement = told["membership"]["agreement"]["sha256"]
    await post(client, "enrol", profile=PROFILE, agreement=agreement)
    await released(client, hub)
    await post(client, "send")
    hub.admit()
    return await post(client, "send")


async def test_a_factory_joins_and_speaks(client: Client, hub: HubPeer) -> None:
    """Each step is shown: fingerprints to compare, the agreement, what was said with its receipt and remarks."""
    before = (await client.get("/api/member")).json()
    told = await joined(client, hub)
    said = await post(client, "send", first="2026-10")

    assert (before["membership"], before["months"]) == (None, [])
    membership = told["membership"]
    key = hub.hub.register.members[1].key
    assert key is not None
    assert (membership["state"], membership["member"], membership["problem"]) == ("admitted", 1, None)
    assert membership["hub"]["id"] == hub.id
    assert sha256(membership["agreement"]["text"].encode()).hexdigest() == membership["agreement"]["sha256"]
    (statement,) = said["statements"]
    assert (statement["month"], statement["state"]) == ("2026-10", "taken")
    assert statement["receipt"]["entry"] > 0
    values = {one["indicator"]: one for one in said["months"][0]["values"]}
    assert values["maturity_level"]["absent_name"] == "this node does not compute it"
    assert values["energy_per_unit"]["absent_name"] == "no meter measures it"
    assert values["oee"]["value"] is None
    evidence = await client.get(f"/api/member/evidence/{values['oee']['evidence']}")
    assert sha256(evidence.content).hexdigest() == values["oee"]["evidence"]


async def test_the_valve_shows_the_way_to_the_hub(client: Client, hub: HubPeer) -> None:
    """From the invitation on, and what a release would let out byte for byte before it is allowed."""
    await post(client, "invitation", invitation=hub.invitation().decode())
    flows = (await client.get("/api/valve")).json()["flows"]
    number = await released(client, hub, "indicator/oee")
    (parcel,) = (await client.get(f"/api/valve/releases/{number}/preview")).json()
    preview = (await client.get("/api/member/preview?month=2026-10")).json()

    assert [(one["address"], one["recipient"], one["open"]) for one in flows if one["flow"] == "hub"] == [
        (hub.id, "Park", False)
    ]
    assert (parcel["what"], parcel["leaves"], [one["id"] for one in parcel["things"]]) == (
        *("submission", True),
        ["indicator/oee"],
    )
    assert "not_released" in parcel["text"]
    assert '"month": "2026-10"' in preview["raw"]
    assert {one["absent"] for one in preview["values"] if one["indicator"] == "lead_time"} == {"not_released"}


async def test_entered_values_are_shown_as_such(client: Client, hub: HubPeer) -> None:
    """With their note; one that cannot be is refused with its bounds."""
    await joined(client, hub)
    entered: dict[str, Any] = {"month": "2026-10", "indicator": "energy_per_unit", "note": "bill"}
    told = await post(client, "enter", value=1.5, **entered)
    wrong = await post(client, "enter", 400, month="2026-10", indicator="quality", value=7)
    unknown = await post(client, "enter", 400, month="2026-10", indicator="luck", value=7)

    assert [(one["indicator"], one["value"], one["note"]) for one in told["entered"]] == [
        ("energy_per_unit", 1.5, "bill")
    ]
    assert "between 0 and 1" in wrong["detail"]
    assert unknown["key"] == "exchange.no_indicator"
    assert (await post(client, "enter", value=None, **entered))["entered"] == []


async def test_people_change_rotate_and_leave(client: Client, hub: HubPeer, node: Node) -> None:
    """Each is a statement of the chain, past the valve; after the last one its release is closed."""
    before = (await joined(client, hub))["membership"]["fingerprint"]
    await post(client, "profile", profile={**PROFILE, "employees": 90})
    await post(client, "rotate")
    told = await post(client, "send", first="2026-10")
    assert told["membership"]["fingerprint"] != before
    assert [one["say"] for one in told["statements"]] == ["submission", "rotation", "profile"]
    await post(client, "leave", why="moved")
    told = await post(client, "send")

    assert (told["membership"]["state"], told["membership"]["open"]) == ("left", False)
    assert node.valve.why_not("hub", hub.id) is not None
    assert hub.hub.register.members[1].state.value == "left"


async def test_files_are_carried(client: Client, hub: HubPeer) -> None:
    """What is written is what waits; what comes back is taken."""
    hub.address = ""
    told = await post(client, "invitation", invitation=hub.invitation().decode())
    await post(client, "enrol", profile=PROFILE, agreement=told["membership"]["agreement"]["sha256"])
    closed = await post(client, "letters", 403)
    await released(client, hub)
    letters = (await post(client, "letters"))["letters"]
    told = await post(client, "answers", answers=hub.receive(letters.encode()).decode())

    assert closed["key"] == "valve.no_release_for"
    assert (told["taken"], told["membership"]["state"]) == (0, "enrolled")


async def test_an_invitation_that_is_none_is_told(client: Client) -> None:
    """In words, with what to do."""
    told = await post(client, "invitation", 422, invitation="{}")

    assert (told["key"], bool(told["cure"])) == ("exchange.no_envelope", True)
    assert (await post(client, "leave", 400))["key"] == "member.none"


async def test_a_factory_sees_where_it_stands(client: Client, hub: HubPeer) -> None:
    """Nothing until somebody asked; then what the hub told last, with its date."""
    await joined(client, hub)
    await post(client, "send", first="2026-10")
    before = await client.get("/api/member/point")
    told = await post(client, "point")
    after = (await client.get("/api/member/point")).json()

    assert (before.status_code, before.content) == (200, b"null")
    assert after == told
    assert told["point"]["rows"][0]["name"]
    assert told["classes"]["classes"][0]["document"]
