"""Runs the node of a plant folder until it is killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from lineside.node import Node


async def run(folder: Path) -> None:
    """Lives for ever."""
    with Node.open(folder) as node:
        async with node.live():
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1])))
