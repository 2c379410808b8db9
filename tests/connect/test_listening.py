from __future__ import annotations

import asyncio

import pytest

from lineside.connect import Ear, SourceSettings, SourceState, listen
from lineside.connect.contract import Peer
from lineside.errors import ConfigurationError
from tests.connect.peers import PEERS, ShdrPeer


def settings_of(peer: Peer) -> SourceSettings:
    """The source that reads a peer."""
    options = dict(peer.OPTIONS)
    url = f"{peer.SCHEME}://127.0.0.1:{peer.port}"
    return SourceSettings.model_validate({"id": "mill", "type": peer.TYPE, "url": url, "options": options})


@pytest.mark.parametrize("kind", PEERS)
async def test_every_type_can_be_listened_to(kind: type[Peer]) -> None:
    """It says that values come, how many of which address, and which came last; it ends as soon as it is told to."""
    async with kind() as peer:
        number = 0.0

        async def talk() -> None:
            nonlocal number
            while True:
                number += 1
                await peer.say(number)
                await asyncio.sleep(0.1)

        talking = asyncio.create_task(talk())
        told: list[float] = []
        heard: list[float] = []

        def enough(seconds: float, ear: Ear) -> bool:
            told.append(seconds)
            if ear.told.state is not SourceState.ACTIVE:
                return True
            heard.append(seconds)
            return ear.values < 2

        ear = await listen(settings_of(peer), {peer.ADDRESS: "measure"}, 120, enough)
        talking.cancel()

    assert ear.told.state is SourceState.ACTIVE
    assert ear.came[peer.ADDRESS].count == ear.values >= 2
    assert 0 < (ear.came[peer.ADDRESS].last.number or 0) <= number
    assert told == sorted(told)
    assert told[-1] - heard[0] < 15  # and not when the time is up


async def test_a_peer_that_is_not_there_is_told_in_words(free_port: int) -> None:
    """When the time is up, which is kept."""
    url = f"tcp://127.0.0.1:{free_port}"
    settings = SourceSettings.model_validate({"id": "mill", "type": "shdr", "url": url})

    ear = await listen(settings, {"load": "measure"}, 2)

    assert (ear.told.state, ear.told.key, ear.came) == (SourceState.DEGRADED, "connect.unreachable", {})


async def test_what_watches_may_end_it_with_an_error() -> None:
    """Whatever it raises reaches whoever listens, and no connection is left behind."""

    def fail(_seconds: float, _ear: Ear) -> bool:
        raise ZeroDivisionError

    async with ShdrPeer() as peer:
        with pytest.raises(ZeroDivisionError):
            await listen(settings_of(peer), {peer.ADDRESS: "measure"}, 5, fail)

    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_settings_that_mean_nothing_are_refused() -> None:
    """Before anything is listened to."""
    with pytest.raises(ConfigurationError, match="no source type pigeon"):
        await listen(SourceSettings.model_validate({"id": "mill", "type": "pigeon"}), {}, 5)
