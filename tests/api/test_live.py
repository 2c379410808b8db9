from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect

from lineside.api import create_app
from lineside.api.live import QUEUE, Client, LiveHub, Topic, difference
from lineside.node import Node
from lineside.trust import Permission

PATIENCE_S = 60

Frame = dict[str, Any]


def merge(base: Any, delta: Any) -> Any:
    """What a client does with a delta: objects merge, everything else replaces."""
    if not isinstance(base, dict) or not isinstance(delta, dict):
        return delta
    return {**base, **{key: merge(base.get(key), value) for key, value in delta.items()}}


def without_nulls(document: Any) -> Any:
    """A document in which what is null is not there: to a client both are the same."""
    if not isinstance(document, dict):
        return document
    return {key: without_nulls(value) for key, value in document.items() if value is not None}


# A value keeps its type: in Python, unlike in JSON, 0 equals False.
leaves = st.none() | st.integers(2) | st.text(max_size=3) | st.booleans() | st.lists(st.integers(2), max_size=2)
documents = st.recursive(
    st.dictionaries(st.sampled_from("abcd"), leaves, max_size=4),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), leaves | inner, max_size=4),
    max_leaves=12,
)


@given(documents, st.lists(documents, min_size=1, max_size=4))
def test_a_snapshot_with_its_deltas_is_the_newest_document(first: dict[str, Any], later: list[dict[str, Any]]) -> None:
    """Whatever changes, appears or goes away, a client that merges shows what a new snapshot would."""
    shown: Any = first

    for before, after in itertools.pairwise([first, *later]):
        shown = merge(shown, difference(before, after))

    assert without_nulls(shown) == without_nulls(later[-1])


@given(documents)
def test_what_did_not_change_is_not_sent(document: dict[str, Any]) -> None:
    """Nothing new gives an empty delta."""
    assert difference(document, document) == {}


def test_a_delta_holds_the_changes_only() -> None:
    """Deep inside the document the unchanged neighbours stay at home."""
    before = {"press": {"state": "running", "age": None}, "drill": {"state": "off"}, "old": 1}
    after = {"press": {"state": "down", "age": None}, "drill": {"state": "off"}, "new": 2}

    assert difference(before, after) == {"press": {"state": "down"}, "new": 2, "old": None}


class Document:
    """A document that a test changes, as a topic."""

    def __init__(self, name: str = "now") -> None:
        self.content: dict[str, Any] = {}
        self.topic = Topic(name, Permission.READ_FACTS, self.read)

    async def read(self) -> dict[str, Any]:
        """The document as it is."""
        return self.content


async def take(client: Client) -> list[Frame]:
    """Every frame that waits for a client."""
    frames: list[Frame] = []
    while (frame := await client.next(0.01)) is not None:
        frames.append(msgspec.json.decode(frame))
    return frames


async def test_a_slow_client_loses_the_oldest_frames_and_sees_the_gap() -> None:
    """Its queue is bounded; what it lost shows in `seq`, and a new snapshot makes up for it."""
    document = Document()
    hub = LiveHub([document.topic])
    slow, quick = hub.join(), hub.join()
    for client in (slow, quick):
        await hub.subscribe(client, "now")
    quick_frames = await take(quick)
    for number in range(QUEUE + 9):
        document.content = {"n": number}
        await hub.publish()
        quick_frames += await take(quick)

    slow_frames = await take(slow)
    await hub.subscribe(slow, "now")
    (fresh,) = await take(slow)

    last = QUEUE + 10
    assert [frame["seq"] for frame in quick_frames] == list(range(1, last + 1))
    assert [frame["seq"] for frame in slow_frames] == list(range(last - QUEUE + 1, last + 1))
    assert {frame["kind"] for frame in slow_frames} == {"delta"}
    assert (fresh["kind"], fresh["seq"], fresh["data"]) == ("snapshot", last, {"n": QUEUE + 8})


async def test_a_beat_comes_when_nothing_has_changed_for_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a client can tell a quiet plant from a dead line; the beat takes its place in the sequence."""
    document, loop = Document(), asyncio.get_running_loop()
    hub = LiveHub([document.topic])
    client = hub.join()
    await hub.subscribe(client, "now")
    began = client.topics["now"].sent_at
    frames = [await take(client)]
    for later in (4.9, 5.1, 9.9, 10.3):
        with monkeypatch.context() as clock:  # it stands still, however long we take
            clock.setattr(loop, "time", lambda later=later: began + later)
            await hub.publish()
        frames.append(await take(client))

    assert [[(frame["kind"], frame["seq"]) for frame in round_] for round_ in frames] == [
        [("snapshot", 1)],
        [],
        [("beat", 2)],
        [],
        [("beat", 3)],
    ]
    assert all("data" not in frame for round_ in frames[1:] for frame in round_)


async def test_a_client_that_left_gets_nothing_more() -> None:
    """Neither one that unsubscribed nor one that is gone."""
    document = Document()
    hub = LiveHub([document.topic])
    gone = hub.join()
    await hub.subscribe(gone, "now")
    await take(gone)
    hub.leave(gone)
    document.content = {"n": 1}
    await hub.publish()

    assert await take(gone) == []


async def test_a_topic_that_cannot_be_read_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """The fault is logged, and the topic goes on as soon as it can be read again."""
    good, bad = Document("good"), Document("bad")
    broken = False

    async def read() -> dict[str, Any]:
        if broken:
            raise RuntimeError
        return bad.content

    hub = LiveHub([Topic("bad", Permission.READ_FACTS, read), good.topic])
    client = hub.join()
    for name in ("bad", "good"):
        await hub.subscribe(client, name)
    await take(client)
    broken, good.content, bad.content = True, {"n": 1}, {"n": 2}
    await hub.publish()
    during = await take(client)
    broken = False
    await hub.publish()
    after = await take(client)

    assert [(frame["topic"], frame["data"]) for frame in during] == [("good", {"n": 1})]
    assert [(frame["topic"], frame["data"], frame["seq"]) for frame in after] == [("bad", {"n": 2}, 2)]
    assert "topic bad could not be read" in caplog.text


async def receive(socket: ClientConnection) -> Frame:
    """The next frame."""
    async with asyncio.timeout(PATIENCE_S):
        frame: Frame = msgspec.json.decode(await socket.recv())
    return frame


def wire(address: str) -> connect:
    """A connection to the socket."""
    return connect(f"ws://{address}/api/live", proxy=None, open_timeout=60)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A file to import, so that there is a job to watch."""
    path = tmp_path / "press-1.csv"
    path.write_text("time,address,value\n2026-03-04T10:00Z,parts,1\n", "utf-8")
    return path


