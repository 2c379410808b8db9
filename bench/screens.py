"""What a screen costs: first paint, bytes, and what fifty of them ask of the node. Run by hand.

First paint is the browser's own first-contentful-paint entry in a new context (nothing cached), on loopback. Bytes are
those on the wire. The fifty screens are sockets that subscribe as a page does and read what comes. What the demo plant
does by itself varies from minute to minute: the node's processor time is read from the system in turn without and with
them, several times, and from when they are open; what opening them takes is told by itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from tests.web.stage import browser, node  # noqa: E402

RUNS = 9
SCREENS = (50, 400)
"""What is asked is asked of fifty; what many cost stands out from what the plant does by itself."""
ROUNDS = 5
WATCH_S = 20.0
HISTORY = ("/api/lanes", "/api/samples", "/api/texts", "/assets/uPlot")
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


class Round(NamedTuple):
    """What the node uses without screens and with them, in % of a core, and what each screen gets in a second."""

    alone: float
    together: float
    opening: float
    """Processor seconds that opening them all takes."""
    frames: float
    bytes: float
    """Before compression."""


def paint_ms(running: Browser, address: str) -> float:
    """Return the first contentful paint of a page nobody has seen yet."""
    context = running.new_context()
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(f"() => {PAINT.replace('.startTime', '')}")
    paint = float(page.evaluate(PAINT))
    context.close()
    return paint


def first_load(running: Browser, address: str) -> tuple[int, int]:
    """Return the bytes of the pages and what they ask for, and the bytes of history on top."""
    context = running.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    sizes: list[tuple[str, int]] = []
    session.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.append((addresses.get(e["requestId"], ""), int(e["encodedDataLength"]))),
    )
    session.send("Network.enable")
    page.goto(address)
    page.wait_for_timeout(4000)
    context.close()
    history = sum(size for url, size in sizes if any(part in url for part in HISTORY))
    return sum(size for _, size in sizes) - history, history


def processor_s(folder: str) -> float:
    """Return the processor seconds used so far by the process whose command line names the folder."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if folder.encode() in (process / "cmdline").read_bytes():
                fields = (process / "stat").read_text("utf-8").rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


class Screens:
    """Sockets that subscribe as a page does and read what comes."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._sockets: list[ClientConnection] = []
        self._reading: list[asyncio.Task[None]] = []
        self.frames = self.bytes = 0

    async def open(self, screens: int) -> None:
        """Return when each of them has its snapshot."""
        self._sockets = await asyncio.gather(*(self._enter() for _ in range(screens)))
        self._reading = [asyncio.create_task(self._read(socket)) for socket in self._sockets]

    async def close(self) -> None:
        """Close them all."""
        await asyncio.gather(*(socket.close() for socket in self._sockets))
        await asyncio.gather(*self._reading)

    async def _enter(self) -> ClientConnection:
        address = f"ws{self._address.removeprefix('http')}/api/live"
        socket = await connect(address, origin=Origin(self._address), open_timeout=60)
        await socket.send(json.dumps({"subscribe": ["now"]}))
        await socket.recv()
        return socket

    async def _read(self, socket: ClientConnection) -> None:
        async for frame in socket:
            self.frames += 1
            self.bytes += len(frame)


async def watched(plant: str, folder: str, screens: int) -> Round:
    """Return what the node uses with nobody watching, and right after it with screens that are open already."""
    alone = await used(folder)
    many = Screens(plant)
    before = processor_s(folder)
    await many.open(screens)
    opening = processor_s(folder) - before
    frames, size = many.frames, many.bytes
    together = await used(folder)
    each = screens * WATCH_S
    await many.close()
    return Round(alone, together, opening, (many.frames - frames) / each, (many.bytes - size) / each)


async def used(folder: str) -> float:
    """Return the share of a core that the node takes over some time, in %."""
    before, began = processor_s(folder), time.perf_counter()
    await asyncio.sleep(WATCH_S)
    return (processor_s(folder) - before) / (time.perf_counter() - began) * 100


def tell(screens: int, rounds: list[Round]) -> str:
    """Return what so many screens cost, in words."""
    more = [one.together - one.alone for one in rounds]
    mid = Round(*(statistics.median(values) for values in zip(*rounds, strict=True)))
    return (
        f"{screens} screens: {statistics.median(more):.2f} % of a core more ({min(more):.2f} to {max(more):.2f}) in "
        f"{len(rounds)} rounds of {WATCH_S:.0f} s without and {WATCH_S:.0f} s with them; without {mid.alone:.1f} %; "
        f"each gets {mid.frames:.2f} frames and {mid.bytes / 1000:.2f} kB a second; {mid.opening:.2f} s to open"
    )


def main() -> None:
    """Measure and print."""
    print(machine("litestar", "uvicorn", "websockets"))
    with tempfile.TemporaryDirectory() as parent, node("demo", Path(parent) / "demo") as plant:
        with browser() as running:
            for path in ("/", "/machine/weld"):
                paints = [paint_ms(running, plant + path) for _ in range(RUNS)]
                load, history = first_load(running, plant + path)
                print(
                    f"{path:14} first paint median {statistics.median(paints):4.0f} ms, worst {max(paints):4.0f} ms, "
                    f"{RUNS} runs; first load {load / 1000:.1f} kB, history {history / 1000:.1f} kB more"
                )
        for screens in SCREENS:
            print(tell(screens, [asyncio.run(watched(plant, parent, screens)) for _ in range(ROUNDS)]))


if __name__ == "__main__":
    main()
