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
from lineside.trust import Permission

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


@dataclass(slots=True)
class Topic:
    """A document that changes, and who may watch it. Reading it may wait, and then does so beside the event loop."""

    name: str
    permission: Permission
    read: Callable[[], Awaitable[Mapping[str, Any]]]
    seq: int = 0
    shown: Mapping[str, Any] = field(default_factory=dict)
    sent_at: float = 0.0


class Client:
    """One tab: its subscriptions and the frames it has not read yet."""

    def __init__(self) -> None:
        self.topics: set[str] = set()
        self._frames: deque[bytes] = deque(maxlen=QUEUE)
        self._ready = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Queues a frame; the oldest goes when the queue is full."""
        self._frames.append(frame)
        self._ready.set()

    async def next(self) -> bytes:
        """The next frame."""
        while not self._frames:
            self._ready.clear()
            await self._ready.wait()
        return self._frames.popleft()


class LiveHub:
    """Sends each topic's changes to everybody who watches it. Lives in one event loop."""

    def __init__(self, topics: list[Topic]) -> None:
        self.topics = {topic.name: topic for topic in topics}
        self._clients: set[Client] = set()

    def join(self) -> Client:
        """A new client without subscriptions."""
        client = Client()
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forgets a client."""
        self._clients.discard(client)

    async def subscribe(self, client: Client, name: str) -> None:
        """Sends a snapshot of the topic now and its deltas from now on."""
        topic = self.topics[name]
        if not topic.seq:
            document = await topic.read()
            if not topic.seq:  # nobody else has subscribed meanwhile
                topic.shown, topic.seq, topic.sent_at = document, 1, asyncio.get_running_loop().time()
        client.topics.add(name)
        client.put(self._frame(topic, "snapshot", topic.shown))

    async def publish(self) -> None:
        """Sends what changed since the last call, and a beat where nothing has for a while.

        A topic that cannot be read is logged and holds up no other.
        """
        now = asyncio.get_running_loop().time()
        for topic in self.topics.values():
            if not self._watchers(topic):
                topic.seq = 0
                continue
            try:
                self._send(topic, await topic.read(), now)
            except Exception:  # noqa: BLE001 - the supervision boundary: the next call tries again
                _log.exception("topic %s could not be read", topic.name)

    def _watchers(self, topic: Topic) -> list[Client]:
        return [client for client in self._clients if topic.name in client.topics]

    def _send(self, topic: Topic, document: Mapping[str, Any], now: float) -> None:
        changes = difference(topic.shown, document)
        if not changes and now - topic.sent_at < BEAT_S:
            return
        topic.shown, topic.seq, topic.sent_at = document, topic.seq + 1, now
        frame = self._frame(topic, "delta", changes) if changes else self._frame(topic, "beat")
        for client in self._watchers(topic):
            client.put(frame)

    @staticmethod
    def _frame(topic: Topic, kind: str, data: Any = None) -> bytes:
        frame = {"topic": topic.name, "seq": topic.seq, "kind": kind, "time_ms": now_us() // 1000}
        return _encode(frame if data is None else {**frame, "data": data})
