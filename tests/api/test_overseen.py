"""What a hub's authorities ask, over HTTP: seen first, said by a person past the valve, against a real hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api.overseen_view import bands
from lineside.exchange import QUESTION as KIND
from lineside.exchange import Consent, Exposure, Incident, Limit, Reply, encoded
from lineside.node import Node, now_us
from tests.api.test_member import joined, post, released
from tests.exchange.questions import question, sandbox
from tests.hub_peer import HubPeer, served
from tests.node.overseen.conftest import EVERYTHING, Authority

Client: TypeAlias = AsyncTestClient[Litestar]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubPeer]:
    """A hub that answers."""
    peer = HubPeer(tmp_path / "hub", now_us())
    with served(peer):
        yield peer
    peer.hub.close()


@pytest.fixture
def authority(hub: HubPeer) -> Authority:
    """Who asks there."""
    return Authority(hub)


async def member(client: Client, hub: HubPeer) -> None:
    """Is a member, by a release of everything that it may be asked."""
    await joined(client, hub)
    await released(client, hub, *EVERYTHING)


async def test_a_question_is_seen_answered_and_told(client: Client, hub: HubPeer, authority: Authority) -> None:
    """By hand where nothing computes it; the digest of what was seen is what is signed."""
    name = authority.asks(question("yes_no", hub=hub.id))
    await member(client, hub)
    told = await post(client, "questions/fetch")
    (asked,) = told["questions"]
    path = f"questions/{name}"
    seen = await post(client, f"{path}/preview", how="entered", yes=True)
    other = await post(client, f"{path}/reply", 400, how="entered", yes=False, digest=seen["digest"])
    told = await post(client, f"{path}/reply", how="entered", yes=True, digest=seen["digest"])
    await post(client, "send")

    assert (asked["sha256"], asked["state"], asked["reply"], told["problem"]) == (name, "open", None, None)
    assert (seen["words"], seen["missing"], seen["held"]) == ("yes", [], None)
    assert f'"question": "{name}"' in seen["raw"]
    assert other["key"] == "overseen.changed"
    assert told["questions"][0]["reply"]["words"] == "yes"
    (reply,) = [one for one in hub.said() if isinstance(one, Reply)]
    assert (reply.yes, reply.origin) == (True, "entered")


async def test_what_to_ask_for_at_the_valve_is_told(client: Client, hub: HubPeer, authority: Authority) -> None:
    """Before anything is tried: which things no release names."""
    name = authority.asks(question("band", hub=hub.id, edges=(1.0, 2.0), unit="t"))
    await joined(client, hub)
    told = await post(client, "questions/fetch")
    seen = await post(client, f"questions/{name}/preview", how="entered", band=1)
    refused = await post(client, f"questions/{name}/reply", 403, how="entered", band=1, digest=seen["digest"])

    assert told["released"]["replies"] is False
    assert told["questions"][0]["bands"] == ["below 1 t", "1 to below 2 t", "2 t or more"]
    assert seen["words"] == "band 2: 1 to below 2 t"
    assert (seen["missing"], seen["held"]["key"]) == (["replies"], refused["key"])


async def test_sandboxes_incidents_and_what_it_depends_on(client: Client, hub: HubPeer, authority: Authority) -> None:
    """Each is seen, said, and shown with what became of it."""
    terms = authority.offers(
        sandbox(hub.id, 1, Limit(indicator="oee", least=0.5), Limit(indicator="lead_time", most=9))
    )
    await member(client, hub)
    await post(client, "questions/fetch")
    happened: dict[str, Any] = {"concern": "safety", "severity": 3, "title": "Fire", "began_ms": 1}
    depends: dict[str, Any] = {
        "inputs": [{"what": "steel", "share": 0.5, "stock_days": 4}],
        "energy": {"power_kw": 80},
    }
    for path, say, body in (
        ("incidents", "incidents", happened),
        (f"sandboxes/{terms}", f"sandboxes/{terms}/consent", {"agrees": True}),
        ("exposure", "exposure", depends),
    ):
        seen = await post(client, f"{path}/preview", **body)
        told = await post(client, say, **body, digest=seen["digest"])
    await post(client, "send")

    (box,) = told["sandboxes"]
    assert [one["words"] for one in box["limits"]] == ["at least 50 %", "at most 9 h"]
    assert {month["state"] for limit in box["limits"] for month in limit["months"]} == {"untold"}
    assert box["word"]["agrees"] is True
    assert [(one["concern_name"], one["severity_name"], one["looks"]) for one in told["incidents"]] == [
        ("safety at work", "grave", [])
    ]
    assert told["exposure"]["inputs"][0]["what"] == "steel"
    kinds = [type(one) for one in hub.said()]
    assert kinds == [Incident, Consent, Exposure]
    basis = (await client.get("/api/member/exposure")).json()
    assert (basis["power_kw"], basis["answers"]) == (None, [])


async def test_files_are_taken_and_wrong_ones_refused(client: Client, hub: HubPeer) -> None:
    """Signed documents, one a line; what is out of bounds is told as such."""
    signed = hub.hub.voice.say(KIND, encoded(question("yes_no", hub=hub.id)))
    before = (await client.get("/api/member/questions")).json()
    await member(client, hub)
    told = await post(client, "questions/take", text=signed.decode())
    refused = await post(client, "questions/take", 422, text="{}")
    wrong = await client.post(
        "/api/member/exposure/preview", json={"inputs": [{"what": "x", "share": 2, "stock_days": 1}]}
    )

    assert before == {"member": False}
    assert (told["new"], told["known"], told["problems"]) == (1, 0, [])
    assert told["questions"][0]["carried"] is True
    assert refused["key"] == "exchange.no_envelope"
    assert wrong.status_code == 400


async def test_what_is_not_here_cannot_be_answered(client: Client, hub: HubPeer, node: Node) -> None:
    """It is told as such, and nothing is signed."""
    await joined(client, hub)
    told = await post(client, f"questions/{'0' * 64}/preview", 400, how="entered", yes=True)

    assert told["key"] == "overseen.not_here"
    assert node.overseen.answering.replies() == {}


def test_shares_are_asked_for_in_percent() -> None:
    """The bands of a question read like its values, and a step that binary numbers miss stays what was asked."""
    asked = question("band", hub="0" * 32, edges=(0.55, 0.575, 0.8), unit="share")

    assert bands(asked, "en") == ["below 55 %", "55 to below 57.5 %", "57.5 to below 80 %", "80 % or more"]
