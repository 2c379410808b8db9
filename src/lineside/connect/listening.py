"""Listens to a source for some seconds and stores nothing: to try it, beside the node or before the plant knows it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from zoneinfo import ZoneInfo

import pyarrow as pa

from lineside.connect.memory import Told, rows
from lineside.connect.observations import Observation
from lineside.connect.registry import source
from lineside.connect.source import SourceState
from lineside.connect.vitals import Vitals
from lineside.errors import LinesideError
from lineside.plant import Kind, SourceSettings

TELL_S = 0.2
LOSSES_KEPT = 20


@dataclass(slots=True)
class Came:
    """What came of one address."""

    last: Observation
    count: int


class Ear:
    """A sink that keeps the last value of each address and how many came; what a source said last of itself."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.came: dict[str, Came] = {}
        self.losses: deque[tuple[int, str, dict[str, object]]] = deque(maxlen=LOSSES_KEPT)
        self.misread: Mapping[str, LinesideError] = {}
        self.vitals = Vitals()

    @property
    def values(self) -> int:
        """How many values came."""
        return sum(came.count for came in self.came.values())

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Counts each value."""
        for row in rows(batch):
            known = self.came.get(row.address)
            self.came[row.address] = Came(row, 1 if known is None else known.count + 1)

    async def heard(self, start: int, end: int, *, durable: bool = False) -> None:
        """Coverage is of no interest."""

    async def lost(self, time: int, key: str, **fields: object) -> None:
        """Keeps the newest losses."""
        self.losses.append((time, key, fields))

    def status(self, state: SourceState, key: str, **fields: object) -> None:
        """Keeps what was told last."""
        self.told = Told(state, key, fields)


async def listen(
    settings: SourceSettings,
    wanted: Mapping[str, Kind],
    seconds: float,
    tell: Callable[[float, Ear], bool] = lambda _seconds, _ear: True,
    zone: ZoneInfo | None = None,
) -> Ear:
    """What a source of these settings hears in so many seconds, beside a node that may have it.

    `tell` is called five times a second with the seconds passed, and ends it with False; `zone` is of local times.
    Raises ConfigurationError for settings that mean nothing.
    """
    patient = settings.model_copy(update={"stale_after_s": min(settings.stale_after_s, seconds / 2)})
    peer = source(patient, wanted, beside=True)
    peer.zone = zone
    ear = Ear(Told(SourceState.STARTING, "node.source_starting", {"source": settings.id}))
    ear.misread, ear.vitals = peer.misread, peer.vitals
    running = asyncio.ensure_future(peer.run(ear))
    began = monotonic()
    try:
        while not running.done() and (passed := monotonic() - began) < seconds and tell(passed, ear):
            await asyncio.wait([running], timeout=min(TELL_S, seconds - passed))
        told = ear.told
    finally:
        running.cancel()
        await asyncio.wait([running])
    if not running.cancelled():
        running.result()
    ear.told = told
    return ear
