"""An edge node for tests: it writes payloads field by field, and counts its own messages."""

from __future__ import annotations

import time
from typing import Any

from lineside.connect.sparkplug_payload import Type, payload_type
from tests.broker import Talker


def payload(seq: int | None = None, timestamp: int | None = None, **metrics: Any) -> Any:
    """A payload with metrics of doubles, or of whatever fields a metric is given as a dict.

    The metric `_` has no name, as one that goes by its alias.
    """
    made = payload_type()()
    made.timestamp = time.time_ns() // 1_000_000 if timestamp is None else timestamp
    if seq is not None:
        made.seq = seq
    for name, value in metrics.items():
        fields = value if isinstance(value, dict) else {"datatype": Type.DOUBLE, "double_value": value}
        made.metrics.add(**{**({} if name == "_" else {"name": name}), **fields})
    return made


class Edge:
    """Edge node `group/node` speaking through a talker; sequence and bdSeq as the specification has them."""

    def __init__(self, talker: Talker, node: str = "N", group: str = "G") -> None:
        self._talker = talker
        self._place = group, node
        self.seq = 0
        self.bdseq = 0

    def topic(self, kind: str, device: str = "") -> str:
        """The topic of one of its messages."""
        group, node = self._place
        return f"spBv1.0/{group}/{kind}/{node}{'/' if device else ''}{device}"

    def say(self, kind: str, device: str = "", *, lose: bool = False, **metrics: Any) -> Any:
        """Publishes one message under the next number; or only counts it, as if it were lost on the way."""
        made = payload(self.seq, **metrics)
        self.seq = (self.seq + 1) % 256
        if not lose:
            self._talker.say((self.topic(kind, device), made.SerializeToString()), qos=0)
        return made

    def born(self, **metrics: Any) -> None:
        """Publishes its birth."""
        self.seq = 0
        self.say("NBIRTH", bdSeq={"datatype": Type.INT64, "long_value": self.bdseq}, **metrics)

    def dead(self, bdseq: int | None = None) -> None:
        """Publishes its death."""
        made = payload(bdSeq={"datatype": Type.INT64, "long_value": self.bdseq if bdseq is None else bdseq})
        self._talker.say((self.topic("NDEATH"), made.SerializeToString()), qos=1)
