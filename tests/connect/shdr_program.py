"""Listens to one SHDR adapter until it is killed; says each span of time it heard, as a line."""

from __future__ import annotations

import asyncio
import sys

from lineside.connect import MemorySink, SourceSettings, source


class Telling(MemorySink):
    """Says what it is told, so that another process sees it."""

    async def heard(self, start: int, end: int, *, durable: bool = False) -> None:  # noqa: ARG002 nothing is kept
        """Writes a span."""
        sys.stdout.write(f"heard {start} {end}\n")
        sys.stdout.flush()


async def run(url: str) -> None:
    """Lives for ever."""
    settings = SourceSettings.model_validate({"id": "mill", "type": "shdr", "url": url, "stale_after_s": 30})
    await source(settings, {"load": "measure"}).run(Telling())


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
