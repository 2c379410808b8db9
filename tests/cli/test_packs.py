"""Solution packs and needs by commands, with a real hub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineside.exchange import Adoption, Need, Parameter
from lineside.node import now_us
from tests.cli.people import PEOPLE
from tests.cli.test_member import PROFILE, Launch, Run, release
from tests.hub_peer import HubPeer, served
from tests.node.pack_shelf import pack, shelve, signed, words

AREA = {
    "parameters": (Parameter(id="name", kind="text", words=words("Name")),),
    "plant": '[area.extra]\nname = "{name}"\n',
    "changes": (),
    "settings": (),
    "instruction": words("Call it {name}."),
}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubPeer]:
    """A hub that answers, with a pack on its shelf."""
    peer = HubPeer(tmp_path / "hub", now_us())
    shelve(peer, [pack(peer, **AREA)])
    with served(peer):
        yield peer
    peer.hub.close()


@pytest.fixture
def plant(tmp_path: Path, hub: HubPeer, run: Run) -> Path:
    """A plant that is a member."""
    folder = tmp_path / "plant"
    folder.mkdir()
    (folder / "plant.toml").write_text(PEOPLE, "utf-8")
    invitation = tmp_path / "invitation"
    invitation.write_bytes(hub.invitation())
    run("member", "join", folder, invitation, "--accept", hub.accepted[:12], *PROFILE)
    release(run, folder, hub)
    run("member", "send", folder)
    hub.admit()
    run("member", "send", folder)
    return folder


@pytest.mark.parametrize("running", [False, True], ids=["closed", "running"])
def test_a_pack_is_fetched_looked_at_applied_and_given_up(
    plant: Path, hub: HubPeer, run: Run, launch: Launch, running: bool
) -> None:
    """By the same words whether a node runs or not; the preview says the command that applies it."""
    before = (plant / "plant.toml").read_bytes()
    if running:
        launch("run", plant, "--no-browser", "--port", "0")
    fetched = run("pack", "fetch", plant)
    shown = run("pack", "preview", plant, "set-cycle", "--set", "name=Extra hall")
    draft = json.loads(run("pack", "preview", plant, "set-cycle", "--set", "name=Extra hall", "--json").stdout)
    chosen = ("set-cycle", "--set", "name=Extra hall", "--seen")
    stale = run("pack", "apply", plant, *chosen, "0" * 64)
    applied = run("pack", "apply", plant, *chosen, draft["seen"], "--cost-cny", "5", "--tell")
    after = (plant / "plant.toml").read_text("utf-8")
    measured = run("pack", "measure", plant, "1")
    undone = run("pack", "undo", plant, "1", "--why", "moved")
    run("member", "send", plant)

    assert "1 new of 1" in fetched.stdout
    assert "+2.0 .. +8.0 %" in fetched.stdout
    assert '+name = "Extra hall"' in shown.stdout
    assert draft["seen"] in shown.stdout
    assert (stale.exit_code, "no longer what was looked at" in stale.stderr) == (1, True)
    assert (applied.exit_code, "is in use" in applied.stdout) == (0, True), applied.stderr
    assert "[area.extra]" in after
    assert "not enough months yet" in measured.stdout, measured.stderr
    assert "was given up" in undone.stdout
    assert (plant / "plant.toml").read_bytes() == before
    assert [one.ended for one in hub.said() if isinstance(one, Adoption)] == [False, True]


def test_a_pack_is_taken_from_a_file_and_needs_are_posted(plant: Path, hub: HubPeer, run: Run) -> None:
    """What is wrong is one line and a cure; an offer names the pack and who offers it."""
    file = plant.parent / "pack.json"
    file.write_bytes(signed(hub, pack(hub, id="carried")).json())
    taken = run("pack", "take", plant, file)
    file.write_bytes(file.read_bytes().replace(b'"sig":"', b'"sig":"AAAA'))
    forged = run("pack", "take", plant, file)
    wrong = run("pack", "preview", plant, "carried", "--set", "machine")
    posted = run("member", "need", "post", plant, "Shorter stops", "--indicator", "recovery_time", "--to-members")
    run("member", "send", plant)
    number = next(one.number for one in hub.said() if isinstance(one, Need))
    named = {"sha256": "a" * 64, "offered_by": "Lineside demo"}
    told = {"needs": [{"number": number, "offers": [{"pack": named, "words": "Try this"}]}]}
    hub.hub.asks.words["offers"] = lambda _member, _ask: told
    offers = run("member", "need", "offers", plant)
    back = run("member", "need", "back", plant, number)
    listed = run("member", "need", "list", plant)

    assert "Right cycle, edition 1" in taken.stdout
    assert "did not sign" in forged.stderr
    assert "NAME=VALUE" in wrong.stderr
    assert "not at the hub yet" in posted.stdout
    assert "aaaaaaaaaaaaaaaa Lineside demo Try this" in offers.stdout
    assert [one.exit_code for one in (offers, back)] == [0, 0]
    assert "(over)" in listed.stdout
