from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.connect.peers import PEERS, MqttPeer, MTConnectPeer, ShdrPeer
from tests.node.rounds import spoil
from tests.node.spoilt import FAKETIME, small_disk, wrong_clock

FAULTY = Path(__file__).with_name("faulty_program.py")


async def _spoiled(folder: Path, head: str, rounds: int, seed: int) -> dict[str, str]:
    """What is wrong after so many faults of all kinds that can be made here."""
    place, clocks = folder / "plant", folder / "clocks"
    place.mkdir()
    clocks.mkdir()
    with small_disk(place) as disk:
        clock = lambda name: wrong_clock(clocks / name)  # noqa: E731
        return await spoil(place, head, PEERS, rounds, seed=seed, behind=MTConnectPeer, disk=disk, clock=clock)


async def test_a_plant_under_faults_loses_nothing_it_promised(plant: Any, tmp_path: Path) -> None:
    """Each kind of fault that can be made here once: all that is acknowledged is there once, every gap is told."""
    assert await _spoiled(tmp_path, plant.head, rounds=9, seed=1) == {}


def test_every_kind_of_fault_can_be_made_here(tmp_path: Path) -> None:
    """A disk that fills up takes root, and a clock that is set takes libfaketime: without them, others are tried."""
    with small_disk(tmp_path) as disk:
        if disk is None or FAKETIME is None:
            pytest.skip("needs root to mount a small disk" if disk is None else "needs libfaketime")


@pytest.mark.soak
async def test_a_plant_under_two_hundred_faults_loses_nothing_it_promised(plant: Any, tmp_path: Path) -> None:
    """The same, again and again."""
    assert await _spoiled(tmp_path, plant.head, rounds=200, seed=2) == {}


@pytest.mark.soak
@pytest.mark.parametrize(("fault", "peer"), [("early", MqttPeer), ("bridging", ShdrPeer)])
async def test_the_faults_find_a_node_that_is_broken(plant: Any, tmp_path: Path, fault: str, peer: Any) -> None:
    """A node that acknowledges before it stores, and one that calls every pause heard, are found out."""
    wrong = await spoil(tmp_path, plant.head, [peer], rounds=12, command=(sys.executable, str(FAULTY), fault))

    assert "lost" in wrong[peer.TYPE]
