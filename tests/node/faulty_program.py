"""Run by test_rounds: the command line with a fault planted in it."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from lineside.cli import main
from lineside.connect.live import Delivery, now_us
from lineside.node.intake import _Sink

fault = sys.argv.pop(1)
if fault == "early":
    store = _Sink.observe
    later: set[asyncio.Task[Any]] = set()

    async def observe(self: _Sink, batch: Any) -> None:
        """Says that it is durable, and stores it in a second."""

        async def in_a_second() -> None:
            await asyncio.sleep(1)
            await store(self, batch)

        later.add(asyncio.create_task(in_a_second()))

    _Sink.observe = observe  # type: ignore[method-assign]
elif fault == "bridging":

    def alive(self: Delivery, asked: int | None = None) -> None:
        """Counts all time since the first word as heard."""
        now, known = now_us(), self._presence
        self._loss = None
        since = known.span[0] if known.span else now
        known.alive(now, asked)
        known.span = (since, now)

    Delivery.alive = alive  # type: ignore[method-assign]
else:
    raise SystemExit(fault)
main()
