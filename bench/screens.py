"""What a screen costs: first paint, bytes, and what fifty of them ask of the node. Run by hand.

First paint is the browser's own first-contentful-paint entry in a new context (nothing cached), on loopback. Bytes are
those on the wire. The fifty screens are sockets that subscribe as a page does and read what comes; the node's processor
time is read from the system while they watch, and once before with none.
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

import websockets
from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from tests.web.stage import browser, node  # noqa: E402

RUNS = 9
SCREENS = 50
WATCH_S = 30.0
HISTORY = ("/api/lanes", "/api/samples", "/api/texts", "/assets/uPlot")
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


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


async def watch(address: str, screens: int, seconds: float) -> float:
    """Let screens watch for some time; return the bytes each got in a second, before compression."""
    received = 0

    async def screen() -> None:
        nonlocal received
        async with websockets.connect(f"ws{address.removeprefix('http')}/api/live", origin=address) as socket:  # type: ignore[arg-type]
            await socket.send(json.dumps({"subscribe": ["now"]}))
            await socket.recv()
            async for frame in socket:
                received += len(frame)

    tasks = [asyncio.create_task(screen()) for _ in range(screens)]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return received / seconds / max(screens, 1)


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
        used = []
        for screens in (0, SCREENS):
            before, began = processor_s(parent), time.perf_counter()
            each = asyncio.run(watch(plant, screens, WATCH_S))
            used.append((processor_s(parent) - before) / (time.perf_counter() - began) * 100)
        print(
            f"{SCREENS} screens: {each / 1000:.2f} kB a second each; node {used[0]:.1f} % of a core without, "
            f"{used[1]:.1f} % with them, {WATCH_S:.0f} s each"
        )


if __name__ == "__main__":
    main()
