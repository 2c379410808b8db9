"""Runs the node of a plant folder, and a demo's machines with it, and has it served."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from lineside.api import create_app
from lineside.cli.folders import require_plant
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.demo import DEMO_FILE, DemoPlan, Simulators
from lineside.node import Node

_HEARD_WITHIN_S = 60


def run_plant(folder: Path, port: int | None, served: Served, *, browser: bool) -> None:
    """Runs the plant of a folder; a demo's machines with it, and a demo is open. Raises ConfigurationError."""
    require_plant(folder)
    begin(folder, "node")
    served = served.with_credentials(folder)
    with listener(port, served.host) as door, Node.open(folder) as node:
        served.require(node.people)
        demo = (folder / DEMO_FILE).is_file()
        plan = DemoPlan.load(folder) if demo else None
        opened = served.open or (demo and not served.reaches_out)
        serve(node, door, plan, served=replace(served, open=opened), browser=browser)


def serve(
    node: Node,
    door: socket.socket,
    plan: DemoPlan | None,
    *,
    served: Served,
    browser: bool,
    when_heard: Callable[[], object] | None = None,
) -> None:
    """Serves until ctrl-C or a signal to end; everything acknowledged is on disk whatever happens."""
    live = _living(node, plan, when_heard)
    serve_house(node, partial(create_app, node), door, served, live=live, browser=browser)


@asynccontextmanager
async def _living(node: Node, plan: DemoPlan | None, when_heard: Callable[[], object] | None) -> AsyncIterator[None]:
    """The machines of a demo, and the node that reads them."""
    async with AsyncExitStack() as stack:
        if plan is not None:
            await stack.enter_async_context(Simulators(plan))
        await stack.enter_async_context(node.live())
        heard = None if when_heard is None else asyncio.create_task(_once_heard(node, when_heard))
        try:
            yield
        finally:
            if heard is not None:
                heard.cancel()


async def _once_heard(node: Node, when_heard: Callable[[], object]) -> None:
    """Calls once every source has been heard, or some time after the start where one stays silent."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_HEARD_WITHIN_S):
            while any(node.intake.last_heard(source) is None for source in node.plant.sources):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    await asyncio.to_thread(when_heard)
