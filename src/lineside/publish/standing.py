"""How an edge node fares."""

from __future__ import annotations

from dataclasses import dataclass, field

from lineside.connect import SourceState


@dataclass(slots=True)
class Standing:
    """How the edge node fares, and since its start what it did. Times in milliseconds."""

    url: str
    name: str
    host: str
    state: SourceState = SourceState.STARTING
    key: str = "publish.starting"
    fields: dict[str, object] = field(default_factory=dict)
    host_online: bool | None = None
    born_ms: int | None = None
    sent_ms: int | None = None
    waits_since_ms: int | None = None
    """What happened from then on is not sent yet; None while nothing waits."""
    given_up: tuple[int, int] | None = None
    """What happened in this span is never sent: it was too long ago."""
    messages: int = 0
    metrics: int = 0
    historical: int = 0
    births: int = 0
    refused: int = 0
    """Commands that were not obeyed."""