async def test_a_snapshot_then_deltas_make_the_document_of_a_new_snapshot(address: str, recording: Path) -> None:
    """The sequence has no gaps, and who joins late sees the same as who was there all the time."""
    async with wire(address) as early, httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as asking:
        await early.send('{"subscribe": ["jobs"]}')
        frames = [await receive(early)]
        document: Any = frames[0]["data"]
        for _ in range(2):
            job = (
                await asking.post("/api/jobs", json={"kind": "import", "params": {"files": [str(recording)]}})
            ).json()
            async with asyncio.timeout(PATIENCE_S):
                while (document.get(str(job["id"])) or {}).get("state") != "done":
                    frames.append(await receive(early))
                    document = merge(document, frames[-1].get("data", {}))
        async with wire(address) as late:
            await late.send('{"subscribe": ["jobs"]}')
            fresh = await receive(late)
        listed = (await asking.get("/api/jobs")).json()

    assert (frames[0]["kind"], frames[0]["seq"], frames[0]["data"]) == ("snapshot", 1, {})
    # where a job takes long, beats come between its deltas
    assert {frame["kind"] for frame in frames[1:] if frame["kind"] != "beat"} == {"delta"}
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert fresh["kind"] == "snapshot"
    assert document == fresh["data"] == {str(job["id"]): job for job in listed}


@pytest.mark.parametrize(
    "message",
    ["", "nonsense", "[1]", "null", '{"subscribe": "jobs"}', '{"subscribe": [7]}', '{"shout": ["jobs"]}', b"\x00\xff"],
)
async def test_a_message_that_means_nothing_is_ignored(address: str, message: str | bytes) -> None:
    """The socket stays, and the next message counts."""
    async with wire(address) as socket:
        await socket.send(message)
        await socket.send('{"subscribe": ["jobs"]}')
        frame = await receive(socket)

    assert (frame["topic"], frame["kind"]) == ("jobs", "snapshot")


async def test_an_unknown_topic_is_ignored(address: str) -> None:
    """What is known of the same message counts."""
    async with wire(address) as socket:
        await socket.send('{"subscribe": ["weather", "jobs"], "unsubscribe": ["weather"]}')
        frame = await receive(socket)

    assert (frame["topic"], frame["kind"]) == ("jobs", "snapshot")


async def test_a_topic_is_left_again(address: str, recording: Path) -> None:
    """After unsubscribing nothing of it comes any more, though it changes."""
    async with wire(address) as socket, httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as asking:
        await socket.send('{"subscribe": ["jobs", "sources"]}')
        first = [(await receive(socket))["topic"] for _ in range(2)]
        await socket.send('{"unsubscribe": ["jobs"]}')
        await asking.post("/api/jobs", json={"kind": "import", "params": {"files": [str(recording)]}})
        await asyncio.sleep(1.2)  # two rounds of the publisher
        await socket.send('{"subscribe": ["now"]}')
        while (following := await receive(socket))["topic"] == "sources":  # a beat of what was not left
            assert following["kind"] == "beat"

    assert first == ["jobs", "sources"]
    assert following["topic"] == "now"


class TestLive:
    """The socket of a node that runs its plant."""

    @pytest.fixture
    async def app(self, node: Node) -> AsyncIterator[Litestar]:
        """The application of a live node."""
        async with node.live():
            yield create_app(node)

    async def test_the_topics_show_the_plant_as_it_is(self, address: str) -> None:
        """What the socket shows of now and the sources is what the API answers."""
        async with wire(address) as socket, httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as asking:
            await socket.send('{"subscribe": ["now", "sources"]}')
            frames = {frame["topic"]: frame for frame in [await receive(socket), await receive(socket)]}
            now = (await asking.get("/api/now")).json()
            sources = (await asking.get("/api/sources")).json()

        assert frames["now"]["data"] == {key: value for key, value in now.items() if key != "time_ms"}
        assert set(frames["now"]["data"]["machines"]) == {"press", "bench"}
        assert frames["sources"]["data"] == {source["id"]: source for source in sources}

    async def test_an_edit_of_the_plant_reaches_who_watches(self, address: str, node: Node) -> None:
        """A machine taken out of the file is null in a delta."""
        file = node.folder / "plant.toml"

        async with wire(address) as socket:
            await socket.send('{"subscribe": ["now"]}')
            document: Any = (await receive(socket))["data"]
            file.write_text(file.read_text("utf-8").partition("[machine.bench]")[0], "utf-8")
            async with asyncio.timeout(PATIENCE_S):
                while document["machines"]["bench"] is not None:
                    document = merge(document, (await receive(socket)).get("data", {}))

        assert document["machines"]["press"]["state"] == "no_data"
