"""A sink that keeps everything in memory: for trying a source out, and for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

from lineside.connect.observations import Observation
from lineside.connect.source import SourceState
from lineside.history import Quality
from lineside.texts import say


class Told(NamedTuple):
    """One thing a source said about itself."""

    state: SourceState
    key: str
    fields: dict[str, object]

    def sentence(self, language: str = "en") -> str:
        """The reason in the reader's language."""
        return say(self.key, language, **self.fields)


class MemorySink:
    """Keeps batches, coverage, losses and statuses in the order they came."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []
        self.spans: list[tuple[int, int]] = []
        self.told: list[Told] = []
        self.losses: list[tuple[int, str, dict[str, object]]] = []
        self._changed = asyncio.Event()

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Keeps the batch."""
        self.batches.append(batch)
        self._changed.set()

    async def heard(self, start: int, end: int, *, durable: bool = False) -> None:
        """Keeps the span."""
        del durable
        self.spans.append((start, end))
        self._changed.set()

    async def lost(self, time: int, key: str, **fields: object) -> None:
        """Keeps the loss."""
        self.losses.append((time, key, fields))
        self._changed.set()

    def status(self, state: SourceState, key: str, **fields: object) -> None:
        """Keeps the status."""
        self.told.append(Told(state, key, fields))
        self._changed.set()

    @property
    def observations(self) -> list[Observation]:
        """Everything observed, in order."""
        return [row for batch in self.batches for row in rows(batch)]

    async def until(self, claim: Callable[[MemorySink], bool], within_s: float = 60.0) -> None:
        """Returns as soon as `claim` holds of what was kept; raises TimeoutError when it never does."""
        async with asyncio.timeout(within_s):
            while not claim(self):
                self._changed.clear()
                await self._changed.wait()


def rows(batch: pa.RecordBatch) -> list[Observation]:
    """The observations of a batch, in order."""
    address, time, number, text, quality = (batch.column(i) for i in range(5))
    return [
        Observation(*row[:4], Quality(row[4]))
        for row in zip(
            address.to_pylist(),
            time.cast(pa.int64()).to_pylist(),
            number.to_pylist(),
            text.to_pylist(),
            quality.to_pylist(),
            strict=True,
        )
    ]
