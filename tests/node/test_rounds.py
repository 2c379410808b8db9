from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.connect.peers import PEERS, MqttPeer, MTConnectPeer, ShdrPeer
from tests.node.rounds import spoil

FAULTY = Path(__file__).with_name("faulty_program.py")


async def test_a_plant_under_faults_loses_nothing_it_promised(plant: Any, tmp_path: Path) -> None:
    """Kills, cuts, stalls and restarts, each kind once: all that is acknowledged is there once, every gap is told."""
    assert await spoil(tmp_path, plant.head, PEERS, rounds=7, behind=MTConnectPeer) == {}


@pytest.mark.soak
async def test_a_plant_under_two_hundred_faults_loses_nothing_it_promised(plant: Any, tmp_path: Path) -> None:
    """The same, again and again."""
    assert await spoil(tmp_path, plant.head, PEERS, rounds=200, seed=2, behind=MTConnectPeer) == {}


@pytest.mark.soak
@pytest.mark.parametrize(("fault", "peer"), [("early", MqttPeer), ("bridging", ShdrPeer)])
async def test_the_faults_find_a_node_that_is_broken(plant: Any, tmp_path: Path, fault: str, peer: Any) -> None:
    """A node that acknowledges before it stores, and one that calls every pause heard, are found out."""
    wrong = await spoil(tmp_path, plant.head, [peer], rounds=12, command=(sys.executable, str(FAULTY), fault))

    assert "lost" in wrong[peer.TYPE]
