"""Serves a small hub as a program of its own: python -m tests.cli.hub_program FOLDER."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lineside.api.hub import create_hub_app
from lineside.books import HeldFolder
from lineside.cli.serving import Served, begin, listener, serve_house
from tests.api.hub_house import ROUTES, SmallHub


@asynccontextmanager
async def _living(hub: SmallHub) -> AsyncIterator[None]:
    """Does its jobs."""
    hub.jobs.start()
    yield


def run(folder: Path) -> None:
    """What a command that runs a hub does."""
    begin(folder, "hub")
    served = Served().with_credentials(folder)
    with listener(0, served.host) as door, HeldFolder(folder), SmallHub(folder) as hub:
        served.require(hub.people)
        live = _living(hub)
        serve_house(hub, lambda told: create_hub_app(hub, told, ROUTES), door, served, live=live, browser=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
