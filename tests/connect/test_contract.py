from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable

import pytest
import pytest_asyncio

from lineside.connect import Observation, contract, live, sources
from lineside.connect.contract import PASSWORD, RULES, Link, Peer, Rule
from lineside.connect.live import Delivery, now_us
from lineside.history import Quality
from tests.connect.peers import PEERS, ShdrPeer

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    # The library's server of OPC UA, cut off under a subscription, drops what it wanted to send.
    pytest.mark.filterwarnings("ignore:.*datachange_callback:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:.*datachange_callback:RuntimeWarning"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=PEERS, ids=lambda peer: peer.TYPE)
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[Peer]:
    """A running peer of each type; making one may take seconds."""
    async with request.param() as running:
        yield running


async def test_every_type_has_a_peer() -> None:
    """A type without one is not tested at all; to what is pushed others connect, and folders have no port."""
    built_in = {name for name, type in sources().items() if type.__module__.startswith("lineside.")} - {
        "push",
        "folder",
    }

    assert built_in == {peer.TYPE for peer in PEERS}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_every_source_keeps_the_contract(peer: Peer, rule: Rule, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the protocol, a plant can rely on the same; and no log has a password."""
    caplog.set_level(logging.INFO, "lineside")

    async with Link(peer.port) as link:
        await rule(peer, link)

    assert PASSWORD not in caplog.text


async def test_the_contract_catches_values_that_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that passes a broken source proves nothing."""
    put = Delivery.put

    async def doubt(self: Delivery, rows: Iterable[Observation]) -> None:
        await put(self, [row._replace(quality=Quality.UNCERTAIN) for row in rows])

    monkeypatch.setattr(Delivery, "put", doubt)

    async with ShdrPeer() as peer, Link(peer.port) as link:
        with pytest.raises(AssertionError):
            await contract.values_are_delivered(peer, link)


async def test_the_contract_catches_coverage_that_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time in which nobody listened must not count as heard."""
    monkeypatch.setattr(live, "now_us", lambda: now_us() + 10_000_000)

    async with ShdrPeer() as peer, Link(peer.port) as link:
        with pytest.raises(AssertionError):
            await contract.coverage_is_of_the_past(peer, link)


async def test_the_contract_catches_a_password_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would stand on a screen in the hall."""
    monkeypatch.setattr(live, "without_password", str)

    async with ShdrPeer() as peer, Link(peer.port) as link:
        with pytest.raises(AssertionError):
            await contract.passwords_are_never_shown(peer, link)
