"""What Sparkplug edge nodes say of themselves: the metrics of their births, and what their data tells."""

from __future__ import annotations

import json
from typing import Any

from lineside.connect.found import Offer
from lineside.connect.sparkplug_node import EdgeNode, Explained, Message
from lineside.connect.sparkplug_payload import Type, Unreadable, parts_of, read_payload

NAMESPACE = "spBv1.0"
OF_THE_NODE = ("Node Control/", "Device Control/", "bdSeq")
UNIT_NAMES = ("engUnit", "Engineering Units", "unit")


class Nodes:
    """The edge nodes heard so far, and every metric by its address."""

    def __init__(self) -> None:
        self.items: dict[str, Offer] = {}
        self.machines: dict[tuple[str, ...], str] = {}
        self.unborn: set[tuple[str, str]] = set()
        """Group and node of those whose births are not known."""
        self._known: dict[tuple[str, str], EdgeNode] = {}

    def hear(self, topic: str, data: bytes, now: int) -> None:
        """Takes one message; what is no message of an edge node is passed over."""
        parts = topic.split("/")
        if len(parts) not in (4, 5) or parts[0] != NAMESPACE or parts[2][1:] not in ("BIRTH", "DATA"):
            return
        try:
            payload = read_payload(data)
        except Unreadable:
            return
        peer = parts[1], parts[3]
        device = parts[4] if len(parts) == 5 else ""
        node = self._known.setdefault(peer, EdgeNode(0))
        if parts[2].endswith("BIRTH"):
            node.learn(Message(parts[2], device, payload, now))
            self.unborn.discard(peer)
        elif device not in node.explained:
            self.unborn.add(peer)
            return
        for metric in payload.metrics:
            self._metric(peer, device, metric, node.explained.get(device, Explained()))

    def _metric(self, peer: tuple[str, str], device: str, metric: Any, known: Explained) -> None:
        name = metric.name or known.names.get(metric.alias, "")
        if not name or name.startswith(OF_THE_NODE):
            return
        top = (peer[0], f"{peer[1]}/{device}" if device else peer[1])
        for part, datatype, value in parts_of(name, metric, known.types):
            address = f"{peer[0]}/{peer[1]}/{device}/{part}"
            item = self.items.get(address)
            if item is None:
                self.machines.setdefault(top, device or peer[1])
                item = self.items[address] = Offer(address, (*top, *(part.split("/"))))
                item.unit = _unit(metric)
                item.kind = "text" if datatype in (Type.STRING, Type.TEXT, Type.UUID) else None
            if isinstance(value, list | dict) or datatype in (Type.BYTES, Type.FILE):
                item.useless = "array" if isinstance(value, list | dict) else "bytes"
            elif value is not None:
                item.seen.see(value if isinstance(value, str) else json.dumps(value))


def _unit(metric: Any) -> str:
    if metric.HasField("properties"):
        for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
            if key in UNIT_NAMES and isinstance(value.string_value, str):
                return value.string_value
    return ""
