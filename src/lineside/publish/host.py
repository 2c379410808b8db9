"""Whether a primary host application is online, by what it says of itself."""

from __future__ import annotations

import json


class PrimaryHost:
    """Follows STATE in the form of Sparkplug 3.0 (JSON with a time) and of 2.2 (a word, on a topic of its own)."""

    def __init__(self, name: str) -> None:
        self.topics = (f"spBv1.0/STATE/{name}", f"STATE/{name}")
        self.online: bool | None = None
        """None while it has said nothing."""
        self._time_ms: float | None = None

    def hear(self, topic: str, payload: bytes) -> None:
        """Takes what was said. What is older than the newest time, or in the old form after the new one, is stale."""
        said = _read(payload)
        if said is None:
            return
        online, time_ms = said
        if self._time_ms is not None and (topic == self.topics[1] or time_ms is None or time_ms < self._time_ms):
            return
        self.online, self._time_ms = online, time_ms


def _read(payload: bytes) -> tuple[bool, float | None] | None:
    """Online or not, and since when in milliseconds; None for what is neither form."""
    if payload in (b"ONLINE", b"OFFLINE"):
        return payload == b"ONLINE", None
    try:
        said = json.loads(payload)
        online, time_ms = said["online"], said["timestamp"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if not isinstance(online, bool) or isinstance(time_ms, bool) or not isinstance(time_ms, int | float):
        return None
    return online, time_ms
