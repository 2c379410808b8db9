"""Listens to one source until it is killed; says what it is told, each as a line of JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pyarrow as pa

from lineside.connect import MemorySink, SourceSettings, source
from lineside.connect.memory import rows
from lineside.connect.observations import to_batch


class Telling(MemorySink):
    """Says what it is told, so that another process sees it."""

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Writes each value."""
        for row in rows(batch):
            _say("value", row.address, row.time, row.text if row.number is None else row.number)

    async def heard(self, start: int, end: int, *, durable: bool = False) -> None:  # noqa: ARG002 nothing is kept
        """Writes a span."""
        _say("heard", start, end)

    async def lost(self, time: int, key: str, **fields: object) -> None:
        """Writes a loss."""
        _say("lost", time, key, fields)


def _say(*words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


async def run(settings: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Lives for ever."""
    to_batch([])  # with its first array pyarrow loads pandas, if it is there: a standstill of its own
    await source(SourceSettings.model_validate({"id": "mill", **settings}), wanted).run(Telling())


if __name__ == "__main__":
    asyncio.run(run(*map(json.loads, sys.argv[1:])))
