"""One edge node as its messages show it: in order or with gaps, born or dead, and what its births explained.

No connection and no clock: messages come in, and come out in the order in which the node sent them, with what is
missing between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from lineside.connect.sparkplug_payload import parts_of

HELD = 64
"""Messages that may wait for an earlier one; that one is lost when there are more."""
BEHIND = 128
"""A sequence number this far ahead, in a ring of 256, may as well be one that comes late."""


class Message(NamedTuple):
    """One message of an edge node; `device` is empty where it speaks for itself. Received in microseconds.

    It may have come before that, as it may have waited so long to be read.
    """

    kind: str
    device: str
    payload: Any
    received: int
    late: bool = False
    waited: int = 0

    @property
    def since(self) -> int:
        """The earliest moment at which it may have come."""
        return self.received - self.waited


class Gap(NamedTuple):
    """So many messages are missing, or 256 more, between two moments of receipt (microseconds)."""

    missing: int
    since: int
    until: int


Heard: TypeAlias = Message | Gap


@dataclass(slots=True)
class Explained:
    """What a birth said of the metrics of a node or device: names by alias, and the type of every part."""

    names: dict[int, str] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)


class EdgeNode:
    """Puts the messages of one edge node in order; `patience_us` is how long one that is early may wait."""

    def __init__(self, patience_us: int) -> None:
        self._patience_us = patience_us
        self._next: int | None = None
        self._held: dict[int, Message] = {}
        self._bdseq: int | None = None
        self._born_ms = 0
        self._newest_ms = 0
        self.last = 0
        self.born = False
        self.dead = False
        self.lossy = False
        self.explained: dict[str, Explained] = {}

    def receive(self, message: Message) -> Iterator[Heard]:
        """What may be taken now that this message came, in order; nothing while an earlier one is awaited."""
        if message.kind == "NDEATH":
            if not self._stale_death(message):
                yield from self.flush()
                self._next, self.born, self.dead = None, False, True
                yield message
        elif message.kind == "NBIRTH":
            if not (self.born and message.payload.timestamp < self._born_ms):
                yield from self._begin(message)
        elif not message.payload.HasField("seq"):
            yield message
        else:
            yield from self._order(message)

    def overdue(self, now: int) -> Iterator[Heard]:
        """What may be taken because an earlier message has not come in time, with the gap before it."""
        while self._held and now - next(iter(self._held.values())).received >= self._patience_us:
            yield from self._give_up()

    def flush(self) -> Iterator[Heard]:
        """All that waits, with the gaps before it: what was sent earlier will not come any more."""
        while self._held:
            yield from self._give_up()

    def learn(self, message: Message) -> Explained:
        """What a birth explains; the birth of a node forgets its devices."""
        if message.kind == "NBIRTH":
            self.explained.clear()
        known = self.explained[message.device] = Explained()
        for metric in message.payload.metrics:
            if metric.HasField("alias"):
                known.names[metric.alias] = metric.name
            known.types[metric.name] = metric.datatype
            if metric.HasField("template_value") or metric.HasField("dataset_value"):
                known.types.update((name, kind) for name, kind, _ in parts_of(metric.name, metric, {}))
        return known

    def _stale_death(self, message: Message) -> bool:
        """A broker may tell the death of a session that the node has already replaced.

        A number ahead of the birth's is no older session but a node that numbers its deaths wrongly (pysparkplug).
        """
        number = _bdseq(message.payload)
        if not self.born or number is None or self._bdseq is None:
            return False
        return 0 < (self._bdseq - number) % 256 < BEHIND

    def _begin(self, birth: Message) -> Iterator[Heard]:
        self._bdseq, self._born_ms = _bdseq(birth.payload), birth.payload.timestamp
        early = [m for m in self._held.values() if m.payload.timestamp >= self._born_ms]
        for message in early:
            del self._held[message.payload.seq % 256]
        yield from self.flush()
        self._next = (birth.payload.seq + 1) % 256
        self._newest_ms = self._born_ms
        self.last = birth.since
        self.born, self.dead, self.lossy = True, False, False
        yield birth
        for message in sorted(early, key=lambda m: self._ahead(m.payload.seq)):
            yield from self._order(message)

    def _order(self, message: Message) -> Iterator[Heard]:
        seq = message.payload.seq % 256
        if self._next is None:
            self._next = seq
        ahead = self._ahead(seq)
        if ahead >= BEHIND and message.payload.timestamp <= self._newest_ms:
            yield message._replace(late=True)
            return
        if ahead and (seq in self._held or len(self._held) >= HELD):
            yield from self._give_up()
        self._held[seq] = message
        yield from self._release()

    def _release(self) -> Iterator[Heard]:
        while self._next is not None and (message := self._held.pop(self._next, None)) is not None:
            self._next = (self._next + 1) % 256
            self._newest_ms = max(self._newest_ms, message.payload.timestamp)
            self.last = max(self.last, message.since)
            yield message

    def _give_up(self) -> Iterator[Heard]:
        first = min(self._held, key=self._ahead)
        count = self._ahead(first)
        if count:
            yield Gap(count, self.last, self._held[first].received)
            self.lossy = True
        self._next = first
        yield from self._release()

    def _ahead(self, seq: int) -> int:
        return (seq - (self._next or 0)) % 256


def _bdseq(payload: Any) -> int | None:
    for metric in payload.metrics:
        if metric.name == "bdSeq" and metric.WhichOneof("value") in ("long_value", "int_value"):
            return int(getattr(metric, metric.WhichOneof("value")))
    return None
