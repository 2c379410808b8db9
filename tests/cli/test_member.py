"""A hub's member by commands, with a real hub on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result

from lineside.exchange import APPLICATION, Envelope, Signed
from lineside.node import now_us
from lineside.trust import fingerprint
from tests.cli.people import PEOPLE
from tests.hub.test_sums import COUNT
from tests.hub_peer import REGION, HubPeer, served
from tests.node.test_sums import ASKED, Others

Run = Callable[..., Result]
Launch = Callable[..., Any]
ASK = ("--name", "Park", "--purpose", "benchmarks", "--recipient", "Park", "--flow", "hub", "--schedule", "month")
PROFILE = ("--name", "Works", "--industry", "34", "--region", REGION, "--employees", "80", "--trait", "discrete")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubPeer]:
    """A hub that answers."""
    peer = HubPeer(tmp_path / "hub", now_us())
    with served(peer):
        yield peer
    peer.hub.close()


@pytest.fixture
def plant(tmp_path: Path, hub: HubPeer) -> Path:
    """A plant, and the invitation beside it."""
    folder = tmp_path / "plant"
    folder.mkdir()
    (folder / "plant.toml").write_text(PEOPLE, "utf-8")
    (tmp_path / "invitation").write_bytes(hub.invitation())
    return folder


def release(run: Run, plant: Path, hub: HubPeer, *content: str) -> None:
    """Lets the hub be told."""
    patterns = [word for one in ("profile", "indicator/*", *content) for word in ("--content", one)]
    run("valve", "ask", plant, *ASK, "--address", hub.id, *patterns)
    told = json.loads(run("valve", "show", plant, "2", "--json").stdout)
    assert run("valve", "allow", plant, "2", "--digest", told["digest"]).exit_code == 0


def test_a_plant_joins_a_hub_and_speaks(plant: Path, hub: HubPeer, run: Run, launch: Launch) -> None:
    """The agreement is read before it is accepted; then by the node that runs as without one."""
    invitation = plant.parent / "invitation"
    shown = run("member", "join", plant, invitation)
    lacking = run("member", "join", plant, invitation, "--accept", hub.accepted[:12])
    asked = run("member", "join", plant, invitation, "--accept", hub.accepted[:12], *PROFILE)
    release(run, plant, hub)
    sent = run("member", "send", plant)
    hub.admit()
    launch("run", plant, "--no-browser", "--port", "0")
    told = run("member", "send", plant, "--from", "2026-10")
    status = json.loads(run("member", "status", plant, "--json").stdout)
    preview = run("member", "preview", plant, "2026-10")

    never = run("member", "point", plant, "--last")
    point = run("member", "point", plant)
    last = json.loads(run("member", "point", plant, "--last", "--json").stdout)

    assert (never.exit_code, "never asked" in never.stderr) == (1, True)
    assert "in 2026-10, as the hub told it" in point.stdout
    assert last["point"]["month"] == "2026-10"
    assert hub.accepted[:12] in shown.stdout
    assert (lacking.exit_code, "--industry" in lacking.stderr) == (1, True)
    assert f"--address {hub.id}" in asked.stdout.replace("\n", " ")
    assert "waits to be admitted" in sent.stdout
    assert "1 month 2026-10 at the hub entry" in told.stdout
    assert (status["membership"]["state"], status["statements"][0]["state"]) == ("admitted", "taken")
    assert "connected_share" in preview.stdout


def test_what_is_carried_is_written_and_taken(plant: Path, hub: HubPeer, run: Run) -> None:
    """A file that is there is not overwritten; what is wrong is one line and a cure."""
    early = run("member", "send", plant)
    run("member", "join", plant, plant.parent / "invitation", "--accept", hub.accepted[:12], *PROFILE)
    release(run, plant, hub)
    stick = plant.parent / "stick.jsonl"
    written = run("member", "write", plant, stick)
    twice = run("member", "write", plant, stick)
    answers = plant.parent / "stick.jsonl.answers"
    answers.write_bytes(hub.receive(stick.read_bytes()))
    taken = run("member", "take", plant, answers)

    assert (early.exit_code, "member of no hub" in early.stderr) == (1, True)
    assert written.exit_code == 0
    assert "is there already" in twice.stderr
    assert "waits to be admitted" in taken.stdout


def test_an_application_that_was_brought_is_signed(plant: Path, hub: HubPeer, run: Run, launch: Launch) -> None:
    """Into a new file, also by the node that runs; any other file is refused."""
    run("member", "join", plant, plant.parent / "invitation", "--accept", hub.accepted[:12], *PROFILE)
    release(run, plant, hub)
    run("member", "send", plant)
    payload = msgspec.json.encode(Signed(7, "d" * 64, ()))
    brought, signed, again = (plant.parent / name for name in ("brought.json", "signed.json", "again.json"))
    brought.write_text(json.dumps({"payloadType": APPLICATION, "payload": base64.b64encode(payload).decode()}), "utf-8")

    told = run("member", "sign", plant, brought, signed)
    wrong = run("member", "sign", plant, signed, again)
    twice = run("member", "sign", plant, brought, signed)
    launch("run", plant, "--no-browser", "--port", "0")
    running = run("member", "sign", plant, brought, again)

    assert (told.exit_code, "Application 7" in told.stdout) == (0, True), told.stderr
    assert Envelope.parse(signed.read_bytes()).signed_by(hub.hub.register.members[1].key or b"")
    assert "no application" in wrong.stderr
    assert "is there already" in twice.stderr
    assert (running.exit_code, again.read_bytes()) == (0, signed.read_bytes())


def test_values_are_entered_by_hand_and_keys_changed(plant: Path, hub: HubPeer, run: Run) -> None:
    """Only by saying so; then the member changes its profile, its key, and leaves."""
    run("member", "join", plant, plant.parent / "invitation", "--accept", hub.accepted[:12], *PROFILE)
    release(run, plant, hub)
    run("member", "send", plant)
    hub.admit()
    run("member", "send", plant)

    entered = run("member", "enter", plant, "2026-10", "energy_per_unit", "1.5", "--by-hand", "--note", "bill")
    bare = run("member", "enter", plant, "2026-10", "energy_per_unit", "1.5")
    back = run("member", "enter", plant, "2026-10", "energy_per_unit", "--by-hand")
    changed = run("member", "profile", plant, "--employees", "90")
    rotated = run("member", "rotate", plant)
    run("member", "send", plant)
    stopped = run("member", "recover", plant)
    left = run("member", "leave", plant, "--why", "moved")
    run("member", "send", plant)

    assert "entered by hand" in entered.stdout
    assert bare.exit_code != 0
    assert "taken back" in back.stdout
    assert [one.exit_code for one in (changed, rotated, stopped, left)] == [0, 0, 0, 0]
    assert [type(one).__name__ for one in hub.said()] == ["ProfileChange", "Rotation", "Leaving"]
    assert hub.hub.register.members[1].state.value == "left"


def test_a_plant_takes_part_in_a_secure_sum(plant: Path, hub: HubPeer, run: Run, tmp_path: Path) -> None:
    """The list names each call by its hash, by whose beginning somebody takes part; the value stays here."""
    run("member", "join", plant, tmp_path / "invitation", "--accept", hub.accepted[:12], *PROFILE)
    release(run, plant, hub, "replies")
    run("member", "send", plant)
    hub.admit()
    run("member", "send", plant)
    Others(hub, tmp_path)
    none = run("member", "sums", plant)
    one = hub.hub.sums.call(ASKED)

    listed = run("member", "sums", plant)
    wrong = run("member", "sum", plant, "zz", "--value", "12")
    joined = run("member", "sum", plant, one.sha256[:8], "--value", "12")
    told = json.loads(run("member", "sums", plant, "--json").stdout)

    assert "no secure sum" in none.stdout
    assert one.sha256[:12] in listed.stdout
    assert wrong.exit_code == 1
    assert "takes part in “Electricity” with 12 kWh" in joined.stdout, joined.output
    assert [each["own"] for each in told] == [12.0]


def test_a_person_says_yes_to_the_round_of_a_secure_sum(plant: Path, hub: HubPeer, run: Run, tmp_path: Path) -> None:
    """The members are shown with their fingerprints; the share leaves after the yes, and not before."""
    run("member", "join", plant, tmp_path / "invitation", "--accept", hub.accepted[:12], *PROFILE)
    release(run, plant, hub, "replies")
    run("member", "send", plant)
    hub.admit()
    run("member", "send", plant)
    others = Others(hub, tmp_path)
    one = hub.hub.sums.call(ASKED)
    others.join(one)
    run("member", "sum", plant, one.sha256[:8], "--value", "12")
    run("member", "send", plant)
    early = run("member", "round", plant, one.sha256[:8])
    hub.now_us = one.call.keys_until_ms * 1000
    hub.hub.sums.keep()
    (first,) = hub.hub.sums.get(one.id).rounds
    hub.now_us = now_us()

    shown = run("member", "round", plant, one.sha256[:8])
    wrong = run("member", "round", plant, one.sha256[:8], "--agree", "zz")
    agreed = run("member", "round", plant, one.sha256[:8], "--agree", first.sha256[:12], "--least", "7")
    run("member", "send", plant)

    assert "No round" in early.stdout
    assert f"Round 1 among {COUNT} members, at least {COUNT}" in shown.stdout, shown.output
    for member in hub.hub.register.members.values():
        assert fingerprint(member.keys[0].public) in shown.stdout
    assert wrong.exit_code == 1
    assert "Agreed to these" in agreed.stdout, agreed.output
    assert hub.hub.sums.get(one.id).rounds[0].sent == {1}
