"""A real edge between a real adapter and a real node."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lineside.connect import SourceState
from lineside.connect.contract import Link
from lineside.edge import Node as Way
from lineside.errors import LinesideError
from lineside.node import Node, now_us
from lineside.trust import Grant
from tests.connect.shdr_adapter import Adapter

S = 1_000_000


def say(adapter: Adapter, number: float, time: int | None = None) -> int:
    """Says a value of now, or of another time, to whoever listens and comes; gives back its time."""
    time = now_us() if time is None else time
    stamp = datetime.fromtimestamp(time / S, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    adapter.greeting = f"{stamp}|load|{number}\n".encode()
    adapter.say(adapter.greeting)
    return time


def machine() -> Adapter:
    """An adapter that answers pings, so that it is heard when it is quiet."""
    return Adapter(pong=b"* PONG 200\n")


def stored(node: Node) -> dict[int, float]:
    """What the node has, by time."""
    found = node.history.read(node.history.series("press/load"), 0, 2**60)
    return dict(zip(found.time.tolist(), found.number.tolist(), strict=True))


def covered(node: Node, start: int, end: int) -> bool:
    """Whether the node has heard the source without a gap."""
    return any(since <= start and end <= until for since, until in node.history.heard("press", 0, 2**60).tolist())


def heard(node: Node) -> bool:
    """Whether the node has heard of the machine: what it says from then on is within what is covered."""
    return node.intake.health["press"].last_heard is not None


def losses(node: Node) -> list[dict[str, Any]]:
    """What was told as lost."""
    return [json.loads(event.detail) for event in node.history.events(0, 2**60, "press") if event.kind == "loss"]


async def test_a_node_cut_off_from_its_edge_has_no_gap_afterwards(node: Node, port: int, edge: Any, until: Any) -> None:
    """All that the machine said meanwhile arrives with its own time, once and in order, and as heard."""
    async with machine() as adapter, Link(port) as link, edge(link.port, adapter.url):
        await until(lambda: heard(node))
        said = {say(adapter, 0): 0.0}
        await until(lambda: stored(node) == said)
        await link.cut()
        for n in range(1, 21):
            said[say(adapter, n)] = float(n)
            await asyncio.sleep(0.1)
        assert len(stored(node)) < len(said)
        await link.restore()
        await until(lambda: stored(node) == said)
        await until(lambda: covered(node, min(said), max(said)))
        await until(lambda: node.intake.health["press"].state is SourceState.ACTIVE)

    assert losses(node) == []


async def test_a_quiet_machine_is_heard_at_the_node(node: Node, port: int, edge: Any, until: Any) -> None:
    """For longer than `stale_after_s`, though nothing is pushed."""
    async with machine() as adapter, edge(port, adapter.url):
        await until(lambda: heard(node))
        began = say(adapter, 7)
        await until(lambda: node.intake.health["press"].state is SourceState.ACTIVE)
        await asyncio.sleep(4)
        state, now = node.intake.health["press"].state, now_us()
        await until(lambda: covered(node, began, now))

    assert state is SourceState.ACTIVE
    assert stored(node) == {began: 7.0}


async def test_a_machine_cut_off_from_its_edge_is_a_gap_at_the_node(
    node: Node, port: int, edge: Any, until: Any
) -> None:
    """Even one shorter than the node's `stale_after_s`; and the node says what the edge says of it."""
    async with machine() as adapter, Link(adapter.port) as link, edge(port, f"tcp://127.0.0.1:{link.port}"):
        await until(lambda: heard(node))
        before = say(adapter, 1)
        await until(lambda: stored(node))
        await link.cut()
        away = now_us()
        await until(lambda: node.intake.health["press"].key == "connect.unreachable")
        reason = node.intake.health["press"].reason()
        await asyncio.sleep(0.5)
        await link.restore()
        back = now_us()
        await until(lambda: node.intake.health["press"].state is SourceState.ACTIVE)
        say(adapter, 2)
        await until(lambda: len(stored(node)) == 2)

    assert f"tcp://127.0.0.1:{link.port}" in reason
    assert not covered(node, away + S // 10, back - S // 10)
    assert not covered(node, before, back)


async def test_what_a_full_buffer_drops_is_told_at_the_node(node: Node, port: int, edge: Any, until: Any) -> None:
    """With count and bounds; the newest is there, the oldest are not, and the time between is a gap."""
    async with machine() as adapter, Link(port) as link, edge(link.port, adapter.url, buffer_mb=0.008):
        await until(lambda: heard(node))
        first = say(adapter, -1)
        await until(lambda: covered(node, first, first))
        await link.cut()
        last = 0
        for block in range(10):
            for n in range(300):
                last = say(adapter, block * 300 + n)
            await asyncio.sleep(0.25)
        await link.restore()
        await until(lambda: last in stored(node))
        await until(lambda: losses(node))

    [lost] = losses(node)
    kept = stored(node)
    assert lost["key"] == "edge.dropped"
    assert 0 < len(kept) < 3_001
    assert lost["fields"]["count"] == 3_001 - len(kept)
    assert list(kept) == sorted(kept)
    assert not covered(node, first, last)


async def test_a_backlog_comes_no_faster_than_agreed(node: Node, port: int, edge: Any, until: Any) -> None:
    """So that a node that comes back is not flooded."""
    async with machine() as adapter, Link(port) as link, edge(link.port, adapter.url, values_per_s=1_000):
        await until(lambda: heard(node))
        say(adapter, -1)
        await until(lambda: stored(node))
        await link.cut()
        for n in range(4_000):
            say(adapter, n)
        await asyncio.sleep(0.5)
        await link.restore()
        await until(lambda: len(stored(node)) > 1)
        began, had = now_us(), len(stored(node))
        say(adapter, -2)
        await until(lambda: -2.0 in stored(node).values())
        rate = (len(stored(node)) - had) / (now_us() - began) * S

    assert rate < 2_000


async def test_a_node_that_does_not_know_the_source_is_told_of(node: Node, port: int, edge: Any, until: Any) -> None:
    """With what it knows; one that wants nothing of it, too; and whoever else answers at the address."""
    sentences = []
    async with machine() as adapter, Link(port) as link:
        for name, instead in (("pres", None), ("idle", None), ("press", b"HTTP/1.1 200 OK\r\n\r\nhi")):
            await link.restore(instead=instead)
            async with edge(link.port, adapter.url, name=name) as told:
                await until(lambda told=told: told)
            sentences.append((told[0].wrong.key, str(told[0].wrong)))

    assert [key for key, _ in sentences] == ["edge.no_source", "edge.nothing_wanted", "edge.not_a_node"]
    assert "press, idle" in sentences[0][1]
    assert node.history.heard("press", 0, 2**60).tolist() == []


async def test_what_the_node_will_not_take_is_told_and_holds_up_nothing(
    node: Node, port: int, edge: Any, until: Any
) -> None:
    """Names the node has no signal for any more, and an edge that is named so."""
    async with machine() as adapter, Link(port) as link, edge(link.port, adapter.url):
        await until(lambda: heard(node))
        say(adapter, 1)
        await until(lambda: stored(node))
        await link.cut()
        say(adapter, 2)
        await asyncio.sleep(0.5)
        plant = (node.folder / "plant.toml").read_text("utf-8")
        (node.folder / "plant.toml").write_text(plant.replace("load = {", 'power = { address = "power",'), "utf-8")
        await until(lambda: "power" in node.plant.machines["press"].signals)
        await link.restore()
        adapter.greeting = b""
        await until(lambda: say_power(adapter) and node.history.last(node.history.series("press/power")))

    assert list(stored(node).values()) == [1.0]


def say_power(adapter: Adapter) -> bool:
    """Says another value than the load."""
    adapter.say(f"{datetime.now(UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')}|power|5\n")
    return True


async def test_a_node_with_accounts_lets_in_who_has_its_token(node: Node, port: int) -> None:
    """Without one, or with one that was taken back, the edge is told why, and what to do."""
    node.people.add("eva", "person", [Grant.parse("administrator")])
    node.people.add("beside-the-press", "service", [Grant.parse("collector@line/cell")])
    token = node.people.token("beside-the-press", "edge", Grant.parse("collector"), 1)

    async with Way(f"http://127.0.0.1:{port}", 1000, token) as way:
        assert await way.wanted("press") == {"load": "measure"}
    for proof in (None, "ls_wrong"):
        async with Way(f"http://127.0.0.1:{port}", 1000, proof) as way:
            with pytest.raises(LinesideError) as refused:
                await way.wanted("press")
        assert refused.value.key == "edge.not_let_in"
        assert refused.value.cure("zh")
