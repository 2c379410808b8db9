"""The one WebSocket of a tab: subscribe, snapshot, deltas.

A frame is encoded once for everybody. Each client has a bounded queue; when a slow one overflows, its oldest
frames are dropped, the client sees the gap in `seq` and asks for a new snapshot.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lineside.node import now_us
from lineside.trust import Layers, Permission, Reach

_log = logging.getLogger(__name__)
QUEUE = 32
BEAT_S = 5.0
_encode = msgspec.json.encode


def difference(before: Any, after: Any) -> Any:
    """What of `after` is new against `before`: a deep-partial document; keys that went away are null."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    changed = {
        key: difference(before.get(key), value) for key, value in after.items() if before.get(key, _ABSENT) != value
    }
    return {**changed, **{key: None for key in before if key not in after}}


_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Topic:
    """A document that changes, and who may watch it. Reading it may wait, and then does so beside the event loop."""

    name: str
    permission: Permission
    read: Callable[[], Awaitable[Mapping[str, Any]]]
    narrow: Callable[[Mapping[str, Any], Reach], Mapping[str, Any]] | None = None
    """The part of it that is in somebody's reach; without this it is for the whole site alone."""


@dataclass(slots=True)
class Stream:
    """What all see of a topic who reach the same of the plant."""

    topic: Topic
    reach: Reach | None
    seq: int = 0
    shown: Mapping[str, Any] = field(default_factory=dict)
    sent_at: float = 0.0

    @property
    def key(self) -> Layers:
        """What they reach."""
        return () if self.reach is None else self.reach.key

    def seen(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document as they see it."""
        narrow = self.topic.narrow
        return document if self.reach is None or self.reach.whole or narrow is None else narrow(document, self.reach)


class Client:
    """One tab: its subscriptions and the frames it has not read yet."""

    def __init__(self) -> None:
        self.topics: dict[str, Stream] = {}
        self._frames: deque[bytes] = deque(maxlen=QUEUE)
        self._ready = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Queues a frame; the oldest goes when the queue is full."""
        self._frames.append(frame)
        self._ready.set()

    async def next(self, within_s: float | None = None) -> bytes | None:
        """The next frame; None where none comes in time."""
        try:
            async with asyncio.timeout(within_s):
                while not self._frames:
                    self._ready.clear()
                    await self._ready.wait()
        except TimeoutError:
            return None
        return self._frames.popleft()


class LiveHub:
    """Sends each topic's changes to everybody who watches it. Lives in one event loop."""

    def __init__(self, topics: list[Topic]) -> None:
        self.topics = {topic.name: topic for topic in topics}
        self._streams: dict[tuple[str, Layers], Stream] = {}
        self._clients: set[Client] = set()

    def join(self) -> Client:
        """A new client without subscriptions."""
        client = Client()
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forgets a client."""
        self._clients.discard(client)

    async def subscribe(self, client: Client, name: str, reach: Reach | None = None) -> None:
        """Sends a snapshot of the topic now and its deltas from now on, as far as it is in reach."""
        key = (name, () if reach is None else reach.key)
        stream = self._streams.setdefault(key, Stream(self.topics[name], reach))
        if not stream.seq:
            document = await stream.topic.read()
            stream = self._streams.setdefault(key, stream)
            if not stream.seq:  # nobody else has subscribed meanwhile
                stream.shown, stream.seq = stream.seen(document), 1
                stream.sent_at = asyncio.get_running_loop().time()
        client.topics[name] = stream
        client.put(self._frame(stream, "snapshot", stream.shown))

    async def publish(self) -> None:
        """Sends what changed since the last call, and a beat where nothing has for a while.

        A topic that cannot be read is logged and holds up no other.
        """
        now = asyncio.get_running_loop().time()
        watched = {id(stream) for client in self._clients for stream in client.topics.values()}
        self._streams = {key: one for key, one in self._streams.items() if not one.seq or id(one) in watched}
        for name in dict.fromkeys(name for (name, _), stream in self._streams.items() if stream.seq):
            try:
                document = await self.topics[name].read()
                for stream in [one for (topic, _), one in self._streams.items() if topic == name and one.seq]:
                    self._send(stream, stream.seen(document), now)
            except Exception:  # noqa: BLE001 - the supervision boundary: the next call tries again
                _log.exception("topic %s could not be read", name)

    def _send(self, stream: Stream, document: Mapping[str, Any], now: float) -> None:
        changes = difference(stream.shown, document)
        if not changes and now - stream.sent_at < BEAT_S:
            return
        stream.shown, stream.seq, stream.sent_at = document, stream.seq + 1, now
        frame = self._frame(stream, "delta", changes) if changes else self._frame(stream, "beat")
        for client in self._clients:
            if client.topics.get(stream.topic.name) is stream:
                client.put(frame)

    @staticmethod
    def _frame(stream: Stream, kind: str, data: Any = None) -> bytes:
        frame = {"topic": stream.topic.name, "seq": stream.seq, "kind": kind, "time_ms": now_us() // 1000}
        return _encode(frame if data is None else {**frame, "data": data})
