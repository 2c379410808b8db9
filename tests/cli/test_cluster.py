"""The demo cluster as a person meets it: one command, a hub and two plants, ended together."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from click.testing import Result

from lineside.cli.remote import RemoteNode, running_node
from tests.cli.conftest import WITHIN_S, Running

Run = Callable[..., Result]
Launch = Callable[..., Running]
FEW = 40
GENERATED = "--members", str(FEW), "--months", "1", "--port", "0", "--no-browser"
TOLD = "has told what is ripe"
_OPENER = build_opener(ProxyHandler({}))


def processes(folder: Path) -> list[int]:
    """The processes that run for the plants of a cluster."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = place.read_bytes()
        except OSError:  # it has just ended
            continue
        if str(folder).encode() in command and b"--part" in command:
            found.append(int(place.parent.name))
    return found


def answered(url: str, path: str) -> dict[str, object]:
    """What a plant's node answers."""
    with _OPENER.open(url + path, timeout=60) as answer:
        told: dict[str, object] = json.loads(answer.read())
        return told


def questions(hub: RemoteNode) -> list[dict[str, Any]]:
    """What a hub asks, each with the members that it is for."""
    return [
        one | {"asked": [each["member"] for each in hub.get(f"/api/questions/{one['number']}/replies")["replies"]]}
        for one in hub.get("/api/questions")["questions"]
    ]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_one_command_makes_a_cluster_that_goes_on_and_ends_whole(tmp_path: Path, launch: Launch) -> None:
    """Everybody has joined, what is generated is marked, the plants speak; ctrl-C ends all three."""
    folder = tmp_path / "cluster"
    first = launch("demo", "--cluster", folder, *GENERATED, ready=False)
    said = first.wait_for(TOLD)
    hub = running_node(folder / "hub")
    assert hub is not None, said

    members = hub.get("/api/members")
    about = hub.get("/api/hub")
    surface = hub.get("/api/surface", {"indicator": "connected_share"})
    asked = questions(hub)
    offered = hub.get("/api/sandboxes")
    plants = re.findall(r"Works [AB] \(demo\) is at (http://\S+)", said)
    standing = [answered(url, "/api/member")["membership"] for url in plants]
    released = [answered(url, "/api/member/questions")["released"] for url in plants]
    running = processes(folder)
    code = first.end(signal.SIGINT)

    assert len(members) == FEW + 2
    assert [one["profile"]["name"] for one in members if not one["generated"]] == ["Works A (demo)", "Works B (demo)"]
    assert about["generated"] == {"members": FEW, "of": FEW + 2}
    assert len(surface["regions"]) == 6
    assert surface["whole"]["n"] == FEW + 2
    assert 0.9 < surface["whole"]["generated"] < 1
    assert [(one["title"], one["state"], FEW + 2 in one["asked"]) for one in asked] == [
        ("Who answers for the security of machines", "open", True),
        ("Availability last month", "open", True),
        ("Restoring from a backup", "over", False),
    ]
    assert [(one["member"], one["stage"]) for one in offered if not one["generated"]] == [(FEW + 1, "offered")]
    assert all(all(one.values()) for one in released)  # type: ignore[attr-defined]
    assert [(one["state"], one["problem"]) for one in standing] == [("admitted", None)] * 2  # type: ignore[index]
    assert re.search(r"Works B \(demo\) has told the hub: \d{4}-\d\d", said)
    for fingerprint in (one["fingerprint"] for one in members if not one["generated"]):
        assert said.count(fingerprint) == 2
    assert (len(running), code, processes(folder)) == (2, 0, [])

    second = launch("demo", "--cluster", folder, "--no-browser", ready=False)
    again = second.wait_for(TOLD)
    hub = running_node(folder / "hub")
    assert hub is not None, again
    same = hub.get("/api/members")
    still, offers = questions(hub), hub.get("/api/sandboxes")
    second.end(signal.SIGKILL)
    until = time.monotonic() + WITHIN_S
    while processes(folder):  # they end with whoever started them, even where it was killed
        assert time.monotonic() < until
        time.sleep(0.05)

    assert "Going on with the demo cluster" in again
    assert "asks to be taken" not in again
    assert [one["fingerprint"] for one in same] == [one["fingerprint"] for one in members]
    assert hub.url in again
    assert [one["number"] for one in still] == [one["number"] for one in asked]
    assert len(offers) == len(offered)


def test_a_cluster_is_not_made_over_something_else(tmp_path: Path, run: Run) -> None:
    """A folder that holds something else stays as it is."""
    (tmp_path / "letter.txt").write_text("dear", "utf-8")

    refused = run("demo", "--cluster", tmp_path, "--no-browser")

    assert refused.exit_code == 1
    assert "holds something else than a demo cluster" in refused.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]


def test_what_belongs_to_a_cluster_is_asked_with_it(tmp_path: Path, run: Run) -> None:
    """A demo plant has no members."""
    refused = run("demo", tmp_path / "demo", "--members", "40")

    assert refused.exit_code == 2
    assert "--cluster" in refused.stderr
