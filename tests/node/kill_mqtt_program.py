"""Run by test_mqtt: a node that reads its plant's sources until it is killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from lineside.node import Node


async def main() -> None:
    """Reads, and says when it has begun to."""
    with Node.open(Path(sys.argv[1])) as node:
        async with node.live():
            while node.intake.health["s"].key not in ("connect.waiting", "connect.active"):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            print("connected", flush=True)  # noqa: T201 - this is how it says so
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
