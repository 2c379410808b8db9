"""Authorities answered by commands: what would be said is shown first, and said by its digest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from lineside.exchange import QUESTION, Consent, Exposure, Incident, Limit, Reply, encoded
from lineside.node import now_us
from tests.cli.people import PEOPLE
from tests.cli.test_member import ASK, PROFILE
from tests.exchange.questions import question, sandbox
from tests.hub_peer import HubPeer, served
from tests.node.overseen.conftest import EVERYTHING, Authority

Run = Callable[..., Result]
Launch = Callable[..., Any]


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


@pytest.fixture
def plant(tmp_path: Path, hub: HubPeer, run: Run) -> Path:
    """A member, by a release of everything that it may be asked."""
    folder = tmp_path / "plant"
    folder.mkdir()
    (folder / "plant.toml").write_text(PEOPLE, "utf-8")
    (tmp_path / "invitation").write_bytes(hub.invitation())
    run("member", "join", folder, tmp_path / "invitation", "--accept", hub.accepted[:12], *PROFILE)
    content = [part for one in EVERYTHING for part in ("--content", one)]
    run("valve", "ask", folder, *ASK, "--address", hub.id, *content)
    digest = json.loads(run("valve", "show", folder, "2", "--json").stdout)["digest"]
    run("valve", "allow", folder, "2", "--digest", digest)
    run("member", "send", folder)
    hub.admit()
    run("member", "send", folder)
    return folder


def digest(shown: Result) -> str:
    """What is to be said."""
    found = re.search(r"--say ([0-9a-f]{12})", shown.stdout)
    assert found, shown.output
    return found.group(1)


def test_a_question_is_answered_as_it_was_seen(plant: Path, hub: HubPeer, authority: Authority, run: Run) -> None:
    """Listed with its state, shown byte for byte, then said; another answer is not said by the same digest."""
    authority.asks(question("yes_no", hub=hub.id))
    listed = run("member", "questions", plant, "--fetch")
    shown = run("member", "answer", plant, "1", "--yes")
    other = run("member", "answer", plant, "1", "--no", "--say", digest(shown))
    said = run("member", "answer", plant, "1", "--yes", "--say", digest(shown))
    run("member", "send", plant)
    again = run("member", "questions", plant)

    assert "Asked (open)" in listed.stdout
    assert '"yes": true' in shown.stdout
    assert (other.exit_code, "not what you saw" in other.stderr) == (1, True)
    assert said.exit_code == 0
    assert "yes (at the hub)" in again.stdout
    assert [one.yes for one in hub.said() if isinstance(one, Reply)] == [True]


def test_the_node_that_runs_does_the_same(
    plant: Path, hub: HubPeer, authority: Authority, run: Run, launch: Launch, tmp_path: Path
) -> None:
    """Incident, terms and what the plant depends on, by the node that has the folder."""
    authority.offers(sandbox(hub.id, 1, Limit(indicator="oee", least=0.5)))
    depends = tmp_path / "depends.json"
    depends.write_text(json.dumps({"inputs": [{"what": "steel", "share": 0.5, "stock_days": 4}]}), "utf-8")
    launch("run", plant, "--no-browser", "--port", "0")
    run("member", "questions", plant, "--fetch")
    for told in (
        ("incident", plant, "Fire", "--began", "2026-03-02T06:10"),
        ("sandbox", plant, "1", "--agree"),
        ("exposure", plant, depends),
    ):
        shown = run("member", *told)
        assert run("member", *told, "--say", digest(shown)).exit_code == 0
    run("member", "send", plant)
    incidents, boxes, basis = (run("member", what, plant) for what in ("incident", "sandbox", "exposure"))

    assert [type(one) for one in hub.said()] == [Incident, Consent, Exposure]
    assert "safety at work serious Fire (at the hub)" in incidents.stdout
    assert "OEE, at least 50 %" in boxes.stdout
    assert json.loads(basis.stdout)["said"]["inputs"][0]["what"] == "steel"


def test_a_file_is_taken_where_no_network_is(plant: Path, hub: HubPeer, run: Run, tmp_path: Path) -> None:
    """Signed questions; what nothing is wrong with is taken, and the rest told with its cure."""
    brought = tmp_path / "questions"
    brought.write_bytes(hub.hub.voice.say(QUESTION, encoded(question("band", hub=hub.id, edges=(1.0,)))) + b"\n{}\n")
    taken = run("member", "questions", plant, "--take", brought)
    shown = run("member", "answer", plant, "1", "--decline", "nobody counts it")
    missing = run("member", "answer", plant, "ffffffff", "--yes")
    early = run("member", "incident", plant, "Fire")

    assert "1 new, 0 known" in taken.stdout
    assert "declined: nobody counts it" in shown.stdout
    assert (missing.exit_code, "no document ffffffff" in missing.stderr) == (1, True)
    assert early.exit_code == 2
